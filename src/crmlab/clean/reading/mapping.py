"""mapping.yaml: what a company's exports are called, told once instead of in code."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT, Table


@dataclass(frozen=True)
class Keep:
    """Which row of an event log is the ticket: the last by `last_by` (a date or a number, as parsed; ties by line) of each `per`."""

    last_by: str
    per: str


@dataclass(frozen=True)
class Unpivot:
    """Answers side by side become one row each: the headers that match `columns` (patterns such as Q*) give `name`, their cells `value`.

    `name` and `value` are columns of the contract; an empty cell gives no row.
    """

    columns: tuple[str, ...]
    name: str = "item"
    value: str = "score"


@dataclass(frozen=True)
class TableMapping:
    """How one table is read.

    `sql` and `where` see the headers of the file: text in a CSV or a workbook, typed in a Parquet file. Cast to compare numbers:
    `where: "cast(amount as double) > 0"`.

    columns : column of the contract → the headers it goes by; several where they change from month to month.
    header : the line of the headers, where titles or groups stand above it; None for the first line that is not empty.
    sheet : of a workbook; None where it has one only.
    encoding : a Python codec; None for UTF-8 or GB18030, whichever the file is.
    decimal : "," where amounts are written 1.706,02.
    keep : of an event log, the last row of each `per` by `last_by`, both headers of the file.
    unpivot : turns answers that stand side by side into rows; see `Unpivot`.
    """

    files: str | None = None
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    sql: dict[str, str] = field(default_factory=dict)
    where: str | None = None
    drop_duplicates: bool = False
    dates: tuple[str, ...] = ()
    keep: Keep | None = None
    unpivot: Unpivot | None = None
    header: int | None = None
    sheet: str | None = None
    encoding: str | None = None
    decimal: str = "."

    @property
    def stated(self) -> set[str]:
        """The headers that `columns` names."""
        return {header for headers in self.columns.values() for header in headers}

    @property
    def given(self) -> set[str]:
        """Columns that no header supplies."""
        melted = {self.unpivot.name, self.unpivot.value} if self.unpivot else set()
        return set(self.constants) | set(self.sql) | melted


@dataclass(frozen=True)
class Mapping:
    """One company: who it is, and how its tables are read."""

    company: str
    simulated: bool = False
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    null_markers: tuple[str, ...] = ()
    max_bad_share: float | None = None
    tables: dict[str, TableMapping] = field(default_factory=dict)

    def table(self, name: str) -> TableMapping:
        """How the table called `name` is read."""
        return self.tables.get(name, TableMapping())


_TEXT, _FLAG, _SHARE, _LINE, _LIST, _DICT = (
    "a text",
    "true or false",
    "a number from 0 to 1",
    "a line number, 1 or more",
    "a list of texts",
    "a list of `name: value`",
)
_COMPANY_KEYS = {
    "company": _TEXT,
    "simulated": _FLAG,
    "currency": _TEXT,
    "time_zone": _TEXT,
    "null_markers": _LIST,
    "max_bad_share": _SHARE,
    "tables": _DICT,
}
_TABLE_KEYS = {
    "files": _TEXT,
    "columns": _DICT,
    "constants": _DICT,
    "sql": _DICT,
    "where": _TEXT,
    "drop_duplicates": _FLAG,
    "dates": _LIST,
    "keep": _DICT,
    "unpivot": _DICT,
    "header": _LINE,
    "sheet": _TEXT,
    "encoding": _TEXT,
    "decimal": _TEXT,
}
_KEEP_KEYS = {"last_by": _TEXT, "per": _TEXT}
_UNPIVOT_KEYS = {"columns": _LIST, "name": _TEXT, "value": _TEXT}


def company_folder(raw: Path) -> Path:
    """`raw` if it is a folder. Raises CrmlabError that lists the companies there are."""
    if raw.is_dir():
        return raw
    there = sorted(p.name for p in raw.parent.iterdir() if p.is_dir()) if raw.parent.is_dir() else []
    near = get_close_matches(raw.name, there, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise CrmlabError(
        f"{raw}: no such company folder; {hint}"
        f"{'there are: ' + ', '.join(there) if there else f'put the exports into {raw}'}. It is the parameter `company`"
    )


def load_mapping(folder: Path) -> Mapping:
    """The company's mapping.yaml, or the defaults where it has none.

    Raises
    ------
    CrmlabError : not readable as YAML, an unknown key, table or column (names the nearest), or a value of the wrong kind.
    """
    path = folder / "mapping.yaml"
    if not path.is_file():
        return Mapping(company=folder.name)
    content = _stated(_read(path), _COMPANY_KEYS, path.name)
    tables = {}
    for name, entry in content.get("tables", {}).items():
        _known(name, CONTRACT, f"{path.name}, tables", "table")
        tables[name] = _table_mapping(entry, CONTRACT[name], path.name)
    return Mapping(
        company=content.get("company") or folder.name,
        simulated=content.get("simulated", False),
        currency=content.get("currency", "CNY"),
        time_zone=_time_zone(content.get("time_zone", "Asia/Shanghai"), path.name),
        null_markers=tuple(content.get("null_markers", ())),
        max_bad_share=content.get("max_bad_share"),
        tables=tables,
    )


def _read(path: Path) -> dict[str, Any]:
    import yaml

    class Loader(yaml.BaseLoader):
        """Cells are compared as they are written, so NO, 007 and 2026-02-30 stay texts; and of two equal keys YAML keeps the last,
        here they are a fault."""

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
            seen = set()
            for key in (k for k, _ in node.value if isinstance(k, yaml.ScalarNode)):
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise CrmlabError(
                        f"{path.name} line {line}: {key.value} is written a second time; keep one"
                    )
                seen.add(key.value)
            return super().construct_mapping(node, deep)

    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name} line {mark.line + 1}, column {mark.column + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "text that YAML cannot hold"
        raise CrmlabError(
            f"{place}: not readable as YAML: {problem}; quotes around a text often help"
        ) from None
    except UnicodeDecodeError:
        raise CrmlabError(f"{path}: not UTF-8; save it as UTF-8") from None
    except RecursionError:
        raise CrmlabError(f"{path}: brackets within brackets, too deep to read") from None
    if content in (None, ""):
        return {}
    if not isinstance(content, dict):
        raise CrmlabError(f"{path}: expected `key: value` lines, found {type(content).__name__}")
    return content


def _table_mapping(entry: Any, table: Table, file: str) -> TableMapping:
    place = f"tables.{table.name}"
    entry = entry or {}
    if not isinstance(entry, dict):
        raise CrmlabError(f"{file}, {place}: expected keys such as {', '.join(_TABLE_KEYS)}; found {entry!r}")
    entry = _stated(entry, _TABLE_KEYS, file, place)
    columns = {c.name: c for c in table.columns}
    for key in ("columns", "constants", "sql"):
        for column in entry.get(key, {}):
            _known(column, columns, f"{file}, {place}.{key}", "column")
    for a, b in (("columns", "constants"), ("columns", "sql"), ("constants", "sql")):
        both = set(entry.get(a, {})) & set(entry.get(b, {}))
        if both:
            raise CrmlabError(f"{file}, {place}: {min(both)} is given under both {a} and {b}; keep one")
    keep, unpivot = entry.get("keep"), entry.get("unpivot")
    if keep is not None:
        keep = Keep(**_complete(keep, _KEEP_KEYS, {"last_by", "per"}, file, f"{place}.keep"))
    if unpivot is not None:
        unpivot = Unpivot(**_complete(unpivot, _UNPIVOT_KEYS, {"columns"}, file, f"{place}.unpivot"))
        for column in (unpivot.name, unpivot.value):
            _known(column, columns, f"{file}, {place}.unpivot", "column")
        unpivot = replace(unpivot, columns=tuple(unpivot.columns))
    if keep and unpivot:
        raise CrmlabError(
            f"{file}, {place}: keep and unpivot do not go together; leave one out, and pick the last answers in the export or by `where`"
        )
    if entry.get("decimal", ".") not in (".", ","):
        raise CrmlabError(f'{file}, {place}: decimal is {entry["decimal"]!r}; expected "." or ","')
    for key in ("constants", "sql"):
        for column, value in entry.get(key, {}).items():
            if not isinstance(value, str) or not value:
                raise CrmlabError(f"{file}, {place}.{key}: {column} is {value!r}; expected a text")
    return TableMapping(
        files=entry.get("files"),
        columns={
            k: _headers(v, f"{file}, {place}.columns: {k}") for k, v in entry.get("columns", {}).items()
        },
        constants=entry.get("constants", {}),
        sql=entry.get("sql", {}),
        where=entry.get("where"),
        drop_duplicates=entry.get("drop_duplicates", False),
        dates=tuple(entry.get("dates", ())),
        keep=keep,
        unpivot=unpivot,
        header=entry.get("header"),
        sheet=entry.get("sheet"),
        encoding=_encoding(entry.get("encoding"), file, place),
        decimal=entry.get("decimal", "."),
    )


def _headers(stated: Any, where: str) -> tuple[str, ...]:
    headers = tuple(stated) if isinstance(stated, list) else (stated,)
    if not headers or not all(isinstance(h, str) and h for h in headers):
        raise CrmlabError(
            f"{where} is {stated!r}; expected a header, or a list of headers where they change by month"
        )
    return headers


def _complete(entry: dict, keys: dict[str, str], needed: set[str], file: str, place: str) -> dict[str, Any]:
    """`entry` checked against `keys`; every key of `needed` must be stated."""
    stated = _stated(entry, keys, file, place)
    if lacking := sorted(needed - set(stated)):
        raise CrmlabError(f"{file}, {place}: {lacking[0]} is missing; expected {', '.join(keys)}")
    return stated


def _encoding(name: str | None, file: str, place: str) -> str | None:
    if name is None:
        return None
    try:
        "a".encode(name)
    except (LookupError, UnicodeError, ValueError):
        raise CrmlabError(
            f"{file}, {place}: encoding {name!r} is not known; expected a name such as utf-8, gb18030, cp1252 or big5"
        ) from None
    codec = codecs.lookup(name).name
    return "gb18030" if codec in ("gb2312", "gbk") else codec  # which holds both of them


def _stated(content: dict, keys: dict[str, str], file: str, place: str = "") -> dict[str, Any]:
    """What `content` states, checked against `keys`; a key without a value states nothing."""
    where = f"{file}, {place}" if place else file
    stated = {}
    for key, value in content.items():
        _known(key, keys, where, "key")
        if value in ("", "~", "null"):
            continue
        found = _READ[keys[key]](value)
        if found is None:
            raise CrmlabError(f"{where}: {key} is {value!r}; expected {keys[key]}")
        stated[key] = found
    return stated


def _flag(value: Any) -> bool | None:
    return (
        {"true": True, "yes": True, "false": False, "no": False}.get(value.lower())
        if isinstance(value, str)
        else None
    )


def _share(value: Any) -> float | None:
    with suppress(TypeError, ValueError):
        return share if 0 <= (share := float(value)) <= 1 else None


def _line(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and re.fullmatch("[1-9][0-9]{0,6}", value) else None


_READ: dict[str, Callable[[Any], Any]] = {
    _TEXT: lambda value: value if isinstance(value, str) else None,
    _FLAG: _flag,
    _SHARE: _share,
    _LINE: _line,
    _LIST: lambda value: (
        value if isinstance(value, list) and all(isinstance(v, str) for v in value) else None
    ),
    _DICT: lambda value: value if isinstance(value, dict) else None,
}
"""How a value of each kind is read from its text; None where it is not of the kind."""


def _known(name: Any, known: dict, where: str, what: str) -> None:
    if name not in known:
        near = get_close_matches(str(name), known, n=1, cutoff=0)[0]
        raise CrmlabError(
            f"{where}: no {what} is called {name!r}; the nearest is {near!r}. All: {', '.join(known)}"
        )


def _time_zone(name: str, file: str) -> str:
    from zoneinfo import available_timezones

    if name not in available_timezones():
        near = get_close_matches(name, available_timezones(), n=1, cutoff=0)[0]
        raise CrmlabError(f"{file}: time_zone {name!r} is not known; the nearest is {near!r}")
    return name
