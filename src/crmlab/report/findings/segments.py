"""What the page of the nine value types says about its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.messages import Message, count, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

STABLE = 0.8
"""Share that keeps its type on resampling from which a single label may be tried; below it only groups."""

FEW = 20
"""Customers of a type below which nothing is said about their mean value."""

BLIND = 0.05
"""Agreement of an axis's features up to which the records say nothing about it."""


CLAUSES = {
    "traditionalist": "holds to familiar habits and functions and is slow to accept change",
    "reckoner": "compares with what things used to cost and minds every expense",
    "nostalgic": "lives in what past dealings felt like",
    "pragmatist": "looks at what works today",
    "bargain-seeker": "minds what it can pay now and what it gets for the money",
    "status-seeker": "minds how it is treated now and what that says of its standing",
    "pioneer": "tries new products with advanced functions",
    "planner": "watches prices and what it will be able to pay",
    "perfectionist": "minds upgrades, compatibility and what it will become",
}
"""The seed's clause for each type: words of the catalogue's context "type clause"."""


def in_order(types: pd.DataFrame) -> pd.DataFrame:
    """The rows of `types` as the seed numbers them, the undetermined last."""
    order = [*CLAUSES, "undetermined"]
    return types.sort_values("type", key=lambda names: names.map(order.index))


def by_axis(evidence: pd.DataFrame) -> pd.DataFrame:
    """The features axis by axis, the best known first."""
    axes = ["past", "present", "future", "functional", "economic", "psychological"]
    ordered = evidence.sort_values(["n", "feature"], ascending=[False, True])
    return ordered.sort_values("axis", key=lambda names: names.map(axes.index), kind="stable")


def attention(figures: dict[str, Any], types: pd.DataFrame) -> list[Message]:
    """What a manager should know first, the most important first."""
    if not figures["n"]:
        return [say("No customer has a sale or a ticket in the period: there is nothing to tell types from.")]
    if figures["em_steps"] is None:
        return [
            say(
                "Cannot tell: {n} customers are too few, or too little is known of them, for nine types. Every customer "
                "stays undetermined.",
                n=count(figures["n"]),
            )
        ]
    sentences = (
        _determined(figures),
        _trust(figures),
        _blind(figures),
        _largest(types),
    )
    return [m for m in sentences if m]


def _determined(figures: dict[str, Any]) -> Message:
    share, n = percent(figures["share_determined"]), count(figures["n"])
    if figures["share_determined"] >= 0.5:
        return say(
            "{share} of {n} customers have a value type: serve them by it. The others stay undetermined, so treat them as "
            "before.",
            share=share,
            n=n,
        )
    return say(
        "Only {share} of {n} customers have a value type; most records do not tell one type from another: "
        "serve the others as before.",
        share=share,
        n=n,
    )


def _trust(figures: dict[str, Any]) -> Message | None:
    if figures["stability"] is None:
        return None
    kept, plain = percent(figures["stability"]), percent(figures["stability_argmax"])
    if figures["stability"] >= STABLE:
        return say(
            "{kept} of them keep their type when it is worked out again from other customers (the simple line: {plain}). The "
            "labels hold; whether they are right no record says, so try them on a few customers first.",
            kept=kept,
            plain=plain,
        )
    return say(
        "Only {kept} of them keep their type when it is worked out again from other customers (the simple line: {plain}): "
        "use the types for groups, not for a decision on one customer.",
        kept=kept,
        plain=plain,
    )


def _blind(figures: dict[str, Any]) -> Message | None:
    known = {axis: value for axis, value in figures["reliability"].items() if value is not None}
    blind = [axis for axis, value in known.items() if value <= BLIND]
    if not blind or len(blind) == len(known):
        return None
    return say(
        "On {n} of {all} axes the records do not agree enough to tell customers apart; they say most about the axis {axis}.",
        n=count(len(blind)),
        all=count(len(known)),
        axis=term("axis", max(known, key=known.get)),
    )


def _nine(types: pd.DataFrame) -> pd.DataFrame:
    return types[(types["type"] != "undetermined") & (types["n"] > 0)]


def _largest(types: pd.DataFrame) -> Message | None:
    nine = _nine(types)
    if nine.empty:
        return None
    top = nine.loc[nine["n"].astype(int).idxmax()]
    return say(
        "The largest type is {type}, {n} customers ({share}): {clause}.",
        type=term("type", top["type"]),
        n=count(int(top["n"])),
        share=percent(top["share"]),
        clause=term("type clause", CLAUSES[top["type"]]),
    )


def cards(figures: dict[str, Any]) -> list[Card]:
    """The figures on top, each with the simple line beside it."""
    return [
        Card.of_share(
            say("Customers with a type"),
            figures["share_determined"],
            say("of {n} customers with a sale or ticket in the period", n=count(figures["n"])),
            say("A customer has a type when its probability reaches the threshold."),
            key="share_determined",
            better="higher",
        ),
        Card(
            say("Keep their type on resampling"),
            percent(figures["stability"]),
            say("highest axes: {plain}", plain=percent(figures["stability_argmax"])),
            say(
                "Share of customers with a type that have the same one when everything is fitted again on a resample."
            ),
            key="stability",
            better="higher",
            material=0.01,
        ),
        Card(
            say("Agreement with the simple line"),
            percent(figures["agreement_argmax"]),
            None,
            say(
                "Share of customers with a type whose highest time axis and highest value axis name the same one."
            ),
        ),
        Card(
            say("Features that tell customers apart"),
            count(figures["n_features"]),
            say(
                "of {all} that the method knows",
                all=count(figures["n_features"] + len(figures["features_silent"])),
            ),
            say("A feature is used when it is recorded and differs between customers."),
        ),
    ]


