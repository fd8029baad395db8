"""A text file as DuckDB reads it, the line of each of its rows, and why it cannot be read.

Most files are read as they lie. One in another encoding, or in a .zip, is written anew as UTF-8 with plain headers; one that
DuckDB refuses is read by Python's csv, which either finds the fault or writes the rows anew.
"""

from __future__ import annotations

import codecs
import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import count
from pathlib import Path
from typing import BinaryIO

from crmlab.clean.reading.archive import Export, refuse_bomb
from crmlab.clean.reading.dialect import cells
from crmlab.clean.reading.encoding import UTF_8, is_chinese, undecodable
from crmlab.clean.reading.source import Source
from crmlab.engine import literal
from crmlab.files import CrmlabError

MAX_ROW = 2_000_000
"""Bytes that a row may take; DuckDB holds some 16 of them in memory at a time."""
_BLOCK = 1 << 20
_MEANING = {
    "unexpected end": "a quote is opened and not closed",
    "expected after": "a quote within a cell that is in quotes; it must be written twice there",
    "new-line character": "a carriage return within a cell; such a cell needs quotes around it",
}
"""What Python's csv says, in words about the file."""


@dataclass(frozen=True)
class TextFile:
    """What DuckDB reads for one source.

    path : the file itself, or one written anew in UTF-8, its headers in one line.
    skipped : how many lines less `path` has up to the headers.
    delimiter, newline : in `path`.
    lines : the line of each row, where the file was written anew row by row.
    """

    source: Source
    path: Path
    skipped: int
    delimiter: str
    newline: str
    lines: list[int] | None = None

    @property
    def scan(self) -> tuple[str, dict[str, str]]:
        """The rows as a table of SQL, and its parameters. The dialect is stated: a guess would read a ragged file as one column."""
        columns = ", ".join("'" + h.replace("'", "''") + "': 'VARCHAR'" for h in self.source.headers)
        before = self.source.header_lines - 1 if not self.anew else 0
        return (
            f"read_csv($path, columns = {{{columns}}}, compression = '{'gzip' if self.packed else 'none'}', auto_detect = false, "
            f"header = true, delim = $delimiter, quote = '\"', escape = '\"', "
            f"strict_mode = true, hive_partitioning = false, max_line_size = {MAX_ROW}{f', skip = {before}' if before > 0 else ''})",
            {"path": literal(self.path), "delimiter": self.delimiter},
        )

    @property
    def anew(self) -> bool:
        """The file was written anew."""
        return self.path != self.source.path

    @property
    def packed(self) -> bool:
        """The path is a .gz, which DuckDB unpacks."""
        return not self.anew and self.source.export.gzipped

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its bytes, unpacked."""
        with (Export(self.path, self.source.name) if self.anew else self.source.export).open() as raw:
            yield raw


def text_file(source: Source, scratch: Path, encoding: str | None = None) -> TextFile:
    """The file as it lies, or written anew into `scratch` where DuckDB could not read that.

    Parameters
    ----------
    encoding : if not that of the source's dialect.

    Raises
    ------
    CrmlabError : bytes that are not in the encoding, or an archive that is broken or unpacks to too much.
    """
    style = source.dialect
    codec = encoding or style.encoding
    direct = style.direct and codec in UTF_8 and not source.export.member
    file = TextFile(source, source.path, 0, style.delimiter, style.newline)
    if not direct:
        file = _in_utf_8(source, codec, _free(scratch), scratch)
    return _rewritten(file, scratch) if style.newline == "\r" else file


def _in_utf_8(source: Source, codec: str, target: Path, scratch: Path) -> TextFile:
    style = source.dialect
    try:
        with source.export.open() as raw, target.open("w", encoding="utf-8", newline="") as out:
            text = TextIOWrapper(raw, encoding=codec, newline="\r" if style.newline == "\r" else "\n")
            for _ in range(source.header_lines):
                text.readline()
            out.write(_plain_headers(source, style.delimiter) + style.newline)
            while block := text.read(_BLOCK):
                out.write(block)
                if source.export.gzipped:  # a .zip states what it holds, and was looked at before
                    refuse_bomb(source.name, source.path.stat().st_size, raw.tell())
            text.detach()
    except UnicodeError:
        if codec in UTF_8 and turns_chinese(source):
            return _in_utf_8(source, "gb18030", target, scratch)
        raise bad_byte(source, codec) from None
    return TextFile(source, target, source.header_lines - 1, style.delimiter, style.newline)


def _plain_headers(source: Source, delimiter: str) -> str:
    """A line of headers without quotes: from the end of its first line DuckDB sees what ends the others."""
    return delimiter.join(f"c{n}" for n in range(len(source.headers)))


def mended(file: TextFile, scratch: Path) -> TextFile:
    """The file in a form that DuckDB reads: GB18030 after a long start in ASCII, line ends of several kinds.

    Raises
    ------
    CrmlabError : the first fault, where the file has one.
    """
    if file.source.dialect.encoding in UTF_8 and not file.anew and turns_chinese(file.source):
        return text_file(file.source, scratch, "gb18030")
    return _rewritten(file, scratch)


def _rewritten(file: TextFile, scratch: Path) -> TextFile:
    width = len(file.source.headers)
    target, lines = _free(scratch), []
    with target.open("w", encoding="utf-8", newline="") as out:
        out.write(_plain_headers(file.source, ",") + "\n")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line, row in records(file, strict=True):
            if len(row) == 1 < width and not row[0].strip(" \t\x1a"):  # a blank line, or the end mark of DOS
                continue
            if len(row) < width or any(row[width:]):
                raise _ragged(file, line, row)
            writer.writerow(row[:width])
            lines.append(line)
    return TextFile(file.source, target, 0, ",", "\n", lines)


def records(file: TextFile, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The first line, in the export, and the cells of every row after the headers, as Python's csv reads them.

    Raises
    ------
    CrmlabError : a row that is too long, a quote that is not closed, a byte that is not UTF-8.
    """
    source, start, width = file.source, file.skipped + 1, 0
    csv.field_size_limit(sys.maxsize)  # rows are measured here

    def measured(text: TextIOWrapper) -> Iterator[str]:
        nonlocal width
        while line := text.readline(MAX_ROW + 1):
            width += len(line) if line.isascii() else len(line.encode())
            if width > MAX_ROW:
                raise CrmlabError(
                    f"{source.name} line {start}: a row of more than {MAX_ROW:,} bytes, which is the limit; "
                    "look for a quote that is not closed, or shorten the cell"
                )
            yield line

    with file.open() as raw:
        text = TextIOWrapper(raw, encoding="utf-8", newline="\r" if file.newline == "\r" else "\n")
        reader = csv.reader(measured(text), delimiter=file.delimiter, strict=strict)
        try:
            for row in reader:
                if row and start > source.header_lines:
                    yield start, row
                start, width = file.skipped + reader.line_num + 1, 0
        except UnicodeDecodeError:
            raise bad_byte(source, "utf-8") from None
        except csv.Error as error:
            raise _unreadable(source.name, start, str(error)) from None
        finally:
            text.detach()


