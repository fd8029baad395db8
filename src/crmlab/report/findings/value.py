"""Sentences of the page "Customer value" that depend on figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.findings.verdict import verdict
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
    elif metrics["service_cost"]:
        said.append(
            say(
                "No customer is expected to cost more than it brings over {months} months.",
                months=count(metrics["horizon_months"]),
            )
        )
    if not metrics["service_cost"]:
        said.append(say("No cost to serve is known: who costs more than it brings cannot be told."))
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
    if _against_last_year(metrics) == "worse":
        said.append(
            say(
                "A year ago, last year's profit again would have been the better forecast: trust ranks, not sums."
            )
        )
    return said


def _against_last_year(metrics: Mapping[str, Any]) -> str:
    """The verdict on the stated values against "last year's profit again", customer by customer."""
    return verdict(metrics.get("mae_gain"), metrics.get("mae_gain_se"))


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
    match _against_last_year(metrics):
        case "better":
            return say(
                "Stated a year ago, values missed by {error} a customer; last year's profit again missed by {naive}",
                error=error,
                naive=naive,
            )
        case "even":
            return say(
                "Stated a year ago, values missed by {error} a customer, last year's profit again by {naive}: cannot tell "
                "which is better",
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
        say("Profit to date: margin of all lines, returns taken off, less what visits and parts cost."),
        say(
            "To come, over {months} months, discounted by {rate} a year: open contracts at their price a month × the "
            "margin of all contracts (as booked where no contracts are exported), other sales as in the last three years, "
            "less the cost to serve since the customer was first seen, at most three years; all × P(still there).",
            months=count(metrics.get("horizon_months")),
            rate=percent(metrics.get("annual_discount")),
        ),
        say(
            'Customers with an open contract stay as their contracts renew (page "Renewals and churn"); others by the gaps '
            "between purchases (Kaplan-Meier, lifelines), given how long they have been silent."
        ),
    ]
    if metrics.get("mae") is not None:
        said.append(
            say(
                "Back-test, {n} customers, stated one year ago for the year after, with the chances of renewal known then; "
                "contracts count by the share of their term inside the year: mean error {mae} (last year again {mae0}, "
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
