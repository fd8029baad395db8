"""Which column of the contract a header means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import zip_longest

from crmlab.files import CrmlabError
from crmlab.tables import TICKETS, Table

STANDS_IN = {"customer_id": "customer_name"}
"""A required column may be absent where the other one is there."""
ABOUT_PEOPLE = re.compile(
    "姓名|联系人|联系方式|手机|电话|邮箱|身份|住址|(?<!ip)(?<!mac)(?<!网络)地址|性别|生日|微信|经理$|工程师$|师傅$"
    "|((?<!法)(?<!机器)人|(?<!会)员)(编号|工号|账号|号|id|名称)?$"
    "|contact|phone|mobile|email|telefon|wechat|weixin|whatsapp|kontakt|ansprechpartner|bearbeiter|techniker"
    "|(?<!ip)(?<!mac)add?ress|birth|passport|ssn$|gender|username|lastname|nachname|vorname|assignedto"
    "|(opened|created|updated|modified|closed|resolved|handled|assigned|approved|entered|reported|requested|completed)by$"
)
"""What a header says, folded, whose cells tell who somebody is or how to reach them."""
_NAMED = re.compile("(first|sur|family|given|full|middle)name")
_THINGS = {"product", "part", "machine", "model", "item", "company", "file", "branch", "category"}
"""What has a full or family name and is nobody."""
_REACHED = {"tel", "fax", "qq"}
"""Words that say how to reach somebody, wherever they stand; as letters they are also part of others (hotel)."""
_BY = {"by", "caller", "engineer", "technician", "tech", "employee", "agent", "assignee", "manager", "representative", "rep"} | {
    "seller", "worker", "author", "owner", "user", "operator", "salesperson", "salesman", "person", "dispatcher", "requester",
}  # fmt: skip
"""Last words of headers whose cells name persons, though it may be by a number."""


def names_people(header: str) -> bool:
    """Whether the cells under `header` say who somebody is or how to reach them.

    >>> names_people("opened_by"), names_people("客户联系人"), names_people("维修人"), names_people("order id")
    (True, True, True, False)
    """
    folded = fold_header(header)
    words = _words(header)
    if ABOUT_PEOPLE.search(folded) and not folded.startswith("是否"):
        return True
    if (_NAMED.search(folded) and not _THINGS & set(words)) or _REACHED & set(words):
        return True
    said = [w for w in words if w not in ("id", "no", "nr", "number", "name", "code", "key")]
    return bool(said) and said[-1] in _BY


def _words(header: str) -> list[str]:
    """The words of a header in Latin letters: sysUpdatedBy is sys, updated, by."""
    spaced = re.sub(
        r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", unicodedata.normalize("NFKC", header)
    )
    return re.findall(r"[a-zäöüß]+", spaced.lower())


def fold_header(header: str) -> str:
    """A header without what spelling varies in: width, case, spaces and punctuation.

    >>> fold_header(" Ｔicket_ID ") == fold_header("ticket id")
    True
    """
    folded = unicodedata.normalize("NFKC", header).strip().lower()
    return re.sub(r"[\W_]+", "", folded)


def unknown_name(header: str, taken: set[str]) -> str:
    """The name under which an unknown column is kept: `x_` and the header in lower case, made unique."""
    folded = unicodedata.normalize("NFKC", header).strip().lower()
    name = "x_" + (re.sub(r"\W+", "_", folded).strip("_") or "unnamed")
    unique, n = name, 1
    while unique in taken:
        n += 1
        unique = f"{name}_{n}"
    return unique


@dataclass(frozen=True)
class Headers:
    """The headers of one file against the contract: column → header, and `x_…` → header for unknown ones.

    `dropped` are unknown headers about people, which are never read.
    """

    known: dict[str, str]
    unknown: dict[str, str]
    dropped: list[str]


def match(
    headers: list[str],
    table: Table,
    *,
    file: str,
    line: int = 1,
    columns: Mapping[str, Sequence[str]] | None = None,
    given: set[str] = frozenset(),
    aside: Collection[str] = (),
) -> Headers:
    """Match `headers` to the columns of `table`.

    Parameters
    ----------
    headers : as they stand in the file.
    file, line : where they stand, for messages.
    columns : column → the headers it may go by, from mapping.yaml; they go before any alias.
    given : columns that mapping.yaml supplies by `constants` or `sql`; no header may or need claim them.
    aside : headers that claim no column, because `unpivot` makes rows of them.

    Raises
    ------
    CrmlabError : two headers claim one column, a header is empty or occurs twice, mapping.yaml names a header that is not there,
        or a required column is missing.
    """
    columns = columns or {}
    where = f"{file} line {line}"
    _refuse_unclear(headers, where)
    known = {
        column: find_header(stated, headers, where, f"{table.name}.{column} is in")
        for column, stated in columns.items()
    }
    names, taken = _names(table), set(known.values())
    for header in headers:
        column = names.get(fold_header(header))
        if column is None or column in columns or column in given or header in aside:
            continue
        if header in taken:
            continue
        if column in known:
            raise CrmlabError(
                f"{where}: {known[column]!r} and {header!r} both mean {table.name}.{column}; "
                f"say which in mapping.yaml: tables: {{{table.name}: {{columns: {{{column}: {header}}}}}}}"
            )
        known[column] = header
    unknown: dict[str, str] = {}
    others = [h for h in headers if h not in known.values() and h not in aside]
    dropped = [h for h in others if names_people(h)]
    for header in others:
        if header not in dropped:
            unknown[unknown_name(header, set(unknown))] = header
    have = set(known) | set(given)
    for column in table.columns:
        stand_in = STANDS_IN.get(column.name)
        if column.required and column.name not in have and not (stand_in and stand_in in have):
            raise CrmlabError(
                f"{where}: no column for {table.name}.{column.name} ({column.meaning}); expected one of "
                f"{', '.join([column.name, *column.aliases])}; {_nearest([column.name, *column.aliases], headers)}. "
                f"Rename it or add it to mapping.yaml: tables: {{{table.name}: {{columns: {{{column.name}: <header>}}}}}}"
            )
    return Headers(known, unknown, dropped)


def _refuse_unclear(headers: list[str], where: str) -> None:
    """A column without a header, or two that go by one name: DuckDB, too, takes `foo` and `Foo` for the same."""
    for number, header in enumerate(headers, 1):
        if not header.strip():
            raise CrmlabError(
                f"{where}, column {number}: no header; name the column or delete it in the export "
                "(a spreadsheet ends every line with a comma when an empty column was once used)"
            )
    spelt: dict[str, list[str]] = {}
    for header in headers:
        spelt.setdefault(header.lower(), []).append(header)
    for same in spelt.values():
        if len(set(same)) > 1:
            raise CrmlabError(
                f"{where}: the headers {same[0]!r} and {same[-1]!r} differ in case only; rename or remove one in the export"
            )
        if len(same) > 1:
            raise CrmlabError(
                f"{where}: the header {same[0]!r} occurs {len(same)} times; rename or remove one in the export"
            )


def find_header(stated: str | Sequence[str], headers: list[str], where: str, said: str) -> str:
    """The header that mapping.yaml means by `stated` (one, or several of which one is there), however it is spelt.

    Raises CrmlabError where none of them is there, or two are.
    """
    wanted = [stated] if isinstance(stated, str) else list(stated)
    exact = {fold_header(h): h for h in headers}
    there = [h for h in (w if w in headers else exact.get(fold_header(w)) for w in wanted) if h is not None]
    there = list(dict.fromkeys(there))
    if not there:
        raise CrmlabError(
            f"{where}: mapping.yaml says {said} {' or '.join(map(repr, wanted))}, but there is no such header; {_nearest(wanted, headers)}"
        )
    if len(there) > 1:
        raise CrmlabError(
            f"{where}: mapping.yaml says {said} one of {', '.join(map(repr, wanted))}, but {there[0]!r} and {there[1]!r} are both there; keep one"
        )
    return there[0]


def known_headers(tables: Iterable[Table], others: Iterable[str] = ()) -> Callable[[str], bool]:
    """Whether a header means a column of one of `tables`, or is one of the `others`."""
    names = {n for table in tables for n in _names(table)} | {fold_header(h) for h in others}
    return lambda header: fold_header(header) in names


def best_line(lines: list[list[str]], known: Callable[[str], bool]) -> int:
    """The first of the lines (from 1) in which most headers are known, if two are; else 0."""
    scores = [_known(cells, known) for cells in lines]
    best = max(range(len(lines)), key=lambda n: (scores[n], -n), default=0)
    return best + 1 if lines and scores[best] >= 2 else 0


def advice(lines: list[list[str]], line: int, known: Callable[[str], bool], table: str) -> str:
    """What may be wrong with headers that do not match; empty where nothing can be seen.

    Parameters
    ----------
    lines : the cells of the first lines of the file.
    line : where the headers were taken to be, from 1.
    """
    here, below = [*lines, [], []][line - 1 : line + 1] if line <= len(lines) else ([], [])
    both = [b if b.strip() else a for a, b in zip_longest(here, below, fillvalue="")]
    if _known(both, known) > max(_known(here, known), _known(below, known)):
        return f"the headers stand in two lines, {line} and {line + 1}; write them in one"
    best = best_line(lines, known)
    if best and _known(lines[best - 1], known) > _known(here, known):
        shown = ", ".join(" ".join(c.split()) for c in lines[best - 1] if c)
        return f"the headers are on line {best} ({shown[:80]}); say so in mapping.yaml: tables: {{{table}: {{header: {best}}}}}"
    return ""


def _known(cells: list[str], known: Callable[[str], bool]) -> int:
    return sum(known(c) for c in set(cells) if c.strip())


def _names(table: Table) -> dict[str, str]:
    """Folded header → column. Where the table has no column for it, a customer's name stands in for the number."""
    names = {fold_header(n): c.name for c in reversed(table.columns) for n in (*c.aliases, c.name)}
    if "customer_id" in names.values() and "customer_name" not in names.values():
        named = TICKETS.column("customer_name")
        names = {fold_header(n): "customer_id" for n in (named.name, *named.aliases)} | names
    return names


def _nearest(wanted: list[str], headers: list[str]) -> str:
    near = [n for w in wanted for n in get_close_matches(w, headers, n=2, cutoff=0.5)]
    near = list(dict.fromkeys(near))[:3]
    if near:
        return f"nearest: {', '.join(map(repr, near))}"
    return f"the file has {', '.join(map(repr, headers))}"
