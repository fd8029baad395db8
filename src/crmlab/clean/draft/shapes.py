"""What several columns show together: an event log, a questionnaire, an amount that is a product, returns, copies."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from crmlab.clean.draft.facts import Facts
from crmlab.clean.draft.names import spelt
from crmlab.clean.draft.placement import Placed, Placement

Rows = Sequence[Sequence[str]]
_CHANGED = {
    "updated",
    "modified",
    "changed",
    "change",
    "last",
    "mod",
    "version",
    "sequence",
    "event",
    "log",
    "revision",
    "update",
}
_SCALES = range(3, 12)
"""Best answers of the scales that questionnaires use."""
_QUESTIONS = 5
"""Columns of one scale from which on they are taken for a questionnaire."""


@dataclass(frozen=True)
class Log:
    """An event log: `per` names the ticket, `last_by` tells which of its rows is the last; `rows` per ticket, mean."""

    per: str
    last_by: str
    rows: float


@dataclass(frozen=True)
class Questionnaire:
    """Questions side by side: `patterns` match their headers and no other; answers run up to `scale_max`."""

    headers: tuple[str, ...]
    patterns: tuple[str, ...]
    scale_max: int


def event_log(columns: Sequence[Facts], rows: Rows, key: str) -> Log | None:
    """The log of which `key` names the ticket; None where most keys have one row, or no column tells the last."""
    at = {f.header: n for n, f in enumerate(columns)}
    groups: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        if row[at[key]].strip():
            groups.setdefault(row[at[key]].strip(), []).append(n)
    several = [g for g in groups.values() if len(g) > 1]
    if not several or sum(map(len, several)) < 0.5 * len(rows):
        return None
    best, found = 0.0, ""
    for facts in columns:
        moving = _moving(facts, rows, at[facts.header], several)
        if moving < 0.5 or facts.header == key:
            continue
        named = (
            0.4
            if _CHANGED & set(spelt(facts.header)) or re.search("更新|修改|变更|流水", facts.header)
            else 0.0
        )
        score = moving + named + (0.3 if facts.at else 0.0)
        if score > best:
            best, found = score, facts.header
    return Log(key, found, sum(map(len, groups.values())) / len(groups)) if found else None


def _moving(facts: Facts, rows: Rows, place: int, groups: list[list[int]]) -> float:
    """Keys within which a moment or a whole number changes."""
    if facts.at:
        return sum(len({facts.at[n] for n in g}) > 1 for g in groups) / len(groups)
    if facts.share("count") >= 0.95 and facts.distinct > 2:
        return sum(_rising([rows[n][place] for n in g]) for g in groups) / len(groups)
    return 0.0


def _rising(cells: list[str]) -> bool:
    numbers = [int(c) for c in cells if re.fullmatch(r"\d{1,15}", c.strip())]
    return len(numbers) == len(cells) and numbers == sorted(numbers) and numbers[0] < numbers[-1]


def questionnaire(columns: Sequence[Facts], taken: set[str]) -> Questionnaire | None:
    """The questions among `columns`, but for those `taken`; None where there are too few of one scale."""
    whole = [
        f
        for f in columns
        if f.header not in taken
        and f.share("count") >= 0.95
        and f.low is not None
        and f.low >= 0
        and f.high <= _SCALES[-1]
    ]
    scales: dict[int, list[str]] = {}
    for f in whole:
        if int(f.high) in _SCALES and f.distinct >= 3:
            scales.setdefault(int(f.high), []).append(f.header)
    if not scales:
        return None
    best = max(scales, key=lambda high: len(scales[high]))
    if len(scales[best]) < _QUESTIONS:
        return None
    asked = [f.header for f in whole if f.high <= best]  # some questions nobody answered with the best
    stems = Counter(map(_stem, asked))
    if len(asked) < 0.6 * len(columns):
        asked = [h for h in asked if stems[_stem(h)] > 1]
    return (
        Questionnaire(tuple(asked), _patterns(asked, [f.header for f in columns]), best)
        if len(asked) >= _QUESTIONS
        else None
    )


def _stem(header: str) -> str:
    """A header without its number: Q1, Q2a."""
    return re.sub(r"[\W_]*\d+[a-z]?$", "", header)


def _patterns(chosen: list[str], headers: list[str]) -> tuple[str, ...]:
    """Patterns that match `chosen` and no other header."""
    found: list[str] = []
    for header in chosen:
        if any(fnmatchcase(header, p) for p in found):
            continue
        pattern = re.sub(r"\d+[a-z]?$", "*", header)
        alike = [h for h in headers if fnmatchcase(h, pattern)]
        found.append(pattern if pattern != "*" and len(alike) > 1 and set(alike) <= set(chosen) else header)
    return tuple(found)


def is_price(placed: Placed) -> bool:
    """Whether what stands for the amount is rather the price of one piece."""
    said = set(spelt(placed.header))
    return bool(said & {"price", "each"} or "单价" in placed.header) and not said & {
        "total",
        "extended",
        "net",
        "gross",
        "sum",
    }


def returns(found: Placement, columns: Sequence[Facts], rows: Rows, signed: Facts) -> tuple[str, str] | None:
    """The expression that tells a return, and why; `signed` is the quantity or amount that is negative for them.

    None where nothing is negative.
    """
    at = {f.header: n for n, f in enumerate(columns)}
    negative = {
        n for n, row in enumerate(rows) if re.match(r"\s*(-|[(])\s*\D{0,3}\d", row[at[signed.header]])
    }
    if not negative:
        return None
    order = found.placed.get("order_id")
    if order:
        letters = [re.match(r"\s*([A-Za-z]+)\d", row[at[order.header]]) for row in rows]
        marks = Counter(letters[n][1] for n in negative if letters[n])
        mark, n_mark = marks.most_common(1)[0] if marks else ("", 0)
        carriers = sum(bool(m) and m[1] == mark for m in letters)
        if mark and n_mark >= 0.9 * len(negative) and n_mark >= 0.9 * carriers:
            why = f"{order.header} begins with {mark} in {n_mark:,} of {len(negative):,} rows with a negative {signed.header}"
            return f"{identifier(order.header)} like '{mark}%'", why
    sign = f"regexp_matches({identifier(signed.header)}::varchar, '^\\s*(-|[(])')"
    return sign, f"{signed.header} is negative in {len(negative):,} of {len(rows):,} rows looked at"


def copies(rows: Rows) -> int:
    """Rows that repeat an earlier row in every cell."""
    return len(rows) - len({tuple(row) for row in rows})


def amount(qty: Facts, price: Facts) -> str:
    """The expression of pieces times price."""
    return f"{_plain(qty)} * {_plain(price)}"


def _plain(facts: Facts) -> str:
    """A number whatever stands around it."""
    x = identifier(facts.header)
    if facts.comma > 0.3:
        x = f"replace(replace({x}::varchar, '.', ''), ',', '.')"
    elif facts.share("number") < 0.98:
        x = f"regexp_replace({x}::varchar, '[^0-9.-]', '', 'g')"
    return f"try_cast({x} as decimal(18, 4))"


def identifier(header: str) -> str:
    """A header as SQL names it."""
    return '"' + header.replace('"', '""') + '"'
