"""Six axis scores per customer: each feature ranked against its peers, freed of size, averaged by axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crmlab.segments.features import AXES, FEATURES

CLIP = 3.0
"""Standard scores beyond this say no more: one odd feature must not decide an axis."""


def normal_scores(values: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The standard normal score of each value's rank among `reference`; NaN stays NaN.

    A value tied with several of the reference takes the mean of the normal distribution over the whole interval of
    ranks they fill, so that a feature with 85 % zeros scores those zeros near their middle, not at random.

    Parameters
    ----------
    values : (n,) floats. reference : (m,) floats without NaN, in any order; with none there is no rank: all NaN.
    """
    if not len(reference):
        return np.full(len(values), np.nan)
    ordered = np.sort(reference)
    size = len(ordered)
    low = np.searchsorted(ordered, values, "left").astype(float)
    high = np.searchsorted(ordered, values, "right").astype(float)
    unseen = low == high  # between two known values: half a rank to either side
    low, high = np.where(unseen, low - 0.5, low), np.where(unseen, high + 0.5, high)
    low, high = low.clip(0, size - 0.5) / size, high.clip(0.5, size) / size
    score = (_density(ndtri(low)) - _density(ndtri(high))) / (high - low)
    return np.where(np.isnan(values), np.nan, score)


def _telling(feature: pd.Series) -> np.ndarray:
    """Its known values, or none where all are the same: such a feature tells nobody apart."""
    known = feature.dropna().to_numpy(float)
    return known if len(np.unique(known)) > 1 else known[:0]


def _density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


class ValueScorer:
    """From features to the six axis scores, in standard deviations among the customers it was fitted on.

    Each feature becomes a normal score of its rank; what the number of records and the length of the relation
    explain of it (least squares on their logarithms) is taken out, for a type says how to serve, not how much; the
    rest is clipped at ±3. An axis is the mean of its features, and missing where a customer has fewer than half of
    those that anyone has. The ranks are frozen at `fit`, so that a shift of the whole market remains visible.

    Attributes
    ----------
    reference_ : dict of feature → the values of the fitted customers.
    nuisance_ : dict of feature → (3,) coefficients on 1, log(1 + records), log(1 + tenure in days).
    scale_ : (6,) Series, the standard deviation of each axis mean before it is divided by it.
    center_ : (6,) Series, its mean.
    reliability_ : (6,) Series, 0 to 1: how far the features of an axis agree (Cronbach's alpha, from their mean
        correlation). Of an axis at 0 nothing can be known from these records, however far a score lies out.
    """

    def fit(self, table: pd.DataFrame) -> ValueScorer:
        """Freeze ranks and scales on `table`: the features, `records` and `tenure_days`, one row per customer."""
        self.reference_ = {f.name: _telling(table[f.name]) for f in FEATURES}
        self.nuisance_ = {}
        design = self._design(table)
        for feature in FEATURES:
            score = normal_scores(table[feature.name].to_numpy(float), self.reference_[feature.name])
            known = np.isfinite(score)
            self.nuisance_[feature.name] = (
                np.linalg.lstsq(design[known], score[known], rcond=None)[0] if known.any() else np.zeros(3)
            )
        self.reliability_ = self._reliability(self.feature_scores(table))
        means = self._axis_means(table)
        self.center_, spread = means.mean(), means.std(ddof=0)
        self.scale_ = spread.where(spread > 1e-9)  # an axis on which all are alike tells nobody apart
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, 6) scores of the customers of `table`, NaN where too few features are known."""
        return (self._axis_means(table) - self.center_) / self.scale_

    def feature_scores(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, features) signed scores: positive speaks for the feature's axis; NaN where the feature is missing."""
        design, scores = self._design(table), {}
        for feature in FEATURES:
            score = normal_scores(table[feature.name].to_numpy(float), self.reference_[feature.name])
            score = score - design @ self.nuisance_[feature.name]
            scores[feature.name] = score.clip(-CLIP, CLIP)
        return pd.DataFrame(scores, index=table.index)

    def _axis_means(self, table: pd.DataFrame) -> pd.DataFrame:
        scores, means = self.feature_scores(table), {}
        for axis in AXES:
            own = self._features_of(axis)
            enough = scores[own].notna().sum(axis=1) >= max(1, len(own) / 2)
            means[axis] = scores[own].mean(axis=1).where(enough)
        return pd.DataFrame(means, index=table.index, dtype=float)

    def _features_of(self, axis: str) -> list[str]:
        return [f.name for f in FEATURES if f.axis == axis and len(self.reference_[f.name])]

    def _reliability(self, scores: pd.DataFrame) -> pd.Series:
        """Cronbach's alpha per axis; an axis of one feature has no agreement to measure and takes the others' mean."""
        alpha = pd.Series(np.nan, index=list(AXES))
        for axis in AXES:
            own = self._features_of(axis)
            agree = scores[own].corr(min_periods=30).to_numpy()[np.triu_indices(len(own), 1)]
            if np.isfinite(agree).any():
                mean = np.nanmean(agree)
                alpha[axis] = max(0.0, len(own) * mean / (1 + (len(own) - 1) * mean))
        return alpha.fillna(alpha.mean()).fillna(0.0)

    @staticmethod
    def _design(table: pd.DataFrame) -> np.ndarray:
        return np.column_stack(
            [
                np.ones(len(table)),
                np.log1p(table["records"].to_numpy(float)),
                np.log1p(table["tenure_days"].to_numpy(float)),
            ]
        )
