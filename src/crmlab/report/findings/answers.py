"""Sentences and rows about the answers themselves: who gave them, for whom they stand, how well they hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import groups
from crmlab.report.findings.gaps import ASKED, gap
from crmlab.report.messages import Message, count, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

RELIABLE = 0.7
"""Cronbach's alpha from which items are usually taken to measure one thing (Nunnally 1978)."""

_GROUPS = {
    "trouble": say("trouble"),
    "complaints": say("a complaint"),
    "broken_promises": say("a broken promise"),
    "second_visits": say("a second visit"),
}
_KINDS = {"expectation": say("expected"), "perception": say("met")}


def answering(response: pd.DataFrame) -> pd.DataFrame:
    """Who answers: all, then tiers, then customers without and with a bad experience, `name` in words."""
    kinds = ("all", "tier", *_GROUPS)
    rows = groups.plain(response[response["of"].isin(kinds)])
    rows = rows.assign(place=rows["of"].map({kind: i for i, kind in enumerate(kinds)}))
    rows = rows.sort_values(["place", "group"], ignore_index=True)
    rows["name"] = [_who(kind, group) for kind, group in zip(rows["of"], rows["group"], strict=True)]
    return rows


def _who(kind: str, group: str) -> Message:
    if kind == "all":
        return say("all customers")
    if kind == "tier":
        return term("tier", group)
    if group == "none":
        return say("without {what}", what=_GROUPS[kind])
    return say("with {what}", what=_GROUPS[kind])


def response_title(response: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over who answers: whether customers with a bad experience answer more or less often than the others."""
    row = groups.whole(response)
    if row is None:
        return gap(status, ASKED) or say("Who answers: nobody was asked, or nothing is known of who was not")
    said = {"share": percent(row["share"])}
    for kind, what in _GROUPS.items():
        part = groups.plain(response[response["of"] == kind]).set_index("group")
        if not {"none", "some"} <= set(part.index):
            continue
        some, none = part.loc["some"], part.loc["none"]
        figures = said | {"what": what, "some": percent(some["share"]), "none": percent(none["share"])}
        if some["low"] > none["high"]:
            return say(
                "{share} of customers answered; those with {what} more often ({some} against {none})",
                **figures,
            )
        if some["high"] < none["low"]:
            return say(
                "{share} of customers answered; those with {what} less often ({some} against {none})",
                **figures,
            )
    return say(
        "{share} of customers answered; the unhappy no more and no less often than the others, beyond chance",
        **said,
    )


def silent_title(silent: pd.DataFrame) -> Message:
    """The finding over those who fill in no questionnaire: whether they are more or less content after repairs."""
    rows = groups.plain(silent).set_index("group")
    if not {"questionnaire", "none"} <= set(rows.index):
        return say("Whether those who fill in no questionnaire are as content: cannot tell")
    none, some = rows.loc["none"], rows.loc["questionnaire"]
    said = {"none": number(100 * none["mean"], 0), "some": number(100 * some["mean"], 0)}
    if none["low"] > some["high"]:
        return say(
            "Who fills in no questionnaire is more content after repairs: {none} of 100, against {some}",
            **said,
        )
    if none["high"] < some["low"]:
        return say(
            "Who fills in no questionnaire is less content after repairs: {none} of 100, against {some}",
            **said,
        )
    return say(
        "Cannot tell who is more content after repairs: without a questionnaire {none} of 100, with one {some}",
        **said,
    )


def quiet(silent: pd.DataFrame) -> pd.DataFrame:
    """Table `silent` in points of 100, `name` in words."""
    names = {"questionnaire": say("with a questionnaire"), "none": say("answered after repairs alone")}
    rows = groups.plain(silent)
    rows = rows.assign(**{name: 100 * rows[name] for name in ("mean", "low", "high")})
    rows["name"] = [names[group] for group in rows["group"]]
    return rows


def scales(alphas: pd.DataFrame) -> pd.DataFrame:
    """Table `alphas` where alpha is known, the least first, `kind_name` in words."""
    rows = groups.plain(alphas).dropna(subset=["alpha"])
    rows = rows.sort_values(["alpha", "scale", "kind"], ignore_index=True)
    rows["kind_name"] = [_KINDS[kind] for kind in rows["kind"]]
    return rows


def scales_title(alphas: pd.DataFrame) -> Message:
    """The finding over the reliability of scales: whether their items hang together."""
    rows = scales(alphas)
    if rows.empty:
        return say("Whether the items of a dimension hang together: cannot tell")
    said = {"alpha": number(RELIABLE), "all": count(len(rows))}
    poor = int((rows["high"] < RELIABLE).sum())
    if poor:
        return say(
            "Scales whose items hang together poorly (Cronbach's alpha below {alpha}): {n} of {all}",
            n=count(poor),
            **said,
        )
    if (rows["low"] >= RELIABLE).all():
        return say(
            "Scales whose items hang together (Cronbach's alpha of {alpha} or more): all, {all} of {all}",
            **said,
        )
    return say(
        "Scales whose items hang together poorly (Cronbach's alpha below {alpha}), beyond chance: none of {all}",
        **said,
    )


def shaky(alphas: pd.DataFrame) -> list[str]:
    """Scales whose items do not hang together well enough to be read as one (alpha below `RELIABLE`, limits and all)."""
    rows = scales(alphas)
    return sorted(set(rows.loc[rows["high"] < RELIABLE, "scale"].astype(str)))
