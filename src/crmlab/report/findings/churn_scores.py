"""Sentences and rows about how good the chances were on earlier days, beside Cox and the simple lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, Value, count, is_missing, number, percent, say

if TYPE_CHECKING:
    import pandas as pd

MODEL = "model"
"""The line of the stage's model in table scores."""
LINES = {
    MODEL: say("the model"),
    "cox": say("Cox model"),
    "level": say("the rate of the service level"),
    "last_year": say("last year's rate"),
    "inactive": say("the rate by activity"),
}
"""Who said how likely a renewal is, in words."""


def line_name(name: str | None) -> Message:
    """A line in words; the best simple line where `name` is none of them."""
    return LINES.get(name or "", say("the simple line"))


def against_naive(metrics: Mapping[str, Any]) -> str:
    """The verdict on the model against the best simple line, by the Brier score of each contract."""
    return verdict(metrics.get("brier_gain"), metrics.get("brier_gain_se"))


def score_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the calibration chart: what was foreseen on average, and who was closer contract by contract."""
    if is_missing(metrics.get("due_predicted")):
        return say(
            "How good the chances are cannot be told: no model on earlier days, or too few contracts due since"
        )
    figures = {
        "said": percent(metrics["due_predicted"], 1),
        "other": percent(metrics.get("due_predicted_naive"), 1),
        "naive": line_name(metrics.get("naive")),
        "was": percent(metrics.get("due_observed"), 1),
        "n": count(metrics.get("n_cases")),
    }
    match against_naive(metrics):
        case "better":
            return say(
                "The model beats {naive}: in {n} cases {was} were renewed, {said} foreseen, and case by case it was closer",
                **figures,
            )
        case "even":
            return say(
                "Whether the model beats {naive} cannot be told: in {n} cases {was} were renewed, foreseen were {said} and {other}",
                **figures,
            )
        case "worse":
            return say(
                "The model loses to {naive}: in {n} cases {was} were renewed, foreseen were {said}, and {other} by the simple line",
                **figures,
            )
    return say(
        "In {n} cases {was} were renewed, {said} foreseen; there is no simple line to compare with",
        **figures,
    )


def attention(metrics: Mapping[str, Any]) -> Message | None:
    """What to do where a simple line foresaw renewals better; None where none did."""
    if against_naive(metrics) != "worse":
        return None
    return say(
        "On earlier days {naive} foresaw renewals better than the model: go by its rates instead.",
        naive=line_name(metrics.get("naive")),
    )


def by_day(scores: pd.DataFrame) -> pd.DataFrame:
    """Table scores, the latest day first and on each the smallest error, with `name` in words and AUC and Brier to three places."""
    rows = plain(scores).sort_values(
        ["landmark", "brier", "line"], ascending=[False, True, True], ignore_index=True
    )
    rows["name"] = [LINES.get(line, line) for line in rows["line"]]
    rows["auc_said"] = [_three(x) for x in rows["auc"]]
    rows["brier_said"] = [_three(x) for x in rows["brier"]]
    return rows


def _three(x: float) -> Value:
    return number(x, 3)


def stability_title(scores: pd.DataFrame) -> Message:
    """The finding over the scores by day: on how many earlier days the model had the smallest error."""
    rows = plain(scores).dropna(subset=["brier"])
    if rows.empty or not (rows["line"] == MODEL).any():
        return say("No earlier day on which the model could be judged")
    least = rows.groupby("landmark")["brier"].transform("min")
    first = rows[(rows["line"] == MODEL) & (rows["brier"] <= least)]
    return say(
        "On {n} of {all} earlier days the model had the smallest error (Brier score)",
        n=count(len(first)),
        all=count(rows["landmark"].nunique()),
    )


CALIBRATION = say(
    "Contracts due in the year after each earlier day, in tenths of the chance stated then, with 95 % limits; on the line, as many "
    "renewed as foreseen. A contract is a case on every such day on which it was still open."
)
"""How to read the calibration chart."""
