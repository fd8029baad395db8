"""Features as scores that compare: ranked against the customers of one reference day, freed of size and age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crmlab.segments.behaviour.catalogue import AXES, FEATURES, NAMES, Feature

CLIP = 3.0
"""Standard scores beyond this say no more: one odd feature must not decide a type."""
SEED = 0
MOST = 50.0
"""A feature's pull towards the mean is worth so many events at most."""
MOST_ROWS = 100_000
"""Customers on which ranks and scales are frozen at most."""
LEAST = 20
"""Customers of whom a feature must be known before its pull, or its slopes on size and age, are estimated."""


class ValueScorer:
    """From features to normal scores, about one standard deviation wide among the customers it was fitted on.

    A feature's value becomes the normal score of its rank, and is drawn towards the mean the more, the fewer events it is divided by:
    half of two quotations says less than half of two hundred. What the number of records and the length of the relation explain of
    it (least squares on their logarithms) is taken out, for a type says how to serve, not how much; the rest is clipped at ±3. Ranks
    are frozen at `fit`, so that a shift of the whole market remains visible.

    Tied values have the mean score of the ranks they fill. A mixture must not be fitted on those: a feature that is 0 for 85 % of all
    would have next to no variance among them and take over a type. `fit_transform` breaks ties by drawing ranks (seeded).

    Parameters
    ----------
    shrink : draw scores of few events towards the mean.

    Attributes
    ----------
    reference_ : feature → sorted values of the fitted customers; empty where it is silent.
    silent_ : features of which nobody's is known, or everybody's is the same: they tell nobody apart.
    pull_ : feature → what its mean is worth, in events. scale_ : (features,) that keeps scores about one standard deviation wide.
    nuisance_ : (3, features) coefficients on 1, log(1 + records), log(1 + tenure in days), within `sizes_` (2, 2), their
    least and most.
    axis_scale_ : (6,) standard deviation of the axis means.

    Examples
    --------
    >>> from crmlab.segments.behaviour.catalogue import NAMES
    >>> table = pd.DataFrame({"records": 9, "tenure_days": 900, "promo_share": [0.0, 0.1, 0.9]}).reindex(
    ...     columns=["records", "tenure_days", *NAMES, *(f"{name}_n" for name in NAMES)])
    >>> ValueScorer().fit(table).transform(table)["promo_share"].round(2).tolist()
    [-1.09, -0.0, 1.09]
    """

    def __init__(self, shrink: bool = True):
        self.shrink = shrink

    def fit(self, table: pd.DataFrame) -> ValueScorer:
        """Freeze ranks and scales on `table`: the features, their denominators, `records` and `tenure_days`.

        Of more than `MOST_ROWS` customers on as many, drawn at random (seeded): a rank among these is as good.
        """
        if len(table) > MOST_ROWS:
            table = table.sample(MOST_ROWS, random_state=SEED).sort_index()
        values = {name: _floats(table, name) for name in NAMES}
        self.reference_ = {name: _telling(values[name]) for name in NAMES}
        self.silent_ = tuple(name for name in NAMES if not len(self.reference_[name]))
        counts = {name: _floats(table, f"{name}_n") for name in NAMES}
        self.pull_ = {name: _pull(values[name], counts[name]) if self.shrink else 0.0 for name in NAMES}
        trust = self._trust(table)
        known = np.isfinite(np.column_stack(list(values.values())))
        square = np.where(known, trust**2, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        self.scale_ = np.where(square > 0, 1 / np.sqrt(np.maximum(square, 1e-12)), 1.0)
        size = _size(table)
        self.sizes_ = np.vstack([size.min(axis=0), size.max(axis=0)]) if len(size) else np.zeros((2, 2))
        ranked, design = self._ranked(table), self._design(table)
        self.nuisance_ = np.zeros((3, len(NAMES)))
        for j in range(len(NAMES)):
            rows = np.isfinite(ranked[:, j])
            if rows.sum() >= LEAST:
                self.nuisance_[:, j] = np.linalg.lstsq(design[rows], ranked[rows, j], rcond=None)[0]
        spread = _axis_means(self._freed(table, ranked)).std(ddof=0)
        self.axis_scale_ = spread.where(spread > 1e-9)
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """(n, features) scores, index that of `table`; NaN where the feature is missing or silent."""
        return self._freed(table, self._ranked(table))

    def fit_transform(self, table: pd.DataFrame, y: None = None) -> pd.DataFrame:
        """Fit, and return the scores to fit a mixture on: those of `transform` but for ties, which are broken at random."""
        self.fit(table)
        return self._freed(table, self._ranked(table, np.random.default_rng(SEED)))

    def axis_scores(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 6) mean score on each axis in standard deviations; what speaks against it counts negative; NaN where nothing is known."""
        return _axis_means(scores) / self.axis_scale_

    def _trust(self, table: pd.DataFrame) -> np.ndarray:
        """(n, features) share of a score that is kept; all of it where the denominator is not told."""
        kept = np.ones((len(table), len(NAMES)))
        for j, (name, pull) in enumerate(self.pull_.items()):
            if pull > 0:
                n = _floats(table, f"{name}_n")
                kept[:, j] = np.where(n > 0, n / (n + pull), 1.0)
        return kept

    def _ranked(self, table: pd.DataFrame, rng: np.random.Generator | None = None) -> np.ndarray:
        columns = [normal_scores(_floats(table, name), self.reference_[name], rng) for name in NAMES]
        return np.column_stack(columns) * self._trust(table) * self.scale_

    def _design(self, table: pd.DataFrame) -> np.ndarray:
        """(n, 3) 1 and the sizes, within those of the fitted customers: all grow older, and a slope says nothing beyond them."""
        return np.column_stack([np.ones(len(table)), np.clip(_size(table), *self.sizes_)])

    def _freed(self, table: pd.DataFrame, ranked: np.ndarray) -> pd.DataFrame:
        scores = np.clip(ranked - self._design(table) @ self.nuisance_, -CLIP, CLIP)
        return pd.DataFrame(scores, index=table.index, columns=list(NAMES))


def normal_scores(
    values: np.ndarray, reference: np.ndarray, rng: np.random.Generator | None = None
) -> np.ndarray:
    """The standard normal score of each value's rank among `reference`; NaN stays NaN.

    Parameters
    ----------
    values : (n,) floats. reference : (m,) sorted floats without NaN; with none there is no rank: all NaN.
    rng : where given, a tied value takes a rank at random in the interval its ties fill; else the normal distribution's mean over it.
    """
    if not len(reference):
        return np.full(len(values), np.nan)
    size = len(reference)
    levels, level = np.unique(
        values, return_inverse=True
    )  # most features have few, and looking up is what costs
    low = np.searchsorted(reference, levels, "left").astype(float)
    high = np.searchsorted(reference, levels, "right").astype(float)
    unseen = low == high  # between two known values: half a rank to either side
    low, high = np.where(unseen, low - 0.5, low), np.where(unseen, high + 0.5, high)
    low, high = low.clip(0, size - 0.5) / size, high.clip(0.5, size) / size
    if rng is None:
        score = ((_density(ndtri(low)) - _density(ndtri(high))) / (high - low))[level]
    else:
        score = ndtri(low[level] + (high - low)[level] * rng.uniform(0.001, 0.999, len(values)))
    return np.where(np.isnan(values), np.nan, score)


def _axis_means(scores: pd.DataFrame) -> pd.DataFrame:
    means = {}
    for axis in AXES:
        signs = {f.name: 1.0 for f in FEATURES if axis in _axes(f)}
        signs |= {f.name: -1.0 for f in FEATURES if axis == f.against}
        means[axis] = (scores[list(signs)] * pd.Series(signs)).mean(axis=1)
    return pd.DataFrame(means, index=scores.index, dtype=float)


def _axes(feature: Feature) -> tuple[str, ...]:
    return (feature.speaks_for,) if isinstance(feature.speaks_for, str) else feature.speaks_for


def _pull(values: np.ndarray, counts: np.ndarray) -> float:
    """What the mean is worth in events: variance of one event over variance between customers (moments, weighted least squares)."""
    known = np.isfinite(values) & (counts > 0)
    v, n = values[known], counts[known]
    if len(v) < LEAST or np.ptp(n) == 0 or np.ptp(v) == 0:
        return 0.0  # without different denominators the two cannot be told apart
    square = (v - (v * n).sum() / n.sum()) ** 2
    weight = np.sqrt(n / (1 + n / 5))
    design = np.column_stack([np.ones(len(n)), 1 / n]) * weight[:, None]
    between, within = np.linalg.lstsq(design, square * weight, rcond=None)[0]
    return float(np.clip(within / max(between, 1e-12), 0.0, MOST))


def _telling(values: np.ndarray) -> np.ndarray:
    known = np.sort(values[np.isfinite(values)])
    return known if len(known) and known[0] < known[-1] else known[:0]


def _floats(table: pd.DataFrame, name: str) -> np.ndarray:
    return table[name].to_numpy(float, na_value=np.nan)


def _size(table: pd.DataFrame) -> np.ndarray:
    """(n, 2) logarithms of 1 + records and 1 + tenure in days."""
    return np.column_stack(
        [np.log1p(np.nan_to_num(_floats(table, name))) for name in ("records", "tenure_days")]
    )


def _density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)
