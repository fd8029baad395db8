"""Rows of customers to act on: those worth most, and those worth much that may leave."""

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
    """Customers worth more than most that stay a year with less than `at_risk`, the highest value to come first.

    Worth more than most: above the median of those with a gain. Who has left already is not among them. Beside the columns of
    `in_words`: `at_stake`, value to come × (1 − p_retained).
    """
    rows = worth_most(customers)
    gain = rows.loc[rows["to_come"] > 0, "to_come"]
    chosen = (rows["to_come"] > 0) & (rows["to_come"] >= gain.median()) & (rows["p_retained"] < at_risk)
    rows = rows[chosen & (rows["standing"] != "left").fillna(True).astype(bool)]
    return rows.assign(at_stake=rows["to_come"] * (1 - rows["p_retained"])).reset_index(drop=True)


def may_leave_title(customers: pd.DataFrame, at_risk: float) -> Message:
    """The finding over the list: how many are worth much and may leave, and what they are worth."""
    rows, words = may_leave(customers, at_risk), {"p": percent(at_risk)}
    if customers["p_retained"].isna().all():
        return say("Who is worth much and may leave cannot be told: no chance to stay is known")
    if rows.empty:
        return say("Who is worth much stays a year with at least {p}", **words)
    if len(rows) == 1:
        return say(
            "{customer}, worth {amount}, stays a year with less than {p}: call there first",
            customer=rows["name"].iloc[0],
            amount=money(rows["to_come"].iloc[0]),
            **words,
        )
    return say(
        "{n} worth {amount} together stay a year with less than {p}: call {customer} first",
        n=customers_said(len(rows)),
        amount=money(rows["to_come"].sum()),
        customer=rows["name"].iloc[0],
        **words,
    )


MOST = say(
    "Value to come is net of the cost to serve; low and high are its 90 % limits for this one customer. What it rests on is said where "
    "that is more than its own record. The file beside the page holds every customer."
)
"""How to read the list of those worth most."""

LEAVING = say(
    'Value to come counts the chance to leave already. Worth much: above the median of those with a gain. The page "Renewals and churn" '
    "says why a contract is at risk."
)
"""How to read the list of those that may leave."""
