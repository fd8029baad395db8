"""How contract relations end: the share that has ended by each day for each of several competing causes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.outputs import CAUSES, INCIDENCE
from crmlab.intervals import Z95
from crmlab.tables import conform, empty


def incidence(chains: pd.DataFrame) -> pd.DataFrame:
    """Share of relations that have ended so far, by cause (Aalen and Johansen 1978, Scand. J. Statist. 5:141).

    One less the Kaplan-Meier curve of a cause would count those as yet to leave who have moved. Here the shares of all
    causes and of those still alive are one on every day. Variances are Gaynor's (1993, JASA 88:400), limits on the
    scale of log(-log). lifelines has the same estimator for untied times and jitters the others, which shifts them against
    the censored ones of the day by the seed; this one takes the days as they are.

    Parameters
    ----------
    chains : days and cause, from `crmlab.churn.survival.relations.relations`.

    Returns
    -------
    `INCIDENCE`: rows on days with an end for the cause, and on the last day; none for a cause that nobody had.

    Examples
    --------
    >>> ends = pd.DataFrame({"days": [365, 365, 730, 730], "cause": ["left", "moved", "left", None]})
    >>> incidence(ends)[["cause", "day", "at_risk", "share"]].values.tolist()
    [['left', 365, 4, 0.25], ['left', 730, 2, 0.5], ['moved', 365, 4, 0.25], ['moved', 730, 2, 0.25]]
    """
    if chains.empty:
        return empty(INCIDENCE)
    observed, cause = chains.days.to_numpy(int), chains.cause.astype("string").fillna("").to_numpy(str)
    day = np.unique(observed)
    at_risk = len(observed) - np.searchsorted(np.sort(observed), day, side="left")
    ended = np.bincount(np.searchsorted(day, observed), weights=cause != "", minlength=len(day))
    alive = np.concatenate([[1.0], np.cumprod(1 - ended / at_risk)[:-1]])
    found = []
    for name in CAUSES:
        own = np.bincount(np.searchsorted(day, observed), weights=cause == name, minlength=len(day))
        if not own.any():
            continue
        share = np.cumsum(alive * own / at_risk)
        low, high = _limits(share, _variance(share, alive, at_risk, ended, own))
        rows = own > 0
        rows[-1] = True
        columns = {"day": day, "at_risk": at_risk, "share": share, "low": low, "high": high}
        found.append(pd.DataFrame(columns)[rows].assign(cause=name))
    if not found:
        return empty(INCIDENCE)
    table = pd.concat(found).sort_values(list(INCIDENCE.key), ignore_index=True)
    return conform(table, INCIDENCE)


def _variance(
    share: np.ndarray, alive: np.ndarray, at_risk: np.ndarray, ended: np.ndarray, own: np.ndarray
) -> np.ndarray:
    """Of each entry of `share`, by the delta method; squares of differences in share are multiplied out into sums so far."""
    left = at_risk - ended
    all_causes = np.divide(ended, at_risk * left, out=np.zeros(len(share)), where=left > 0)
    this_cause = alive**2 * own * (at_risk - own) / at_risk**3
    both = alive * own / at_risk**2
    squares = (
        share**2 * np.cumsum(all_causes)
        - 2 * share * np.cumsum(all_causes * share)
        + np.cumsum(all_causes * share**2)
    )
    products = share * np.cumsum(both) - np.cumsum(both * share)
    return np.maximum(squares + np.cumsum(this_cause) - 2 * products, 0.0)


def _limits(share: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shares themselves where they are none or all."""
    inside = (share > 0) & (share < 1)
    p = np.where(inside, share, 0.5)
    stretch = np.exp(Z95 * np.sqrt(variance) / np.abs(p * np.log(p)))
    return np.where(inside, p**stretch, share), np.where(inside, p ** (1 / stretch), share)
