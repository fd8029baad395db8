"""From files to text: every cell as it was written, under the names of the contract, with its file and true line."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.clean.mapping import TableMapping
from crmlab.clean.plan import FORMATS, Plan, Source, open_bytes, open_csv, undecodable
from crmlab.files import CrmlabError

if TYPE_CHECKING:
    import duckdb

LINE = "rowid + _shift as _line"
"""Rows lie in file order, so a line number is the row number and a shift that is nearly always the same for a whole file."""


@dataclass(frozen=True)
class Text:
    """The text of one table in DuckDB.

    `name` is a view of `_row` (unique, in file order), `_file`, `_line`, and the columns as text. `raw` counts the rows of
    the files, `filtered` those that `where` left out of the view.
    """

    name: str
    columns: list[str]
    raw: int
    filtered: int


def ingest(connection: duckdb.DuckDBPyConnection, plan: Plan, table: str) -> Text:
    """Read the files of `table`; no rows where it has none.

    Raises
    ------
    CrmlabError : a ragged row, bytes that are not UTF-8, or an expression of mapping.yaml that does not run.
    """
    mapping = plan.mapping.table(table)
    columns = sorted(plan.present(table)) + plan.unknown(table)
    store = f"text_{table}"
    cells = "".join(f", {quoted(c)} varchar" for c in columns)
    connection.execute(
        f"create or replace temp table {store} (_file varchar, _shift bigint, _keep boolean{cells})"
    )
    rows = 0
    for source in plan.sources.get(table, []):
        rows = _append(connection, store, source, plan, table, rows)
    view = f"{store}_rows"
    listed = "".join(f", {quoted(c)}" for c in columns)
    connection.execute(
        f"create or replace temp view {view} as select rowid as _row, _file, {LINE}{listed} from {store} where _keep"
    )
    kept = rows
    if mapping.where:
        kept = connection.execute(f"select count(*) from {view}").fetchall()[0][0]
    return Text(view, columns, rows, rows - kept)


def quoted(name: str) -> str:
    """An identifier of SQL."""
    return '"' + name.replace('"', '""') + '"'


def _append(
    connection: duckdb.DuckDBPyConnection, store: str, source: Source, plan: Plan, table: str, before: int
) -> int:
    """Add one file to `store`, which has `before` rows; the number of rows then."""
    import duckdb

    mapping = plan.mapping.table(table)
    origin, args = _origin(source)
    args["zone"] = plan.mapping.time_zone
    picked = {c: quoted(h) for c, h in {**source.matched.known, **source.matched.unknown}.items()}
    where = _kept(mapping.where) if mapping.where else "true"
    plain = source.is_csv and not mapping.sql
    try:
        if not plain or mapping.where:
            _try_expressions(connection, mapping, table, f"select {{x}} from {origin} limit 0", args)
        picked |= {c: f"({e})" for c, e in mapping.sql.items()}
        cells = picked if plain else _as_text(connection, picked, origin, args)
        for n, (column, value) in enumerate(mapping.constants.items()):
            cells[column] = f"$constant_{n}"
            args[f"constant_{n}"] = value
        args |= {"file": source.name, "shift": source.header_lines + 1 - before}
        added = _execute(
            connection,
            f"insert into {store} by name select $file as _file, $shift as _shift, {where} as _keep, "
            f"{', '.join(f'{x} as {quoted(c)}' for c, x in cells.items())} from {origin}",
            args,
        ).fetchall()[0][0]
    except duckdb.Error as error:
        if _readable(connection, source, origin, args):
            _try_expressions(connection, mapping, table, f"select count({{x}}) from {origin}", args)
        raise _explained(source, error) from None
    if source.is_csv and _count_lines(source.path) != source.header_lines + added:
        _set_lines(connection, store, source, before, added)
    return before + added


def _execute(connection: duckdb.DuckDBPyConnection, sql: str, args: dict) -> duckdb.DuckDBPyConnection:
    return connection.execute(sql, {k: v for k, v in args.items() if f"${k}" in sql})


def _origin(source: Source) -> tuple[str, dict[str, str]]:
    """What to read the file with. The dialect is stated: a guess would read a ragged file as one column."""
    if not source.is_csv:
        return "read_parquet($path)", {"path": str(source.path)}
    columns = ", ".join("'" + h.replace("'", "''") + "': 'VARCHAR'" for h in source.headers)
    dialect = (
        "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true"
    )
    skip = f", skip = {source.header_lines - 1}" if source.header_lines > 1 else ""
    packed = "gzip" if source.path.suffix.lower() == ".gz" else "none"
    return f"read_csv($path, columns = {{{columns}}}, compression = '{packed}', {dialect}{skip})", {
        "path": str(source.path)
    }


def _try_expressions(
    connection: duckdb.DuckDBPyConnection, mapping: TableMapping, table: str, select: str, args: dict
) -> None:
    """Run `select` with each expression of mapping.yaml in the place of `{x}`; CrmlabError names the one that fails."""
    import duckdb

    where = {"where": mapping.where} if mapping.where else {}
    for key, expression in {**{f"sql.{c}": e for c, e in mapping.sql.items()}, **where}.items():
        x = _kept(expression) if key == "where" else f"({expression})"
        try:
            _execute(connection, select.replace("{x}", x), args).fetchall()
        except duckdb.Error as error:
            raise CrmlabError(
                f"mapping.yaml, tables.{table}.{key}: {expression} does not run: {str(error).splitlines()[0]}. "
                "Headers stand as in the file, in double quotes where they hold spaces; the cells of a CSV are text, "
                "and try_cast gives null where cast fails"
            ) from None


def _kept(where: str) -> str:
    return f"coalesce(({where}), false)"


def _readable(connection: duckdb.DuckDBPyConnection, source: Source, origin: str, args: dict) -> bool:
    """Every cell that is read can be read."""
    import duckdb

    headers = [*source.matched.known.values(), *source.matched.unknown.values()]
    counts = ", ".join(f"count({quoted(h)})" for h in headers) or "count(*)"
    try:
        _execute(connection, f"select {counts} from {origin}", args)
    except duckdb.Error:
        return False
    return True


def _as_text(
    connection: duckdb.DuckDBPyConnection, picked: dict[str, str], origin: str, args: dict
) -> dict[str, str]:
    """Each expression as text: times as ISO in the company's zone, whole floating numbers without decimals."""
    listed = ", ".join(f"{x} as {quoted(c)}" for c, x in picked.items())
    described = _execute(connection, f"describe select {listed} from {origin}", args).fetchall()
    text = {}
    for column, kind, *_ in described:
        x = picked[column]
        if kind in ("DOUBLE", "FLOAT"):
            text[column] = (
                f"case when isnan({x}) then null when {x} = trunc({x}) and abs({x}) < 1e15 then {x}::bigint::varchar "
                f"when abs({x}) < 1e-4 then {x}::decimal(38, 12)::varchar else {x}::varchar end"
            )
        elif kind == "TIMESTAMP WITH TIME ZONE":
            text[column] = f"timezone($zone, {x})::varchar"
        else:
            text[column] = f"{x}::varchar"
    return text


