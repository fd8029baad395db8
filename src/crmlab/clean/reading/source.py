"""One file of a table, seen from its headers: which column each of them is, and how the file is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from crmlab.clean.reading.archive import FORMATS, TEXT, WORKBOOK, Export, not_parquet
from crmlab.clean.reading.dialect import SEARCHED, Dialect, dialect
from crmlab.clean.reading.encoding import printable
from crmlab.clean.reading.headers import Headers, advice, find_header, known_headers, match
from crmlab.clean.reading.mapping import TableMapping
from crmlab.files import CrmlabError
from crmlab.tables import Table

READ = (*TEXT, *WORKBOOK, ".parquet")
"""The formats that are read, by the ending of their files."""


@dataclass(frozen=True)
class Source:
    """One file of a table.

    headers, matched : as they stand in the file, and the columns that they are.
    header_lines : the lines up to the headers' last; none in Parquet.
    dialect, sheet : how a text file is written; the sheet of a workbook.
    melted : headers of which `unpivot` makes rows.
    logged : the headers that `keep` names: what the row is about, and what tells the last.
    """

    export: Export
    table: str
    headers: list[str]
    matched: Headers
    header_lines: int
    dialect: Dialect | None = None
    sheet: str = ""
    melted: list[str] = field(default_factory=list)
    logged: tuple[str, str] | None = None

    @property
    def path(self) -> Path:
        """The file, or the archive that holds it."""
        return self.export.path

    @property
    def name(self) -> str:
        """In messages: the path within the company folder, and the member of an archive."""
        return self.export.name


def source(export: Export, table: Table, mapping: TableMapping) -> Source:
    """Read the headers of one file of `table`.

    Raises
    ------
    CrmlabError : the file cannot be read, or its headers do not fit; see `dialect`, `workbook.opened`, `headers.match`.
    """
    if export.suffix not in READ:
        raise CrmlabError(f"{export.name}: this format is not read; {_save_as(export)}")
    logged = (mapping.keep.per, mapping.keep.last_by) if mapping.keep else ()
    known = known_headers([table], [*mapping.stated, *logged])
    style, sheet, top = None, "", []
    if export.suffix in TEXT:
        style = dialect(export, known, encoding=mapping.encoding, header=mapping.header, table=table.name)
        headers, first, last, top = style.headers, style.header, style.header_lines, style.top
    elif export.suffix in WORKBOOK:
        headers, first, sheet, top = _of_workbook(export, table, mapping)
        last = first
    else:
        headers, first, last = _of_parquet(export), 1, 0
    where = f"{export.name} line {first}"
    try:
        _refuse_unprintable(headers, where)
        melted = _melted(headers, mapping, where)
        matched = match(
            headers,
            table,
            file=export.name,
            line=first,
            columns=mapping.columns,
            given=mapping.given,
            aside=melted,
        )
        logged = tuple(find_header(h, headers, where, f"tables.{table.name}.keep goes by") for h in logged)
    except CrmlabError as error:
        said = advice(top, first, known, table.name)
        raise CrmlabError(f"{where}: {said}" if said else str(error)) from None
    return Source(export, table.name, headers, matched, last, style, sheet, melted, logged or None)


def _of_workbook(
    export: Export, table: Table, mapping: TableMapping
) -> tuple[list[str], int, str, list[list[str]]]:
    """The headers, their row, the sheet, and the cells of its first rows."""
    from crmlab.clean.reading.sheets import chosen, sheets

    found = sheets(export, max(SEARCHED, mapping.header or 0))
    sheet = chosen(found, export.name, mapping.sheet, table.name)
    title, read = sheet.title, sheet.rows
    row = mapping.header or min(read, default=1)
    if row not in read:
        raise CrmlabError(
            f"{export.name} sheet {title!r}: no headers in row {row}; mend mapping.yaml, tables.{table.name}"
        )
    top = [read.get(n, []) for n in range(1, max(SEARCHED, row) + 1)]
    return top[row - 1], row, title, top


def _of_parquet(export: Export) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if export.size() == 0:
        raise CrmlabError(f"{export.name}: the file is empty; expected Parquet. Export it again or remove it")
    try:
        with export.open() as raw:
            return pq.read_schema(raw).names
    except (pa.ArrowException, OSError) as error:
        raise not_parquet(export.name, error) from None


def _melted(headers: list[str], mapping: TableMapping, where: str) -> list[str]:
    """The headers that `unpivot` means."""
    if not mapping.unpivot:
        return []
    patterns = mapping.unpivot.columns
    named = set(mapping.stated)
    found = [h for h in headers if h not in named and any(fnmatchcase(h.strip(), p) for p in patterns)]
    if not found:
        raise CrmlabError(
            f"{where}: no header matches unpivot of mapping.yaml ({', '.join(patterns)}); the file has {', '.join(map(repr, headers))}"
        )
    return found


def _refuse_unprintable(headers: list[str], where: str) -> None:
    for number, header in enumerate(headers, 1):
        if not printable(header):
            raise CrmlabError(
                f"{where}, column {number}: the header {header!r} holds a control character; rename the column"
            )


def _save_as(export: Export) -> str:
    if export.suffix == ".xls":
        return "open it in Excel and save it as .xlsx"
    if export.suffix in (".part", ".crdownload", ".tmp", ".download", ".filepart"):
        return "it was copied or downloaded only in part. Copy it again"
    return f"save it as one of {FORMATS}"
