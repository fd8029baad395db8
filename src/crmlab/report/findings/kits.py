"""Sentences and rows about what to carry and what to check first: what it would have been worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.gaps import TRAVEL, gap
from crmlab.report.findings.verdict import against, verdict
from crmlab.report.messages import (
    Message,
    count,
    is_missing,
    listed,
    money,
    number,
    percent,
    say,
    sentences,
    term,
)

if TYPE_CHECKING:
    import pandas as pd

JOIN = "、"
"""Joins part numbers and causes in a cell of the stage's tables."""

OURS = say("Model's kits")
"""The way of choosing that stands out in its figure."""
BY_CHANCE_PER_MINUTE = say("Chance a minute")
"""The order of checks that stands out in its figure."""

_WAYS = {
    "remote": say("As carried"),
    "model_equal": say("Model, equal"),
    "frequency_equal": say("Most used, equal"),
    "model": OURS,
    "frequency": say("Most used"),
}


def names(parts: pd.DataFrame) -> dict[str, str]:
    """What people call each part number, from the clean table `parts`; a number without a name is left out."""
    known = parts.dropna(subset=["part_no", "part_name"])
    return dict(zip(known["part_no"].astype(object), known["part_name"].astype(object), strict=True))


def kit(parts: Any, known: Mapping[str, str]) -> Message | None:
    """A cell of part numbers in words; None where nothing says what a cause needs."""
    if is_missing(parts):
        return None
    if not parts:
        return say("none")
    return listed([term("part", known.get(part, part)) for part in parts.split(JOIN)])


def points(share: float | None) -> Any:
    """A difference of shares in points."""
    return number(None if share is None else 100 * share)


