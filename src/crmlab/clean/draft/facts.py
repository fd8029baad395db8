"""What the values of a column show: read by the very expressions with which `clean` will read them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmlab.clean.draft.days import days, moments, says_day
from crmlab.clean.judging.typed import PARSED, read
from crmlab.clean.reading.headers import names_people

if TYPE_CHECKING:
    from crmlab.engine import DuckDB

NULLS = (
    "?",
    "??",
    "???",
    "????",
    "N/A",
    "n/a",
    "#N/A",
    "NULL",
    "null",
    "NaN",
    "nan",
    r"\N",
    "(null)",
    "(blank)",
    "-",
    "--",
    "—",
    "/",
)
"""Cells that say "nothing here" in many systems; "None" and "Unknown" may be an answer."""
PERSON = re.compile(
    r"[^@\s]+@[^@\s]+\.[a-z]{2,}|(\+\d{1,3}[- ]?)?(\(?0?\d{2,4}\)?[- ]?)\d{3,4}[- ]\d{4}|\+\d{9,14}|1[3-9]\d{9}|[1-9]\d{16}[\dXx]",
    re.IGNORECASE,
)
"""A whole cell that is an e-mail address, a phone number or an identity card number."""
_BARE = re.compile(r"\d{1,7}([.]\d+)?")
_READ = 400
"""Different values of a column that are read; the most frequent ones."""


@dataclass(frozen=True)
class Facts:
    """One column of an export; shares are of the cells that are filled.

    people : its header or its cells say who somebody is or how to reach them; its cells are never shown.
    dates, money, number, count, flag : cells that `clean` reads as such. `formats` are what `dates` of mapping.yaml must state for that,
    `spoken` is a form that needs an expression, `order` tells what is known of day and month where they could be either.
    length, words : of a cell, mean. points : numbers with decimals. symbol : the currency that its amounts name.
    low, high : of its numbers. negative : cells below zero. nulls : null marker → cells. at : each row's moment as ISO text, where it has dates.
    """

    header: str
    rows: int
    filled: int
    distinct: int
    shares: dict[str, float] = field(default_factory=dict)
    formats: tuple[str, ...] = ()
    spoken: str = ""
    order: str = ""
    people: bool = False
    length: float = 0.0
    words: float = 0.0
    points: float = 0.0
    comma: float = 0.0
    symbol: str = ""
    low: float | None = None
    high: float | None = None
    negative: int = 0
    nulls: dict[str, int] = field(default_factory=dict)
    top: tuple[tuple[str, int], ...] = ()
    samples: tuple[str, ...] = ()
    at: tuple[str | None, ...] = ()

    @property
    def unique(self) -> float:
        """Different values per filled cell: 1 for a key."""
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def share_filled(self) -> float:
        """Filled cells per row."""
        return self.filled / self.rows if self.rows else 0.0

    def share(self, kind: str) -> float:
        """Filled cells that `clean` reads as `kind`."""
        return self.shares.get(kind, 0.0)


def facts(engine: DuckDB, header: str, cells: list[str]) -> Facts:
    """What `cells` show, as `clean` would read them."""
    stripped = [c.strip() for c in cells]
    counts = Counter(c for c in stripped if c)
    nulls = {c: counts.pop(c) for c in NULLS if c in counts}
    filled = sum(counts.values())
    people = names_people(header)
    if not filled:
        return Facts(header, len(cells), 0, 0, people=people, nulls=nulls)
    top = counts.most_common(_READ)
    seen = sum(n for _, n in top)
    values = [v for v, _ in top]

    def share(test) -> float:
        return sum(n for (v, n) in top if test(v)) / seen

    readable = _readable(engine, values)
    if not says_day(header):  # a bare number is a day of Excel's only where the header says so
        readable["time"] = [
            ok and not _BARE.fullmatch(v) for v, ok in zip(values, readable["time"], strict=True)
        ]
    shares = {
        kind: sum(n for (_, n), ok in zip(top, oks, strict=True) if ok) / seen
        for kind, oks in readable.items()
    }
    dates = days(engine, values, [n for _, n in top], shares["time"])
    shares["time"] = max(shares["time"], dates.share)
    numbers = {v: float(x) for v, x in _numbers(engine, list(counts)[:20_000]).items() if x is not None}
    plain = [x for x in numbers.values() if x == x]
    looks = share(lambda v: PERSON.fullmatch(v) is not None and shares["time"] < 0.5)
    people = people or looks > 0.2
    at: tuple[str | None, ...] = ()
    if shares["time"] >= 0.5:
        read_as = moments(engine, list(counts), dates)
        at = tuple(read_as.get(c) for c in stripped)
    return Facts(
        header=header,
        rows=len(cells),
        filled=filled,
        distinct=len(counts),
        shares=shares,
        formats=dates.formats,
        spoken=dates.spoken,
        order=dates.order,
        people=people,
        length=sum(len(v) * n for v, n in top) / seen,
        words=sum(_words(v) * n for v, n in top) / seen,
        points=share(lambda v: re.search(r"\d[.]\d+\D*$", v) is not None),
        comma=share(
            lambda v: re.fullmatch(r"\D{0,3}-?(\d{1,3}(\.\d{3})+|\d+),\d{1,2}\D{0,3}", v) is not None
        ),
        symbol=_symbol(values),
        low=min(plain, default=None),
        high=max(plain, default=None),
        negative=sum(counts[v] for v, x in numbers.items() if x < 0),
        nulls=nulls,
        top=tuple(top[:60]),
        samples=() if people else _shown(engine, values[:3]),
        at=at,
    )


def _readable(engine: DuckDB, values: list[str]) -> dict[str, list[bool]]:
    made = engine.make({"x": values})
    kinds = {kind: file for kind, file in PARSED.items() if kind != "date"}
    folded = read("fold", "x")
    asked = ", ".join(
        f"coalesce({read(file, 'f')}, null) is not null as is_{kind}" for kind, file in kinds.items()
    )
    rows = engine.rows(f"select {asked} from (select {folded} as f from made)", {"made": made})
    engine.drop(made)
    return {kind: [row[n] for row in rows] for n, kind in enumerate(kinds)}


def _numbers(engine: DuckDB, values: list[str]) -> dict[str, float | None]:
    made = engine.make({"x": values})
    folded = read("fold", "x")
    rows = engine.rows(
        f"select x, coalesce({read('number', 'f')}, {read('money', 'f')} / 100.0) as n from (select x, {folded} as f from made)",
        {"made": made},
    )
    engine.drop(made)
    return dict(rows)


def _words(value: str) -> float:
    """Words of a cell; two Chinese characters count as one."""
    return (
        len(re.findall(r"[^\W\d_]+", re.sub("[\u3400-\u9fff]", "", value)))
        + len(re.findall("[\u3400-\u9fff]", value)) / 2
    )


def _symbol(values: list[str]) -> str:
    signs = {"£": "GBP", "€": "EUR", "$": "USD", "¥": "CNY", "￥": "CNY", "元": "CNY", "RMB": "CNY"}
    found = Counter(code for v in values for sign, code in signs.items() if sign in v and re.search(r"\d", v))
    code, n = found.most_common(1)[0] if found else ("", 0)
    return code if n > 0.2 * len(values) else ""


def _shown(engine: DuckDB, values: list[str]) -> tuple[str, ...]:
    """Cells to show: phone numbers and the like scrubbed as in any free text, long ones cut."""
    made = engine.make({"x": values})
    scrubbed = [x for (x,) in engine.rows(f"select {read('scrub', 'x')} from made", {"made": made})]
    engine.drop(made)
    short = (" ".join(x.split()) for x in scrubbed)
    return tuple(x if len(x) <= 40 else x[:39] + "…" for x in short)
