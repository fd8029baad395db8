"""Chances of renewal that need no model: rates of last year, and of customers as active as this one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.forecast import Forecast
from crmlab.churn.terms import MIN_ENDED, YEAR


def last_years_rate(terms: pd.DataFrame, day: pd.Timestamp, grace_days: int) -> float:
    """Renewed over renewed and lost, of the terms settled in the year up to `day`; NaN with fewer than `MIN_ENDED`."""
    settled = terms.end_at + pd.Timedelta(days=grace_days)
    over = terms[terms.fate.isin(["renewed", "lost"]) & (settled > day - pd.Timedelta(days=YEAR))]
    return float((over.fate == "renewed").mean()) if len(over) >= MIN_ENDED else np.nan


def rates_by_activity(then: Forecast, inactive_days: int) -> pd.Series:
    """The share renewed of contracts whose customers had been quiet for `inactive_days` days, or had not, like this one's."""
    quiet, now_quiet = (X.quiet_months * 30 >= inactive_days for X in (then.X, then.seen.features))
    renewed = pd.Series(then.y, then.X.index, dtype=float)
    contracts = then.X.contract_id.groupby(quiet).nunique()
    rates = renewed.groupby(quiet).mean().where(contracts >= MIN_ENDED)
    return now_quiet.map(rates).astype(float).fillna(renewed.mean() if len(renewed) else np.nan)
