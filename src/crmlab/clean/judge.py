"""One table from text to a verdict on every row: clean, quarantined, duplicate or filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crmlab.clean.dates import AMBIGUOUS, readings
from crmlab.clean.ingest import Text, quoted
from crmlab.clean.plan import Plan
from crmlab.clean.privacy import hash_people
from crmlab.clean.typed import read, typed_sql
from crmlab.engine import DuckDB, Relation, read_sql
from crmlab.files import CrmlabError
from crmlab.tables import Column, Table

HERE = Path(__file__).parent
LAST = {"tickets": "g.closed_at"}
"""Of tickets with one key the one closed last stays; of other rows the last line."""
DATED = {"tickets": "reported_at", "sales": "sold_at"}
"""The tables whose rows say what day it is, and the column that does."""


@dataclass
class Judged:
    """A table with a verdict.

    rows : every row not left out by `where`, typed, with `dated_at`, `unreadable` and `reason` (see <table>.sql).
    rejected : `_row`, `fate` (quarantined, duplicate, filtered), `why`; None until `reject`.
    fates : rows of each fate.
    """

    table: Table
    text: Text
    source: Relation
    rows: Relation
    rejected: Relation | None = None
    fates: dict[str, int] = field(default_factory=dict)


def judge(
    engine: DuckDB, plan: Plan, table: Table, text: Text, names: Relation, key: str, as_of: date | None
) -> Judged:
    """Type the text of `table` and apply the rules of <table>.sql.

    Parameters
    ----------
    names : `written`, `customer_id`: customers by name.
    key : of the company, for the ids of persons.
    as_of : what became known later is emptied; None keeps everything.

    Raises
    ------
    CrmlabError : dates whose day and month cannot be told apart.
    """
    mapping = plan.mapping.table(table.name)
    present = plan.present(table.name)
    source = engine.adopt(text.name)
    typed, args = typed_sql(table, present, plan.mapping.null_markers, mapping.dates)
    inputs = {
        "typed": typed,
        "text": source,
        "names": names,
        "choices": _choices(engine, table),
        "people": _people(engine, table, present, source, key),
    }
    args |= {"has_closing": "closed_at" in present, "has_cause": "cause_actual" in present, "as_of": as_of}
    own = HERE / f"{table.name}.sql"
    rows = engine.run(own if own.is_file() else judged_sql(table), inputs, args)
    judged = Judged(table, text, source, rows)
    if not mapping.dates:
        _refuse_ambiguous(engine, judged)
    return judged


def judged_sql(table: Table) -> str:
    """The rules of a table that needs no SQL of its own: what the contract says of its columns.

    A missing key is file:line, a cell learnt after a stated as-of day is empty, and a row contradicts itself where a column
    exceeds the one it must not, or is negative and must not be.
    """
    cells = [f"{_known(c)} as {c.name}" for c in table.columns if c.kind != "private"]
    cells = [
        f"coalesce(t.{c.name}, {_PLACE}) as {c.name}" if c.name == table.key[0] and not c.required else cell
        for c, cell in zip((c for c in table.columns if c.kind != "private"), cells, strict=True)
    ]
    cells += [f"{_PLACE} as {c.name}" for c in table.derived if c.name == table.key[0]]
    dated = f"t.{table.dated}::timestamp" if table.dated else "cast(null as timestamp)"
    listed = ", ".join(cells)
    return f"""select t._row, t._file, t._line, {listed}, {dated} as dated_at, t.unreadable,
    coalesce(t.fault{"".join(_contradictions(table))}) as reason
    from typed t"""


_PLACE = "concat(t._file, ':', t._line::varchar)"


def _known(column: Column) -> str:
    if not column.known_on:
        return f"t.{column.name}"
    return f"case when coalesce(t.{column.known_on} < (($as_of)::date + 1)::timestamp, true) then t.{column.name} end"


def _contradictions(table: Table) -> list[str]:
    said = []
    for a, b in table.ordered:
        dates = table.column(a).kind in ("date", "time")
        same_day = f" and t.{b} <> t.{a}::date::timestamp" if dates else ""
        words = (b, "is before", a) if dates else (a, "is above", b)
        reason = (
            f"concat('{words[0]}: ', t.{words[0]}::varchar, ' {words[1]} {words[2]} ', t.{words[2]}::varchar)"
        )
        said.append(f", case when t.{b} < t.{a}{same_day} then {reason} end")
    said += [
        f", case when t.{c.name} < 0 then '{c.name}: negative' end" for c in table.columns if c.not_negative
    ]
    return said


def days(engine: DuckDB, judged: Judged) -> dict[date, int]:
    """Usable rows per day."""
    return dict(
        engine.rows(
            "select dated_at::date as day, count(*)::bigint as n from judged where reason is null group by dated_at::date",
            {"judged": judged.rows},
        )
    )


def reject(
    engine: DuckDB,
    judged: Judged,
    *,
    as_of: date | None,
    last: date | None,
    exact: bool,
    later: Relation | None = None,
) -> Judged:
    """Say which rows are not clean, and why.

    Parameters
    ----------
    as_of : rows dated later are filtered; None filters none.
    last : a row of tickets or sales dated later is a slip of the pen; None for no such limit.
    exact : set exact copies aside, too (`drop_duplicates`).
    later : tickets (ticket_id) that are filtered, so that their visits and parts are as well.
    """
    table, none = (
        judged.table,
        engine.make({"_row": [], "kept_row": []}, {"_row": "bigint", "kept_row": "bigint"}),
    )
    copies = _copies(engine, judged, exact) or none
    known = {"judged": judged.rows, "copies": copies, "tickets": later or engine.make({"ticket_id": []})}
    of_ticket = table.name in ("visits", "ticket_parts")
    step = HERE / ("later_of_ticket.sql" if of_ticket else "later.sql")
    known["later"] = engine.run(step, known, {"as_of": as_of}) if as_of else none
    args = {"last": last, "dated": DATED.get(table.name, "dated_at")}
    known["unusable"] = engine.run(HERE / "unusable.sql", known, args)
    known["repeated"] = engine.run(_duplicates(table), {**known, "good": HERE / "good.sql"})
    judged.rejected = engine.run(HERE / "rejected.sql", known)
    counted = "select fate, count(*)::bigint as n from rejected group by fate"
    found = dict(engine.rows(counted, {"rejected": judged.rejected}))
    engine.drop(none, *{known[n] for n in ("copies", "later", "unusable", "repeated")} - {none})
    judged.fates = {fate: found.get(fate, 0) for fate in ("quarantined", "duplicate", "filtered")}
    return judged


def _copies(engine: DuckDB, judged: Judged, exact: bool) -> Relation | None:
    """`_row`, `kept_row`: rows of a file that repeats an earlier one and, if `exact`, rows that repeat an earlier row."""
    ranges = [
        f"select _row, (_row - {shift})::bigint as kept_row from text where _row >= {first} and _row < {end}"
        for first, end, shift in judged.text.copies
    ]
    steps = [engine.run("\nunion all\n".join(ranges), {"text": judged.source})] if ranges else []
    if exact:
        columns = ", ".join(quoted(c) for c in judged.text.columns)
        sql = read_sql(HERE / "copies.sql").replace("{columns}", columns)
        if steps:
            sql = f"select c._row, c.kept_row from ({sql}) c anti join files f on f._row = c._row union all select * from files"
        steps.append(
            engine.run(sql, {"text": judged.source, "files": steps[0]} if steps else {"text": judged.source})
        )
    return steps[-1] if steps else None


def _duplicates(table: Table) -> str:
    sql = read_sql(HERE / "duplicates.sql").replace("{last}", LAST.get(table.name, "g._row"))
    keys = ", ".join(f"g.{k}" for k in table.key)
    return sql.replace("{keys}", keys).replace("{key}", ", ".join(table.key))


def _choices(engine: DuckDB, table: Table) -> Relation:
    rows = sorted(
        {
            (column.name, written.lower(), choice)
            for column in table.columns
            for choice, aliases in column.choices.items()
            for written in (choice, *aliases)
        }
    )
    names = ("column_name", "written", "choice")
    return engine.make({n: [r[i] for r in rows] for i, n in enumerate(names)})


def _people(engine: DuckDB, table: Table, present: set[str], text: Relation, key: str) -> Relation:
    people: set[str] = set()
    for column in table.columns:
        if column.kind == "person" and column.name in present:
            distinct = f"select distinct {read('fold', column.name)} as person from text"
            people |= {p for (p,) in engine.rows(distinct, {"text": text}) if p is not None}
    return engine.make(hash_people(people, key))


def _refuse_ambiguous(engine: DuckDB, judged: Judged) -> None:
    seen = engine.rows(
        "select distinct unreadable from judged where unreadable <> ''", {"judged": judged.rows}
    )
    unreadable = {name for (names,) in seen for name in names.split(",")}
    for column in judged.table.columns:
        if column.kind not in ("date", "time") or column.name not in unreadable:
            continue
        written = read("fold", f"x.{column.name}")
        found = engine.rows(
            f"""
            select x._file, x._line, {written} as written
            from judged j
            join text x on x._row = j._row
            where contains(concat(',', j.unreadable, ','), $marked) and regexp_matches({written}, $ambiguous)
            order by x._row
            limit 1
            """,
            {"judged": judged.rows, "text": judged.source},
            {"marked": f",{column.name},", "ambiguous": AMBIGUOUS},
        )
        for file, line, cell in found:
            first, second = readings(cell)
            raise CrmlabError(
                f"{file} line {line}, {column.name}: {cell!r} can be {first} (day first) or {second} (month first); "
                f'say which in mapping.yaml: tables: {{{judged.table.name}: {{dates: ["%d/%m/%Y"]}}}}'
            )
