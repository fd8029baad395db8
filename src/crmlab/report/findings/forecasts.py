"""Sentences and rows about forecasts of purchases: what is expected, and how well earlier forecasts did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.gaps import CHANCES, EXPECTED_PURCHASES, JUDGED, gap
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, money, number, say, sentences

if TYPE_CHECKING:
    import pandas as pd

NAIVE = {"last_year_again": say("the same period once more"), "mean_rate": say("each customer's mean rate")}
"""The simple lines in words."""

LINES = {"expected": "forecast", "naive": "the same period once more", "actual": "came"}
"""Columns of table `tracking` and the lines that show them: words of the catalogue's context "purchase line"."""

AHEAD = say(
    "Purchases of the customers known today, summed up from today on: forecast with limits that hold in nine cases of ten, and the "
    "simple line."
)
HELD_OUT = say(
    "The forecast as it was made on the latest earlier day, with what was known then, against the purchases that came."
)
TENTHS = say(
    "Customers in tenths by the forecast of the latest earlier day, the fewest first. Bar: mean purchases that came, with 95 % limits; "
    "tick: mean forecast."
)
"""How to read the figures."""

_MODELS = {"MBGNBD": "MBG/NBD", "BGNBD": "BG/NBD", "ParetoNBD": "Pareto/NBD"}


def line_name(name: str | None) -> Message | str:
    """A way to forecast in words: a simple line, or the model as the field writes it.

    >>> line_name("MBGCNBD-2")
    'MBG/CNBD-2'
    """
    if name in NAIVE:
        return NAIVE[name]
    return _MODELS.get(name or "", (name or "").replace("MBGCNBD", "MBG/CNBD"))


