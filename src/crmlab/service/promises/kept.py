"""Did we keep our promises of time: every table and figure of the room in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.service.promises.attainment import attainment
from crmlab.service.promises.faster import faster
from crmlab.service.promises.judged import judged
from crmlab.service.promises.keepable import keepable
from crmlab.service.promises.let_down import let_down
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.outputs import OUTPUTS
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings
from crmlab.tables import conform

_MOMENTS = (
    "reported_at",
    "dispatched_at",
    "appointed_at",
    "closed_at",
    "arrived_at",
    "left_at",
    "received_at",
)


def promises(
    tickets: pd.DataFrame,
    contracts: pd.DataFrame,
    visits: pd.DataFrame,
    customers: pd.DataFrame,
    complaints: pd.DataFrame,
    settings: Settings,
    until: str,
    as_of: pd.Timestamp,
    entry_days: float = 0,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], LevelClocks]:
    """Judge every ticket and say how many promises were kept, which could be, and what faster ones would have cost.

    Parameters
    ----------
    tickets, contracts, visits, customers, complaints : clean tables; all but tickets may be empty for want of an export.
    until : the reporting month, "2026-10".
    as_of : the last day of which anything is known.
    entry_days : days within which a finished repair is on record; see `judged`.

    Returns
    -------
    The tables of outputs.py by name.
    The figures: n, cannot_tell and visits_before_report and closes_before_report (tickets), attainment ({promise: {level:
        {n, share, low, high}}} with level "all" for the whole), levels_unknown ({code: tickets in force under it}),
        estimated_years and unknown_years of the calendar.
    The clocks of the levels, with the calendar (`workdays`) from the first moment in these tables to `as_of`.

    Raises
    ------
    CrmlabError
        for a value of params.yaml that cannot be.
    """
    workdays = calendar(settings, as_of, tickets, visits, complaints)
    clocks = LevelClocks(workdays, settings)
    table = judged(tickets, contracts, visits, clocks, as_of, entry_days)
    branch = tickets.set_index("ticket_id")["branch"]
    tier = customers.set_index("customer_id")["tier"]
    grouped = table.assign(branch=table["ticket_id"].map(branch), tier=table["customer_id"].map(tier))
    kept = attainment(grouped, until, settings.min_group)
    tables = {
        "tickets": table,
        "attainment": kept,
        "keepable": keepable(table, until, settings.keepable, settings.min_group),
        "faster": faster(
            table, complaints, until, as_of, settings.faster, settings.penalty, settings.min_group
        ),
        "let_down": let_down(table, tickets, customers, as_of),
    }
    told_of = clocks.levels.table(table["level"])
    unreadable = told_of.loc[told_of["name"].notna() & ~told_of["known"], "name"].value_counts().sort_index()
    metrics = {
        "n": len(table),
        "attainment": _by_level(kept),
        "cannot_tell": {
            promise: int((table[promise] == "cannot tell").sum()) for promise in ("response", "fix")
        },
        "visits_before_report": int((table["arrived_at"] < table["reported_at"]).sum()),
        "closes_before_report": int((table["closed_at"] < table["reported_at"]).sum()),
        "levels_unknown": {str(code): int(n) for code, n in unreadable.items()},
        "estimated_years": workdays.estimated_years,
        "unknown_years": workdays.unknown_years,
    }
    return {name: conform(tables[name], declared) for name, declared in OUTPUTS.items()}, metrics, clocks


def calendar(settings: Settings, as_of: pd.Timestamp, *tables: pd.DataFrame) -> Workdays:
    """The working calendar from the day before the first moment in `tables` to `as_of`.

    So a shift that began the evening before the first report is counted, too.
    """
    last = np.datetime64(as_of, "D")
    moments = [table[name].min() for table in tables for name in _MOMENTS if name in table]
    days = [np.datetime64(moment, "D") for moment in moments if not pd.isna(moment)]
    first = min([*days, last]) - np.timedelta64(1, "D")
    return Workdays(first, last, settings.country, settings.closed, settings.worked)


def _by_level(kept: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """{promise: {level: {n, share, low, high}}}; level "all" is the whole."""
    shown = kept[kept["of"].isin(("all", "level"))]
    found: dict[str, dict[str, dict[str, float]]] = {}
    for promise, of, level, n, share, low, high in shown[
        ["promise", "of", "group", "n", "share", "low", "high"]
    ].itertuples(index=False):
        figures = {"n": int(n), "share": float(share), "low": float(low), "high": float(high)}
        found.setdefault(promise, {})["all" if of == "all" else level] = figures
    return found
