"""The first mixture of the nine types, on six axis scores: the line `first_light` of `benchmarks/segments.py`.

What replaces it must beat it by two paired standard errors, so it is kept as it was, but for the features, which are today's:
scikit-learn's Gaussian mixture, one component per type, started at the prototypes as far out as the reliability of each axis allows, and
stopped before a component would leave its cell. Fitted on customers with all six scores.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from crmlab.segments.behaviour.catalogue import AXES, FEATURES, TYPES
from crmlab.segments.types.simple import axis_prototypes

AMPLITUDE, REG, MAX_ITER, MIN_CUSTOMERS, FEWEST = 1.5, 0.1, 100, 50, 30


def probabilities(scores: pd.DataFrame) -> pd.DataFrame | None:
    """(n, 9) probabilities from (n, features) scores; None where fewer than 50 customers have all axes."""
    own = {
        axis: [f.name for f in FEATURES if f.axis == axis and scores[f.name].notna().any()] for axis in AXES
    }
    means = pd.DataFrame(
        {
            a: scores[own[a]]
            .mean(axis=1)
            .where(scores[own[a]].notna().sum(axis=1) >= max(1, len(own[a]) / 2))
            for a in AXES
        }
    )
    means = (means - means.mean()) / means.std(ddof=0)
    axes = [axis for axis in AXES if means[axis].notna().any()]
    full = means[axes].dropna().to_numpy(float)
    if len(full) < MIN_CUSTOMERS:
        return None
    pure = axis_prototypes()[axes]
    start = ((pure - pure.mean()) * AMPLITUDE * np.sqrt(reliability(scores, own)[axes])).to_numpy()
    at, covariance, weights = fitted(full, start)
    return told(means[axes], at, covariance, weights)


def reliability(scores: pd.DataFrame, own: dict[str, list[str]]) -> pd.Series:
    """(6,) Cronbach's alpha of each axis; one without two features takes the others' mean."""
    alpha = pd.Series(np.nan, index=list(AXES))
    for axis, names in own.items():
        agree = scores[names].corr(min_periods=FEWEST).to_numpy()[np.triu_indices(len(names), 1)]
        if np.isfinite(agree).any():
            mean = np.nanmean(agree)
            alpha[axis] = max(0.0, len(names) * mean / (1 + (len(names) - 1) * mean))
    return alpha.fillna(alpha.mean()).fillna(0.0)


def fitted(full: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means, covariance and weights after the last step at which every component lay in its cell."""
    noise = np.maximum(1 - start.var(axis=0), 0.1)
    mixture = GaussianMixture(
        len(TYPES), covariance_type="tied", weights_init=np.full(len(TYPES), 1 / len(TYPES)), means_init=start,
        precisions_init=np.diag(1 / noise), reg_covar=REG, max_iter=1, warm_start=True, random_state=0,
    )  # fmt: skip
    kept, bound = (start, np.diag(noise), np.full(len(TYPES), 1 / len(TYPES))), -np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(MAX_ITER):
            mixture.fit(full)
            if left_its_cell(mixture.means_, start):
                break
            kept = (mixture.means_.copy(), mixture.covariances_.copy(), mixture.weights_.copy())
            if mixture.lower_bound_ - bound < 1e-5:
                break
            bound = mixture.lower_bound_
    return kept


def left_its_cell(means: np.ndarray, start: np.ndarray) -> bool:
    """Whether some mean points more towards another type's start than towards its own."""
    length = np.linalg.norm(start, axis=1)
    cosine = (means @ start.T) / np.where(length > 0, length, 1)
    return not (np.diag(cosine) >= cosine.max(axis=1) - 1e-9).all()


def told(means: pd.DataFrame, at: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """(n, 9) probabilities by the scores that are known; NaN where none is."""
    x = means.to_numpy(float)
    out, known = np.full((len(x), len(TYPES)), np.nan), np.isfinite(x)
    for pattern in np.unique(known, axis=0):
        if not pattern.any():
            continue
        rows = (known == pattern).all(axis=1)
        precision = np.linalg.inv(covariance[np.ix_(pattern, pattern)])
        apart = x[rows][:, None, pattern] - at[None, :, pattern]
        log = np.log(weights + 1e-300) - 0.5 * np.einsum("nki,ij,nkj->nk", apart, precision, apart)
        share = np.exp(log - log.max(axis=1, keepdims=True))
        out[rows] = share / share.sum(axis=1, keepdims=True)
    return pd.DataFrame(out, index=means.index, columns=list(TYPES))
