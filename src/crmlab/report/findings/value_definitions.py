"""What the page "Customer value" means by its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.value_scores import held_for
from crmlab.report.messages import Message, count, percent, say

if TYPE_CHECKING:
    import pandas as pd


def definitions(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """The words of the page and what they mean, with the settings of the run: columns word, meaning; none where nobody is valued."""
    import pandas as pd

    rows = [
        (
            say("Profit to date"),
            say(
                "Margin of all lines, returns taken off, less the cost to serve. A contract counts day by day over its term: what is "
                "invoiced for days to come is not in it."
            ),
        ),
        (
            say("Value to come"),
            say(
                "What contracts signed and not yet signed, purchases, replacements of machines and paid repairs will bring over {months} "
                "months, less what tickets and care will cost, discounted by {rate} a year.",
                months=count(metrics.get("horizon_months")),
                rate=percent(metrics.get("annual_discount")),
            ),
        ),
        (
            say("Negative value"),
            say(
                "Serving the customer will cost more than it brings. That is a value like any other: it counts in every sum, and decisions use it."
            ),
        ),
        (
            say("Limits of 90 %"),
            _meant(metrics),
        ),
        (
            say("Simple lines"),
            say(
                "What the values are judged beside. Last year's profit again: what a customer brought in the year before, once more. Mean "
                "profit × retention: what it brought a month so far, for each month to come, times the share of customers that stay."
            ),
        ),
        (
            say("Not on the customer file"),
            say(
                "Only a ticket, a sale or a contract names it. Its sums count, but nothing is advised before the name is checked."
            ),
        ),
        (
            say("Known for less than a year"),
            say("There is too little of its own record: its value rests on customers like it."),
        ),
        (
            say("Revenue-based"),
            say(
                "Neither cost nor margin is exported: the margin is a share of the amount, set in params.yaml."
            ),
        ),
        (
            say("Stays a year"),
            say(
                "Chance that it is still a customer in a year: by its contract, or by its purchases where it has none."
            ),
        ),
        (
            say("Has left"),
            say("Its last contract ended, and nothing was heard of it since."),
        ),
    ]
    return pd.DataFrame(rows if metrics.get("n_valued") else [], columns=["word", "meaning"])


def _meant(metrics: Mapping[str, Any]) -> Message:
    """What limits are meant to hold, and how often they did."""
    wide = say("For one customer they are wide: one dear ticket or one lost contract moves it far.")
    held = held_for(metrics) or say("how often they do could not be measured")
    return say(
        "What comes is meant to lie between them for 90 % of the customers; {held}. {wide}",
        held=held,
        wide=wide,
    )
