"""Where the time of a repair goes: from report to dispatch, appointment, arrival, end of the visits and close."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.period import twelve_months
from crmlab.service.visits.outputs import STAGE_TIMES, STEPS
from crmlab.service.visits.sequence import outer
from crmlab.tables import conform, empty

HOUR = 3600.0


def stage_times(
    closed: pd.DataFrame,
    visits: pd.DataFrame,
    clocks: LevelClocks,
    until: str,
    min_group: int,
) -> pd.DataFrame:
    """How long each step takes, per level and of all tickets closed in the last twelve months: table `stage_times`.

    A moment that no ticket of these months has drops out, and the step after it begins at the moment before: without
    appointments, `arrive` is the time from dispatch to arrival. The step `return` is 0 where one visit was enough. A step that
    begins before the report is left out with the one that ends there, which is counted as negative.

    Parameters
    ----------
    closed : from `closed_tickets`.
    visits : from `in_order`.
    clocks : of the levels, over a calendar that holds every report and close.
    until : the reporting month.
    min_group : tickets below which a level has no row, and below which the shares are missing.

    Returns
    -------
    One row per level (empty for all) and step that some ticket took, in the order of the steps. The shares of a level add up to
    one: they are means of the tickets that have every moment, none of them negative.
    """
    recent = closed[twelve_months(closed["closed_at"], until)].reset_index(drop=True)
    if recent.empty:
        return empty(STAGE_TIMES)
    names, moments = _moments(recent, visits)
    level = recent["level"].astype(object).where(recent["level"].notna(), None)
    hours, negative = _steps(moments, level, clocks)
    every = ~np.isnan(hours).any(axis=1)
    groups = {"": np.ones(len(recent), bool)}
    groups |= {name: (level == name).to_numpy(bool) for name in sorted(level.dropna().unique())}
    rows = []
    for group, inside in groups.items():
        if group and inside.sum() < min_group:
            continue
        whole = inside & every
        means = hours[whole].mean(axis=0) if whole.sum() >= max(min_group, 1) else np.full(len(names), np.nan)
        total = means.sum()
        for k, step in enumerate(names):
            took = hours[inside, k]
            took, wrong = took[~np.isnan(took)], int(negative[inside, k].sum())
            if not len(took) and not wrong:
                continue
            median, p90 = np.quantile(took, [0.5, 0.9]) if len(took) else (np.nan, np.nan)
            mean = took.mean() if len(took) else np.nan
            share = means[k] / total if total > 0 else np.nan
            rows.append((group, step, len(took), wrong, mean, median, p90, share))
    columns = ["level", "step", "n", "negative", "mean", "median", "p90", "share"]
    return conform(pd.DataFrame(rows, columns=columns), STAGE_TIMES)


def waits_in(table: pd.DataFrame) -> str | None:
    """The step in which a repair waits longest on average, of all tickets; None where the shares are missing.

    >>> waits_in(pd.DataFrame({"level": ["", "", "5*9"], "step": ["arrive", "return", "close"], "share": [0.6, 0.4, 1.0]}))
    'arrive'
    """
    shares = table[(table["level"] == "").fillna(False) & table["share"].notna()]
    return None if shares.empty else str(shares.sort_values("share", kind="stable")["step"].iloc[-1])


def _moments(closed: pd.DataFrame, visits: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """The steps that can be told, and the moments from report to close at which they end (tickets × steps + 1)."""
    seen = outer(visits[visits["ticket_id"].isin(closed["ticket_id"])]).reindex(closed["ticket_id"])
    ends = (closed["dispatched_at"], closed["appointed_at"])
    ends += (seen["arrived_at"], seen["left_at"], seen["ended_at"], closed["closed_at"])
    ends = [end.to_numpy("datetime64[us]") for end in ends]
    kept = [(step, end) for step, end in zip(STEPS, ends, strict=True) if not np.isnat(end).all()]
    begin = closed["reported_at"].to_numpy("datetime64[us]")
    return [step for step, _ in kept], np.column_stack([begin, *(end for _, end in kept)])


def _steps(moments: np.ndarray, level: pd.Series, clocks: LevelClocks) -> tuple[np.ndarray, np.ndarray]:
    """Hours of each step (tickets × steps), NaN where it cannot be told, and which steps are negative."""
    start, end, report = moments[:, :-1], moments[:, 1:], moments[:, :1]
    negative = end < start  # a missing moment is not
    told = (end >= start) & (start >= report)
    hours = np.full(start.shape, np.nan)
    for k in range(start.shape[1]):
        rows = told[:, k]
        hours[rows, k] = clocks.seconds_between(level[rows], start[rows, k], end[rows, k]) / HOUR
    return hours, negative
