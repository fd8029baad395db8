"""Sentences and rows about how good the guesses are, and how they were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER
from crmlab.report.messages import Message, count, day, listed, money, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Test tickets below which a share is not put into words."""
WELL_CALIBRATED = 0.05
"""Calibration error up to which a stated probability is taken at its word."""

_EXPERTS = {
    "wording": say("wording"),
    "concepts": say("concepts"),
    "both": say("words with concepts"),
    "margin": say("support vectors"),
    "shares": say("shares by symptom and family"),
    "prior": say("shares of the causes alone"),
}


def judged(symptoms: pd.DataFrame) -> pd.DataFrame:
    """The symptoms with enough test tickets to be judged, the easiest first: the rows of their figure."""
    return symptoms[symptoms["n"] >= ENOUGH].sort_values(["accuracy", "symptom"], ascending=[False, True])


def symptoms_title(symptoms: pd.DataFrame) -> Message:
    """The finding over accuracy by symptom: the easiest and the hardest symptom to judge."""
    told = judged(symptoms)
    told = told[~told["symptom"].isin([OTHER, NO_TEXT])]
    if len(told) < 2 or told["high"].iloc[-1] >= told["low"].iloc[0]:
        return say("How often the best guess is right: cannot tell symptoms apart")
    easy, hard = told.iloc[0], told.iloc[-1]
    return say(
        "Easiest to judge is {easy} ({easy_share} right), hardest {hard} ({hard_share})",
        easy=term("symptom", easy["symptom"]),
        easy_share=percent(easy["accuracy"]),
        hard=term("symptom", hard["symptom"]),
        hard_share=percent(hard["accuracy"]),
    )


def causes_title(causes: pd.DataFrame) -> Message:
    """The finding over hits by cause: the cause that is most often taken for another."""
    told = causes[(causes["n"] >= ENOUGH) & causes["mistaken_for"].notna()]
    if told.empty:
        return say("How often each cause is recognised: cannot tell yet")
    worst = told.sort_values(["mistaken_share", "cause"], ascending=[False, True]).iloc[0]
    return say(
        "Most confused: {cause}, taken for {other} in {share} of its tickets",
        cause=term("cause", worst["cause"]),
        other=term("cause", worst["mistaken_for"]),
        share=percent(worst["mistaken_share"]),
    )


def calibration_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the calibration chart: whether a stated probability can be taken at its word."""
    if metrics.get("ece") is None:
        return say("No forecast was judged yet")
    if metrics["ece"] <= WELL_CALIBRATED:
        return say("A stated probability can be taken at its word")
    return say("Stated probabilities are off by {error} on average", error=percent(metrics["ece"]))


def method(metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures, with the scores of the test."""
    said = [
        say(
            "Shares: tickets with the symptom on which the cause was recorded; a ticket with two causes counts for both, "
            "so shares may add up to more than 100 %. Limits are Wilson's at 95 %. The symptom's name comes from an editable "
            "vocabulary of patterns in Chinese and English, which also names parts and signs."
        )
    ]
    if merged := metrics.get("merged_spellings"):
        said.append(
            say(
                "Spellings of causes given up because a more frequent one differs only by spaces, full-width letters or case: {n}.",
                n=count(merged),
            )
        )
    if metrics.get("accuracy") is None:
        return said
    said += [_model(metrics), _judged(metrics), _scores(metrics), _sets(metrics)]
    if metrics.get("ftf_model") is not None:
        said.append(
            say(
                "Kits: the best set of at most {k} parts by enumeration. A kit fixes when it holds every part that was built "
                "in, less the {thwarted} of first visits that fail with every part there; as skill is averaged over "
                "engineers, levels are optimistic: claim differences only. A second visit costs {cost} on average.",
                k=count(metrics["parts_per_visit_model"]),
                thwarted=percent(metrics["thwarted"], 1),
                cost=money(metrics["second_visit_cost"]),
            )
        )
    if left_out := metrics.get("lives_left_out"):
        said.append(
            say(
                "Left out of the lives, for too few failures: {parts}.",
                parts=listed([term("part", x) for x in left_out]),
            )
        )
    return said


def _model(metrics: Mapping[str, Any]) -> Message:
    fields = listed([term("column", field) for field in metrics["fields"]]) or say("none")
    if metrics["model"] != "pool":
        return say(
            "Forecast: one logistic regression on words, pieces of words and the symptom, for a pool of several experts was not "
            "better by two standard errors (log-loss {gain} ± {error} less). Fields used: {fields}.",
            gain=number(metrics["gain_over_simple"], 3),
            error=number(metrics["gain_over_simple_error"], 3),
            fields=fields,
        )
    weights = [
        say("{expert} {weight}", expert=_EXPERTS.get(name, name), weight=number(weight, 2))
        for name, weight in metrics["weights"].items()
    ]
    return say(
        "Forecast: a weighted pool of experts, {weights}. Fields used: {fields}. The simple line, one logistic regression on "
        "words, has log-loss {simple} and is right in {simple_accuracy}; the pool's log-loss is {gain} ± {error} less.",
        weights=listed(weights),
        fields=fields,
        simple=number(metrics["simple_log_loss"], 3),
        simple_accuracy=percent(metrics["simple_accuracy"], 1),
        gain=number(metrics["gain_over_simple"], 3),
        error=number(metrics["gain_over_simple_error"], 3),
    )


def _judged(metrics: Mapping[str, Any]) -> Message:
    return say(
        "Learnt from {train} tickets, judged on {test} whose incidents began on {since} or later, by the first recorded cause; "
        "calls with one text on one machine family within days are one incident.",
        train=count(metrics["n_train"]),
        test=count(metrics["n_test"]),
        since=day(metrics["test_from"]),
    )


def _scores(metrics: Mapping[str, Any]) -> Message:
    return say(
        "Log-loss {loss} (shares of the causes alone: {loss0}), calibration error {ece} (of a forecast that is right as often as it "
        "says: {by_chance}, by chance), macro F1 {f1} over {n} causes.",
        loss=number(metrics["log_loss"], 3),
        loss0=number(metrics["majority_log_loss"], 3),
        ece=number(metrics["ece"], 3),
        by_chance=number(metrics.get("ece_by_chance"), 3),
        f1=number(metrics["macro_f1"], 2),
        n=count(metrics["n_causes"]),
    )


def _sets(metrics: Mapping[str, Any]) -> Message:
    return say(
        "Sets of causes that promise 90 %: they held {coverage} with {size} causes on average; sets that promise it for every "
        "cause by itself {by_cause} with {by_cause_size}, the worst common cause {worst}.",
        coverage=percent(metrics.get("coverage90"), 1),
        size=number(metrics.get("coverage90_size")),
        by_cause=percent(metrics.get("coverage90_by_cause"), 1),
        by_cause_size=number(metrics.get("coverage90_by_cause_size")),
        worst=percent(metrics.get("worst_class_coverage90")),
    )
