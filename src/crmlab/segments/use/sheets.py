"""Spreadsheets that people edit for this stage: their lines, and what to say when one is wrong."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from crmlab.files import CrmlabError

ENCODINGS = ("utf-8-sig", "gb18030")
"""Spreadsheets write UTF-8, with a mark or without one, or in China GB18030."""
DELIMITERS = ",;\t"
"""Which one a spreadsheet writes depends on the country it is set to."""


@dataclass(frozen=True)
class Line:
    """One line of a sheet: its number in the file, and its cells by column, without spare blanks."""

    file: str
    number: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """Where it stands, as an error names it."""
        return f"{self.file} line {self.number}"

    def choice(self, column: str, choices: Mapping[str, str]) -> str:
        """What the cell of `column` means.

        Parameters
        ----------
        choices : spelling, as `folded` → canonical name.

        Raises
        ------
        CrmlabError : the cell is empty or none of the choices.
        """
        said, allowed = self.cells[column], ", ".join(dict.fromkeys(choices.values()))
        if not said:
            raise CrmlabError(f"{self.place}, {column}: empty; write one of {allowed}, or delete the line")
        if folded(said) not in choices:
            near = get_close_matches(folded(said), choices, n=1)
            hint = f"; is it {choices[near[0]]}?" if near else ""
            raise CrmlabError(f"{self.place}, {column}: {said!r} is none of {allowed}{hint}")
        return choices[folded(said)]


def spellings(choices: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every spelling of every choice, folded → the choice.

    >>> spellings({"at_risk": ("有风险",)})
    {'at-risk': 'at_risk', '有风险': 'at_risk'}
    """
    return {folded(s): name for name, others in choices.items() for s in (name, *others)}


def folded(text: str) -> str:
    """`text` as names are compared: half-width, lower case, hyphens for spaces and underscores.

    >>> folded(" Bargain_Seeker "), folded("ｐｌａｎｎｅｒ")
    ('bargain-seeker', 'planner')
    """
    return "-".join(unicodedata.normalize("NFKC", text).replace("_", " ").lower().split())


def read_sheet(
    path: Path, columns: Mapping[str, tuple[str, ...]], optional: tuple[str, ...] = ()
) -> list[Line]:
    """The lines of a CSV file that hold anything, with their numbers; none of a file that is empty.

    Parameters
    ----------
    columns : column → other headers it goes by. Other columns of the file are left alone.
    optional : columns that may be absent; their cells are then empty.

    Raises
    ------
    CrmlabError : neither UTF-8 nor GB18030, no CSV, a column absent or there twice, a line with more cells than the header.
    """
    text = _text(path)
    if not text.strip():
        return []
    header = next(line for line in text.splitlines() if line.strip())
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=header.count), strict=True)
    found: list[Line] = []
    places: dict[str, int] = {}
    width = 0
    try:
        for cells in rows:
            cells = [" ".join(cell.split()) for cell in cells]
            if not any(cells):
                continue
            if not places:
                places, width = _places(path.name, rows.line_num, cells, columns, optional), len(cells)
                continue
            if any(cells[width:]):
                raise CrmlabError(
                    f"{path.name} line {rows.line_num}: {len(cells)} cells, but the header has {width}; "
                    'put a text with a comma in quotes: "…, …"'
                )
            cells += [""] * (width - len(cells))
            at = {name: cells[places[name]] if name in places else "" for name in columns}
            if any(at.values()):
                found.append(Line(path.name, rows.line_num, at))
    except csv.Error as error:
        raise CrmlabError(
            f"{path.name} line {rows.line_num}: not readable as CSV ({error}); look there, or above, for a quote that is not closed"
        ) from None
    return found


def _places(
    file: str,
    number: int,
    header: list[str],
    columns: Mapping[str, tuple[str, ...]],
    optional: tuple[str, ...],
) -> dict[str, int]:
    names = spellings(columns)
    places: dict[str, int] = {}
    for place, cell in enumerate(header):
        name = names.get(folded(cell))
        if name in places:
            raise CrmlabError(f"{file} line {number}: {cell!r} is the column {name} a second time; keep one")
        if name is not None:
            places[name] = place
    missing = [name for name in columns if name not in places and name not in optional]
    if missing:
        raise CrmlabError(
            f"{file} line {number}: no column {missing[0]}; expected is the header {','.join(columns)}, found {','.join(header)}"
        )
    return places


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CrmlabError(f"{path.name}: neither UTF-8 nor GB18030; save it as CSV UTF-8")
