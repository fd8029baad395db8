"""How much evidence counts whose sources agree for other reasons than the type."""

from __future__ import annotations

from itertools import combinations

import numpy as np


def temper(x: np.ndarray, shares: np.ndarray, means: np.ndarray, covariances: list[np.ndarray]) -> float:
    """The factor that log-odds take, 1 where sources agree by nothing but the type.

    The log-odds of two types are linear in the scores, along d = Σ⁻¹(μ_a − μ_b). Their honest slope is dᵀ(μ_a − μ_b), the distance of the
    types, over dᵀΩd, the variance within types that the customers do have, Ω being their covariance across sources as well. The factor
    is the one over the other, over all pairs of types, weighed by how common they are.

    Parameters
    ----------
    x : (n, f) scores, NaN where missing, in the order of the blocks. shares : (n, 9). means : (9, f). covariances : by block.
    """
    known = np.isfinite(x)
    there, x = known.astype(float), np.where(known, x, 0.0)
    within = x.T @ x
    for share, mean in zip(shares.T, means, strict=True):
        cross = (x * share[:, None]).T @ (there * mean)
        within += ((there * share[:, None]).T @ there) * np.outer(mean, mean) - cross - cross.T
    within /= np.maximum(there.T @ there, 1)
    precision = np.zeros_like(within)
    at = 0
    for covariance in covariances:
        end = at + len(covariance)
        precision[at:end, at:end] = np.linalg.inv(covariance)
        at = end
    weight = shares.mean(axis=0)
    apart = variance = 0.0
    for a, b in combinations(range(len(means)), 2):
        gap = means[a] - means[b]
        along = precision @ gap
        apart += weight[a] * weight[b] * (along @ gap)
        variance += weight[a] * weight[b] * (along @ within @ along)
    return float(min(1.0, apart / variance)) if variance > 0 else 1.0
