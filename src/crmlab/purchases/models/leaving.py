"""The integral over the time at which a customer of Pareto/NBD left: exact at extreme parameters, and quick."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

NODES = 16
MOST_NODES = 256
ACCURACY = 1e-9
"""Nodes are doubled until no customer's log-likelihood changes by more than this."""
FALLEN = 36.0
"""e^−36 is below the last digit of a sum of one."""
CROWDING = 8.0
"""Nodes are the denser at the start the more the integrand falls; 4 and 16 do as well over the stress grid."""
CHECKED = 200
"""Customers, and those at either end, on whom the number of nodes is checked."""


@functools.cache
def legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
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


def quadrature(
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
    at, weight = legendre(nodes)
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
        found = np.log(s * quadrature(p, nodes, x, t_x, T).terms.sum(axis=0))
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
