"""Profit to date and value to come per customer, from the ledger and the survival."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.value.retention import MONTH

MIN_MONTHS = 12
"""A customer seen for less is averaged over this many months: one order is no monthly habit."""

MAX_MONTHS = 36
"""What lies further back says little about today's rate."""


def monthly_rates(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Mean margin per month and kind of ledger line, over the time the customer has been seen.

    From the customer's first line to `as_of`, at least `MIN_MONTHS` and at most `MAX_MONTHS` back. Returns index
    customer_id; columns contract, sales, service (minor units a month; service is negative).
    """
    seen = (as_of + pd.Timedelta(days=1) - lines.groupby("customer_id")["at"].min()).dt.days / MONTH
    months = seen.clip(MIN_MONTHS, MAX_MONTHS)
    recent = lines[lines["at"] >= as_of + pd.Timedelta(days=1) - pd.Timedelta(days=round(MAX_MONTHS * MONTH))]
    total = recent.pivot_table(index="customer_id", columns="kind", values="margin", aggfunc="sum")
    total = (
        total.reindex(index=months.index, columns=["contract", "sales", "service"]).fillna(0.0).astype(float)
    )
    return total.div(months, axis=0)


def annuity(survival: pd.DataFrame, annual_discount: float) -> pd.Series:
    """Present value of 1 a month, paid at the end of each month that the customer is still there.

    Σ S(m) / (1 + annual_discount) ^ (m / 12) over the columns m of `survival`.
    """
    months = survival.columns.to_numpy(dtype=float)
    return survival.astype(float) @ pd.Series((1 + annual_discount) ** (-months / 12), index=survival.columns)


def customer_values(
    lines: pd.DataFrame,
    by_contract: pd.DataFrame,
    by_purchase: pd.DataFrame,
    as_of: pd.Timestamp,
    annual_discount: float,
) -> pd.DataFrame:
    """Value every customer of the ledger on `as_of`; later lines are not used.

    Parameters
    ----------
    lines : from `ledger`.
    by_contract, by_purchase : P(still there) per customer and month ahead. Customers with an open contract survive
        with it, all others by their purchases. Contract income ends for good with the last contract; where nobody has
        an open contract (none are exported), it goes on as purchases do.

    Returns
    -------
    index customer_id; the money columns of `outputs.CUSTOMERS` in minor units, p_retained and basis.
    """
    known = lines[lines["at"] < as_of + pd.Timedelta(days=1)]
    rates = monthly_rates(known, as_of)
    survival = by_contract.reindex(rates.index).combine_first(by_purchase.reindex(rates.index)).fillna(0.0)
    held = rates.index.isin(by_contract.index)
    worth = annuity(survival, annual_discount)
    worth_of_contract = worth.where(held, 0.0) if len(by_contract) else worth

    is_cost = known.kind == "service"
    sums = (
        known.assign(income=known.margin.where(~is_cost, 0), spent=(-known.margin).where(is_cost, 0))
        .groupby("customer_id")[["revenue", "income", "spent"]]
        .sum()
    )
    values = pd.DataFrame(
        {
            "revenue": sums.revenue,
            "margin": sums.income,
            "service_cost": sums.spent,
            "historical": sums.income - sums.spent,
            "contract_to_come": (rates.contract * worth_of_contract).round(),
            "sales_to_come": (rates.sales * worth).round(),
            "cost_to_come": (-rates.service * worth).round(),
        }
    ).astype("int64")
    values["to_come"] = values.contract_to_come + values.sales_to_come - values.cost_to_come
    values["p_retained"] = survival.get(12, np.nan)
    bought = rates.index.isin(by_purchase.index)
    values["basis"] = np.select([held, bought], ["contract", "purchases"], "none")
    return values


def pareto(historical: pd.Series, points: int = 100) -> pd.DataFrame:
    """Share of all profit that the most profitable share of customers brought; empty without a profit."""
    if historical.sum() <= 0:
        return pd.DataFrame({"share_customers": [], "share_profit": []})
    ranked = np.concatenate([[0], np.cumsum(np.sort(historical.astype(float))[::-1])])
    share = np.unique(np.linspace(0, 1, points + 1))
    brought = np.interp(share * len(historical), np.arange(len(ranked)), ranked) / historical.sum()
    return pd.DataFrame({"share_customers": share, "share_profit": brought})
