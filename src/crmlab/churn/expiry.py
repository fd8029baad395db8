"""What open contracts are worth by the month in which they end, and how much of it may be lost."""

from __future__ import annotations

import pandas as pd

from crmlab import tables
from crmlab.churn.outputs import EXPIRY

MONTHS = 12
"""Months after that of the as-of day."""
YEAR = pd.Timedelta(days=365)


def expiry(contracts: pd.DataFrame, as_of: pd.Timestamp, at_risk: float) -> pd.DataFrame:
    """Open contracts that end within a year of `as_of`, by the month of their last day.

    The last month, the twelfth after that of `as_of`, is told as far as the year reaches: what ends later is not due within it.
    Contracts that are over but within their grace days count in the month in which they ended, so that an earlier month may
    come first. Price × P(renewed) is rounded contract by contract, and what is expected to be lost is the rest of the price.

    Parameters
    ----------
    contracts : `crmlab.churn.outputs.CONTRACTS`; may be empty.
    as_of : a day at midnight.
    at_risk : chance below which a contract is at risk.

    Returns
    -------
    `crmlab.churn.outputs.EXPIRY`, one row for each month, with contracts or without; none where no contract ends within the year. Where a
    contract of a month has no chance, everything that is said from chances is missing for that month.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> contracts = pd.DataFrame({"end_at": [day("2026-10-20"), day("2026-12-31")], "amount": [100_00, 200_00], "p_renew": [.5, .9]})
    >>> told = expiry(contracts, day("2026-11-15"), at_risk=.7)
    >>> len(told), told[["month", "contracts", "expected_loss", "at_risk"]].head(3).values.tolist()
    (14, [['2026-10', 1, 5000, 1], ['2026-11', 0, 0, 0], ['2026-12', 1, 2000, 0]])
    """
    contracts = contracts[contracts.end_at < as_of + YEAR]
    if contracts.empty:
        return tables.empty(EXPIRY)
    month = contracts.end_at.dt.to_period("M")
    this = as_of.to_period("M")
    span = pd.period_range(min(this, month.min()), this + MONTHS, freq="M")
    amount, p = contracts.amount.astype("Int64"), contracts.p_renew.astype("Float64")
    renewed = (amount.astype("Float64") * p).round().astype("Int64")
    weak = (p < at_risk).fillna(False)
    counted = pd.DataFrame(
        {
            "contracts": 1,
            "amount": amount,
            "expected_loss": amount - renewed,
            "expected_renewed": renewed,
            "at_risk": weak.astype("Int64"),
            "amount_at_risk": amount.where(weak, 0),
        }
    )
    sums = counted.groupby(month).sum().reindex(span, fill_value=0)
    unknown = p.isna().groupby(month).any().reindex(span, fill_value=False)
    said = ["expected_loss", "expected_renewed", "at_risk", "amount_at_risk"]
    sums[said] = sums[said].mask(unknown)
    priceless = amount.isna().groupby(month).all().reindex(span, fill_value=False)
    money = ["amount", "expected_loss", "expected_renewed", "amount_at_risk"]
    sums[money] = sums[money].mask(priceless)
    return tables.conform(sums.rename_axis("month").reset_index().assign(month=span.astype(str)), EXPIRY)
