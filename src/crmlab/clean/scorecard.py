"""The figures of the quality page: what was exported, what could be read, what was set aside and why."""

from __future__ import annotations

from pathlib import Path

from crmlab.clean.judge import DATED, HERE, Judged
from crmlab.clean.typed import read
from crmlab.engine import DuckDB

REFERENCES = (
    ("tickets", "customer_id", "customers"),
    ("tickets", "serial_no", "machines"),
    ("visits", "ticket_id", "tickets"),
    ("ticket_parts", "ticket_id", "tickets"),
    ("machines", "customer_id", "customers"),
    ("contracts", "customer_id", "customers"),
    ("sales", "customer_id", "customers"),
    ("sales", "product_id", "products"),
)
"""Columns that name a row of another table."""
_MONTHS = {
    **DATED,
    "visits": "arrived_at",
    "contracts": "start_at",
    "machines": "installed_at",
    "customers": "created_at",
}


def quality(engine: DuckDB, judged: Judged, present: set[str]) -> list[dict]:
    """One row per column: how many cells are filled, how many of them could not be read."""
    table = judged.table
    columns = [c for c in table.columns if c.kind != "private"]
    inputs = {"judged": judged.rows, "rejected": judged.rejected, "text": judged.source}
    counts = ", ".join(f"count(j.{c.name})::bigint as {c.name}" for c in columns)
    kept = "from judged j anti join (select _row from rejected where fate = 'filtered') f on f._row = j._row"
    [(total, *filled)] = engine.rows(f"select count(*)::bigint as total, {counts} {kept}", inputs)
    unreadable: dict[str, int] = {}
    for names, n in engine.rows(
        f"select j.unreadable, count(*)::bigint as n {kept} where j.unreadable <> '' group by j.unreadable",
        inputs,
    ):
        for name in names.split(","):
            unreadable[name] = unreadable.get(name, 0) + n
    rows = []
    for column, read_ in zip(columns, filled, strict=True):
        bad = unreadable.get(column.name, 0)
        exported = column.name in present
        rows.append(
            {
                "table": table.name,
                "column": column.name,
                "exported": exported,
                "rows": total,
                "filled": read_ + bad if exported else 0,
                "unreadable": bad,
                "completeness": (read_ + bad) / total if total and exported else None,
                "validity": read_ / (read_ + bad) if exported and read_ + bad else None,
                "examples": _examples(engine, inputs, column.name) if bad else None,
            }
        )
    return rows


def _examples(engine: DuckDB, inputs: dict, column: str) -> str:
    found = engine.rows(
        f"""
        with cells as (
            select {read("scrub", f"x.{column}")} as cell, x._row, concat(x._file, ':', x._line::varchar) as place
            from judged j
            join text x on x._row = j._row
            where contains(concat(',', j.unreadable, ','), $marked)
        ),
        firsts as (
            select cell, place, _row, row_number() over (partition by cell order by _row) as n from cells
        )
        select cell, place from firsts where n = 1 order by _row limit 3
        """,
        inputs,
        {"marked": f",{column},"},
    )
    return "; ".join(f"{cell!r} ({place})" for cell, place in found)


def reasons(engine: DuckDB, judged: Judged) -> list[dict]:
    """Why rows were quarantined, most frequent first."""
    if not judged.fates["quarantined"]:
        return []
    found = engine.rows(HERE / "reasons.sql", {"judged": judged.rows, "rejected": judged.rejected})
    return [
        {"table": judged.table.name, "column": column, "reason": reason, "n": n, "example": example}
        for column, reason, n, example in found
    ]


def volume(engine: DuckDB, out: Path, exported: set[str]) -> list[dict]:
    """Clean rows per table and month."""
    rows = []
    for table, column in _MONTHS.items():
        if table not in exported:
            continue
        sql = f"""
            select left(({column})::date::varchar, 7) as month, count(*)::bigint as n
            from clean where {column} is not null group by left(({column})::date::varchar, 7)
        """
        found = engine.rows(sql, {"clean": out / f"{table}.parquet"})
        rows += [{"table": table, "month": month, "rows": n} for month, n in found]
    return rows


def orphans(engine: DuckDB, out: Path, exported: set[str]) -> list[dict]:
    """References that the table they point to does not know, between exported tables."""
    rows = []
    for table, column, to in REFERENCES:
        if table not in exported or to not in exported:
            continue
        known = "where known" if to == "customers" else ""
        sql = f"""
            select count(c.{column})::bigint as n, (count(c.{column}) - count(k.{column}))::bigint as orphans
            from clean c
            left join (select distinct {column} from other {known}) k on k.{column} = c.{column}
        """
        [(n, lost)] = engine.rows(sql, {"clean": out / f"{table}.parquet", "other": out / f"{to}.parquet"})
        rows.append({"table": table, "column": column, "refers_to": to, "rows": n, "orphans": lost})
    return rows
