"""Sentences of the page "Customer value" that depend on figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.messages import Message, count, money, number, percent, say


def attention(metrics: Mapping[str, Any]) -> list[Message]:
    """What needs attention, the most important first."""
    if not metrics.get("n_valued"):
        return [say("There are no sales and no contracts: nobody can be valued.")]
    said = []
    if metrics["n_negative"]:
        said.append(
            say(
                "{n} customers will cost {loss} more than they bring over {months} months: review their price or the "
                "service they get.",
                n=count(metrics["n_negative"]),
                loss=money(-metrics["negative_to_come"]),
                months=count(metrics["horizon_months"]),
            )
        )
    else:
        said.append(
            say(
                "No customer is expected to cost more than it brings over {months} months.",
                months=count(metrics["horizon_months"]),
            )
        )
    if metrics["top_fifth_profit"] is not None:
        said.append(
            say(
                "A fifth of the customers brought {share} of the profit to date: keep these.",
                share=percent(metrics["top_fifth_profit"]),
            )
        )
    if metrics["revenue_based_share"]:
        said.append(
            say(
                "Revenue-based: for {share} of the turnover neither cost nor margin is exported, and a configured "
                "margin stands in.",
                share=percent(metrics["revenue_based_share"]),
            )
        )
    if verdict(metrics) == "worse":
        said.append(
            say(
                "A year ago, last year's profit again would have been the better forecast: trust ranks, not sums."
            )
        )
    return said


def verdict(metrics: Mapping[str, Any]) -> str:
    """Stated value against "last year's profit again": better or worse by two standard errors, else even.

    "unknown" without a back-test.
    """
    if metrics.get("mae_gain") is None:
        return "unknown"
    gain, noise = metrics["mae_gain"], 2 * metrics["mae_gain_se"]
    return "better" if gain > noise else "worse" if gain < -noise else "even"


def pareto_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the Pareto curve."""
    share = metrics.get("top_fifth_profit")
    if share is None:
        return say("There is no profit to share out")
    if share > 1:
        return say(
            "The most profitable fifth brought {share} of the profit: the others together lost money",
            share=percent(share),
        )
    return say(
        "The most profitable fifth of the customers brought {share} of the profit", share=percent(share)
    )


def backtest_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the back-test."""
    error, naive = money(metrics.get("mae")), money(metrics.get("mae_naive"))
    match verdict(metrics):
        case "better":
            return say(
                "Stated a year ago, values missed by {error} a customer; last year's profit again missed by {naive}",
                error=error,
                naive=naive,
            )
        case "even":
            return say(
                "Stated a year ago, values missed by {error} a customer, no less than last year's profit again ({naive})",
                error=error,
                naive=naive,
            )
        case "worse":
            return say(
                "Stated a year ago, values missed by {error} a customer, more than last year's profit again ({naive})",
                error=error,
                naive=naive,
            )
    return say("Less than two years of sales: nobody can tell yet how good the values are")


def method(metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures, with the scores of the back-test."""
    said = [
        say(
            "Profit to date: margin of all lines, returns taken off, less what visits and parts cost. To come: mean "
            "monthly margin less mean monthly cost to serve × P(still there), over {months} months, discounted by {rate} "
            "a year.",
            months=count(metrics.get("horizon_months")),
            rate=percent(metrics.get("annual_discount")),
        ),
        say(
            "Customers with an open contract stay as their contracts renew; others by the gaps between purchases "
            "(Kaplan-Meier, lifelines), given how long they have been silent."
        ),
    ]
    if metrics.get("mae") is not None:
        said.append(
            say(
                "Back-test, {n} customers, stated one year ago for the year after: mean error {mae} (last year again {mae0}, "
                "mean rate {mae1}), rank correlation {rho} ({rho0}, {rho1}), total {bias} off ({bias0}, {bias1}).",
                n=count(metrics["n"]),
                mae=money(metrics["mae"]),
                mae0=money(metrics["mae_naive"]),
                mae1=money(metrics["mae_mean_rate"]),
                rho=number(metrics["spearman"], 3),
                rho0=number(metrics["spearman_naive"], 3),
                rho1=number(metrics["spearman_mean_rate"], 3),
                bias=percent(metrics["bias"], 1),
                bias0=percent(metrics["bias_naive"], 1),
                bias1=percent(metrics["bias_mean_rate"], 1),
            )
        )
    return said
