"""95 % limits of shares and means: one formula each, for every stage."""

from __future__ import annotations

import numpy as np

Z95 = 1.959964
"""The normal quantile of a 95 % interval."""


def wilson(hits: np.ndarray, n: np.ndarray, z: float = Z95) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of Wilson's score interval for a share; (0, 1) where n is 0.

    It stays inside 0 … 1 and is honest for small n (Wilson 1927, JASA 22:209).

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.49, 0.943)
    """
    hits, n = np.asarray(hits, float), np.asarray(n, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = hits / n
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    none = n == 0
    return np.where(none, 0.0, np.maximum(middle - half, 0)), np.where(
        none, 1.0, np.minimum(middle + half, 1)
    )


def clustered_mean(values: np.ndarray, clusters: np.ndarray, z: float = Z95) -> tuple[float, float, float]:
    """Mean and its lower and upper limit, where values of one cluster are no independent witnesses.

    The variance is that of cluster sums (Liang and Zeger 1986, Biometrika 73:13), times G / (G − 1) for G clusters.
    Limits are NaN with fewer than two clusters, all three without a value.

    Parameters
    ----------
    values, clusters : a number and a label each, in the same order; NaN among the values is left out.

    Examples
    --------
    >>> [round(x, 2) for x in clustered_mean(np.array([1.0, 1.0, 0.0, 0.0]), np.array(["a", "a", "b", "c"]))]
    [0.5, -0.23, 1.23]
    """
    values, clusters = np.asarray(values, float), np.asarray(clusters)
    there = ~np.isnan(values)
    values, clusters = values[there], clusters[there]
    if not len(values):
        return np.nan, np.nan, np.nan
    mean = values.mean()
    _, of = np.unique(clusters, return_inverse=True)
    groups = int(of.max()) + 1
    if groups < 2:
        return float(mean), np.nan, np.nan
    sums = np.bincount(of, weights=values - mean)
    half = z * np.sqrt(groups / (groups - 1) * (sums**2).sum()) / len(values)
    return float(mean), float(mean - half), float(mean + half)


def clustered_share(hits: np.ndarray, clusters: np.ndarray) -> tuple[float, float, float]:
    """A share and its 95 % limits, where cases of one cluster are no independent witnesses.

    Those of `clustered_mean`, within 0 and 1; Wilson's of as many cases as there are clusters where none has two, or all cases are alike.

    Parameters
    ----------
    hits, clusters : 1 or 0 and a label each, in the same order.

    Examples
    --------
    >>> [round(x, 2) for x in clustered_share(np.ones(20), np.arange(20) % 10)]
    [1.0, 0.72, 1.0]
    """
    n = len(np.unique(clusters))
    share, low, high = clustered_mean(hits, clusters)
    if n == len(hits) or share in (0, 1):
        low, high = (float(limit) for limit in wilson(share * n, n))
    low, high = np.clip([low, high], 0.0, 1.0)
    return share, float(low), float(high)
