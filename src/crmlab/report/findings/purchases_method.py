"""How the page "Purchases and sales" came to its figures: what counts, the model, how well it did, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.findings import forecasts, sales
from crmlab.report.messages import Message, count, is_missing, listed, money, number, percent, say, term

_UNITS = {"day": say("one day"), "week": say("one week")}


def method(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures: what counts, the model and its parameters, the backtest, what was left out."""
    return [
        say(
            "Purchases: what is bought on {unit} is one purchase, returns are netted, and what was returned whole is none. Counted are "
            "{kinds}; sales statistics count all lines.",
            unit=_UNITS[settings["unit"]],
            kinds=listed([term("line kind", sales.KINDS[kind]) for kind in settings["counts"]]),
        ),
        *_fit(metrics, settings),
        *_spend(metrics),
        *_backtest(metrics),
        *_left_out(metrics),
        *_sold(metrics),
    ]


def _fit(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> list[Message]:
    if without := forecasts.no_model(metrics, settings):
        return [without]
    if not metrics.get("model"):
        return []
    said = {"model": forecasts.line_name(metrics["model"])}
    if metrics.get("why") == "clearly better":
        chosen = say(
            "{model} is used: on earlier days it forecast clearly better than the first of purchases.models.",
            **said,
        )
    elif metrics["model"] == settings["models"][0]:
        chosen = say(
            "{model} is used, the first of purchases.models: no other was clearly better on earlier days.",
            **said,
        )
    else:
        chosen = say(
            "{model} is used, as the first of purchases.models does not fit these purchases.", **said
        )
    gone, buying = settings["alive"]
    return [
        chosen,
        *_parameters(metrics),
        say(
            "The chance of still being a customer follows from how often one bought, when last and when first, and from nothing else: "
            "above {buying} one is still buying, below {gone} probably lost, between them gone quiet.",
            gone=percent(gone),
            buying=percent(buying),
        ),
        say(
            "It is rather too high than too low: who buys in one season only, or stops in a way that no such model assumes, looks like "
            "a customer for longer. In simulated companies, where it is known who had left, more were called customers than still were."
        ),
    ]


def _parameters(found: Mapping[str, Any]) -> list[Message]:
    params = found.get("params")
    if not params:
        return []
    errors = found.get("standard_errors") or {}
    shown = [
        say("{name} {value} ± {error}", name=name, value=number(x, 3), error=number(errors[name], 3))
        if not is_missing(errors.get(name))
        else say("{name} {value}", name=name, value=number(x, 3))
        for name, x in params.items()
    ]
    said = [say("Its parameters, ± standard error: {parameters}.", parameters=listed(shown))]
    if not is_missing(found.get("log_likelihood")):
        said.append(say("Log-likelihood: {value}.", value=number(found["log_likelihood"], 1)))
    return said


def _spend(metrics: Mapping[str, Any]) -> list[Message]:
    spend = metrics.get("spend") or {}
    said = {"r": number(spend.get("correlation"), 2)}
    if spend.get("model") == "GammaGamma":
        known = (
            say(
                "Amount of a purchase: Gamma-Gamma model, which takes amounts and numbers of purchases as unrelated (their correlation "
                "is {r}).",
                **said,
            )
            if not is_missing(spend.get("correlation"))
            else say("Amount of a purchase: Gamma-Gamma model.")
        )
        return [known, *_parameters(spend)]
    if spend.get("model") == "own mean":
        return [say("Amount of a purchase: the mean of the customer's purchases, as no spend model fits.")]
    return []


def _backtest(metrics: Mapping[str, Any]) -> list[Message]:
    test = metrics.get("backtest")
    if not test:
        return []
    said = [
        say(
            "Back-test on {n} earlier days, {days} days apart, each with only what was known then. Over all of them: mean error of "
            "a customer {mae} purchases ({naive}: {mae0}), total {bias} off ({bias0}), rank correlation {rho} ({rho0}).",
            n=count(test.get("origins")),
            days=count(metrics.get("horizon_days")),
            naive=forecasts.line_name(metrics.get("naive")),
            mae=number(test.get("mae"), 3),
            mae0=number(test.get("mae_naive"), 3),
            bias=percent(test.get("bias"), 1),
            bias0=percent(test.get("bias_naive"), 1),
            rho=number(test.get("spearman"), 3),
            rho0=number(test.get("spearman_naive"), 3),
        )
    ]
    if not is_missing(metrics.get("gain")):
        said.append(
            say(
                "Gain over the simple line: {gain} purchases a customer, standard error {error}; two standard errors decide.",
                gain=number(metrics["gain"], 3),
                error=number(metrics.get("gain_se"), 3),
            )
        )
    if not is_missing(test.get("coverage90")):
        said.append(
            say(
                "Limits of nine in ten held {share} of customers; where a count at the edge counts by its part inside, {exact}.",
                share=percent(test["coverage90"], 1),
                exact=percent(test.get("coverage90_exact"), 1),
            )
        )
    if metrics.get("shock"):
        said.append(
            say(
                "Limits of totals allow for what strikes all customers at once, as far as earlier days show it: a standard deviation of "
                "{shock} of the total.",
                shock=percent(metrics["shock"], 1),
            )
        )
    total = test.get("coverage90_total")
    if total:
        said.append(
            say(
                "Totals within their limits: {inside} of {n} earlier days.",
                inside=count(total["inside"]),
                n=count(total["n"]),
            )
        )
    return said


def _left_out(metrics: Mapping[str, Any]) -> list[Message]:
    said = []
    excluded = metrics.get("excluded") or {}
    if excluded.get("other_kinds") or excluded.get("no_customer"):
        said.append(
            say(
                "No purchases: {kinds} lines of other kinds and {nobody} without a customer.",
                kinds=count(excluded.get("other_kinds") or 0),
                nobody=count(excluded.get("no_customer") or 0),
            )
        )
    alone = metrics.get("returns_without_purchase") or {}
    if alone.get("n"):
        said.append(
            say(
                "Returns of customers with no purchase on record: {n}, worth {amount}; they count in sales, not in purchases.",
                n=count(alone["n"]),
                amount=money(abs(alone["amount"])),
            )
        )
    return said


def _sold(metrics: Mapping[str, Any]) -> list[Message]:
    known = (metrics.get("sales") or {}).get("margin_known")
    said = [
        say(
            "Sales statistics: the last twelve complete months against the twelve before, returns taken off. What a line does not say "
            "is a group of its own. Volume, mix, price and discount are told over products with pieces and list prices in both years."
        )
    ]
    if not is_missing(known):
        said.append(say("A margin is on record for {share} of sales.", share=percent(known)))
    return said
