"""Profit to date and value to come per customer, from the ledger and the survival."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.churn.terms import monthly_price
from crmlab.value.ledger import contract_margin
from crmlab.value.retention import MONTH

MIN_MONTHS = 12
"""What was seen for less is averaged over this many months: one order is no monthly habit."""

MAX_MONTHS = 36
"""What lies further back says little about today's rate."""


def monthly_rates(
    lines: pd.DataFrame, as_of: pd.Timestamp, living: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Margin per month and kind of ledger line.

    Contracts: the price a month of those in force × the margin of all contracts; where none are exported (`living` is
    None), their lines as booked, over the time the customer has been seen. Cost to serve: over the time seen as well,
    from the customer's first line, at least `MIN_MONTHS` and at most `MAX_MONTHS` back. Other sales: over the last
    `MAX_MONTHS` of the whole ledger, the same for all: time that starts with a purchase would hold one too many.

    Parameters
    ----------
    living : customer_id, start_at, end_at, amount; one row per open contract.

    Returns
    -------
    index customer_id; columns contract, sales, service (minor units a month; service is negative).
    """
    tomorrow = as_of + pd.Timedelta(days=1)
    first = lines.groupby("customer_id")["at"].min()
    seen = ((tomorrow - first).dt.days / MONTH).clip(MIN_MONTHS, MAX_MONTHS)
    reach = np.clip((tomorrow - first.min()).days / MONTH, MIN_MONTHS, MAX_MONTHS)
    recent = lines[lines["at"] >= tomorrow - pd.Timedelta(days=round(MAX_MONTHS * MONTH))]
    total = recent.pivot_table(index="customer_id", columns="kind", values="margin", aggfunc="sum")
    total = total.reindex(index=first.index, columns=["contract", "sales", "service"]).astype(float)
    rates = pd.DataFrame(
        {"contract": total.contract / seen, "sales": total.sales / reach, "service": total.service / seen}
    )
    if living is not None:
        price = monthly_price(living).groupby(living.customer_id).sum()
        rates = rates.reindex(rates.index.union(price.index)).rename_axis("customer_id")
        rates["contract"] = price * contract_margin(lines)
    return rates.fillna(0.0)


def annuity(survival: pd.DataFrame, annual_discount: float) -> pd.Series:
    """Present value of 1 a month, paid at the end of each month that the customer is still there.

    Σ S(m) / (1 + annual_discount) ^ (m / 12) over the columns m of `survival`.
    """
    months = survival.columns.to_numpy(dtype=float)
    return survival.astype(float) @ pd.Series((1 + annual_discount) ** (-months / 12), index=survival.columns)


def customer_values(
    lines: pd.DataFrame,
    living: pd.DataFrame | None,
    by_contract: pd.DataFrame,
    by_purchase: pd.DataFrame,
    as_of: pd.Timestamp,
    annual_discount: float,
) -> pd.DataFrame:
    """Value every customer of the ledger on `as_of`; later lines are not used.

    Parameters
    ----------
    lines : from `ledger`.
    living : the open contracts, for their income; None where no contracts are exported, which then goes on as booked.
    by_contract, by_purchase : P(still there) per customer and month ahead. Customers with an open contract of known
        chances survive with it, all others by their purchases.

    Returns
    -------
    index customer_id; the money columns of `outputs.CUSTOMERS` in minor units, p_retained and basis.
    """
    known = lines[lines["at"] < as_of + pd.Timedelta(days=1)]
    rates = monthly_rates(known, as_of, living)
    survival = by_contract.reindex(rates.index).combine_first(by_purchase.reindex(rates.index)).fillna(0.0)
    held = rates.index.isin(by_contract.index)
    worth = annuity(survival, annual_discount)

    is_cost = known.kind == "service"
    sums = (
        known.assign(income=known.margin.where(~is_cost, 0), spent=(-known.margin).where(is_cost, 0))
        .groupby("customer_id")[["revenue", "income", "spent"]]
        .sum()
        .reindex(rates.index, fill_value=0)
    )
    values = pd.DataFrame(
        {
            "revenue": sums.revenue,
            "margin": sums.income,
            "service_cost": sums.spent,
            "historical": sums.income - sums.spent,
            "contract_to_come": (rates.contract * worth).round(),
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
