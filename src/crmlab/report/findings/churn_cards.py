"""The figures on top of the page "Renewals and churn"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import HALF_A_POINT, Card
from crmlab.report.findings import churn_curves, churn_scores
from crmlab.report.messages import count, is_missing, money, number, percent, say

if TYPE_CHECKING:
    import pandas as pd


def cards(metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Card]:
    """The figures on top; a figure that the stage could not tell has no card."""
    made = [
        _ending(metrics),
        loss_card(metrics),
        _renewal_rate(tables["renewals_by_month"]),
        _foreseen(metrics),
        _to_win_back(metrics),
    ]
    return [card for card in made if card]


def _ending(metrics: Mapping[str, Any]) -> Card | None:
    if "due" not in metrics or is_missing(metrics["due"]["90"]["amount"]):
        return None
    due = metrics["due"]["90"]
    return Card(
        say("Ending within 90 days"),
        money(due["amount"]),
        say("{n} contracts", n=count(due["n"])),
        say(
            "Price of the open contracts whose last day is less than 90 days ahead, or past within the grace days; of several years, that of all of them."
        ),
        key="due_90",
    )


def loss_card(metrics: Mapping[str, Any]) -> Card | None:
    """The card of what may be lost within a year; None without chances."""
    if "due" not in metrics or is_missing(metrics["due"]["365"].get("expected_loss")):
        return None
    due = metrics["due"]["365"]
    return Card(
        say("Expected loss within a year"),
        money(due["expected_loss"]),
        say("of {amount} in {n} contracts that end", amount=money(due["amount"]), n=count(due["n"])),
        say("Price of the whole term × chance of not being renewed, over contracts that end within a year."),
        key="expected_loss",
        better="lower",
    )


def _renewal_rate(months: pd.DataFrame) -> Card | None:
    (due, renewed), (due_before, renewed_before) = (
        churn_curves.last_months(months),
        churn_curves.last_months(months, before=12),
    )
    if not due:
        return None
    before = renewed_before / due_before if due_before else None
    return Card(
        say("Renewal rate, 12 months"),
        percent(renewed / due, 1),
        say("{share} in the twelve months before", share=percent(before, 1)) if due_before else None,
        say(
            "Renewed of the contracts that ended in the last twelve months whose grace days are past; who moved, closed or merged is "
            "left out."
        ),
        key="renewal_rate_12",
        better="higher",
        material=HALF_A_POINT,
        line=list(months.sort_values("month")["rate"].dropna().astype(float)),
    )


def _foreseen(metrics: Mapping[str, Any]) -> Card | None:
    if is_missing(metrics.get("auc")):
        return None
    naive = metrics.get("auc_naive")
    return Card(
        say("Who renews: model"),
        number(metrics["auc"], 2),
        None
        if is_missing(naive)
        else say(
            "{what}: {value}", what=churn_scores.line_name(metrics.get("naive")), value=number(naive, 2)
        ),
        say(
            "AUC, of contracts due within the year: how often one that renewed had the better chance than one that was lost; 0.5 is guessing."
        ),
        key="auc",
        better="higher",
        material=0.01,
    )


def _to_win_back(metrics: Mapping[str, Any]) -> Card | None:
    lost = metrics.get("win_back") or {}
    if not lost.get("n") or is_missing(lost.get("yearly_amount")):
        return None
    return Card(
        say("Lost, to win back"),
        money(lost["yearly_amount"]),
        say("{n} customers", n=count(lost["n"])),
        say(
            "Yearly price of the last contract of customers lost within {months} months that hold none now.",
            months=count(metrics.get("win_back_months")),
        ),
        key="win_back",
        better="lower",
    )
