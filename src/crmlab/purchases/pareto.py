"""Pareto/NBD: customers may leave at any time, each at a rate of their own."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.special import betainc, digamma, gammaln, polygamma

from crmlab.purchases.bgnbd import ALIKE, NEVER
from crmlab.purchases.chances import interpolated
from crmlab.purchases.histories import Histories
from crmlab.purchases.model import PurchaseModel

NODES = 16
MOST_NODES = 256
ACCURACY = 1e-9
"""Nodes are doubled until no customer's log-likelihood changes by more than this."""
FALLEN = 36.0
"""e^−36 is below the last digit of a sum of one."""
CROWDING = 8.0
"""Nodes are the denser at the start the more the integrand falls; measured best from 3 to 12 over the stress grid."""
CHECKED = 200
"""Customers, and those at either end, on whom the number of nodes is checked."""
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
    >>> from crmlab.purchases.simulate import simulate_purchases
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
        nodes, weights = _legendre(NODES)
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
        nodes, weights = _legendre(2 * NODES)
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


@functools.cache
def _legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights on 0 … 1, as columns."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return (at[:, None] + 1) / 2, weight[:, None] / 2


class Nodes(NamedTuple):
    """At each node y: log of (m + y)/(m + t_x), and that ratio, for the lesser and the greater m of alpha and beta; terms whose
    sum is the integral, relative to its integrand at t_x; and a spare array. All lie in one workspace: fresh memory for
    each would cost more than the arithmetic."""

    log_near: np.ndarray
    log_far: np.ndarray
    near: np.ndarray
    far: np.ndarray
    terms: np.ndarray
    spare: np.ndarray


def _quadrature(
    p: np.ndarray, nodes: int, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, work: np.ndarray | None = None
) -> Nodes:
    """Nodes and terms of ∫ (alpha + y)^−(r+x) (beta + y)^−(s+1) dy from t_x to T, nodes in rows.

    The variable is h = log of (m + y)/(m + t_x), with m the lesser of alpha and beta: the same substitution whichever it is.
    In h the logarithm of the integrand is concave, with slopes between known limits: the range ends where it has fallen
    by e^−36, and nodes are denser where it is high.
    """
    r, alpha, s, beta = p
    n = r + x
    near, far = (n, s + 1) if alpha <= beta else (s + 1, n)
    low, gap = min(alpha, beta) + t_x, abs(alpha - beta)
    start = low / (low + gap)
    fall = near - 1 + far * start
    length = np.log1p((T - t_x) / low)
    end = np.where(fall * length > FALLEN, FALLEN / fall, length)
    for _ in range(3):
        ahead = start * np.exp(end)
        fallen = (near - 1) * end + far * np.log(1 - start + ahead)
        if not (beyond := fallen > FALLEN).any():
            break
        slope = near - 1 + far * ahead / (1 - start + ahead)
        end = np.where(beyond, end - (fallen - FALLEN) / slope, end)
    fallen = np.clip(np.minimum(fall * end, FALLEN), 0, None)
    crowd = fallen / CROWDING
    at, weight = _legendre(nodes)
    if work is None:
        work = workspace(nodes, len(x))
    unit = end / (1 + crowd)
    to = Nodes(*work[:, :, : len(x)])
    bend = np.multiply(crowd, at, out=to.spare)
    h = np.add(bend, 1, out=to.log_near)
    h *= at
    h *= unit
    np.exp(h, out=to.near)
    ratio = np.multiply(to.near, start, out=to.far)
    ratio += 1 - start
    np.log(ratio, out=to.log_far)
    pace = np.multiply(bend, 2, out=to.terms)
    pace += 1
    pace *= weight
    pace *= unit * low
    # (1 − near) h − far log_far, without another array: far (h (1 − near)/far − log_far).
    power = np.multiply(h, (1 - near) / far, out=to.spare)
    power -= to.log_far
    power *= far
    pace *= np.exp(power, out=power)
    return to


def workspace(nodes: int, rows: int) -> np.ndarray:
    """Memory for `Nodes`."""
    return np.empty((len(Nodes._fields), nodes, rows))


def log_left(p: np.ndarray, nodes: int, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
    """log ∫ s (alpha + y)^−(r+x) (beta + y)^−(s+1) dy from t_x to T: that the customer left in between."""
    r, alpha, s, beta = p
    with np.errstate(all="ignore"):
        found = np.log(s * _quadrature(p, nodes, x, t_x, T).terms.sum(axis=0))
    found -= (r + x) * np.log(alpha + t_x) + (s + 1) * np.log(beta + t_x)
    return np.where(t_x < T, found, -np.inf)


def enough_nodes(p: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> int:
    """The least 16, 32, 64 … nodes that twice as many do not improve upon."""
    nodes = NODES
    if len(x) > 4 * CHECKED:
        ends = [f(v) for v in (x, t_x, T, T - t_x) for f in (np.argmin, np.argmax)]
        some = np.append(np.arange(0, len(x), len(x) // CHECKED), ends)
        x, t_x, T = x[some], t_x[some], T[some]
    h = (x, t_x, T)
    r, alpha, s, beta = p
    stay = -(r + h[0]) * np.log(alpha + h[2]) - s * np.log(beta + h[2])
    coarse = np.logaddexp(stay, log_left(p, nodes, *h))
    while nodes < MOST_NODES:
        fine = np.logaddexp(stay, log_left(p, 2 * nodes, *h))
        if not (np.abs(fine - coarse) > ACCURACY).any():
            break
        nodes, coarse = 2 * nodes, fine
    return nodes


def _rows(
    p: np.ndarray, nodes: int, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, w: np.ndarray,
    g: np.ndarray, h: np.ndarray, work: np.ndarray,
) -> float:  # fmt: skip
    """Adds the logarithm of (still a customer) + (left at some y since the last purchase), differentiated under the integral."""
    r, alpha, s, beta = p
    n = r + x
    at = _quadrature(p, nodes, x, t_x, T, work)
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
