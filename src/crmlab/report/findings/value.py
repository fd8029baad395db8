"""What needs attention on the page "Customer value"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import (
    value_chain,
    value_changes,
    value_groups,
    value_losses,
    value_parts,
    value_scores,
)
from crmlab.report.findings.value_words import range_of, revenue_based
from crmlab.report.messages import Message, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

ATTENDED = ("customers", "equity", "chain", "scores")
"""Tables of the stage that its attention is told from, beside its metrics."""

TABLES = (
    *ATTENDED,
    "changes",
    "sensitivities",
    "pareto",
    "groups",
    "reconciliation",
    "backtest",
)
"""Tables of the stage that the page shows."""

_MOST = 5  # sentences that a reader takes in
_HANGS = 0.25  # share of the margin that is not yet signed from which it is worth a word


def attention(metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Message]:
    """What needs attention, the most important first.

    Parameters
    ----------
    metrics : reports/metrics/value.json.
    tables : the stage's tables `ATTENDED`, by name.
    """
    if not metrics.get("n_valued"):
        return [_nobody(metrics)]
    metrics = value_scores.with_open(metrics, tables["scores"])
    said = [
        _books(metrics),
        equity(metrics),
        value_losses.attention(metrics, tables["customers"]),
        value_changes.changed(metrics, tables["equity"]),
        value_scores.attention(metrics),
        _without_cost(metrics),
        _revenue_based(metrics),
        value_chain.attention(tables["chain"]),
        value_groups.attention(metrics),
    ]
    return [message for message in said if message][:_MOST]


def _nobody(metrics: Mapping[str, Any]) -> Message:
    """Why nobody is valued."""
    if metrics.get("nobody"):
        return say(
            "The exported lines name no customer: nobody can be valued. Export customer_id with the sales."
        )
    return say(
        "There are no sales and no contracts: nobody can be valued. Export one of them with the customers' ids."
    )


def _books(metrics: Mapping[str, Any]) -> Message | None:
    if not metrics.get("ledger_difference"):
        return None
    return say(
        "The customers' books and the ledger differ by {amount}: use no sum of this page before that is explained.",
        amount=money(abs(metrics["ledger_difference"])),
    )


def equity(metrics: Mapping[str, Any]) -> Message | None:
    """What all customers together will bring and cost, with limits, and what to plan with."""
    worth = metrics.get("to_come")
    if is_missing(worth):
        return None
    who = {"n": value_parts.still_there(metrics), "months": count(metrics.get("horizon_months"))}
    if worth < 0:
        return say(
            "Over {months} months {n} will cost {loss} more than they bring{limits}: review prices and service before more is "
            "signed.",
            **who,
            loss=money(-worth),
            limits=_limits(metrics, sign=-1),
        )
    net = {**who, "net": _net(metrics)}
    low = metrics.get("low")
    plan = money(worth if is_missing(low) else max(low, 0))
    hangs = value_parts.unsigned_share(metrics)
    if hangs is not None and hangs >= _HANGS:
        return say(
            "Over {months} months {n} will bring {net}; {share} of the margin hangs on contracts not yet signed: plan with "
            "{plan}, and have renewals signed early.",
            **net,
            share=percent(hangs),
            plan=plan,
        )
    return say("Over {months} months {n} will bring {net}: plan with {plan}.", **net, plan=plan)


def _net(metrics: Mapping[str, Any]) -> Message:
    cost, words = (
        metrics.get("cost_to_come"),
        {"worth": money(metrics["to_come"]), "limits": _limits(metrics)},
    )
    if is_missing(cost) or not cost:
        return say("{worth}{limits}, the cost to serve not counted", **words)
    return say("{worth}{limits} after {cost} for serving them", **words, cost=money(cost))


def _limits(metrics: Mapping[str, Any], sign: int = 1) -> Message | str:
    """The limits of the sum in brackets; nothing where they are not known."""
    ends = [metrics.get(name) for name in ("low", "high")]
    if any(map(is_missing, ends)):
        return ""
    return say(" (90 % limits: {range})", range=range_of(*sorted(sign * end for end in ends)))


def _without_cost(metrics: Mapping[str, Any]) -> Message | None:
    if metrics.get("service_cost") or metrics.get("cost_to_come"):
        return None
    return say(
        "No cost to serve is known: who costs more than it brings cannot be told. Export visits, or at least tickets."
    )


def _revenue_based(metrics: Mapping[str, Any]) -> Message | None:
    if not revenue_based(metrics):
        return None
    return say(
        "Revenue-based: for {share} of the turnover neither cost nor margin is exported, and a configured margin stands in. Export "
        "what the goods were bought for.",
        share=percent(metrics["revenue_based_share"], 1),
    )
