"""Sentences and rows about what has moved the value to come since a month ago, and what would move it."""

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
    "chances": say("chances of renewal"),
    "purchases": say("purchases expected"),
    "replacements": say("machines due for replacement"),
    "cost": say("cost to serve"),
}
"""What the value has changed by."""
_BETTER = {
    "new": say("new customers"),
    "lost": say("lost customers that would have cost more than they brought"),
    "price": say("higher contract prices"),
    "chances": say("better chances of renewal"),
    "purchases": say("more purchases expected"),
    "replacements": say("more machines due for replacement"),
    "cost": say("a lower cost to serve"),
}
_WORSE = {
    "new": say("new customers that will cost more than they bring"),
    "lost": say("lost customers"),
    "price": say("lower contract prices"),
    "chances": say("worse chances of renewal"),
    "purchases": say("fewer purchases expected"),
    "replacements": say("fewer machines due for replacement"),
    "cost": say("a higher cost to serve"),
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

WHAT_IF = {
    "renewal_plus_1": say("one point more contracts renewed"),
    "cost_minus_10": say("cost to serve 10 % lower"),
    "discount_plus_1": say("discount rate one point higher"),
    "discount_minus_1": say("discount rate one point lower"),
}


def steps(changes: pd.DataFrame) -> pd.DataFrame:
    """The parts of the change since a month ago, in their order, with `name` in words; those that are nothing are left out."""
    rows = plain(changes[changes["what"].isin(list(STEPS))])
    rows = rows[rows["amount"].notna() & (rows["amount"] != 0)].sort_values("step", ignore_index=True)
    rows["name"] = [STEPS[what] for what in rows["what"]]
    return rows


def driver(change: Mapping[str, Any]) -> tuple[str, float] | None:
    """What moved the value most in the direction in which it moved; None where nothing did."""
    moved = change["now"] - change["then"]
    told = {
        what: change[what] for what in STEPS if not is_missing(change.get(what)) and change[what] * moved > 0
    }
    if not told:
        return None
    what = max(told, key=lambda name: abs(told[name]))
    return what, float(told[what])


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


def changed(metrics: Mapping[str, Any]) -> Message | None:
    """The change since a month ago and what drove it, with what to do where it fell; None where it held, or cannot be told."""
    change = _told(metrics)
    if change is None or not (moved := _moved(change)):
        return None
    words = {"day": _since(change), "amount": money(abs(moved)), "now": money(change["now"])}
    most = driver(change)
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


def change_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the parts of the change."""
    change = _told(metrics)
    if change is None:
        return say("How the value to come has changed cannot be told: too little was known a month ago")
    words = {"day": _since(change), "then": money(change["then"]), "now": money(change["now"])}
    moved, most = _moved(change), driver(change)
    if not moved or most is None:
        return say("The value to come has held: {now} against {then} ({day})", **words)
    words |= {"what": (_BETTER if moved > 0 else _WORSE)[most[0]], "most": money(abs(most[1]))}
    if moved > 0:
        return say(
            "The value to come rose from {then} ({day}) to {now}, most of it by {what} ({most})", **words
        )
    return say("The value to come fell from {then} ({day}) to {now}, most of it by {what} ({most})", **words)


CHANGES = say(
    "From the value to come a month ago, as today's data tell it, to today's. A price is that of contracts, a chance that of their "
    "renewal; a cost that rose takes value off."
)
"""How to read the picture of the change."""


def month_ago(metrics: Mapping[str, Any]) -> Message | None:
    """What the value to come was a month ago, for its card; None where it cannot be told."""
    change = _told(metrics)
    if change is None:
        return None
    moved = change["now"] - change["then"]
    words = {"day": _since(change), "amount": money(abs(moved))}
    if not _moved(change):
        return say("unchanged against {day}", **words)
    return (
        say("up {amount} against {day}", **words)
        if moved > 0
        else say("down {amount} against {day}", **words)
    )


def what_if(sensitivities: pd.DataFrame) -> pd.DataFrame:
    """Table sensitivities with `name` in words, `percent` of the value as stated, and the largest change first."""
    rows = plain(sensitivities)
    stated = (rows["to_come"] - rows["change"]).abs()
    rows["percent"] = (rows["change"] / stated).where(stated > 0)
    rows["name"] = [WHAT_IF.get(what, what) for what in rows["what"]]
    rows["size"] = rows["change"].abs()
    return rows.sort_values(["size", "what"], ascending=[False, True], ignore_index=True)


def what_if_title(sensitivities: pd.DataFrame) -> Message:
    """The finding over the sensitivities: what one point of renewals and a tenth of the cost are worth."""
    rows = plain(sensitivities).dropna(subset=["change"]).set_index("what")["change"]
    renewal, cost = rows.get("renewal_plus_1"), rows.get("cost_minus_10")
    if not is_missing(renewal) and not is_missing(cost):
        return say(
            "One point more contracts renewed is worth {renewal}, a tenth less cost to serve {cost}",
            renewal=money(renewal),
            cost=money(cost),
        )
    if not is_missing(renewal):
        return say("One point more contracts renewed is worth {renewal}", renewal=money(renewal))
    if not is_missing(cost):
        return say("A tenth less cost to serve is worth {cost}", cost=money(cost))
    return say("What would move the value to come cannot be told")
