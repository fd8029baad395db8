"""Logistic regression with a ridge of its own for each coefficient, and how sure it is, by blocks of rows.

Newton's steps need sums over rows only, so that the rows are widened to double precision a block at a time: a million rows of
forty features take no more memory than the float32 matrix they come in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
from scipy.special import expit
from threadpoolctl import ThreadpoolController

ROWS = 8192
"""Rows of a block: what stays in the cache. More than one thread makes products of this size slower, not faster."""
STEPS, HALVINGS = 50, 30
ENOUGH = 1e-6
"""Log-likelihood that a further step would gain, below which there is none."""


def fitted(
    Z: np.ndarray, y: np.ndarray, weight: np.ndarray, ridge: np.ndarray, start: np.ndarray | None = None
) -> np.ndarray:
    """Intercept and coefficients of P(y = 1) that make loss + Σ ridge · coefficient² / 2 least.

    Parameters
    ----------
    Z : rows × features. y : 0 or 1, both among them. weight : of each row.
    ridge : of each feature; the intercept has none.
    start : what to begin with, such as the fit of another ridge. Default: the share of y.

    Returns
    -------
    features + 1 numbers, the intercept first.

    Examples
    --------
    >>> Z, y, one = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1, 0, 1, 1]), np.ones(4)
    >>> fitted(np.repeat(Z, 9, 0), np.repeat(y, 9), np.repeat(one, 9), np.array([1.0])).round(2)
    array([0.4, 1.8])
    """
    ridge = np.append(0.0, ridge)
    if start is None:
        rate = np.average(y, weights=weight)
        start = np.append(np.log(rate / (1 - rate)), np.zeros(Z.shape[1]))
    now = start
    with _libraries().limit(limits=1):
        loss, slope, curve = _sums(Z, y, weight, now, ridge)
        for _ in range(STEPS):
            step = np.linalg.solve(curve, -slope)
            if -slope @ step < 2 * ENOUGH:
                return now + step
            for _ in range(HALVINGS):
                then = _sums(Z, y, weight, now + step, ridge)
                if then[0] <= loss:
                    break
                step = step / 2
            now, (loss, slope, curve) = now + step, then
    return now


def covariance(
    Z: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    fit: np.ndarray,
    ridge: np.ndarray,
    clusters: np.ndarray,
    pulled: bool = False,
) -> np.ndarray:
    """Sandwich estimate of the covariance of `fitted`, where rows of one cluster are no independent witnesses.

    The variance of cluster sums (Liang and Zeger 1986, Biometrika 73:13) between inverses of the penalised curvature, times
    G / (G − 1) for G clusters. It is about the expected value of a shrunken fit, and does not know how far it was shrunk.

    Parameters
    ----------
    fit : from `fitted`, with the same other arguments.
    clusters : 0, 1, … of each row.
    pulled : add the mean square of the ridge's pull, if coefficients are as large as its strength takes them to be, which is
        what makes limits of shrunken fits cover on average (Nychka 1988, JASA 83:1134). Strength is counted in rows, so that
        the pull is in rows per independent witness.
    """
    n = len(fit)
    with _libraries().limit(limits=1):
        strength = np.diag(np.append(0.0, ridge))
        curve = _sums(Z, y, weight, fit, np.diag(strength))[2]
        order = np.argsort(clusters, kind="stable")
        begins = np.flatnonzero(np.diff(clusters[order], prepend=-1))
        filling = np.zeros((n, n))
        for first, last in _whole_clusters(begins, len(order)):
            rows = order[begins[first] : begins[last] if last < len(begins) else len(order)]
            A = _with_one(Z[rows])
            scores = A * (weight[rows] * (y[rows] - expit(A @ fit)))[:, None]
            sums = np.add.reduceat(scores, begins[first:last] - begins[first], axis=0)
            filling += sums.T @ sums
    filling *= len(begins) / max(len(begins) - 1, 1)
    if pulled:
        rows_per_witness = np.trace(filling) / np.trace(curve - strength)
        filling += rows_per_witness * strength
    bread = np.linalg.inv(curve)
    return bread @ filling @ bread


def deviations(Z: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Standard error of intercept + Z · coefficients, by row."""
    found = np.empty(len(Z))
    for begin in range(0, len(Z), ROWS):
        A = _with_one(Z[begin : begin + ROWS])
        found[begin : begin + ROWS] = np.sqrt(np.maximum(((A @ covariance) * A).sum(1), 0.0))
    return found


def _sums(
    Z: np.ndarray, y: np.ndarray, weight: np.ndarray, fit: np.ndarray, ridge: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Penalised loss, its gradient and its curvature."""
    loss, slope, curve = (ridge * fit**2).sum() / 2, ridge * fit, np.diag(ridge)
    for begin in range(0, len(Z), ROWS):
        rows = slice(begin, begin + ROWS)
        A, w, came = _with_one(Z[rows]), weight[rows], y[rows]
        logit = A @ fit
        p = expit(logit)
        loss += w @ (np.logaddexp(0.0, logit) - came * logit)
        slope = slope + A.T @ (w * (p - came))
        root = A * np.sqrt(w * p * (1 - p))[:, None]
        curve = curve + root.T @ root  # a matrix times itself takes half the time of any other product
    return float(loss), slope, curve


@cache
def _libraries() -> ThreadpoolController:
    """Those of linear algebra: to look for them takes longer than a small fit."""
    return ThreadpoolController()


def _with_one(Z: np.ndarray) -> np.ndarray:
    A = np.ones((len(Z), Z.shape[1] + 1))
    A[:, 1:] = Z
    return A


def _whole_clusters(begins: np.ndarray, rows: int) -> Iterator[tuple[int, int]]:
    """Ranges of clusters that fill a block each; one that is larger is a range by itself."""
    first = 0
    while first < len(begins):
        last = max(int(np.searchsorted(begins, begins[first] + ROWS, side="right")) - 1, first + 1)
        if begins[first] + ROWS >= rows:
            last = len(begins)
        yield first, last
        first = last
