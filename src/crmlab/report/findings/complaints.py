"""Sentences and rows about complaints: what they are about, where they stick, and who stays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import groups
from crmlab.report.findings.gaps import COMPLAINED, ENDED, STEPS, gap
from crmlab.report.messages import Message, count, is_missing, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

_ENDS = {
    "ignored": say("ignored"),
    "solved": say("solved later"),
    "solved promptly": say("solved promptly"),
    "none": say("no complaint"),
}
NAMES = (
    say("recorded"),
    say("judged justified or not"),
    say("department named"),
    say("cause analysed"),
    say("remedy proposed"),
    say("remedy approved"),
    say("remedy carried out"),
    say("reviewed and closed"),
)
"""The eight steps of a complaint."""


def ends(recovery: pd.DataFrame) -> pd.DataFrame:
    """Table `recovery` from ignored to no complaint at all, with `name` in words."""
    order = {end: place for place, end in enumerate(_ENDS)}
    rows = groups.plain(recovery)
    rows = rows.assign(place=rows["end"].map(order)).sort_values("place", ignore_index=True)
    rows["name"] = [_ENDS[end] for end in rows["end"]]
    return rows


def _row(recovery: pd.DataFrame, end: str) -> pd.Series | None:
    rows = groups.plain(recovery[recovery["end"] == end])
    return None if rows.empty else rows.iloc[0]


def _heard(recovery: pd.DataFrame) -> pd.Series | None:
    """The best end with a known share of customers who stayed: solved promptly, else solved."""
    for end in ("solved promptly", "solved"):
        row = _row(recovery, end)
        if row is not None and not is_missing(row["share"]):
            return row
    return None


def ignored(recovery: pd.DataFrame) -> Message | None:
    """How many complaints were ignored, and who stayed after them; None where nothing tells."""
    row, heard = _row(recovery, "ignored"), _heard(recovery)
    over = groups.plain(recovery[recovery["end"] != "none"])["complaints"].sum()
    if not over:
        return None
    if row is None or not row["complaints"]:
        return say("None of {n} complaints that are over was ignored.", n=count(over))
    said = {
        "share": percent(row["of_all"]),
        "low": percent(row["of_all_low"]),
        "high": percent(row["of_all_high"]),
        "n": count(over),
    }
    if is_missing(row["share"]) or heard is None:
        return say(
            "Of {n} complaints that are over, {share} were ignored ({low} to {high}); too few customers tell whether they stayed: "
            "answer every complaint.",
            **said,
        )
    said |= _stayed(row, "") | _stayed(heard, "heard_") | {"end": _ENDS[heard["end"]]}
    if row["high"] < heard["low"]:
        return say(
            "Of {n} complaints that are over, {share} were ignored ({low} to {high}); {stayed} of their customers stayed ({from} to "
            "{to}), against {heard_stayed} ({heard_from} to {heard_to}) where they were {end}: answer every complaint.",
            **said,
        )
    if row["low"] > heard["high"]:
        return say(
            "Of {n} complaints that are over, {share} were ignored ({low} to {high}); {stayed} of their customers stayed ({from} to "
            "{to}), more than the {heard_stayed} ({heard_from} to {heard_to}) where they were {end}: see what sets them apart.",
            **said,
        )
    return say(
        "Of {n} complaints that are over, {share} were ignored ({low} to {high}); cannot tell whether fewer of their customers stayed: "
        "{stayed} ({from} to {to}), against {heard_stayed} ({heard_from} to {heard_to}) where they were {end}.",
        **said,
    )


def _stayed(row: pd.Series, prefix: str) -> dict[str, Any]:
    return {
        f"{prefix}stayed": percent(row["share"]),
        f"{prefix}from": percent(row["low"]),
        f"{prefix}to": percent(row["high"]),
    }


def recovery_title(recovery: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over who stayed, by how a complaint ended."""
    if recovery.empty:
        return gap(status, COMPLAINED, ENDED) or say("Who stays after a complaint: no complaint is over")
    row, heard = _row(recovery, "ignored"), _heard(recovery)
    if row is None or heard is None or is_missing(row["share"]):
        return say("Who stays after a complaint: too few customers to tell")
    said = {"ignored": percent(row["share"]), "heard": percent(heard["share"]), "end": _ENDS[heard["end"]]}
    if row["high"] < heard["low"]:
        return say(
            "After a complaint {heard} of customers stayed where it was {end}, {ignored} where it was ignored",
            **said,
        )
    if row["low"] > heard["high"]:
        return say(
            "After a complaint {ignored} of customers stayed where it was ignored, only {heard} where it was {end}",
            **said,
        )
    return say(
        "Cannot tell who stays after a complaint: {heard} of customers where it was {end}, {ignored} where it was ignored",
        **said,
    )


