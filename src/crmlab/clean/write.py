"""What `clean` leaves behind: the tables of the contract, sorted by key, and the rows set aside."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crmlab.clean import parquet
from crmlab.clean.customers.aliases import NAMING
from crmlab.clean.judging.causes import cause_table
from crmlab.clean.judging.judge import Judged
from crmlab.clean.judging.kinds import read
from crmlab.clean.outputs import OUTPUTS
from crmlab.clean.people.scrub import people_join, scrubbed
from crmlab.clean.reading.ingest import quoted
from crmlab.clean.reading.plan import Plan
from crmlab.engine import DuckDB, Relation
from crmlab.tables import CLEAN, CONTRACT, TICKET_CAUSES

HERE = Path(__file__).parent

_NOTHING = {
    **dict.fromkeys(
        ("files", "raw", "clean", "quarantined", "duplicates", "filtered", "unusable", "derived"), 0
    ),
    "bad_share": None,
    "unknown_columns": None,
}
"""The counts of a table that is not exported."""


def write_tables(
    engine: DuckDB, plan: Plan, judged: dict[str, Judged], out: Path, step: Callable[[str], None]
) -> dict[str, dict]:
    """Write every clean table and every quarantine; the row counts by table (outputs.ROW_COUNTS).

    Raises
    ------
    AssertionError : a row is lost or counted twice, which no input may cause.
    """
    quarantine = {f"quarantine/{name}": OUTPUTS[f"quarantine/{name}"] for name in CONTRACT}
    for name, table in (CLEAN | quarantine).items():
        if name.removeprefix("quarantine/") not in judged:
            parquet.write(out / f"{name}.parquet", [], parquet.schema(table))
    counts = dict.fromkeys(CONTRACT, _NOTHING)
    for name in sorted(judged, key=lambda n: n == "customers"):  # it gathers the customers of all others
        step(f"{name}: writing")
        counts[name] = _write_table(engine, plan, judged, name, out)
    return counts


def _write_table(engine: DuckDB, plan: Plan, judged: dict[str, Judged], name: str, out: Path) -> dict:
    table, derived = judged[name], 0
    inputs = clean_inputs(engine, table)
    if name == "customers":
        named = {**inputs, "parties": _parties(engine, judged)}
        inputs["derived"] = engine.run(HERE / "derived_customers.sql", named)
        derived = engine.count(inputs["derived"])
    target = parquet.schema(CLEAN[name], table.extra_columns)
    written = parquet.write(
        out / f"{name}.parquet", engine.stream(clean_sql(table), inputs), target, CLEAN[name]
    )
    if name == "tickets":
        of_tickets = {"tickets": out / "tickets.parquet", "causes": inputs["causes"]}
        causes = engine.stream(HERE / "ticket_causes.sql", of_tickets)
        parquet.write(out / "ticket_causes.parquet", causes, parquet.schema(TICKET_CAUSES), TICKET_CAUSES)
    aside = engine.stream(
        quarantine_sql(table), {"judged": table.rows, "rejected": table.rejected, "text": table.source}
    )
    parquet.write(
        out / "quarantine" / f"{name}.parquet", aside, parquet.schema(OUTPUTS[f"quarantine/{name}"])
    )
    return _counts(plan, table, written - derived, derived)


def _counts(plan: Plan, table: Judged, clean: int, derived: int) -> dict:
    name, raw, found = table.table.name, table.text.raw, table.fates
    filtered = table.text.filtered + found["filtered"]
    accounted = clean + found["quarantined"] + found["duplicate"] + found["unusable"] + filtered
    if raw != accounted:
        raise AssertionError(f"{name}: {raw} rows read, {accounted} accounted")
    return {
        "files": len(plan.sources.get(name, [])),
        "raw": raw,
        "clean": clean,
        "quarantined": found["quarantined"],
        "duplicates": found["duplicate"],
        "filtered": filtered,
        "unusable": found["unusable"],
        "derived": derived,
        "bad_share": found["quarantined"] / (raw - filtered) if raw > filtered else None,
        "unknown_columns": ", ".join(plan.unknown(name)) or None,
    }


def clean_inputs(engine: DuckDB, judged: Judged) -> dict[str, Relation]:
    """What `clean_sql` reads, but for `derived`."""
    rows, text = judged.rows, judged.source
    if judged.ruled:
        rows, text = judged.ruled.rows, judged.ruled.extra
    causes = {"causes": _causes(engine, rows)} if judged.table.name == "tickets" else {}
    return {"judged": rows, "rejected": judged.rejected, "text": text, **causes}


def _causes(engine: DuckDB, tickets: Relation) -> Relation:
    cells = engine.rows(
        "select distinct cause_actual from judged where cause_actual is not null", {"judged": tickets}
    )
    types = {"cause_no": "bigint", "n_causes": "bigint"}
    return engine.make(cause_table(cell for (cell,) in cells), types)


def _parties(engine: DuckDB, judged: dict[str, Judged]) -> Relation:
    """`customer_id`, `customer_name` as the clean rows of other tables give them."""
    parts, inputs = [], {}
    for name in (n for n in NAMING if n in judged):
        named = any(c.name == "customer_name" for c in judged[name].table.columns)
        customer = "j.customer_name" if named else "cast(null as varchar)"
        parts.append(
            f"select j.customer_id, max({customer}) as customer_name from judged_{name} j "
            f"anti join rejected_{name} r on r._row = j._row group by j.customer_id"
        )
        rows = judged[name].ruled.rows if judged[name].ruled else judged[name].rows
        inputs |= {f"judged_{name}": rows, f"rejected_{name}": judged[name].rejected}
    if not parts:
        return engine.make({"customer_id": [], "customer_name": []})
    return engine.run("\nunion all\n".join(parts), inputs)


def quarantine_sql(judged: Judged) -> str:
    """The rows set aside, with their cells as exported but without persons.

    Reads `judged`, `rejected`, `text`.
    """
    table, exported = judged.table, judged.text.columns
    hidden = {c.name for c in table.columns if c.kind in ("private", "person")}
    cells = [
        f"case when x.{quoted(c)} is not null then concat('{c}: ', x.{quoted(c)}) end"
        for c in exported
        if c not in hidden
    ]
    return f"""
        with aside as (
            select
                r._row, j._file as file, j._line as line, r.fate,
                case when r.fate = 'quarantined' then split_part(r.why, ':', 1) end as "column",
                r.why as reason,
                concat_ws(' | ', {", ".join(cells) or "null"}) as cells
            from rejected r
            join judged j on j._row = r._row
            join text x on x._row = r._row
            where r.why is not null
        )
        select a.file, a.line, a.fate, a."column", a.reason, {scrubbed("a.cells", table, exported, "p.")} as "row"
        from aside a
        {people_join(table, exported, "a", "rejected")}
        order by a.file, a.line, a._row
    """


def clean_sql(judged: Judged, *, exported: bool = False) -> str:
    """The clean rows of a table in the order of its key, unknown columns last.

    Reads `judged`, `rejected`, `text`; for tickets also `causes`, for customers `derived`. With `exported`, `_row` stands first and
    no derived customers are among them.
    """
    table = CLEAN[judged.table.name]
    columns = {c.name: f"j.{c.name}" for c in table.kept}
    joins = ["anti join rejected r on r._row = j._row"]
    if table.name == "tickets":
        columns["n_causes"] = "coalesce(n.n_causes, 0)"
        of_cell = "(select written, max(n_causes) as n_causes from causes group by written)"
        joins.insert(0, f"left join {of_cell} n on n.written = j.cause_actual")
    scrub = _as_ruled if judged.ruled else _as_exported
    extra = {quoted(c): scrub(judged, c) for c in judged.extra_columns}
    if extra:
        joins.insert(0, "" if judged.ruled else people_join(table, judged.text.columns, "j"))
        joins.insert(0, "join text x on x._row = j._row")
    row = {"_row": "j._row"} if exported else {}
    listed = ", ".join(f"{x} as {name}" for name, x in {**row, **columns, **extra}.items())
    sql = "\n".join([f"select {listed}", "from judged j", *joins])
    if table.name == "customers" and not exported:
        known = {"customer_id": "d.customer_id", "customer_name": "d.customer_name", "known": "false"}
        others = ", ".join(f"{known.get(name, 'null')} as {name}" for name in {**columns, **extra})
        sql += f"\nunion all\nselect {others}\nfrom derived d"
    return f"select * from (\n{sql}\n) t\norder by {', '.join(table.key)}"


def _as_exported(judged: Judged, column: str) -> str:
    return scrubbed(f"x.{quoted(column)}", judged.table, judged.text.columns, "p.")


def _as_ruled(_: Judged, column: str) -> str:
    """rules.py sees no persons, so only patterns can have come in."""
    return read("prose", f"x.{quoted(column)}")
