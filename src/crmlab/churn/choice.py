"""Which model says how likely renewals are: the logistic hazard, unless boosting earns its place where nothing was fitted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.boosted import BoostedHazard
from crmlab.churn.hazard import RenewalHazard
from crmlab.intervals import clustered_mean

MIN_LOST = 200
"""Contracts lost in the hold-out, and before it, below which boosting is not tried."""
YEAR = pd.Timedelta(days=365)


class Choice(NamedTuple):
    """A model fitted on all that was known, its name (hazard, boosted), and how the hold-out went.

    gain: how much smaller the Brier score of boosting was there; error: its standard error over customers; n: contracts held
    out. All three are None where boosting was not tried, for too few were lost.
    """

    model: RenewalHazard | BoostedHazard
    name: str
    gain: float | None = None
    error: float | None = None
    n: int | None = None


def choose(X: pd.DataFrame, y: np.ndarray, min_lost: int = MIN_LOST) -> Choice:
    """Fit the model that is to be used on occasions whose end is known.

    Both models are fitted on contracts that had ended a year before the last end, and judged on the landmarks of the year
    after; boosting is used if its Brier score is smaller by more than two standard errors, customers as clusters.

    Parameters
    ----------
    X, y : features and 1 renewed or 0 lost, from `crmlab.churn.landmarks.occasions.Occasions.ended`.
    min_lost : contracts lost in each of the two parts, below which boosting is not tried.
    """
    y = np.asarray(y, dtype=int)
    ends = X.landmark + pd.to_timedelta(X.days_to_end, unit="D")
    cut = ends.max() - YEAR
    before, after = (ends <= cut).to_numpy(), (X.landmark > cut).to_numpy()
    if min(_lost(X, y, before), _lost(X, y, after)) < min_lost or not (y[before].any() and y[after].any()):
        return Choice(RenewalHazard().fit(X, y), "hazard")
    errors = [
        (model.fit(X[before], y[before]).renewal_probability(X[after], ()).p_renew.to_numpy() - y[after]) ** 2
        for model in (RenewalHazard(), BoostedHazard())
    ]
    customers = X.customer_id[after].to_numpy(str)
    gain, _, high = clustered_mean(errors[0] - errors[1], customers, z=1.0)
    won = gain > 2 * (high - gain)
    model = BoostedHazard() if won else RenewalHazard()
    n = X.contract_id[after].nunique()
    return Choice(model.fit(X, y), "boosted" if won else "hazard", gain, high - gain, n)


def _lost(X: pd.DataFrame, y: np.ndarray, rows: np.ndarray) -> int:
    return X.contract_id[rows & (y == 0)].nunique()
