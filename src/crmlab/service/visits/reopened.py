"""Tickets that were opened again after they had been closed, as the desk counts them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.promises.period import twelve_months


def reopened(tickets: pd.DataFrame, as_of: pd.Timestamp, until: str) -> dict[str, Any] | None:
    """The share of tickets closed by the end of `as_of` that were opened again, of those reported in the twelve months up to `until`.

    A ticket counts once, however often it was opened. None where no such ticket says so.

    Parameters
    ----------
    tickets : the clean table; `reopened` counts how often each was opened again.
    as_of : a day at midnight.
    until : the reporting month, such as 2026-10.

    Returns
    -------
    n, share, low and high (Wilson).

    Examples
    --------
    >>> day = pd.to_datetime(["2026-03-01", "2026-03-02", "2024-01-01"])
    >>> tickets = pd.DataFrame({"reported_at": day, "closed_at": day, "reopened": [0, 2, 1]})
    >>> reopened(tickets, pd.Timestamp("2026-10-31"), "2026-10")["share"]
    0.5
    """
    recent = tickets[twelve_months(tickets["reported_at"], until)]
    closed = recent["closed_at"] < as_of.normalize() + pd.Timedelta(days=1)
    told = recent.loc[closed & recent["reopened"].notna(), "reopened"]
    if told.empty:
        return None
    hits = int((told > 0).sum())
    low, high = wilson(hits, len(told))
    return {"n": len(told), "share": hits / len(told), "low": float(low), "high": float(high)}