def _count_lines(path: Path) -> int:
    """Lines of a file, counting a last one without a line feed."""
    lines, last = 0, b"\n"
    with open_bytes(path) as raw:
        while block := raw.read(1 << 20):
            lines += block.count(b"\n")
            last = block[-1:]
    return lines + (last != b"\n")


def _set_lines(
    connection: duckdb.DuckDBPyConnection, store: str, source: Source, before: int, added: int
) -> None:
    """Correct the lines of a file in which rows span several lines, or empty lines lie between rows."""
    import pyarrow as pa

    starts = [start for start, _ in _records(source)]
    if len(starts) != added:
        raise CrmlabError(
            f"{source.name}: {added} rows as read, {len(starts)} by its quotes; a quote is not closed or not doubled"
        )
    shifts = pa.table(
        {
            "row": pa.array(range(before, before + added), pa.int64()),
            "shift": pa.array([s - n for n, s in enumerate(starts, before)], pa.int64()),
        }
    )
    connection.register("shifts", shifts)
    connection.execute(
        f"update {store} set _shift = shifts.shift from shifts where {store}.rowid = shifts.row"
    )
    connection.unregister("shifts")


def _records(source: Source) -> list[tuple[int, int]]:
    """The first line and the number of cells of every row after the headers."""
    csv.field_size_limit(sys.maxsize)
    with open_csv(source.path) as text:
        reader = csv.reader(text)
        records, start = [], 1
        for row in reader:
            if row and reader.line_num > source.header_lines:
                records.append((start, len(row)))
            start = reader.line_num + 1
    return records


def _explained(source: Source, error: Exception) -> CrmlabError:
    """Why a file could not be read, with the line: DuckDB counts rows, people count lines."""
    said = str(error).splitlines()[0]
    if not source.is_csv:
        return CrmlabError(f"{source.name}: not readable as Parquet ({said})")
    try:
        records = _records(source)
    except UnicodeDecodeError:
        return undecodable(source.path, source.name)
    except csv.Error as fault:
        return CrmlabError(f"{source.name}: not readable as CSV ({fault}). Formats read: {FORMATS}")
    expected = len(source.headers)
    for line, cells in records:
        if cells != expected:
            first = (
                f"no cell for {source.headers[cells]!r}"
                if cells < expected
                else f"a cell after {source.headers[-1]!r}"
            )
            return CrmlabError(
                f"{source.name} line {line}, column {min(cells, expected) + 1}: {cells} cells where the headers are {expected} ({first}); "
                "a text with a comma needs quotes around it. Mend the line or export the file again"
            )
    return CrmlabError(
        f"{source.name}: not readable as CSV ({said}); look for a quote that is not closed or not doubled"
    )
