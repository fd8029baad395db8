"""Differences of an amount between groups of customers that are alike otherwise."""

from __future__ import annotations

import numpy as np

PER_COLUMN = 10
"""Rows for each column, below which nothing is adjusted."""


def linear_differences(y: np.ndarray, membership: np.ndarray, alike: np.ndarray) -> list[tuple[float, float]]:
    """For each group how much larger y is in it than in the group left out, at the same `alike`, and the standard error.

    Least squares. The errors suppose no equal spread: each row's own residual, over 1 − its leverage, stands for its variance
    (HC3; MacKinnon and White 1985, Journal of Econometrics 29:305).

    Parameters
    ----------
    y : finite amounts, one row per customer. membership : (rows, groups), true in at most one group of a row; a row in none is of
        the group left out. alike : (rows, columns) to adjust for, finite.

    Returns
    -------
    A difference and its standard error per group, in the unit of y; missing with fewer than `PER_COLUMN` rows for each column, or
    where y does not vary.

    Examples
    --------
    >>> machines = np.arange(40.0)
    >>> some = np.arange(40) % 3 == 0
    >>> y = 100 * machines - 500 * some + np.where(np.arange(40) % 2 == 0, 1.0, -1.0)
    >>> (difference, error), = linear_differences(y, some[:, None], machines[:, None])
    >>> round(difference), error < 1
    (-500, True)
    """
    rows, groups = membership.shape
    alike = alike[:, alike.std(axis=0) > 1e-9]
    columns = groups + alike.shape[1]
    if not groups or rows < PER_COLUMN * columns or np.ptp(y) == 0:
        return [(np.nan, np.nan)] * groups
    alike = (alike - alike.mean(axis=0)) / alike.std(axis=0)
    A = np.column_stack([np.ones(rows), membership.astype(float), alike])
    bread = np.linalg.pinv(A.T @ A)
    scale = np.abs(y).max()
    beta = bread @ (A.T @ (y / scale))
    leverage = np.einsum("ij,jk,ik->i", A, bread, A)
    residual = (y / scale - A @ beta) / np.maximum(1 - leverage, 1e-6)
    through = (A * residual[:, None]) @ bread
    error = np.sqrt((through**2).sum(axis=0))
    return [(float(scale * beta[k]), float(scale * error[k])) for k in range(1, groups + 1)]