def _differences(metrics: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What a way gains over another, with standard errors: in points and in money."""
    return {
        "gain": points(metrics[f"gain_over_{name}"]),
        "error": points(metrics[f"gain_over_{name}_error"]),
        "money": money(metrics[f"saved_over_{name}"]),
        "money_error": money(metrics[f"saved_over_{name}_error"]),
        "n": count(metrics["n_looked_back"]),
    }


def worth(metrics: Mapping[str, Any]) -> Message | None:
    """What the model's kits would have fixed and saved beside the symptom's most used parts; None where nothing tells."""
    said = against(metrics, "frequency")
    if said == "unknown":
        return None
    figures = _differences(metrics, "frequency") | {
        "model": percent(metrics["ftf_model"], 1),
        "frequency": percent(metrics["ftf_frequency"], 1),
    }
    if said == "better":
        return say(
            "Pack the model's kits: on {n} later tickets they would have fixed {model} at the first visit, as many of the "
            "symptom's most used parts {frequency}; that is {gain} ± {error} points and {money} ± {money_error} of second "
            "visits a ticket, {total} in all.",
            **figures,
            total=money(metrics["saved_over_frequency"] * metrics["n_looked_back"]),
        )
    if said == "worse":
        return say(
            "Pack the symptom's most used parts: on {n} later tickets they would have fixed {frequency} at the first visit, "
            "the model's kits {model} ({gain} ± {error} points).",
            **figures,
        )
    return say(
        "Cannot tell whether the model's kits fix more than the symptom's most used parts: {model} against {frequency} of {n} "
        "later tickets ({gain} ± {error} points, {money} ± {money_error} a ticket); the simple list serves as well.",
        **figures,
    )


def beside_remote(metrics: Mapping[str, Any]) -> Message | None:
    """The model's kits beside what remote support had carried, at equal parts; None where nothing tells."""
    said = against(metrics, "remote_equal")
    if said == "unknown":
        return None
    figures = _differences(metrics, "remote_equal") | {
        "model": percent(metrics["ftf_model_equal"], 1),
        "remote": percent(metrics["ftf_remote"], 1),
        "parts": number(metrics["parts_per_visit_remote"]),
    }
    if said == "better":
        return say(
            "At equal parts ({parts} a visit) the model's kits would have fixed {model} at the first visit, remote support's "
            "choice {remote} ({gain} ± {error} points): let the model choose.",
            **figures,
        )
    if said == "worse":
        return say(
            "At equal parts ({parts} a visit) the model's kits would have fixed {model} at the first visit, remote support's "
            "choice {remote} ({gain} ± {error} points): leave the choice to remote support.",
            **figures,
        )
    return say(
        "At equal parts ({parts} a visit) the model's kits would have fixed {model} at the first visit, remote support's choice "
        "{remote} ({gain} ± {error} points): cannot tell which is better, remote support's "
        "choice is as good.",
        **figures,
    )


def fuller(retrospect: pd.DataFrame) -> Message | None:
    """What the model's full kits would have brought beside what was carried, with its price in parts; None where nothing tells."""
    by = retrospect.set_index("way")
    if not {"model", "remote"} <= set(by.index):
        return None
    ours, theirs = by.loc["model"], by.loc["remote"]
    return say(
        "{more} parts a visit instead of {fewer} bring {gain} ± {error} points of first-time fix and {money} ± {money_error} "
        "a ticket, before the cost of carrying them.",
        more=number(ours["parts_per_visit"]),
        fewer=number(theirs["parts_per_visit"]),
        gain=points(ours["gain"]),
        error=points(ours["gain_error"]),
        money=money(ours["saved"]),
        money_error=money(ours["saved_error"]),
    )


def ways(retrospect: pd.DataFrame) -> pd.DataFrame:
    """Table `retrospect` with `name` in words, what was carried first; gains in points, savings over all tickets."""
    order = {way: place for place, way in enumerate(_WAYS)}
    rows = retrospect[retrospect["way"].isin(order)]
    rows = rows.assign(place=rows["way"].map(order)).sort_values("place", ignore_index=True)
    rows["name"] = [_WAYS[way] for way in rows["way"]]
    for column in ("gain", "gain_error"):
        rows[column] = 100 * rows[column].astype(float)
    rows["total"] = rows["saved"] * rows["n"]
    return rows


def ways_title(metrics: Mapping[str, Any], retrospect: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the ways of choosing parts, or what was missing to tell."""
    if retrospect.empty:
        return gap(status, TRAVEL) or say(
            "What other parts would have fixed: cannot tell, no later ticket says what was carried and what was used"
        )
    said = against(metrics, "remote_equal")
    if said == "unknown":
        return say("What other parts would have fixed")
    figures = {
        "gain": points(metrics["gain_over_remote_equal"]),
        "error": points(metrics["gain_over_remote_equal_error"]),
    }
    if said == "better":
        return say(
            "At equal parts the model's kits fix more than remote support's choice: {gain} ± {error} points",
            **figures,
        )
    if said == "worse":
        return say(
            "At equal parts the model's kits fix less than remote support's choice: {gain} ± {error} points",
            **figures,
        )
    return say(
        "At equal parts: cannot tell the model's kits from remote support's choice ({gain} ± {error} points)",
        **figures,
    )


def ways_note(retrospect: pd.DataFrame) -> Message | str:
    """How to read the ways, and what the fuller kit brings."""
    how = say(
        "Share of later tickets whose parts would all have been there, less visits that fail anyway, with 95 % limits. Most used: "
        "of the symptom. Equal: no more parts than were carried on that ticket."
    )
    more = fuller(retrospect)
    return sentences([how, more] if more else [how])


def timed(check_minutes: pd.DataFrame) -> bool:
    """Whether any visit tells how long a check takes; else every minute in the stage's tables is a parameter."""
    return bool((check_minutes["n"] > 0).any())


def checks(metrics: Mapping[str, Any], check_minutes: pd.DataFrame) -> pd.DataFrame:
    """The orders of checks, `name` in words, and the `minutes` each took to the cause; empty where no visit was timed."""
    import pandas as pd

    if not timed(check_minutes):
        return pd.DataFrame(columns=["name", "minutes"])

    orders = {
        "minutes_model": BY_CHANCE_PER_MINUTE,
        "minutes_likely_first": say("Likeliest first"),
        "minutes_table": say("Symptom's table"),
    }
    told = [(name, metrics[key]) for key, name in orders.items() if metrics.get(key) is not None]
    return pd.DataFrame(told, columns=["name", "minutes"])


def checks_title(metrics: Mapping[str, Any], check_minutes: pd.DataFrame) -> Message:
    """The finding over the orders of checks: what ours saves."""
    if not timed(check_minutes):
        return say("No visit says how long a check takes: check the most likely cause first")
    if checks(metrics, check_minutes).empty:
        return say("In which order to check: cannot tell yet")
    saved, error = (metrics.get(f"minutes_saved_over_likely_first{end}") for end in ("", "_error"))
    said = verdict(saved, error)
    figures = {
        "model": number(metrics["minutes_model"], 0),
        "likely": number(metrics["minutes_likely_first"], 0),
        "saved": points(saved),
        "error": points(error),
    }
    if said == "better":
        return say(
            "Checks by chance per minute find the cause in {model} minutes, most likely first in {likely}: {saved} ± {error} % sooner",
            **figures,
        )
    if said == "worse":
        return say(
            "Check the most likely cause first: {likely} minutes to the cause, by chance per minute {model}",
            **figures,
        )
    return say(
        "Minutes to the cause by chance per minute {model}, most likely first {likely}: cannot tell which is sooner",
        **figures,
    )