def table_title(types: pd.DataFrame) -> Message:
    """The finding above the 3 x 3 table: where in time most of the typed customers stand."""
    nine = _nine(types)
    if nine.empty:
        return say("No customer has a determined type")
    if nine["n"].sum() < 0.2 * types["n"].sum():
        return say(
            "Only {n} of {all} customers have a determined type",
            n=count(int(nine["n"].sum())),
            all=count(int(types["n"].sum())),
        )
    by_time = {
        "past": ("traditionalist", "reckoner", "nostalgic"),
        "present": ("pragmatist", "bargain-seeker", "status-seeker"),
        "future": ("pioneer", "planner", "perfectionist"),
    }
    share = {
        t: float(nine.loc[nine["type"].isin(names), "n"].sum() / nine["n"].sum())
        for t, names in by_time.items()
    }
    top = max(share, key=share.get)
    if top == "past":
        return say("{share} of the customers with a type look to the past", share=percent(share[top]))
    if top == "present":
        return say("{share} of the customers with a type live in the present", share=percent(share[top]))
    return say("{share} of the customers with a type look to the future", share=percent(share[top]))


def undetermined_title(figures: dict[str, Any]) -> Message:
    """The finding above the reasons: how many are undetermined, and mostly why."""
    reasons = figures["reasons"]
    if not reasons:
        return say("Every customer has a type")
    top = max(sorted(reasons), key=reasons.get)
    return say(
        "{n} customers are undetermined, most often for this reason: {reason}",
        n=count(sum(reasons.values())),
        reason=term("reason", top),
    )


def profile_title(types: pd.DataFrame) -> Message:
    """The finding above the mean scores: the one that stands out most."""
    axes = ["past", "present", "future", "functional", "economic", "psychological"]
    scores = types[types["type"].isin(CLAUSES)].set_index("type")[axes].astype(float)
    if scores.empty or scores.isna().all(axis=None):
        return say("No type has scores to compare")
    name, axis = scores.stack().idxmax()
    return say(
        "What sets the types apart: {type} stands out most, {score} standard deviations on {axis}",
        type=term("type", name),
        score=number(scores.loc[name, axis], 1),
        axis=term("axis", axis),
    )


def reasons(figures: dict[str, Any]) -> pd.DataFrame:
    """Why customers are undetermined, the most frequent reason first: columns reason, n."""
    import pandas as pd

    found = pd.DataFrame(sorted(figures["reasons"].items()), columns=["reason", "n"])
    return found.sort_values("n", ascending=False, kind="stable")


def method(figures: dict[str, Any]) -> list[Message]:
    """How the types were made, for the end of the page."""
    said = [
        say(
            "The nine types cross time (past, present, future) with perceived value (functional, economic, psychological), "
            "after the seed thesis. It gives one clause per type and no features: which records speak for which axis is "
            "this tool's own reading."
        ),
        say(
            "Each feature is a share or a mean with its denominator, missing where that is zero. It becomes a normal score "
            "of its rank; what the number of records and the length of the relation explain is taken out; six axis scores "
            "are the means. An axis counts as far as its features agree. Value, revenue and size are no inputs."
        ),
        say(
            "A Gaussian mixture with one component per type starts at the prototypes and stops before a component would "
            "leave its cell. Missing scores are integrated out, never filled in. The simple line crosses the highest time "
            "axis with the highest value axis."
        ),
    ]
    if figures["em_steps"] is not None and figures["wandered"]:
        said.append(
            say(
                "Fitting stopped after {steps} steps, when the component of {type} was about to leave its cell: the data do "
                "not show that type clearly.",
                steps=count(figures["em_steps"]),
                type=term("type", figures["wandered"]),
            )
        )
    return said


def meanings(types: pd.DataFrame) -> pd.DataFrame:
    """The nine types with the seed's words for each: `types` without the undetermined, and a column clause."""
    nine = types[types["type"].isin(CLAUSES)]
    return nine.assign(clause=nine["type"].map(CLAUSES))


def clearest(customers: pd.DataFrame, per_type: int = 22) -> pd.DataFrame:
    """The customers with the clearest best guess, at most `per_type` of each type, so that nine types fit a page.

    A customer without a name is shown by its number.
    """
    ranked = customers.dropna(subset=["likeliest"]).sort_values(
        ["likeliest", "p", "customer_id"], ascending=[True, False, True]
    )
    shown = ranked.groupby("likeliest", sort=False).head(per_type)
    return shown.assign(customer_name=shown["customer_name"].fillna(shown["customer_id"]))


def reliability(figures: dict[str, Any]) -> pd.DataFrame:
    """How far the features of each axis agree: columns axis, reliability."""
    import pandas as pd

    return pd.DataFrame(list(figures["reliability"].items()), columns=["axis", "reliability"]).astype(
        {"reliability": float}
    )


def reliability_title(figures: dict[str, Any]) -> Message:
    """The finding above the reliabilities: the axis that the records say least about."""
    known = {axis: value for axis, value in figures["reliability"].items() if value is not None}
    if not known or figures["em_steps"] is None:
        return say("Cannot tell what the records say: too few customers, or records that do not agree")
    weakest, strongest = min(known, key=known.get), max(known, key=known.get)
    return say(
        "The records say most about the axis {strongest} and least about {weakest}",
        strongest=term("axis", strongest),
        weakest=term("axis", weakest),
    )
