"""One table from text to a verdict on every row: clean, quarantined, duplicate or filtered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crmlab.clean.judging.ambiguous import refuse_ambiguous
from crmlab.clean.judging.rules import judged_sql, own_sql
from crmlab.clean.judging.typed import read, typed_sql
from crmlab.clean.people.privacy import hash_people
from crmlab.clean.people.scrub import WHO, hidden, shown_sql, suspects_sql, words
from crmlab.clean.reading.ingest import Text, quoted
from crmlab.clean.reading.plan import Plan
from crmlab.engine import DuckDB, Relation, read_sql
from crmlab.tables import CONTRACT, Table

HERE = Path(__file__).parent
LAST = {"tickets": "g.closed_at"}
"""Of tickets with one key the one closed last stays; of other rows the last line."""
OF_TICKET = tuple(
    name for name, table in CONTRACT.items() if table.key[0] == "ticket_id" and name != "tickets"
)
"""Tables whose rows belong to a ticket and share its fate where it is filtered; others only name one."""


@dataclass(frozen=True)
class Ruled:
    """A table after the company's own rules.py.

    rows : as `Judged.rows`, with the cells that it changed. extra : `_row` and the columns named x_…, `columns`, of clean rows.
    """

    rows: Relation
    extra: Relation
    columns: list[str]


@dataclass
class Judged:
    """A table with a verdict.

    rows : every row not left out by `where`, typed, with `dated_at`, `unreadable`, `twice` and `reason` (see rules.py).
    rejected : `_row`, `fate` (quarantined, duplicate, filtered; unusable in a table withheld), `why`; None until `reject`.
    fates : rows of each fate.
    ruled : what rules.py made of the clean rows; None where the company has no rule for the table.
    """

    table: Table
    text: Text
    source: Relation
    rows: Relation
    rejected: Relation | None = None
    fates: dict[str, int] = field(default_factory=dict)
    ruled: Ruled | None = None

    @property
    def extra_columns(self) -> list[str]:
        """Columns that the contract does not know, as they are kept: x_…"""
        return self.ruled.columns if self.ruled else [c for c in self.text.columns if c.startswith("x_")]


def judge(
    engine: DuckDB,
    plan: Plan,
    table: Table,
    text: Text,
    *,
    names: Relation,
    clock: Relation | None,
    key: str,
    as_of: date | None,
) -> Judged:
    """Type the text of `table` and apply its rules.

    Parameters
    ----------
    names : `written`, `customer_id`: customers by name.
    clock : the hours that the company's clock shows twice, by day (see repeated_hours.py); None for none.
    key : of the company, for the ids of persons.
    as_of : what became known later is emptied; None keeps everything.

    Raises
    ------
    CrmlabError : dates whose day and month cannot be told apart.
    """
    mapping = plan.mapping.table(table.name)
    present = plan.present(table.name)
    source = engine.adopt(text.name)
    veiled, hidden_cells = _hidden(engine, table, present, source, key)
    typed, args = typed_sql(
        table,
        present,
        plan.mapping.null_markers,
        mapping.dates,
        mapping.decimal,
        veiled,
        plan.mapping.currency,
    )
    inputs = {
        "typed": typed,
        "mended": own_sql(table),
        "text": source,
        "names": names,
        "choices": _choices(engine, table),
        "people": _people(engine, table, present, source, key),
        "hidden": hidden_cells,
    }
    if clock:
        inputs["clock"] = clock
    args |= {"has_closing": "closed_at" in present, "has_cause": "cause_actual" in present, "as_of": as_of}
    rows = engine.run(judged_sql(table, clock is not None), inputs, args)
    if not mapping.dates:
        refuse_ambiguous(engine, table, rows, source)
    return Judged(table, text, source, rows)


def days(engine: DuckDB, judged: Judged, column: str) -> dict[date, int]:
    """Usable rows per day of `column`."""
    return dict(
        engine.rows(
            f"select ({column})::date as day, count(*)::bigint as n from judged where reason is null and {column} is not null "
            f"group by ({column})::date",
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
    gone: Relation | None = None,
) -> Judged:
    """Say which rows are not clean, and why.

    Parameters
    ----------
    as_of : rows dated later are filtered; None filters none.
    last : a row dated later is a slip of the pen; None for no such limit.
    exact : set exact copies aside, too (`drop_duplicates`).
    gone : tickets and visits (ticket_id, visit_no) that are filtered, so that their visits and parts are as well.
    """
    none = engine.make({"_row": [], "kept_row": []}, {"_row": "bigint", "kept_row": "bigint"})
    known = {"judged": judged.rows, "copies": _copies(engine, judged, exact) or none, "later": none}
    if gone:
        known["later"] = engine.run(HERE / "later_of_ticket.sql", {**known, "gone": gone}, {"as_of": as_of})
    elif as_of:
        known["later"] = engine.run(HERE / "later.sql", known, {"as_of": as_of})
    args = {"last": last, "dated": judged.table.dated}
    known["unusable"] = engine.run(HERE / "unusable.sql", known, args)
    known["repeated"] = engine.run(_duplicates(judged.table), {**known, "good": HERE / "good.sql"})
    judged.rejected = engine.run(HERE / "rejected.sql", known)
    counted = "select fate, count(*)::bigint as n from rejected group by fate"
    found = dict(engine.rows(counted, {"rejected": judged.rejected}))
    engine.drop(none, *{known[n] for n in ("copies", "later", "unusable", "repeated")} - {none})
    judged.fates = {fate: found.get(fate, 0) for fate in ("quarantined", "duplicate", "filtered", "unusable")}
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
    text = {c.name for c in table.columns if c.kind in ("id", "label", "choice")}
    parts = [f"coalesce(g.{k}, '')" if k in text else f"g.{k}" for k in table.key]  # no value equals no value
    keys = ", ".join(f"{part} as key_{n}" for n, part in enumerate(parts))
    return sql.replace("{keys}", keys).replace("{key}", ", ".join(f"key_{n}" for n in range(len(parts))))


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
            found = engine.rows(_folded(column.name), {"text": text})
            people |= {person for (person,) in found if person is not None}
    return engine.make(hash_people(people, key))


def _hidden(
    engine: DuckDB, table: Table, present: set[str], text: Relation, key: str
) -> tuple[set[str], Relation]:
    """The columns that have cells which tell who somebody is, and `column_name`, `written`, `shown`: what is kept of them."""
    found = []
    for column in (c for c in table.columns if c.name in WHO and c.name in present):
        cells = hidden(engine, _folded(column.name), {"text": text}, column, key)
        found += [(column.name, written, shown) for written, shown in cells.items()]
    if columns := words(table, present):
        suspects = engine.run(suspects_sql(columns), {"text": text})
        if engine.count(suspects):
            found += engine.rows(shown_sql(columns), {"suspects": suspects})
        engine.drop(suspects)
    names = ("column_name", "written", "shown")
    cells = engine.make({name: [row[n] for row in found] for n, name in enumerate(names)})
    return {column for column, *_ in found}, cells


def _folded(column: str) -> str:
    """The cells of a column as they are read, each once or a little oftener: few differ before folding, so that few are folded."""
    return f"select {read('fold', 'd.written')} as cell from (select distinct t.{column} as written from text t) d"
