"""Runs the .sql steps: bare SELECTs in DuckDB's dialect that read named inputs and take named parameters.

A step names its inputs as if they were tables (`from tickets`) and its values as `$name`; nothing is formatted into
its text. Inputs are Parquet files, results of earlier steps, columns made in Python, or other SELECTs, which are
then part of the same statement.

Example
-------
>>> engine = Engine()
>>> calls = engine.make({"branch": ["杭州", "宁波", "杭州"]})
>>> engine.rows("select branch, count(*)::bigint as n from calls group by branch order by n", {"calls": calls})
[('宁波', 1), ('杭州', 2)]
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmlab.files import CrmlabError

if TYPE_CHECKING:
    import pyarrow as pa

ENGINES = ("duckdb", "spark")
_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")


def literal(path: Path) -> str:
    """A path as DuckDB must be given it to read that file, for it takes `[`, `*` and `?` for a pattern.

    >>> literal(Path("export[1].csv"))
    'export[[]1].csv'
    """
    return re.sub(r"([\[*?])", r"[\1]", str(path))


@dataclass(frozen=True)
class Relation:
    """A table that an engine holds, by the name it has there."""

    name: str


@cache
def read_sql(path: Path) -> str:
    """The statement in a .sql file."""
    return path.read_text(encoding="utf-8").strip().removesuffix(";")


Sql = str | Path
Input = Relation | Path | Sql


def Engine(name: str = "duckdb", **settings: Any) -> DuckDB | Spark:
    """The engine called `name`. Raises CrmlabError when there is none of that name, or when it is not installed."""
    if name == "duckdb":
        return DuckDB(**settings)
    if name == "spark":
        return Spark(**settings)
    raise CrmlabError(f"engine: {name!r} is not one of {', '.join(ENGINES)}")


class DuckDB:
    """Steps on DuckDB, in this process.

    Parameters
    ----------
    threads : how many; default all cores.
    scratch : a folder for what does not fit into memory; default none.
    memory : what tables may take of it, as DuckDB writes it; the process takes a few hundred MB more.
    """

    name = "duckdb"

    def __init__(self, threads: int | None = None, scratch: Path | None = None, memory: str | None = None):
        import duckdb

        self.version = duckdb.__version__
        self.connection = duckdb.connect()
        if threads:
            self.connection.execute("set threads = ?", [threads])
        if scratch:
            self.connection.execute("set temp_directory = ?", [str(scratch)])
        if memory:
            self.connection.execute("set memory_limit = ?", [memory])
        self._made = 0
        self._views: dict[str, Relation | Path] = {}

    def run(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> Relation:
        """The result of one step, held for later steps."""
        result = self._fresh()
        self._execute(f"create temp table {result.name} as\n", sql, inputs, args)
        return result

    def rows(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> list[tuple]:
        """The rows of a small result."""
        return self._execute("", sql, inputs, args).fetchall()

    def stream(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> pa.RecordBatchReader:
        """A result in Arrow batches, in its own order."""
        text = self._prepare(sql, inputs)
        return self.connection.sql(text, params=used(text, args or {})).to_arrow_reader(122_880)

    def make(self, columns: Mapping[str, list], types: Mapping[str, str] | None = None) -> Relation:
        """A small table from lists; text unless `types` gives an SQL type."""
        types = {**dict.fromkeys(columns, "varchar"), **(types or {})}
        listed = ", ".join(f"unnest(($column_{n})::{types[c]}[]) as {c}" for n, c in enumerate(columns))
        result = self._fresh()
        values = {f"column_{n}": list(v) for n, v in enumerate(columns.values())}
        self.connection.execute(f"create temp table {result.name} as select {listed}", values)
        return result

    def drop(self, *relations: Relation) -> None:
        """Forget results that no step needs any more."""
        for relation in relations:
            self.connection.execute(f"drop table {relation.name}")
            self._views = {name: what for name, what in self._views.items() if what != relation}

    def adopt(self, view: str) -> Relation:
        """A table or view of `connection` as a relation."""
        return Relation(view)

    def count(self, relation: Relation) -> int:
        """Rows of a relation."""
        return self.connection.table(relation.name).count("*").fetchall()[0][0]

    def _fresh(self) -> Relation:
        self._made += 1
        return Relation(f"step_{self._made}")

    def _execute(self, verb: str, sql: Sql, inputs: Mapping[str, Input] | None, args: Mapping | None):
        text = self._prepare(sql, inputs)
        return self.connection.execute(verb + text, used(text, args or {}))

    def _prepare(self, sql: Sql, inputs: Mapping[str, Input] | None) -> str:
        text, named = compose(sql, inputs or {})
        for name, what in named.items():
            if isinstance(what, Relation) and self._views.get(name) == what:
                continue
            self._views[name] = what
            source = what.name
            if isinstance(what, Path):
                quoted = literal(what).replace("'", "''")
                source = f"read_parquet('{quoted}', hive_partitioning = false)"
            self.connection.execute(f'create or replace view "{name}" as from {source}')
        return text


class Spark:
    """The same steps on Apache Spark: sqlglot carries them over, results are Parquet files in `scratch`.

    For companies that outgrow a machine; on one machine it is slower than DuckDB. Files are still read by DuckDB (`connection`).
    `threads` and `memory` are those of Spark's local master; a cluster's own configuration goes before them.
    """

    name = "spark"

    def __init__(self, threads: int | None = None, scratch: Path | None = None, memory: str | None = None):
        try:
            import pyspark
            import sqlglot  # noqa: F401
            from pyspark.errors import PySparkRuntimeError
            from pyspark.sql import SparkSession
        except ImportError:
            raise CrmlabError(
                "engine: spark is not installed; run `pip install -e '.[spark]'`, or say engine: duckdb"
            ) from None
        self._reader = DuckDB(threads, scratch, memory)
        self.connection = self._reader.connection
        self.version = pyspark.__version__
        self.scratch = Path(scratch or tempfile.mkdtemp())
        settings = {
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.ansi.enabled": "true",
            "spark.sql.shuffle.partitions": "8",
            "spark.sql.execution.arrow.pyspark.enabled": "true",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.log.level": "ERROR",
        }
        builder = SparkSession.builder.master(f"local[{threads or '*'}]").appName("crmlab")
        for key, value in settings.items():
            builder = builder.config(key, value)
        try:
            self.session = builder.getOrCreate()
        except PySparkRuntimeError as error:
            raise CrmlabError(
                f"engine: spark does not start ({error}); it needs Java 17 or later, see JAVA_HOME. Or say engine: duckdb"
            ) from None
        self._made = 0

    def run(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> Relation:
        """The result of one step, held for later steps."""
        result = self._fresh()
        self._frame(sql, inputs, args).write.parquet(str(self._path(result)))
        return result

    def rows(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> list[tuple]:
        """The rows of a small result."""
        return [tuple(row) for row in self._frame(sql, inputs, args).collect()]

    def stream(
        self, sql: Sql, inputs: Mapping[str, Input] | None = None, args: Mapping | None = None
    ) -> pa.RecordBatchReader:
        """A result in Arrow batches, in its own order."""
        return self._frame(sql, inputs, args).toArrow().to_reader(122_880)

    def make(self, columns: Mapping[str, list], types: Mapping[str, str] | None = None) -> Relation:
        """A small table from lists; text unless `types` gives an SQL type."""
        return self.adopt(self._reader.make(columns, types).name)

    def drop(self, *relations: Relation) -> None:
        """Forget results that no step needs any more."""
        for relation in relations:
            shutil.rmtree(self._path(relation), ignore_errors=True)

    def adopt(self, view: str) -> Relation:
        """A table or view of `connection` as a relation."""
        result = self._fresh()
        self._path(result).mkdir()
        self.connection.table(view).write_parquet(str(self._path(result) / "text.parquet"))
        return result

    def count(self, relation: Relation) -> int:
        """Rows of a relation."""
        return self.session.read.parquet(str(self._path(relation))).count()

    def _fresh(self) -> Relation:
        self._made += 1
        return Relation(f"step_{self._made}")

    def _path(self, relation: Relation) -> Path:
        return self.scratch / relation.name

    def _frame(self, sql: Sql, inputs: Mapping[str, Input] | None, args: Mapping | None):
        import sqlglot

        text, named = compose(sql, inputs or {})
        for name, what in named.items():
            path = what if isinstance(what, Path) else self._path(what)
            self.session.read.parquet(str(path)).createOrReplaceTempView(name)
        spoken = sqlglot.transpile(
            text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
        )[0]
        return self.session.sql(spoken, args=used(text, args or {}))


def compose(sql: Sql, inputs: Mapping[str, Input]) -> tuple[str, dict[str, Relation | Path]]:
    """One statement from a step and those of its inputs that are SELECTs themselves; the other inputs, by name."""
    text = read_sql(sql) if isinstance(sql, Path) else sql
    selects = {
        n: i for n, i in inputs.items() if isinstance(i, str) or (isinstance(i, Path) and i.suffix == ".sql")
    }
    named = {n: i for n, i in inputs.items() if n not in selects}
    if not selects:
        return text, named
    parts = [f"{n} as (\n{read_sql(s) if isinstance(s, Path) else s}\n)" for n, s in selects.items()]
    return f"with {', '.join(parts)}\nselect * from (\n{text}\n)", named


def used(text: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that `text` names, for an engine refuses any other."""
    return {name: args[name] for name in sorted(set(_PARAMETER.findall(text)))}
