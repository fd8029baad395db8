"""Sentences and rows about visits: what the first one fixed, why a second was needed, and where a repair waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import groups
from crmlab.report.findings.gaps import AGAIN, ARRIVED, CLOSED, PROMISED, REASONS, VISITED, gap
from crmlab.report.messages import Message, count, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

UNKNOWN = "unknown"
"""The reason of visits that were followed by another without a word why."""

_REASONS = {
    "no_part": say("part not carried"),
    "wrong_part": say("wrong part"),
    "skill": say("skill"),
    "customer": say("customer not ready"),
    "other": say("another reason"),
    UNKNOWN: say("reason not recorded"),
}
_ACTIONS = {
    "no_part": say("see under Fault causes which parts should travel"),
    "wrong_part": say("check the part against the machine before it travels"),
    "skill": say("train, or send who has repaired it before"),
    "customer": say("confirm the appointment with the customer first"),
    "other": say("have the reason written down in words"),
    UNKNOWN: say("have the reason recorded"),
}
_STEPS = {
    "dispatch": say("to dispatch"),
    "appoint": say("to the appointment"),
    "arrive": say("to the arrival"),
    "leave": say("to the end of the first visit"),
    "return": say("to the end of the last visit"),
    "close": say("to the close"),
}


def by_proxy(first_fix: pd.DataFrame) -> bool:
    """Whether first-time fix is told by machines that were not reported again, for want of visits."""
    return bool((first_fix["basis"] == "proxy").any())


def _what(first_fix: pd.DataFrame) -> Message:
    return say("First-time fix (proxy)") if by_proxy(first_fix) else say("First-time fix")


def second(second_visits: pd.DataFrame) -> Message | None:
    """What second visits cost in the last twelve months and why they were needed, with what to do; None where nothing tells."""
    rows = ranked(second_visits)
    if rows.empty:
        return None
    rows = rows.sort_values(["n", "reason"], ascending=[False, True], ignore_index=True)
    first = rows.iloc[0]
    said = {
        "cost": money(rows["cost"].sum(min_count=1)),
        "visits": count(rows["n"].sum()),
        "reason": _REASONS[first["reason"]],
        "action": _ACTIONS[first["reason"]],
        "share": percent(first["share"]),
        "low": percent(first["low"]),
        "high": percent(first["high"]),
    }
    if len(rows) > 1 and rows["high"].iloc[1] >= first["low"]:
        return say(
            "{visits} second visits in the last twelve months cost {cost}; cannot tell which reason is the most frequent, {reason} or "
            "{other}.",
            **said,
            other=_REASONS[rows["reason"].iloc[1]],
        )
    return say(
        "{visits} second visits in the last twelve months cost {cost}; main reason: {reason} ({share}, {low} to {high}). Next: "
        "{action}.",
        **said,
    )


def ranked(second_visits: pd.DataFrame) -> pd.DataFrame:
    """The reasons for second visits, the dearest first: `name` in words, `of_cost` and `so_far`, shares of the whole cost."""
    rows = groups.plain(second_visits)
    rows = rows[rows["n"] > 0].sort_values(["cost", "n", "reason"], ascending=[False, False, True])
    rows = rows.reset_index(drop=True)
    rows["name"] = [_REASONS[reason] for reason in rows["reason"]]
    total = rows["cost"].sum()
    rows["of_cost"] = rows["cost"] / total if total else float("nan")
    rows["so_far"] = rows["of_cost"].cumsum()
    return rows


def first(rows: pd.DataFrame) -> Message | None:
    """The reason that stands out in its figure: the dearest."""
    return None if rows.empty else rows["name"].iloc[0]


def reasons_title(rows: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the reasons: which costs most, or that too often none is recorded."""
    if rows.empty:
        return gap(status, VISITED, REASONS, CLOSED, PROMISED) or say(
            "No second visit in the last twelve months"
        )
    first = rows.iloc[0]
    said = {"cost": money(rows["cost"].sum(min_count=1)), "n": count(rows["n"].sum())}
    said["share"] = percent(first["of_cost"])
    if first["reason"] == UNKNOWN:
        return say(
            "{n} second visits cost {cost}, {share} of it without a reason on record",
            **said,
        )
    return say(
        "{n} second visits cost {cost}; dearest reason: {reason}, {share} of the cost",
        **said,
        reason=first["name"],
    )


