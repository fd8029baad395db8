"""Pareto/NBD: customers may leave at any time, each at a rate of their own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import betainc, digamma, gammaln, polygamma

from crmlab.purchases.models.bgnbd import ALIKE, NEVER
from crmlab.purchases.models.chances import interpolated
from crmlab.purchases.models.histories import Histories
from crmlab.purchases.models.leaving import NODES, enough_nodes, legendre, log_left, quadrature, workspace
from crmlab.purchases.models.model import PurchaseModel

ROWS = 1_024
"""Rows by nodes then fit the cache as the rows of the other models do."""
DEATHLESS = "hardly any customer leaves; use a longer time, or a model without dropout (a mean rate)"


class ParetoNBD(PurchaseModel):
    """Pareto/NBD: rates of purchase are Gamma(r, alpha) over customers, rates of leaving Gamma(s, beta).

    The likelihood is an integral over the time of leaving, taken on Gauss-Legendre nodes of the positive integrand
    itself: no difference of hypergeometric functions, so nothing cancels at extreme parameters. The nodes are checked
    against twice as many, and doubled where they do not suffice. Source: Schmittlein, Morrison and Colombo (1987),
    Management Science 33:1; formulae as in Fader and Hardie (2005), A Note on Deriving the Pareto/NBD Model.

    Examples
    --------
    >>> from crmlab.purchases.models.simulate import simulate_purchases
    >>> truth = {"r": 0.5, "alpha": 6.0, "s": 0.6, "beta": 12.0}
    >>> frequency, recency, _ = simulate_purchases("ParetoNBD", truth, np.full(9000, 39.0), seed=1)
    >>> model = ParetoNBD().fit(frequency, recency, np.full(9000, 39.0))
    >>> model.converged_, {name: round(value, 1) for name, value in model.params_.items()}
    (True, {'r': 0.5, 'alpha': 5.8, 's': 0.6, 'beta': 13.4})
    """

    names = ("r", "alpha", "s", "beta")
    remedies: ClassVar = {
        ("r", "down"): NEVER,
        ("alpha", "down"): NEVER,
        ("alpha", "up"): NEVER,
        ("s", "down"): DEATHLESS,
        ("beta", "up"): DEATHLESS,
        ("beta", "down"): "dropout is all at once or never; MBGNBD describes such customers better",
    }
    constants: ClassVar = {
        ("r", "alpha"): ALIKE.format("their rate"),
        ("s", "beta"): f"{ALIKE.format('their dropout')}; or {DEATHLESS}",
    }

    def _start(self, histories: Histories) -> np.ndarray:
        rate = max(histories.purchases, 0.5) / float(histories.weights @ histories.T)
        return np.array([0.7, 0.7 / (1.5 * rate), 0.7, 0.6])

    def _units(self, unit: float) -> np.ndarray:
        return np.array([1.0, unit, 1.0, unit])

    def _likelihood(self, histories: Histories) -> Any:
        xs, customers = histories.by_frequency()
        chunks = histories.chunks(ROWS)
        total = histories.n

        def evaluate(p: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            r, alpha, s, beta = p
            n = r + xs
            value = customers @ gammaln(n) - total * (gammaln(r) - r * np.log(alpha) - s * np.log(beta))
            g, h = np.zeros(4), np.zeros((4, 4))
            g[0] = customers @ digamma(n) - total * (digamma(r) - np.log(alpha))
            g[1:] = total * np.array([r / alpha, np.log(beta), s / beta])
            h[0, 0] = customers @ polygamma(1, n) - total * polygamma(1, r)
            h[0, 1], h[1, 1] = total / alpha, -total * r / alpha**2
            h[2, 3], h[3, 3] = total / beta, -total * s / beta**2
            nodes = enough_nodes(p, histories.x, histories.t_x, histories.T)
            work = workspace(nodes, min(ROWS, len(histories.x)))
            for x, t_x, T, w in chunks:
                value += _rows(p, nodes, x, t_x, T, w, g, h, work)
            return float(value), g, np.triu(h) + np.triu(h, 1).T

        return evaluate

    def _alive(self, p: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        r, alpha, s, beta = p
        left = log_left(p, enough_nodes(p, x, t_x, T), x, t_x, T)
        return 1 / (1 + np.exp(left + (r + x) * np.log(alpha + T) + s * np.log(beta + T)))

    def _mean_alive(
        self,
        p: np.ndarray,
        ends: np.ndarray,
        factors: np.ndarray,
        x: np.ndarray,
        t_x: np.ndarray,
        T: np.ndarray,
    ) -> np.ndarray:
        return _time_left(p, ends, factors, T) * (p[0] + x) / (p[1] + T)

    def _sums(self, p: np.ndarray, ends: np.ndarray, factors: np.ndarray, *h: np.ndarray) -> Any:
        time_left = interpolated(
            lambda _, T: _time_left(p, ends, factors, T), np.zeros(len(h[2])), h[2], p[3]
        )
        return lambda x, t_x, T: (
            self._alive(p, x, t_x, T) * time_left(np.zeros(len(T)), T) * (p[0] + x) / (p[1] + T)
        )

    def _tail_alive(
        self, p: np.ndarray, m: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> np.ndarray:
        """The m-th purchase would come at y, Beta-prime distributed; the customer must still be there then.

        P = S(t) G(t) + ∫ G(y) dS(y) backwards, over the quantiles of leaving: S the chance to stay until y, G that of m
        purchases by then.
        """
        r, alpha, s, beta = p
        n, age = r + x, alpha + T
        stays = s * np.log1p(t / (beta + T))
        nodes, weights = legendre(NODES)
        out = np.exp(-stays) * betainc(m, n, t / (age + t))
        for node, weight in zip(nodes[:, 0], weights[:, 0], strict=True):
            hazard = node * stays
            y = (beta + T) * np.expm1(hazard / s)
            out += weight * stays * np.exp(-hazard) * betainc(m, n, y / (age + y))
        return out

    def _sums_of_tails(
        self, p: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """By the moments of the rate and of the time L for which a customer stays: E[L²] = 2 ∫ y S(y) dy, in log(1 + y/rest)."""
        r, alpha, s, beta = p
        n, age, rest = r + x, alpha + T, beta + T
        first = n / age * _time_left(p, np.array([t]), np.ones(1), T)
        nodes, weights = legendre(2 * NODES)
        length = np.log1p(t / rest)
        at = length * nodes
        squared = 2 * rest**2 * length * (weights * np.expm1(at) * np.exp((1 - s) * at)).sum(axis=0)
        return first, first + n * (n + 1) / age**2 * squared


def _time_left(p: np.ndarray, ends: np.ndarray, factors: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Σ_j factors[j] · E[time within ends[j] that a customer alive at T stays one]."""
    _, _, s, beta = p
    out = np.zeros(len(T))
    for end, factor in zip(ends, factors, strict=True):
        length = np.log1p(end / (beta + T))
        out += factor * (length if s == 1 else -np.expm1(-(s - 1) * length) / (s - 1))
    return out * (beta + T)


