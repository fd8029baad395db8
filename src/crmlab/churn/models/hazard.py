"""The chance that a contract is renewed at its end, as a discrete-time hazard of the occasion: logistic, with a ridge."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator

from crmlab.churn.landmarks.features import KEYS, TIMING
from crmlab.churn.models import ridge
from crmlab.churn.models.design import MIN_LOSSES, Design
from crmlab.churn.models.held_out import YEAR, earlier_and_later, last_days, lost_contracts
from crmlab.churn.models.odds import odds_ratios
from crmlab.files import CrmlabError
from crmlab.intervals import Z95

PENALTIES = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
DEFAULT_PENALTY = 1000.0
STANDS_OUT = 0.1
"""Odds of leaving worse by so much are a reason."""
UNSHRUNK = 30.0
"""Times that features of timing are stretched: the ridge on them is 900 times weaker."""
MOST_ROWS = 200_000
"""Rows, of customers drawn at random, on which penalties are compared: more would not change the choice."""


class RenewalHazard(BaseEstimator):
    """P(renewed at its end) of contracts that nobody has renewed or lost so far, from their features on a landmark.

    A row is a contract on a landmark on which it was at risk; what follows is whether it was renewed at its end. Rows of every
    landmark are fitted together, the time left among the features (landmark supermodel: van Houwelingen 2007, Scand. J.
    Statist. 34:70), so that any chance is conditional on survival so far. Losses that a competing cause hid are no rows. The
    ridge is on standardised features and chosen on later landmarks than those fitted on. It spares the features of timing: every
    contract passes every day of the calendar, which tells more of them than of anything else. The intervals of odds ratios
    come from a fit with next to no ridge, customers as clusters, so that shrinking does not pass for knowledge.

    Parameters
    ----------
    penalties : strengths of the ridge to choose from, in rows; the larger, the nearer all chances to that of the time left.
    controls : rows of renewed contracts kept for each of a lost one. Their weights undo the sample (case-control).
    timing : features that the ridge spares; those not in X do not matter.
    seed : of that sample, and of the customers drawn where there are more than `MOST_ROWS` rows to compare penalties on.

    Attributes
    ----------
    penalty_ : the strength chosen; `DEFAULT_PENALTY` where nothing could be held out.
    losses_ : mean log loss held out, by penalty; empty where nothing could be held out.
    summary_ : feature, odds_ratio (of losing, for one unit more), low, high, n (contracts in which it is not zero).
    n_rows_, n_lost_ : rows fitted on, and contracts lost among them.

    Examples
    --------
    >>> day = pd.Timestamp("2025-01-31")
    >>> X = pd.DataFrame({"contract_id": [f"K{n}" for n in range(4000)], "customer_id": [f"C{n}" for n in range(4000)],
    ...     "landmark": day, "days_to_end": 60, "complaints": [0.0, 1.0] * 2000})
    >>> y = (np.arange(4000) % 4 != 1).astype(int)                    # every second complainer is lost
    >>> chances = RenewalHazard().fit(X, y).renewal_probability(X.head(2), days=(30, 90))
    >>> chances.p_renew_30.tolist()
    [1.0, 1.0]
    >>> [round(p, 1) for p in chances.p_renew]                       # drawn towards each other by the ridge
    [0.9, 0.6]
    """

    def __init__(
        self,
        penalties: Sequence[float] = PENALTIES,
        controls: int = 10,
        timing: Sequence[str] = TIMING,
        seed: int = 0,
    ):
        self.penalties = penalties
        self.controls = controls
        self.timing = timing
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: np.ndarray, sample_weight: np.ndarray | None = None) -> RenewalHazard:
        """Fit to occasions whose end is known.

        Parameters
        ----------
        X : `KEYS`, and features: numbers (missing allowed) and labels.
        y : 1 renewed, 0 lost, in the order of X.
        sample_weight : of each row; one for all where it is not given.

        Raises
        ------
        CrmlabError : a column of `KEYS` is not there, X and y differ in length, or y holds one kind only.
        """
        y = np.asarray(y, dtype=int)
        check("RenewalHazard", X, y)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        kept, weight = self._cases_and_controls(y, weight)
        if len(kept) < len(X):
            X, y = X.iloc[kept], y[kept]
        some = _some_customers(X, self.seed)
        self.losses_ = (
            self._held_out(X, y, weight) if some.all() else self._held_out(X[some], y[some], weight[some])
        )
        self.penalty_ = min(self.losses_, key=self.losses_.get) if self.losses_ else DEFAULT_PENALTY
        self.design_ = Design.of(X, y, weight)
        self.columns_ = list(self.design_.columns)
        Z, strength = self.design_.standardised(X), self._ridge(self.design_, self.penalty_)
        fit = ridge.fitted(Z, y, weight, strength)
        self.intercept_, self.coefficients_ = float(fit[0]), fit[1:]
        customers = pd.factorize(X.customer_id)[0]
        self.covariance_ = ridge.covariance(Z, y, weight, fit, strength, customers, pulled=True)
        self.n_rows_, self.n_lost_ = len(X), int(X.contract_id[y == 0].nunique())
        self.summary_ = odds_ratios(X, self.design_, Z, y, weight, fit)
        self.usual_ = _usual(Z, _time_left(X), weight)
        return self

    def renewal_probability(self, X: pd.DataFrame, days: Sequence[int] = (30, 90, 180, 365)) -> pd.DataFrame:
        """P(renewed at its end), and P(still in force so many days after the landmark), by contract.

        A contract is in force until its last day whatever comes then: for fewer days than are left, the chance is 1. One that
        is over, within its grace days, can only be renewed now.

        Returns
        -------
        p_renew_<days> for each of `days`, and p_renew; index as X.
        """
        logit = self.intercept_ + self.design_.standardised(X) @ self.coefficients_
        return in_force(X, expit(logit), days)

    def limits(self, X: pd.DataFrame, z: float = Z95) -> pd.DataFrame:
        """Limits of p_renew, from how far the coefficients might be off: customers as clusters, on the logit scale.

        They hold the chance of a contract like this, as far as features tell it, not its outcome, which is yes or no. The pull of
        the ridge enters as large as its strength takes it to be, on average: a contract far out, whose coefficients are larger
        than that, is drawn further to the mean chance than they allow for. Left out are what no feature knows of a contract,
        and what next year brings to all contracts alike.

        Parameters
        ----------
        z : normal quantile; the default is of 95 % limits.

        Returns
        -------
        low, high; index as X.
        """
        Z = self.design_.standardised(X)
        logit, half = self.intercept_ + Z @ self.coefficients_, z * ridge.deviations(Z, self.covariance_)
        return pd.DataFrame({"low": expit(logit - half), "high": expit(logit + half)}, index=X.index)

    def reason(self, X: pd.DataFrame) -> pd.Series:
        """The feature that lowers each chance most below that of contracts with as much time left; missing where none stands out.

        Only features that go with leaving beyond chance (`summary_`) are reasons, only where both fits agree on the side, and
        only where one makes the odds at least `STANDS_OUT` worse. That nobody has offered a price is no reason half a year
        before the end, when hardly anybody has got one.
        """
        found = self.summary_.set_index("feature").reindex(self.columns_)
        sure = ((found.low > 1) & (self.coefficients_ < 0)) | ((found.high < 1) & (self.coefficients_ > 0))
        if not sure.any():
            return pd.Series(pd.NA, index=X.index, dtype="string")
        apart = self.usual_[_time_left(X)] - self.design_.standardised(X)
        pull = apart * np.where(sure, self.coefficients_, 0.0)
        names = np.array(self.columns_, dtype=object)[pull.argmax(1)]
        return pd.Series(names, index=X.index, dtype="string").where(pull.max(1) >= np.log1p(STANDS_OUT))

    def _cases_and_controls(self, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows kept, and their weights: every loss, and `controls` renewals for each, weighted to stand for all of them."""
        renewed, lost = np.flatnonzero(y == 1), np.flatnonzero(y == 0)
        wanted = self.controls * len(lost)
        if wanted >= len(renewed):
            return np.arange(len(y)), weight
        chosen = np.random.default_rng(self.seed).choice(renewed, wanted, replace=False)
        kept = np.sort(np.concatenate([lost, chosen]))
        undo = np.where(y == 1, weight[renewed].sum() / weight[chosen].sum(), 1.0)
        return kept, (weight * undo)[kept]

    def _held_out(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> dict[float, float]:
        """Mean log loss by penalty, on the landmarks of each of the last two years, fitted on what had ended before it."""
        cuts = [pd.Timestamp(last_days(X).max()) - YEAR * n for n in (2, 1, 0)]
        total, mass = dict.fromkeys(self.penalties, 0.0), 0.0
        for begin, end in pairwise(cuts):
            before, after = earlier_and_later(X, begin, end)
            if (
                min(lost_contracts(X, y, before), lost_contracts(X, y, after)) < MIN_LOSSES
                or min(y[before].sum(), y[after].sum()) == 0
            ):
                continue
            design = Design.of(X[before], y[before], weight[before])
            Z, later = design.standardised(X[before]), design.standardised(X[after])
            mass += weight[after].sum()
            fit = None
            for penalty in sorted(self.penalties, reverse=True):
                fit = ridge.fitted(Z, y[before], weight[before], self._ridge(design, penalty), fit)
                logit = fit[0] + later @ fit[1:]
                surprise = np.logaddexp(0, np.where(y[after] == 1, -logit, logit))
                total[penalty] += float((surprise * weight[after]).sum())
        return {penalty: loss / mass for penalty, loss in total.items()} if mass else {}

    def _ridge(self, design: Design, penalty: float) -> np.ndarray:
        """Strength of the ridge on each standardised column."""
        return penalty / design.stretched(self.timing, UNSHRUNK) ** 2


def in_force(X: pd.DataFrame, p: np.ndarray, days: Sequence[int]) -> pd.DataFrame:
    """p_renew_<days> for each of `days`, and p_renew, of contracts that are renewed with chance `p` at their end."""
    left = X["days_to_end"].to_numpy()
    columns = {f"p_renew_{d}": np.where(left < d, p, 1.0) for d in days}
    return pd.DataFrame(columns | {"p_renew": p}, index=X.index)


def _time_left(X: pd.DataFrame) -> np.ndarray:
    """The place of each contract among months of 30 days before the end: 0 over, 1 within 30 days … 13 a year and more."""
    return np.clip(X["days_to_end"].to_numpy() // 30 + 1, 0, 13).astype(int)


def _usual(Z: np.ndarray, time_left: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mean features of contracts by the time left (14 rows); of all, where there are none with so much."""
    usual = np.tile(np.average(Z, axis=0, weights=weight), (14, 1))
    for place in np.unique(time_left):
        own = time_left == place
        usual[place] = np.average(Z[own], axis=0, weights=weight[own])
    return usual


def _some_customers(X: pd.DataFrame, seed: int) -> np.ndarray:
    """Which rows are of customers drawn at random until there are `MOST_ROWS` of them."""
    if len(X) <= MOST_ROWS:
        return np.ones(len(X), dtype=bool)
    customers = pd.factorize(X.customer_id)[0]
    rows = np.bincount(customers)
    turn = np.random.default_rng(seed).permutation(len(rows))
    drawn = np.zeros(len(rows), dtype=bool)
    drawn[turn[np.cumsum(rows[turn]) <= MOST_ROWS]] = True
    return drawn[customers]


def check(who: str, X: pd.DataFrame, y: np.ndarray) -> None:
    missing = [name for name in KEYS if name not in X]
    if missing:
        raise CrmlabError(f"{who}: X has no column {', '.join(missing)}; crmlab.churn.landmarks makes them")
    if len(X) != len(y):
        raise CrmlabError(f"{who}: {len(X):,} rows of X and {len(y):,} of y; one outcome per row is expected")
    if len(np.unique(y)) < 2:
        raise CrmlabError(
            f"{who}: every contract had the same end; renewed (1) and lost (0) ones are needed to tell them apart"
        )
