"""How the page "Customer value" came to its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.findings.value_scores import AGO, SIMPLE, held_for, judged
from crmlab.report.findings.value_words import LINES, STANDINGS
from crmlab.report.messages import Message, count, is_missing, listed, money, number, percent, say


def method(metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures: books, parts of the value to come, limits, back-test, chain."""
    if not metrics.get("n_valued"):
        return []
    return [
        say(
            "Books: every line belongs to one income model: contracts; machines (lines of products that stand on the machine file); repairs "
            "(services and parts within 45 days after a repair the customer paid for); purchases; other. Of {n} lines {returns} are returns."
            " Ledger less customers' books: {difference}.",
            n=count(metrics.get("n_lines")),
            returns=count(metrics.get("n_returns")),
            difference=money(metrics.get("ledger_difference")),
        ),
        *_contracts(metrics),
        *_purchases(metrics),
        say(
            "Machines are replaced by their age and end of support; tickets are gamma-Poisson by machine age and model, drawn to the mean "
            "where a customer's record is short, × the cost of a ticket under its contract; contacts and compensation as in the last year."
        ),
        *_limits(metrics),
        *[line for years in AGO for line in _scores(metrics, years)],
        say(
            "What service adds: differences among tickets, contracts and customers alike in size, service level and record, customers as "
            "clusters, limits that all figures of a link hold at once; in money by the worth of a renewal and how often it happens. "
            "Associations, not effects."
        ),
    ]


def _contracts(metrics: Mapping[str, Any]) -> list[Message]:
    if is_missing(metrics.get("renewal_rate")):
        return []
    said = [
        say(
            'Contracts: by the chances of the page "Renewals and churn", then {rate} at each end; a renewal costs {rise} more than the term '
            "before; {moved} of customers move, close or merge in a year.",
            rate=percent(metrics["renewal_rate"], 1),
            rise=percent(metrics.get("price_rise"), 1),
            moved=percent(metrics.get("moved_a_year"), 1),
        )
    ]
    if not is_missing(metrics.get("heard_again")):
        said.append(
            say(
                "Of customers whose last contract was not renewed {share} are heard of again; what they bring then counts.",
                share=percent(metrics["heard_again"], 1),
            )
        )
    return said


def _purchases(metrics: Mapping[str, Any]) -> list[Message]:
    models = metrics.get("models") or {}
    if not models:
        return []
    told = [
        say("{what}: {value}", what=STANDINGS.get(group, group), value=_MODELS.get(model, model))
        for group, model in models.items()
    ]
    return [
        say(
            "Purchases: how often by a model of the customers ({models}), × what one brings.",
            models=listed(told),
        )
    ]


_MODELS = {"mean_rate": say("mean rate of each customer")}


def _limits(metrics: Mapping[str, Any]) -> list[Message]:
    said = [
        say(
            "Limits are predictive: they hold what is not known of the rates, and what chance will do. Those of all customers together also hold "
            "what customers share."
        )
    ]
    below, above = metrics.get("stretch_below"), metrics.get("stretch_above")
    if not is_missing(below) and not is_missing(above) and (below, above) != (1, 1):
        said.append(
            say(
                "By the back-test, lower limits are {below} times as far away as the model has them, upper ones {above} times.",
                below=number(below, 2),
                above=number(above, 2),
            )
        )
    if (held := held_for(metrics)) is not None:
        said.append(say("They are meant to hold for 90 % of the customers; {held}.", held=held))
    return said


_KEYS = {"value": "", **{simple: f"_{simple}" for simple in SIMPLE}}
"""What the figures of each line end in."""


def _scores(metrics: Mapping[str, Any], years: int) -> list[Message]:
    """The scores of one horizon, the stated value's before those of the simple lines."""
    told = judged(metrics, years)
    if told is None:
        return []
    figures = [
        say(
            "{name} {mae}, {rho}, {bias}",
            name=LINES[line],
            mae=money(told.get(f"mae{key}")),
            rho=number(told.get(f"spearman{key}"), 3),
            bias=percent(told.get(f"bias{key}"), 1),
        )
        for line, key in _KEYS.items()
        if not is_missing(told.get(f"mae{key}"))
    ]
    of_open = [
        say("{name} {mae}", name=LINES[line], mae=money(told[f"mae_open{key}"]))
        for line, key in _KEYS.items()
        if not is_missing(told.get(f"mae_open{key}"))
    ]
    said = [
        say(
            "Back-test, stated {ago} with what was known then, {n} customers; mean error a customer, rank correlation, sum stated over what came: "
            "{figures}.",
            ago=AGO[years],
            n=count(told["n"]),
            figures=listed(figures),
        )
    ]
    if of_open and not is_missing(told.get("n_open")):
        said.append(
            say(
                "Mean error of the {n} of them that had not left: {figures}.",
                n=count(told["n_open"]),
                figures=listed(of_open),
            )
        )
    if not is_missing(told.get("gain")) and not is_missing(told.get("gain_error")):
        said.append(
            say(
                "Mean error of the best simple line less that of the stated value: {gain} ± {error} (standard error, customers paired).",
                gain=money(told["gain"]),
                error=money(told["gain_error"]),
            )
        )
    return said
