"""Sentences and rows about how good stated values were, one and two years ago, beside two simple lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_words import line_name, range_of
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd

SIMPLE = ("last_year", "mean_retained")
"""Simple lines beside the stated value."""
AGO = {1: say("a year ago"), 2: say("two years ago")}


def judged(metrics: Mapping[str, Any], years: int) -> Mapping[str, Any] | None:
    """The scores of the back-test so many years back; None where there are none."""
    told = (metrics.get("backtest") or {}).get(str(years)) or {}
    return None if is_missing(told.get("mae")) or not told.get("n") else told


def best_line(metrics: Mapping[str, Any], years: int) -> str:
    """The simple line that missed by less; "" where none is known."""
    told = judged(metrics, years) or {}
    if told.get("best_line") in SIMPLE:
        return told["best_line"]
    errors = {line: told[f"mae_{line}"] for line in SIMPLE if not is_missing(told.get(f"mae_{line}"))}
    return min(errors, key=lambda line: errors[line], default="")


def against(metrics: Mapping[str, Any], years: int) -> str:
    """The verdict on the stated values against the best simple line, customer by customer."""
    if years == 1 and metrics.get("verdict"):
        return metrics["verdict"]
    told = judged(metrics, years) or {}
    return verdict(told.get("gain"), told.get("gain_error"))


def attention(metrics: Mapping[str, Any]) -> Message | None:
    """What to do where a simple line was better a year ago; None where none was."""
    told, line = judged(metrics, 1), best_line(metrics, 1)
    if told is None:
        return None
    if against(metrics, 1) != "worse":
        return _outside(told)
    rank, simple = told.get("spearman"), told.get(f"spearman_{line}")
    words = {"line": line_name(line), "other": money(told.get(f"mae_{line}")), "mae": money(told["mae"])}
    if not is_missing(rank) and not is_missing(simple) and rank > simple:
        return say(
            "Stated a year ago, values missed by {mae} a customer, {line} only by {other}: plan sums by that line, and use the values to "
            "rank customers.",
            **words,
        )
    return say(
        "Stated a year ago, values missed by {mae} a customer, {line} only by {other}: plan and rank by that line.",
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
    words |= {"mae": money(told["mae"]), "line": line_name(line), "other": money(told.get(f"mae_{line}"))}
    match against(metrics, years) if line else "":
        case "better":
            return say(
                "Stated {ago}, values missed by {mae} a customer; {line} missed by more, {other}", **words
            )
        case "worse":
            return say("Stated {ago}, values missed by {mae} a customer, more than {line} ({other})", **words)
        case "even":
            return say(
                "Stated {ago}, values missed by {mae} a customer, {line} by {other}: cannot tell which is better",
                **words,
            )
    return say(
        "Stated {ago}, values missed by {mae} a customer; there is no simple line to compare with", **words
    )


def note(metrics: Mapping[str, Any], backtest: pd.DataFrame, years: int) -> Message | str:
    """What the back-test says to managers: what was stated and what came, how often limits held; then how to read the picture."""
    told = judged(metrics, years) or {}
    said = []
    bias, coverage = told.get("bias"), told.get("coverage")
    if (summed := _summed(told)) is not None:
        said.append(summed)
    elif not is_missing(bias) and bias > -1:
        said.append(say("For every 100 stated, {came} came.", came=count(round(100 / (1 + bias)))))
    if (low := lowest_tenth(backtest, years)) is not None:
        said.append(low)
    if not is_missing(coverage):
        said.append(
            say(
                "Of {n} customers {share} ended within their 90 % limits.",
                n=count(told["n"]),
                share=percent(coverage),
            )
        )
    return sentences([*said, TENTHS])


def _summed(told: Mapping[str, Any]) -> Message | None:
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


def lowest_tenth(backtest: pd.DataFrame, years: int) -> Message | None:
    """Whether those stated to lose money did lose it; None where the lowest tenth was not stated to."""
    rows = tenths(backtest, years)
    if rows.empty or not rows["stated"].iloc[0] < 0:
        return None
    row = rows.iloc[0]
    words = {"stated": money(-row["stated"]), "ago": AGO[years]}
    if row["actual_low"] > 0:
        return say(
            "The lowest tenth was stated {ago} to lose {stated} each and brought {came}: look at a case before acting on a loss.",
            **words,
            came=money(row["actual"]),
        )
    if row["actual_high"] < 0:
        return say(
            "The lowest tenth was stated {ago} to lose {stated} each and lost {lost}.",
            **words,
            lost=money(-row["actual"]),
        )
    return say(
        "The lowest tenth was stated {ago} to lose {stated} each; whether it lost anything cannot be told: look at a case before acting "
        "on a loss.",
        **words,
    )


TENTHS = say(
    "Customers in tenths of the value stated then, the lowest first. Bar: mean profit that came by the day of the data, with 95 % limits; "
    "tick, and the second figure: as stated, not discounted."
)
"""How to read the picture of tenths."""


def tenths(backtest: pd.DataFrame, years: int) -> pd.DataFrame:
    """Table backtest of one horizon, the lowest tenth first, with `tenth` as a label."""
    rows = plain(backtest)
    rows = rows[rows["years"] == years].sort_values("decile", ignore_index=True)
    return rows.assign(tenth=rows["decile"].astype(int).astype(str))
