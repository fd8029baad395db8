"""Sentences and rows about what the value to come would be if one thing were different."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, is_missing, money, say

if TYPE_CHECKING:
    import pandas as pd

WHAT_IF = {
    "renewal_plus_1": say("one point more contracts renewed"),
    "cost_minus_10": say("cost to serve 10 % lower"),
    "discount_plus_1": say("discount rate one point higher"),
    "discount_minus_1": say("discount rate one point lower"),
}


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
