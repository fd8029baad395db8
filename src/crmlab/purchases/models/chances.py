"""Expected purchases of customers who may leave after each: averages over their dropout probability."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import betaln

NODES = 96
STRETCH = 1.5
TAIL = 38.0
"""Weights below e^−38 are left out."""


def beta_nodes(a: float, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for averages over Beta(a, b), a row for each b, good for any analytic function of log p.

    The trapezoid rule in u, with logit p = centre + 1.5 sinh u: it meets the singular ends of small a and b and the narrow
    peaks of large ones alike, where Gauss-Jacobi nodes miss functions that vary by powers of p.

    Examples
    --------
    >>> p, weight = beta_nodes(0.8, np.array([2.4, 300.0]))
    >>> (p * weight).sum(axis=1) / [0.8 / 3.2, 0.8 / 300.8]
    array([1., 1.])
    """
    b = np.asarray(b, float)[:, None]
    centre = np.log((a + 1) / (b + 1))
    wide = 9 * np.sqrt(1 / a + 1 / b)
    right = np.where(b > 0.1, np.log(np.expm1(np.minimum(TAIL / b, 600.0))), TAIL / b) - centre
    low = np.arcsinh((TAIL / a + wide) / STRETCH)
    high = np.arcsinh((np.maximum(right, 0) + wide + 1) / STRETCH)
    u = -low + (low + high) * np.linspace(0, 1, NODES)
    logit = centre + STRETCH * np.sinh(u)
    log_p, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
    weight = np.exp(a * log_p + b * log_rest - betaln(a, b)) * np.cosh(u)
    return np.exp(log_p), weight / weight.sum(axis=1, keepdims=True)


def expected_count(
    chance: np.ndarray,
    weight: np.ndarray,
    shape: np.ndarray,
    age: np.ndarray,
    ends: np.ndarray,
    factors: np.ndarray,
) -> np.ndarray:
    """Σ_j factors[j] · E[purchases within ends[j]] of active customers, rates Gamma(shape, age), dropout by nodes.

    With dropout probability p it is (1 − (1 + p t / age)^−shape) / p. All terms are positive: nothing cancels, not even
    where the hypergeometric form has its pole (a = 1).
    """
    out = np.zeros(len(shape))
    per_age = chance / age[:, None]
    tiny = chance < 1e-290
    safe = np.where(tiny, 1.0, chance)
    for end, factor in zip(ends, factors, strict=True):
        count = -np.expm1(-shape[:, None] * np.log1p(per_age * end)) / safe
        count = np.where(tiny, (shape / age * end)[:, None], count)
        out += factor * np.einsum("ij,ij->i", weight, count)
    return out


def interpolated(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray], x: np.ndarray, T: np.ndarray, alpha: float
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """The function of (x, T), or where there are many customers its Chebyshev series in log(alpha + T) for each x.

    It is analytic in log(alpha + T) up to ±πi, so some ten to forty terms give ten digits; a million customers then
    cost no more evaluations than their distinct frequencies times that. Where T is too wide it is left alone.
    """
    xs = np.unique(x) if x.max(initial=0) >= 1e6 else np.flatnonzero(np.bincount(x.astype(np.int64)))
    low, high = np.log(alpha + T.min(initial=np.inf)), np.log(alpha + T.max(initial=0))
    half = max((high - low) / 2, 1e-9)
    gap = 0.8 * np.pi / half
    terms = int(np.clip(np.ceil(26 / np.log(gap + np.hypot(1, gap))) + 2, 6, 200))
    if len(xs) * terms * 2 > len(x):
        return function
    angle = (np.arange(terms) + 0.5) * np.pi / terms
    ages = np.exp((high + low) / 2 + half * np.cos(angle)) - alpha
    table = function(np.repeat(xs.astype(float), terms), np.maximum(np.tile(ages, len(xs)), 0.0))
    series = 2 / terms * np.cos(np.outer(np.arange(terms), angle)) @ table.reshape(len(xs), terms).T
    series[0] /= 2

    def evaluate(x: np.ndarray, T: np.ndarray) -> np.ndarray:
        which = np.searchsorted(xs, x)
        twice = (2 * np.log(alpha + T) - (high + low)) / half
        ahead = later = np.zeros(len(x))
        for row in series[:0:-1]:
            ahead, later = row[which] + twice * ahead - later, ahead
        return series[0][which] + twice / 2 * ahead - later

    return evaluate


Tail = Callable[[np.ndarray, np.ndarray], np.ndarray]

ALONE = 32.0
"""Tails up to here are summed one by one."""


def sums_of_tails(tail: Tail, n: int) -> tuple[np.ndarray, np.ndarray]:
    """E[count] = Σ P(count ≥ m) and E[count²] = Σ (2m − 1) P(count ≥ m) over m ≥ 1, for n customers.

    `tail` takes m and the positions of the customers still summed. Beyond 32 the terms are smooth in m: the sum is an
    integral on Gauss-Legendre nodes, in blocks that grow, with the first correction of Euler and Maclaurin.
    """
    first, second = np.zeros(n), np.zeros(n)
    left = np.arange(n)
    nodes, weights = np.polynomial.legendre.leggauss(8)
    m, length = 1.0, 8.0
    before = (np.zeros(n), np.zeros(n))
    while len(left) and m < 2**40:
        if m <= ALONE:
            at, by, step = np.array([m]), np.ones(1), 1.0
        else:
            at, by, step = m - 0.5 + (nodes + 1) / 2 * length, weights / 2 * length, length
        terms = [
            (w * tail(np.full(len(left), point), left), 2 * point - 1)
            for point, w in zip(at, by, strict=True)
        ]
        one, two = sum(term for term, _ in terms), sum(term * odd for term, odd in terms)
        if m == ALONE + 1:
            here = tail(np.full(len(left), m), left)
            one = one + (here - before[0]) / 24
            two = two + (here * (2 * m - 1) - before[1]) / 24
        first[left] += one
        second[left] += two
        more = two > 1e-11 * np.maximum(second[left], 1e-12)
        before = (one[more], two[more])
        left = left[more]
        m += step
        if step > 1:
            length *= 1.5
    return first, second
