"""What all customers have in common: a good or a bad year, which no model of single customers knows of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from crmlab.purchases.buyers.candidates import LEVEL
from crmlab.purchases.models.predictive import Interval

_Z = float(ndtri((1 + LEVEL) / 2))


def shock(said: Sequence[Interval], came: Sequence[float]) -> float:
    """The standard deviation of a horizon's total as a share of its forecast, beyond what the model's own limits hold.

    The method of moments: mean of (came − expected)² less the model's variance, each over expected²; 0 where the
    totals of earlier days missed by no more than the model lets expect, or where there is none.

    Parameters
    ----------
    said : what the model said of the total on each earlier day. came : the totals.

    Examples
    --------
    >>> round(shock([Interval(100.0, 90.0, 110.0)], [70.0]), 3)
    0.294
    >>> shock([Interval(100.0, 90.0, 110.0)], [104.0])
    0.0
    """
    if not len(said):
        return 0.0
    excess = [
        ((total - s.expected) ** 2 - ((s.high - s.expected) / _Z) ** 2) / s.expected**2
        for s, total in zip(said, came, strict=True)
        if s.expected > 0
    ]
    return float(np.sqrt(max(0.0, np.mean(excess)))) if excess else 0.0


def widened(said: Interval, by: float) -> Interval:
    """The limits of a total with a shock of that size in them.

    >>> widened(Interval(100.0, 90.0, 110.0), 0.0)
    Interval(expected=100.0, low=90.0, high=110.0)
    """
    half = float(np.hypot(said.high - said.expected, _Z * by * said.expected))
    return Interval(said.expected, max(0.0, said.expected - half), said.expected + half)
