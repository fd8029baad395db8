"""How a text file is written: its encoding, what stands between its cells, and on which line its headers are."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass

from crmlab.clean.reading.archive import Export
from crmlab.clean.reading.encoding import UTF_8, decodes, guess, nearest, undecodable
from crmlab.files import CrmlabError

HEAD = 1 << 18
"""Bytes from which all is decided; the headers must lie within."""
DELIMITERS = (",", ";", "\t", "|")
SEARCHED = 10
"""Lines among which headers are looked for."""
_AROUND = 1 << 12  # bytes that show how a text is written
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""A first line that Excel obeys and does not show."""
_SIGNS = {
    b"PK\x03\x04": "a workbook or a .zip",
    b"PAR1": "Parquet",
    b"\x1f\x8b": "a .gz",
    b"\xd0\xcf\x11\xe0": "an old or encrypted Office file",
    b"%PDF": "a PDF",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"<?xm": "XML",
}


@dataclass(frozen=True)
class Dialect:
    """How a text file is written.

    encoding : a Python codec; `certain` where a mark or mapping.yaml says so, else seen from the first bytes.
    delimiter : one of DELIMITERS.
    header : the line on which the headers begin, and `header_lines` the one on which they end; lines start at 1.
    headers : as they stand there.
    top : the cells of the first lines, each under the delimiter that suits it.
    newline : what ends the headers: a line feed, with a carriage return before it or not, or that alone in files of old Macs.
    direct : DuckDB reads the file as it lies: UTF-8, and headers that it can skip.
    """

    encoding: str
    certain: bool
    delimiter: str
    header: int
    header_lines: int
    headers: list[str]
    top: list[list[str]]
    newline: str
    direct: bool


def dialect(
    export: Export,
    known: Callable[[str], bool],
    *,
    encoding: str | None = None,
    header: int | None = None,
    table: str = "<table>",
) -> Dialect:
    """Decide how a text file is written from its first bytes.

    Parameters
    ----------
    known : whether a header is one that some column goes by.
    encoding, header : as mapping.yaml states them.
    table : for messages.

    Raises
    ------
    CrmlabError : an empty file, another format under the name of a text, bytes in no encoding that can be told, or no headers.
    """
    with export.open() as raw:
        head = raw.read(HEAD + 1)
    whole = len(head) <= HEAD
    for sign, what in _SIGNS.items():
        if head[:4].lower().startswith(sign.lower()):
            raise CrmlabError(
                f"{export.name}: this is {what} under the name of a text file; give it its right ending, or export it as CSV"
            )
    codec = encoding or guess(head, whole)
    text = decodes(head, codec, whole) if codec else None
    if text is None:
        raise first_undecodable(export, head, codec or nearest(head), table)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise CrmlabError(
            f"{export.name} line 1: the file is empty; expected a line of headers. Export it again or remove it"
        )
    newline = _newline(text)
    lines = split(text, newline)
    certain = encoding is not None or codec not in ("utf-8", "gb18030")
    return _decide(export, lines, known, codec, certain, newline, header, whole)


def first_undecodable(export: Export, head: bytes, encoding: str, table: str) -> CrmlabError:
    """Where the first byte is that `encoding` does not allow."""
    try:
        head.decode(encoding)
    except UnicodeDecodeError as error:
        before = head[: error.start].decode(encoding)
        line = before.rpartition("\n")[2]
        delimiter = max(DELIMITERS, key=before.partition("\n")[0].count)
        column = len(cells(line, delimiter)) or 1
        start = head.rfind(b"\n", 0, error.start) + 1
        return undecodable(
            export.name,
            before.count("\n") + 1,
            column,
            head[error.start],
            encoding,
            table,
            around=head[start : start + _AROUND],
            ascii_before=head[:start].isascii(),
        )
    return CrmlabError(f"{export.name}: not {encoding}")


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line, or of as much of it as there is."""
    return _record([line], delimiter)[0]


def split(text: str, newline: str) -> list[str]:
    """Lines with their ends. A carriage return ends a line only where nothing else does."""
    end = "\r" if newline == "\r" else "\n"
    *lines, last = text.split(end)
    return [line + end for line in lines] + ([last] if last else [])


def _newline(text: str) -> str:
    """What ends the first line, if that is not within quotes."""
    quotes = 0
    for found in re.finditer(r'"|\r\n?|\n', text):
        if found[0] == '"':
            quotes += 1
        elif quotes % 2 == 0:
            return found[0]
    return "\r" if "\r" in text and "\n" not in text else "\n"


def _decide(
    export: Export,
    lines: list[str],
    known: Callable[[str], bool],
    codec: str,
    certain: bool,
    newline: str,
    stated: int | None,
    whole: bool,
) -> Dialect:
    first = next((n for n, line in enumerate(lines, 1) if line.strip("\r\n")), 1)
    separator = _SEPARATOR.fullmatch(lines[first - 1])
    if separator and not stated:
        first += 1
    if (stated or first) > len(lines):
        raise CrmlabError(
            f"{export.name}: mapping.yaml says header: {stated}, but the file has {len(lines)} lines"
            if stated
            else f"{export.name} line {first}: no headers after the line {lines[-1].strip()!r}; export it again"
        )
    line = stated or first
    delimiter = separator[1] if separator else delimiter_of(lines[line - 1 :], known)
    headers, taken = _record(lines[line - 1 :], delimiter)
    end = line - 1 + taken
    if not headers or (end == len(lines) and not whole):
        raise CrmlabError(
            f"{export.name} line {line}: the headers do not end within {HEAD:,} bytes; look for a quote that is not closed"
        )
    top = [cells(x, delimiter_of([x], known)) for x in lines[:SEARCHED]]
    plain = all('"' not in text for text in lines[: line - 1]) and taken == 1
    plain = plain and "\r" not in lines[line - 1].rstrip("\r\n")
    return Dialect(codec, certain, delimiter, line, end, headers, top, newline, codec in UTF_8 and plain)


def delimiter_of(lines: list[str], known: Callable[[str], bool]) -> str:
    """The delimiter under which most headers are known, then under which there are most."""

    def score(delimiter: str) -> tuple[int, int]:
        headers = _record(lines, delimiter)[0]
        return sum(map(known, set(headers))), len(headers)

    return max(DELIMITERS, key=score)


def _record(lines: list[str], delimiter: str) -> tuple[list[str], int]:
    """The first record of `lines`, and how many of them it takes."""
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        return next(reader, []), reader.line_num
    except csv.Error:
        return [], 1
