"""Cronbach's alpha: do the items of a scale measure one thing?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import fdtri

from crmlab.service.surveys.outputs import ALPHAS, OVERALL
from crmlab.tables import conform, empty

KEPT = 0.5
"""Share of a scale's questionnaires that hold an item, below which it is no item of the scale (a question asked once)."""


def cronbach_alpha(items: np.ndarray) -> float:
    """Cronbach's alpha of questionnaires × items without gaps; NaN with fewer than two items or questionnaires, or all sums equal.

    It can be negative: then the items contradict each other (Cronbach 1951, Psychometrika 16:297).

    Examples
    --------
    >>> round(cronbach_alpha(np.array([[1, 2], [2, 2], [3, 4], [4, 4.0]])), 3)
    0.941
    >>> cronbach_alpha(np.ones((9, 3)))
    nan
    """
    items = np.asarray(items, float)
    if min(items.shape) < 2:
        return np.nan
    of_sum = items.sum(1).var(ddof=1)
    if of_sum < 1e-12:
        return np.nan
    k = items.shape[1]
    return float(k / (k - 1) * (1 - items.var(axis=0, ddof=1).sum() / of_sum))


def alpha_limits(alpha: float, n: int, k: int) -> tuple[float, float]:
    """95 % limits of an alpha of `n` questionnaires with `k` items (Feldt 1965, Psychometrika 30:357); NaN where it is missing.

    >>> low, high = alpha_limits(0.8, 100, 3)
    >>> round(low, 2), round(high, 2)
    (0.72, 0.86)
    """
    if np.isnan(alpha):
        return np.nan, np.nan
    free = (n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(fdtri(*free, q)) for q in (0.975, 0.025))
    return low, high


def scale_of(made: pd.DataFrame) -> pd.Series:
    """The scale each answer belongs to: its dimension; without one, the letters its items begin with (CUSA of CUSA1).

    Letters make a scale when at least two items begin with them, and only where there is more than one such scale: Q1 … Q20 are
    numbered, not grouped. Missing elsewhere.

    >>> made = pd.DataFrame({"dimension": "overall", "item": ["CUSA1", "CUSA2", "IMAG1", "IMAG2", "age"]})
    >>> scale_of(made).tolist()
    ['CUSA', 'CUSA', 'IMAG', 'IMAG', None]
    """
    items = pd.Series(made["item"].unique(), dtype="string")
    letters = items.str.extract(r"^([^\W\d_]+)[ _.\-]?\d+(?!\d)", expand=False).astype(object)
    letters = letters.where(letters.map(letters.value_counts()) >= 2, None)
    of_item = dict(zip(items, letters, strict=True)) if letters.nunique() > 1 else {}
    loose = made["dimension"] == OVERALL
    scale = made["dimension"].where(~loose, made["item"].map(of_item)).astype(object)
    return scale.where(scale.notna(), None)


def alphas(made: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Cronbach's alpha of every scale and kind: table `alphas`.

    It rests on the questionnaires that answered all items of the scale. An item that less than half of them hold is left out. Items
    without a dimension that no letters group are one scale, `overall`.

    Parameters
    ----------
    made : from `answers`, of the window.
    min_group : complete questionnaires below which alpha and its limits are missing.
    """
    if made.empty:
        return empty(ALPHAS)
    scale = scale_of(made)
    grouped = scale[made["dimension"] == OVERALL].notna().any()
    made = made.assign(of=scale if grouped else scale.where(scale.notna(), OVERALL)).dropna(subset="of")
    rows = [
        {"scale": scale, "kind": kind, **_alpha(part, min_group)}
        for (scale, kind), part in made.groupby(["of", "kind"])
    ]
    return conform(
        pd.DataFrame(rows, columns=[c.name for c in ALPHAS.columns]).reset_index(drop=True), ALPHAS
    )


def _alpha(part: pd.DataFrame, min_group: int) -> dict[str, float]:
    wide = part.pivot_table(index="sheet", columns="item", values="value", aggfunc="mean")
    wide = wide.loc[:, wide.notna().mean() >= KEPT]
    complete = wide.dropna().to_numpy()
    n, k = complete.shape
    alpha = cronbach_alpha(complete) if n >= min_group else np.nan
    low, high = alpha_limits(alpha, n, k)
    return {"items": k, "n": n, "alpha": alpha, "low": low, "high": high}
