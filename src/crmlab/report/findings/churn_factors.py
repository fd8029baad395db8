"""Sentences and rows about what goes with leaving: hazard ratios, and service against renewal. Associations, no effects."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

from crmlab.report.findings.churn_features import CALENDAR, feature_name
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, is_missing, listed, number, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd

SURE = 0.01
"""p-value below which a hazard ratio, or its change in the course of a term, is told in words."""
FALSE = 0.05
"""Chance of a false finding that all comparisons of a figure share."""
_MOST = 12  # hazard ratios shown

MET = {
    ("promises", "some"): say("a broken promise"),
    ("second_visits", "some"): say("a second visit"),
    ("complaints", "ignored"): say("a complaint left unsolved"),
    ("complaints", "solved"): say("a complaint solved late"),
    ("complaints", "solved promptly"): say("a complaint solved promptly"),
    ("promises", "none"): say("no broken promise"),
    ("second_visits", "none"): say("no second visit"),
    ("complaints", "none"): say("no complaint"),
}
"""What and group of table associations, in words; those compared with come last."""
_DO = {
    "promises": say("keep the promises to customers whose contract ends soon"),
    "second_visits": say("prepare the visits to customers whose contract ends soon"),
    "complaints": say("answer the complaints of customers whose contract ends soon"),
}


def strongest(hazard_ratios: pd.DataFrame) -> pd.DataFrame:
    """The surest hazard ratios, without those of the calendar, the largest first, with `name` in words."""
    rows = plain(hazard_ratios[~hazard_ratios["feature"].isin(CALENDAR)])
    rows = rows.nsmallest(_MOST, "p_value").sort_values(["hazard_ratio", "feature"], ascending=[False, True])
    return rows.assign(name=[feature_name(f) for f in rows["feature"]]).reset_index(drop=True)


def leaving(hazard_ratios: pd.DataFrame) -> Message | str | None:
    """The feature that goes with leaving most surely, in words; None where none does beyond chance."""
    rows = strongest(hazard_ratios)
    rows = rows[(rows["low"] > 1) & (rows["p_value"] < _limit(hazard_ratios))]
    return None if rows.empty else rows.loc[rows["p_value"].idxmin(), "name"]


def staying(hazard_ratios: pd.DataFrame) -> Message | str | None:
    """The feature that goes with staying most surely, in words; None where none does beyond chance."""
    rows = strongest(hazard_ratios)
    rows = rows[(rows["high"] < 1) & (rows["p_value"] < _limit(hazard_ratios))]
    return None if rows.empty else rows.loc[rows["p_value"].idxmin(), "name"]


def _limit(hazard_ratios: pd.DataFrame) -> float:
    """The p-value below which a ratio is told as a finding: all features share one chance of a false one."""
    return FALSE / max(len(hazard_ratios), 1)


def hazard_title(hazard_ratios: pd.DataFrame) -> Message:
    """The finding over the forest plot: what goes with leaving, and with staying, most surely."""
    if hazard_ratios.empty:
        return say("What goes with leaving cannot be told without a model")
    leave, stay = leaving(hazard_ratios), staying(hazard_ratios)
    if leave and stay:
        return say("Goes with leaving: {leave}; goes with staying: {stay}", leave=leave, stay=stay)
    if leave:
        return say("Goes with leaving: {leave}", leave=leave)
    if stay:
        return say("Goes with staying: {stay}", stay=stay)
    return say("Nothing goes with leaving beyond chance")


def hazard_note(hazard_ratios: pd.DataFrame) -> Message | str:
    """How to read the forest plot, and of which features the ratio changes in the course of a term."""
    how = say(
        "Hazard ratio with 95 % limits: right of 1 leaves sooner. The twelve surest of all features but those that tell how late it "
        "is; events count in relation to the machines in service. Associations, not effects."
    )
    rows = strongest(hazard_ratios)
    if rows["ph_p"].isna().all():
        return sentences([how, say("Whether the ratios are the same all through a term cannot be told.")])
    changing = rows.loc[rows["ph_p"] < SURE, "name"]
    if changing.empty:
        return sentences([how, say("No ratio changes beyond chance in the course of a term.")])
    said = say("In the course of a term these ratios change, and only their mean is shown: {features}.",
               features=listed(list(changing)))  # fmt: skip
    return sentences([how, said])


def met(associations: pd.DataFrame) -> pd.DataFrame:
    """Table associations with `name`, `renewed_said` and `difference_said` in words, those compared with last."""
    rows = plain(associations)
    order = {key: place for place, key in enumerate(MET)}
    keys = list(zip(rows["what"], rows["group"], strict=True))
    rows["place"] = [order.get(key, len(order)) for key in keys]
    rows["name"] = [MET.get(key, say("{what}: {value}", what=key[0], value=key[1])) for key in keys]
    rows["renewed_said"] = [
        None if is_missing(p) else percent(p, 1) if is_missing(low)
        else say("{p} ({low}–{high})", p=percent(p, 1), low=percent(low, 1), high=percent(high, 1))
        for p, low, high in zip(rows["renewed"], rows["low"], rows["high"], strict=True)
    ]  # fmt: skip
    limits = rows[["difference", "difference_low", "difference_high"]].itertuples(index=False, name=None)
    rows["difference_said"] = [
        say("compared with") if group == "none" else _points(*figures)
        for group, figures in zip(rows["group"], limits, strict=True)
    ]
    return rows.sort_values(["place", "what", "group"], ignore_index=True)


def _points(difference: float, low: float, high: float) -> Message:
    if is_missing(difference):
        return say("cannot tell")
    if is_missing(low) or is_missing(high):
        return say("{n} points", n=number(100 * difference))
    return say(
        "{n} points ({low} to {high})",
        n=number(100 * difference),
        low=number(100 * low),
        high=number(100 * high),
    )


def compared(associations: pd.DataFrame) -> pd.DataFrame:
    """The rows of `met` that are drawn: those whose difference is known, with its limits."""
    rows = met(associations)
    return rows[(rows["group"] != "none") & rows["difference_low"].notna()].reset_index(drop=True)


def _beyond_chance(associations: pd.DataFrame) -> tuple[pd.Series | None, pd.Series | None]:
    """The row after which fewest renewed, and the one after which most did, each beyond chance."""
    rows = compared(associations)
    # 95 % limits are 1.96 standard errors away; a finding must be as far away as all comparisons together ask.
    z = NormalDist().inv_cdf(1 - FALSE / 2 / max(len(rows), 1))
    far = z / NormalDist().inv_cdf(1 - FALSE / 2) * (rows["difference_high"] - rows["difference_low"]) / 2
    fewer, more = rows[rows["difference"] + far < 0], rows[rows["difference"] - far > 0]
    return (
        None if fewer.empty else fewer.loc[fewer["difference"].idxmin()],
        None if more.empty else more.loc[more["difference"].idxmax()],
    )


def associations_title(associations: pd.DataFrame) -> Message:
    """The finding over service and renewal: after what fewer renewed, or more, than of those alike."""
    if compared(associations).empty:
        return say(
            "Whether broken promises, second visits or complaints go with leaving cannot be told: too few contracts have met them"
        )
    fewer, more = _beyond_chance(associations)
    if fewer is not None and more is not None:
        return say(
            "After {what} fewer renewed, by {points} points against those alike; after {other} more, by {gain} points",
            what=fewer["name"],
            points=number(-100 * fewer["difference"]),
            other=more["name"],
            gain=number(100 * more["difference"]),
        )
    if fewer is not None:
        return say(
            "After {what} fewer renewed, by {points} points against those alike",
            what=fewer["name"],
            points=number(-100 * fewer["difference"]),
        )
    if more is not None:
        return say(
            "After {what} more renewed, by {points} points against those alike",
            what=more["name"],
            points=number(100 * more["difference"]),
        )
    return say("After broken promises, second visits and complaints, no fewer renewed beyond chance")


ASSOCIATIONS = say(
    "Difference in the share that renewed, in percentage points with 95 % limits, against contracts without it that are alike in "
    "machines, tickets, years as a customer, price and service level. What a customer had met in the year up to 90 days before the "
    "end (complaints: two years). Associations, not effects: such customers may differ in other ways."
)
"""How to read the figure of service and renewal."""


def attention(associations: pd.DataFrame, hazard_ratios: pd.DataFrame) -> Message | None:
    """What goes with leaving beyond chance, and what to do; None where nothing does."""
    fewer, _ = _beyond_chance(associations)
    if fewer is not None and round(-100 * fewer["difference"]) >= 1:
        return say(
            "After {what} {points} in a hundred contracts fewer were renewed than of those alike: {do}. It goes with leaving, which does "
            "not prove it to be the cause.",
            what=fewer["name"],
            points=count(round(-100 * fewer["difference"])),
            do=_DO[fewer["what"]],
        )
    feature = leaving(hazard_ratios)
    if feature:
        return say(
            "What goes with leaving most surely: {feature}. Ask about it in every call; it does not prove to be the cause.",
            feature=feature,
        )
    return None
