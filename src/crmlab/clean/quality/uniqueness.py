"""How far the key of a table names one row."""

from __future__ import annotations

from crmlab.clean.judging.judge import Judged
from crmlab.engine import DuckDB

_NAMED = {"sales": "order_id + order_line"}
"""Keys that `clean` makes of exported columns."""


def uniqueness(engine: DuckDB, judged: Judged) -> dict:
    """One row of outputs.UNIQUENESS: rows that repeat a key, which of these are the same in every cell, rows without a key of their own."""
    table = judged.table
    inputs = {"judged": judged.rows, "rejected": judged.rejected}
    key = _NAMED.get(table.name, " + ".join(table.key))
    row = {"table": table.name, "key": key, "repeated": 0, "copies": 0, "example": None}
    if judged.fates["duplicate"]:
        [(row["repeated"], row["copies"])] = engine.rows(_repeated(judged), inputs)
        first = f"select concat(j._file, ':', j._line::varchar, ' ', r.why) as said {_ASIDE} order by j._row limit 1"
        [(row["example"],)] = engine.rows(first, inputs)
    return row | {"unnumbered": _unnumbered(engine, judged)}


_ASIDE = "from judged j join rejected r on r._row = j._row where r.fate = 'duplicate'"


def _repeated(judged: Judged) -> str:
    """How many rows were set aside as duplicates, and how many of them hold nothing else than the row that stays."""
    table = judged.table
    columns = [c.name for c in table.columns if c.kind != "private"]
    same = " and ".join(f"coalesce(t.{c}::varchar, '') = coalesce(k.{c}::varchar, '')" for c in columns)
    parts = [
        f"coalesce({{row}}.{c}, '')" if table.column(c).kind == "choice" else f"{{row}}.{c}"
        for c in table.key
    ]
    keys = " and ".join(f"{part.format(row='k')} = {part.format(row='t')}" for part in parts)
    return f"""
        with aside as (select j.*, r.why {_ASIDE}),
        kept as (
            select k.*
            from judged k
            semi join aside t on {keys}
            anti join rejected r on r._row = k._row
        )
        select
            count(*)::bigint as n,
            (count(*) filter (where starts_with(t.why, 'copy of ') or ({same})))::bigint as copies
        from aside t
        left join kept k on {keys}
    """


def _unnumbered(engine: DuckDB, judged: Judged) -> int:
    """Rows whose key is their place in the file, because the export gives them none; tables that nobody numbers are left out."""
    table, key = judged.table, judged.table.key[0]
    if table.column(key).required or (table.column(key) in table.derived and table.name not in _NAMED):
        return 0
    place = f"contains(j.{key}, ':') and j.{key} = concat(j._file, ':', j._line::varchar)"
    sql = f"select (count(*) filter (where {place}))::bigint as n from judged j"
    return engine.rows(sql, {"judged": judged.rows})[0][0]
