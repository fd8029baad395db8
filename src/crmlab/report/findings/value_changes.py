"""Sentences and rows about what has moved the value to come since a month ago."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, Value, day, is_missing, money, say

if TYPE_CHECKING:
    import pandas as pd

MATERIAL = 0.01
"""Share of the value by which it must have moved to be told as a change."""

STEPS = {
    "new": say("new customers"),
    "lost": say("lost customers"),
    "price": say("contract prices"),
    "chances": say("renewals, and a month gone by"),
    "purchases": say("purchases expected"),
    "replacements": say("machines due for replacement"),
    "cost": say("tickets and paid repairs"),
}
"""What the value has changed by."""
_BETTER = {
    "new": say("new customers"),
    "lost": say("lost customers that would have cost more than they brought"),
    "price": say("higher contract prices"),
    "chances": say("better renewals, and a month gone by"),
    "purchases": say("more purchases expected"),
    "replacements": say("more machines due for replacement"),
    "cost": say("a lower cost of tickets, paid repairs taken off"),
}
_WORSE = {
    "new": say("new customers that will cost more than they bring"),
    "lost": say("lost customers"),
    "price": say("lower contract prices"),
    "chances": say("worse renewals, and a month gone by"),
    "purchases": say("fewer purchases expected"),
    "replacements": say("fewer machines due for replacement"),
    "cost": say("a higher cost of tickets, paid repairs taken off"),
}
"""The same in words that say which way."""
_DO = {
    "new": say("check the terms that new customers get"),
    "lost": say("ask those that left why"),
    "price": say("check the prices of the latest contracts"),
    "chances": say("call those whose contracts end first"),
    "purchases": say("ask what holds the orders back"),
    "replacements": say("offer new machines to those that are due"),
    "cost": say("find which machines call more often"),
}
"""What to do where it has made the value fall."""
_RESTS_ON = {
    "price": ("current", "renewals"),
    "chances": ("current", "renewals"),
    "purchases": ("purchases",),
    "replacements": ("replacements",),
    "cost": ("ticket_cost", "care_cost", "paid_repairs"),
}
"""Parts of the value whose rates each step rests on; customers that came or went are counted, not estimated."""


def steps(changes: pd.DataFrame) -> pd.DataFrame:
    """The parts of the change since a month ago, in their order, with `name` in words; those that are nothing are left out."""
    rows = plain(changes[changes["what"].isin(list(STEPS))])
    rows = rows[rows["amount"].notna() & (rows["amount"] != 0)].sort_values("step", ignore_index=True)
    rows["name"] = [STEPS[what] for what in rows["what"]]
    return rows


def driver(change: Mapping[str, Any], equity: pd.DataFrame) -> tuple[str, float] | None:
    """What moved the value most in the direction in which it moved.

    None where nothing did, or where that is no more than its part of the value is known to: a standard deviation of what all
    customers share, as table equity has it.
    """
    moved = change["now"] - change["then"]
    told = {
        what: change[what] for what in STEPS if not is_missing(change.get(what)) and change[what] * moved > 0
    }
    if not told:
        return None
    what = max(told, key=lambda name: abs(told[name]))
    return (what, float(told[what])) if abs(told[what]) > _known_to(equity, what) else None


def _known_to(equity: pd.DataFrame, what: str) -> float:
    rows = plain(equity[equity["part"].isin(_RESTS_ON.get(what, ()))])
    return float(((rows["common"] * rows["expected"]).fillna(0.0) ** 2).sum() ** 0.5)


def _told(metrics: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The change since a month ago, where then and now are known."""
    change = metrics.get("change") or {}
    return None if any(is_missing(change.get(key)) for key in ("then", "now")) else change


def _since(change: Mapping[str, Any]) -> Value | Message:
    """The day that today is compared with."""
    return say("a month ago") if is_missing(change.get("since")) else day(change["since"])


def _moved(change: Mapping[str, Any]) -> float:
    """By how much the value moved; zero where it is not worth telling."""
    moved = change["now"] - change["then"]
    return 0.0 if abs(moved) < MATERIAL * max(abs(change["then"]), abs(change["now"])) else moved


def changed(metrics: Mapping[str, Any], equity: pd.DataFrame) -> Message | None:
    """The change since a month ago and what drove it, with what to do where it fell; None where it held, or cannot be told."""
    change = _told(metrics)
    if change is None or not (moved := _moved(change)):
        return None
    words = {"day": _since(change), "amount": money(abs(moved)), "now": money(change["now"])}
    most = driver(change, equity)
    if most is None:
        return None
    words |= {"what": (_BETTER if moved > 0 else _WORSE)[most[0]], "most": money(abs(most[1]))}
    if moved > 0:
        return say(
            "Against {day} the value to come has risen by {amount} to {now}, most of it by {what} ({most}): see that it lasts.",
            **words,
        )
    return say(
        "Against {day} the value to come has fallen by {amount} to {now}, most of it by {what} ({most}): {do}.",
        **words,
        do=_DO[most[0]],
    )


def change_title(metrics: Mapping[str, Any], equity: pd.DataFrame) -> Message:
    """The finding over the parts of the change; it has held where no part moved by more than it is known to."""
    change = _told(metrics)
    if change is None:
        return say("How the value to come has changed cannot be told: too little was known a month ago")
    words = {"day": _since(change), "then": money(change["then"]), "now": money(change["now"])}
    moved, most = _moved(change), driver(change, equity)
    if not moved or most is None:
        return say("The value to come has held: {now} against {then} ({day})", **words)
    words |= {"what": (_BETTER if moved > 0 else _WORSE)[most[0]], "most": money(abs(most[1]))}
    if moved > 0:
        return say(
            "The value to come rose from {then} ({day}) to {now}, most of it by {what} ({most})", **words
        )
    return say("The value to come fell from {then} ({day}) to {now}, most of it by {what} ({most})", **words)


CHANGES = say(
    "From the value to come a month ago, as today's data tell it, to today's. A price is that of contracts; a cost that rose takes value "
    "off. It is said to have held where the part that moved it most did so by no more than it is known to."
)
"""How to read the picture of the change."""


def month_ago(metrics: Mapping[str, Any]) -> Message | None:
    """What the value to come was a month ago, for its card; None where it cannot be told."""
    change = _told(metrics)
    if change is None:
        return None
    then = money(change["then"])
    if is_missing(change.get("since")):
        return say("{then} a month ago", then=then)
    return say("{then} on {day}", then=then, day=day(change["since"]))
