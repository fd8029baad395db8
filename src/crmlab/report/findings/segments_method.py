"""How the page "Value types" came to its figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmlab.report.messages import Message, count, day, is_missing, percent, say

PARAMETERS = {"margin": say("Lead in probability for a change of type")}
"""Parameters of the stage whose key means something else elsewhere."""


def method(figures: Mapping[str, Any], params: Mapping[str, Any]) -> list[Message]:
    """How the types were told, and what they rest on.

    Parameters
    ----------
    figures : reports/metrics/segments.json. params : section segments of params.yaml.
    """
    if not figures.get("n"):
        return []
    return [
        say(
            "The nine types cross time (past, present, future) with perceived value (functional, economic, psychological), "
            "after the seed thesis. It gives one clause per type and no features: which records speak for which axis is "
            "this tool's own reading."
        ),
        say(
            "{n} features over {months} months are shares or means with their denominators, missing where that is zero. Each becomes a normal "
            "score of its rank; what the number of records and the length of the relation explain is taken out. Value, revenue and size are no "
            "inputs.",
            n=count(figures.get("n_features")),
            months=count(params["months"]),
        ),
        _mixture(figures),
        say(
            "A customer has a type when one reaches {p}; else the axis that reaches {axis}; else it is undetermined and keeps a best guess. The "
            "simple line crosses the highest time axis with the highest value axis.",
            p=percent(params["min_prob"]),
            axis=percent(params["min_axis"]),
        ),
        say(
            "Over the months a customer keeps its type until another is more probable by {margin} for {months} months running: windows of "
            "successive months overlap, and without that rule labels would flicker. So a change is told late.",
            margin=percent(params["margin"]),
            months=count(params["patience"]),
        ),
        *_reference(figures),
        say(
            "Reasons are exact: with one covariance for all types the log-odds of two types are a sum over the features. Usefulness is tested on "
            "a later year than was fitted. All this is association, not cause."
        ),
    ]


def _mixture(figures: Mapping[str, Any]) -> Message:
    if is_missing(figures.get("em_steps")):
        return say("Customers are too few for a mixture: nobody is given a type.")
    if figures.get("tied"):
        return say(
            "A Gaussian mixture has one component per type; as customers are few, their means stay tied by axis and anchored on the prototypes. "
            "One covariance serves all, by source of record; missing features are left out, never filled in. It took {steps} steps.",
            steps=count(figures["em_steps"]),
        )
    return say(
        "A Gaussian mixture has one component per type; means are tied by axis and anchored on the prototypes, then may depart against a "
        "resistance. One covariance serves all, by source of record; missing features are left out, never filled in. It took {steps} steps.",
        steps=count(figures["em_steps"]),
    )


def _reference(figures: Mapping[str, Any]) -> list[Message]:
    if is_missing(figures.get("reference")):
        return []
    if figures.get("frozen") is False:
        return [
            say(
                "Scales are those of {day}, the last month: no December has a whole window of records and most of today's customers. They move "
                "with every run, so that a shift of all customers does not show.",
                day=day(figures["reference"]),
            )
        ]
    return [
        say(
            "Scales are those of {day} and stay frozen, so that a shift of all customers shows as a shift; a feature that has moved too far is "
            "named as drifting.",
            day=day(figures["reference"]),
        )
    ]
