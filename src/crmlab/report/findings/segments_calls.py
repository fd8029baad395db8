"""Whom to call: customers of high value that may leave, with how to serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.segments_why import guesses, sentences
from crmlab.report.findings.segments_words import named
from crmlab.report.findings.value_words import customers_said
from crmlab.report.messages import Message, money, say

if TYPE_CHECKING:
    import pandas as pd


def to_call(customers: pd.DataFrame, why: pd.DataFrame) -> pd.DataFrame:
    """Customers at risk whose value to come is high, the most at stake first: with `name`, `stage_said`, `guess` and `why` in words."""
    risk = customers["at_risk"].astype("boolean").fillna(False).astype(bool)
    rows = named(customers[risk & (customers["value_band"] == "high").fillna(False).astype(bool)])
    rows = rows.sort_values(["at_stake", "to_come", "customer_id"], ascending=[False, False, True])
    rows = rows.reset_index(drop=True)
    said = sentences(why[why["customer_id"].isin(rows["customer_id"])])
    rows["why"] = [said.get(customer) for customer in rows["customer_id"]]
    rows["guess"] = guesses(rows)
    return rows


def title(customers: pd.DataFrame) -> Message:
    """The finding above the list: how many of high value are at risk, and what is at stake."""
    rows = to_call(customers, _no_reasons())
    if customers["value_band"].isna().all():
        return say("Whom to call cannot be told: no customer's value is known")
    if rows.empty:
        return say("No customer of high value is at risk")
    if rows["at_stake"].isna().all():
        return say(
            "Of high value and at risk: {n}, {amount} to come",
            n=customers_said(len(rows)),
            amount=money(rows["to_come"].sum()),
        )
    return say(
        "Of high value and at risk: {n}, {amount} at stake; call {customer} first",
        n=customers_said(len(rows)),
        amount=money(rows["at_stake"].sum()),
        customer=rows["name"].iloc[0],
    )


def _no_reasons() -> pd.DataFrame:
    import pandas as pd

    columns = ["customer_id", "rank", "likeliest", "runner_up", "feature", "above", "value", "typical"]
    return pd.DataFrame(columns=columns)


NOTE = say(
    "At risk: the contract is unlikely to be renewed, or the customer has fallen silent. High: the top fifth of the customers worth "
    "something. At stake: what the value to come would be more if the next renewal were sure. The type says how to speak to them; a guess "
    "marked perhaps is no reason to change how they are served. Value is no input of the type."
)
"""How to read the list of calls."""
