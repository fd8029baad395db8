"""Parquet files that pandas reads back in the types of the contract, the same bytes on every run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab import files
from crmlab.clean.judging.typed import SQL_TYPES
from crmlab.engine import DuckDB
from crmlab.schemas import checked
from crmlab.tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

_STORED = {
    "date": ("timestamp[ms]", "datetime", "datetime64[ms]"),
    "time": ("timestamp[us]", "datetime", "datetime64[us]"),
    "money": ("int64", "int64", "Int64"),
    "count": ("int64", "int64", "Int64"),
    "number": ("float64", "float64", "Float64"),
    "flag": ("bool", "bool", "boolean"),
}
_TEXT = ("string", "unicode", "string")
"""Arrow's, pandas' and numpy's name of a column's type."""


def schema(table: Table, extra: Iterable[str] = ()) -> pa.Schema:
    """The Arrow schema of `table` and of `extra` text columns, with what pandas needs to know of it."""
    import pyarrow as pa

    columns = {c.name: _STORED.get(c.kind, _TEXT) for c in table.kept} | dict.fromkeys(extra, _TEXT)
    known = [
        {"name": n, "field_name": n, "pandas_type": p, "numpy_type": numpy, "metadata": None}
        for n, (_, p, numpy) in columns.items()
    ]
    pandas = {"columns": known, "index_columns": [], "column_indexes": [], "pandas_version": "2.3.0"}
    types = [(n, pa.type_for_alias(arrow)) for n, (arrow, _, _) in columns.items()]
    return pa.schema(types, {"pandas": json.dumps(pandas)})


def write(
    path: Path, batches: Iterable[pa.RecordBatch], target: pa.Schema, table: Table | None = None
) -> int:
    """Write batches in their order; the number of rows. What `table` does not allow is never written (schemas.checked)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, written = 0, None
    parts = (pa.Table.from_batches([batch]).select(target.names).cast(target) for batch in batches)
    with (
        files.atomic(path) as draft,
        pq.ParquetWriter(draft, target, compression="zstd") as writer,
        ThreadPoolExecutor(1) as other,  # packs one batch while the next is fetched
    ):
        for part in checked(table, parts) if table else parts:
            if written:
                written.result()
            written = other.submit(writer.write_table, part)
            rows += part.num_rows
        if written:
            written.result()
    return rows


def write_rows(engine: DuckDB, path: Path, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write the rows of a small table, sorted by its key."""
    ordered = sorted(rows, key=lambda row: [row[k] for k in table.key])
    columns = {f'"{c.name}"': [row[c.name] for row in ordered] for c in table.kept}
    types = {f'"{c.name}"': SQL_TYPES[c.kind] for c in table.kept if c.kind in SQL_TYPES}
    made = engine.make(columns, types)
    write(path, engine.stream("select * from made", {"made": made}), schema(table))
