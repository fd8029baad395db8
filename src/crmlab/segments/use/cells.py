"""Types × value × risk: who is in each cell, and what it gets. The type says how to serve, value and risk say how much."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.outputs import CELLS, RISK_BANDS, VALUE_BANDS
from crmlab.segments.use.policy import Policy

HIGH, MIDDLE = 0.2, 0.5
"""Of the customers worth something, the share in the high band, and in the high and the middle band together."""


def value_bands(to_come: pd.Series) -> pd.Series:
    """The band of each customer's value to come: loss (0 or less); of the others the top fifth high, three tenths middle, the rest low.

    Customers worth the same are in one band, the higher. Missing where the value is.

    Examples
    --------
    >>> value_bands(pd.Series([900, 80, 70, 20, 10, 0, -5, None], dtype="Int64")).tolist()
    ['high', 'middle', 'middle', 'low', 'low', 'loss', 'loss', <NA>]
    """
    value = to_come.astype("Float64").astype(float)
    worth = value > 0
    richer = (value[worth].rank(method="min", ascending=False) - 1).reindex(value.index) / max(worth.sum(), 1)
    band = np.select(
        [value.isna(), ~worth, richer < HIGH, richer < MIDDLE], ["", "loss", "high", "middle"], "low"
    )
    return pd.Series(band, index=to_come.index, dtype="string", name="value_band").replace("", pd.NA)


def risk_bands(p_renew: pd.Series, silent: pd.Series, threshold: float) -> pd.Series:
    """Whether each customer is likely to leave: at_risk, safe or unknown.

    Parameters
    ----------
    p_renew : chance that its contract is renewed (of several, the least); missing without a contract or where no chance is known.
    silent : without a contract, whether it has fallen silent; missing where that cannot be said. Same index.
    threshold : a chance below it is a risk.

    Examples
    --------
    >>> p_renew, silent = pd.Series([0.9, 0.6, None, None, None]), pd.Series([None, False, True, False, None], dtype="boolean")
    >>> risk_bands(p_renew, silent, 0.7).tolist()
    ['safe', 'at_risk', 'at_risk', 'safe', 'unknown']
    """
    chance = p_renew.astype("Float64").astype(float)
    quiet = silent.astype("boolean")
    band = np.select(
        [chance < threshold, chance.notna(), quiet.fillna(False), quiet.notna()],
        ["at_risk", "safe", "at_risk", "safe"],
        "unknown",
    )
    return pd.Series(band, index=p_renew.index, dtype="string", name="risk")


def cells(customers: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Who is in each cell of type × value × risk, and what it gets: table `cells`, with the cells that somebody is in.

    Parameters
    ----------
    customers : one row each: type, likeliest, value_band, risk, to_come, at_stake. Those without a likeliest type or a band of value
        are in no cell.
    """
    placed = customers[customers["likeliest"].isin(list(TYPES)) & customers["value_band"].notna()]
    if placed.empty:
        return tables.empty(CELLS)
    key = list(CELLS.key)
    found = (
        placed.assign(type=placed["likeliest"], determined=placed["type"] != UNDETERMINED)
        .groupby(key)
        .agg(
            n=("determined", "size"),
            n_determined=("determined", "sum"),
            to_come=("to_come", _known_sum),
            at_stake=("at_stake", _known_sum),
        )
        .reset_index()
    )
    efforts = zip(found["value_band"], found["risk"], strict=True)
    found["effort"] = [policy.effort(value, risk) for value, risk in efforts]
    found["manner"] = [policy.manner(type_) for type_ in found["type"]]
    order = {"type": list(TYPES), "value_band": list(VALUE_BANDS), "risk": list(RISK_BANDS)}
    found = found.sort_values(key, key=lambda c: c.map(order[c.name].index), ignore_index=True)
    return tables.conform(found, CELLS)


def _known_sum(money: pd.Series) -> int | None:
    """Their sum, missing where none is known."""
    return money.sum(min_count=1)
