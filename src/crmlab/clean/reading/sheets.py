"""The sheets of a workbook and their first rows, read from its XML: enough to know its headers.

Every `make` looks at the headers, and importing openpyxl alone takes half a second; the rows are read with it (workbook.py).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO
from xml.etree.ElementTree import Element, iterparse, parse

from crmlab.clean.reading.archive import PACKED_FAULTS, Export, refuse_bomb
from crmlab.files import CrmlabError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and .xlsx files with a password."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_START = 1 << 20


@dataclass(frozen=True)
class Sheet:
    """One sheet: its title, whether it is shown, and its first rows that hold anything, by their number."""

    title: str
    visible: bool
    rows: dict[int, list[str]]


@contextmanager
def unpacked(export: Export) -> Iterator[BinaryIO]:
    """The bytes of a workbook that can be read.

    Raises
    ------
    CrmlabError : it is encrypted, an old .xls, copied only in part, or would unpack to too much.
    """
    with export.open() as raw:
        if export.member:  # a workbook is read to and fro
            raw = BytesIO(raw.read())
        _refuse_other(raw, export.name)
        try:
            with zipfile.ZipFile(raw) as packed:
                for member in packed.infolist():
                    refuse_bomb(f"{export.name} ({member.filename})", member.compress_size, member.file_size)
            raw.seek(0)
            yield raw
        except (*PACKED_FAULTS, KeyError, SyntaxError, ValueError) as error:
            raise CrmlabError(
                f"{export.name}: not a whole workbook ({error}); it was copied only in part, or is another format. "
                "Open it in Excel and save it as .xlsx"
            ) from None


def sheets(export: Export, rows: int) -> list[Sheet]:
    """The sheets of a workbook with their first `rows` rows that hold anything."""
    with unpacked(export) as raw, zipfile.ZipFile(raw) as packed:
        found = [(s, dict(_first_rows(packed, s[2], rows))) for s in _listed(packed)]
        texts = _shared(
            packed, {c[0] for _, read in found for row in read.values() for c in row.values() if c[1]}
        )
    return [
        Sheet(title, visible, {n: _cells(row, texts) for n, row in read.items()})
        for (title, visible, _), read in found
    ]


def filled(found: list[Sheet]) -> list[Sheet]:
    """Those that are shown and hold anything."""
    return [s for s in found if s.visible and s.rows]


def chosen(found: list[Sheet], name: str, stated: str | None, table: str) -> Sheet:
    """The sheet that mapping.yaml states, or the only one that holds anything and is shown.

    Raises
    ------
    CrmlabError : none of that name; several that hold something, or none.
    """
    if stated is not None:
        for sheet in found:
            if sheet.title == stated:
                return sheet
        raise CrmlabError(
            f"{name}: no sheet is called {stated!r}; it has {', '.join(repr(s.title) for s in found)}. "
            f"Mend mapping.yaml, tables.{table}.sheet"
        )
    full = filled(found)
    if len(full) == 1:
        return full[0]
    if not full:
        raise CrmlabError(
            f"{name}: the workbook is empty; expected a row of headers. Export it again or remove it"
        )
    raise CrmlabError(
        f"{name}: {len(full)} sheets hold something: {', '.join(repr(s.title) for s in full)}; "
        f"say which in mapping.yaml: tables: {{{table}: {{sheet: {full[0].title}}}}}"
    )


def _listed(packed: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Title, whether it is shown, and the member of every sheet."""
    book = next(
        (t for t, kind in _relations(packed, "").values() if kind.endswith("/officeDocument")),
        "xl/workbook.xml",
    )
    members = _relations(packed, book)
    with packed.open(book) as source:
        listed = [e for e in parse(source).iter() if _tag(e) == "sheet"]
    return [
        (e.get("name"), e.get("state", "visible") == "visible", members[e.get(_RELATION)][0])
        for e in listed
        if members[e.get(_RELATION)][1].endswith("/worksheet")
    ]


def _relations(packed: zipfile.ZipFile, member: str) -> dict[str, tuple[str, str]]:
    """Id → member and kind, of what `member` refers to."""
    folder, name = posixpath.split(member)
    with packed.open(posixpath.join(folder, "_rels", f"{name}.rels")) as source:
        return {
            e.get("Id"): (
                posixpath.normpath(posixpath.join("/", folder, e.get("Target"))).lstrip("/"),
                e.get("Type"),
            )
            for e in parse(source).iter()
            if _tag(e) == "Relationship"
        }


def _first_rows(
    packed: zipfile.ZipFile, member: str, rows: int
) -> Iterator[tuple[int, dict[int, tuple[str, bool]]]]:
    """Row number → column → text, or the place of a shared text and True."""
    number = found = 0
    with packed.open(member) as source:
        for _, row in iterparse(source):
            if _tag(row) != "row":
                continue
            number = int(row.get("r", number + 1))
            cells, column = {}, 0
            for cell in row:
                letters = re.match("[A-Z]+", cell.get("r", ""))
                column = _number(letters[0]) if letters else column + 1
                text = "".join(e.text or "" for e in cell.iter() if _tag(e) in ("v", "t"))
                if text:
                    cells[column] = (text, cell.get("t") == "s")
            row.clear()
            if cells:
                yield number, cells
                found += 1
            if found == rows:
                return


def _shared(packed: zipfile.ZipFile, wanted: set[str]) -> dict[str, str]:
    """The shared texts at these places."""
    texts: dict[str, str] = {}
    last = max(map(int, wanted), default=-1)
    if last < 0:
        return texts
    with packed.open(next(n for n in packed.namelist() if n.lower().endswith("sharedstrings.xml"))) as source:
        for _, element in iterparse(source):
            if _tag(element) == "rPh":  # how a text is read aloud is no part of it
                element.clear()
            if _tag(element) == "si":
                texts[str(len(texts))] = "".join(e.text or "" for e in element.iter() if _tag(e) == "t")
                element.clear()
                if len(texts) > last:
                    break
    return texts


def _cells(row: dict[int, tuple[str, bool]], texts: dict[str, str]) -> list[str]:
    found = {column: texts[text] if shared else text for column, (text, shared) in row.items()}
    return [found.get(column, "") for column in range(1, max(found) + 1)]


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(letters: str) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _refuse_other(raw: BinaryIO, name: str) -> None:
    start = raw.read(_START)
    raw.seek(0)
    if not start:
        raise CrmlabError(f"{name}: the file is empty; expected a workbook. Export it again or remove it")
    if start.startswith(OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in raw.read()
        raise CrmlabError(
            f"{name}: the workbook is encrypted; open it in Excel, take the password off (File, Info) and save it"
            if encrypted
            else f"{name}: an old .xls under the name of an .xlsx; open it in Excel and save it as .xlsx"
        )
