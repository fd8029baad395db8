"""Odds ratios of losing a contract: what goes with leaving, and how surely."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.models import ridge
from crmlab.churn.models.design import Design
from crmlab.intervals import Z95

HARDLY = 1.0
"""The ridge of this fit, in rows: enough to keep a separating feature finite."""


def odds_ratios(
    X: pd.DataFrame, design: Design, Z: np.ndarray, y: np.ndarray, weight: np.ndarray, start: np.ndarray
) -> pd.DataFrame:
    """Odds of losing for one unit more of a feature, next to unshrunk, with limits that have customers as clusters.

    Parameters
    ----------
    Z : `design.standardised(X)`. start : a fit with another ridge.

    Returns
    -------
    feature, odds_ratio, low, high, n (contracts in which it is not zero).
    """
    weak = np.full(len(design.columns), HARDLY)
    fit = ridge.fitted(Z, y, weight, weak, start)
    covariance = ridge.covariance(Z, y, weight, fit, weak, pd.factorize(X.customer_id)[0])
    log_odds = -fit[1:] / design.spreads
    error = np.sqrt(np.diag(covariance)[1:]) / design.spreads
    contract = pd.factorize(X.contract_id)[0]
    present = [np.bincount(contract[design.column(X, name) != 0]) > 0 for name in design.columns]
    return pd.DataFrame(
        {
            "feature": pd.array(design.columns, dtype="string"),
            "odds_ratio": np.exp(log_odds),
            "low": np.exp(log_odds - Z95 * error),
            "high": np.exp(log_odds + Z95 * error),
            "n": [int(np.count_nonzero(contracts)) for contracts in present],
        }
    )
