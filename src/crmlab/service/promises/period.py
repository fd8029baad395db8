"""The months that figures are of: up to and with the reporting month."""

from __future__ import annotations

import pandas as pd


def reported_until(moments: pd.Series, until: str) -> pd.Series:
    """Which moments lie in the month `until` or before.

    >>> reported_until(pd.Series(pd.to_datetime(["2026-10-31 23:59", "2026-11-01 00:00"])), "2026-10").tolist()
    [True, False]
    """
    return moments < (pd.Period(until, "M") + 1).start_time


def twelve_months(moments: pd.Series, until: str) -> pd.Series:
    """Which moments lie in the twelve complete months up to and with `until`.

    >>> twelve_months(pd.Series(pd.to_datetime(["2024-02-29 23:59", "2024-03-01 00:00"])), "2025-02").tolist()
    [False, True]
    """
    return reported_until(moments, until) & (moments >= (pd.Period(until, "M") - 11).start_time)
