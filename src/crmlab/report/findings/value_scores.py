"""Sentences about how good stated values were, one and two years ago, beside two simple lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.value_words import line_name, range_of
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

SIMPLE = ("last_year", "mean_retained")
"""Simple lines beside the stated value."""
AGO = {1: say("a year ago"), 2: say("two years ago")}
OPEN, ALL = say("a customer that had not left"), say("a customer")


def judged(metrics: Mapping[str, Any], years: int) -> Mapping[str, Any] | None:
    """The scores of the back-test so many years back; None where there are none."""
    told = (metrics.get("backtest") or {}).get(str(years)) or {}
    return None if is_missing(told.get("mae")) or not told.get("n") else told


def with_open(metrics: Mapping[str, Any], scores: pd.DataFrame) -> dict[str, Any]:
    """The metrics with the mean error of customers that had not left for every simple line, as `mae_open_<line>` by years."""
    told = {years: dict(figures) for years, figures in (metrics.get("backtest") or {}).items()}
    for years, line, error in scores[["years", "line", "mae_open"]].itertuples(index=False, name=None):
        if line in SIMPLE and str(years) in told and not is_missing(error):
            told[str(years)][f"mae_open_{line}"] = error
    return {**metrics, "backtest": told}


def best_line(metrics: Mapping[str, Any], years: int) -> str:
    """The simple line that missed by less; "" where none is known."""
    told = judged(metrics, years) or {}
    if told.get("best_line") in SIMPLE:
        return told["best_line"]
    found = {line: told[f"mae_{line}"] for line in SIMPLE if not is_missing(told.get(f"mae_{line}"))}
    return min(found, key=lambda line: found[line], default="")


def missed(told: Mapping[str, Any], line: str) -> dict[str, Any]:
    """By how much the value and a simple line missed: words `mae`, `other`, and `whom` (of whom).

    Of customers that had not left, as far as both are known of them: the others are stated at nothing.
    """
    is_open = _is_open(told, line)
    own, other = _errors(told, line, is_open)
    return {"mae": money(own), "other": money(other), "whom": OPEN if is_open else ALL}


def _is_open(told: Mapping[str, Any], line: str) -> bool:
    names = ["mae_open", *([f"mae_open_{line}"] if line else [])]
    return not any(is_missing(told.get(name)) for name in names)


def _errors(told: Mapping[str, Any], line: str, is_open: bool) -> tuple[Any, Any]:
    name = "mae_open" if is_open else "mae"
    return told.get(name), told.get(f"{name}_{line}")


def against(metrics: Mapping[str, Any], years: int) -> str:
    """The verdict on the stated values against the best simple line, customer by customer.

    It is that on all customers; where those that had not left say otherwise, which is better cannot be told.
    """
    told, line = judged(metrics, years) or {}, best_line(metrics, years)
    found = metrics["verdict"] if years == 1 and metrics.get("verdict") else None
    found = found or verdict(told.get("gain"), told.get("gain_error"))
    if found in ("better", "worse") and line and _is_open(told, line):
        own, other = _errors(told, line, True)
        return found if (own < other) == (found == "better") else "even"
    return found


def held_for(metrics: Mapping[str, Any]) -> Message | None:
    """How often limits stated a year ago held; None where nobody can tell."""
    told = judged(metrics, 1) or {}
    if is_missing(told.get("coverage")) or is_missing(told.get("n_open")):
        return None
    return say(
        "those stated a year ago held for {share} of the {n} that had not left",
        share=percent(told["coverage"]),
        n=count(told["n_open"]),
    )


def attention(metrics: Mapping[str, Any]) -> Message | None:
    """What to do where a simple line was better a year ago; None where none was."""
    told, line = judged(metrics, 1), best_line(metrics, 1)
    if told is None:
        return None
    if against(metrics, 1) != "worse":
        return _outside(told)
    rank, simple = told.get("spearman"), told.get(f"spearman_{line}")
    words = {"line": line_name(line), **missed(told, line)}
    if not is_missing(rank) and not is_missing(simple) and rank > simple:
        return say(
            "Stated a year ago, values missed by {mae} {whom}, {line} only by {other}: plan sums by that line, and use the values to "
            "rank customers.",
            **words,
        )
    return say(
        "Stated a year ago, values missed by {mae} {whom}, {line} only by {other}: plan and rank by that line.",
        **words,
    )


def _outside(told: Mapping[str, Any]) -> Message | None:
    """That the sum stated a year ago was off by more than its limits allow; None where it was not."""
    if any(is_missing(told.get(name)) for name in ("stated", "actual", "low", "high")):
        return None
    words = {
        "stated": money(told["stated"]),
        "range": range_of(told["low"], told["high"]),
        "actual": money(told["actual"]),
    }
    if told["actual"] > told["high"]:
        return say(
            "For the last year {stated} ({range}) were stated, and {actual} came: sums of this page may be too low, trust their order "
            "more than their size.",
            **words,
        )
    if told["actual"] < told["low"]:
        return say(
            "For the last year {stated} ({range}) were stated, and {actual} came: sums of this page may be too high, trust their order "
            "more than their size.",
            **words,
        )
    return None


def title(metrics: Mapping[str, Any], years: int) -> Message:
    """The finding over the tenths: by how much the stated value missed, beside the best simple line."""
    told, line = judged(metrics, years), best_line(metrics, years)
    words = {"ago": AGO[years]}
    if told is None:
        return say("How good values stated {ago} were cannot be told: too little was known then", **words)
    words |= {"line": line_name(line), **missed(told, line)}
    match against(metrics, years) if line else "":
        case "better":
            return say("Stated {ago}, values missed by {mae} {whom}; {line} missed by more, {other}", **words)
        case "worse":
            return say("Stated {ago}, values missed by {mae} {whom}, more than {line} ({other})", **words)
        case "even":
            return say(
                "Stated {ago}, values missed by {mae} {whom}, {line} by {other}: cannot tell which is better",
                **words,
            )
    return say(
        "Stated {ago}, values missed by {mae} {whom}; there is no simple line to compare with", **words
    )


def summed(told: Mapping[str, Any]) -> Message | None:
    """What was stated of all customers together, and what came; None where the sums are not known."""
    if any(is_missing(told.get(name)) for name in ("stated", "actual", "low", "high")):
        return None
    words = {
        "stated": money(told["stated"]),
        "range": range_of(told["low"], told["high"]),
        "actual": money(told["actual"]),
    }
    if told["actual"] > told["high"]:
        return say(
            "Together {stated} were stated ({range}); {actual} came, more than the limits allow.", **words
        )
    if told["actual"] < told["low"]:
        return say(
            "Together {stated} were stated ({range}); {actual} came, less than the limits allow.", **words
        )
    return say("Together {stated} were stated ({range}); {actual} came, within the limits.", **words)
