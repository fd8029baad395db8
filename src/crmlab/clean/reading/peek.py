"""The headers and the first rows of any file as text, whatever its format: what a person sees who opens it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from crmlab.clean.reading.archive import TEXT, WORKBOOK, Export, exports, not_parquet
from crmlab.clean.reading.dialect import SEARCHED, delimiter_of, dialect, split
from crmlab.clean.reading.encoding import decodes
from crmlab.clean.reading.headers import best_line, known_headers
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT

_BYTES_PER_ROW = 1 << 12


@dataclass(frozen=True)
class Peek:
    """The first rows of a file. `rows` are as wide as `headers`; an empty cell is an empty text.

    header : the line (of a workbook the row) that looks most like headers; 1 in Parquet, which has no lines.
    encoding, delimiter : of a text file, else empty.
    sheet : of a workbook, else empty.
    """

    name: str
    headers: list[str]
    rows: list[list[str]]
    header: int = 1
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


def peek(
    file: Path | Export, rows: int = 2000, *, sheet: str | None = None, encoding: str | None = None
) -> Peek:
    """Read the headers and up to `rows` rows of a file; of a .zip those of its first member (see `archive.exports`).

    Parameters
    ----------
    sheet : of a workbook with several.
    encoding : of a text file that is neither UTF-8 nor GB18030.

    Raises
    ------
    CrmlabError : the file cannot be read, or is of a format that is not.
    """
    export = file if isinstance(file, Export) else exports(file, file.name)[0]
    if export.suffix in TEXT:
        return _peek_text(export, rows, encoding)
    if export.suffix in WORKBOOK:
        return _peek_workbook(export, rows, sheet)
    if export.suffix == ".parquet":
        return _peek_parquet(export, rows)
    raise CrmlabError(f"{export.name}: this format is not read")


def _peek_text(export: Export, rows: int, encoding: str | None) -> Peek:
    known = known_headers(CONTRACT.values())
    found = dialect(export, known, encoding=encoding)
    with export.open() as raw:
        head = raw.read(rows * _BYTES_PER_ROW)
        whole = not raw.read(1)
    text = (decodes(head, found.encoding, whole) or "").removeprefix("\ufeff")
    lines = split(text, found.newline)
    line = _headers_of(found.top, known, found.header)
    delimiter = found.delimiter if line == found.header else delimiter_of(lines[line - 1 :], known)
    reader = csv.reader(lines[line - 1 :], delimiter=delimiter)
    read = list(islice((r for r in reader if r), rows + 1))
    return Peek(export.name, *_squared(read), line, found.encoding, delimiter)


def _peek_workbook(export: Export, rows: int, stated: str | None) -> Peek:
    from crmlab.clean.reading import workbook
    from crmlab.clean.reading.sheets import chosen, sheets

    title = chosen(sheets(export, 1), export.name, stated, "<table>").title
    with workbook.opened(export, title) as sheet:
        read = list(islice(workbook.rows(sheet), rows + SEARCHED))
    texts = [["" if c is None else c for c in cells] for _, cells in read]
    start = _headers_of(texts[:SEARCHED], known_headers(CONTRACT.values()), 1)
    return Peek(export.name, *_squared(texts[start - 1 :][: rows + 1]), read[start - 1][0], sheet=title)


def _peek_parquet(export: Export, rows: int) -> Peek:
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    from crmlab.clean.reading.cells import as_text, quoted

    with export.open() as raw, duckdb.connect() as connection:
        try:
            columnar = pq.ParquetFile(raw)
            first = pa.Table.from_batches(islice(columnar.iter_batches(rows), 1), columnar.schema_arrow)
        except (pa.ArrowException, OSError) as error:
            raise not_parquet(export.name, error) from None
        relation = connection.from_arrow(first)
        headers = list(relation.columns)
        cells = as_text(
            {h: (quoted(h), str(t)) for h, t in zip(headers, relation.types, strict=True)}, "'UTC'"
        )
        read = relation.project(", ".join(f"coalesce({x}, '')" for x in cells.values())).fetchall()
    return Peek(export.name, headers, [list(r) for r in read])


def _headers_of(lines: list[list[str]], known: Callable[[str], bool], first: int) -> int:
    """The line (from 1) that looks most like headers: of known ones, below narrower lines only, for a cell, too, may hold such a word."""
    widest = _widest(lines, first)
    best = best_line(lines, known)
    filled = [sum(bool(c.strip()) for c in cells) for cells in lines]
    return best if best and all(width < filled[best - 1] for width in filled[: best - 1]) else widest


def _widest(lines: list[list[str]], first: int) -> int:
    """The first line (from 1) as wide as the widest: titles above headers are narrower."""
    filled = [sum(bool(c.strip()) for c in cells) for cells in lines]
    widest = max(filled, default=0)
    return next((n for n, width in enumerate(filled, 1) if n >= first and width == widest), first)


def _squared(read: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    headers = read[0] if read else []
    return headers, [(r + [""] * len(headers))[: len(headers)] for r in read[1:]]
