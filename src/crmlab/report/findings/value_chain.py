"""Sentences about what service adds to value. Associations, no effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.value_links import in_money, in_points
from crmlab.report.messages import Message, count, money, number, say

if TYPE_CHECKING:
    import pandas as pd

_DO = {
    "promises": say("keep the promises to those worth most before all others"),
    "second_visits": say(
        "send the right parts and the right engineer to those worth most at the first visit"
    ),
    "complaints": say("answer complaints of those worth most the same day"),
}


def _surest(chain: pd.DataFrame, verdict: str) -> pd.Series | None:
    """The largest difference in money that is sure to be less, or more; that of value before that of profit."""
    rows = in_money(chain)
    rows = rows[(rows["verdict"] == verdict) & (rows["group"] != "none")]
    for link in ("value", "profit"):
        part = rows[rows["link"] == link]
        if len(part):
            return part.loc[part["money"].abs().idxmax()]
    return None


def attention(chain: pd.DataFrame) -> Message | None:
    """What costs most value in service, and what to do; None where nothing can be told."""
    row = _surest(chain, "less")
    if row is None or row["what"] not in _DO:
        return None
    return say(
        "{name} goes with {amount} less from each customer with a contract a year ({low} to {high}), {link}: {do}. That does not prove it to be the cause.",
        do=_DO[row["what"]],
        **_figures(row),
    )


def _figures(row: pd.Series) -> dict[str, Any]:
    low, high = sorted((abs(row["money_low"]), abs(row["money_high"])))
    return {
        "name": _CAPITAL.get((row["what"], row["group"]), row["name"]),
        "link": row["link_said"],
        "amount": money(abs(row["money"])),
        "low": money(low),
        "high": money(high),
    }


_CAPITAL = {
    ("promises", "some"): say("A broken promise"),
    ("second_visits", "some"): say("A second visit"),
    ("complaints", "ignored"): say("A complaint left unsolved"),
    ("complaints", "solved"): say("A complaint solved late"),
    ("complaints", "solved promptly"): say("A complaint solved promptly"),
}
"""The same at the beginning of a sentence."""


def money_title(chain: pd.DataFrame) -> Message:
    """The finding over the chain in money: what goes with less value, or with more, beyond chance."""
    if in_money(chain).empty:
        return say(
            "What service adds to value cannot be told: too few customers have met anything but good service"
        )
    less, more = _surest(chain, "less"), _surest(chain, "more")
    if less is not None:
        return say(
            "{name} goes with {amount} less from each customer with a contract a year ({low} to {high}), {link}",
            **_figures(less),
        )
    if more is not None:
        return say(
            "{name} goes with {amount} more from each customer with a contract a year ({low} to {high}), {link}",
            **_figures(more),
        )
    return say("What service adds to value cannot be told yet: all limits hold zero")


def links_title(chain: pd.DataFrame) -> Message:
    """The finding over the links before money: how many of them can be told."""
    rows = in_points(chain)
    if rows.empty:
        return say("Whether bad service goes with complaints and fewer renewals cannot be told")
    sure = rows[rows["verdict"].isin(["more", "less"])]
    if sure.empty:
        return say(
            "From service to complaint and renewal: of {n} links none can be told from chance",
            n=count(len(rows)),
        )
    first = sure.loc[sure["difference"].abs().idxmax()]
    words = {
        "k": count(len(sure)),
        "n": count(len(rows)),
        "name": say("{what}: {value}", what=first["name"], value=first["link_said"]),
    }
    points = number(100 * abs(first["difference"]))
    if first["difference"] > 0:
        return say(
            "{k} of {n} links are beyond chance; the strongest: {name}, {points} points more often",
            **words,
            points=points,
        )
    return say(
        "{k} of {n} links are beyond chance; the strongest: {name}, {points} points less often",
        **words,
        points=points,
    )


MONEY = say(
    "Money per customer with a contract and year, with 95 % limits that all rows with the same end hold at once, against customers or "
    "contracts alike in machines, tickets, service level and years as a customer (profit: also in margin before). Limits that hold zero "
    "cannot tell. By way of renewals: the difference in renewal × what a renewal is worth × how often it happens. Rows overlap: do not add "
    "them up. Associations, not effects."
)
"""How to read the chain in money."""

POINTS = say(
    "Difference in percentage points with 95 % limits that all rows with the same end hold at once, against tickets or contracts alike "
    "without it: whether a complaint followed a ticket, whether a contract was renewed. Associations, not effects."
)
"""How to read the links before money."""
