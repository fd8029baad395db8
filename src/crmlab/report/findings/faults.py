"""Sentences of the page "Fault causes" that depend on figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.faults.causes.lexicon import DISK_LIGHT, NO_DISPLAY, NO_TEXT, OTHER
from crmlab.faults.failures.growth import grown
from crmlab.report.findings.verdict import verdict
from crmlab.report.messages import Message, count, day, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 30
"""Tickets below which a share is not put into words."""
SHOWN = 8
"""Causes of one symptom that a figure shows, if their share is at least RARE."""
RARE = 0.005
WELL_CALIBRATED = 0.05


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


def _against(metrics: Mapping[str, Any], other: str) -> str:
    """The verdict on the model against `other`, "by_symptom" or "remote_support", on the same tickets."""
    gain = f"gain_over_{other}"
    return verdict(metrics.get(gain), metrics.get(f"{gain}_error"))


def attention(metrics: Mapping[str, Any], growth: pd.DataFrame | None = None) -> list[Message]:
    """What needs attention, the most important first: a cause that grew before all else."""
    rise = None if growth is None else growing(growth)
    return ([rise] if rise else []) + _attention(metrics)


def _attention(metrics: Mapping[str, Any]) -> list[Message]:
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
    said = [_open_tickets(metrics)]
    if (remote := _remote_support(metrics)) is not None:
        said.append(remote)
    if ahead := metrics.get("remote_support_ahead_on"):
        said.append(
            say(
                "On {symptom} remote support is right in {remote} of {n} tickets, the model in {model}: go by remote "
                "support there.",
                symptom=term("symptom", ahead["symptom"]),
                remote=percent(ahead["remote_support"]),
                model=percent(ahead["accuracy"]),
                n=count(ahead["n"]),
            )
        )
    if _against(metrics, "by_symptom") != "better":
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
    said = _against(metrics, "remote_support")
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


def causes_of(shares: pd.DataFrame, symptom: str) -> pd.DataFrame:
    """The most frequent causes of `symptom`, largest share first: the rows of its figure."""
    rows = shares[shares["symptom"] == symptom].sort_values(["hits", "cause"], ascending=[False, True])
    return rows[rows["share"] >= RARE].head(SHOWN).reset_index(drop=True)


def judged(symptoms: pd.DataFrame) -> pd.DataFrame:
    """The symptoms with enough test tickets to be judged, the easiest first: the rows of their figure."""
    return symptoms[symptoms["n"] >= ENOUGH].sort_values(["accuracy", "symptom"], ascending=[False, True])


def shown_symptoms(shares: pd.DataFrame) -> tuple[str, str]:
    """The two symptoms whose causes are drawn: those of the seed's figures 4-4 and 4-5, else the most frequent ones."""
    sizes = shares.groupby("symptom")["n"].max().sort_index().sort_values(ascending=False, kind="stable")
    known = [s for s in sizes.index if s not in (OTHER, NO_TEXT)]
    seeds = [s for s in (DISK_LIGHT, NO_DISPLAY) if s in sizes.index and sizes[s] >= ENOUGH]
    ranked = [*dict.fromkeys([*seeds, *known, OTHER, NO_TEXT])]
    return ranked[0], ranked[1]


def shares_title(shares: pd.DataFrame, symptom: str) -> Message:
    """The finding over the causes of one symptom: which leads, if its interval lies above the next one's."""
    rows = causes_of(shares, symptom)
    what = term("symptom", symptom)
    n = int(rows["n"].iloc[0]) if len(rows) else 0
    if n < ENOUGH:
        return say(
            "Behind {symptom}: cannot tell, only {n} tickets with a recorded cause", symptom=what, n=count(n)
        )
    first = rows.iloc[0]
    figures = {"symptom": what, "cause": term("cause", first["cause"]), "share": percent(first["share"])}
    if len(rows) == 1:
        return say("Behind {symptom}: always {cause}", **figures)
    second = rows.iloc[1]
    others = {"second": term("cause", second["cause"]), "second_share": percent(second["share"])}
    if first["low"] <= second["high"]:
        return say(
            "Behind {symptom}: {cause} ({share}) or {second} ({second_share}), cannot tell which is more frequent",
            **figures,
            **others,
        )
    if first["low"] > 0.5:
        return say("Behind {symptom}: mostly {cause}, {share} of tickets", **figures)
    return say(
        "Behind {symptom}: {cause} leads with {share}, before {second} with {second_share}: none surely explains half",
        **figures,
        **others,
    )


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
            "so shares may add up to more than 100 %. Limits are Wilson's at 95 %."
        )
    ]
    if metrics.get("accuracy") is None:
        return said
    return [
        *said,
        say(
            "Forecast: logistic regression (scikit-learn) on words, pieces of words, the symptom and the fields known at "
            "the moment it answers; penalty C = {c} chosen by cross-validation. Learnt from {train} tickets, judged on "
            "{test} whose incidents began on {since} or later, by the first recorded cause; calls with one text on one "
            "machine family within days are one incident.",
            c=number(metrics["chosen_c"], 1),
            train=count(metrics["n_train"]),
            test=count(metrics["n_test"]),
            since=day(metrics["test_from"]),
        ),
        say(
            "Log-loss {loss} (shares of the causes alone: {loss0}), calibration error {ece}, macro F1 {f1} over {n} causes.",
            loss=number(metrics["log_loss"], 3),
            loss0=number(metrics["majority_log_loss"], 3),
            ece=number(metrics["ece"], 3),
            f1=number(metrics["macro_f1"], 2),
            n=count(metrics["n_causes"]),
        ),
    ]
