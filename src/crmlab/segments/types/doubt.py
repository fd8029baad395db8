"""How far a mixture's probabilities may be believed: no further than its replicates grant.

A mixture knows what its customers did; it does not know whether its prototypes are right, nor how much of what it found is these
customers' own. Both make it too sure of itself, the more so the thinner the records. So it is fitted again and again, each time on other
customers and with some of its prototypes wrong, and its evidence is scaled down until it claims for its best guesses what the replicates
give them on average.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import NAMES, prototypes

REPLICATES = 10
WRONG = 0.2
"""Share of the prototypes that each replicate takes to be wrong: half of these reversed, half those of another feature. In simulated
companies, where three of 27 are, a tenth left the probabilities still too sure."""
MOST_ROWS = 5_000
"""Customers on which replicates are fitted; what they doubt is the prototypes, which more customers do not settle."""

Fit = Callable[[np.ndarray, pd.DataFrame], np.ndarray]
"""(rows to fit on, prototypes) → (n, 9) probabilities of all customers."""


def granted(fit: Fit, n: int, best: np.ndarray) -> float:
    """The mean probability that replicates give to the best guesses `best`, (n,) numbers of types.

    Parameters
    ----------
    fit : fits a replicate on some rows with other prototypes, and gives the probabilities of all `n` customers.
    """
    rng = np.random.default_rng(0)
    given = []
    for _ in range(REPLICATES):
        rows, pure = np.sort(rng.integers(n, size=n)), doubted(rng)
        told = fit(rows, pure)[np.arange(n), best]  # NaN of whom a replicate knows nothing
        if np.isfinite(told).any():
            given.append(np.nanmean(told))
    return float(np.mean(given)) if given else 0.0


def doubted(rng: np.random.Generator, wrong: float = WRONG) -> pd.DataFrame:
    """(9, features) the prototypes with a random share `wrong` of them wrong."""
    pure = prototypes()
    draw, other = rng.random(len(NAMES)), rng.integers(len(NAMES), size=len(NAMES))
    values = pure.to_numpy().copy()
    reversed_, swapped = draw < wrong / 2, (draw >= wrong / 2) & (draw < wrong)
    values[:, reversed_] *= -1
    values[:, swapped] = pure.to_numpy()[:, other[swapped]]
    return pd.DataFrame(values, index=pure.index, columns=pure.columns)


def scaled_to(log_odds: np.ndarray, best: np.ndarray, claim: float) -> float:
    """The factor on all log-odds at which the best guesses are as probable on average as `claim`; at most 1.

    It leaves the order of the types as it is.

    Parameters
    ----------
    log_odds : (n, 9) log-probability of each type, up to a constant per customer. best : (n,) numbers of types.
    """
    rows = np.arange(len(best))

    def claimed(factor: float) -> float:
        share = np.exp(factor * (log_odds - log_odds.max(axis=1, keepdims=True)))
        return float((share[rows, best] / share.sum(axis=1)).mean())

    low, high = 0.0, 1.0
    if claimed(high) <= claim:
        return 1.0
    for _ in range(30):  # halving: the claim grows with the factor
        middle = (low + high) / 2
        low, high = (middle, high) if claimed(middle) < claim else (low, middle)
    return high
