"""Sentences of the page "Purchases and sales" that depend on figures: what needs attention, and the cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.findings import buyers, forecasts, sales, sales_change
from crmlab.report.messages import Message, count, is_missing, listed, money, say

if TYPE_CHECKING:
    import pandas as pd

ATTENDED = ("customers", "change")
"""Tables of the stage that its attention is told from, beside its metrics."""

TABLES = (*ATTENDED, "backtest", "deciles", "tracking", "matrix", "sales", "months", "pareto")
"""Tables of the stage that the page shows."""


def attention(
    metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> list[Message]:
    """What needs attention, the most important first.

    Parameters
    ----------
    metrics : reports/metrics/purchases.json.
    tables : the stage's tables `ATTENDED`, by name.
    settings : the section purchases of params.yaml.
    """
    customers = tables["customers"]
    sold = sales.attention(metrics, sales_change.cause(tables["change"], metrics))
    if customers.empty:
        nobody = say(
            "No sales line counts as a purchase of a customer: who still buys cannot be told. Export sales with customer_id, sold_at "
            "and amount."
        )
        return [message for message in (nobody, sold) if message]
    said = [
        buyers.attention(metrics, customers),
        sold,
        forecasts.no_model(metrics, settings),
        forecasts.expected(metrics, customers),
        buyers.lost(customers),
    ]
    return [message for message in said if message]


def cards(metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Card]:
    """The figures on top; a figure that the stage could not tell has no card."""
    made = [
        _alive(metrics),
        sales.card(metrics, tables["months"]),
        _expected(metrics),
        _at_stake(metrics, tables["customers"]),
        _concentrated(tables["pareto"]),
    ]
    return [card for card in made if card]


def _alive(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("alive")):
        return None
    return Card(
        say("Still customers"),
        count(round(metrics["alive"])),
        say("of {n} who ever bought", n=count(metrics["n_customers"])),
        say("Sum of every customer's chance of still being one."),
        key="alive",
        better="higher",
    )


def _expected(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("expected")):
        return None
    low, high, worth = (metrics.get(f"expected_{part}") for part in ("low", "high", "amount"))
    told = [
        None if is_missing(low) else say("{low} to {high}", low=count(round(low)), high=count(round(high))),
        None if is_missing(worth) else say("worth {amount}", amount=money(worth)),
    ]
    return Card(
        say("Purchases expected"),
        count(round(metrics["expected"])),
        listed([part for part in told if part]) or None,
        say(
            "Purchases of today's customers within {days} days; limits hold in nine cases of ten.",
            days=count(metrics["horizon_days"]),
        ),
        key="expected",
        better="higher",
    )


def _at_stake(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Card | None:
    if is_missing(metrics.get("at_stake")):
        return None
    quiet = buyers.to_call(customers)
    return Card(
        say("At stake with quiet customers"),
        money(quiet["at_stake"].sum()),
        say("{n} customers", n=count(len(quiet))),
        say(
            "What customers who have gone quiet would buy within {days} days if they surely still were customers, less what is expected.",
            days=count(metrics["horizon_days"]),
        ),
        key="at_stake_quiet",
        better="lower",
    )


def _concentrated(pareto: pd.DataFrame) -> Card | None:
    share = sales_change.top_fifth(pareto, "customer")
    if share is None:
        return None
    return Card.of_share(
        say("Brought by a fifth of the customers"),
        share,
        definition=say(
            "Share of the last twelve months' sales that the largest fifth of the customers brought."
        ),
        key="top20",
    )
