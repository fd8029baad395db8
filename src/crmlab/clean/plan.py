"""What a company folder holds, seen from the headers alone: which file is which table, which column is which."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from crmlab.clean.headers import Headers, match
from crmlab.clean.mapping import Mapping, TableMapping, company_folder, load_mapping
from crmlab.clean.peek import Peek, peek
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT, Table

__all__ = ["Peek", "Plan", "Source", "check_exports", "peek", "plan"]

FORMATS = "CSV (.csv, .csv.gz; comma, UTF-8) and Parquet (.parquet)"
_SUFFIXES = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True)
class Source:
    """One file of a table: its path, its name in messages, its headers, and how many lines these take."""

    path: Path
    name: str
    headers: list[str]
    matched: Headers
    header_lines: int

    @property
    def is_csv(self) -> bool:
        """CSV, else Parquet."""
        return self.path.suffix.lower() != ".parquet"


@dataclass
class Plan:
    """A company folder: its mapping, the files of each table, files that belong to none, and what is wrong with any."""

    folder: Path
    mapping: Mapping
    sources: dict[str, list[Source]] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def present(self, table: str) -> set[str]:
        """The columns of `table` that its files or the mapping supply."""
        found = {c for s in self.sources.get(table, []) for c in s.matched.known}
        return found | self.mapping.table(table).given if found else found

    def unknown(self, table: str) -> list[str]:
        """The names under which unknown columns of `table` are kept."""
        return sorted({c for s in self.sources.get(table, []) for c in s.matched.unknown})


def plan(folder: Path) -> Plan:
    """Look at a company folder without reading its rows.

    Raises
    ------
    CrmlabError : no such folder, or mapping.yaml is wrong. Faults of files are collected in `Plan.faults`.
    """
    result = Plan(company_folder(folder), load_mapping(folder))
    used: set[Path] = set()
    for table in CONTRACT.values():
        mapping = result.mapping.table(table.name)
        try:
            paths = _files(folder, table, mapping)
        except CrmlabError as error:
            result.faults.append(str(error))
            continue
        used.update(paths)
        for path in paths:
            try:
                result.sources.setdefault(table.name, []).append(_source(path, folder, table, mapping))
            except CrmlabError as error:
                result.faults.append(str(error))
    own = {"mapping.yaml", "README.md"}
    everything = sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))
    result.unused = [
        p.relative_to(folder).as_posix() for p in everything if p not in used and p.name not in own
    ]
    if not result.faults and not {"tickets", "sales"} & set(result.sources):
        there = ", ".join(result.unused[:8]) or "nothing"
        result.faults.append(
            f"{folder}: neither tickets nor sales; expected tickets.csv or sales.csv (or a folder of that name), found {there}. "
            "Rename an export, or name it in mapping.yaml: tables: {tickets: {files: <pattern>}}"
        )
    return result


def check_exports(folder: Path) -> Iterator[str]:
    """What a company folder holds, line by line: per table its files, its columns, and those not recognised.

    Raises
    ------
    CrmlabError : the first thing in mapping.yaml or in the headers that would stop the pipeline, after the lines before it.
    """
    found = plan(folder)
    yield f"{found.mapping.company}: {'simulated data, ' if found.mapping.simulated else ''}{folder}"
    for table in CONTRACT.values():
        sources = found.sources.get(table.name)
        if not sources:
            continue
        columns = [c.name for c in table.columns]
        present = [c for c in columns if c in found.present(table.name)]
        names = (
            sources[0].name
            if len(sources) == 1
            else f"{len(sources)} files, {sources[0].name} to {sources[-1].name}"
        )
        yield f"{table.name}: {names}; {len(present)} of {len(columns)} columns: {', '.join(present)}"
        if dropped := dict.fromkeys(h for s in sources for h in s.matched.dropped):
            yield f"{table.name}: about people, dropped: {', '.join(dropped)}"
        if unknown := found.unknown(table.name):
            headers = [s.matched.unknown[c] for c in unknown for s in sources if c in s.matched.unknown]
            yield f"{table.name}: not recognised, kept as {', '.join(unknown)}: {', '.join(dict.fromkeys(headers))}"
    absent = [t for t in CONTRACT if t not in found.sources]
    if absent:
        yield f"not exported: {', '.join(absent)}"
    if found.unused:
        yield f"files that belong to no table: {', '.join(found.unused)}"
    if found.faults:
        raise CrmlabError("\n".join(found.faults))


@contextmanager
def open_csv(path: Path) -> Iterator[TextIO]:
    """A CSV file as text, unpacked if need be, without its byte order mark."""
    with open_bytes(path) as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        yield text


def open_bytes(path: Path) -> BinaryIO:
    """A file's bytes, unpacked if need be."""
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def undecodable(path: Path, name: str) -> CrmlabError:
    """The message for a file that is not UTF-8: where its first wrong byte is."""
    with open_bytes(path) as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                column = line[: error.start].count(b",") + 1
                return CrmlabError(
                    f"{name} line {number}, column {column}: byte 0x{line[error.start]:02X} is not UTF-8; "
                    f"save the export as UTF-8. Formats read: {FORMATS}"
                )
    return CrmlabError(f"{name}: not UTF-8; save the export as UTF-8. Formats read: {FORMATS}")