def no_model(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> Message | None:
    """Why no customer-base model is used, and what the forecasts rest on instead; None where one is."""
    if metrics.get("model") or not metrics.get("n_customers"):
        return None
    return sentences([_why(metrics, settings), _instead(metrics)])


def _why(metrics: Mapping[str, Any], settings: Mapping[str, Any]) -> Message:
    match metrics.get("why"):
        case "naive is clearly better":
            return say(
                "No customer-base model is used: on earlier days a simple line ({naive}) forecast purchases clearly better.",
                naive=line_name(metrics.get("naive") or metrics.get("line")),
            )
        case "too few repeat buyers":
            return say(
                "No customer-base model is used: {n} customers bought more than once, and at least {least} are needed.",
                n=count(metrics.get("n_repeat")),
                least=count(settings["min_repeat_buyers"]),
            )
        case "history too short":
            return say("No customer-base model is used: the sales on record span less than a year.")
        case "no maximum":
            return say(
                "No customer-base model is used: none fits these purchases (the likelihood has no maximum)."
            )
    return say("No customer-base model is used.")


def _instead(metrics: Mapping[str, Any]) -> Message:
    if metrics.get("line"):
        return say(
            "Forecasts rest on a simple line ({line}), and who still is a customer cannot be told.",
            line=line_name(metrics["line"]),
        )
    return say("Nothing is forecast, and who still is a customer cannot be told.")


def expected(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message | None:
    """What is to be expected of the horizon beside what the last one brought; None where nothing is forecast."""
    if is_missing(metrics.get("expected")):
        return None
    said = {
        "n": count(round(metrics["expected"])),
        "days": count(metrics.get("horizon_days")),
        "lately": count(plain(customers)["lately"].sum()),
    }
    if is_missing(metrics.get("expected_low")):
        return say(
            "{n} purchases are expected within {days} days, as many as the simple line says; the last {days} days brought {lately}.",
            **said,
        )
    said |= _limits(metrics["expected_low"], metrics["expected_high"])
    if metrics["expected_low"] > plain(customers)["lately"].sum():
        return say(
            "{n} purchases of today's customers are expected within {days} days ({low} to {high}), more than the {lately} of the last "
            "{days}: see that stock and staff suffice.",
            **said,
        )
    if metrics["expected_high"] < plain(customers)["lately"].sum():
        return say(
            "{n} purchases of today's customers are expected within {days} days ({low} to {high}), fewer than the {lately} of the last "
            "{days}: new customers must make up for it.",
            **said,
        )
    return say(
        "{n} purchases of today's customers are expected within {days} days ({low} to {high}), about as many as the {lately} of the "
        "last {days}.",
        **said,
    )


def _limits(low: Any, high: Any) -> dict[str, Any]:
    return {"low": count(round(low)), "high": count(round(high))}


def followed(tracking: pd.DataFrame, part: str) -> pd.DataFrame:
    """Part "held_out" or "ahead" of table `tracking` as lines: columns until, days, line, purchases, low, high."""
    import pandas as pd

    rows = by_day(tracking, part)
    parts = []
    for column, name in LINES.items():
        known = rows[["until", "days", column]].dropna(subset=[column]).rename(columns={column: "purchases"})
        limits = rows.loc[known.index, ["low", "high"]] if column == "expected" else float("nan")
        known[["low", "high"]] = limits
        parts.append(known.assign(line=name))
    found = pd.concat(parts, ignore_index=True)
    return found.astype({"purchases": float, "low": float, "high": float})


def by_day(tracking: pd.DataFrame, part: str) -> pd.DataFrame:
    """Part "held_out" or "ahead" of table `tracking`, one row per day that is counted: the rows behind the lines."""
    return plain(tracking[tracking["part"] == part]).sort_values("days", ignore_index=True)


def tracking_title(tracking: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the forecast of the latest earlier day: whether what came lies within its limits."""
    rows = by_day(tracking, "held_out").dropna(subset=["actual"])
    if rows.empty:
        return gap(status, JUDGED, EXPECTED_PURCHASES, CHANCES) or say(
            "How well an earlier forecast did cannot be told: too little was on record a horizon ago"
        )
    last = rows.iloc[-1]
    said = {
        "n": count(round(last["expected"])),
        "actual": count(round(last["actual"])),
        "days": count(last["days"]),
    }
    if is_missing(last["low"]):
        return say("{days} days ago {n} purchases were forecast by the simple line; {actual} came", **said)
    said |= _limits(last["low"], last["high"])
    if last["actual"] > last["high"]:
        return say(
            "{days} days ago {n} purchases were forecast ({low} to {high}); {actual} came, more than the limits",
            **said,
        )
    if last["actual"] < last["low"]:
        return say(
            "{days} days ago {n} purchases were forecast ({low} to {high}); {actual} came, fewer than the limits",
            **said,
        )
    return say(
        "{days} days ago {n} purchases were forecast ({low} to {high}); {actual} came, within the limits",
        **said,
    )


def ahead_title(metrics: Mapping[str, Any], status: Mapping[str, Any]) -> Message:
    """The finding over the forecast ahead."""
    if is_missing(metrics.get("expected")):
        return gap(status, EXPECTED_PURCHASES) or say("What customers will buy cannot be told")
    said = {"n": count(round(metrics["expected"])), "days": count(metrics.get("horizon_days"))}
    amount = metrics.get("expected_amount")
    if is_missing(metrics.get("expected_low")):
        return say("Expected within {days} days: {n} purchases, without limits", **said)
    said |= _limits(metrics["expected_low"], metrics["expected_high"])
    if is_missing(amount):
        return say("Expected within {days} days: {n} purchases ({low} to {high})", **said)
    return say(
        "Expected within {days} days: {n} purchases ({low} to {high}), worth {amount}",
        **said,
        amount=money(amount),
    )


def verdict(metrics: Mapping[str, Any]) -> Message:
    """The finding over the tenths of customers: the model against the best simple line, on the latest earlier day."""
    test = metrics.get("backtest") or {}
    said = {
        "model": line_name(metrics.get("model")) or say("the model"),
        "naive": line_name(metrics.get("naive")),
        "mae": number(test.get("mae"), 2),
        "mae_naive": number(test.get("mae_naive"), 2),
    }
    if not metrics.get("model") and metrics.get("why") == "naive is clearly better":
        return say(
            "The customer-base model lost to the simple line ({naive}) on earlier days: it is not used",
            **said,
        )
    match metrics.get("verdict"):
        case "better":
            return say(
                "Customer by customer the forecast missed by {mae} purchases, the simple line ({naive}) by {mae_naive}: the model is "
                "better",
                **said,
            )
        case "worse":
            return say(
                "Customer by customer the forecast missed by {mae} purchases, more than the simple line ({naive}) with {mae_naive}: do "
                "not trust it for one customer",
                **said,
            )
        case "no clear difference":
            return say(
                "Customer by customer the forecast missed by {mae} purchases, the simple line ({naive}) by {mae_naive}: cannot tell "
                "which is better",
                **said,
            )
    return say("How good the forecasts are cannot be told yet: there is no earlier day to judge them on")


def tenths(deciles: pd.DataFrame) -> pd.DataFrame:
    """Table `deciles` in its order, `tenth` as text for the chart."""
    rows = plain(deciles).sort_values("decile", ignore_index=True)
    return rows.assign(tenth=[f"{decile:.0f}" for decile in rows["decile"]])


def earlier_days(backtest: pd.DataFrame) -> pd.DataFrame:
    """Table `backtest`, the latest day first, `name` and `chosen_said` in words."""
    rows = plain(backtest).sort_values(
        ["origin", "mae", "forecast"], ascending=[False, True, True], ignore_index=True
    )
    rows["name"] = [line_name(name) for name in rows["forecast"]]
    rows["chosen_said"] = [
        say("used") if chosen is True else None for chosen in rows["chosen"].astype(object)
    ]
    return rows


def earlier_days_title(backtest: pd.DataFrame) -> Message:
    """The heading of the table of earlier days."""
    if backtest.empty:
        return say("No earlier day can be forecast from what came before it")
    return say(
        "Every way to forecast on {n} earlier days, each with only what was known then",
        n=count(backtest["origin"].nunique()),
    )
