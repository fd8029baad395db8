"""Table `sales`: every group of every dimension, the last twelve months beside the twelve before."""

from __future__ import annotations

import pandas as pd

from crmlab.purchases.sales.outputs import SALES
from crmlab.tables import conform, empty


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """`part` / `whole` as numbers, missing where `whole` is missing or not positive: a share of nothing, or of a loss, says nothing.

    >>> ratio(pd.Series([1, 1, 1]), pd.Series([4, 0, -4])).tolist()
    [0.25, <NA>, <NA>]
    """
    whole = whole.astype("Float64")
    return part.astype("Float64") / whole.where(whole > 0)


def groups(found: pd.DataFrame) -> pd.DataFrame:
    """Table `sales` from the rows of groups.sql, sorted by its key; without rows where neither year has a line."""
    if found.empty:
        return empty(SALES)
    table = found.rename(columns={"dimension": "of", "member": "group"})
    total = table.loc[table["of"] == "all", "amount"].iloc[0]
    table = table.assign(
        margin_share=ratio(table["margin"], table["amount_with_margin"]),
        discount=ratio(table["taken_off"], table["listed"]),
        share=ratio(table["amount"], pd.Series(total, index=table.index)),
        change=table["amount"] - table["before"],
    )
    return conform(table.sort_values(list(SALES.key), ignore_index=True), SALES)