def turns_chinese(source: Source) -> bool:
    """Whether a file that begins in ASCII goes on in GB18030."""
    if source.dialect.certain:
        return False
    decoder, raw_seen, seen = codecs.getincrementaldecoder("gb18030")(), b"", ""
    with source.export.open() as raw:
        while block := raw.read(_BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeError:
                return False
            if not text.isascii() and len(raw_seen) < _BLOCK:
                raw_seen, seen = raw_seen + block, seen + text
    return is_chinese(raw_seen, seen)


def count_lines(file: TextFile) -> int:
    """Lines of the file in `path`, counting a last one without a line feed.

    Raises
    ------
    CrmlabError : a .gz that is broken, or unpacks to too much.
    """
    lines, last, size = 0, b"\n", 0
    with file.open() as raw:
        while block := raw.read(_BLOCK):
            lines += block.count(b"\n")
            last = block[-1:]
            size += len(block)
            if file.packed and size > _BLOCK:
                refuse_bomb(file.source.name, file.path.stat().st_size, size)
    return lines + (last != b"\n")


def bad_byte(source: Source, encoding: str) -> CrmlabError:
    """The message for a file that is not written in `encoding` throughout: where its first wrong byte is."""
    table = source.table
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return CrmlabError(
            f"{source.name}: not {encoding.upper()} to its end; it was copied only in part, or begins with a mark that is not its own. Copy it again"
        )
    record, ascii_before = b"", True
    with source.export.open() as raw:
        for number, line in enumerate(iter(lambda: raw.readline(MAX_ROW), b""), 1):
            if len(line) == MAX_ROW:
                break
            record += line
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                before = record[: len(record) - len(line) + error.start].decode(encoding)
                column = len(cells(before, source.dialect.delimiter))
                return undecodable(
                    source.name,
                    number,
                    max(column, 1),
                    line[error.start],
                    encoding,
                    table,
                    around=line,
                    ascii_before=ascii_before,
                )
            ascii_before = ascii_before and line.isascii()
            if record.count(b'"') % 2 == 0 or len(record) > MAX_ROW:
                record = b""
    return CrmlabError(f"{source.name}: not {encoding.upper()}; save the export as UTF-8")


def _ragged(file: TextFile, line: int, row: list[str]) -> CrmlabError:
    headers, delimiter = file.source.headers, file.delimiter
    expected, found = len(headers), len(row)
    missing = f"no cell for {headers[found]!r}" if found < expected else f"a cell after {headers[-1]!r}"
    mark = {",": "comma", ";": "semicolon", "\t": "tab"}.get(delimiter, delimiter)
    cut = "; it is the last line, so the file may be copied only in part" if _is_cut(file, line) else ""
    return CrmlabError(
        f"{file.source.name} line {line}, column {min(found, expected) + 1}: {found} cells where the headers are {expected} ({missing}); "
        f"a text with a {mark} needs quotes around it. Mend the line or export the file again{cut}"
    )


def _is_cut(file: TextFile, line: int) -> bool:
    """The line is the last, and has no end."""
    with file.open() as raw:
        for number, text in enumerate(iter(lambda: raw.readline(MAX_ROW), b""), file.skipped + 1):
            if number >= line and not text.endswith(b"\n"):
                return True
    return False


def _unreadable(name: str, line: int, said: str) -> CrmlabError:
    for sign, meaning in _MEANING.items():
        said = meaning if sign in said else said
    return CrmlabError(
        f"{name} line {line}: not readable as CSV: {said}. Mend the line or export the file again"
    )


def _free(scratch: Path) -> Path:
    """A path in `scratch` that nothing has."""
    return next(p for p in (scratch / f"{n}.csv" for n in count()) if not p.exists())
