"""Who answers, and what the answers would say if everybody did."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.surveys.outputs import RESPONSE
from crmlab.tables import conform, empty

COUNTS = ("tickets", "broken_promises", "second_visits", "complaints")
TROUBLES = ("broken_promises", "complaints", "second_visits")
UNKNOWN = "unknown"
FEW = 50
"""Customers who answered, and who did not, below which no weights are fitted."""
HEAVIEST = 0.99
"""Weights are cut off at this quantile: one rare customer must not speak for all."""


def served(
    months: pd.DataFrame,
    sales: pd.DataFrame,
    customers: pd.DataFrame,
    start: pd.Timestamp,
    end: pd.Timestamp,
) -> pd.DataFrame:
    """Customers with a ticket or a sale from `start` to before `end`, and what the records of that time say of them.

    Parameters
    ----------
    months : the stage's table months: customer_id, month, tickets, broken_promises, second_visits, complaints.
    sales, customers : the clean tables.
    start, end : first moments of months.

    Returns
    -------
    One row per customer, indexed by customer, sorted: tier (unknown where it is not on file), tickets, broken_promises, second_visits,
    complaints, trouble (the sum of the last three).
    """
    month = months["month"].astype(object)
    counted = months[month.between(f"{start:%Y-%m}", f"{end - pd.Timedelta(days=1):%Y-%m}")]
    of = counted["customer_id"].astype(object)
    sums = counted[list(COUNTS)].fillna(0).astype(float).groupby(of).sum()
    bought = sales.loc[(sales["sold_at"] >= start) & (sales["sold_at"] < end), "customer_id"].dropna()
    there = sums.index[sums["tickets"] > 0].union(pd.Index(bought.astype(object).unique(), dtype=object))
    made = sums.reindex(there).fillna(0.0)
    tier = (
        customers.dropna(subset="customer_id").drop_duplicates("customer_id").set_index("customer_id")["tier"]
    )
    made.insert(0, "tier", tier.astype(object).reindex(there).fillna(UNKNOWN).to_numpy(object))
    made["trouble"] = made[list(TROUBLES)].sum(axis=1)
    return made.sort_index().rename_axis("customer")


def who_answered(means: pd.DataFrame) -> pd.Index:
    """The customers of questionnaires that are not about one ticket; of any where there are no others.

    A customer with many repairs is asked about many, so answers about tickets say little of who is ready to answer.

    Parameters
    ----------
    means : from `sheet_means`, of the window.
    """
    yearly = means[means["about"] == "yearly"]
    return pd.Index((yearly if len(yearly) else means)["customer"].unique(), dtype=object)


def response(served: pd.DataFrame, answered: pd.Index, min_group: int) -> pd.DataFrame:
    """How many customers answered, by tier and by what the records say of them: table `response`.

    Parameters
    ----------
    served : from `served`, of the last twelve months.
    answered : from `who_answered`, of the same months.
    min_group : customers below which a group is left out.
    """
    if served.empty or not len(answered):
        return empty(RESPONSE)
    groups = {"all": pd.Series("", index=served.index), "tier": served["tier"]}
    for name in (*TROUBLES, "trouble"):
        groups[name] = (served[name] > 0).map({True: "some", False: "none"})
    did = pd.Series(served.index.isin(answered), index=served.index)
    parts = [
        did.groupby(group.to_numpy(object)).agg(customers="size", answered="sum").assign(of=of)
        for of, group in groups.items()
    ]
    table = pd.concat(parts).rename_axis("group").reset_index()
    table = table[table["customers"] >= min_group]
    table["share"] = table["answered"] / table["customers"]
    table["low"], table["high"] = wilson(table["answered"], table["customers"])
    return conform(table.sort_values(["of", "group"], ignore_index=True), RESPONSE)


def weights(served: pd.DataFrame, answered: pd.Index) -> pd.Series:
    """How many customers each customer who answered stands for: one over its chance to answer.

    The chance is a logistic regression on tier and the logarithms of tickets, broken promises, second visits and complaints. Weights
    are cut off at their 99th percentile and have mean 1. They put right what shows in the records, and nothing else: of two customers
    with equal records the unhappier may still be the one who answers (Little and Rubin, Statistical Analysis with Missing Data).

    Parameters
    ----------
    served : from `served`, of the months in which `answered` answered.

    Returns
    -------
    Indexed by customer, those who answered alone; empty where fewer than 50 answered or fewer than 50 did not.
    """
    did = served.index.isin(answered)
    if min(did.sum(), (~did).sum()) < FEW:
        return pd.Series(dtype=float)
    from sklearn.linear_model import LogisticRegression

    known = np.log1p(served[list(COUNTS)].to_numpy(float))
    tiers = pd.get_dummies(served["tier"], dtype=float).to_numpy()
    features = np.hstack([known, tiers])
    spread = features.std(0)
    features = (features - features.mean(0)) / np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(max_iter=1000).fit(features, did)
    heavy = 1 / model.predict_proba(features[did])[:, 1]
    heavy = np.minimum(heavy, np.quantile(heavy, HEAVIEST))
    return pd.Series(heavy / heavy.mean(), index=served.index[did])
