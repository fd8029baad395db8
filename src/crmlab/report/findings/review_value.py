"""What one customer brought and is worth: for the company alone. A review that goes to the customer shows none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.files import read_table
from crmlab.report.findings.value_words import (
    COLUMNS,
    COMPONENTS,
    PARTS,
    SPENT,
    in_words,
    labelled,
    range_of,
)
from crmlab.report.messages import Message, count, is_missing, money, percent, say, sentences

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

_SUMS = {
    "current": (say("Contracts signed"), None, None, 1),
    "potential": (say("Potential"), "potential_low", "potential_high", 1),
    "cost_to_come": (say("Cost to serve to come"), "cost_low", "cost_high", -1),
    "to_come": (say("Value to come"), "low", "high", 1),
}


def of_customer(path: Path, ident: str, inside: bool) -> pd.DataFrame:
    """The row of one customer in words (`value_words.in_words`); none, and nothing is read, where the review is not `inside` the company.

    `path` is table customers of the stage `value`.
    """
    import pandas as pd

    if not inside:
        return pd.DataFrame()
    customers = read_table(path)
    return in_words(customers[customers["customer_id"] == ident]).reset_index(drop=True)


def lead(inside: bool) -> Message:
    """What the review holds, under its name; that it stays in the company where it does."""
    if inside:
        return say(
            "For the company alone, not to be handed out: machines, contracts, service, what is open, what comes next, and what the "
            "customer is worth"
        )
    return say("Machines, contracts, service in the last 12 months, what is open and what comes next")


def to_date(row: pd.DataFrame) -> pd.DataFrame:
    """Profit to date by component, costs negative: columns name, amount; those that are nothing are left out."""
    import pandas as pd

    found = [
        (COMPONENTS[name], -row[column].iloc[0] if name in SPENT else row[column].iloc[0])
        for name, column in COLUMNS.items()
        if len(row) and not is_missing(row[column].iloc[0]) and row[column].iloc[0]
    ]
    return pd.DataFrame(found, columns=["name", "amount"])


def to_date_title(row: pd.DataFrame, metrics: Mapping[str, Any]) -> Message:
    """The finding over the profit to date: what came in, and what serving cost of it."""
    if row.empty:
        return say("Nothing is on record that this customer brought or cost")
    x = row.iloc[0]
    words = {"profit": money(x["historical"]), "margin": money(x["margin"]), "cost": money(x["service_cost"])}
    if x["historical"] < 0:
        return labelled(
            say("Lost to date: {profit}, from a margin of {margin} and {cost} for serving", **words), metrics
        )
    return labelled(
        say("Earned to date: {profit}, from a margin of {margin} and {cost} for serving", **words), metrics
    )


def ahead(row: pd.DataFrame) -> pd.DataFrame:
    """Value to come by part, costs negative: columns name, amount; those that are nothing are left out."""
    import pandas as pd

    found = [
        (name, -row[part].iloc[0] if part.endswith("_cost") else row[part].iloc[0])
        for part, name in PARTS.items()
        if len(row) and not is_missing(row[part].iloc[0]) and row[part].iloc[0]
    ]
    return pd.DataFrame(found, columns=["name", "amount"])


def sums(row: pd.DataFrame) -> pd.DataFrame:
    """The sums of the value to come with their 90 % limits: columns name, amount, low, high."""
    import pandas as pd

    found = []
    for column, (name, low, high, sign) in _SUMS.items():
        if row.empty:
            continue
        ends = [sign * row[end].iloc[0] if end else None for end in (low, high)]
        found.append((name, sign * row[column].iloc[0], *(ends if sign > 0 else ends[::-1])))
    return pd.DataFrame(found, columns=["name", "amount", "low", "high"])


def ahead_title(row: pd.DataFrame, metrics: Mapping[str, Any]) -> Message:
    """The finding over the value to come: how much, between which limits, and why where it is a loss."""
    if row.empty:
        return say("What this customer is worth cannot be told")
    x, months = row.iloc[0], count(metrics.get("horizon_months"))
    words = {"worth": money(x["to_come"]), "range": range_of(x["low"], x["high"]) or "", "months": months}
    if x["to_come"] >= 0:
        return labelled(say("Worth {worth} over {months} months, 90 % limits {range}", **words), metrics)
    if x["why"] is None:
        return labelled(
            say(
                "Costs more than it brings over {months} months: {worth}, 90 % limits {range}",
                **words,
            ),
            metrics,
        )
    return labelled(
        say(
            "Costs more than it brings over {months} months: {worth}, 90 % limits {range} ({why})",
            **words,
            why=x["why"],
        ),
        metrics,
    )


def note(row: pd.DataFrame) -> Message | str | None:
    """What the value rests on, and the chance to stay; that it is not for the customer."""
    if row.empty:
        return None
    x = row.iloc[0]
    said = [say("For the company alone: do not hand this page out.")]
    if not is_missing(x["p_retained"]):
        said.append(say("Stays a year with {p}.", p=percent(x["p_retained"])))
    if x["rests_on"] is not None:
        said.append(say("It is {basis}.", basis=x["rests_on"]))
    return sentences(said)
