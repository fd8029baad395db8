"""What was known of contracts on an earlier day, and what came after it: to fit on the one and judge on the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

YEAR = pd.Timedelta(days=365)


def last_days(X: pd.DataFrame) -> np.ndarray:
    """The last day of each row's contract."""
    return (X.landmark + pd.to_timedelta(X.days_to_end, unit="D")).to_numpy()


def earlier_and_later(
    X: pd.DataFrame, cut: pd.Timestamp, until: pd.Timestamp
) -> tuple[np.ndarray, np.ndarray]:
    """Which rows were seen by `cut` of contracts whose last day it was or was past, and which after it, up to `until`, of the others.

    No contract is in both: one in its grace days on `cut` is seen later, too, but by a model that was told its end.

    Examples
    --------
    >>> X = pd.DataFrame({"landmark": pd.to_datetime(["2025-01-31", "2025-02-28", "2025-01-31", "2025-03-31"]),
    ...     "days_to_end": [-5, -33, 200, 141]})                          # a contract on two days, and another
    >>> earlier_and_later(X, pd.Timestamp("2025-02-01"), pd.Timestamp("2025-12-31"))
    (array([ True, False, False, False]), array([False, False, False,  True]))
    """
    ended, seen = last_days(X) <= cut, (X.landmark <= cut).to_numpy()
    return ended & seen, ~ended & ~seen & (X.landmark <= until).to_numpy()


def lost_contracts(X: pd.DataFrame, y: np.ndarray, rows: np.ndarray) -> int:
    """Contracts lost among `rows`."""
    return X.contract_id[rows & (y == 0)].nunique()
