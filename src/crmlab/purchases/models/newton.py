"""Newton's method on log-parameters: few, expensive evaluations of value, gradient and Hessian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Objective = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]

TOLERANCE = 1e-5
"""The last step is the one that would gain less log-likelihood than this: it leaves a hundred-millionth or less to gain,
because the error is squared, so what it gains is added unseen."""
LONGEST_STEP = 1.5
FARTHEST = np.log(1e6)
"""Parameters beyond a millionth or a million, where time has mean 1, are no estimates: they run away."""


@dataclass(frozen=True)
class Maximum:
    """Where the search ended, and whether that is a maximum."""

    at: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray
    converged: bool
    away: np.ndarray
    """True for every parameter that left the range in which an estimate means something."""
    evaluations: int


def to_log_scale(
    parameters: np.ndarray, gradient: np.ndarray, hessian: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and Hessian by log-parameters from those by parameters."""
    scaled = parameters * gradient
    return scaled, parameters[:, None] * hessian * parameters + np.diag(scaled)


def maximise(objective: Objective, start: np.ndarray, steps: int = 100) -> Maximum:
    """Climb from `start` to a maximum of a smooth function of a few log-parameters.

    Directions of wrong curvature are climbed along their gradient (eigenvalues taken positive), steps are
    capped and halved until they gain; near the maximum this is Newton's method and converges quadratically.

    Parameters
    ----------
    objective : log-parameters → value, gradient, Hessian.
    start : where to begin.
    steps : give up after this many; the result then says that it has not converged.

    Examples
    --------
    >>> found = maximise(lambda t: (-(t[0] - 2) ** 4 - t[0] ** 2,
    ...                             np.array([-4 * (t[0] - 2) ** 3 - 2 * t[0]]),
    ...                             np.array([[-12 * (t[0] - 2) ** 2 - 2.0]])), np.zeros(1))
    >>> found.converged, round(float(found.at[0]), 3)
    (True, 1.165)
    """
    at = np.asarray(start, float)
    value, gradient, hessian = objective(at)
    used = 1
    converged = False
    for _ in range(steps):
        if not np.isfinite(value) or not np.isfinite(hessian).all() or (np.abs(at) >= FARTHEST).any():
            break
        curvature, axes = np.linalg.eigh(-hessian)
        floor = 1e-10 * max(float(np.abs(curvature).max()), 1e-300)
        step = axes @ ((axes.T @ gradient) / np.maximum(np.abs(curvature), floor))
        step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), 1e-300))
        gain = float(gradient @ step)
        if gain / 2 < TOLERANCE and curvature.min() > -floor:
            converged = curvature.min() > floor
            at, value = (at + step, value + gain / 2) if converged else (at, value)
            break
        rounding = 1e-13 * abs(value)
        for _ in range(40):
            tried = objective(at + step)
            used += 1
            if np.isfinite(tried[0]) and tried[0] >= value + 1e-4 * gain - rounding:
                break
            step, gain = step / 2, gain / 2
        else:
            break
        at, (value, gradient, hessian) = at + step, tried
    return Maximum(at, value, gradient, hessian, bool(converged), np.abs(at) >= FARTHEST, used)
