"""The partial likelihood of a Cox model with late entry, strata and ties: scores, information, and what follows from them.

lifelines fits such a model, but what it makes of residuals is of no use here: by clusters, its standard errors count rows at
risk before their entry; its test of proportional hazards takes no late entry; and both take tied losses in the order of the rows,
so that another order gives other figures.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import chi2

TELLS = 1e-3
"""Share of a covariate's information that must be its own for anything to be said of it."""


class Observed(NamedTuple):
    """When each row was at risk (entry < day <= stop), whether it ended in a loss, and whom it is compared with."""

    entry: np.ndarray
    stop: np.ndarray
    lost: np.ndarray
    stratum: np.ndarray


def efron(Z: np.ndarray, coefficients: np.ndarray, rows: Observed) -> tuple[np.ndarray, np.ndarray]:
    """Score residuals, one row per row of `Z`, and the information, by Efron's rule for ties (1977, JASA 72:557).

    The residuals sum to the gradient of the log partial likelihood (Lin and Wei 1989, JASA 84:1074).

    Parameters
    ----------
    Z : n × p covariates.
    coefficients : p log hazard ratios.
    rows : n of each.
    """
    risk = np.exp(Z @ coefficients)
    scores, information = np.zeros(Z.shape), np.zeros((Z.shape[1],) * 2)
    for stratum in np.unique(rows.stratum[rows.lost]):
        own = rows.stratum == stratum
        for day in np.unique(rows.stop[own & rows.lost]):
            there = np.flatnonzero(own & (rows.entry < day) & (rows.stop >= day))
            tied = rows.lost[there] & (rows.stop[there] == day)
            gone = np.arange(tied.sum()) / tied.sum()
            x, weight = Z[there], risk[there]
            x_lost, weight_lost = x[tied], weight[tied]
            share = 1 / (weight.sum() - gone * weight_lost.sum())
            means = (weight @ x - np.outer(gone, weight_lost @ x_lost)) * share[
                :, None
            ]  # of those still there, after each of the tied losses
            # A tied row is still there in part only.
            hazard = np.where(tied, ((1 - gone) * share).sum(), share.sum())
            pulled = np.where(tied[:, None], ((1 - gone) * share) @ means, share @ means)
            change = -weight[:, None] * (x * hazard[:, None] - pulled)
            change[tied] += x_lost - means.mean(axis=0)
            scores[there] += change
            information += (x * (weight * hazard)[:, None]).T @ x - means.T @ means
    return scores, information


def clustered_covariance(scores: np.ndarray, bread: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Covariance of the coefficients where rows of one cluster are no independent witnesses: bread × meat × bread.

    Missing with fewer than two clusters; times G / (G − 1) for G clusters.
    """
    sums = summed(scores, clusters)
    if len(sums) < 2:
        return np.full(bread.shape, np.nan)
    return bread @ (sums.T @ sums) @ bread * len(sums) / (len(sums) - 1)


def same_ratio_p(
    Z: np.ndarray, coefficients: np.ndarray, rows: Observed, clusters: np.ndarray, moment: np.ndarray
) -> np.ndarray:
    """Whether each hazard ratio is the same at every `moment`: the p-value of a score test, one per column of `Z`.

    Tested is the product of the covariate and the moment, the covariates and the moment being in the model, with the variance
    of sums by cluster. Of one moment per day of loss this is the test by Schoenfeld's residuals (Grambsch and Therneau 1994,
    Biometrika 81:515); here the moment may differ between the rows of a day.

    Returns
    -------
    NaN where a product is nearly a sum of what is in the model already, as with a covariate that differs at one moment only
    or is a function of the moment, and with fewer than two clusters.
    """
    p = Z.shape[1]
    if not p or np.ptp(moment) == 0:
        return np.full(p, np.nan)
    g = (moment - moment.mean()) / moment.std()
    with_products = np.column_stack([Z, g, Z * g[:, None]])
    scores, information = efron(with_products, np.concatenate([coefficients, np.zeros(p + 1)]), rows)
    known, products = slice(0, p + 1), slice(p + 1, None)
    weights = np.linalg.lstsq(information[known, known], information[known, products], rcond=None)[0]
    sums = summed(scores[:, products] - scores[:, known] @ weights, clusters)
    own = np.diag(information)[products]
    left = own - np.einsum("ij,ij->j", information[known, products], weights)
    variance = (sums**2).sum(axis=0) * len(sums) / max(len(sums) - 1, 1)
    tells = (left > TELLS * own) & (variance > TELLS * left) & (len(sums) > 1)
    statistic = np.divide(sums.sum(axis=0) ** 2, variance, out=np.zeros(p), where=tells)
    return np.where(tells, chi2.sf(statistic, 1), np.nan)


def summed(scores: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Sums of the rows of `scores` by cluster."""
    _, of = np.unique(clusters, return_inverse=True)
    sums = np.zeros((of.max() + 1, scores.shape[1]))
    np.add.at(sums, of, scores)
    return sums
