"""The chance that a contract is renewed at its end, as a discrete-time hazard of the occasion: logistic, with a ridge."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from crmlab.churn.landmarks.features import KEYS, TIMING
from crmlab.files import CrmlabError
from crmlab.intervals import Z95

PENALTIES = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
DEFAULT_PENALTY = 1000.0
MIN_LOSSES = 20
"""Contracts lost below which a label's value has no coefficient, and a hold-out says nothing about penalties."""
FAR = 4.0
"""Standard deviations beyond which a feature says no more."""
UNSHRUNK = 30.0
"""Times that features of timing are stretched: the ridge on them is 900 times weaker."""
YEAR = pd.Timedelta(days=365)


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
    seed : of that sample.

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
        _check(X, y)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        kept, weight = self._cases_and_controls(y, weight)
        X, y = X.iloc[kept].reset_index(drop=True), y[kept]
        self.losses_ = self._held_out(X, y, weight)
        self.penalty_ = min(self.losses_, key=self.losses_.get) if self.losses_ else DEFAULT_PENALTY
        self._fit_scale(X, y, weight)
        Z = self._standardised(X)
        self.intercept_, self.coefficients_ = _logistic(Z, y, weight, self.penalty_, self.stretch_)
        self.covariance_ = _sandwich(
            Z, y, weight, X.customer_id, self.intercept_, self.coefficients_, self.penalty_ / self.stretch_**2
        )
        self.n_rows_, self.n_lost_ = len(X), int(X.contract_id[y == 0].nunique())
        self.summary_ = self._odds_ratios(X, Z, y, weight)
        return self

    def renewal_probability(self, X: pd.DataFrame, days: Sequence[int] = (30, 90, 180, 365)) -> pd.DataFrame:
        """P(renewed at its end), and P(still in force so many days after the landmark), by contract.

        A contract is in force until its last day whatever comes then: for fewer days than are left, the chance is 1. One that
        is over, within its grace days, can only be renewed now.

        Returns
        -------
        p_renew_<days> for each of `days`, and p_renew; index as X.
        """
        p = 1 / (1 + np.exp(-(self.intercept_ + self._standardised(X) @ self.coefficients_)))
        left = X["days_to_end"].to_numpy()
        columns = {f"p_renew_{d}": np.where(left < d, p, 1.0) for d in days}
        return pd.DataFrame(columns | {"p_renew": p}, index=X.index)

    def limits(self, X: pd.DataFrame, z: float = Z95) -> pd.DataFrame:
        """Lower and upper limit of P(renewed at its end): what the coefficients do not know, customers as clusters.

        They are limits of the chance of contracts that look like this one. How far the ridge draws chances towards each other,
        and what no feature tells of this contract, is in none of them.

        Returns
        -------
        low, high, with `p_renew` between them; index as X.
        """
        Z = self._standardised(X)
        A = np.column_stack([np.ones(len(Z)), Z])
        logit = self.intercept_ + Z @ self.coefficients_
        half = z * np.sqrt(np.einsum("ij,ij->i", A @ self.covariance_, A))
        low, high = (1 / (1 + np.exp(-(logit + sign * half))) for sign in (-1, 1))
        return pd.DataFrame({"low": low, "high": high}, index=X.index)

    def reason(self, X: pd.DataFrame) -> pd.Series:
        """The feature that lowers each chance most below that of the mean contract; missing where none does.

        Only features that go with leaving beyond chance (`summary_`) are reasons, and only where both fits agree on the side.
        """
        found = self.summary_.set_index("feature").reindex(self.columns_)
        sure = ((found.low > 1) & (self.coefficients_ < 0)) | ((found.high < 1) & (self.coefficients_ > 0))
        pull = -self._standardised(X) * np.where(sure, self.coefficients_, 0.0)
        if not len(self.columns_):
            return pd.Series(pd.NA, index=X.index, dtype="string")
        worst = pd.Series(
            np.array(self.columns_, dtype=object)[pull.argmax(1)], index=X.index, dtype="string"
        )
        return worst.where(pull.max(1) > 0)

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
        ends = X.landmark + pd.to_timedelta(X.days_to_end, unit="D")
        cuts = [ends.max() - YEAR * n for n in (2, 1, 0)]
        total, mass = dict.fromkeys(self.penalties, 0.0), 0.0
        for begin, end in pairwise(cuts):
            before = (ends <= begin).to_numpy()
            after = ((X.landmark > begin) & (X.landmark <= end)).to_numpy()
            if (
                min(_lost(X, y, before), _lost(X, y, after)) < MIN_LOSSES
                or min(y[before].sum(), y[after].sum()) == 0
            ):
                continue
            self._fit_scale(X[before], y[before], weight[before])
            Z, later = self._standardised(X[before]), self._standardised(X[after])
            mass += weight[after].sum()
            for penalty in self.penalties:
                intercept, coefficients = _logistic(Z, y[before], weight[before], penalty, self.stretch_)
                logit = intercept + later @ coefficients
                surprise = np.logaddexp(0, np.where(y[after] == 1, -logit, logit))
                total[penalty] += (surprise * weight[after]).sum()
        return {penalty: loss / mass for penalty, loss in total.items()} if mass else {}

    def _fit_scale(self, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> None:
        """Which columns have a coefficient, and their medians, means and deviations."""
        numbers = [c for c in X if c not in KEYS and pd.api.types.is_numeric_dtype(X[c])]
        self.medians_ = X[numbers].median().dropna()
        self.columns_ = list(self.medians_.index)
        lost = X[y == 0].drop_duplicates("contract_id")
        for label in [c for c in X if c not in (*KEYS, *numbers)]:
            counts, losses = X[label].value_counts(), lost[label].value_counts()
            values = [v for v in counts.index[1:] if losses.get(v, 0) >= MIN_LOSSES]
            self.columns_ += [f"{label}={value}" for value in sorted(values)]
        D = self._design(X)
        self.means_ = np.average(D, axis=0, weights=weight) if D.size else np.zeros(D.shape[1])
        spread = (
            np.sqrt(np.average((D - self.means_) ** 2, axis=0, weights=weight)) if D.size else self.means_
        )
        varies = spread > 1e-9
        self.columns_ = [c for c, v in zip(self.columns_, varies, strict=True) if v]
        self.means_, self.spreads_ = self.means_[varies], spread[varies]
        self.stretch_ = np.where(np.isin(self.columns_, list(self.timing)), UNSHRUNK, 1.0)

    def _design(self, X: pd.DataFrame) -> np.ndarray:
        columns = np.empty((len(X), len(self.columns_)))
        for k, name in enumerate(self.columns_):
            label, _, value = name.partition("=")
            if value:
                columns[:, k] = (X[label] == value).fillna(False).to_numpy(float)
            else:
                columns[:, k] = X[name].astype(float).fillna(self.medians_[name])
        return columns

    def _standardised(self, X: pd.DataFrame) -> np.ndarray:
        return np.clip((self._design(X) - self.means_) / self.spreads_, -FAR, FAR)

    def _odds_ratios(self, X: pd.DataFrame, Z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> pd.DataFrame:
        """Odds of losing for one unit more, with limits from a sandwich over customers."""
        intercept, coefficients = _logistic(Z, y, weight, 1.0, np.ones(Z.shape[1]))
        covariance = _sandwich(Z, y, weight, X.customer_id, intercept, coefficients, np.ones(Z.shape[1]))
        spread = np.sqrt(np.diag(covariance))[1:]
        log_odds, error = -coefficients / self.spreads_, spread / self.spreads_
        contract = pd.factorize(X.contract_id)[0]
        contracts = [np.count_nonzero(np.bincount(contract[column != 0])) for column in self._design(X).T]
        return pd.DataFrame(
            {
                "feature": pd.array(self.columns_, dtype="string"),
                "odds_ratio": np.exp(log_odds),
                "low": np.exp(log_odds - Z95 * error),
                "high": np.exp(log_odds + Z95 * error),
                "n": contracts,
            }
        )


def _logistic(
    Z: np.ndarray, y: np.ndarray, weight: np.ndarray, penalty: float, stretch: np.ndarray
) -> tuple[float, np.ndarray]:
    """Intercept and coefficients of P(y = 1); the ridge is on the coefficients of `Z * stretch`."""
    if not Z.shape[1]:
        rate = np.average(y, weights=weight)
        return float(np.log(rate / (1 - rate))), np.zeros(0)
    fitted = LogisticRegression(C=1 / penalty, solver="newton-cholesky", max_iter=100)
    fitted.fit(Z * stretch, y, sample_weight=weight)
    return float(fitted.intercept_[0]), fitted.coef_[0] * stretch


def _sandwich(
    Z: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    customers: pd.Series,
    intercept: float,
    coefficients: np.ndarray,
    penalty: np.ndarray,
) -> np.ndarray:
    """Covariance of intercept and coefficients of a logistic fit with a ridge, customers as clusters."""
    p = 1 / (1 + np.exp(-(intercept + Z @ coefficients)))
    A = np.column_stack([np.ones(len(Z)), Z])
    bread = np.linalg.inv(
        (A * (weight * p * (1 - p))[:, None]).T @ A + np.diag(np.concatenate([[0.0], penalty]))
    )
    order = np.argsort(codes := pd.factorize(customers)[0], kind="stable")
    begins = np.flatnonzero(np.diff(codes[order], prepend=-1))
    scores = np.add.reduceat((A * (weight * (y - p))[:, None])[order], begins, axis=0)
    return bread @ (scores.T @ scores) @ bread


def _lost(X: pd.DataFrame, y: np.ndarray, rows: np.ndarray) -> int:
    return X.contract_id[rows & (y == 0)].nunique()


def _check(X: pd.DataFrame, y: np.ndarray) -> None:
    missing = [name for name in KEYS if name not in X]
    if missing:
        raise CrmlabError(
            f"RenewalHazard: X has no column {', '.join(missing)}; crmlab.churn.landmarks makes them"
        )
    if len(X) != len(y):
        raise CrmlabError(
            f"RenewalHazard: {len(X):,} rows of X and {len(y):,} of y; one outcome per row is expected"
        )
    if len(np.unique(y)) < 2:
        raise CrmlabError(
            "RenewalHazard: every contract had the same end; renewed (1) and lost (0) ones are needed to tell them apart"
        )
