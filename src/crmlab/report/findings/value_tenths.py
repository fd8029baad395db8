"""The picture of a back-test: customers in tenths of the value stated then, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report import charts
from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_scores import AGO, judged, summed, title
from crmlab.report.findings.value_words import noted
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "decile": (say("Tenth"), "count"),
    "stated": (say("Stated"), "money"),
    "actual": (say("Came"), "money"),
    "actual_low": (say("Lower limit"), "money"),
    "actual_high": (say("Upper limit"), "money"),
    "last_year": (say("Last year again"), "money"),
    "mean_retained": (say("Mean × retention"), "money"),
    "n": (say("Customers"), "count"),
}
"""Columns of the table under the picture."""


def figure(metrics: Mapping[str, Any], backtest: pd.DataFrame, years: int) -> dict[str, Any]:
    """What `Page.figure` draws of the back-test so many years back: title, chart, note, data, columns."""
    rows = tenths(backtest, years)
    return {
        "title": title(metrics, years),
        "chart": charts.bars(
            rows, "tenth", "actual", low="actual_low", high="actual_high", mark="stated", format="money"
        ),
        "note": noted(note(metrics, backtest, years), metrics),
        "data": rows,
        "columns": COLUMNS,
    }


def note(metrics: Mapping[str, Any], backtest: pd.DataFrame, years: int) -> Message | str:
    """What the back-test says to managers: what was stated and what came, who had left, how often limits held; how to read it."""
    told = judged(metrics, years) or {}
    bias = told.get("bias")
    together = summed(told)
    if together is None and not is_missing(bias) and bias > -1:
        together = say("For every 100 stated, {came} came.", came=count(round(100 / (1 + bias))))
    said = [together, lowest_tenth(backtest, years), _had_left(told), _held(told), TENTHS]
    return sentences([part for part in said if part])


def _had_left(told: Mapping[str, Any]) -> Message | None:
    """How many had left on the day; None where that is not known, or none had."""
    if is_missing(told.get("n_open")) or told["n_open"] >= told["n"]:
        return None
    return say(
        "Of {n} customers known then {left} had left and were stated at nothing.",
        n=count(told["n"]),
        left=count(told["n"] - told["n_open"]),
    )


def _held(told: Mapping[str, Any]) -> Message | None:
    """How often the limits held; None where nobody had any."""
    if is_missing(told.get("coverage")):
        return None
    share = percent(told["coverage"])
    if is_missing(told.get("n_open")):
        return say("Of those that had not left {share} ended within their 90 % limits.", share=share)
    return say(
        "Of the {n} that had not left {share} ended within their 90 % limits.",
        n=count(told["n_open"]),
        share=share,
    )


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
