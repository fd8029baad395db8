"""Sentences and rows about promises: which level keeps them, what could be promised, and what a faster promise would have cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import groups
from crmlab.report.findings.gaps import ARRIVED, BRANCHES, CLOSED, LEVELS, PROMISED, TIERS, VISITED, gap
from crmlab.report.messages import Message, count, is_missing, money, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

PROMISES = {
    "response": say("Response"),
    "fix": say("Repair"),
    "recorded": say("As the desk recorded"),
}
"""The promises in words; the last is what the desk itself put down, whatever it meant."""

_LINES = {"response": "response", "fix": "repair", "recorded": "as recorded"}
_LACKS = {"response": (VISITED, ARRIVED), "fix": (CLOSED,), "recorded": ()}


WHOLE = ("all", "")
"""What the metrics call all levels together."""


def headline(metrics: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """The promise that speaks for all, with its share and limits: response, else repair, else what the desk recorded."""
    for promise in PROMISES:
        if row := overall(metrics, promise):
            return promise, row
    return None


def overall(metrics: Mapping[str, Any], promise: str) -> Mapping[str, Any] | None:
    """How often `promise` was kept under all levels together; None where that cannot be told."""
    levels = metrics.get("attainment", {}).get(promise, {})
    return next((levels[name] for name in WHOLE if levels.get(name, {}).get("n")), None)


def furthest(metrics: Mapping[str, Any], keepable: pd.DataFrame, target: float) -> Message:
    """Which level misses its promise most, and what could be promised instead; or that none does, or that nothing tells.

    Parameters
    ----------
    metrics : of the stage; its `attainment` has the shares by level with their limits.
    keepable : table `keepable`, for the hours that could be promised.
    target : share of cases in which a promise worth making is kept (service.keepable).
    """
    found = [
        (promise, level, row)
        for promise in ("response", "fix")
        for level, row in metrics.get("attainment", {}).get(promise, {}).items()
        if level not in WHOLE and row.get("n")
    ]
    if not found:
        return _no_level(metrics)
    missed = [entry for entry in found if entry[2]["high"] < target]
    if not missed:
        return _none_missed(found, target)
    promise, level, row = min(missed, key=lambda entry: (entry[2]["share"], entry[1], entry[0]))
    said = {"promise": PROMISES[promise], "level": term("level", level), **groups.limits(row)}
    could = groups.plain(keepable[(keepable["promise"] == promise) & (keepable["level"] == level)])
    if could.empty or is_missing(could["hours"].iloc[0]):
        return say(
            "{promise} under {level} was in time for {share} of {n} tickets ({low} to {high}), the least of all; too few tickets "
            "say what could be promised instead.",
            **said,
        )
    could = could.iloc[0]
    said |= {
        "target": percent(target),
        "hours": number(could["hours"]),
        "range": _range(could["low"], could["high"]),
    }
    if is_missing(could["promised_h"]):
        return say(
            "{promise} under {level} was in time for {share} of {n} tickets ({low} to {high}), the least of all: promise {hours} "
            "hours ({range}), which {target} of last year's cases kept, or be faster.",
            **said,
        )
    return say(
        "{promise} under {level} was in time for {share} of {n} tickets ({low} to {high}), the least of all: promise {hours} hours "
        "({range}), which {target} of last year's cases kept, instead of {promised}, or be faster.",
        **said,
        promised=number(could["promised_h"]),
    )


def _range(low: float, high: float) -> Message:
    if is_missing(high):
        return say("at least {low}", low=number(low))
    return say("{low} to {high}", low=number(low), high=number(high))


def _no_level(metrics: Mapping[str, Any]) -> Message:
    found = headline(metrics)
    if found is None:
        return say(
            "Cannot tell whether promises were kept: no ticket has both a promise and the moment that answers it."
        )
    promise, row = found
    return say(
        "{promise} was in time for {share} of {n} tickets ({low} to {high}); no level has tickets enough to be told by itself.",
        promise=PROMISES[promise],
        **groups.limits(row),
    )


def _none_missed(found: list[tuple[str, str, Mapping[str, Any]]], target: float) -> Message:
    promise, level, row = min(found, key=lambda entry: (entry[2]["share"], entry[1], entry[0]))
    said = {"promise": PROMISES[promise], "level": term("level", level), "target": percent(target)}
    said |= groups.limits(row)
    if all(entry[2]["low"] >= target for entry in found):
        return say(
            "Every promise was kept in at least {target} of cases. The least kept: {promise} under {level}, {share} of {n} tickets "
            "({low} to {high}).",
            **said,
        )
    return say(
        "No promise misses {target} beyond chance. The least kept: {promise} under {level}, {share} of {n} tickets ({low} to "
        "{high}).",
        **said,
    )


def by_level(attainment: pd.DataFrame, promise: str) -> pd.DataFrame:
    """The levels by how often `promise` was kept, the least first, with what the desk recorded (`recorded`)."""
    rows = groups.of(attainment[attainment["promise"] == promise], "level")
    recorded = groups.of(attainment[attainment["promise"] == "recorded"], "level")
    return rows.assign(recorded=rows["group"].map(recorded.set_index("group")["share"]).astype(float))


def mark(rows: pd.DataFrame) -> str | None:
    """The column that a figure marks beside what was measured: what the desk recorded, where it recorded anything."""
    return "recorded" if rows["recorded"].notna().any() else None


def least(rows: pd.DataFrame) -> str | None:
    """The group that stands out in a figure: the one that surely keeps its promise less often than another."""
    apart = groups.apart(rows)
    return apart[0]["group"] if apart else None


def level_title(rows: pd.DataFrame, promise: str, status: Mapping[str, Any]) -> Message:
    """The finding over the levels: which keeps the promise least, and which most, where limits tell."""
    said = {"promise": PROMISES[promise]}
    if rows.empty:
        return gap(status, PROMISED, *_LACKS[promise], LEVELS) or say(
            "{promise} by service level: too few tickets of a level have such a promise and can be told",
            **said,
        )
    if apart := groups.apart(rows):
        worst, best = apart
        return say(
            "{promise} is in time less often under {worst} ({share}) than under {best} ({most})",
            **said,
            worst=term("level", worst["group"]),
            share=percent(worst["share"], 1),
            best=term("level", best["group"]),
            most=percent(best["share"], 1),
        )
    if len(rows) == 1:
        return say(
            "{promise} under {level} was in time for {share} of {n} tickets ({low} to {high})",
            **said,
            level=term("level", rows["group"].iloc[0]),
            **groups.limits(rows.iloc[0]),
        )
    return say("{promise} in time: cannot tell service levels apart", **said)


def level_note(rows: pd.DataFrame) -> Message:
    """How to read the figure of levels."""
    if mark(rows):
        return say(
            "Share of tickets of the last twelve months, on the clock of their level, with 95 % limits. The tick, and the second "
            "figure, is what the desk itself recorded."
        )
    return say("Share of tickets of the last twelve months, on the clock of their level, with 95 % limits.")


def by_month(attainment: pd.DataFrame, until: str) -> pd.DataFrame:
    """The last two years month by month, with `line`, the word that names the line of each promise."""
    rows = groups.last_months(attainment, until)
    order = {promise: place for place, promise in enumerate(PROMISES)}
    rows = rows.assign(line=rows["promise"].map(_LINES), place=rows["promise"].map(order))
    return rows.sort_values(["place", "group"], ignore_index=True)


def month_title(months: pd.DataFrame, until: str) -> Message:
    """The finding over the months: the last twelve against the twelve before, for the promise that speaks for all."""
    for promise in PROMISES:
        found = groups.year_on_year(months[months["promise"] == promise], "kept", until)
        if found:
            break
    else:
        return say("Promises kept by month: too few to compare with the year before")
    moved, now, then = found
    said = {"promise": PROMISES[promise], "now": percent(now, 1), "then": percent(then, 1)}
    if moved == "rose":
        return say(
            "{promise} in time: rose to {now} in the last twelve months, from {then} in the twelve before",
            **said,
        )
    if moved == "fell":
        return say(
            "{promise} in time: fell to {now} in the last twelve months, from {then} in the twelve before",
            **said,
        )
    return say(
        "{promise} in time: held, {now} in the last twelve months, {then} in the twelve before", **said
    )


def by_group(attainment: pd.DataFrame) -> pd.DataFrame:
    """Branches, then tiers, one row each: `name`, `kind`, and for response and fix n, share, low, high (response_share …)."""
    import pandas as pd

    rows = groups.named(attainment, ("branch", "tier"))
    key = ["place", "of", "group"]
    parts = [
        rows[rows["promise"] == promise]
        .set_index(key)[["n", "share", "low", "high"]]
        .add_prefix(f"{promise}_")
        for promise in ("response", "fix")
    ]
    wide = pd.concat(parts, axis=1).reset_index()
    wide = wide.sort_values(["place", "response_share", "fix_share", "group"], ignore_index=True)
    wide["name"] = [groups.name(kind, group) for kind, group in zip(wide["of"], wide["group"], strict=True)]
    wide["kind"] = [groups.KINDS[kind] for kind in wide["of"]]
    return wide.dropna(subset=["response_share", "fix_share"], how="all")


def group_title(attainment: pd.DataFrame, status: Mapping[str, Any]) -> Message:
    """The finding over branches and tiers: the branch that keeps its promises least, where limits tell."""
    for promise in ("response", "fix"):
        rows = groups.of(attainment[attainment["promise"] == promise], "branch")
        if apart := groups.apart(rows):
            worst, best = apart
            return say(
                "{promise} is in time less often from {worst} ({share}) than from {best} ({most})",
                promise=PROMISES[promise],
                worst=worst["group"],
                share=percent(worst["share"], 1),
                best=best["group"],
                most=percent(best["share"], 1),
            )
    told = attainment[attainment["of"] == "branch"]["group"].nunique()
    if told > 1:
        return say("Promises by branch and tier: cannot tell branches apart")
    if told == 1:
        return say("Promises by branch and tier: there is one branch only")
    if (attainment["of"] == "tier").any():
        return say("Promises by customer tier")
    return gap(status, PROMISED, BRANCHES, TIERS) or say("Promises by branch and tier: too few to tell")


def promised(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of `keepable` or `faster`, response before repair, with `name`, the promise in words."""
    order = {promise: place for place, promise in enumerate(PROMISES)}
    rows = groups.plain(frame)
    rows = rows.assign(place=rows["promise"].map(order), back=-rows["promised_h"])
    rows = rows.sort_values(["place", "level", "back"], ignore_index=True)
    rows["name"] = [PROMISES[promise] for promise in rows["promise"]]
    return rows


