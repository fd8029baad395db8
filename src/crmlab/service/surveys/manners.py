"""Procedure and person: the four kinds of service, by branch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import clustered_mean
from crmlab.service.surveys.answers import MET
from crmlab.service.surveys.outputs import MANNERS
from crmlab.tables import conform, empty

PROCEDURE, PERSON = ("reliability", "responsiveness"), ("assurance", "empathy")
STYLE = {
    (False, False): "indifferent",
    (True, False): "by the book",
    (False, True): "friendly",
    (True, True): "quality service",
}
"""漠不关心型, 按部就班型, 热情友好型, 优质服务型, by (procedure strong, person strong)."""


def branch_of(tickets: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """The branch of most tickets of each customer up to the end of the day `as_of`; of equal ones the first by name.

    >>> branch_of(
    ...     pd.DataFrame(
    ...         {"customer_id": ["c", "c", "c"], "branch": ["B", "A", "B"], "reported_at": pd.Timestamp("2026-01-01")}
    ...     ),
    ...     pd.Timestamp("2026-01-31"),
    ... ).to_dict()
    {'c': 'B'}
    """
    past = tickets[tickets["reported_at"] < as_of + pd.Timedelta(days=1)]
    counted = past[["customer_id", "branch"]].astype(object).dropna().value_counts().rename("n").reset_index()
    counted = counted.sort_values(["customer_id", "n", "branch"], ascending=[True, False, True])
    return counted.drop_duplicates("customer_id").set_index("customer_id")["branch"]


def manners(means: pd.DataFrame, branch: pd.Series, min_group: int) -> pd.DataFrame:
    """How customers of each branch find procedure and person, and which of the four kinds of service that is: table `manners`.

    A branch is strong or weak where both its limits lie on one side of the mean of all questionnaires of the table; where either
    mean's limits lie across it, and with one branch only, it cannot be told. So the kinds are relative: somebody is always weak. One
    impression colours all five dimensions, so most branches that can be told at all are strong or weak in both.

    Parameters
    ----------
    means : from `sheet_means`, of the window.
    branch : from `branch_of`.
    min_group : customers below which a branch is left out.
    """
    wide = means.pivot_table(index=["sheet", "customer"], columns="dimension", values=MET)
    wide = wide.reindex(columns=[*PROCEDURE, *PERSON])
    sheets = pd.DataFrame(
        {"procedure": wide[list(PROCEDURE)].mean(axis=1), "person": wide[list(PERSON)].mean(axis=1)}
    )
    sheets = sheets.dropna().reset_index()
    sheets["branch"] = sheets["customer"].map(branch)
    sheets = sheets.dropna(subset="branch")
    customers = sheets.groupby("branch")["customer"].nunique()
    sheets = sheets[sheets["branch"].isin(customers.index[customers >= min_group])]
    if sheets.empty:
        return empty(MANNERS)
    rows = []
    for name, part in sheets.groupby("branch"):
        row = {"branch": name, "customers": customers[name]}
        for side in ("procedure", "person"):
            limits = clustered_mean(part[side].to_numpy(float), part["customer"].to_numpy(str))
            row |= dict(zip((side, f"{side}_low", f"{side}_high"), limits, strict=True))
        rows.append(row)
    table = pd.DataFrame(rows)
    table["style"] = "cannot tell"
    if len(table) > 1:
        strong, weak = {}, {}
        for side in ("procedure", "person"):
            middle = sheets[side].mean()
            strong[side], weak[side] = table[f"{side}_low"] > middle, table[f"{side}_high"] < middle
        told = (strong["procedure"] | weak["procedure"]) & (strong["person"] | weak["person"])
        style = [STYLE[pair] for pair in zip(strong["procedure"], strong["person"], strict=True)]
        table["style"] = np.where(told, style, table["style"])
    return conform(table, MANNERS)
