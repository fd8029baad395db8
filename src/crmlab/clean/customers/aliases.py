"""Customers whose names are spelled two ways: proposed to people, never joined before one of them confirms.

`clean` writes what it proposes to customer_aliases.csv among its outputs. People copy the rows they confirm into a file of that name
beside their exports, which no code writes; from then on those names join as if the customer's number stood there.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path

from crmlab.clean import parquet
from crmlab.clean.customers.likeness import EQUAL, SAME_FIRM, SAME_WORDS, Likest
from crmlab.clean.judging.judge import Judged
from crmlab.clean.judging.kinds import read
from crmlab.clean.outputs import OUTPUTS
from crmlab.clean.people.scrub import hidden
from crmlab.engine import DuckDB, Relation
from crmlab.files import CrmlabError, write_text
from crmlab.tables import CONTRACT, TICKETS

FILE = "customer_aliases.csv"
NAMING = [
    n for n, t in CONTRACT.items() if n != "customers" and any(c.name == "customer_id" for c in t.columns)
]
"""The tables that name customers."""
MOST = 50_000
"""Unknown names that are compared, those with the most rows first; who has more confirms these, and gets the next ones proposed."""
LIKELY = 82
"""Names less alike than this are not proposed."""
SAME_NAME = 99
"""The customer file lacks the number, but has the name that stands beside it."""
_METHODS = {EQUAL: "same letters", SAME_FIRM: "other company form", SAME_WORDS: "other order of words"}
_FOLD = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20, 0xA0: 0x20, 0x2212: 0x2D}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Confirmed:
    """A line of the company's customer_aliases.csv: `raw_name` in any table means `customer_id`."""

    raw_name: str
    customer_id: str
    line: int


@dataclass(frozen=True, order=True)
class Proposal:
    """`raw_name`, which `rows` clean rows give as their customer, may be `customer_id`; `method` says why, `score` how surely (to 100)."""

    raw_name: str
    customer_id: str
    customer_name: str
    method: str
    score: int
    rows: int


