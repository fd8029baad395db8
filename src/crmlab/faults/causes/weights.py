"""How much say each expert of a pool gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from crmlab.faults.causes.scores import log_softmax

LEAST_WEIGHT = 0.02
"""An expert with less say than this is left out."""
_RIDGE = 1e-4
"""Keeps the weights of experts that say the same from running apart."""


def best_weights(scores: Sequence[np.ndarray], truth: np.ndarray) -> tuple[np.ndarray, float]:
    """The non-negative weights of a log-linear pool with the least log-loss, and that loss.

    Parameters
    ----------
    scores : one array per expert, tickets × causes. truth : the column of what happened.

    Examples
    --------
    >>> good = np.log([[0.8, 0.2], [0.2, 0.8]] * 10)
    >>> weights, loss = best_weights([good, -good], np.array([0, 1] * 10))
    >>> bool(weights[0] > 1), float(weights[1]), loss < 0.2
    (True, 0.0, True)
    """
    from scipy.optimize import minimize

    stacked, rows = np.stack(scores), np.arange(len(truth))
    given = stacked[:, rows, truth].mean(axis=1)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logs = log_softmax(np.tensordot(weights, stacked, 1))
        expected = np.einsum("tc,etc->e", np.exp(logs), stacked) / len(truth)
        return -logs[rows, truth].mean() + _RIDGE * weights @ weights, expected - given + 2 * _RIDGE * weights

    start = np.full(len(scores), 1 / len(scores))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(scores))
    return found.x, float(found.fun)


def heard(scores: Mapping[str, np.ndarray], truth: np.ndarray) -> dict[str, float]:
    """The weight of every expert worth hearing; empty where none tells more than chance.

    Whoever has less than `LEAST_WEIGHT` falls silent, and the others are weighed anew.

    Parameters
    ----------
    scores : expert → tickets × causes. truth : the column of what happened.

    Examples
    --------
    >>> good = np.log([[0.8, 0.2], [0.2, 0.8]] * 10)
    >>> list(heard({"good": good, "contrary": -good}, np.array([0, 1] * 10)))
    ['good']
    """
    kept = list(scores)
    while True:
        weights, _ = best_weights([scores[name] for name in kept], truth)
        strong = [name for name, weight in zip(kept, weights, strict=True) if weight >= LEAST_WEIGHT]
        if not strong:
            return {}
        if len(strong) == len(kept):
            return dict(zip(kept, weights.tolist(), strict=True))
        kept = strong
