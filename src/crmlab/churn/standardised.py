"""Differences of a share between groups, with everyone put into each group in turn."""

from __future__ import annotations

import numpy as np

from crmlab.churn.models import ridge
from crmlab.intervals import Z95

RIDGE = 0.01
"""Strength of the ridge, in rows: enough to keep a label whose contracts all renewed finite."""
PER_COLUMN = 5
"""Contracts of the rarer outcome for each column, below which nothing is adjusted (Vittinghoff and McCulloch 2007)."""


def standardised_differences(
    y: np.ndarray, membership: np.ndarray, alike: np.ndarray, clusters: np.ndarray, z: float = Z95
) -> list[tuple[float, float, float]]:
    """For each group the mean of P(y = 1) with everyone in it, less that with everyone in the group left out, and its limits.

    P is a logistic regression on the groups and on `alike` (regression standardisation, g-computation). Limits are by the
    delta method: what each row contributes to the difference, through the coefficients and through the mean over rows, is
    summed within clusters (Liang and Zeger 1986, Biometrika 73:13). They suppose that P has this form, and so say too
    little where a group has nobody alike in the others.

    Parameters
    ----------
    y : 0 or 1. membership : (rows, groups), true in at most one group of a row; a row in none is of the group left out.
    alike : (rows, columns) to adjust for, finite. clusters : a label per row.

    Returns
    -------
    A difference, a lower and an upper limit per group; missing with fewer than `PER_COLUMN` rows of the rarer outcome for
    each column, or fewer than two clusters.

    Examples
    --------
    >>> big = np.repeat([0.0, 1.0], 200)                                # the big ones renew half as often
    >>> some = np.r_[np.arange(200) % 4 == 0, np.arange(200) % 4 != 0]  # and meet three times as much
    >>> y = np.r_[np.arange(200) % 5 != 0, np.arange(200) % 5 < 2]
    >>> raw = y[some].mean() - y[~some].mean()
    >>> (difference, low, high), = standardised_differences(y, some[:, None], big[:, None], np.arange(400))
    >>> round(float(raw), 2), abs(difference) < .01, low < 0 < high
    (-0.2, True, True)
    """
    rows, groups = membership.shape
    membership = membership.astype(float)
    varies = alike.std(axis=0) > 1e-9
    alike = alike[:, varies]
    alike = (alike - alike.mean(axis=0)) / alike.std(axis=0)
    columns = groups + alike.shape[1]
    _, of = np.unique(clusters, return_inverse=True)
    n_clusters = int(of.max()) + 1 if rows else 0
    if not groups or n_clusters < 2 or min(y.sum(), rows - y.sum()) < PER_COLUMN * columns:
        return [(np.nan,) * 3] * groups
    X = np.column_stack([membership, alike])
    beta = ridge.fitted(X, y, np.ones(rows), np.full(columns, RIDGE))
    A = np.column_stack([np.ones(rows), X])
    p = _logistic(A @ beta)
    bread = np.linalg.inv((A * (p * (1 - p))[:, None]).T @ A + np.diag([0.0] + [RIDGE] * columns))
    through_beta = A * (y - p)[:, None] @ bread

    def put_into(group: int | None) -> tuple[np.ndarray, np.ndarray]:
        """P of every row in this group, and the gradient of its mean."""
        moved = A.copy()
        moved[:, 1 : groups + 1] = 0.0
        if group is not None:
            moved[:, 1 + group] = 1.0
        chance = _logistic(moved @ beta)
        return chance, (moved * (chance * (1 - chance))[:, None]).mean(axis=0)

    without, slope_without = put_into(None)
    found = []
    for group in range(groups):
        within, slope = put_into(group)
        gap = within - without
        share = (gap - gap.mean()) / rows + through_beta @ (slope - slope_without)
        sums = np.bincount(of, weights=share)
        half = z * np.sqrt(n_clusters / (n_clusters - 1) * (sums**2).sum())
        found.append((float(gap.mean()), float(gap.mean() - half), float(gap.mean() + half)))
    return found


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))