def _rows(
    p: np.ndarray, nodes: int, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, w: np.ndarray,
    g: np.ndarray, h: np.ndarray, work: np.ndarray,
) -> float:  # fmt: skip
    """Adds the logarithm of (still a customer) + (left at some y since the last purchase), differentiated under the integral."""
    r, alpha, s, beta = p
    n = r + x
    at = quadrature(p, nodes, x, t_x, T, work)
    total = at.terms.sum(axis=0)
    total[t_x >= T] = 1.0
    average = at.terms
    average /= total
    inverse_near, inverse_far = np.divide(1, at.near, out=at.near), np.divide(1, at.far, out=at.far)
    if alpha <= beta:
        units = (at.log_near, inverse_near, at.log_far, inverse_far)
    else:
        units = (at.log_far, inverse_far, at.log_near, inverse_near)
    last_a, last_b = np.log(alpha + t_x), np.log(beta + t_x)
    age_a, age_b, by_age_a, by_age_b = np.log(alpha + T), np.log(beta + T), 1 / (alpha + T), 1 / (beta + T)
    stay = -n * age_a - s * age_b
    left = np.log(s * total) - n * last_a - (s + 1) * last_b
    left = np.where(t_x < T, left, -np.inf)
    odds = left - stay
    small = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, small) / (1 + small)
    # Slopes of log(left) are averages over y of those of the integrand: logarithms and inverses relative to t_x.
    means, squares = _moments(average, units, at.spare)
    by_a, by_b = 1 / (alpha + t_x), 1 / (beta + t_x)
    factor = np.stack([-np.ones_like(n), -n * by_a, -np.ones_like(n), -(s + 1) * by_b])
    slopes_left = factor * means
    slopes_left[0] -= last_a
    slopes_left[2] += 1 / s - last_b
    slopes_stay = np.stack([-age_a, -n * by_age_a, -age_b, -s * by_age_b])
    slopes = slopes_left - slopes_stay
    share = w * gone
    stays = w - share
    g += slopes_stay @ w + slopes @ share
    h += (slopes * (share * (1 - gone))) @ slopes.T
    spread = squares - means[:, None] * means
    weighted = factor * share
    h += np.einsum("in,jn,ijn->ij", weighted, factor, spread)
    h[0, 1] -= share @ (means[1] * by_a) + stays @ by_age_a
    h[1, 1] += share @ (n * by_a**2 * squares[1, 1]) + stays @ (n * by_age_a**2)
    h[2, 2] -= share.sum() / s**2
    h[2, 3] -= share @ (means[3] * by_b) + stays @ by_age_b
    h[3, 3] += (s + 1) * (share @ (by_b**2 * squares[3, 3])) + s * (stays @ by_age_b**2)
    return float(w @ stay + w @ (np.maximum(odds, 0) + np.log(1 + small)))


def _moments(
    average: np.ndarray, units: tuple[np.ndarray, ...], spare: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Means of four quantities over the nodes (rows) of each customer (columns), and of their products."""
    n = average.shape[1]
    means, squares = np.empty((4, n)), np.empty((4, 4, n))
    for i in range(4):
        weighted = np.multiply(average, units[i], out=spare)
        means[i] = weighted.sum(axis=0)
        for j in range(i, 4):
            squares[i, j] = squares[j, i] = np.einsum("kn,kn->n", weighted, units[j])
    return means, squares
