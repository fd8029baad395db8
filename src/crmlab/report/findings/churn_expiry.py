"""Sentences and rows about value at risk by the month in which contracts end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, count, money, month, say

if TYPE_CHECKING:
    import pandas as pd

PARTS = {"expected_loss": "probably lost", "expected_renewed": "probably renewed", "untold": "cannot tell"}
"""Columns of the value of a month, and the words of the catalogue's context "expiry"."""


def by_month(expiry: pd.DataFrame) -> pd.DataFrame:
    """Table expiry in order, with `untold`: the price of months whose chances are not all known."""
    rows = plain(expiry).sort_values("month", ignore_index=True)
    rows["untold"] = rows["amount"].where(rows["expected_loss"].isna() & (rows["contracts"] > 0), 0.0)
    return rows


def parts(expiry: pd.DataFrame) -> pd.DataFrame:
    """The columns of the chart: month, part, amount; only parts that there are, and no rows where no contract ends."""
    rows = by_month(expiry)
    found = (
        rows[["month", *PARTS]].melt("month", var_name="part", value_name="amount").fillna({"amount": 0.0})
    )
    there = found.groupby("part")["amount"].transform("sum") > 0
    return found[there].assign(part=lambda x: x["part"].map(PARTS)).reset_index(drop=True)


def worst(expiry: pd.DataFrame) -> pd.Series | None:
    """The month in which most may be lost; None where nothing is expected to be, or no chance is known."""
    rows = by_month(expiry)
    rows = rows[rows["expected_loss"] > 0]
    return None if rows.empty else rows.loc[rows["expected_loss"].idxmax()]


def title(expiry: pd.DataFrame) -> Message:
    """The finding over the value at risk: the month in which most may be lost."""
    rows = by_month(expiry)
    rows = rows[rows["contracts"] > 0]
    if rows.empty:
        return say("No open contract ends within a year")
    most = worst(expiry)
    shown = rows.loc[rows["amount"].idxmax()] if most is None else most
    said = {
        "month": month(shown["month"]),
        "amount": money(shown["amount"]),
        "n": count(shown["contracts"]),
        "all": count(rows["contracts"].sum()),
    }
    if most is not None:
        return say(
            "Most may be lost in {month}: {loss} of {amount}, in {n} of {all} contracts that end within a year",
            **said,
            loss=money(most["expected_loss"]),
        )
    if rows["expected_loss"].isna().any():
        return say(
            "Most ends in {month}: {amount}, in {n} of {all} contracts that end within a year; how much may be lost cannot be told",
            **said,
        )
    return say(
        "Most ends in {month}: {amount}, in {n} of {all} contracts that end within a year; nothing is expected to be lost",
        **said,
    )
