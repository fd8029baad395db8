"""What a Cox model says of each feature: the hazard ratio, its limits with customers as clusters, and whether it stays the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from crmlab.churn.survival.partial_likelihood import Observed, clustered_covariance, efron, same_ratio_p
from crmlab.intervals import Z95


def ratios(
    table: pd.DataFrame, coefficients: pd.Series, ridge: float, customers: pd.Series, contracts: pd.Series
) -> pd.DataFrame:
    """Hazard ratios of a fitted model for one unit more of each feature.

    ph_p tests whether a ratio is the same however long before the end of a term its feature was taken: losses fall on one
    day of the clock, so that time can differ only there. It is missing where that cannot be told.

    Parameters
    ----------
    table : entry, duration, lost, stratum, and a column per feature: the rows fitted on.
    coefficients : log hazard ratio by feature.
    ridge : of the fit, on standardised features and per row, as lifelines takes it.
    customers, contracts : whose each row is.

    Returns
    -------
    The columns of `crmlab.churn.outputs.HAZARD_RATIOS`, in the order of `coefficients`; limits and p-value are missing where
    there is a single customer, or nothing to compare.
    """
    names = list(coefficients.index)
    values = table[names].to_numpy()
    spread = values.std(axis=0, ddof=1)
    Z, slopes = (values - values.mean(axis=0)) / spread, coefficients.to_numpy() * spread
    rows = Observed(*(table[c].to_numpy() for c in ("entry", "duration", "lost", "stratum")))
    scores, information = efron(Z, slopes, rows)
    bread = np.linalg.inv(information + ridge * len(table) * np.eye(len(names)))
    clusters, contract = pd.factorize(customers)[0], pd.factorize(contracts)[0]
    variance = np.diag(clustered_covariance(scores, bread, clusters))
    # Where all at risk were lost on one day, no order of losses says anything.
    error = np.sqrt(np.where(variance > 1e-12, variance, np.nan))
    with np.errstate(over="ignore"):
        return pd.DataFrame(
            {
                "feature": pd.array(names, dtype="string"),
                "hazard_ratio": np.exp(slopes / spread),
                "low": np.exp((slopes - Z95 * error) / spread),
                "high": np.exp((slopes + Z95 * error) / spread),
                "p_value": 2 * norm.sf(np.abs(slopes) / error),
                "n": [np.count_nonzero(np.bincount(contract[column != 0])) for column in values.T],
                "ph_p": same_ratio_p(Z, slopes, rows, clusters, rankdata(rows.stop - rows.entry)),
            }
        )
