"""The days before today on which the stage says what would have been said then."""

from __future__ import annotations

import pandas as pd

from crmlab.churn.terms import YEAR


def landmark_days(as_of: pd.Timestamp, n: int = 4, every_months: int = 3) -> list[pd.Timestamp]:
    """The day a year before `as_of`, of which the year after is known, and days so many months before it, oldest first.

    >>> [d.date().isoformat() for d in landmark_days(pd.Timestamp("2026-10-31"), n=2)]
    ['2025-07-31', '2025-10-31']
    """
    last = as_of - pd.Timedelta(days=YEAR)
    return [last - pd.DateOffset(months=every_months * k) for k in range(n - 1, -1, -1)]


def earlier_days(as_of: pd.Timestamp) -> list[pd.Timestamp]:
    """Two years and one year before `as_of`, and the last day of the month before it.

    >>> [d.date().isoformat() for d in earlier_days(pd.Timestamp("2026-10-31"))]
    ['2024-10-31', '2025-10-31', '2026-09-30']
    """
    return [
        as_of - pd.Timedelta(days=2 * YEAR),
        as_of - pd.Timedelta(days=YEAR),
        as_of.replace(day=1) - pd.Timedelta(days=1),
    ]
