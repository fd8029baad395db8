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
    """The share renewed of contracts whose customers had been quiet for `inactive_days` days on a month end, or had not, like this one's.

    A contract counts once in each, however many month ends it had: those that were signed early have fewer.
    """
    quiet, now_quiet = (
        (X.quiet_months >= inactive_days / 30 - 1e-9).rename("quiet") for X in (then.X, then.seen.features)
    )
    seen = pd.DataFrame(
        {"contract_id": then.X.contract_id, "quiet": quiet, "renewed": then.y}
    ).drop_duplicates()
    by_quiet = seen.groupby("quiet").renewed.agg(["mean", "size"])
    rates = by_quiet["mean"].where(by_quiet["size"] >= MIN_ENDED)
    everybody = seen.drop_duplicates("contract_id").renewed
    return now_quiet.map(rates).astype(float).fillna(everybody.mean() if len(everybody) else np.nan)
