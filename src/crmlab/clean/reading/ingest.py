"""From files to text: every cell as it was written, under the names of the contract, with its file and true line."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.clean.reading.archive import TEXT, WORKBOOK
from crmlab.clean.reading.cells import as_text, quoted
from crmlab.clean.reading.clock import to_wall_clock
from crmlab.clean.reading.event_log import keep_last
from crmlab.clean.reading.plan import Plan
from crmlab.clean.reading.questionnaire import unpivot
from crmlab.clean.reading.source import Source
from crmlab.clean.reading.text_file import count_lines, mended, records, text_file
from crmlab.engine import literal
from crmlab.files import CrmlabError, out_of_space
from crmlab.tables import CONTRACT

if TYPE_CHECKING:
    import duckdb

    from crmlab.clean.reading.text_file import TextFile

LINE = "rowid + _shift as _line"
"""Rows lie in file order, so a line number is the row number and a shift that is nearly always the same for a whole file."""

_PARQUET = "read_parquet($path, hive_partitioning = false)"
"""Without the columns that DuckDB would make of folders named `year=2026`."""


@dataclass(frozen=True)
class Text:
    """The text of one table in DuckDB.

    `name` is a view of `_row` (unique, in file order), `_file`, `_line`, and the columns as text. `raw` counts the rows of
    the files (of answers, where `unpivot` makes rows of them), `filtered` those that `where` and `keep` left out of the view.
    `copies` are the rows of files that repeat an earlier one: the first row, the one after the last, and how many rows
    before each of them its original is. `left_out` is a view of the columns of the filtered rows; empty where there are none.
    """

    name: str
    columns: list[str]
    raw: int
    filtered: int
    copies: list[tuple[int, int, int]] = field(default_factory=list)
    left_out: str = ""


@dataclass(frozen=True)
class _Scan:
    """What DuckDB reads for one source, and the line of each row: `lines`, or `first` and those after it."""

    sql: str
    args: dict[str, str]
    typed: bool
    first: int
    lines: Sequence[int] | None = None
    text: TextFile | None = None


def ingest(connection: duckdb.DuckDBPyConnection, plan: Plan, table: str) -> Text:
    """Read the files of `table`; no rows where it has none.

    Raises
    ------
    CrmlabError : a fault of a file (a ragged row, bytes that cannot be read, a formula without its value …), or an expression of
        mapping.yaml that does not run.
    """
    mapping = plan.mapping.table(table)
    columns = sorted(plan.present(table)) + plan.unknown(table)
    store, hidden = f"text_{table}", ["_per", "_by"] if mapping.keep else []
    _create(connection, store, hidden + columns)
    rows, begins, copies = 0, {}, []
    with tempfile.TemporaryDirectory(dir=_scratch(connection)) as scratch:
        for source in plan.sources.get(table, []):
            begins[source.name] = rows
            after = _append(connection, store, source, plan, Path(scratch), rows)
            if source.name in plan.copies:
                copies.append((rows, after, rows - begins[plan.copies[source.name]]))
            rows = after
    times = [c.name for c in CONTRACT[table].columns if c.kind in ("date", "time") and c.name in columns]
    to_wall_clock(connection, store, times + hidden[1:], plan.mapping.time_zone, mapping.dates)
    if mapping.keep:
        _keep_last(connection, store, plan, table, copies)
    view = f"{store}_rows"
    listed = "".join(f", {quoted(c)}" for c in columns)
    connection.execute(
        f"create or replace temp view {view} as select rowid as _row, _file, {LINE}{listed} from {store} where _keep"
    )
    if not (mapping.where or mapping.keep):
        return Text(view, columns, rows, 0, copies)
    kept = connection.execute(f"select count(*) from {view}").fetchall()[0][0]
    left_out = f"{store}_left_out"
    connection.execute(
        f"create or replace temp view {left_out} as select {listed.removeprefix(', ')} from {store} where not _keep"
    )
    return Text(view, columns, rows, rows - kept, copies, left_out if kept < rows else "")


def _create(connection: duckdb.DuckDBPyConnection, name: str, columns: list[str]) -> None:
    cells = "".join(f", {quoted(c)} varchar" for c in columns)
    connection.execute(
        f"create or replace temp table {name} (_file varchar, _shift bigint, _keep boolean{cells})"
    )


def _scratch(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Where DuckDB puts what does not fit into memory, if that is there; files written anew go there as well."""
    folder = connection.execute("select current_setting('temp_directory')").fetchall()[0][0]
    return folder if folder and Path(folder).is_dir() else None


