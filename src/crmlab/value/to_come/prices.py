"""What each customer pays of the list price: discounts are a habit, and they decide what its next purchase brings."""

from __future__ import annotations

import numpy as np
import pandas as pd


def price_levels(prices: pd.DataFrame, customers: pd.Index) -> tuple[np.ndarray, float]:
    """Share of the list price that each customer pays, few lines drawn to the mean of all; and that mean.

    Parameters
    ----------
    prices : from prices.sql: n lines, paid (sum of their shares), paid_squared.

    Returns
    -------
    Both 1 where no line has a list price. The weights are those of a random-effects mean, its variances by moments.

    Examples
    --------
    >>> told = pd.DataFrame({"customer_id": ["a", "b"], "n": [20, 1], "paid": [16.0, 1.0], "paid_squared": [12.9, 1.0]})
    >>> level, mean = price_levels(told, pd.Index(["a", "b", "c"]))
    >>> level.round(2), round(mean, 2)
    (array([0.8 , 0.96, 0.81]), 0.81)
    """
    n, paid, squared = (prices[name].to_numpy(float) for name in ("n", "paid", "paid_squared"))
    lines = n.sum()
    if lines < 2 or paid.sum() <= 0:
        return np.ones(len(customers)), 1.0
    own, mean = paid / n, paid.sum() / lines
    within = max(float((squared - n * own**2).sum()) / max(float((n - 1).sum()), 1.0), 1e-9)
    scale = lines - (n**2).sum() / lines
    between = ((n * (own - mean) ** 2).sum() - (len(n) - 1) * within) / max(scale, 1e-9)
    prior = within / max(between, 1e-9)
    level = pd.Series((paid + prior * mean) / (n + prior), prices.customer_id).reindex(customers).fillna(mean)
    return level.to_numpy(float), float(mean)
