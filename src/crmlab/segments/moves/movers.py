"""Customers whose tracked type changed lately, and the feature whose change speaks most for the new one."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.catalogue import NAMES, UNDETERMINED, probability_column
from crmlab.segments.outputs import MOVERS

MONTHS = 12
Explain = Callable[[pd.DataFrame, pd.Series, pd.Series], pd.DataFrame]
"""(features of customers, type for, type against), all with index customer_id → contributions of each feature to the log-odds."""


def movers(
    tracked: pd.DataFrame, customers: pd.DataFrame, then: pd.DataFrame, now: pd.DataFrame, explain: Explain
) -> pd.DataFrame:
    """Customers whose tracked type changed in the last twelve months of `tracked`: the latest change of each.

    Log-odds of the new type against the old are linear in the scores, so that what each feature added a year ago and adds today can
    be held against each other; the feature with the largest gain is named, none where none gained. One that was not known a year ago
    gains all that it adds today.

    Parameters
    ----------
    tracked : from `crmlab.segments.moves.tracker.TypeTracker.track`; may be empty.
    customers : customer_id, customer_name, stage, to_come and the probability of every type, as in table `customers` of the stage.
    then, now : features of a year ago and of the last month, as `History.at` has them; a customer may be missing from the first.
    explain : exact contributions, such as `lambda table, a, b: mixture.explain(scorer.transform(table), a, b)`.

    Returns
    -------
    `crmlab.segments.outputs.MOVERS`: the latest change first, then by customer_id.
    """
    changes = _latest(tracked)
    about = customers.set_index("customer_id")
    changes = changes[changes.index.isin(about.index) & changes.index.isin(now["customer_id"])]
    if changes.empty:
        return tables.empty(MOVERS)
    then, now = then.set_index("customer_id"), now.set_index("customer_id").loc[changes.index]
    earlier = then.loc[then.index.intersection(changes.index)]
    adds = explain(now, changes["type"], changes["was"])
    pair = changes.loc[earlier.index]
    added = explain(earlier, pair["type"], pair["was"]) if len(pair) else adds.iloc[:0]
    names = [name for name in NAMES if name in adds.columns]
    gain = adds[names].fillna(0.0).sub(added[names].reindex(adds.index).fillna(0.0))
    strongest = gain.idxmax(axis=1).where(gain.max(axis=1) > 0)
    about = about.loc[changes.index]
    found = changes.assign(
        customer_name=about["customer_name"],
        p=_picked(about, changes["type"].map(probability_column)),
        feature=strongest,
        then=_picked(then.reindex(changes.index), strongest),
        now=_picked(now, strongest),
        stage=about["stage"],
        to_come=about["to_come"],
    ).reset_index()
    found = found.sort_values(["month", "customer_id"], ascending=[False, True], ignore_index=True)
    return tables.conform(found, MOVERS)


def _latest(tracked: pd.DataFrame) -> pd.DataFrame:
    """month, was and type of the latest change of each customer within `MONTHS` of the last month; index customer_id."""
    rows = tracked[tracked["type"] != UNDETERMINED].sort_values(["customer_id", "month"])
    rows = rows.assign(was=rows.groupby("customer_id")["type"].shift())
    since = tracked["month"].max() - pd.offsets.MonthEnd(MONTHS)
    changed = rows[rows["was"].notna() & (rows["was"] != rows["type"]) & (rows["month"] > since)]
    latest = changed.drop_duplicates("customer_id", keep="last")
    return latest.set_index("customer_id")[["month", "was", "type"]]


def _picked(table: pd.DataFrame, columns: pd.Series) -> pd.Series:
    """From each row of `table` its value in the column that `columns` names for it; missing where it names none."""
    column = table.columns.get_indexer(columns)
    values = table.to_numpy(object, na_value=None)[range(len(table)), column]
    return pd.Series(values, index=table.index).where(column >= 0).astype("Float64")
