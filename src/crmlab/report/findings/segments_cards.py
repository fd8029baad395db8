"""The figures on top of the page "Value types"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.blocks import Card
from crmlab.report.messages import Message, count, is_missing, money, number, percent, say


def cards(figures: Mapping[str, Any]) -> list[Card]:
    """The figures on top, each with the simple line beside it; a figure that the stage could not tell has no card."""
    if not figures.get("n"):
        return []
    made = [determined_card(figures), _same_label(figures), _changes(figures), _at_risk(figures)]
    return [card for card in made if card]


def determined_card(figures: Mapping[str, Any]) -> Card | None:
    """The card of the share of customers with a type; None where nobody can be told."""
    if is_missing(figures.get("determined_share")):
        return None
    axis = figures.get("axis_share")
    of = say("of {n} customers with a record in the window", n=count(figures["n"]))
    return Card.of_share(
        say("Customers with a type"),
        figures["determined_share"],
        of
        if is_missing(axis) or not axis
        else say(
            "of {n} customers; of {share} more one axis is certain",
            n=count(figures["n"]),
            share=percent(axis),
        ),
        say(
            "A customer has a type when its probability reaches the threshold, or when an analyst has named it. The others keep a best guess."
        ),
        key="determined_share",
        better="higher",
    )


def _same_label(figures: Mapping[str, Any]) -> Card | None:
    if is_missing(figures.get("bootstrap_same_label")):
        return None
    plain = figures.get("bootstrap_same_label_simple")
    return Card(
        say("Keep their type on resampling"),
        percent(figures["bootstrap_same_label"]),
        None if is_missing(plain) else say("highest axes: {plain}", plain=percent(plain)),
        say(
            "Share of customers with a type that have the same one when everything is fitted again on a resample of the customers."
        ),
        key="bootstrap_same_label",
        better="higher",
        material=0.01,
    )


def _changes(figures: Mapping[str, Any]) -> Card | None:
    changes = figures.get("changes_per_year")
    if is_missing(changes):
        return None
    return Card(
        say("Changes of type per customer and year"),
        number(changes, 2),
        _every(changes),
        say(
            "Changes of the type as followed over the months, which moves only when another type has been clearly more probable for some months. "
            "Relabelling as observed."
        ),
        key="changes_per_year",
        material=0.05,
    )


def _every(changes: float) -> Message:
    if changes <= 0:
        return say("no change seen")
    return say("of 100 customers {n} change in a year", n=number(100 * changes, 1))


def _at_risk(figures: Mapping[str, Any]) -> Card | None:
    worth, n = figures.get("to_come_at_risk"), figures.get("at_risk")
    if is_missing(worth) or is_missing(n):
        return None
    return Card(
        say("Value to come of customers at risk"),
        money(worth),
        say("{n} of {all} customers", n=count(n), all=count(figures["n"])),
        say(
            "Value to come of the customers whose contract is unlikely to be renewed, or who have fallen silent. How much, not how to serve: "
            "value is no input of the type."
        ),
        key="to_come_at_risk",
        better="lower",
    )