def keepable_title(keepable: pd.DataFrame, target: float, status: Mapping[str, Any]) -> Message:
    """The finding over what could be promised: how many promises are too short, or longer than need be, beyond their limits."""
    rows = groups.plain(keepable).dropna(subset=["hours", "promised_h"])
    said = {"target": percent(target), "all": count(len(rows))}
    if rows.empty:
        return gap(status, PROMISED, VISITED, ARRIVED, LEVELS) or say(
            "What could be promised: cannot tell, too few tickets of the last twelve months"
        )
    short = int((rows["low"] > rows["promised_h"]).sum())
    long = int((rows["high"] < rows["promised_h"]).sum())
    if short:
        return say("Promises shorter than what {target} of cases keep: {n} of {all}", n=count(short), **said)
    if long:
        return say(
            "Promises that could be shorter and still be kept in {target} of cases: {n} of {all}",
            n=count(long),
            **said,
        )
    return say("Promises shorter than what {target} of cases keep, beyond chance: none of {all}", **said)


def faster_title(faster: pd.DataFrame) -> Message:
    """The finding over faster promises: what the mildest of the commonest level would have cost."""
    if faster.empty:
        return say(
            "What a faster promise would have cost: cannot tell, too few tickets of the last twelve months"
        )
    rows = promised(faster).sort_values(["place", "n", "level", "back"], ascending=[True, False, True, True])
    row = rows.iloc[0]
    said = {
        "promise": PROMISES[row["promise"]],
        "level": term("level", row["level"]),
        "hours": number(row["promised_h"]),
        "more": count(row["more_broken"]),
    }
    if not row["more_broken"]:
        return say("{promise} within {hours} hours under {level} would have broken no promise more", **said)
    if not row["cost"] > 0:
        return say(
            "{promise} within {hours} hours under {level} would have broken {more} promises more", **said
        )
    return say(
        "{promise} within {hours} hours under {level} would have broken {more} promises more, and cost {cost}",
        **said,
        cost=money(row["cost"]),
    )