def month_title(first_fix: pd.DataFrame, until: str, status: Mapping[str, Any]) -> Message:
    """The finding over first-time fix by month: the last twelve months against the twelve before."""
    if first_fix.empty:
        return gap(status, PROMISED, CLOSED, VISITED) or say(
            "First-time fix: cannot tell, no closed repair says"
        )
    found = groups.year_on_year(groups.last_months(first_fix, until), "fixed", until)
    if found is None:
        return say("First-time fix by month: too few repairs to compare with the year before")
    moved, now, then = found
    said = {"what": _what(first_fix), "now": percent(now, 1), "then": percent(then, 1)}
    if moved == "rose":
        return say("{what} rose: {now} in the last twelve months, {then} in the twelve before", **said)
    if moved == "fell":
        return say("{what} fell: {now} in the last twelve months, {then} in the twelve before", **said)
    return say("{what} held: {now} in the last twelve months, {then} in the twelve before", **said)


def fix_note(first_fix: pd.DataFrame, repeat_days: int) -> Message:
    """What first-time fix means here."""
    if by_proxy(first_fix):
        return say(
            "Proxy, as no visits are exported: share of closed repairs whose machine was not reported again within {days} days, with "
            "95 % limits.",
            days=count(repeat_days),
        )
    return say("Share of closed repairs that the first visit fixed, with 95 % limits.")


def family_title(first_fix: pd.DataFrame) -> Message:
    """The finding over first-time fix by machine family."""
    rows = groups.of(first_fix, "family")
    if rows.empty:
        return say("First-time fix by machine family: too few repairs to tell")
    if apart := groups.apart(rows):
        worst, best = apart
        return say(
            "{what}: lower for machines {worst} ({share}) than for {best} ({most})",
            what=_what(first_fix),
            worst=worst["group"],
            share=percent(worst["share"], 1),
            best=best["group"],
            most=percent(best["share"], 1),
        )
    return say("{what}: cannot tell machine families apart", what=_what(first_fix))


def group_title(first_fix: pd.DataFrame) -> Message:
    """The finding over first-time fix by branch, level and tier."""
    rows = groups.of(first_fix, "branch")
    if apart := groups.apart(rows):
        worst, best = apart
        return say(
            "{what}: lower from {worst} ({share}) than from {best} ({most})",
            what=_what(first_fix),
            worst=worst["group"],
            share=percent(worst["share"], 1),
            best=best["group"],
            most=percent(best["share"], 1),
        )
    if len(rows) > 1:
        return say("{what}: cannot tell branches apart", what=_what(first_fix))
    return say("First-time fix by branch, service level and tier")


def steps(stage_times: pd.DataFrame) -> pd.DataFrame:
    """Table `stage_times` in the order of a repair, all tickets first: `level_name` and `name` in words."""
    order = {step: place for place, step in enumerate(_STEPS)}
    rows = groups.plain(stage_times)
    rows = rows.assign(level=rows["level"].fillna(""), place=rows["step"].map(order))
    rows = rows.sort_values(["level", "place"], ignore_index=True)
    rows["name"] = [_STEPS[step] for step in rows["step"]]
    rows["level_name"] = [groups.name("level", level) if level else say("all") for level in rows["level"]]
    return rows


def all_steps(stage_times: pd.DataFrame) -> pd.DataFrame:
    """The steps over all tickets: the rows of the figure."""
    rows = steps(stage_times)
    return rows[rows["level"] == ""]


def steps_title(stage_times: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over the stages of a repair: where most of its time goes."""
    rows = all_steps(stage_times).dropna(subset=["share"])
    if rows.empty:
        return gap(status, PROMISED, VISITED, ARRIVED, CLOSED) or say(
            "Where a repair waits: cannot tell, too few tickets have every moment and time between them"
        )
    first = rows.sort_values(["share", "place"], ascending=[False, True]).iloc[0]
    return say(
        "The longest step of a repair: {step}, {share} of the hours from report to close",
        step=first["name"],
        share=percent(first["share"]),
    )


def again_title(repeats: pd.DataFrame, repeat_days: int, status: Mapping[str, Any]) -> Message:
    """The finding over machines reported again soon after a repair."""
    row = groups.whole(repeats)
    if row is None:
        return gap(status, PROMISED, AGAIN, CLOSED) or say(
            "Machines reported again after a repair: too few repairs to tell"
        )
    return say(
        "After {share} of {n} repairs the machine was reported again within {days} days ({low} to {high})",
        days=count(repeat_days),
        **groups.limits(row),
    )
