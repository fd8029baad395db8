"""The first forecast of value: margins a month × survival, the line `first_light` of `benchmarks/value.py`.

What replaces it must beat it by two paired standard errors, so it is kept as it was. Contract income goes on at the price of the contracts
in force, other sales and the cost to serve at their monthly means; a customer with open contracts survives each of their ends
with the chance of renewal, all others by the Kaplan-Meier curve of the gaps between purchases.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter

from crmlab.churn.terms import monthly_price

MONTH = 365.25 / 12
MIN_MONTHS, MAX_MONTHS = 12, 36
"""Of the time over which margins are averaged."""


def values(
    tables: Mapping[str, pd.DataFrame],
    chances: pd.DataFrame,
    day: pd.Timestamp,
    months: int,
    value: Mapping[str, Any],
    annual_discount: float = 0.0,
) -> pd.Series:
    """Value to come of every customer of the ledger on `day`, in minor units.

    Parameters
    ----------
    tables : clean tables by name. chances : contract_id, p_renew of the open contracts. value : that section of params.yaml.
    """
    lines = ledger(tables, value)
    known = lines[lines["at"] < day + pd.Timedelta(days=1)]
    living = tables["contracts"].merge(chances, on="contract_id") if len(tables["contracts"]) else None
    rates = monthly_rates(known, day, living)
    survival = purchase_survival(known, day, months)
    if living is not None:
        survival = contract_survival(living, day, months).reindex(rates.index).combine_first(survival)
    survival = survival.reindex(rates.index).fillna(0.0).astype(float)
    ahead = np.arange(1, months + 1)
    worth = survival[list(ahead)] @ pd.Series((1 + annual_discount) ** (-ahead / 12), index=ahead)
    return rates.sum(axis=1) * worth


def ledger(tables: Mapping[str, pd.DataFrame], value: Mapping[str, Any]) -> pd.DataFrame:
    """customer_id, at, kind (contract, sales, service), revenue, margin: every line of income and every cost."""
    sales = tables["sales"]
    amount = sales.amount.astype("Float64")
    exact = sales.margin.astype("Float64").fillna(amount - sales.cost.astype("Float64"))
    share = sales.line_kind.fillna("product").map(dict(value["margin"])).astype("Float64").fillna(0.0)
    kind = (sales.line_kind == "contract").fillna(False).map({True: "contract", False: "sales"})
    margin = exact.fillna(amount * share).fillna(0.0).astype(float)
    income = pd.DataFrame(
        {
            "customer_id": sales.customer_id,
            "at": sales.sold_at,
            "kind": kind,
            "revenue": amount.astype(float),
            "margin": margin,
        }
    )
    spent = service_costs(tables, value)
    cost = spent[["customer_id", "at"]].assign(kind="service", revenue=0.0, margin=-spent.cost.astype(float))
    lines = pd.concat([income, cost], ignore_index=True)
    return lines[lines.customer_id.notna() & lines["at"].notna()].reset_index(drop=True)


def service_costs(tables: Mapping[str, pd.DataFrame], value: Mapping[str, Any]) -> pd.DataFrame:
    """What visits and parts cost on the day of the visit: customer_id, at, cost. Without visits each ticket is one."""
    tickets = tables["tickets"][["ticket_id", "customer_id", "reported_at"]]
    visits = tables["visits"]
    if visits.empty:
        first = tickets[["ticket_id"]].assign(visit_no=1, arrived_at=pd.NaT, cost=pd.NA)
        visits = first.reindex(columns=visits.columns)
    minutes = sum(visits[c].astype("Float64").fillna(0) for c in ("travel_min", "work_min", "talk_min"))
    way = visits.distance_km.astype("Float64").fillna(0)
    modelled = value["visit_cost"] + value["hour_cost"] * minutes / 60 + value["km_cost"] * way
    cost = visits.cost.astype("Float64").fillna(modelled * 100).astype(float)
    visited = visits[["ticket_id", "visit_no", "arrived_at"]].assign(cost=cost)
    parts = tables["ticket_parts"]
    price = (parts.qty_used.fillna(0) * parts.unit_cost.fillna(0)).astype(float)
    arrivals = visited.drop_duplicates(["ticket_id", "visit_no"])[["ticket_id", "visit_no", "arrived_at"]]
    built_in = parts[["ticket_id", "visit_no"]].assign(cost=price)[price != 0]
    built_in = built_in.merge(arrivals, on=["ticket_id", "visit_no"], how="left")
    spent = pd.concat([visited, built_in], ignore_index=True).merge(tickets, on="ticket_id")
    spent["at"] = pd.to_datetime(spent.arrived_at).fillna(spent.reported_at)
    return spent[["customer_id", "at", "cost"]]


def monthly_rates(lines: pd.DataFrame, day: pd.Timestamp, living: pd.DataFrame | None) -> pd.DataFrame:
    """Margin a month: customers × contract, sales, service (negative)."""
    tomorrow = day + pd.Timedelta(days=1)
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
        contract = lines[lines.kind == "contract"]
        revenue = contract.revenue.sum()
        price = monthly_price(living).groupby(living.customer_id).sum().astype(float)
        rates = rates.reindex(rates.index.union(price.index)).rename_axis("customer_id")
        rates["contract"] = price * (contract.margin.sum() / revenue if revenue > 0 else 0.0)
    return rates.fillna(0.0)


def contract_survival(living: pd.DataFrame, day: pd.Timestamp, months: int) -> pd.DataFrame:
    """P(the contracts of a customer are in force) at the end of each month ahead; every end is passed with p_renew."""
    living = living[living.p_renew.notna()]
    ahead = np.arange(1, months + 1) * MONTH
    to_end = (living.end_at - day).dt.days.to_numpy()[:, None]
    length = ((living.end_at - living.start_at).dt.days.to_numpy() + 1)[:, None]
    ends_passed = np.where(ahead > to_end, 1 + np.maximum(0, ahead - to_end) // length, 0)
    alive = living.p_renew.astype(float).to_numpy()[:, None] ** ends_passed
    weight = np.maximum(monthly_price(living).fillna(0).to_numpy(float), 1)[:, None]
    customers = living.customer_id.to_numpy()
    total = pd.DataFrame(alive * weight, columns=range(1, months + 1)).groupby(customers).sum()
    return total.div(pd.Series(weight[:, 0]).groupby(customers).sum(), axis=0).rename_axis("customer_id")


def purchase_survival(lines: pd.DataFrame, day: pd.Timestamp, months: int) -> pd.DataFrame:
    """P(a customer without a contract still buys) at the end of each month ahead, from its silence."""
    bought = lines[(lines.kind != "service") & (lines.revenue > 0)]
    days = bought.assign(day=bought["at"].dt.normalize())[["customer_id", "day"]].drop_duplicates()
    days = days.sort_values(["customer_id", "day"], kind="stable")
    following = days.groupby("customer_id").day.shift(-1)
    gap, closed = (following.fillna(day) - days.day).dt.days, following.notna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of weights that are no counts: no limits are used
        weights = 1 / gap.groupby(days.customer_id).transform("size")
        curve = KaplanMeierFitter().fit(gap, closed, weights=weights)
    at, waiting = curve.survival_function_.index.to_numpy(), curve.survival_function_.iloc[:, 0].to_numpy()

    def buys_again(silent: np.ndarray) -> np.ndarray:
        now, then = (
            waiting[np.maximum(np.searchsorted(at, d, side="right") - 1, 0)] for d in (silent, silent + 365)
        )
        return np.where(now > 0, 1 - then / np.where(now > 0, now, 1), 0.0)

    last_seen = lines.groupby("customer_id")["at"].max()
    last_sale = bought.groupby("customer_id")["at"].max().reindex(last_seen.index).fillna(last_seen)
    silence = (day - last_sale.dt.normalize()).dt.days.clip(lower=0).to_numpy()
    yearly = float(buys_again(np.array([0]))[0])
    alive = buys_again(silence)[:, None] * yearly ** (np.arange(1, months + 1) / 12)
    return pd.DataFrame(alive, index=last_seen.index, columns=range(1, months + 1))