def read_confirmed(folder: Path) -> list[Confirmed]:
    """The aliases that people confirmed in `folder`, by raw name; none where there is no such file.

    Raises
    ------
    CrmlabError : with file and line, for a column or cell that is missing, one name for two customers, or a chain.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    csv.field_size_limit(1 << 17)  # a name is no longer; reading exports may have lifted the limit
    rows = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        return _confirmed(rows)
    except csv.Error as error:
        raise CrmlabError(
            f"{FILE} line {rows.line_num}: not readable as CSV ({error}); look there, or above, for a quote that is not closed"
        ) from None


def _confirmed(rows: csv.DictReader) -> list[Confirmed]:
    missing = [c for c in ("raw_name", "customer_id") if c not in (rows.fieldnames or [])]
    if missing:
        raise CrmlabError(
            f"{FILE} line 1: no column {missing[0]}; expected raw_name and customer_id, as in data/processed/clean/{FILE}"
        )
    found: dict[str, Confirmed] = {}
    for row in rows:
        new = Confirmed(_cell(row["raw_name"]), _cell(row["customer_id"]), rows.line_num)
        if not new.raw_name and not new.customer_id:
            continue
        if not new.raw_name or not new.customer_id:
            empty = "customer_id" if new.raw_name else "raw_name"
            raise CrmlabError(f"{FILE} line {new.line}, {empty}: empty; fill it in or delete the line")
        old = found.setdefault(new.raw_name, new)
        if old.customer_id != new.customer_id:
            raise CrmlabError(
                f"{FILE} line {new.line}: {new.raw_name!r} is {new.customer_id!r} here and {old.customer_id!r} in line {old.line}; "
                "keep one"
            )
    for alias in found.values():
        onward = found.get(alias.customer_id, alias)
        if onward.customer_id != alias.customer_id:
            raise CrmlabError(
                f"{FILE} line {alias.line}: {alias.raw_name!r} is {alias.customer_id!r}, which line {onward.line} calls "
                f"{onward.customer_id!r}; write {onward.customer_id!r} in both"
            )
    return sorted(found.values(), key=lambda a: a.raw_name)


def kept_aliases(engine: DuckDB, confirmed: Sequence[Confirmed], key: str) -> list[Confirmed]:
    """The aliases with names and numbers as `clean` keeps them: without phone numbers and the like."""
    if not confirmed:
        return []
    cells = "select s.written as cell from stated s union all select s.customer_id as cell from stated s"
    shown = hidden(engine, cells, {"stated": _stated(engine, confirmed)}, TICKETS.column("customer_id"), key)
    return [
        Confirmed(shown.get(a.raw_name, a.raw_name), shown.get(a.customer_id, a.customer_id), a.line)
        for a in confirmed
    ]


def joined(engine: DuckDB, names: Relation, customers: Judged, confirmed: Sequence[Confirmed]) -> Relation:
    """`names` (written, customer_id) with the confirmed aliases.

    Raises
    ------
    CrmlabError : an alias is the number, or the name, of another customer of the customer file. Such a pair is merged there, or the
        file would keep a customer without rows.
    """
    if not confirmed:
        return names
    inputs = {"judged": customers.rows, "names": names, "stated": _stated(engine, confirmed)}
    owners = engine.rows(
        """
        select s.written, j.customer_id
        from stated s
        join judged j on j.customer_id = s.written
        union
        select s.written, n.customer_id
        from stated s
        join names n on n.written = s.written
        """,
        inputs,
    )
    lines = {alias.raw_name: alias for alias in confirmed}
    for raw, owner in sorted(owners):
        alias = lines[raw]
        if owner != alias.customer_id:
            raise CrmlabError(
                f"{FILE} line {alias.line}: {raw!r} is customer {owner!r} of the customer file, not {alias.customer_id!r}; "
                "merge the two in the customer file, or delete the line"
            )
    return engine.run(
        """
        select n.written, n.customer_id from names n anti join stated s on s.written = n.written
        union all
        select s.written, s.customer_id from stated s
        """,
        inputs,
    )


def refuse_unknown(
    engine: DuckDB, judged: Mapping[str, Judged], confirmed: Sequence[Confirmed], key: str
) -> None:
    """Raise CrmlabError where an alias leads to a customer that no export names."""
    if not confirmed:
        return
    known = {
        n for (n,) in engine.rows("select customer_id from judged", {"judged": judged["customers"].rows})
    }
    wanted = {a.customer_id for a in confirmed} - known
    for name in NAMING:
        columns = {"customer_id", "customer_name"} & set(judged[name].text.columns) if name in judged else ()
        for column in sorted(columns) if wanted else ():
            folded, text = f"select {read('fold', column)} as cell from text", {"text": judged[name].source}
            cells = {cell for (cell,) in engine.rows(f"select distinct c.cell from ({folded}) c", text)}
            wanted -= cells | {*hidden(engine, folded, text, TICKETS.column(column), key).values()}
    for alias in confirmed:
        if alias.customer_id in wanted:
            zeros = [k for k in known if k and k.lstrip("0") == alias.customer_id.lstrip("0")]
            near = zeros or get_close_matches(alias.customer_id, sorted(known - {None}), n=1, cutoff=0.5)
            hint = f"; the nearest is {near[0]!r}" if near else ""
            hint += " (a spreadsheet drops leading zeros)" if zeros else ""
            raise CrmlabError(
                f"{FILE} line {alias.line}, customer_id: no export names a customer {alias.customer_id!r}{hint}"
            )


def propose(known: Iterable[tuple[str, str]], unknown: Iterable[tuple[str, str, int]]) -> list[Proposal]:
    """Which unknown customers may be known ones, or one another; sorted by raw name.

    Parameters
    ----------
    known : number and name.
    unknown : the customer as written, its name (the same where only a name is written), its rows.

    An unknown name for which nothing is proposed stands for those like it with fewer rows, so that no proposal leads to a name that is
    itself proposed for another. Where two customers fit equally well, none is proposed.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for number, name in sorted(known):
        owners[name].add(number)
    found, rest = [], []
    for raw, name, rows in sorted(unknown, key=lambda u: (-u[2], u[0])):
        if raw != name and len(owners.get(name, ())) == 1:
            found.append(Proposal(raw, min(owners[name]), name, "same name", SAME_NAME, rows))
        elif name not in owners:
            rest.append((raw, name, rows))
    rest = rest[:MOST]
    standing = [*owners] + [name for _, name, _ in rest]
    stands = [set(numbers) for numbers in owners.values()] + [set() for _ in rest]
    likest = Likest(standing if rest else [])
    for place, (raw, name, rows) in enumerate(rest, len(owners)):
        fits = [(score, c) for score, c in likest.to(name) if stands[c]]
        score, chosen = max(fits, default=(0, place))
        best = set().union(*(stands[c] for s, c in fits if s == score))
        if score < LIKELY:
            stands[place].add(raw)
        elif len(best) == 1:
            method = _METHODS.get(score, "similar")
            found.append(Proposal(raw, min(best), standing[chosen], method, score, rows))
    return sorted(found)


