"""Sentences and rows about buyers: who still is one, who has gone quiet, whom to call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.gaps import CHANCES, EXPECTED_PURCHASES, gap
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.blocks import Columns

STATES = {
    "buying": say("still buying"),
    "quiet": say("gone quiet"),
    "gone": say("probably lost"),
    "cannot_tell": say("cannot tell"),
}
"""What is said of a customer, from its chance of still being one."""

OVERDUE = 2
"""Usual gaps of silence after which a repeat customer is overdue, where no model gives its chance."""


def in_words(customers: pd.DataFrame) -> pd.DataFrame:
    """Table `customers` with `name`, the name where it is known, else the id, and `limits` of its purchases in words."""
    rows = plain(customers)
    rows["name"] = rows["customer_name"].fillna(rows["customer_id"])
    rows["limits"] = [
        None if is_missing(low) else say("{low}–{high}", low=count(low), high=count(high))
        for low, high in zip(rows["low"], rows["high"], strict=True)
    ]
    return rows


def chances(customers: pd.DataFrame) -> bool:
    """Whether a model says of customers how likely they still are ones."""
    return bool(customers["p_alive"].notna().any())


def to_call(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers whose silence is worth a call, the dearest first.

    Those gone quiet, by what is at stake. Without a model, repeat customers of the last horizon silent for more than `OVERDUE` of their
    usual gaps, by what they spent to date.
    """
    rows = in_words(customers)
    if chances(customers):
        return _dearest(rows[(rows["state"] == "quiet") & (rows["at_stake"] > 0)], "at_stake")
    overdue = (rows["lately"] > 0) & (rows["frequency"] > 0) & (rows["since"] > OVERDUE * rows["gap"])
    return _dearest(rows[overdue], "amount")


