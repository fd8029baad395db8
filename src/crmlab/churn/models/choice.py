"""Which model says how likely renewals are: the logistic hazard, unless boosted trees foretold the last year better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.churn.models.boosted import BoostedHazard
from crmlab.churn.models.design import MIN_LOSSES
from crmlab.churn.models.hazard import RenewalHazard, check
from crmlab.churn.models.held_out import YEAR, earlier_and_later, last_days, lost_contracts
from crmlab.intervals import clustered_mean

ENOUGH = 200
"""Contracts lost in the year held out, below which trees are not tried: they would win or lose by luck."""
CUSTOMERS = 100
"""Customers below which a tenth of them left out says nothing."""
ERRORS = 2.0
"""Standard errors by which the trees must win."""


@dataclass(frozen=True)
class Choice:
    """A model of renewals, fitted, and why it was chosen.

    model : fitted to all rows. name : hazard or boosted.
    why : few (too few contracts lost to hold out: boosted trees not tried), no_better or better (than the hazard).
    gain : mean over contracts held out of how much smaller the squared error is with boosted trees; NaN where not tried.
    error : its standard error, customers as clusters. n, n_lost : contracts held out, and of them lost.
    """

    model: RenewalHazard | BoostedHazard
    name: str
    why: str
    gain: float
    error: float
    n: int
    n_lost: int


def choose(X: pd.DataFrame, y: np.ndarray) -> Choice:
    """The better model of what both foretell of a year that neither has seen, fitted to all of X, y.

    Both are fitted to contracts that had ended a year before the latest end in X, as they were known by then, and judged on the
    landmarks of the others after that day: a contract counts once, however many landmarks it has.

    Parameters
    ----------
    X, y : as `RenewalHazard.fit` takes them; what was known on the as-of day, and no later.

    Raises
    ------
    CrmlabError : as `RenewalHazard.fit` raises.

    Examples
    --------
    >>> X = pd.DataFrame({"contract_id": [f"K{n}" for n in range(400)], "customer_id": [f"C{n}" for n in range(400)],
    ...     "landmark": pd.Timestamp("2023-01-31") + pd.to_timedelta(range(400), unit="D"), "days_to_end": 60,
    ...     "complaints": [0.0, 1.0] * 200})
    >>> choice = choose(X, (np.arange(400) % 4 != 1).astype(int))
    >>> choice.name, choice.why, choice.n, choice.n_lost
    ('hazard', 'few', 305, 76)
    """
    y = np.asarray(y, dtype=int)
    check("choose", X, y)
    last = pd.Timestamp(last_days(X).max())
    before, after = earlier_and_later(X, last - YEAR, last)
    later = X[["contract_id", "customer_id"]][after].assign(lost=y[after] == 0)
    n, n_lost = later.contract_id.nunique(), lost_contracts(X, y, after)
    if n_lost < ENOUGH or lost_contracts(X, y, before) < MIN_LOSSES or not y[before].any():
        return Choice(RenewalHazard().fit(X, y), "hazard", "few", np.nan, np.nan, n, n_lost)
    if X.customer_id[before].nunique() < CUSTOMERS:
        return Choice(RenewalHazard().fit(X, y), "hazard", "few", np.nan, np.nan, n, n_lost)
    boosted = BoostedHazard().fit(X[before], y[before])
    gain, error = _gain(later, X[after], boosted)
    better = gain > ERRORS * error
    model = BoostedHazard() if better else RenewalHazard()
    name, why = ("boosted", "better") if better else ("hazard", "no_better")
    return Choice(model.fit(X, y), name, why, gain, error, n, n_lost)


def _gain(later: pd.DataFrame, X: pd.DataFrame, boosted: BoostedHazard) -> tuple[float, float]:
    """How much smaller the squared error of a contract is with boosted trees than with the hazard beside them, and its error."""
    renewed = 1.0 - later.lost.to_numpy(float)
    trees, hazard = (
        (model.renewal_probability(X, ()).p_renew.to_numpy() - renewed) ** 2
        for model in (boosted, boosted.logistic_)
    )
    by_contract = later.assign(gain=hazard - trees).groupby("contract_id").agg(
        gain=("gain", "mean"), customer=("customer_id", "first")
    )  # fmt: skip
    gain, _, high = clustered_mean(by_contract.gain.to_numpy(), by_contract.customer.to_numpy(str), z=1.0)
    return gain, high - gain
