"""Predictive distributions by their first three cumulants: sums of independent parts add up, and limits come in closed form."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaincinv, ndtri

LEVEL = 0.9
"""Of every interval of the stage."""


def limits(
    mean: np.ndarray, variance: np.ndarray, third: np.ndarray, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper limit of a Pearson type III distribution with these cumulants.

    Parameters
    ----------
    mean, variance, third : first three cumulants, arrays of one shape; without variance both limits are the mean.

    Examples
    --------
    >>> low, high = limits(np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array([0.0, 2.0]))
    >>> low.round(2), high.round(2)   # normal; exponential
    (array([-1.64,  0.05]), array([1.64, 3.  ]))
    """
    sd = np.sqrt(np.maximum(variance, 0))
    skew = np.clip(np.divide(third, sd**3, out=np.zeros_like(sd), where=sd > 0), -6, 6)
    size = np.maximum(np.abs(skew), 0.05)
    shape = 4 / size**2
    tails = (1 - level) / 2, (1 + level) / 2
    found = []
    for tail in tails:
        mirrored = np.where(skew >= 0, tail, 1 - tail)
        z = np.sign(np.where(skew == 0, 1, skew)) * (gammaincinv(shape, mirrored) - shape) / np.sqrt(shape)
        found.append(mean + sd * np.where(np.abs(skew) < 0.05, ndtri(tail), z))
    return found[0], found[1]
