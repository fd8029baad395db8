"""The chance that a contract is renewed at its end, by boosted trees: what `RenewalHazard` is held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from crmlab.churn.landmarks.features import KEYS
from crmlab.churn.models import ridge
from crmlab.churn.models.design import numbers_of, values
from crmlab.churn.models.hazard import RenewalHazard, check, in_force
from crmlab.files import CrmlabError
from crmlab.intervals import Z95

GROUPS = 10
"""Fits, each without the customers of one group."""
MOST_VALUES = 200
"""Commonest values of a label that are told apart; the trees hold 255 bins."""
SLOPE_RIDGE = 1.0
"""The ridge on the slope of the calibration, in rows: it keeps it finite where the trees separate all."""


class BoostedHazard(BaseEstimator):
    """P(renewed at its end) from the same rows and features as `RenewalHazard`, by ten boosted trees that each miss a tenth of the customers.

    What each says of the tenth that it has not seen calibrates all of them together (Platt 1999): on a tenth alone there are
    too few losses for it. A chance is their mean on the logit scale, and its limits are those of a jackknife that leaves out a
    group of customers at a time (Shao and Tu 1995, The Jackknife and Bootstrap, 2.3). Trees have no odds ratio: `summary_` and
    `reason` are those of a `RenewalHazard` fitted to the same rows, and say what goes with leaving, not what these trees made of it.
    The order of rows makes no difference.

    Parameters
    ----------
    iterations : trees in each fit.
    seed : of the groups and of the fits.

    Attributes
    ----------
    logistic_ : the `RenewalHazard` beside it.
    summary_ : feature, odds_ratio, low, high, n, of `logistic_`.
    slope_, intercept_ : of the calibration; a slope of 0 says that the trees knew nothing of customers they had not seen.
    n_rows_, n_lost_ : rows fitted on, and contracts lost among them.

    Examples
    --------
    >>> day = pd.Timestamp("2025-01-31")
    >>> X = pd.DataFrame({"contract_id": [f"K{n:04d}" for n in range(4000)], "customer_id": [f"C{n:04d}" for n in range(4000)],
    ...     "landmark": day, "days_to_end": 60, "complaints": [0.0, 1.0] * 2000})
    >>> y = (np.arange(4000) % 4 != 1).astype(int)                    # every second complainer is lost
    >>> model = BoostedHazard().fit(X, y)
    >>> [round(p, 1) for p in model.renewal_probability(X.head(2)).p_renew]
    [1.0, 0.5]
    >>> list(model.reason(X.head(2)).fillna(""))
    ['', 'complaints']
    """

    def __init__(self, iterations: int = 60, seed: int = 0):
        self.iterations = iterations
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: np.ndarray, sample_weight: np.ndarray | None = None) -> BoostedHazard:
        """Fit to occasions whose end is known.

        Parameters
        ----------
        X : `KEYS`, and features: numbers (missing allowed) and labels.
        y : 1 renewed, 0 lost, in the order of X.
        sample_weight : of each row; one for all where it is not given.

        Raises
        ------
        CrmlabError : a column of `KEYS` is not there, X and y differ in length, y holds one kind only, or there are too few
            customers for one kind to remain without a tenth of them.
        """
        y = np.asarray(y, dtype=int)
        check("BoostedHazard", X, y)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        order = np.lexsort([X[name].to_numpy() for name in ("landmark", "contract_id")])
        X, y, weight = X.iloc[order], y[order], weight[order]
        self.logistic_ = RenewalHazard(seed=self.seed).fit(X, y, weight)
        self.summary_ = self.logistic_.summary_
        self.n_rows_, self.n_lost_ = len(X), int(X.contract_id[y == 0].nunique())
        self._learn_columns(X)
        # Weights make scikit-learn seek the bins by slow percentiles.
        alike = np.ptp(weight) == 0
        D, raw, self.members_ = self._numbers(X), np.empty(len(X)), []
        with threadpool_limits(1):
            for seen, unseen in self._groups(X, y):
                trees = self._trees().fit(D[seen], y[seen], None if alike else weight[seen])
                raw[unseen] = trees.decision_function(D[unseen])
                self.members_.append(trees)
        self.intercept_, self.slope_ = calibration(raw, y, weight)
        return self

    def renewal_probability(self, X: pd.DataFrame, days: Sequence[int] = (30, 90, 180, 365)) -> pd.DataFrame:
        """P(renewed at its end), and P(still in force so many days after the landmark), by contract.

        Returns
        -------
        p_renew_<days> for each of `days`, and p_renew, as `RenewalHazard.renewal_probability` has them; index as X.
        """
        return in_force(X, expit(self._logits(X).mean(1)), days)

    def limits(self, X: pd.DataFrame, z: float = Z95) -> pd.DataFrame:
        """Limits of p_renew, from how the chance changes without a tenth of the customers, on the logit scale.

        What `RenewalHazard.limits` leaves out is left out here, and the calibration is taken as known.

        Parameters
        ----------
        z : normal quantile; the default is of 95 % limits.

        Returns
        -------
        low, high; index as X.
        """
        logits = self._logits(X)
        members = logits.shape[1]
        middle, half = logits.mean(1), z * np.sqrt((members - 1) * logits.var(axis=1))
        return pd.DataFrame({"low": expit(middle - half), "high": expit(middle + half)}, index=X.index)

    def reason(self, X: pd.DataFrame) -> pd.Series:
        """The feature that lowers each chance most by `logistic_`; see `RenewalHazard.reason`."""
        return self.logistic_.reason(X)

    def _learn_columns(self, X: pd.DataFrame) -> None:
        """Which features there are: numbers with a value anywhere, and labels with the values told apart."""
        numbers = numbers_of(X)
        self.numbers_ = [name for name in numbers if X[name].notna().any()]
        self.labels_ = {}
        for name in [name for name in X if name not in (*KEYS, *numbers)]:
            counts = X[name].astype("string").value_counts().sort_index()
            common = counts.sort_values(ascending=False, kind="stable").index[:MOST_VALUES]
            if len(common):
                self.labels_[name] = sorted(common)

    def _numbers(self, X: pd.DataFrame) -> np.ndarray:
        """Rows × features: numbers, then codes of labels; NaN where a value is missing or was never seen."""
        D = np.empty((len(X), len(self.numbers_) + len(self.labels_)))
        for k, name in enumerate(self.numbers_):
            D[:, k] = values(X, name)
        for k, (name, known) in enumerate(self.labels_.items(), len(self.numbers_)):
            codes = pd.Index(known).get_indexer(X[name].astype("string"))
            D[:, k] = np.where(codes < 0, np.nan, codes)
        return D

    def _trees(self) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            learning_rate=0.1,
            max_iter=self.iterations,
            max_leaf_nodes=8,
            min_samples_leaf=100,
            l2_regularization=10.0,
            categorical_features=[
                k >= len(self.numbers_) for k in range(len(self.numbers_) + len(self.labels_))
            ],
            early_stopping=False,
            random_state=self.seed,
        )

    def _groups(self, X: pd.DataFrame, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Rows seen and unseen by each fit."""
        customers = pd.factorize(X.customer_id, sort=True)[0]
        groups = min(GROUPS, customers.max() + 1)
        if groups > 1:
            folds = GroupKFold(groups, shuffle=True, random_state=self.seed)
            split = list(folds.split(X, y, customers))
            if all(len(np.unique(y[seen])) == 2 for seen, _ in split):
                return split
        raise CrmlabError(
            "BoostedHazard: without a tenth of the customers every contract had the same end; more customers are needed, "
            "or RenewalHazard"
        )

    def _logits(self, X: pd.DataFrame) -> np.ndarray:
        """Calibrated, of each member: rows × members."""
        D = self._numbers(X)
        if not len(D):
            return np.empty((0, len(self.members_)))
        with threadpool_limits(1):
            raw = np.column_stack([trees.decision_function(D) for trees in self.members_])
        return self.intercept_ + self.slope_ * raw


def calibration(raw: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Intercept and slope of the log odds of y on those predicted; the slope is no less than 0.

    Customers left out pull what is said of them the other way, so that predictions that know nothing seem to know the opposite.
    """
    intercept, slope = ridge.fitted(raw[:, None], y, weight, np.array([SLOPE_RIDGE]))
    if slope > 0:
        return float(intercept), float(slope)
    return float(ridge.fitted(np.empty((len(y), 0)), y, weight, np.empty(0))[0]), 0.0