def _append(
    connection: duckdb.DuckDBPyConnection, store: str, source: Source, plan: Plan, scratch: Path, before: int
) -> int:
    """Add one file to `store`, which has `before` rows; the number of rows then."""
    mapping = plan.mapping.table(source.table)
    if not mapping.unpivot:
        return before + _load(connection, store, source, plan, scratch, before, [])
    columns = [*source.matched.known, *source.matched.unknown, *mapping.constants, *mapping.sql]
    answers = [f"_answer_{n}" for n in range(len(source.melted))]
    _create(connection, "wide", columns + answers)
    _load(connection, "wide", source, plan, scratch, 0, answers)
    markers = plan.mapping.null_markers
    made = unpivot(connection, "wide", store, source.melted, columns, mapping.unpivot, before, markers)
    connection.execute("drop table wide")
    return before + made


def _load(
    connection: duckdb.DuckDBPyConnection,
    store: str,
    source: Source,
    plan: Plan,
    scratch: Path,
    before: int,
    answers: list[str],
) -> int:
    """Add one file to `store`, which has `before` rows, cell by cell; how many rows it has."""
    import duckdb

    scan, added = _scan(source, scratch, plan.mapping.table(source.table).decimal), None
    while added is None:
        ends = count_lines(scan.text) if scan.text else 0  # first: it knows a broken archive, or a bomb
        try:
            added = _insert(connection, store, source, plan, scan, before, answers)
        except duckdb.Error as error:
            if out_of_space(error):
                raise
            if _readable(connection, source, scan):
                _try_expressions(connection, plan, source, scan, "select count({x}) from {scan}")
            if not scan.text or scan.lines is not None:
                said = str(error).splitlines()[0]
                raise CrmlabError(
                    f"{source.name}: not readable as {source.export.suffix[1:]} ({said})"
                ) from None
            scan = _scan_of(mended(scan.text, scratch))
    lines = scan.lines
    if scan.text and lines is None and ends != source.header_lines - scan.text.skipped + added:
        lines = [line for line, _ in records(scan.text)]
    if lines is not None:
        _set_lines(connection, store, source, before, added, lines)
    return added


def _scan(source: Source, scratch: Path, decimal: str) -> _Scan:
    if source.export.suffix in TEXT:
        return _scan_of(text_file(source, scratch))
    path = source.path
    if source.export.suffix in WORKBOOK:
        from crmlab.clean.reading import workbook

        path = scratch / "sheet.parquet"
        lines = workbook.as_parquet(source, path, decimal)
        return _Scan(_PARQUET, {"path": literal(path)}, False, source.header_lines + 1, lines)
    if source.export.member:
        path = scratch / "member.parquet"
        with source.export.open() as packed, path.open("wb") as out:
            shutil.copyfileobj(packed, out)
    return _Scan(_PARQUET, {"path": literal(path)}, True, 1)


def _scan_of(file: TextFile) -> _Scan:
    sql, args = file.scan
    return _Scan(sql, args, False, file.source.header_lines + 1, file.lines, file)


def _insert(
    connection: duckdb.DuckDBPyConnection,
    store: str,
    source: Source,
    plan: Plan,
    scan: _Scan,
    before: int,
    answers: list[str],
) -> int:
    mapping = plan.mapping.table(source.table)
    args = {**scan.args, "zone": plan.mapping.time_zone}
    picked = {c: quoted(h) for c, h in {**source.matched.known, **source.matched.unknown}.items()}
    picked |= dict(zip(("_per", "_by"), map(quoted, source.logged or ()), strict=False))
    picked |= dict(zip(answers, map(quoted, source.melted), strict=True))
    if mapping.where or mapping.sql:
        _try_expressions(connection, plan, source, scan, "select {x} from {scan} limit 0")
    picked |= {c: f"({e})" for c, e in mapping.sql.items()}
    cells = picked
    if scan.typed or mapping.sql:
        listed = ", ".join(f"{x} as {quoted(c)}" for c, x in picked.items())
        described = _execute(connection, f"describe select {listed} from {scan.sql}", args).fetchall()
        cells = as_text({c: (picked[c], kind) for c, kind, *_ in described}, "$zone", mapping.decimal)
    for n, (column, value) in enumerate(mapping.constants.items()):
        cells[column] = f"$constant_{n}"
        args[f"constant_{n}"] = value
    args |= {"file": source.name, "shift": scan.first - before}
    where = _kept(mapping.where) if mapping.where else "true"
    return _execute(
        connection,
        f"insert into {store} by name select $file as _file, $shift as _shift, {where} as _keep, "
        f"{', '.join(f'{x} as {quoted(c)}' for c, x in cells.items())} from {scan.sql}",
        args,
    ).fetchall()[0][0]


