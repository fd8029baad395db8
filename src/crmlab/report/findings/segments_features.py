"""What each feature says: whether it moves with the types as its prototype has it, and whether its scale still holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, listed, number, say, term

if TYPE_CHECKING:
    import pandas as pd

AXES = ("past", "present", "future", "functional", "economic", "psychological")
VERDICTS = {
    "agrees": say("as expected"),
    "weak": say("hardly moves"),
    "contradicts": say("against it"),
    "silent": say("the same for all"),
}
"""How a feature moves with the types, in words."""
NAMES = {
    "generation_lag": say("generation lag"),
    "end_of_support_share": say("end of support passed"),
    "sku_repeat_share": say("same product again"),
    "legacy_ticket_share": say("keeping the old going"),
    "used_to_share": say("how it used to be"),
    "adoption_rank": say("early adoption"),
    "level_currency": say("newness of machines"),
    "spend_trend": say("trend of spending"),
    "prepaid_horizon": say("length of contract terms"),
    "renewal_lead": say("early renewal"),
    "roadmap_ticket_share": say("tickets on upgrades"),
    "next_topic_share": say("what comes next"),
    "purchase_rhythm": say("even purchases"),
    "on_demand_share": say("paid one by one"),
    "capability_share": say("options and training"),
    "howto_ticket_share": say("how-to tickets"),
    "function_topic_share": say("remarks on functions"),
    "discount_share": say("discounts"),
    "promo_share": say("promotions"),
    "billing_ticket_share": say("tickets on money"),
    "quote_rounds": say("rounds of quotation"),
    "price_topic_share": say("remarks on prices"),
    "premium_share": say("dear models"),
    "tier_excess": say("level above need"),
    "named_contact_share": say("the same engineer"),
    "manner_topic_share": say("remarks on manners"),
    "price_lock_share": say("prices locked"),
}
"""Features in a word or two, beside a point of a picture."""


def features(evidence: pd.DataFrame) -> pd.DataFrame:
    """Table evidence in words, axis by axis and the best known first: `name`, `label`, `effect_said`, `verdict_said`, `shift_said`."""
    rows = plain(evidence)
    order = {axis: place for place, axis in enumerate(AXES)}
    rows["place"] = rows["axis"].map(order).astype(float).fillna(len(AXES))
    rows = rows.sort_values(["place", "n", "feature"], ascending=[True, False, True], ignore_index=True)
    rows["name"] = [term("feature", meaning) for meaning in rows["meaning"]]
    rows["label"] = [NAMES.get(feature, feature) for feature in rows["feature"]]
    rows["axis_said"] = [term("axis" if axis in AXES else "type", axis) for axis in rows["axis"]]
    rows["effect_said"] = [_limits(*x) for x in zip(rows["effect"], rows["low"], rows["high"], strict=True)]
    rows["verdict_said"] = [VERDICTS.get(verdict) for verdict in rows["verdict"].astype(object)]
    drifting = rows["drifts"].astype(object)
    rows["shift_said"] = [
        say("{x}: drifts", x=number(shift, 2))
        if drifts is True and not is_missing(shift)
        else number(shift, 2)
        for shift, drifts in zip(rows["shift"], drifting, strict=True)
    ]
    return rows


def _limits(effect: Any, low: Any, high: Any) -> Any:
    if is_missing(effect):
        return None
    if is_missing(low) or is_missing(high):
        return number(effect, 2)
    return say("{p} ({low} to {high})", p=number(effect, 2), low=number(low, 2), high=number(high, 2))


def drawn(evidence: pd.DataFrame) -> pd.DataFrame:
    """The features that are drawn: those whose effect has limits."""
    return features(evidence).dropna(subset=["effect", "low", "high"]).reset_index(drop=True)


def features_title(evidence: pd.DataFrame) -> Message:
    """The finding above the features: how many move as their prototype says, and how many against it."""
    rows = features(evidence)
    counts = rows["verdict"].astype(object).value_counts()
    agrees, against = int(counts.get("agrees", 0)), int(counts.get("contradicts", 0))
    used = int(rows["verdict"].notna().sum() - counts.get("silent", 0))
    if not used:
        return say("No feature tells customers apart")
    words = {"n": count(agrees), "all": count(used)}
    if against:
        return say(
            "{n} of {all} features move with the types as expected, {against} against it",
            against=count(against),
            **words,
        )
    return say("{n} of {all} features move with the types as expected, none against it", **words)


def absent(figures: Mapping[str, Any]) -> pd.DataFrame:
    """What nobody exported, and the features that nobody has without it: columns what (as the data contract calls it), features."""
    import pandas as pd

    found = [
        (what, listed([NAMES.get(feature, feature) for feature in features]))
        for what, features in sorted((figures.get("absent") or {}).items())
    ]
    return pd.DataFrame(found, columns=["what", "features"], dtype=object)


def absent_title(figures: Mapping[str, Any]) -> Message:
    """The finding above what is absent: how many features nobody has."""
    lost = {feature for features in (figures.get("absent") or {}).values() for feature in features}
    return say(
        "{n} of {all} features are missing for want of data", n=count(len(lost)), all=count(len(NAMES))
    )


def named(evidence: pd.DataFrame, names: list[str]) -> list[Message]:
    """Features in words, by their names; one that the table does not have stands as it is called."""
    meanings = dict(zip(evidence["feature"], evidence["meaning"], strict=True))
    return [term("feature", meanings.get(name, name)) for name in names]


EFFECTS = say(
    "How far a feature lies above the others where a high value should speak, in standard deviations, by the types' probabilities and fitted "
    "without it; 95 % limits. Below zero it contradicts its prototype. Drift: how far its mean has moved since the month whose scales are used."
)
"""How to read the features."""
