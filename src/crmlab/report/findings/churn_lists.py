"""Rows about contracts and customers to act on: whom to call first, whom to win back, who buys without a contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.buyers import STATES
from crmlab.report.findings.churn_reasons import reason
from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, Value, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd

SOON = 90
"""Days before its last day in which a contract is called about."""
FIRST = 10
"""Contracts that the overview lists."""
YEAR = 365
"""Days ahead of the list of the page."""


def in_words(rows: pd.DataFrame) -> pd.DataFrame:
    """`rows` of contracts or win_back with `name` (the id where no name is known) and `why` (reason in words)."""
    found = plain(rows)
    found["name"] = found["customer_name"].fillna(found["customer_id"])
    found["why"] = [reason(f, x) for f, x in zip(found["reason"], found["reason_value"], strict=True)]
    return found


def ending(contracts: pd.DataFrame, days: int = YEAR) -> pd.DataFrame:
    """The open contracts that end within `days`, the largest expected loss first, then the dearest.

    Beside the columns of table contracts: name, why, and `chance`, p_renew with its limits in words.
    """
    rows = in_words(contracts[contracts["days_to_end"] < days])
    rows["chance"] = [
        _chance(*figures) for figures in zip(rows["p_renew"], rows["low"], rows["high"], strict=True)
    ]
    order = ["expected_loss", "amount", "contract_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def _chance(p: float, low: float, high: float) -> Message | Value | None:
    if is_missing(p):
        return None
    if is_missing(low) or is_missing(high):
        return percent(p)
    return say("{p} ({low}–{high})", p=percent(p), low=percent(low), high=percent(high))


def ending_title(contracts: pd.DataFrame) -> Message:
    """The finding over the list: how many contracts hold half of what may be lost within a year."""
    rows = ending(contracts)
    if rows.empty:
        return say("No open contract ends within a year")
    if rows["expected_loss"].isna().all():
        return say(
            "{n} contracts worth {amount} end within a year; what may be lost cannot be told",
            n=count(len(rows)),
            amount=_worth(rows["amount"]),
        )
    loss = rows["expected_loss"].fillna(0)
    said = {"n": count(len(rows)), "amount": money(rows["amount"].sum()), "loss": money(loss.sum())}
    if not loss.sum():
        return say("{n} contracts worth {amount} end within a year; nothing is expected to be lost", **said)
    half = int((loss.cumsum() < loss.sum() / 2).sum()) + 1
    return say(
        "Half of the {loss} that may be lost within a year is in {few} of {n} contracts",
        **said,
        few=count(half),
    )


def _worth(amounts: pd.Series) -> Value:
    """The sum of what is known; none where no price is."""
    return money(None if amounts.isna().all() else amounts.sum())


def to_call(contracts: pd.DataFrame) -> pd.DataFrame:
    """The first `FIRST` rows of `ending` within `SOON` days."""
    return ending(contracts, SOON).head(FIRST)


def to_call_title(contracts: pd.DataFrame) -> Message:
    """How much is at stake in the calls of the next weeks, and how much of it in the first of them."""
    soon = ending(contracts, SOON)
    first = soon.head(FIRST)
    if soon.empty:
        return say("No contract ends within {days} days", days=count(SOON))
    if soon["expected_loss"].isna().all():
        return say(
            "{n} contracts worth {amount} end within {days} days; what may be lost cannot be told",
            n=count(len(soon)),
            amount=_worth(soon["amount"]),
            days=count(SOON),
        )
    return say(
        "{loss} may be lost within {days} days, {first} of it in the first {n} of {all} contracts",
        loss=money(soon["expected_loss"].sum()),
        days=count(SOON),
        first=money(first["expected_loss"].sum()),
        n=count(len(first)),
        all=count(len(soon)),
    )


def to_win_back(win_back: pd.DataFrame) -> pd.DataFrame:
    """Table win_back in words, the dearest contract first."""
    rows = in_words(win_back)
    return rows.sort_values(["yearly_amount", "customer_id"], ascending=[False, True], ignore_index=True)


def win_back_title(win_back: pd.DataFrame, metrics: Mapping[str, Any]) -> Message:
    """The finding over the win-back list: what the lost were worth, and how much of it the first of them."""
    rows, months = to_win_back(win_back), count(metrics.get("win_back_months"))
    if rows.empty:
        return say("No customer without a contract now was lost within {months} months", months=months)
    first = rows.head(FIRST)
    return say(
        "{n} customers lost within {months} months paid {amount} a year, the first {few} of them {most}",
        n=count(len(rows)),
        months=months,
        amount=_worth(rows["yearly_amount"]),
        few=count(len(first)),
        most=_worth(first["yearly_amount"]),
    )


def without_contract(uncontracted: pd.DataFrame) -> pd.DataFrame:
    """Table uncontracted in words, the most purchases expected first: with name, `state_said`, and `former_said` where a contract is past."""
    rows = plain(uncontracted)
    rows["name"] = rows["customer_name"].fillna(rows["customer_id"])
    rows["state_said"] = [STATES.get(state) for state in rows["state"]]
    rows["former_said"] = [
        say("had a contract") if former is True else None for former in rows["former"].astype(object)
    ]
    order = ["expected_amount", "amount", "customer_id"]
    return rows.sort_values(order, ascending=[False, False, True], ignore_index=True)


def without_contract_title(uncontracted: pd.DataFrame) -> Message:
    """The finding over customers without a contract: how many still buy, as far as it can be told."""
    n = count(len(uncontracted))
    states = uncontracted["state"].value_counts()
    told = {state: count(int(states.get(state, 0))) for state in ("buying", "quiet", "gone")}
    if uncontracted.empty:
        return say("No customer buys without a contract in force")
    if not any(value.value for value in told.values()):
        return say("Who of {n} customers without a contract still buys cannot be told", n=n)
    return say(
        "Of {n} customers without a contract {buying} still buy, {quiet} have gone quiet and {gone} are probably lost",
        n=n,
        **told,
    )


WITHOUT_CONTRACT = say(
    'Chance and state are those of the page "Purchases and sales": that somebody still is a customer at all. It is no chance of a '
    "renewal, is not to be compared with one, and is rather too high than too low. At stake: what would be bought if the customer "
    "surely were one, less what is expected. Who will buy most stands first: offer a contract to those, and call those that have gone "
    "quiet."
)
"""How to read the list of customers without a contract."""

WIN_BACK = say(
    'Still buys: the chance of the page "Purchases and sales". Chance before the end: that of a renewal, as today\'s model tells it from '
    "what was known a month before. Who had a good one may have left for a reason that is on no record: ask."
)
"""How to read the win-back list."""
