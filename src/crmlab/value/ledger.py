"""One ledger of all that a customer brought and cost: every line of sales, contracts, visits and parts once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

KINDS = ("contract", "sales", "service")
"""Contract income, all other sales, and the cost to serve. Every line has exactly one."""


class Exports(NamedTuple):
    """The clean tables that value reads."""

    sales: pd.DataFrame
    tickets: pd.DataFrame
    visits: pd.DataFrame
    ticket_parts: pd.DataFrame
    customers: pd.DataFrame
    contracts: pd.DataFrame


def ledger(exports: Exports, settings: Mapping[str, Any]) -> pd.DataFrame:
    """All lines of income and cost.

    Contracts enter from the contracts table, on their first day, only where the sales ledger has no contract line:
    else they would count twice.

    Parameters
    ----------
    settings : the value section of params.yaml: margin per line kind, visit_cost, hour_cost, km_cost.

    Returns
    -------
    customer_id, at, kind (one of `KINDS`), revenue and margin (minor units; margin of service lines is minus their
    cost), estimated (the margin is a configured share of the amount).
    """
    sales = exports.sales
    if not (sales.line_kind == "contract").any() and len(exports.contracts):
        booked = exports.contracts.rename(columns={"start_at": "sold_at"}).assign(line_kind="contract")
        kept = ["customer_id", "sold_at", "amount", "line_kind"]
        booked = booked[kept].reindex(columns=sales.columns).astype(sales.dtypes)
        sales = pd.concat([sales, booked], ignore_index=True) if len(sales) else booked
    margin, estimated = line_margin(sales, settings["margin"])
    income = pd.DataFrame(
        {
            "customer_id": sales.customer_id,
            "at": sales.sold_at,
            "kind": (sales.line_kind == "contract").fillna(False).map({True: "contract", False: "sales"}),
            "revenue": sales.amount.astype("Int64"),
            "margin": margin,
            "estimated": estimated,
        }
    )
    cost = service_costs(exports, settings)
    spent = cost[["customer_id", "at"]].assign(kind="service", revenue=0, margin=-cost.cost, estimated=False)
    lines = pd.concat([income.astype(spent.dtypes.to_dict()), spent], ignore_index=True)
    return lines[lines.customer_id.notna() & lines["at"].notna()].reset_index(drop=True)


def contract_margin(lines: pd.DataFrame) -> float:
    """Margin over revenue of all contract lines, company-wide; 0 without contract revenue."""
    contract = lines[lines.kind == "contract"]
    revenue = contract.revenue.sum()
    return float(contract.margin.sum() / revenue) if revenue > 0 else 0.0


def earned(
    lines: pd.DataFrame, contracts: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> pd.Series:
    """Profit of each customer from `since` up to, but without, `until`, in minor units.

    The price of a contract is earned day by day over its term, at the margin of all contracts: booked on the first
    day, three years of it would fall into one. Where no contracts are exported, their lines count when booked.
    """
    inside = lines[(lines["at"] >= since) & (lines["at"] < until)]
    if contracts.empty:
        return inside.groupby("customer_id").margin.sum().astype(float)
    booked = inside[inside.kind != "contract"].groupby("customer_id").margin.sum()
    begin, end = contracts.start_at, contracts.end_at + pd.Timedelta(days=1)
    share = (end.clip(upper=until) - begin.clip(lower=since)) / (end - begin)
    accrued = contracts.amount.astype(float) * share.clip(lower=0) * contract_margin(lines)
    return booked.astype(float).add(accrued.groupby(contracts.customer_id).sum(), fill_value=0.0)


def line_margin(sales: pd.DataFrame, shares: Mapping[str, float]) -> tuple[pd.Series, pd.Series]:
    """Margin of each sales line in minor units, and whether it is estimated.

    The exported margin, else amount − cost, else amount × the share configured for its line kind; a line without a
    kind is taken for a product. Returns are negative on every way.
    """
    amount = sales.amount.astype("Float64")
    exact = sales.margin.astype("Float64").fillna(amount - sales.cost.astype("Float64"))
    share = sales.line_kind.fillna("product").map(dict(shares)).astype("Float64").fillna(0.0)
    margin = exact.fillna(amount * share).fillna(0.0).round().astype("int64")
    return margin, exact.isna()


def service_costs(exports: Exports, settings: Mapping[str, Any]) -> pd.DataFrame:
    """What visits and parts cost, in minor units, on the day of the visit.

    A visit costs what was recorded, else a fixed amount plus hours and kilometres at the configured rates. Without
    any visits table each ticket counts as one visit. A part costs pieces built in × the cost of one.

    Returns
    -------
    customer_id, ticket_id, at, cost.
    """
    tickets = exports.tickets[["ticket_id", "customer_id", "reported_at"]]
    visits = exports.visits
    if visits.empty:
        visits = (
            tickets[["ticket_id"]]
            .assign(visit_no=1, arrived_at=pd.NaT, cost=pd.NA)
            .reindex(columns=visits.columns)
        )
    minutes = sum(visits[c].astype("Float64").fillna(0) for c in ("travel_min", "work_min", "talk_min"))
    modelled = (
        settings["visit_cost"]
        + settings["hour_cost"] * minutes / 60
        + settings["km_cost"] * visits.distance_km.astype("Float64").fillna(0)
    )
    cost = visits.cost.astype("Float64").fillna(modelled * 100).round().astype("int64")
    visited = visits[["ticket_id", "visit_no", "arrived_at"]].assign(cost=cost)
    parts = exports.ticket_parts
    price = (parts.qty_used.fillna(0) * parts.unit_cost.fillna(0)).astype("int64")
    built_in = parts[["ticket_id", "visit_no"]].assign(cost=price)
    arrivals = visited.drop_duplicates(["ticket_id", "visit_no"])[["ticket_id", "visit_no", "arrived_at"]]
    built_in = built_in[price != 0].merge(arrivals, on=["ticket_id", "visit_no"], how="left")
    spent = pd.concat([visited, built_in], ignore_index=True).merge(tickets, on="ticket_id")
    spent["at"] = pd.to_datetime(spent.arrived_at).fillna(spent.reported_at)
    return spent[["customer_id", "ticket_id", "at", "cost"]]
