"""First-time fix: the share of repairs that the first visit ended."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmlab.service.promises.period import twelve_months
from crmlab.service.visits.closed import shares_by
from crmlab.service.visits.outputs import FIRST_FIX
from crmlab.service.visits.repeats import last_told_month, told_repairs
from crmlab.tables import conform, empty

KINDS = ("level", "branch", "family", "tier")


def first_fix(
    closed: pd.DataFrame,
    visits: pd.DataFrame,
    again: pd.DataFrame,
    as_of: pd.Timestamp,
    until: str,
    repeat_days: int,
    min_group: int,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Shares of closed repairs that the first visit fixed: table `first_fix`, sorted by its key, and what it leaves out.

    Tickets count in the month of their close, not of their report: of those reported lately only the quickly closed, which
    needed one visit, would be there. Where no closed ticket has a visit on record, a machine that is not reported again within
    `repeat_days` counts as fixed (basis proxy).

    Parameters
    ----------
    closed : from `closed_tickets`.
    visits : from `in_order`.
    again : from `reported_again`.
    as_of, until : the as-of day and the reporting month.
    repeat_days : as given to `reported_again`.
    min_group : repairs below which a group has no row.

    Returns
    -------
    The table, and of the last twelve months (None on basis proxy, which cannot tell)

    visits_remote : tickets closed without a visit, of those reported since visits are on record; no repairs with a visit.
    contradictory : repairs of which outcome and number of visits disagree, see `fixed_at_first`.
    """
    told = fixed_at_first(closed, visits)
    if told.empty:
        told = told_repairs(closed, again)
        told = told.assign(fixed=~told["again"])
        basis, last = "proxy", last_told_month(as_of, until, repeat_days)
        left_out = {"visits_remote": None, "contradictory": None}
    else:
        basis, last = "visits", until
        since = visits["arrived_at"].min()
        remote = ~closed["ticket_id"].isin(visits["ticket_id"]) & ~(closed["reported_at"] < since)
        left_out = {
            "visits_remote": int((remote & twelve_months(closed["closed_at"], until)).sum()),
            "contradictory": int(told.loc[twelve_months(told["closed_at"], until), "contradictory"].sum()),
        }
    if told.empty:
        return empty(FIRST_FIX), left_out
    table = shares_by(told, KINDS, "fixed", until, last, min_group)
    return conform(table.assign(basis=basis), FIRST_FIX), left_out


def fixed_at_first(closed: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    """The closed tickets with a visit, and whether the first visit fixed them.

    It did where there was exactly one visit and that is not marked not_fixed. Where outcome and number disagree, the worse of
    the two counts, for nobody comes a second time to a machine that works, and nobody marks a working machine as not fixed:
    a first visit marked fixed that another follows did not fix, and neither did an only visit marked not_fixed of a ticket that
    is closed all the same.

    Parameters
    ----------
    closed : from `closed_tickets`.
    visits : from `in_order`.

    Returns
    -------
    The columns of `closed`, and

    fixed : the first visit fixed it.
    contradictory : a visit marked fixed is followed by another, or the last visit is marked not_fixed.
    """
    visits = visits[visits["ticket_id"].isin(closed["ticket_id"])]
    good = visits["outcome"].eq("fixed").fillna(False).astype(bool)
    bad = visits["outcome"].eq("not_fixed").fillna(False).astype(bool)
    disagrees = visits.loc[(good & visits["followed"]) | (bad & ~visits["followed"]), "ticket_id"]
    only = ~visits["later"] & ~visits["followed"] & ~bad
    told = closed[closed["ticket_id"].isin(visits["ticket_id"])]
    return told.assign(
        fixed=told["ticket_id"].isin(visits.loc[only, "ticket_id"]),
        contradictory=told["ticket_id"].isin(disagrees),
    )
