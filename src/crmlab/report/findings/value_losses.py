"""Sentences and rows about customers that cost more than they bring, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.value_reasons import DO, REASONS
from crmlab.report.findings.value_tenths import lowest_tenth
from crmlab.report.findings.value_words import customers_said, in_words, unlisted
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    import pandas as pd


def losing(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers whose value to come is negative, the largest loss first.

    Beside the columns of table customers: those of `in_words`, `sure` (in words: even the upper limit is a loss), and `do` (what to do, of those on
    the customer file).
    """
    rows = in_words(customers)
    rows = rows[rows["to_come"] < 0].sort_values(["to_come", "customer_id"], ignore_index=True)
    rows["sure"] = [say("surely") if high < 0 else say("probably") for high in rows["high"]]
    rows["do"] = [DO.get(reason) for reason in rows["reason"]]
    return rows


def commonest(customers: pd.DataFrame) -> tuple[str, int] | None:
    """The most frequent reason among customers on file that lose money, and how many have it; None where no reason is known."""
    n = losing(customers)["reason"].value_counts()
    if n.empty:
        return None
    name = min(n.index[n == n.max()])
    return str(name), int(n.max())


def attention(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message | None:
    """How many customers lose money, how much, the commonest reason and what to do; None without a cost to serve to tell it by.

    Those that are not on the customer file are named apart.
    """
    n = metrics.get("n_negative")
    if is_missing(n) or not (n or metrics.get("cost_to_come")):
        return None
    rows, most = losing(customers), commonest(customers)
    strange = rows[unlisted(rows)]
    if strange.empty:
        return _of_known(metrics, rows, most)
    words = {"n": customers_said(len(strange)), "loss": money(-strange["to_come"].sum())}
    if not n:
        return say("Only names that are not on the customer file lose money, {loss}: check them.", **words)
    return sentences(
        [
            _of_known(metrics, rows, most),
            say("Not counted: {n} not on the customer file ({loss}); check the names.", **words),
        ]
    )


def _of_known(metrics: Mapping[str, Any], rows: pd.DataFrame, most: tuple[str, int] | None) -> Message:
    """What customers on file lose, and why; `rows` as of `losing`, `most` as of `commonest`."""
    n, months = metrics["n_negative"], count(metrics.get("horizon_months"))
    if not n:
        return say("No customer is expected to cost more than it brings over {months} months.", months=months)
    words = {"n": customers_said(n), "loss": money(-metrics["negative_to_come"]), "months": months}
    if rows.empty or most is None:
        return say(
            "{n} will cost {loss} more than they bring over {months} months: review the price or the service.",
            **words,
        )
    first = rows[rows["reason"] == most[0]].iloc[0]
    return say(
        "{n} will cost {loss} more than they bring over {months} months, the commonest reason is {reason} ({k}): {do}. Begin with "
        "{customer} ({most}).",
        **words,
        reason=REASONS[most[0]],
        k=count(most[1]),
        do=DO[most[0]],
        customer=first["name"],
        most=money(-first["to_come"]),
    )


def title(metrics: Mapping[str, Any], customers: pd.DataFrame) -> Message:
    """The finding over the list: how many lose money, of how many it is sure, and how much of the loss the first ten make."""
    rows = losing(customers)
    if rows.empty:
        if not metrics.get("cost_to_come"):
            return say("Who costs more than it brings cannot be told: no cost to serve is known")
        return say("No customer is expected to cost more than it brings")
    strange = unlisted(rows)
    rows, k = rows[~strange], int(strange.sum())
    if rows.empty:
        return say("Only names that are not on the customer file cost more than they bring: {n}", n=count(k))
    told = _share_of_first(rows)
    return (
        told if not k else say("{finding}; not counted: {k} not on file", finding=told, k=customers_said(k))
    )


def _share_of_first(rows: pd.DataFrame) -> Message:
    first = rows.head(_FIRST)
    share = float(first["to_come"].sum() / rows["to_come"].sum())
    sure = int((rows["high"] < 0).sum())
    return say(
        "{n} will cost more than they bring, {sure} of them surely; the first {few} make {share} of the loss",
        n=customers_said(len(rows)),
        sure=count(sure),
        few=count(len(first)),
        share=percent(share),
    )


_FIRST = 10


def note(backtest: pd.DataFrame) -> Message | str:
    """How to read the list, and whether those stated to lose money a year ago did."""
    held = lowest_tenth(backtest, 1)
    return LOSSES if held is None else sentences([LOSSES, held])


LOSSES = say(
    "The largest loss first. Value to come is net of the cost to serve and may be negative: then tickets and care are expected to "
    "cost more than contracts, purchases and repairs bring. Surely: the upper 90 % limit is negative too. The reason is what costs most beside "
    "customers like it: a contract price is held against that of the same service level (of all, where too few have it). It goes with "
    "the loss, which does not prove it to be the cause. Who is not on the customer file has no reason before the name is checked."
)
"""How to read the list of customers that lose money."""
