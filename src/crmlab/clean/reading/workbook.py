"""Excel workbooks as the text that people see in them: dates as dates, numbers with their value, errors as errors."""

from __future__ import annotations

import re
import warnings
from array import array
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab.clean.reading.archive import Export
from crmlab.clean.reading.sheets import unpacked
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

    from crmlab.clean.reading.source import Source

_BLOCK = 1 << 20
_OVERLAP = 1 << 10
_ROWS = 1 << 13
_NOTABLE = re.compile(
    rb'<(?:\w+:)?f[\s>/]|<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"'
)
"""A formula, or cells merged into one."""


_ZEROS = re.compile("0{2,}")
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
"""What Excel shows for a formula that fails: no id and no name. Numbers and dates that show it cannot be read, as any such cell."""
_FROM_1904, _LAST_DAY = 1462, 100_000


@contextmanager
def opened(export: Export, title: str) -> Iterator[ReadOnlyWorksheet]:
    """A sheet of a workbook, to be read row by row.

    Raises
    ------
    CrmlabError : the workbook cannot be read; see `sheets.unpacked`.
    """
    with unpacked(export) as raw, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that do not touch values
        import openpyxl

        book = openpyxl.load_workbook(raw, read_only=True, data_only=True, keep_links=False)
        sheet = book[title]
        sheet.reset_dimensions()  # some programs state fewer than there are
        yield sheet
        book.close()


def rows(
    sheet: ReadOnlyWorksheet, decimal: str = ".", days: Collection[int] = ()
) -> Iterator[tuple[int, list[str | None]]]:
    """The number and the cells of every row that holds anything, without the empty cells at its end.

    decimal : the point of a number, as mapping.yaml says that the table's are written.
    days : the places (from 0) of columns of dates and times, in which a number is a day number.
    """
    padded = any(_ZEROS.fullmatch(f) for f in sheet.parent._number_formats)
    shifted = days if sheet.parent.epoch.year == 1904 else ()
    for number, values in enumerate(map(_padded, sheet.rows) if padded else sheet.values, 1):
        if shifted:
            values = [_since_1900(v) if n in shifted else v for n, v in enumerate(values)]
        cells = [None if v is None else v if type(v) is str else as_text(v, decimal) for v in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _padded(cells: tuple) -> list[Any]:
    """The values of a row, those whose format is zeros alone with the zeros that people see: 42 as 00042."""
    return [
        str(int(c.value)).zfill(len(c.number_format))
        if type(c.value) in (int, float)
        and c.value >= 0
        and c.value == int(c.value)
        and _ZEROS.fullmatch(c.number_format)
        else c.value
        for c in cells
    ]


def _since_1900(value: Any) -> Any:
    """A day number of a workbook that counts from 1904, as others count it."""
    return value + _FROM_1904 if type(value) in (int, float) and 0 <= value < _LAST_DAY else value


def as_parquet(source: Source, path: Path, decimal: str = ".") -> array[int]:
    """Write the rows of a workbook's sheet to `path` as text, one column per header; the row in the sheet of each.

    Raises
    ------
    CrmlabError : a cell that does not say what it holds (see `refuse_unclear`), or one beyond the headers.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers, headers = array("q"), source.headers
    schema = pa.schema([(h, pa.string()) for h in headers])
    with opened(source.export, source.sheet) as sheet, pq.ParquetWriter(path, schema) as writer:
        refuse_unclear(source.export, sheet, source.header_lines)
        days, names = _places(source, ("date", "time")), _places(source, ("id", "label", "person"))
        body = (r for r in rows(sheet, decimal, days) if r[0] > source.header_lines)
        while batch := list(islice(body, _ROWS)):
            for number, cells in batch:
                if len(cells) > len(headers):
                    raise CrmlabError(
                        f"{source.name} sheet {sheet.title!r} row {number}, column {len(cells)}: {cells[-1]!r} stands where no header is; "
                        "name the column or delete it"
                    )
                for place in names:
                    if place < len(cells) and cells[place] in _ERRORS:
                        cells[place] = None
            numbers.extend(number for number, _ in batch)
            columns = zip_longest(*(cells for _, cells in batch), fillvalue=None)
            arrays = [pa.array(c, pa.string()) for c in columns]
            arrays += [pa.nulls(len(batch), pa.string())] * (len(headers) - len(arrays))
            writer.write_batch(pa.record_batch(arrays, schema=schema))
    return numbers


def _places(source: Source, kinds: tuple[str, ...]) -> list[int]:
    """The places of the headers whose columns are of these kinds."""
    table, known = CONTRACT[source.table], source.matched.known
    return [source.headers.index(h) for column, h in known.items() if table.column(column).kind in kinds]


def as_text(value: Any, decimal: str = ".") -> str:
    """A cell's value as text: days and moments as ISO, whole numbers without decimals, none with an exponent.

    >>> [as_text(v) for v in (1.0, 1e15, 0.1, True, datetime(2026, 10, 1), datetime(2026, 10, 1, 9, 30))]
    ['1', '1000000000000000', '0.1', 'TRUE', '2026-10-01', '2026-10-01 09:30:00']
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}".removesuffix(".0").replace(".", decimal)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.strftime("%Y-%m-%d") if midnight else value.isoformat(" ")
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def refuse_unclear(export: Export, sheet: ReadOnlyWorksheet, after: int) -> None:
    """Raise CrmlabError where the cells do not say what they hold: a formula without its value, rows merged into one.

    Parameters
    ----------
    after : the row of the headers; what is merged above does not matter.
    """
    formulas, merged = _notable(sheet, after)
    if merged:
        raise CrmlabError(
            f"{export.name} sheet {sheet.title!r}, cells {merged}: merged, so that it cannot be seen whether each of the rows "
            "means that value; unmerge and fill them in Excel"
        )
    if not formulas:
        return
    from xml.etree.ElementTree import iterparse

    with sheet._get_source() as source:
        for _, element in iterparse(source):
            tag = element.tag.rpartition("}")[2]
            if tag == "row":
                element.clear()
            if tag != "c":
                continue
            parts = {child.tag.rpartition("}")[2]: child.text for child in element}
            # an empty text is a value, too: Excel says t="str"
            if "f" in parts and not parts.get("v") and element.get("t") != "str":
                column, row = re.match(r"([A-Z]+)([0-9]+)", element.get("r", "?0")).groups()
                raise CrmlabError(
                    f"{export.name} sheet {sheet.title!r} row {row}, column {column}: a formula without a stored value; "
                    "open the workbook in Excel and save it, then its values are in the file"
                )


def _notable(sheet: ReadOnlyWorksheet, after: int) -> tuple[bool, str]:
    """Whether the sheet holds formulas, and the first cells merged over several rows below row `after`."""
    formulas, before = False, b""
    with sheet._get_source() as source:
        while block := source.read(_BLOCK):
            for found in _NOTABLE.finditer(before + block):
                if not found[1]:
                    formulas = True
                    continue
                left, top, right, bottom = (part.decode() for part in found.groups())
                if int(bottom) > max(int(top), after + 1):
                    return formulas, f"{left}{top}:{right}{bottom}"
            before = block[-_OVERLAP:]
    return formulas, ""
