"""Rows of what service adds to value, link by link: second visit, broken promise, complaint, renewal, profit, value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.findings.churn_factors import MET
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, is_missing, money, number, say

if TYPE_CHECKING:
    import pandas as pd

LINKS = {
    "complaint": say("a complaint follows"),
    "renewal": say("the contract is renewed"),
    "profit": say("profit of the year after"),
    "value": say("value, by way of renewals"),
}
"""What each link of the chain ends in."""
_SHORT = {
    "complaint": say("complaint"),
    "renewal": say("renewal"),
    "profit": say("profit"),
    "value": say("value"),
}
"""The same beside a point of a picture."""
SHARES = ("complaint", "renewal")
"""Links whose differences are points of a share; those of the others are money."""
VERDICTS = {"more": say("more"), "less": say("less"), "cannot_tell": say("cannot tell")}


def links(chain: pd.DataFrame) -> pd.DataFrame:
    """Table chain in words, link by link: `name`, `link_said`, `label` of the pictures, `difference_said`, `money_said`, `verdict_said`."""
    rows = plain(chain)
    places = {link: place for place, link in enumerate(LINKS)}
    order = {key: place for place, key in enumerate(MET)}
    keys = list(zip(rows["what"], rows["group"], strict=True))
    rows["place"] = rows["link"].map(places).astype(float)
    rows["order"] = [float(order.get(key, len(order))) for key in keys]
    rows["name"] = [MET.get(key, say("{what}: {value}", what=key[0], value=key[1])) for key in keys]
    rows["link_said"] = [LINKS.get(link, link) for link in rows["link"]]
    rows["label"] = [
        say("{what}: {value}", what=name, value=link)
        for name, link in zip(rows["name"], rows["link"].map(_SHORT), strict=True)
    ]
    differences = rows[["link", "difference", "low", "high"]].itertuples(index=False, name=None)
    rows["difference_said"] = [
        _points(*figures) if link in SHARES else _amount(*figures) for link, *figures in differences
    ]
    amounts = rows[["money", "money_low", "money_high"]].itertuples(index=False, name=None)
    rows["money_said"] = [_amount(*figures) for figures in amounts]
    rows["verdict_said"] = [VERDICTS.get(verdict, VERDICTS["cannot_tell"]) for verdict in rows["verdict"]]
    return rows.sort_values(["place", "order", "what", "group"], ignore_index=True)


def _points(difference: float, low: float, high: float) -> Message | None:
    if is_missing(difference):
        return None
    if is_missing(low) or is_missing(high):
        return say("{n} points", n=number(100 * difference))
    return say(
        "{n} points ({low} to {high})",
        n=number(100 * difference),
        low=number(100 * low),
        high=number(100 * high),
    )


def _amount(amount: float, low: float, high: float) -> Any:
    if is_missing(amount):
        return None
    if is_missing(low) or is_missing(high):
        return money(amount)
    return say("{p} ({low} to {high})", p=money(amount), low=money(low), high=money(high))


def in_money(chain: pd.DataFrame) -> pd.DataFrame:
    """The rows of `links` that are drawn in money: differences in profit and in value, with their limits."""
    rows = links(chain).dropna(subset=["money", "money_low", "money_high"])
    return rows[rows["link"].isin(["profit", "value"])].reset_index(drop=True)


def in_points(chain: pd.DataFrame) -> pd.DataFrame:
    """The rows of `links` that are drawn as differences of a share, with their limits."""
    rows = links(chain).dropna(subset=["difference", "low", "high"])
    return rows[rows["link"].isin(SHARES)].reset_index(drop=True)
