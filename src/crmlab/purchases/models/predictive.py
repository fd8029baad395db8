"""Predictive intervals: the variation of customers, and the uncertainty of the parameters, together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import ndtri

from crmlab.purchases.models.histories import checked_weights, distinct_rows

if TYPE_CHECKING:
    from crmlab.purchases.models.model import PurchaseModel

ROWS = 8_192
MOST = 2**40
"""A search for a limit ends here."""
ENOUGH = 4_096
"""Different histories on which the spread of a total is told; of more, so many are taken evenly."""
CERTAIN = 0.05
"""Where every parameter is known within this share of itself, its uncertainty moves no whole-number limit."""


class Interval(NamedTuple):
    """An expectation and its predictive limits."""

    expected: float
    low: float
    high: float


def parameter_sets(parameters: np.ndarray, covariance: np.ndarray | None) -> np.ndarray:
    """2d sets of parameters with the mean and covariance (of logarithms) of the estimate; itself where that is unknown or `CERTAIN`.

    Julier and Uhlmann (1997): averages over these sets are averages over the uncertainty, without random numbers.
    """
    if covariance is None or (np.diag(covariance) < CERTAIN**2).all():
        return parameters[None]
    d = len(parameters)
    steps = np.sqrt(d) * np.linalg.cholesky(covariance).T
    return parameters * np.exp(np.vstack([steps, -steps]))


def interval_of_counts(
    model: PurchaseModel, sets: np.ndarray, t: float, histories: tuple[np.ndarray, ...], level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Limits of each customer's count: the outermost counts that `level` leaves on either side."""
    found, kind = distinct_rows(*histories)
    rows = [h[found] for h in histories]
    low, high = np.empty(len(found)), np.empty(len(found))
    for i in range(0, len(found), ROWS):
        part = [r[i : i + ROWS] for r in rows]
        with np.errstate(all="ignore"):
            alive = [model._alive(p, *part) for p in sets]
            low[i : i + ROWS] = _quantile(model, sets, alive, t, part, (1 - level) / 2)
            high[i : i + ROWS] = _quantile(model, sets, alive, t, part, (1 + level) / 2)
    return low[kind], high[kind]


def _quantile(
    model: PurchaseModel,
    sets: np.ndarray,
    alive: list[np.ndarray],
    t: float,
    h: list[np.ndarray],
    share: float,
) -> np.ndarray:
    """The least count c with P(count ≤ c) ≥ share: doubled until it is passed, then halved."""

    def beyond(c: np.ndarray, some: np.ndarray) -> np.ndarray:
        part = [values[some] for values in h]
        tails = [a[some] * model._tail_alive(p, c + 1, t, *part) for p, a in zip(sets, alive, strict=True)]
        return np.mean(tails, axis=0) > 1 - share

    n = len(h[0])
    below = np.full(n, -1.0)
    above = np.zeros(n)
    left = np.arange(n)
    while len(left):
        left = left[beyond(above[left], left) & (above[left] < MOST)]
        below[left] = above[left]
        above[left] = 2 * above[left] + 1
    left = np.flatnonzero(above - below > 1)
    while len(left):
        middle = np.floor((above[left] + below[left]) / 2)
        more = beyond(middle, left)
        below[left[more]] = middle[more]
        above[left[~more]] = middle[~more]
        left = left[above[left] - below[left] > 1]
    return above


def interval_of_total(
    model: PurchaseModel,
    parameters: np.ndarray,
    covariance: np.ndarray | None,
    t: float,
    histories: tuple[np.ndarray, ...],
    level: float,
    weights: Any = None,
) -> Interval:
    """A normal interval for the sum: customers' variances, plus the delta method for the parameters they share."""
    w = checked_weights(weights, len(histories[0]))
    found, kind = distinct_rows(*histories)
    w = np.bincount(kind, weights=w, minlength=len(found))
    rows = tuple(h[found] for h in histories)

    def total(p: np.ndarray, w: np.ndarray, rows: tuple[np.ndarray, ...]) -> float:
        return float(w @ model._by_chunk(model._sums(p, np.array([t]), np.ones(1), *rows), *rows))

    expected = total(parameters, w, rows)
    some, many = _evenly(w, rows)
    variance = float(many @ np.concatenate([_variance(model, parameters, t, c) for c in _chunks(some)]))
    if covariance is not None:
        step = 1e-5
        turned = np.eye(len(parameters)) * step
        here = total(parameters, many, some)
        gradient = np.array([(total(parameters * np.exp(d), many, some) - here) / step for d in turned])
        variance += float(gradient @ covariance @ gradient)
    half = ndtri((1 + level) / 2) * np.sqrt(variance)
    return Interval(expected, float(max(0.0, expected - half)), float(expected + half))


def _evenly(weights: np.ndarray, rows: tuple[np.ndarray, ...]) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """At most `ENOUGH` of the histories, taken evenly by weight in their order by size, and how many each stands for."""
    if len(weights) <= ENOUGH:
        return rows, weights
    order = np.lexsort(rows[::-1])
    reached = np.cumsum(weights[order]) * (ENOUGH / weights.sum())
    hits = np.diff(np.floor(reached + 0.5), prepend=0.0)
    kept = hits > 0
    return tuple(r[order[kept]] for r in rows), hits[kept] * (weights.sum() / hits.sum())


def _chunks(rows: tuple[np.ndarray, ...]) -> list[tuple[np.ndarray, ...]]:
    return [tuple(r[i : i + ROWS] for r in rows) for i in range(0, len(rows[0]), ROWS)]


def _variance(model: PurchaseModel, p: np.ndarray, t: float, h: tuple[np.ndarray, ...]) -> np.ndarray:
    with np.errstate(all="ignore"):
        alive = model._alive(p, *h)
        first, second = model._sums_of_tails(p, t, *h)
        return np.maximum(alive * second - (alive * first) ** 2, 0)
