"""The figures on top of the page "Customer value"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.blocks import Card
from crmlab.report.findings.value_changes import month_ago
from crmlab.report.findings.value_parts import customers_valued, still_there
from crmlab.report.findings.value_words import labelled, noted, range_of
from crmlab.report.messages import Message, count, is_missing, money, percent, say


def cards(metrics: Mapping[str, Any]) -> list[Card]:
    """The figures on top; a figure that the stage could not tell has no card."""
    if not metrics.get("n_valued"):
        return []
    made = [value_card(metrics), _to_date(metrics), _cost_to_come(metrics), _losing(metrics)]
    return [card for card in made if card]


def value_card(metrics: Mapping[str, Any]) -> Card | None:
    """The card of the value to come, its 90 % limits and its change since a month ago beside it; None where nobody is valued."""
    if not metrics.get("n_valued") or is_missing(metrics.get("to_come")):
        return None
    return Card(
        labelled(say("Value to come"), metrics),
        money(metrics["to_come"]),
        _beside(metrics),
        noted(
            say(
                "What {customers} will bring, net of the cost to serve them, discounted: contracts signed and to be signed, purchases, "
                "machines replaced and repairs paid for, less tickets, contacts and compensation. Below zero: serving costs more than comes "
                "in.",
                customers=customers_valued(metrics),
            ),
            metrics,
        ),
        key="to_come",
        better="higher",
    )


def _beside(metrics: Mapping[str, Any]) -> Message:
    """The limits and the change since a month ago, as far as they are known."""
    limits, before = range_of(metrics.get("low"), metrics.get("high")), month_ago(metrics)
    if limits and before:
        return say("90 % limits: {range}; {change}", range=limits, change=before)
    if limits:
        return say("90 % limits: {range}", range=limits)
    return before or customers_valued(metrics)


def _to_date(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("historical")):
        return None
    return Card(
        labelled(say("Profit to date"), metrics),
        money(metrics["historical"]),
        say(
            "margin {margin}, cost to serve {cost}",
            margin=money(metrics.get("margin")),
            cost=money(metrics.get("service_cost")),
        ),
        noted(
            say(
                "Margin of all lines, returns taken off, of contracts as far as their days are past, less visits, time, kilometres, parts "
                "not charged, contacts and compensation. {unearned} is invoiced for days to come and not in it.",
                unearned=money(metrics.get("unearned") or 0),
            ),
            metrics,
        ),
        key="historical",
        better="higher",
    )


def _cost_to_come(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("cost_to_come")) or not metrics["cost_to_come"]:
        return None
    margin = (metrics.get("current") or 0) + (metrics.get("potential") or 0)
    share = metrics["cost_to_come"] / margin if margin > 0 else None
    return Card(
        say("Cost to serve to come"),
        money(metrics["cost_to_come"]),
        None if share is None else say("{share} of the margin to come", share=percent(share)),
        say(
            "Tickets expected × what a ticket costs in visits, time, kilometres and parts; contacts and compensation; discounted over "
            "{months} months.",
            months=count(metrics.get("horizon_months")),
        ),
        key="cost_to_come",
        better="lower",
    )


def _losing(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("share_negative")) or not metrics.get("cost_to_come"):
        return None
    sure = metrics.get("n_surely_negative")
    words = {"n": count(metrics.get("n_negative")), "all": still_there(metrics)}
    return Card(
        say("Customers that lose money"),
        percent(metrics["share_negative"], 1),
        say("{n} of {all}", **words)
        if is_missing(sure)
        else say("{n} of {all}, {sure} of them surely", **words, sure=count(sure)),
        say(
            "Of the customers with something to come, those whose value is below zero: they are expected to cost more than they bring. "
            "Surely: their upper 90 % limit is below zero too. Who is not on the customer file is not counted as losing."
        ),
        key="share_negative",
        better="lower",
        material=0.001,
    )
