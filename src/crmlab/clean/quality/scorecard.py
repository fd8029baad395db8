"""The figures of the quality page: what was exported, what could be read, what was set aside and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from crmlab.clean import parquet
from crmlab.clean.judging.as_of import DATED, report_month
from crmlab.clean.judging.judge import Judged
from crmlab.clean.outputs import OUTPUTS
from crmlab.clean.people.scrub import people_join, scrubbed
from crmlab.clean.quality.freshness import freshness
from crmlab.clean.quality.needs import gaps
from crmlab.clean.quality.uniqueness import uniqueness
from crmlab.clean.quality.volume import months
from crmlab.clean.reading.plan import Plan
from crmlab.engine import DuckDB
from crmlab.tables import CONTRACT, Table

if TYPE_CHECKING:
    from crmlab.clean.judging.withheld import Usable

HERE = Path(__file__).parent

REFERENCES = (
    ("tickets", "customer_id", "customers"),
    ("tickets", "serial_no", "machines"),
    ("visits", "ticket_id", "tickets"),
    ("ticket_parts", "ticket_id", "tickets"),
    ("ticket_parts", "part_no", "parts"),
    ("customers", "parent_id", "customers"),
    ("machines", "customer_id", "customers"),
    ("contracts", "customer_id", "customers"),
    ("contracts", "renewed_contract_id", "contracts"),
    ("sales", "customer_id", "customers"),
    ("sales", "product_id", "products"),
    ("complaints", "customer_id", "customers"),
    ("complaints", "ticket_id", "tickets"),
    ("surveys", "customer_id", "customers"),
    ("surveys", "ticket_id", "tickets"),
    ("interactions", "customer_id", "customers"),
    ("payments", "customer_id", "customers"),
    ("quotes", "customer_id", "customers"),
    ("service_plan", "customer_id", "customers"),
    ("opportunities", "customer_id", "customers"),
    ("warranty_claims", "serial_no", "machines"),
    ("warranty_claims", "part_no", "parts"),
)
"""Columns that name a row of another table by its key."""
_DAYS = {
    "customers": ("created_at",),
    "machines": ("installed_at",),
    "contracts": ("signed_at", "start_at"),
    "payments": ("paid_at", "due_at"),
    "service_plan": ("done_at", "planned_for"),
}
"""Of tables whose rows do not say when they became known: the columns that come nearest, the first exported one counts."""


def write(
    engine: DuckDB,
    plan: Plan,
    kept: Usable,
    counts: Mapping[str, dict],
    out: Path,
    today: date,
) -> dict[str, list[dict]]:
    """Write the tables of outputs.OUTPUTS that hold figures; their rows by table.

    A table that is withheld has its row counts, files and reasons; in all else it counts as not exported.

    Parameters
    ----------
    counts : the row counts of each table of the contract (write.write_tables).
    out : data/processed/clean, where the clean tables lie already.
    today : the as-of day.
    """
    present = {name: kept.layout.present(name) for name in kept.layout.sources}
    judged = kept.judged
    exported = {name: table for name, table in judged.items() if name in present}
    keys = {name: uniqueness(engine, table) for name, table in exported.items()}
    by_day = {name: days(engine, out, CONTRACT[name], present[name]) for name in exported}
    found = {
        "row_counts": [{"table": name, **counts[name]} for name in CONTRACT],
        "quality": [
            row
            for n, table in exported.items()
            for row in quality(engine, table, present[n], keys[n]["unnumbered"])
        ],
        "uniqueness": list(keys.values()),
        "orphans": orphans(engine, out, present),
        "freshness": [
            {"table": n, "column": column, **asdict(freshness(rows, today, n in DATED))}
            for n, (column, rows) in by_day.items()
        ],
        "volume": [
            {"table": n, **asdict(month)}
            for n, (_, rows) in by_day.items()
            for month in months(rows, report_month(today), n in DATED)
        ],
        "files": [
            row for n, table in judged.items() if n in plan.sources for row in files(engine, plan, table)
        ],
        "quarantine_reasons": [row for table in judged.values() for row in reasons(engine, table)],
        "gaps": [{"n": n, **asdict(gap)} for n, gap in enumerate(gaps(present), 1)],
    }
    for name, rows in found.items():
        parquet.write_rows(engine, out / f"{name}.parquet", OUTPUTS[name], rows)
    return found


def summary(found: Mapping[str, list[dict]]) -> dict[str, dict]:
    """What `write` found, in four figures per exported table: for reports/metrics/clean.json.

    completeness, validity : of the cells of its exported columns.
    behind : days from its last day to the as-of day.
    breaks : months that are missing, too low, too high or of another level.
    """
    told = {}
    for fresh in found["freshness"]:
        cells = [q for q in found["quality"] if q["table"] == fresh["table"] and q["exported"]]
        filled, unreadable = (sum(q[c] for q in cells) for c in ("filled", "unreadable"))
        rows = sum(q["rows"] for q in cells)
        verdicts = [m["verdict"] for m in found["volume"] if m["table"] == fresh["table"]]
        told[fresh["table"]] = {
            "completeness": filled / rows if rows else None,
            "validity": 1 - unreadable / filled if filled else None,
            "behind": fresh["behind"],
            "breaks": sum(v not in ("", "filling") for v in verdicts),
        }
    return told


def quality(engine: DuckDB, judged: Judged, present: set[str], unnumbered: int) -> list[dict]:
    """One row per column: how many cells are filled, how many of them could not be read.

    `unnumbered` rows have their place in the file in the place of a key (uniqueness.py): that cell was empty.
    """
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
        read_ -= unnumbered if column.name == table.key[0] else 0
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
                "examples": _examples(engine, judged, column.name) if bad else None,
            }
        )
    return rows


def _examples(engine: DuckDB, judged: Judged, column: str) -> str:
    table, exported = judged.table, judged.text.columns
    found = engine.rows(
        f"""
        with marked as (
            select j._row from judged j where contains(concat(',', j.unreadable, ','), $marked)
        ),
        cells as (
            select {scrubbed(f"x.{column}", table, exported, "p.")} as cell, x._row,
                concat(x._file, ':', x._line::varchar) as place
            from text x
            join marked m on m._row = x._row
            {people_join(table, exported, "x", "marked")}
        ),
        firsts as (
            select cell, place, _row, row_number() over (partition by cell order by _row) as n from cells
        )
        select cell, place from firsts where n = 1 order by _row limit 3
        """,
        {"judged": judged.rows, "text": judged.source},
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


def days(engine: DuckDB, out: Path, table: Table, present: set[str]) -> tuple[str | None, dict[date, int]]:
    """The column that says when a row became known, or comes nearest, and the clean rows by its day."""
    candidates = (table.dated,) if table.dated else _DAYS.get(table.name, ())
    column = next((c for c in candidates if c in present), None)
    if column is None:
        return None, {}
    sql = (
        f"select c.{column}::date as day, count(*)::bigint as n from clean c "
        f"where c.{column} is not null group by c.{column}::date"
    )
    return column, dict(engine.rows(sql, {"clean": out / f"{table.name}.parquet"}))


def files(engine: DuckDB, plan: Plan, judged: Judged) -> list[dict]:
    """What became of the rows of each file, and the days it covers; a file without rows is there, too."""
    sql = """
        select
            j._file as file,
            count(*)::bigint as n,
            (count(*) filter (where r.fate is null))::bigint as clean,
            (count(*) filter (where r.fate = 'quarantined'))::bigint as quarantined,
            (count(*) filter (where r.fate = 'duplicate'))::bigint as duplicates,
            (count(*) filter (where r.fate = 'filtered'))::bigint as filtered,
            (count(*) filter (where r.fate = 'unusable'))::bigint as unusable,
            (min(j.dated_at) filter (where r.fate is null))::date as first_day,
            (max(j.dated_at) filter (where r.fate is null))::date as last_day
        from judged j
        left join rejected r on r._row = j._row
        group by j._file
    """
    names = [c.name for c in OUTPUTS["files"].kept[1:]]
    found = engine.rows(sql, {"judged": judged.rows, "rejected": judged.rejected})
    listed = {row[0]: dict(zip(names, row, strict=True)) for row in found}
    for source in plan.sources[judged.table.name]:
        listed.setdefault(
            source.name, {n: None if n.endswith("_day") else 0 for n in names} | {"file": source.name}
        )
    return [{"table": judged.table.name, **row} for row in listed.values()]


def orphans(engine: DuckDB, out: Path, present: Mapping[str, set[str]]) -> list[dict]:
    """References that the table they point to does not know, between exported tables."""
    rows = []
    for table, column, to in REFERENCES:
        if to not in present or column not in present.get(table, ()):
            continue
        key, known = CONTRACT[to].key[0], "where known" if to == "customers" else ""
        sql = f"""
            select
                count(c.{column})::bigint as n, (count(c.{column}) - count(k.{key}))::bigint as orphans,
                min(c.{column}) filter (where k.{key} is null) as example
            from clean c
            left join (select distinct {key} from other {known}) k on k.{key} = c.{column}
        """
        [(n, lost, example)] = engine.rows(
            sql, {"clean": out / f"{table}.parquet", "other": out / f"{to}.parquet"}
        )
        rows.append(
            {
                "table": table,
                "column": column,
                "refers_to": to,
                "rows": n,
                "orphans": lost,
                "example": example,
            }
        )
    return rows
