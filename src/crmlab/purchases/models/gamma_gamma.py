"""Gamma-Gamma: how much a customer spends per purchase, shrunk towards what all spend."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import digamma, gammaln, polygamma

from crmlab.purchases.models.estimator import Estimator
from crmlab.purchases.models.histories import (
    InputError,
    checked_weights,
    column,
    distinct_rows,
    refuse,
    same_length,
)
from crmlab.purchases.models.newton import maximise, to_log_scale

ROWS = 8_192
SUBSAMPLE = 1_000


class GammaGamma(Estimator):
    """Gamma-Gamma model of spend: amounts of one customer are Gamma(p, ν), and ν is Gamma(q, gamma) over customers.

    It assumes that spend per purchase has nothing to do with how often a customer buys; `correlation_` (of frequency
    and mean amount among repeat buyers) says how far the data agree. Source: Fader and Hardie (2013), The Gamma-Gamma
    Model of Monetary Value.

    Attributes
    ----------
    params_ : p and q (shapes) and gamma (in the unit of money); the others are those of every estimator here.

    Examples
    --------
    >>> from crmlab.purchases.models.simulate import simulate_spend
    >>> frequency = np.tile([0, 1, 2, 3, 8], 800)
    >>> monetary = simulate_spend({"p": 6.0, "q": 4.0, "gamma": 15.0}, frequency, seed=1)
    >>> model = GammaGamma().fit(frequency, monetary)
    >>> model.converged_, {name: round(value, 1) for name, value in model.params_.items()}
    (True, {'p': 5.8, 'q': 4.1, 'gamma': 16.1})
    >>> model.expected_value([0, 1, 8], [0.0, 90.0, 90.0]).round(1)
    array([30.3, 69.3, 86.3])
    """

    names = ("p", "q", "gamma")
    correlation_: float

    remedies: ClassVar = {
        ("p", "up"): "amounts of one customer do not vary; use their mean as it is",
        ("q", "up"): "customers' means differ no more than chance would have it; use the common mean",
        ("gamma", "down"): "amounts of one customer do not vary; use their mean as it is",
    }
    constants: ClassVar = {
        ("q", "gamma"): "customers' means differ no more than chance would have it; use the common mean"
    }

    def fit(self, frequency: Any, monetary: Any, weights: Any = None) -> GammaGamma:
        """Estimate by maximum likelihood from repeat buyers; rows of frequency 0 tell nothing and are left out.

        Parameters
        ----------
        frequency : purchases that `monetary` is the mean of (usually repeat purchases).
        monetary : mean amount per purchase, above 0, in one currency.
        weights : customers per row; 1 each where left out.

        Raises
        ------
        InputError
            (a ValueError) for impossible rows: the message says how many, and what to do.
        """
        x, m = checked_spend(frequency, monetary)
        w = checked_weights(weights, len(x))
        used = (x > 0) & (w > 0)
        x, m, w = x[used], m[used], w[used]
        if w.sum() <= 1:
            raise InputError(
                f"{w.sum():g} repeat buyers of {len(used):,} rows; spend needs many: wait for more data"
            )
        found, kind = distinct_rows(x, m)
        w = np.bincount(kind, weights=w)
        x, m = x[found], m[found]
        unit = float(w @ m / w.sum())
        self.correlation_ = _correlation(x, m, w)
        start = np.log([3.0, 3.0, 2.0])
        if len(x) > 2 * SUBSAMPLE:
            total = np.cumsum(w) * (SUBSAMPLE / w.sum())
            taken = np.diff(np.floor(total), prepend=0.0)
            some = taken > 0
            first = maximise(_objective(x[some], m[some] / unit, taken[some]), start)
            start = first.at if first.converged else start
        top = maximise(_objective(x, m / unit, w), start)
        self._keep(top, np.array([1.0, 1.0, unit]), top.value - w.sum() * np.log(unit))
        return self

    def expected_value(self, frequency: Any, monetary: Any) -> np.ndarray:
        """Mean amount expected of each customer's purchases to come: theirs shrunk towards the mean of all.

        `monetary` of customers of frequency 0 does not matter; they get the mean of all. NaN where q ≤ 1 gives no mean.
        """
        p, q, gamma = self._parameters()
        x, m = checked_spend(frequency, monetary)
        below = p * x + q - 1
        return np.where(
            below > 0, p * (gamma + x * np.where(x > 0, m, 0.0)) / np.where(below > 0, below, 1), np.nan
        )

    def log_likelihood(self, parameters: dict[str, float], frequency: Any, monetary: Any) -> float:
        """The log-likelihood of repeat buyers at any parameters, in the unit given."""
        x, m = checked_spend(frequency, monetary)
        at = np.log([parameters[name] for name in self.names])
        return _objective(x[x > 0], m[x > 0], np.ones(int((x > 0).sum())))(at)[0]


def checked_spend(frequency: Any, monetary: Any) -> tuple[np.ndarray, np.ndarray]:
    """Frequency and mean amount as float columns of one length, or an `InputError`."""
    x, m = same_length(
        {"frequency": column(frequency, "frequency"), "monetary": column(monetary, "monetary")}
    ).values()
    refuse(~np.isfinite(x), "frequency is missing or infinite", "drop these customers")
    refuse(
        (x < 0) | (x != np.floor(x)),
        "frequency is negative or not whole",
        "count repeat purchases, at least 0",
    )
    bought = x > 0
    refuse(
        bought & ~np.isfinite(m),
        "monetary is missing or infinite",
        "drop these customers or find their amounts",
    )
    refuse(
        bought & (m <= 0),
        "monetary is 0 or below",
        "net returns against their purchases, and leave out gifts and customers who bought nothing on balance",
    )
    return x, m


def _correlation(x: np.ndarray, m: np.ndarray, w: np.ndarray) -> float:
    n = w.sum()
    x, m = x - w @ x / n, m - w @ m / n
    wx = w * x
    spread = np.sqrt((wx @ x) * (w @ m**2))
    return float(wx @ m / spread) if spread > 0 else float("nan")


def _objective(x: np.ndarray, m: np.ndarray, w: np.ndarray) -> Any:
    counts = np.bincount(x.astype(np.int64), weights=w) if x.max() < 1e6 else None
    xs, customers = np.unique(x), None
    if counts is not None:
        xs = np.flatnonzero(counts).astype(float)
        customers = counts[counts > 0]
    else:
        customers = np.array([w[x == value].sum() for value in xs])
    spent = x * m
    total = float(w.sum())
    log_mean = float(w @ np.log(m))
    by_x = float(w @ (x * np.log(spent)))
    chunks = [(x[i : i + ROWS], spent[i : i + ROWS], w[i : i + ROWS]) for i in range(0, len(x), ROWS)]

    def evaluate(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        p, q, gamma = parameters = np.exp(at)
        both = p * xs + q
        g, h = np.zeros(3), np.zeros((3, 3))
        value = customers @ (gammaln(both) - gammaln(p * xs)) - total * (gammaln(q) - q * np.log(gamma))
        value += p * by_x - log_mean
        slope, bend = digamma(both), polygamma(1, both)
        g[0] = (customers * xs) @ (slope - digamma(p * xs)) + by_x
        g[1] = customers @ slope - total * (digamma(q) - np.log(gamma))
        g[2] = total * q / gamma
        h[0, 0] = (customers * xs**2) @ (bend - polygamma(1, p * xs))
        h[0, 1] = (customers * xs) @ bend
        h[1, 1] = customers @ bend - total * polygamma(1, q)
        h[1, 2] = total / gamma
        h[2, 2] = -total * q / gamma**2
        for x, spent, w in chunks:
            n = p * x + q
            sum_ = gamma + spent
            logs, inverse = np.log(sum_), 1 / sum_
            wx, wn, wi = w * x, w * n, w * inverse
            value -= wn @ logs
            g -= [wx @ logs, w @ logs, wn @ inverse]
            h[0, 2] -= wx @ inverse
            h[1, 2] -= wi.sum()
            h[2, 2] += (wi * n) @ inverse
        h = np.triu(h) + np.triu(h, 1).T
        return float(value), *to_log_scale(parameters, g, h)

    return evaluate
