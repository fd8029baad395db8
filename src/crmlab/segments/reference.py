"""The month whose customers set the scales: a December, so that types of one year compare and the market's own moves stay visible."""

from __future__ import annotations

import pandas as pd

from crmlab.segments.behaviour.history import History
from crmlab.segments.settings import Settings

ENOUGH = 0.8
"""Share of today's customers that the reference month must have, or it is not the same company."""
DECEMBER = 12


def reference_month(history: History, settings: Settings) -> pd.Timestamp:
    """The last December that has a whole window of records behind it and most of today's customers; else the last month.

    Scales that moved with every run would hide a shift of the whole market, and relabel customers who did nothing. Each January they
    move to the year that has just ended.
    """
    last = history.months[-1]
    for month in reversed(history.months):
        if month.month != DECEMBER:
            continue
        table = history.at(month)
        whole = len(table) and table["tenure_days"].max() >= settings.months * 30
        if whole and len(table) >= ENOUGH * len(history.at(last)):
            return month
        break
    return last
