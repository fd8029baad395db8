"""Counts over an exposure: exact intervals of a rate, and rates that borrow from their kind where they are thin."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

DAYS_A_YEAR = 365.25


def garwood(n: np.ndarray, exposure: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of the exact interval of a Poisson rate; missing where there is no exposure.

    Parameters
    ----------
    n : failures. exposure : in machine-years, or whatever the rate shall be per. level : of confidence.

    It covers at least `level` at any count, zero included (Garwood 1936, Biometrika 28:437).

    Examples
    --------
    >>> low, high = garwood(0, 2.0)
    >>> round(float(low), 3), round(float(high), 3)
    (0.0, 1.844)
    """
    n, exposure = np.asarray(n, float), np.asarray(exposure, float)
    tail = (1 - level) / 2
    over = np.where(exposure > 0, exposure, np.nan)
    low = np.where(n > 0, gammaincinv(np.maximum(n, 1), tail), 0.0)
    return low / over, gammaincinv(n + 1, 1 - tail) / over


def shrunk(n: pd.Series, exposure: pd.Series, kind: pd.Series) -> pd.Series:
    """Each rate drawn towards the mean of its kind, the more the less exposure it has (gamma-Poisson).

    The rates of one kind are taken as gamma distributed; its mean and variance are found by moments from the counts
    (empirical Bayes; Böhning et al. 2004, Biometrical Journal 46). Where the counts of a kind differ no more than
    chance would have it, all its rates are its mean. Missing where a kind has no exposure at all.

    Parameters
    ----------
    n, exposure, kind : one element per rate, on one index.

    Examples
    --------
    >>> n, years = pd.Series([40, 10, 1]), pd.Series([100.0, 100.0, 2.0])
    >>> shrunk(n, years, pd.Series("disk", n.index)).round(2).tolist()
    [0.39, 0.11, 0.31]
    """
    cells = pd.DataFrame({"n": n.astype(float), "t": exposure.astype(float), "kind": kind})
    sums = cells.assign(tt=cells.t**2).groupby("kind")[["n", "t", "tt"]].sum()
    total = cells[["kind"]].join(sums, on="kind")
    mean = total.n / total.t.where(total.t > 0)
    deviation = cells.t * (cells.n / cells.t.where(cells.t > 0) - mean) ** 2
    spread = deviation.groupby(cells.kind).transform("sum")
    seen = (cells.t > 0).groupby(cells.kind).transform("sum")
    weight = total.t - total.tt / total.t.where(total.t > 0)
    between = (spread - (seen - 1) * mean) / weight.where(weight > 1e-9 * total.t)
    between = between.where(between > 1e-12 * mean**2)
    pulled = (cells.n + mean**2 / between) / (cells.t + mean / between)
    return pulled.fillna(mean).rename("shrunk")