def _execute(connection: duckdb.DuckDBPyConnection, sql: str, args: dict) -> duckdb.DuckDBPyConnection:
    return connection.execute(sql, {k: v for k, v in args.items() if f"${k}" in sql})


def _try_expressions(
    connection: duckdb.DuckDBPyConnection, plan: Plan, source: Source, scan: _Scan, select: str
) -> None:
    """Run `select` with each expression of mapping.yaml in the place of `{x}`; CrmlabError names the one that fails."""
    import duckdb

    mapping = plan.mapping.table(source.table)
    where = {"where": mapping.where} if mapping.where else {}
    for key, expression in {**{f"sql.{c}": e for c, e in mapping.sql.items()}, **where}.items():
        x = _kept(expression) if key == "where" else f"({expression})"
        try:
            _execute(connection, select.replace("{x}", x).replace("{scan}", scan.sql), scan.args).fetchall()
        except duckdb.Error as error:
            raise CrmlabError(
                f"mapping.yaml, tables.{source.table}.{key}: {expression} does not run: {str(error).splitlines()[0]}. "
                "Headers stand as in the file, in double quotes where they hold spaces; the cells of a CSV are text, "
                "and try_cast gives null where cast fails"
            ) from None


def _kept(where: str) -> str:
    return f"coalesce(({where}), false)"


def _readable(connection: duckdb.DuckDBPyConnection, source: Source, scan: _Scan) -> bool:
    """Every cell that is read can be read."""
    import duckdb

    headers = [*source.matched.known.values(), *source.matched.unknown.values(), *source.melted]
    counts = ", ".join(f"count({quoted(h)})" for h in headers) or "count(*)"
    try:
        _execute(connection, f"select {counts} from {scan.sql}", scan.args)
    except duckdb.Error:
        return False
    return True


def _set_lines(
    connection: duckdb.DuckDBPyConnection,
    store: str,
    source: Source,
    before: int,
    added: int,
    lines: Sequence[int],
) -> None:
    """State the line of every row of a file in which rows span several lines, or empty lines lie between rows."""
    import pyarrow as pa

    if len(lines) != added:
        raise CrmlabError(
            f"{source.name}: {added} rows as read, {len(lines)} by its quotes; a quote is not closed or not doubled"
        )
    shifts = pa.table(
        {
            "row": pa.array(range(before, before + added), pa.int64()),
            "shift": pa.array([line - n for n, line in enumerate(lines, before)], pa.int64()),
        }
    )
    connection.register("shifts", shifts)
    connection.execute(
        f"update {store} set _shift = shifts.shift from shifts where {store}.rowid = shifts.row"
    )
    connection.unregister("shifts")


def _keep_last(
    connection: duckdb.DuckDBPyConnection,
    store: str,
    plan: Plan,
    table: str,
    copies: list[tuple[int, int, int]],
) -> None:
    """Leave the last row of each thing, judged without the files that are copies; a copied row goes where its original goes."""
    for first, end, _ in copies:
        connection.execute(f"update {store} set _keep = false where rowid >= {first} and rowid < {end}")
    mapping = plan.mapping.table(table)
    keep_last(
        connection,
        store,
        mapping.keep,
        table=table,
        dates=mapping.dates,
        decimal=mapping.decimal,
        null_markers=plan.mapping.null_markers,
    )
    for first, end, shift in copies:
        connection.execute(
            f"update {store} set _keep = original._keep from {store} original "
            f"where {store}.rowid >= {first} and {store}.rowid < {end} and original.rowid = {store}.rowid - {shift}"
        )
