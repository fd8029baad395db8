"""Sentences about what service adds to value. Associations, no effects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
        "{finding}. That does not prove it to be the cause; still, {do}.",
        finding=_told(chain, row),
        do=_DO[row["what"]],
    )


_CONTRACTS = {
    ("promises", "some"): say("Contracts that met a broken promise"),
    ("second_visits", "some"): say("Contracts that met a second visit"),
    ("complaints", "ignored"): say("Contracts under which a complaint was left unsolved"),
    ("complaints", "solved"): say("Contracts under which a complaint was solved late"),
    ("complaints", "solved promptly"): say("Contracts under which a complaint was solved promptly"),
}
_CUSTOMERS = {
    ("promises", "some"): say("Customers that met a broken promise"),
    ("second_visits", "some"): say("Customers that met a second visit"),
    ("complaints", "ignored"): say("Customers with a complaint left unsolved"),
    ("complaints", "solved"): say("Customers with a complaint solved late"),
    ("complaints", "solved promptly"): say("Customers with a complaint solved promptly"),
}
"""Whom a difference is of, at the beginning of a sentence."""


_RENEWED = {
    True: say(
        "{who} were renewed less often: each is worth {each} less ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
    False: say(
        "{who} were renewed more often: each is worth {each} more ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
}
_WORTH = {
    True: say(
        "{who} are worth {each} less each ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
    False: say(
        "{who} are worth {each} more each ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
}
_BROUGHT = {
    True: say(
        "{who} brought {each} less each in the year after ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
    False: say(
        "{who} brought {each} more each in the year after ({low} to {high}), {amount} a year on average over all customers with a contract"
    ),
}
"""The difference in words, by whether it is less: with what renewals did, without, and of profit."""


def _told(chain: pd.DataFrame, row: pd.Series) -> Message:
    """One row as a sentence without its end: the difference for each that met it, and a year over all customers with a contract."""
    key, less = (row["what"], row["group"]), row["difference"] < 0
    low, high = sorted((abs(row["low"]), abs(row["high"])))
    words = {
        "each": money(abs(row["difference"])),
        "low": money(low),
        "high": money(high),
        "amount": money(abs(row["money"])),
    }
    if row["link"] == "profit":
        words["who"] = _CUSTOMERS.get(key, row["name"])
        return replace(_BROUGHT[less], values=words)
    words["who"] = _CONTRACTS.get(key, row["name"])
    told = _RENEWED if _renewed_less(chain, key) == less else _WORTH
    return replace(told[less], values=words)


def _renewed_less(chain: pd.DataFrame, key: tuple[str, str]) -> bool | None:
    """Whether such contracts were renewed less often; None where the chain does not say."""
    rows = in_points(chain)
    found = rows[(rows["link"] == "renewal") & (rows["what"] == key[0]) & (rows["group"] == key[1])]
    return None if found.empty else bool(found["difference"].iloc[0] < 0)


def money_title(chain: pd.DataFrame) -> Message:
    """The finding over the chain in money: what goes with less value, or with more, beyond chance."""
    if in_money(chain).empty:
        return say(
            "What service adds to value cannot be told: too few customers have met anything but good service"
        )
    for verdict in ("less", "more"):
        if (row := _surest(chain, verdict)) is not None:
            return _told(chain, row)
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
