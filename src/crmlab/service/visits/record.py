"""Everything the service stage says of visits: its tables and its metrics."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.settings import Settings
from crmlab.service.visits.closed import closed_tickets
from crmlab.service.visits.first_fix import first_fix
from crmlab.service.visits.reopened import reopened
from crmlab.service.visits.repeats import repeats, reported_again
from crmlab.service.visits.second_visits import second_visits
from crmlab.service.visits.sequence import in_order
from crmlab.service.visits.stage_times import stage_times, waits_in


class VisitRecord(NamedTuple):
    """What the desk's visits say.

    tables : first_fix, second_visits, stage_times, repeats.
    metrics : first_time_fix, second_visits, second_visit_cost, repeat_share, reopened, waits_in, visits_remote, contradictory, negative_steps.
    made : the visits in order, from `in_order`.
    again : per ticket, from `reported_again`.
    """

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    made: pd.DataFrame
    again: pd.DataFrame


def visit_record(
    tickets: pd.DataFrame,
    visits: pd.DataFrame,
    customers: pd.DataFrame,
    judged: pd.DataFrame,
    clocks: LevelClocks,
    settings: Settings,
    until: str,
    as_of: pd.Timestamp,
) -> VisitRecord:
    """First-time fix, reasons for second visits, stage times and repeats of the tickets up to the end of `as_of`.

    Parameters
    ----------
    tickets, visits, customers : the clean tables.
    judged : table `tickets` of promises.
    clocks : of the levels, as promises returns them.
    settings : section service of params.yaml.
    until : the reporting month, such as 2026-10: the last complete one.
    as_of : a day at midnight.

    Returns
    -------
    Tables, metrics, the visits in order and the flags of each ticket. Metrics are of the last twelve months; None where nothing can be told.
    """
    closed = closed_tickets(tickets, judged, customers, as_of)
    made = in_order(visits, as_of)
    again = reported_again(tickets, as_of, settings.repeat_days)
    days, least = settings.repeat_days, settings.min_group

    fixed, left_out = first_fix(closed, made, again, as_of, until, days, least)
    followed = second_visits(made, closed, settings.rates, until)
    times = stage_times(closed, made, clocks, until, least)
    back = repeats(closed, again, as_of, until, days, least)

    whole = _whole(fixed)
    metrics = {
        "first_time_fix": whole and {name: whole[name] for name in ("n", "share", "low", "high", "basis")},
        "second_visits": int(followed["n"].sum()) if len(made) else None,
        "second_visit_cost": int(followed["cost"].sum()) if len(made) else None,
        "repeat_share": whole["share"] if (whole := _whole(back)) else None,
        "reopened": reopened(tickets, as_of, until),
        "waits_in": waits_in(times),
        "negative_steps": int(times.loc[times["level"] == "", "negative"].sum()),
        **left_out,
    }
    tables = {"first_fix": fixed, "second_visits": followed, "stage_times": times, "repeats": back}
    return VisitRecord(tables, metrics, made, again)


def _whole(table: pd.DataFrame) -> dict[str, Any] | None:
    """The row of all tickets as plain values."""
    rows = table[table["of"] == "all"].astype(object).to_dict("records")
    return rows[0] if rows else None
