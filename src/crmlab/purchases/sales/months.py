"""Table `months`: sales of every month of the ledger by kind of line, and their mean over twelve months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.purchases.sales.outputs import MONTHS
from crmlab.tables import conform, empty


def number(month: str) -> int:
    """The number of a month: twelve a year, so that months can be subtracted.

    >>> number("2026-10") - number("2025-10")
    12
    """
    year, _, of_year = month.partition("-")
    return int(year) * 12 + int(of_year) - 1


def label(month: int) -> str:
    """The month of a number.

    >>> label(number("2026-10"))
    '2026-10'
    """
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def months(found: pd.DataFrame, until: str) -> pd.DataFrame:
    """Table `months` from the rows of months.sql, sorted by its key.

    From the first month of the ledger to `until` every kind of line has every month; one without a line brought 0.
    """
    if found.empty:
        return empty(MONTHS)
    span = range(int(found["month_number"].min()), number(until) + 1)
    kinds = ["all", *sorted(found["line_kind"].dropna().unique())]
    every = pd.MultiIndex.from_product([span, kinds], names=["month_number", "line_kind"])
    rows = found.assign(line_kind=found["line_kind"].fillna("all")).set_index(every.names)
    table = rows.reindex(every)
    counted = ["amount", "orders", "customers"]
    table[counted] = table[counted].fillna(0)
    amounts = table["amount"].to_numpy("int64").reshape(len(span), len(kinds))
    table["trend"] = _mean_of_twelve(amounts).reshape(-1)
    table = table.reset_index()
    table["month"] = table["month_number"].map(label)
    return conform(table.sort_values(list(MONTHS.key), ignore_index=True), MONTHS)


def _mean_of_twelve(amounts: np.ndarray) -> np.ndarray:
    """The mean of each row and the eleven above it, to the nearest whole, halves up; missing in the first eleven rows."""
    summed = np.cumsum(amounts, axis=0)
    year = summed[11:].copy()
    year[1:] -= summed[:-12]
    mean = np.full(amounts.shape, pd.NA, dtype=object)
    mean[11:] = (2 * year + 12) // 24
    return mean
