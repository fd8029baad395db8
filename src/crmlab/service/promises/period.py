"""The months that figures are of: up to and with the reporting month."""

from __future__ import annotations

import pandas as pd


def reported_until(moments: pd.Series, until: str) -> pd.Series:
    """Which moments lie in the month `until` or before.

    >>> reported_until(pd.Series(pd.to_datetime(["2026-10-31 23:59", "2026-11-01 00:00"])), "2026-10").tolist()
    [True, False]
    """
    return moments < (pd.Period(until, "M") + 1).start_time


def last_months(until: str, months: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First moment of the `months` complete months up to and with `until`, and the first moment after them.

    >>> [str(day.date()) for day in last_months("2024-02", 12)]
    ['2023-03-01', '2024-03-01']
    """
    last = pd.Period(until, "M")
    return (last - (months - 1)).start_time, (last + 1).start_time


def twelve_months(moments: pd.Series, until: str, years_back: int = 0) -> pd.Series:
    """Which moments lie in the twelve complete months up to and with `until`, or in those so many years before.

    >>> days = pd.Series(pd.to_datetime(["2024-02-29 23:59", "2024-03-01 00:00"]))
    >>> twelve_months(days, "2025-02").tolist(), twelve_months(days, "2025-02", years_back=1).tolist()
    ([False, True], [True, False])
    """
    start, end = last_months(str(pd.Period(until, "M") - 12 * years_back), 12)
    return (moments >= start) & (moments < end)
