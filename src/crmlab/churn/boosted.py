"""The chance that a contract is renewed at its end, from boosted trees that are calibrated on customers left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from crmlab.churn.hazard import RenewalHazard
from crmlab.churn.landmarks.features import KEYS
from crmlab.intervals import Z95


class BoostedHazard(BaseEstimator):
    """P(renewed at its end) like `RenewalHazard`, by gradient boosting over the same features on the same landmarks.

    Fitted `members` times, each time without one part of the customers, whose outcomes then calibrate that member (Platt 1999).
    A chance is the mean of the members on the scale of log-odds, and its limits come from how much they differ
    (delete-a-group jackknife: Kott 2001, J. Off. Stat. 17:521). Trees have no odds ratios: `summary_` and reasons are those of
    a `RenewalHazard` fitted beside them.

    Parameters
    ----------
    members : parts of the customers.
    seed : of the trees.

    Attributes
    ----------
    logistic_ : the `RenewalHazard` beside it.
    summary_ : its odds ratios.
    """

    def __init__(self, members: int = 10, seed: int = 0):
        self.members = members
        self.seed = seed

    def fit(self, X: pd.DataFrame, y: np.ndarray, sample_weight: np.ndarray | None = None) -> BoostedHazard:
        """Fit to occasions whose end is known; see `RenewalHazard.fit` for the parameters and what is raised."""
        self.logistic_ = RenewalHazard(seed=self.seed).fit(X, y, sample_weight)
        self.summary_ = self.logistic_.summary_
        self.labels_ = {
            c: sorted(X[c].dropna().unique())
            for c in X
            if c not in KEYS and not pd.api.types.is_numeric_dtype(X[c])
        }
        self.columns_ = [c for c in X if c not in KEYS]
        y = np.asarray(y, dtype=int)
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, float)
        design, customers = self._design(X), X.customer_id.to_numpy(str)
        folds = GroupKFold(min(self.members, len(np.unique(customers))))
        self.trees_, self.calibrations_ = [], []
        for kept, left in folds.split(design, y, customers):
            if min(len(np.unique(y[kept])), len(np.unique(y[left]))) < 2:
                continue
            trees = HistGradientBoostingClassifier(
                learning_rate=0.05,
                max_iter=120,
                max_leaf_nodes=8,
                min_samples_leaf=100,
                l2_regularization=10.0,
                categorical_features=[c in self.labels_ for c in self.columns_],
                random_state=self.seed,
            ).fit(design[kept], y[kept], sample_weight=weight[kept])
            raw = trees.decision_function(design[left])[:, None]
            self.trees_.append(trees)
            self.calibrations_.append(LogisticRegression(C=1e6).fit(raw, y[left], sample_weight=weight[left]))
        return self

    def renewal_probability(self, X: pd.DataFrame, days: Sequence[int] = (30, 90, 180, 365)) -> pd.DataFrame:
        """P(renewed at its end), and P(still in force so many days on); see `RenewalHazard.renewal_probability`."""
        p = 1 / (1 + np.exp(-self._members(X).mean(axis=0)))
        left = X["days_to_end"].to_numpy()
        columns = {f"p_renew_{d}": np.where(left < d, p, 1.0) for d in days}
        return pd.DataFrame(columns | {"p_renew": p}, index=X.index)

    def limits(self, X: pd.DataFrame, z: float = Z95) -> pd.DataFrame:
        """Lower and upper limit of P(renewed at its end): low, high; index as X."""
        logits = self._members(X)
        mean, n = logits.mean(axis=0), len(logits)
        half = z * np.sqrt((n - 1) / n * ((logits - mean) ** 2).sum(axis=0))
        low, high = (1 / (1 + np.exp(-(mean + sign * half))) for sign in (-1, 1))
        return pd.DataFrame({"low": low, "high": high}, index=X.index)

    def reason(self, X: pd.DataFrame) -> pd.Series:
        """The feature that lowers each chance most, as the logistic hazard beside the trees has it."""
        return self.logistic_.reason(X)

    def _members(self, X: pd.DataFrame) -> np.ndarray:
        """Calibrated log-odds, a row per member."""
        design = self._design(X)
        return np.array(
            [
                calibration.decision_function(trees.decision_function(design)[:, None])
                for trees, calibration in zip(self.trees_, self.calibrations_, strict=True)
            ]
        )

    def _design(self, X: pd.DataFrame) -> np.ndarray:
        """Features as numbers; a label is its place among those fitted on, missing where it was not among them."""
        columns = [
            pd.Categorical(X[c], self.labels_[c]).codes.astype(float)
            if c in self.labels_
            else X[c].to_numpy(float, na_value=np.nan)
            for c in self.columns_
        ]
        design = np.column_stack(columns)
        labels = [c in self.labels_ for c in self.columns_]
        design[:, labels] = np.where(design[:, labels] < 0, np.nan, design[:, labels])
        return design
