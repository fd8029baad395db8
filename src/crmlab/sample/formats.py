"""Files as an office sends them: commas or semicolons, UTF-8 or GB18030, packed or not, and one workbook.

Nothing carries a name or a time of its own, so that the same rows are the same bytes.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..columns import Table

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = b"2026-10-31T00:00:00Z"


@dataclass(frozen=True)
class Format:
    """How a text file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","


class Files:
    """Open files of one company, appended to table by table and chunk by chunk."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.open: dict[str, io.BufferedIOBase] = {}
        self.raw: list[io.BufferedIOBase] = []

    def append(self, file: str, frame: pd.DataFrame, form: Format) -> None:
        """Rows of text under the headers of `frame`; the headers are written once."""
        if file not in self.open:
            path = self.folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            raw = path.open("wb")
            self.raw.append(raw)
            self.open[file] = gzip.GzipFile("", "wb", 9, raw, mtime=0) if file.endswith(".gz") else raw
            self.open[file].write((form.delimiter.join(frame.columns) + "\n").encode(form.encoding))
        rows = zip(*(quoted(frame[c].tolist(), form.delimiter) for c in frame), strict=True)
        text = "".join([form.delimiter.join(row) + "\n" for row in rows])
        self.open[file].write(text.encode(form.encoding))

    def close(self) -> None:
        """Finish every file."""
        for handle in (*self.open.values(), *self.raw):
            handle.close()


def quoted(values: list[str], delimiter: str = ",") -> list[str]:
    """Fields of a CSV: in quotes where a delimiter or a quote asks for it."""
    marks = (delimiter, '"', "\n")
    joined = "".join(values)
    if not any(mark in joined for mark in marks):
        return values
    return ['"' + v.replace('"', '""') + '"' if any(mark in v for mark in marks) else v for v in values]


def workbook(path: Path, table: Table, frame: pd.DataFrame, headers: dict[str, str]) -> None:
    """Write `frame` (text under contract names) as a workbook of one sheet, days and numbers as cells of their kind."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = table.zh
    sheet.append([headers[c] for c in frame])
    kinds = [table.column(c).kind for c in frame]
    for row in frame.itertuples(index=False):
        sheet.append([_cell(kind, text) for kind, text in zip(kinds, row, strict=True)])
    for column, kind in zip(sheet.iter_cols(min_row=2), kinds, strict=True):
        for cell in column if kind == "date" else ():
            cell.number_format = "yyyy-mm-dd"
    made = io.BytesIO()
    book.save(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_timeless(made.getvalue()))


def _cell(kind: str, text: str):
    if not text:
        return None
    if kind == "date":
        return np.datetime64(text).item()
    return int(text) if kind in ("money", "count") else text


def _timeless(book: bytes) -> bytes:
    """The same workbook without the moment of its making."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _STAMP, content)
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, content)
    return made.getvalue()