def _files(folder: Path, table: Table, mapping: TableMapping) -> list[Path]:
    if mapping.files:
        found = sorted(
            p
            for p in folder.rglob("*")
            if p.is_file() and fnmatch(p.relative_to(folder).as_posix(), mapping.files)
        )
        if not found:
            there = sorted(p.name for p in folder.iterdir() if p.name != "mapping.yaml")
            raise CrmlabError(
                f"mapping.yaml, tables.{table.name}.files: nothing matches {mapping.files!r} in {folder}; it holds {', '.join(there) or 'nothing'}"
            )
    else:
        names = {table.name, table.zh}
        found = [p for p in folder.iterdir() if p.is_file() and _stem(p).lower() in names]
        found += [
            p
            for sub in folder.iterdir()
            if sub.is_dir() and sub.name.lower() in names
            for p in sub.rglob("*")
            if p.is_file() and not p.name.startswith(".")
        ]
    for path in found:
        if not path.name.lower().endswith(_SUFFIXES):
            raise CrmlabError(
                f"{path.relative_to(folder).as_posix()}: this format is not read; save it as one of {FORMATS}"
            )
    return sorted(found)


def _stem(path: Path) -> str:
    return path.name.split(".")[0]


def _source(path: Path, folder: Path, table: Table, mapping: TableMapping) -> Source:
    name = path.relative_to(folder).as_posix()
    is_parquet = path.suffix.lower() == ".parquet"
    headers, lines = _parquet_headers(path, name) if is_parquet else _csv_headers(path, name)
    matched = match(
        headers, table, file=name, line=max(lines, 1), columns=mapping.columns, given=mapping.given
    )
    return Source(path, name, headers, matched, lines)


def _csv_headers(path: Path, name: str) -> tuple[list[str], int]:
    try:
        with open_csv(path) as text:
            reader = csv.reader(text)
            headers = next((row for row in reader if row), None)
            lines = reader.line_num
    except UnicodeDecodeError:
        raise undecodable(path, name) from None
    except (csv.Error, gzip.BadGzipFile, EOFError) as error:
        raise CrmlabError(f"{name} line 1: not readable as CSV ({error}). Formats read: {FORMATS}") from None
    if headers is None:
        raise CrmlabError(
            f"{name} line 1: the file is empty; expected a line of headers. Export it again or remove it"
        )
    if len(headers) == 1 and any(mark in headers[0] for mark in ";\t|"):
        raise CrmlabError(
            f"{name} line 1: one column only, {headers[0]!r}; expected commas between columns. Formats read: {FORMATS}"
        )
    if broken := [h for h in headers if "\n" in h or "\r" in h]:
        raise CrmlabError(f"{name} line 1: the header {broken[0]!r} holds a line break; write it in one line")
    return headers, lines


def _parquet_headers(path: Path, name: str) -> tuple[list[str], int]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.stat().st_size == 0:
        raise CrmlabError(f"{name}: the file is empty; expected Parquet. Export it again or remove it")
    try:
        return pq.read_schema(path).names, 0
    except pa.ArrowInvalid as error:
        raise CrmlabError(f"{name}: not readable as Parquet ({error})") from None
