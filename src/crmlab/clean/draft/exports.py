"""The files of a folder, those of one kind together: what they are called, their first rows, how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from crmlab.clean.reading.archive import TEXT, WORKBOOK, Export, exports
from crmlab.clean.reading.headers import fold_header, names_people
from crmlab.clean.reading.peek import Peek, peek
from crmlab.clean.reading.plan import listed
from crmlab.clean.reading.sheets import filled, sheets
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT, Table

ROWS = 10_000
"""Rows of a kind of file that are looked at."""
_ALIKE = 0.7
"""Share of headers that two files of one kind have in common, at least."""


@dataclass(frozen=True)
class Group:
    """Files of one kind, such as the months of a year.

    headers : of all of them, and `rows` the first rows, as wide as these.
    named : the table after which the files or their folder are called, if any.
    data_for_headers : the first line holds data instead of headers.
    """

    peeks: tuple[Peek, ...]
    headers: tuple[str, ...]
    rows: list[list[str]]
    named: Table | None
    data_for_headers: bool = False

    @property
    def names(self) -> list[str]:
        """The files, in order."""
        return [p.name for p in self.peeks]

    @property
    def sheet(self) -> str:
        """The sheet, of workbooks with several."""
        return self.peeks[0].sheet

    @property
    def label(self) -> str:
        """The files in a few words."""
        names = self.names
        files = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]} ({len(names)} files)"
        return f"{files} sheet {self.sheet!r}" if self.sheet else files


def groups(folder: Path) -> tuple[list[Group], dict[str, str]]:
    """The exports in `folder` by kind, and the files that cannot be read, each with the reason."""
    found: list[list[Peek]] = []
    apart: dict[str, str] = {}
    for path in listed(folder):
        try:
            opened = list(_peeks(path, path.relative_to(folder).as_posix()))
        except CrmlabError as error:
            apart[path.relative_to(folder).as_posix()] = str(error)
            continue
        for one in opened:
            kin = next((g for g in found if _same_kind(g[0], one)), None)
            if kin is None:
                found.append([one])
            else:
                kin.append(one)
    return [_group(peeks) for peeks in found], apart


def pattern(names: list[str], others: list[str]) -> str | None:
    """The pattern of mapping.yaml that matches `names` and none of the `others`; None where there is none.

    >>> pattern(["sales_2026-01.csv", "sales_2026-02.csv"], ["tickets.csv"])
    'sales_*.csv'
    """
    if len(names) == 1:
        return _escaped(names[0])
    start, end = _start(names), _start([n[::-1] for n in names])[::-1]
    wide = re.sub(r"\d[\d_.-]*$", "", start), re.sub(r"^[\d_-]+", "", end)  # next year's files, too
    for first, last in (wide, (start, end), (start, "")):
        tried = f"{_escaped(first)}*{_escaped(last)}"
        if first and not any(fnmatch(o, tried) for o in others):
            return tried
    return None


def _start(names: list[str]) -> str:
    """What all names begin with."""
    low, high = min(names), max(names)
    return low[: next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), len(low))]


def _peeks(path: Path, name: str) -> Iterator[Peek]:
    """Each file, each member of an archive, each sheet of a workbook with several."""
    for export in exports(path, name):
        if export.suffix in WORKBOOK:
            titles = [sheet.title for sheet in filled(sheets(export, 1))]
            for title in titles:
                one = peek(export, ROWS, sheet=title)
                yield one if len(titles) > 1 else replace(one, sheet="")
        else:
            yield _peek_text(export)


def _peek_text(export: Export) -> Peek:
    try:
        return peek(export, ROWS)
    except CrmlabError:
        if export.suffix not in TEXT or not _is_western(export):
            raise
        return peek(export, ROWS, encoding="cp1252")


def _is_western(export: Export) -> bool:
    """Whether the bytes look like Windows' encoding of the languages of Western Europe: mostly ASCII, the others nearly all letters."""
    with export.open() as raw:
        head = raw.read(1 << 18)
    others = [b for b in head if b >= 0x80]
    letters = sum(
        b >= 0xC0 or b in (0x80, 0x91, 0x92, 0x93, 0x94, 0x96, 0x97, 0xA3, 0xA7, 0xB0) for b in others
    )
    return 0 < len(others) < 0.15 * len(head) and letters > 0.9 * len(others)


def _same_kind(a: Peek, b: Peek) -> bool:
    if a.name == b.name:
        return False  # sheets of one workbook: mapping.yaml can name one
    ours, theirs = ({fold_header(h) for h in p.headers} for p in (a, b))
    both = len(ours & theirs)
    return a.sheet == b.sheet and both >= _ALIKE * len(ours | theirs) and not (_is_data(a) or _is_data(b))


def _group(peeks: list[Peek]) -> Group:
    share = max(200, ROWS // len(peeks))
    headers = list(dict.fromkeys(h for p in peeks for h in p.headers))
    rows = []
    for p in peeks:
        place = {h: n for n, h in enumerate(p.headers)}
        order = [place.get(h) for h in headers]
        taken = p.rows if len(peeks) == 1 else p.rows[:share]
        rows += [[row[n] if n is not None else "" for n in order] for row in taken]
    return Group(
        tuple(peeks),
        tuple(headers),
        rows,
        None if peeks[0].sheet else _named(peeks[0].name),
        _is_data(peeks[0]),
    )


def _named(name: str) -> Table | None:
    first = name.split("/")[0].split(".")[0].lower()
    return next((t for t in CONTRACT.values() if first in {n.lower() for n in (t.name, t.zh, *t.also)}), None)


def _is_data(one: Peek) -> bool:
    """Whether the first line looks like the lines below it: numbers and dates where names should be."""
    cells = [c for h in one.headers for c in h.split()] if len(one.headers) == 1 else one.headers
    filled = [c for c in cells if c.strip()]
    valued = [
        c
        for c in filled
        if re.fullmatch(r"\D{0,3}[-+]?\d[\d.,:/ -]*\D{0,3}", c.strip())
        and not re.fullmatch(r"[A-Za-z]{1,3}\d{1,3}", c.strip())
    ]
    return len(valued) >= 0.5 * len(filled) > 0 and not any(names_people(h) for h in one.headers)


def _escaped(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
