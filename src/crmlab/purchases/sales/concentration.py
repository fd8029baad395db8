"""Table `pareto`: how much of sales the largest customers and products bring (after Vilfredo Pareto; Lorenz 1905)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.purchases.sales.outputs import PARETO
from crmlab.tables import conform, empty

OF = ("customer", "product")


def pareto(sales: pd.DataFrame) -> pd.DataFrame:
    """Table `pareto` from table `sales`: from no group to all with sales, in steps of a hundredth or of one group.

    Groups of which returns left nothing are not among those with sales, and lines that name no customer (product) are nobody's
    sales; both are part of the amount of all, so the last share need not be 1. Without rows where sales are not positive.
    """
    parts = [curve for of in OF if len(curve := _curve(sales, of))]
    return conform(pd.concat(parts, ignore_index=True), PARETO) if parts else empty(PARETO)


def share_of_largest(curves: pd.DataFrame, of: str, share: float = 0.2) -> float | None:
    """The share of the amount that the largest `share` of customers (products) brought; None where it cannot be told.

    Where that is no whole number of them, the next larger.
    """
    at = curves[(curves["of"] == of) & (curves["share_of"] >= share - 1e-9)]
    return float(at["share_amount"].iloc[0]) if len(at) else None


def _curve(sales: pd.DataFrame, of: str) -> pd.DataFrame:
    total = sales.loc[sales["of"] == "all", "amount"]
    named = sales[(sales["of"] == of) & (sales["group"] != "unknown") & (sales["amount"] > 0)]
    if named.empty or total.iloc[0] <= 0:
        return empty(PARETO)
    largest_first = np.sort(named["amount"].to_numpy("int64"))[::-1]
    brought = np.concatenate([[0], np.cumsum(largest_first)])
    n = len(largest_first)
    upto = np.unique(-(-np.arange(101) * n // 100))
    return pd.DataFrame({"of": of, "share_of": upto / n, "share_amount": brought[upto] / int(total.iloc[0])})
