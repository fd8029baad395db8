"""Sentences of the page "Fault causes" that depend on figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.faults.failures.growth import grown
from crmlab.report.blocks import Card
from crmlab.report.findings import desk, failures, kits
from crmlab.report.findings.guesses import WELL_CALIBRATED
from crmlab.report.findings.verdict import against
from crmlab.report.messages import Message, count, number, percent, say, sentences, term

if TYPE_CHECKING:
    import pandas as pd

TOLD = 5
"""Sentences of attention."""
SHOWN = 8
"""Causes that the figure of growth shows."""


def growth_title(growth: pd.DataFrame) -> Message:
    """What the shares of causes did since a year ago."""
    if growth.empty:
        return say("No causes are recorded for these months of this year and of the year before.")
    most = grown(growth)
    if most is None:
        return say("No cause grew beyond chance since a year ago")
    return say(
        "{cause} grew to {now} of tickets, from {before} a year ago",
        cause=term("cause", most["cause"]),
        now=percent(most["share_now"], 1),
        before=percent(most["share_before"], 1),
    )


def growing(growth: pd.DataFrame) -> Message | None:
    """The cause that grew, as something to act on; None where none grew beyond chance."""
    if growth.empty or grown(growth) is None:
        return None
    return say(
        "{finding}: look at the stock of its part, and at what its machines have in common.",
        finding=growth_title(growth),
    )


def most_frequent(growth: pd.DataFrame) -> pd.DataFrame:
    """The causes that a figure shows: the most frequent now, and the one that grew."""
    shown = growth.nlargest(SHOWN, ["share_now", "share_before"])
    most = grown(growth)
    kept = set(shown["cause"]) | (set() if most is None else {most["cause"]})
    return growth[growth["cause"].isin(kept)].sort_values(["share_now", "cause"], ascending=[False, True])


def attention(
    metrics: Mapping[str, Any],
    growth: pd.DataFrame | None = None,
    emerging: pd.DataFrame | None = None,
    scorecard: pd.DataFrame | None = None,
) -> list[Message]:
    """What needs attention, the most important first, at most `TOLD`: what changed before what is always so."""
    changed = [
        None if emerging is None else failures.still_on(emerging),
        desk.drifting(metrics),
        None if growth is None else growing(growth),
    ]
    return ([message for message in changed if message] + _attention(metrics, scorecard))[:TOLD]


def _attention(metrics: Mapping[str, Any], scorecard: pd.DataFrame | None) -> list[Message]:
    if not metrics.get("n_labelled"):
        return [
            say(
                "No ticket has a recorded cause: record what was found, and this page can say what to expect."
            )
        ]
    if metrics.get("accuracy") is None:
        return [
            say(
                "{n} tickets have a recorded cause: too few, or too much alike, to forecast the cause of an open one.",
                n=count(metrics["n_labelled"]),
            )
        ]
    said = [
        _open_tickets(metrics),
        kits.worth(metrics),
        kits.beside_remote(metrics),
        _remote_support(metrics),
        None if scorecard is None else desk.go_by_remote(scorecard),
    ]
    said = [message for message in said if message]
    if against(metrics, "by_symptom") != "better":
        said.append(
            say(
                "The model is right in {model} of later tickets, the most frequent cause of each symptom in {table}: "
                "the tables below serve as well.",
                model=percent(metrics["accuracy"]),
                table=percent(metrics["by_symptom_accuracy"]),
            )
        )
    if metrics["ece"] > WELL_CALIBRATED:
        said.append(
            say(
                "The model's probabilities are off by {error} on average: read them as an order, not as chances.",
                error=percent(metrics["ece"]),
            )
        )
    return said


def _open_tickets(metrics: Mapping[str, Any]) -> Message:
    n, sure = metrics["n_open"], metrics["n_open_sure"]
    if not n and not metrics["closing_times_known"]:
        return say("Cannot tell which tickets are open: no closing times are exported.")
    if not n:
        return say("No ticket is open.")
    if not metrics["closing_times_known"]:
        return say(
            "{n} tickets have no recorded cause, and no closing times say which are open; on {m} the cause is at least {p} "
            "sure.",
            n=count(n),
            m=count(sure),
            p=percent(metrics["sure"]),
        )
    if not sure:
        return say(
            "{n} tickets are open; on none is the cause at least {p} sure: ask the customer more before parts travel.",
            n=count(n),
            p=percent(metrics["sure"]),
        )
    return say(
        "{n} tickets are open; on {m} of them the cause is at least {p} sure: send its part along, and ask more about "
        "the others.",
        n=count(n),
        m=count(sure),
        p=percent(metrics["sure"]),
    )


def _remote_support(metrics: Mapping[str, Any]) -> Message | None:
    said = against(metrics, "remote_support")
    if said == "unknown":
        return None
    figures = {
        "remote": percent(metrics["remote_support_accuracy"]),
        "model": percent(metrics["remote_support_accuracy"] + metrics["gain_over_remote_support"]),
        "n": count(metrics["remote_support_n"]),
    }
    if said == "better":
        return say(
            "Remote support named the cause of {remote} of {n} later tickets, the model of {model}: show the model's "
            "guess to remote support first.",
            **figures,
        )
    if said == "worse":
        return say(
            "Remote support named the cause of {remote} of {n} later tickets, the model of {model}: go by remote "
            "support.",
            **figures,
        )
    return say(
        "Remote support named the cause of {remote} of {n} later tickets, the model of {model}: cannot tell which is "
        "better.",
        **figures,
    )


def _what_open_means(metrics: Mapping[str, Any]) -> Message:
    """What counts as open, and why a run for an earlier day is no fair comparison where closings are typed in later."""
    said = [say("Calls for repair that are neither closed nor have a recorded cause.")]
    if metrics.get("closing_times_known"):
        said.append(
            say(
                "A run for an earlier day, made from a later export, already knows closing times entered since and counts fewer."
            )
        )
    return sentences(said)


def cards(metrics: Mapping[str, Any], timed: bool = True) -> list[Card]:
    """The figures on top; a figure that the stage could not tell has no card, nor have minutes unless visits were `timed`."""
    known = metrics.get
    return [
        Card.of_share(
            say("Best guess right"),
            known("accuracy"),
            say(
                "most frequent cause of the symptom: {share}", share=percent(known("by_symptom_accuracy"), 1)
            ),
            say("Share of later tickets on which the most probable cause is the first one recorded."),
            key="accuracy",
            better="higher",
        ),
        Card.of_share(
            say("First-time fix with the model's kits"),
            known("ftf_model"),
            say(
                "predicted {predicted}, as recorded {history}",
                predicted=percent(known("ftf_predicted"), 1),
                history=percent(known("ftf_history"), 1),
            ),
            say(
                "Share of later tickets whose first visit would have held every part needed, {parts} a visit, less visits that "
                "fail anyway. Its level is optimistic: compare it with other ways of choosing only.",
                parts=number(known("parts_per_visit_model")),
            ),
            key="first_time_fix",
            better="higher",
        ),
        Card(
            say("Minutes to the cause"),
            number(known("minutes_model") if timed else None),
            say(
                "most likely first: {likely}; by the symptom's table: {table}",
                likely=number(known("minutes_likely_first")),
                table=number(known("minutes_table")),
            ),
            say("Mean minutes of checks until the recorded cause is reached, causes by chance per minute."),
            key="minutes",
            better="lower",
            material=0.5,
        ),
        Card.of_share(
            say("Right where relied on"),
            known("accuracy_relied_on"),
            say(
                "on {share} of tickets; on the others {accuracy}",
                share=percent(1 - known("abstained")),
                accuracy=percent(known("accuracy_abstained"), 1),
            )
            if known("abstained")
            else None,
            say(
                "Best guesses that nothing speaks against: the words are known and the probability is at least {confident}.",
                confident=percent(known("confident")),
            ),
            key="relied_on",
            better="higher",
        ),
        Card.of_share(
            say("Remote support right"),
            known("remote_support_accuracy"),
            say("{n} tickets", n=count(known("remote_support_n"))),
            say("Share of the same tickets on which remote support named the first recorded cause."),
            key="remote_support",
            better="higher",
        ),
        Card.of_share(
            say("90 % sets hold the cause"),
            known("coverage90"),
            say("with {size} causes on average", size=number(known("coverage90_size"))),
            say(
                "Share of later tickets whose set of likely causes, made to hold nine in ten, held the recorded one."
            ),
            key="coverage",
        ),
        Card.of_share(
            say("Among the best three"),
            known("top3"),
            definition=say(
                "Share of later tickets on which the recorded cause is one of the three most probable."
            ),
            key="top3",
            better="higher",
        ),
        Card.of_share(
            say("Most frequent cause of the symptom"),
            known("by_symptom_accuracy"),
            say("most frequent cause always: {share}", share=percent(known("majority_accuracy"), 1)),
            say("How often it is right on the same tickets: what the tables below say without a model."),
            key="by_symptom",
        ),
        Card(
            say("Open tickets"),
            count(known("n_open")),
            say("{n} tickets with a recorded cause", n=count(known("n_labelled"))),
            _what_open_means(metrics),
            key="open",
            better="lower",
        ),
    ]
