"""The verdicts on a whole company: every exported row clean, quarantined, duplicate or filtered, and the day the run is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from crmlab.clean import scorecard
from crmlab.clean.aliases import Confirmed, joined, read_confirmed, refuse_unknown
from crmlab.clean.as_of import last_day
from crmlab.clean.dates import READ
from crmlab.clean.ingest import ingest
from crmlab.clean.judge import DATED, HERE, Judged, days, judge, reject
from crmlab.clean.plan import Plan
from crmlab.engine import DuckDB
from crmlab.files import CrmlabError
from crmlab.tables import CONTRACT


@dataclass
class Verdicts:
    """What became of every row, by table; the day of the last ticket or sale (or the stated day), and the rows of each day."""

    judged: dict[str, Judged]
    as_of: date
    per_day: dict[date, int] = field(default_factory=dict)


def verdicts(
    runner: DuckDB, layout: Plan, key: str, stated: date | None, step: Callable[[str], None]
) -> Verdicts:
    """Read and judge the exports of `layout`.

    Parameters
    ----------
    key : of the company, for the ids of persons.
    stated : the as-of day, or None for the day of the last ticket or sale.
    step : is told what is being done.

    Raises
    ------
    CrmlabError : a fault of a file or of customer_aliases.csv, or no day to report on.
    """
    confirmed = read_confirmed(layout.folder)
    judged = _judge(runner, layout, key, stated, confirmed, step)
    refuse_unknown(runner, judged, confirmed)
    per_day = {} if stated else _days(runner, judged)
    last = last_day(per_day)
    today = stated or last
    if today is None:
        raise CrmlabError(_no_day(layout, judged))
    _reject(runner, layout, judged, stated, last, step)
    return Verdicts(judged, today, per_day)


def refuse_too_bad(runner: DuckDB, table: Judged, limit: float) -> None:
    """Raise CrmlabError, with the most frequent reasons, when more than `limit` of the rows of `table` cannot be used."""
    bad = table.fates["quarantined"]
    judged = table.text.raw - table.text.filtered - table.fates["filtered"]
    if bad <= limit * judged:
        return
    found = scorecard.reasons(runner, table)[:3]
    top = [f"{r['n']:,} × {r['column']} {r['reason']} (first: {r['example']})" for r in found]
    dates = any(r["reason"].startswith("is not a date") for r in found)
    forms = f"Dates are read as {READ}, others as `dates` in mapping.yaml says. " if dates else ""
    raise CrmlabError(
        f"{table.table.name}: {bad:,} of {judged:,} rows ({bad / judged:.0%}) cannot be used, "
        f"more than max_bad_share ({limit:.0%}). Most frequent: {'; '.join(top)}. {forms}"
        "Mend the export, or state a higher max_bad_share in mapping.yaml"
    )


def _judge(
    runner: DuckDB, layout: Plan, key: str, stated: date | None, confirmed: list[Confirmed], step
) -> dict[str, Judged]:
    names = runner.make({"written": [], "customer_id": []})
    judged = {}
    exported = [n for n in CONTRACT if n in layout.sources or n == "customers"]  # others name customers, too
    for name in sorted(exported, key=lambda n: n != "customers"):  # whose names are looked up by the others
        step(f"{name}: reading")
        text = ingest(runner.connection, layout, name)
        step(f"{name}: judging")
        judged[name] = judge(runner, layout, CONTRACT[name], text, names, key, stated)
        if name == "customers":
            names = runner.run(HERE / "names.sql", {"judged": judged[name].rows})
            names = joined(runner, names, judged[name], confirmed)
    return judged


def _days(runner: DuckDB, judged: dict[str, Judged]) -> dict[date, int]:
    rows: dict[date, int] = {}
    for name in DATED:
        for day, n in (days(runner, judged[name]) if name in judged else {}).items():
            rows[day] = rows.get(day, 0) + n
    return rows


def _reject(
    runner: DuckDB,
    layout: Plan,
    judged: dict[str, Judged],
    stated: date | None,
    last: date | None,
    step,
) -> None:
    later = None
    for name in sorted(judged, key=lambda n: n != "tickets"):  # its rows left out take visits and parts along
        step(f"{name}: sorting out")
        table = judged[name]
        exact = layout.mapping.table(name).drop_duplicates
        reject(runner, table, as_of=stated, last=last if name in DATED else None, exact=exact, later=later)
        if name == "tickets":
            later = runner.run(
                "select j.ticket_id from judged j join rejected r on r._row = j._row where r.fate = 'filtered'",
                {"judged": table.rows, "rejected": table.rejected},
            )


def _no_day(layout: Plan, judged: dict[str, Judged]) -> str:
    read = ", ".join(s.name for n in DATED for s in layout.sources.get(n, []))
    if not any(judged[n].text.raw for n in DATED if n in judged):
        return f"{read}: only headers, no rows; expected at least one ticket or sale. Export again"
    return f"{read}: no row can be used, so there is no day to report on. Look at the dates and run `crmlab check`"
