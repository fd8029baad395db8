"""The verdicts on a whole company: every exported row clean, quarantined, duplicate or filtered, and the day the run is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from crmlab.clean.customers.aliases import Confirmed, joined, kept_aliases, read_confirmed, refuse_unknown
from crmlab.clean.judging.as_of import FAR, SAY_DAY, last_day
from crmlab.clean.judging.judge import HERE, OF_TICKET, Judged, days, judge, reject
from crmlab.clean.judging.kinds import read
from crmlab.clean.judging.repeated_hours import repeated_days
from crmlab.clean.reading.ingest import ingest
from crmlab.clean.reading.plan import Plan
from crmlab.engine import DuckDB, Relation
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT


@dataclass
class Verdicts:
    """What became of every row, by table.

    as_of : the day that the exports say, or the stated day.
    per_day : the rows that say so, by day.
    clock_changes : rows whose moments are out of order only because the clock went back in between.
    """

    judged: dict[str, Judged]
    as_of: date
    per_day: dict[date, int] = field(default_factory=dict)
    clock_changes: int = 0


def verdicts(
    runner: DuckDB, layout: Plan, key: str, stated: date | None, step: Callable[[str], None]
) -> Verdicts:
    """Read and judge the exports of `layout`.

    Parameters
    ----------
    key : of the company, for the ids of persons.
    stated : the as-of day, or None for the last day that the exports say (as_of.SAY_DAY).
    step : is told what is being done.

    Raises
    ------
    CrmlabError : a fault of a file or of customer_aliases.csv, or no day to report on.
    """
    confirmed = kept_aliases(runner, read_confirmed(layout.folder), key)
    judged = _judge(runner, layout, key, stated, confirmed, step)
    if not layout.without:  # where it is, all of them were known before, some perhaps by what is withheld
        refuse_unknown(runner, judged, confirmed, key)
    group, per_day = {}, {}
    for group in () if stated else SAY_DAY:
        if per_day := _days(runner, judged, group):
            break
    last = last_day(per_day)
    if (stated or last) is None:
        raise CrmlabError(_no_day(layout, judged))
    far = {} if stated else _far(judged, group, last)
    _reject(runner, layout, judged, stated, far, step)
    twice = "select count(*)::bigint as n from judged where twice and reason is null"
    clock_changes = sum(runner.rows(twice, {"judged": table.rows})[0][0] for table in judged.values())
    return Verdicts(judged, stated or last, per_day, clock_changes)


def _judge(
    runner: DuckDB, layout: Plan, key: str, stated: date | None, confirmed: list[Confirmed], step
) -> dict[str, Judged]:
    names = runner.make({"written": [], "customer_id": []})
    clock = repeated_days(runner, layout.mapping.time_zone)
    judged = {}
    exported = [n for n in CONTRACT if n in layout.sources or n == "customers"]  # others name customers, too
    for name in sorted(exported, key=lambda n: n != "customers"):  # whose names are looked up by the others
        step(f"{name}: reading")
        text = ingest(runner.connection, layout, name)
        step(f"{name}: judging")
        judged[name] = judge(
            runner, layout, CONTRACT[name], text, names=names, clock=clock, key=key, as_of=stated
        )
        if name == "customers":
            names = runner.run(HERE / "names.sql", {"judged": judged[name].rows})
            names = joined(runner, names, judged[name], confirmed)
    return judged


def _days(runner: DuckDB, judged: dict[str, Judged], group: dict[str, str]) -> dict[date, int]:
    rows: dict[date, int] = {}
    for name, column in group.items():
        for day, n in (days(runner, judged[name], column) if name in judged else {}).items():
            rows[day] = rows.get(day, 0) + n
    return rows


def _far(judged: dict[str, Judged], group: dict[str, str], last: date) -> dict[str, date]:
    """The day after which a row is a slip of the pen: in the tables that say the last day, that day; in others a year later."""
    dated = {name: CONTRACT[name].dated for name in judged if CONTRACT[name].dated}
    return {name: last if group.get(name) == column else last + FAR for name, column in dated.items()}


def _reject(
    runner: DuckDB, layout: Plan, judged: dict[str, Judged], stated: date | None, last: dict[str, date], step
) -> None:
    order = ("tickets", *OF_TICKET)  # rows that are left out take those that belong to them along
    gone = _left_out(runner, judged["tickets"]) if "tickets" in judged else None
    for name in sorted(judged, key=lambda n: order.index(n) if n in order else len(order)):
        step(f"{name}: sorting out")
        table = judged[name]
        exact = layout.mapping.table(name).drop_duplicates
        of_ticket = gone if name in OF_TICKET else None
        reject(runner, table, as_of=stated, last=last.get(name), exact=exact, gone=of_ticket)
        if name in order and stated:
            gone = _gone(runner, table, gone)


def _left_out(runner: DuckDB, tickets: Judged) -> Relation | None:
    """Tickets that `where` or `keep` of mapping.yaml left out, every row of them, in the form of `_gone`."""
    if not tickets.text.left_out or "ticket_id" not in tickets.text.columns:
        return None
    sql = f"""
        with out as (
            select distinct {read("fold", "ticket_id")} as ticket_id from text
        )
        select o.ticket_id, cast(null as bigint) as visit_no
        from out o
        anti join judged j on j.ticket_id = o.ticket_id
        where o.ticket_id is not null
    """
    return runner.run(sql, {"text": runner.adopt(tickets.text.left_out), "judged": tickets.rows})


def _gone(runner: DuckDB, judged: Judged, before: Relation | None) -> Relation:
    """`ticket_id` and `visit_no` (null for the whole ticket) of tickets and visits of which no row is left, and those `before`."""
    names = ("ticket_id", "visit_no")
    listed = ", ".join(f"j.{n}" if n in judged.table.key else f"cast(null as bigint) as {n}" for n in names)
    same = " and ".join(f"k.{n} = j.{n}" for n in names if n in judged.table.key)
    sql = f"""
        with kept as (
            select k.* from judged k anti join rejected r on r._row = k._row
        )
        select {listed}
        from judged j
        join rejected r on r._row = j._row and r.fate = 'filtered'
        anti join kept k on {same}
    """
    inputs = {"judged": judged.rows, "rejected": judged.rejected}
    if before:
        sql, inputs = f"{sql} union all select ticket_id, visit_no from gone", {**inputs, "gone": before}
    return runner.run(sql, inputs)


def _no_day(layout: Plan, judged: dict[str, Judged]) -> str:
    able = list(dict.fromkeys(name for group in SAY_DAY for name in group if name in layout.sources))
    read = ", ".join(s.name for name in able for s in layout.sources[name])
    if not any(judged[name].text.raw for name in able):
        return f"{read}: only headers, no rows; expected at least one ticket or sale. Export again"
    return (
        f"{read}: no row that can be used says what day it is (the first and last day of a contract may lie ahead). "
        "Look at the dates and run `crmlab check`, or state as_of"
    )
