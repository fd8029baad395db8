"""Rows of customers to act on: those worth most, and those that may leave with much at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.value_words import customers_said, in_words
from crmlab.report.messages import Message, count, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

FIRST = 10
"""Customers of the list that the title speaks of."""


def worth_most(customers: pd.DataFrame) -> pd.DataFrame:
    """All customers in words, the highest value to come first."""
    rows = in_words(customers)
    return rows.sort_values(["to_come", "customer_id"], ascending=[False, True], ignore_index=True)


def worth_most_title(customers: pd.DataFrame) -> Message:
    """The finding over the list: what the first customers are worth, and what share that is of all that is positive."""
    rows = worth_most(customers)
    rows = rows[rows["to_come"] > 0]
    if rows.empty:
        return say("No customer is expected to bring more than it costs")
    first = rows.head(FIRST)
    return say(
        "The first {few} are worth {amount} to come, {share} of what all {n} with a gain are",
        few=count(len(first)),
        amount=money(first["to_come"].sum()),
        share=percent(first["to_come"].sum() / rows["to_come"].sum()),
        n=count(len(rows)),
    )


def may_leave(customers: pd.DataFrame, at_risk: float) -> pd.DataFrame:
    """Customers with much at stake that stay a year with less than `at_risk`, the most at stake first; columns of `in_words`.

    Much: at least the median of all with something at stake. Who has left already is not among them.
    """
    rows = in_words(customers)
    left = (rows["standing"] == "left").fillna(False).astype(bool)
    staked = rows.loc[~left & (rows["at_stake"] > 0), "at_stake"]
    chosen = rows[~left & (rows["at_stake"] >= staked.median()) & (rows["p_retained"] < at_risk)]
    return chosen.sort_values(["at_stake", "customer_id"], ascending=[False, True], ignore_index=True)


def may_leave_title(customers: pd.DataFrame, at_risk: float) -> Message:
    """The finding over the list: how many may leave with much at stake, and how much that is."""
    rows, words = may_leave(customers, at_risk), {"p": percent(at_risk)}
    if customers["p_retained"].isna().all() or customers["at_stake"].isna().all():
        return say("Where much is at stake cannot be told: no chance of a renewal is known")
    if rows.empty:
        return say("Where much is at stake, customers stay a year with at least {p}", **words)
    words |= {"amount": money(rows["at_stake"].sum()), "customer": rows["name"].iloc[0]}
    if len(rows) == 1:
        return say("{customer} stays a year with less than {p}, {amount} at stake: call there first", **words)
    return say(
        "{n} stay a year with less than {p}, {amount} at stake together: call {customer} first",
        n=customers_said(len(rows)),
        **words,
    )


MOST = say(
    "Value to come is net of the cost to serve; low and high are its 90 % limits for this one customer. What it rests on is said where "
    "that is more than its own record. The file beside the page holds every customer."
)
"""How to read the list of those worth most."""

LEAVING = say(
    "At stake: what the value to come would be more if the next renewal were sure. Listed is at least the median of all with something at "
    'stake. Value to come counts the chance to leave already. The page "Renewals and churn" says why a contract is at risk.'
)
"""How to read the list of those that may leave."""