def kinds(complaint_kinds: pd.DataFrame) -> pd.DataFrame:
    """Table `complaint_kinds`, the most frequent first, each share also in words with its limits (`solved_said` …)."""
    rows = groups.plain(complaint_kinds)
    for share in ("valid", "solved", "promptly", "satisfied"):
        told = rows[[share, f"{share}_low", f"{share}_high"]].itertuples(index=False, name=None)
        rows[f"{share}_said"] = [_with_limits(*figures) for figures in told]
    return rows.sort_values(["n", "before", "kind"], ascending=[False, False, True], ignore_index=True)


def _with_limits(share: float, low: float, high: float) -> Message | None:
    if is_missing(share):
        return None
    return say("{share} ({low} to {high})", share=percent(share), low=percent(low), high=percent(high))


def kinds_title(complaint_kinds: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the kinds: more or fewer complaints than the year before (two Poisson errors), and what most are about."""
    rows = kinds(complaint_kinds)
    if rows.empty:
        return gap(status, COMPLAINED) or say("No complaint in two years")
    now, then = rows["n"].sum(), rows["before"].sum()
    if not now:
        return say("No complaint in the last twelve months, {then} in the twelve before", then=count(then))
    said = {
        "now": count(now),
        "then": count(then),
        "kind": term("complaint", rows["kind"].iloc[0]),
        "n": count(rows["n"].iloc[0]),
    }
    if not then:  # none came in, or none were recorded yet
        return say(
            "Complaints: {now} in the last twelve months, none on record in the twelve before; {n} about: {kind}",
            **said,
        )
    if abs(now - then) <= 2 * math.sqrt(now + then):
        return say(
            "Complaints held: {now} in the last twelve months, {then} in the twelve before; {n} about: {kind}",
            **said,
        )
    if now > then:
        return say(
            "Complaints rose: {now} in the last twelve months, {then} in the twelve before; {n} about: {kind}",
            **said,
        )
    return say(
        "Complaints fell: {now} in the last twelve months, {then} in the twelve before; {n} about: {kind}",
        **said,
    )


def steps(complaint_steps: pd.DataFrame, kind: str = "all") -> pd.DataFrame:
    """The eight steps of one kind in their order, with `name` in words."""
    rows = groups.plain(complaint_steps[complaint_steps["kind"] == kind]).sort_values(
        "step", ignore_index=True
    )
    rows["name"] = [NAMES[int(step) - 1] for step in rows["step"]]
    return rows


def steps_title(complaint_steps: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the steps: which takes longest, and before which ignored complaints rest."""
    rows = steps(complaint_steps)
    timed = rows.dropna(subset=["mean_days"])
    if timed.empty:
        return gap(status, COMPLAINED, STEPS) or say(
            "Where complaints stick: cannot tell, no step has a date"
        )
    slowest = timed.sort_values(["mean_days", "step"], ascending=[False, True]).iloc[0]
    resting = rows.sort_values(["rest", "step"], ascending=[False, True]).iloc[0]
    said = {"step": slowest["name"], "days": number(slowest["mean_days"])}
    if not resting["rest"] > 0:
        return say("The slowest step of a complaint: {step}, {days} working days on average", **said)
    return say(
        "The slowest step of a complaint: {step}, {days} working days on average; most ignored ones rest before: {rests} ({n})",
        **said,
        rests=resting["name"],
        n=count(resting["rest"]),
    )
