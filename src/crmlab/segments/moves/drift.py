"""Whether the frozen scales still hold: how far the scores of the same customers have moved since the reference month."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

SHIFT, Z, MONTHS = 0.25, 4.0, 2
"""A feature drifts when its mean score has moved by more standard deviations than `SHIFT` and more standard errors than `Z`, to the
same side, in the last `MONTHS` months."""


def shift(reference: pd.DataFrame, by_month: Mapping[pd.Timestamp, pd.DataFrame]) -> pd.DataFrame:
    """How far the mean score of each feature has moved since the reference month.

    Only customers that have the feature in both months count, each against itself, so that customers who come and go move nothing.
    Scales are frozen, or a shift of the whole market would vanish in the ranks; when they drift the types of now and then are no longer told
    by one measure, and the reference month is due to be moved.

    Parameters
    ----------
    reference : (n, features) scores of the month on which the scales were frozen; index customer_id.
    by_month : the same of later months; the last ones decide.

    Returns
    -------
    feature, shift (in standard deviations of the reference month), z (in paired standard errors), drifts: as of the last month, in the
    order of the columns. Missing and no drift where fewer than two customers have the feature in both months, or it is equal for all.

    Examples
    --------
    >>> then = pd.DataFrame({"promo_share": [-1.0, 0.0, 1.0], "spend_trend": [0.5, 0.0, -0.5]}, index=["A", "B", "C"])
    >>> now = then.assign(promo_share=[-0.1, 1.0, 2.1])
    >>> month = pd.Timestamp
    >>> shift(then, {month("2026-09-30"): now, month("2026-10-31"): now}).round(1).values.tolist()
    [['promo_share', 1.0, 17.3, True], ['spend_trend', 0.0, 0.0, False]]
    """
    told = [_moved(reference, by_month[month]) for month in sorted(by_month)]
    last = told[-1] if told else _moved(reference, reference.iloc[:0])
    sides = [np.sign(m["shift"]) * ((m["shift"].abs() > SHIFT) & (m["z"].abs() > Z)) for m in told[-MONTHS:]]
    drifts = np.zeros(len(last), bool)
    if len(sides) == MONTHS:
        total = np.abs(np.sum([side.fillna(0.0).to_numpy(float) for side in sides], axis=0))
        drifts = total == MONTHS
    return last.assign(drifts=drifts).reset_index(drop=True)


def _moved(reference: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """feature, shift and z of one month."""
    both = reference.index.intersection(now.index, sort=False)
    then = reference.loc[both].to_numpy(float)
    change = now.loc[both, reference.columns].to_numpy(float) - then
    n = (~np.isnan(change)).sum(axis=0)
    spread = reference.astype(float).std().to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(change, axis=0) / n
        around = np.nansum((change - mean) ** 2, axis=0) / (n - 1)
        error = np.sqrt(around / n)
        moved = mean / spread
        z = np.where(mean == 0, 0.0, mean / error)
    told = (n >= 2) & (spread > 0)
    return pd.DataFrame(
        {"feature": reference.columns, "shift": np.where(told, moved, np.nan), "z": np.where(told, z, np.nan)}
    )
