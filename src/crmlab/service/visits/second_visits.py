"""Why a visit had to be followed by another, and what the visits that followed cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.promises.period import twelve_months
from crmlab.service.visits.outputs import REASONS, SECOND_VISITS
from crmlab.tables import conform, empty

FEN = 100
"""Smallest units of the currency in its main unit."""


def second_visits(
    visits: pd.DataFrame, closed: pd.DataFrame, rates: Mapping[str, float], until: str
) -> pd.DataFrame:
    """The Pareto table of reasons over the last twelve months: table `second_visits`, the most frequent reason first.

    Every visit but the first of its ticket counts, with the reason that the visit before gave for it: `unknown` where that gave
    none or is not on record. It counts in the month of its arrival, else of its end, else of the close of its ticket; one that
    has none of them is left out.

    Parameters
    ----------
    visits : from `in_order`.
    closed : from `closed_tickets`.
    rates : visit_cost, hour_cost and km_cost, in the currency of the books.
    until : the reporting month.
    """
    again = visits[visits["later"]]
    closed_at = closed.drop_duplicates("ticket_id").set_index("ticket_id")["closed_at"]
    when = again["arrived_at"].fillna(again["left_at"])
    when = when.fillna(again["ticket_id"].map(closed_at).astype(when.dtype))
    again = again[twelve_months(when, until)]
    if again.empty:
        return empty(SECOND_VISITS)
    reason = again["reason_before"].fillna("unknown")
    spent = pd.DataFrame(
        {
            "reason": reason.where(reason.isin(REASONS), "unknown").astype(object),
            "minutes": minutes(again),
            "cost": costs(again, rates),
            "recorded": again["cost"].notna(),
        }
    )
    grouped = spent.groupby("reason")
    table = (
        grouped[["minutes", "cost"]].sum().assign(n=grouped.size(), cost_recorded=grouped["recorded"].mean())
    )
    low, high = wilson(table["n"], table["n"].sum())
    table = table.assign(
        share=table["n"] / table["n"].sum(), low=low, high=high, minutes=table["minutes"].round()
    )
    table = table.reset_index().sort_values(["n", "reason"], ascending=[False, True], ignore_index=True)
    return conform(table, SECOND_VISITS)


def minutes(visits: pd.DataFrame) -> pd.Series:
    """Minutes of travel, work and talk of each visit; from arrival to end where neither work nor talk is recorded.

    >>> minutes(pd.DataFrame({
    ...     "travel_min": [30.0, 20.0], "work_min": [50.0, None], "talk_min": [10.0, None],
    ...     "arrived_at": pd.Timestamp("2026-03-01 09:00"), "left_at": pd.Timestamp("2026-03-01 09:45")})).tolist()
    [90.0, 65.0]
    """
    travel, work, talk = (_number(visits[name]) for name in ("travel_min", "work_min", "talk_min"))
    there = (visits["left_at"] - visits["arrived_at"]).dt.total_seconds() / 60
    there = there.clip(lower=0).fillna(0)
    spent = (work.fillna(0) + talk.fillna(0)).where(work.notna() | talk.notna(), there)
    return travel.fillna(0) + spent


def costs(visits: pd.DataFrame, rates: Mapping[str, float]) -> pd.Series:
    """The cost of each visit in the smallest unit: as recorded, else `visit_cost` + hours × `hour_cost` + km × `km_cost`.

    >>> visit = pd.DataFrame({"cost": [None, 70600], "travel_min": 30, "work_min": 60, "talk_min": 0, "distance_km": 40.0,
    ...     "arrived_at": pd.NaT, "left_at": pd.NaT})
    >>> costs(visit.astype({"arrived_at": "datetime64[us]", "left_at": "datetime64[us]"}),
    ...     {"visit_cost": 120, "hour_cost": 90, "km_cost": 1.5}).tolist()
    [31500, 70600]
    """
    modelled = (
        rates["visit_cost"]
        + rates["hour_cost"] * minutes(visits) / 60
        + rates["km_cost"] * _number(visits["distance_km"]).fillna(0)
    )
    return _number(visits["cost"]).fillna(modelled * FEN).round().astype("int64")


def _number(column: pd.Series) -> pd.Series:
    return pd.Series(column.astype("Float64").to_numpy(float, na_value=np.nan), index=column.index)