def to_win_back(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers probably lost, by what they would buy if they were none; none without a model."""
    rows = in_words(customers)
    return _dearest(rows[(rows["state"] == "gone") & (rows["at_stake"] > 0)], "at_stake")


def everybody(customers: pd.DataFrame) -> pd.DataFrame:
    """All customers, the most purchases expected first."""
    rows = in_words(customers)
    order = ["expected", "amount", "customer_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _dearest(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    return rows.sort_values([by, "customer_id"], ascending=[False, True], ignore_index=True)


def columns(customers: pd.DataFrame) -> Columns:
    """The columns of a list of customers: what a model says of them only where there is one."""
    bought: Columns = {
        "last_at": (say("Last purchase"), "day"),
        "purchases": (say("Times bought"), "count"),
        "gap": (say("Usual gap, days"), "count"),
        "since": (say("Silent, days"), "count"),
    }
    name: Columns = {"name": (say("Customer"), "text")}
    if not chances(customers):
        return name | {"amount": (say("Spent to date"), "money")} | bought
    return (
        name
        | {"at_stake": (say("At stake"), "money")}
        | bought
        | {
            "p_alive": (say("Still a customer"), "percent"),
            "expected": (say("Will buy"), "number"),
            "limits": (say("Limits"), "text"),
        }
    )


def attention(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message | None:
    """Whom to call first and what is at stake; None where nobody is overdue."""
    first = to_call(customers)
    if first.empty:
        return None
    said = {
        "n": count(len(first)),
        "customer": first["name"].iloc[0],
        "days": count(metrics.get("horizon_days")),
    }
    if not chances(customers):
        return say(
            "{n} repeat customers of the last {days} days have been silent for more than {times} of their usual gaps between purchases: "
            "call {customer} first, who spent {most} to date.",
            **said,
            times=count(OVERDUE),
            most=money(first["amount"].iloc[0]),
        )
    said |= {
        "amount": money(first["at_stake"].sum()),
        "most": money(first["at_stake"].iloc[0]),
    }
    if len(first) == 1:
        return say(
            "One customer has gone quiet: {customer}. {amount} of purchases within {days} days is at stake: call now.",
            **said,
        )
    return say(
        "{n} customers have gone quiet, and {amount} of their purchases within {days} days is at stake: call {customer} first, for "
        "{most} of it.",
        **said,
    )


def lost(customers: pd.DataFrame) -> Message | None:
    """How many customers are probably lost; None where none is."""
    rows = to_win_back(customers)
    if rows.empty:
        return None
    return say(
        "{n} of {all} customers have probably been lost; they would buy for {amount} if they were still customers: see which of them "
        "are worth winning back.",
        n=count(len(rows)),
        all=count(len(customers)),
        amount=money(rows["at_stake"].sum()),
    )


def call_title(customers: pd.DataFrame, metrics: Mapping[str, Any]) -> Message:
    """The finding over the list of customers to call: how much is at stake, and how much of it in the first ten."""
    rows = to_call(customers)
    if customers.empty:
        return say("No purchase of a customer is on record")
    if not chances(customers):
        known = plain(customers)
        said = {
            "n": count(len(rows)),
            "all": count(((known["frequency"] > 0) & (known["lately"] > 0)).sum()),
            "days": count(metrics.get("horizon_days")),
            "times": count(OVERDUE),
        }
        return say(
            "Overdue: {n} of {all} repeat customers of the last {days} days, silent for more than {times} of their usual gaps",
            **said,
        )
    if rows.empty:
        return say("No customer has gone quiet")
    return say(
        "At stake with {n} customers who have gone quiet: {amount}, {first} of it with the first {few}",
        amount=money(rows["at_stake"].sum()),
        n=count(len(rows)),
        first=money(rows["at_stake"].head(10).sum()),
        few=count(min(10, len(rows))),
    )


def call_note(customers: pd.DataFrame, metrics: Mapping[str, Any], alive: Sequence[float]) -> Message:
    """How to read the list; `alive` bounds the chance of those gone quiet."""
    if not chances(customers):
        return say(
            "The usual gap is the mean time between a customer's purchases. No model is used, so nobody's chance of still being a "
            "customer is told."
        )
    return say(
        "Gone quiet: still a customer with a chance of {low} to {high}. At stake: what it would buy within {days} days if it surely "
        "were a customer, less what is expected. Purchases expected stand with limits that hold for nine customers in ten.",
        low=percent(alive[0]),
        high=percent(alive[1]),
        days=count(metrics.get("horizon_days")),
    )


def back_title(customers: pd.DataFrame) -> Message:
    """The finding over the list of those probably lost."""
    rows = to_win_back(customers)
    return say(
        "Probably lost: {n} customers, who would buy for {amount} if they were won back",
        n=count(len(rows)),
        amount=money(rows["at_stake"].sum()),
    )


def states(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers by what is said of them: `name` in words, n, share, amount to date, at_stake; only those there are."""
    rows = plain(customers)
    found = rows.groupby("state", observed=True).agg(
        n=("customer_id", "size"),
        amount=("amount", "sum"),
        expected_amount=("expected_amount", lambda x: x.sum(min_count=1)),
        at_stake=("at_stake", lambda x: x.sum(min_count=1)),
    )
    found = (
        found.reindex([state for state in STATES if state in found.index]).rename_axis("state").reset_index()
    )
    found["share"] = found["n"] / max(len(rows), 1)
    found["name"] = [STATES[state] for state in found["state"]]
    return found


def states_title(metrics: Mapping[str, Any], customers: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the states: how many still are customers, as far as it can be told."""
    n = count(len(customers))
    if customers.empty:
        return say("No purchase of a customer is on record")
    if not chances(customers) or is_missing(metrics.get("alive")):
        return gap(status, EXPECTED_PURCHASES, CHANCES) or say(
            "Who of {n} customers still is one cannot be told: no model is used", n=n
        )
    said = states(customers).set_index("state")["n"]
    return say(
        "Of {n} customers about {alive} still are ones; {quiet} have gone quiet and {gone} are probably lost",
        n=n,
        alive=count(round(metrics["alive"])),
        quiet=count(said.get("quiet", 0)),
        gone=count(said.get("gone", 0)),
    )


def states_note(customers: pd.DataFrame, alive: Sequence[float]) -> Message | None:
    """How to read the states; `alive` bounds the chance of those gone quiet."""
    if not chances(customers):
        return None
    return say(
        "By the chance of still being a customer: above {high} still buying, below {low} probably lost, between them gone quiet.",
        low=percent(alive[0]),
        high=percent(alive[1]),
    )
