"""Every customer's profit to date by component, and its value to come by part."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.value.books.books import ToDate
from crmlab.value.losses import reasons
from crmlab.value.outputs import CUSTOMERS
from crmlab.value.to_come.forecast import LIMITS, Forecast

FROM_BOOKS = {
    "contracts": "earned",
    "machines": "machines_sold",
    "repairs": "repairs_sold",
    "products": "products_sold",
    "services": "services_sold",
    "parts_sold": "parts_sold",
    "other_sales": "other_sold",
    "visits": "visit_cost",
    "minutes": "time_cost",
    "kilometres": "way_cost",
    "parts": "part_cost",
    "contacts": "contact_cost",
    "compensation": "compensation",
    "revenue": "revenue",
    "margin": "margin",
    "cost": "service_cost",
    "profit": "historical",
    "unearned": "unearned",
}
"""Columns of the books, and what the table calls them."""


def customer_values(
    books: ToDate,
    told: Forecast,
    customers: pd.DataFrame,
    terms: pd.DataFrame,
    n_tickets: pd.Series,
    at_mean: pd.Series,
) -> pd.DataFrame:
    """The columns of `outputs.CUSTOMERS`, one row for everybody in the customer file, in the books or in the forecast.

    Parameters
    ----------
    books : to date. told : value to come. customers : the clean table. terms : `known_spells`, for the service level.
    n_tickets : by customer. at_mean : from `losses.at_mean_price`.
    """
    file = customers.dropna(subset=["customer_id"]).drop_duplicates("customer_id").set_index("customer_id")
    everyone = file.index.union(books.customers.index).union(told.customers.index).rename("customer_id")
    found = books.customers[list(FROM_BOOKS)].rename(columns=FROM_BOOKS).reindex(everyone).fillna(0)
    turnover = books.customers.turnover.reindex(everyone)
    estimated = books.customers.estimated_revenue.reindex(everyone)
    found["estimated_share"] = (estimated / turnover.where(turnover > 0)).astype(float)
    ahead = told.customers.reindex(everyone)
    for column in CUSTOMERS.columns:
        if column.kind == "money" and column.name in ahead and column.name not in [*found, "at_stake"]:
            found[column.name] = ahead[column.name].fillna(0.0).round().astype("int64")
    # The parts are rounded, so the sums are those of rounded parts, and limits without width lie on them.
    found["potential"] = found[["renewals", "purchases", "replacements", "paid_repairs"]].sum(axis=1)
    found["cost_to_come"] = found.ticket_cost + found.care_cost
    found["to_come"] = found.current + found.potential - found.cost_to_come
    for name, (low, high) in LIMITS.items():
        found[low], found[high] = np.minimum(found[low], found[name]), np.maximum(found[high], found[name])
    for name in ("customer_name", "industry", "region", "tier"):
        found[name] = file[name].reindex(everyone)
    found["known"] = file.known.reindex(everyone).fillna(False).astype(bool)
    latest = terms.sort_values(["end_at", "contract_id"]).drop_duplicates("customer_id", keep="last")
    found["service_level"] = latest.set_index("customer_id").service_level.reindex(everyone)
    standing = (
        pd.Series("none", everyone).mask(ahead.held.eq(True), "contract").mask(ahead.left.eq(True), "left")
    )
    found["standing"] = standing
    found["is_new"] = ahead.is_new.eq(True)
    found["machines"] = ahead.machines.fillna(0).astype(int)
    found["n_tickets"] = n_tickets.reindex(everyone).fillna(0).astype(int)
    found["p_retained"] = ahead.p_retained.astype(float)
    at_stake = told.customers.get("at_stake", pd.Series(dtype=float)).reindex(everyone)
    found["at_stake"] = at_stake.astype(float).round().astype("Int64")
    # Of a customer that is on no file, only a part of what it has and does is known under its name.
    why = reasons(told.customers, found.service_level, at_mean).reindex(everyone)
    found[list(why)] = why.where(found.known)
    return found.reset_index()