def write_proposals(engine: DuckDB, out: Path, exported: Iterable[str]) -> list[Proposal]:
    """Compare the customers of the tables that lie in `out`; write what is proposed as CSV for people and as Parquet for pages.

    Known are those of the customer file; without one, those whom a number names. A number is no name: 17850 is not like 17851.
    """
    inputs = {"customers": out / "customers.parquet"}
    [(file,)] = engine.rows("select coalesce(bool_or(known), false) as file from customers", inputs)
    named = "known" if file else "customer_name <> customer_id"
    written = "true" if file else "coalesce(customer_name, customer_id) = customer_id"
    owners = engine.rows(
        f"""
        select customer_name, min(customer_id) as first_id, max(customer_id) as last_id
        from customers where customer_name is not null and {named} group by customer_name
        """,
        inputs,
    )
    known = [
        (number, name) for name, *numbers in owners for number in numbers
    ]  # two, where it is not one customer's
    others = dict(
        engine.rows(
            f"""
            select customer_id, coalesce(customer_name, customer_id) as name
            from customers where not known and {written}
            """,
            inputs,
        )
    )
    others = {number: name for number, name in others.items() if _is_name(name)}
    rows = _rows(engine, out, exported, others) if others else {}
    found = propose(known, [(n, name, rows.get(n, 0)) for n, name in others.items()])
    parquet.write_rows(
        engine, out / "customer_aliases.parquet", OUTPUTS["customer_aliases"], map(asdict, found)
    )
    write_text(out / FILE, as_csv(found))
    return found


def as_csv(proposals: Iterable[Proposal]) -> str:
    """A CSV that a spreadsheet opens as it is: with a byte order mark, and no cell that it would read as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(Proposal.__dataclass_fields__)
    for proposal in proposals:
        cells = asdict(proposal).values()
        writer.writerow([f"'{c}" if isinstance(c, str) and c.startswith(_FORMULA) else c for c in cells])
    return "\ufeff" + text.getvalue()


def _rows(engine: DuckDB, out: Path, exported: Iterable[str], customers: Iterable[str]) -> dict[str, int]:
    """Clean rows by customer."""
    named = engine.make({"customer_id": sorted(customers)})
    rows: dict[str, int] = defaultdict(int)
    for table in sorted(set(exported) & set(NAMING)):
        sql = "select t.customer_id, count(*)::bigint as n from clean t semi join named using (customer_id) group by t.customer_id"
        for customer, n in engine.rows(sql, {"clean": out / f"{table}.parquet", "named": named}):
            rows[customer] += n
    return rows


def _stated(engine: DuckDB, confirmed: Sequence[Confirmed]) -> Relation:
    written, numbers = [a.raw_name for a in confirmed], [a.customer_id for a in confirmed]
    return engine.make({"written": written, "customer_id": numbers})


def _is_name(text: str) -> bool:
    """Not a number such as C000123 or 17850, which nobody spells two ways."""
    letters = sum(c.isalpha() for c in text)
    return letters > 1 and letters > sum(c.isdigit() for c in text)


def _text(path: Path) -> str:
    """The file as text; spreadsheets write UTF-8 or, in China, GB18030."""
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CrmlabError(f"{FILE}: neither UTF-8 nor GB18030; save it as CSV UTF-8")


def _cell(text: str | None) -> str:
    """A cell as kinds/fold.sql folds it, without the guard against formulas."""
    folded = (text or "").translate(_FOLD).strip(" \t\r\n")
    return folded[1:] if folded.startswith(tuple("'" + f for f in _FORMULA)) else folded
