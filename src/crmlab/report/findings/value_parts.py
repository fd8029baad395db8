"""Sentences and rows about customer equity: the value to come of all customers, by part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_words import COSTS, PARTS, customers_said, range_of
from crmlab.report.messages import Message, count, is_missing, money, percent, say

if TYPE_CHECKING:
    import pandas as pd


def parts(equity: pd.DataFrame) -> pd.DataFrame:
    """Parts of the value to come in the order of `PARTS`, costs negative, with `name` in words; those that are nothing are left out."""
    rows = plain(equity[equity["part"].isin(list(PARTS))])
    rows["place"] = rows["part"].map({part: i for i, part in enumerate(PARTS)})
    rows = rows[rows["expected"].notna() & (rows["expected"] != 0)].sort_values("place", ignore_index=True)
    rows["name"] = [PARTS[part] for part in rows["part"]]
    return rows


def with_total(equity: pd.DataFrame) -> pd.DataFrame:
    """`parts`, and below them the value to come of all customers together."""
    import pandas as pd

    whole = plain(equity[equity["part"] == "to_come"])
    whole["name"] = [say("Value to come") for _ in range(len(whole))]
    return pd.concat([parts(equity), whole], ignore_index=True)


def unsigned_share(metrics: Mapping[str, Any]) -> float | None:
    """Share of the margin to come that hangs on contracts not yet signed; None where it cannot be told."""
    told = [metrics.get(part) for part in ("current", "potential", "renewals")]
    if any(map(is_missing, told)) or told[0] + told[1] <= 0:
        return None
    return told[2] / (told[0] + told[1])


def title(equity: pd.DataFrame) -> Message:
    """The finding over the parts: what brings most, and how much of the margin goes into service."""
    rows = parts(equity)
    income = rows[~rows["part"].isin(COSTS) & (rows["expected"] > 0)]
    if income.empty:
        return say("No margin is expected to come")
    most = income.loc[income["expected"].idxmax()]
    margin = rows.loc[~rows["part"].isin(COSTS), "expected"].sum()
    cost = -rows.loc[rows["part"].isin(COSTS), "expected"].sum()
    words = {"what": most["name"], "amount": money(most["expected"]), "margin": money(margin)}
    if not cost > 0:
        return say(
            "Most will come from {what}: {amount} of {margin}; what serving will cost is not known", **words
        )
    if margin <= cost:
        return say(
            "Most will come from {what}: {amount} of {margin}; serving will cost more than all of it, {cost}",
            **words,
            cost=money(cost),
        )
    return say(
        "Most will come from {what}: {amount} of {margin}; serving will cost {share} of that",
        **words,
        share=percent(cost / margin),
    )


def note(metrics: Mapping[str, Any], equity: pd.DataFrame) -> Message:
    """How to read the picture of parts, with the limits of their sum."""
    whole = plain(equity[equity["part"] == "to_come"])
    limits = range_of(whole["low"].iloc[0], whole["high"].iloc[0]) if len(whole) else None
    words = {"months": count(metrics.get("horizon_months")), "rate": percent(metrics.get("annual_discount"))}
    if limits is None:
        return say(
            "Margin to come over {months} months, discounted by {rate} a year: what comes in, then what it costs, then what is left.",
            **words,
        )
    return say(
        "Margin to come over {months} months, discounted by {rate} a year: what comes in, then what it costs, then what is left, with "
        "90 % limits {limits}. Limits of the sum are wider than those of its parts suggest where customers share a risk.",
        **words,
        limits=limits,
    )


def still_there(metrics: Mapping[str, Any]) -> Message:
    """The customers with something to come, in words; where their number is not known, those that have not left."""
    n = metrics.get("n_to_come")
    if is_missing(n):
        n = metrics["n_valued"] - (metrics.get("n_left") or 0)
    return customers_said(max(n, 1))


def customers_valued(metrics: Mapping[str, Any]) -> Message:
    """Of how many customers, over how many months."""
    return say(
        "{n} over {months} months", n=still_there(metrics), months=count(metrics.get("horizon_months"))
    )
