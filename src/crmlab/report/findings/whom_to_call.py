"""The manager's third question: whom to call this week, and why, one line per customer whatever the reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmlab.faults.failures.outputs import ALL
from crmlab.report.board import Line, Question
from crmlab.report.findings import buyers, churn_lists
from crmlab.report.findings.value_words import customers_said
from crmlab.report.messages import (
    Message,
    Value,
    count,
    day,
    is_missing,
    listed,
    money,
    number,
    percent,
    say,
    sentences,
    term,
)

if TYPE_CHECKING:
    import pandas as pd

RENEWALS, BROKEN, FAULTS, QUIET = 3, 2, 2, 2
"""Calls of each kind that are on the board at most: so that none crowds out another."""

_ASKED = say("Whom to call this week?")


@dataclass(frozen=True)
class Call:
    """One reason to call one customer; `stake` in minor units where it is known."""

    customer_id: str
    name: str
    why: Message
    page: str
    stake: float | None


def whom_to_call(
    contracts: pd.DataFrame,
    let_down: pd.DataFrame,
    affected: pd.DataFrame,
    bought: pd.DataFrame,
    customers: pd.DataFrame,
    at_risk: float,
) -> Question:
    """Customers to call, the most at stake first.

    Parameters
    ----------
    contracts : table `contracts` of churn. let_down : of service. affected : of faults. bought : table `customers` of purchases.
    customers : of value. Any may be empty.
    at_risk : chance of renewal below which a contract is at risk (params.yaml, churn).
    """
    stakes = dict(zip(customers["customer_id"], customers["at_stake"], strict=True))
    calls = _by_customer(
        [
            *_renewals(contracts, at_risk),
            *_broken(let_down, stakes),
            *_growing(affected, stakes),
            *_quiet(bought),
        ]
    )
    if not calls:
        return Question(_ASKED, say("Nothing on record asks for a call"), wide=True)
    first = calls[0]
    words = {"name": first.name, "n": customers_said(len(calls)), "amount": _staked(first.stake)}
    answer = (
        say("{name} first, of {n}", **words)
        if first.stake is None
        else say("{name} first, with {amount} at stake, of {n}", **words)
    )
    lines = [Line(call.name, _staked(call.stake), call.why, call.page) for call in calls]
    return Question(_ASKED, answer, lines, _STAKE, wide=True)


_STAKE = say(
    "At stake: of contracts that end soon, price × chance of losing them; of a buyer gone quiet, what it would buy beyond what is "
    "expected if it surely were one; else what the value to come would be more if the next renewal were sure: no sum of these would mean "
    "anything. At most {renewals} renewals, {broken} broken promises, {faults} growing faults and {quiet} quiet buyers; the pages have all.",
    renewals=count(RENEWALS),
    broken=count(BROKEN),
    faults=count(FAULTS),
    quiet=count(QUIET),
)


def _staked(stake: float | None) -> Value | Message:
    return say("unknown") if stake is None else money(stake)


def _by_customer(calls: list[Call]) -> list[Call]:
    """One call per customer with all its reasons, the most at stake first; contracts that end add up, else the largest stake counts."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.customer_id, []).append(call)
    merged = [
        replace(of[0], why=sentences([call.why for call in of]), stake=_together(of)) for of in found.values()
    ]
    return sorted(merged, key=lambda call: -(call.stake or 0))


def _together(calls: list[Call]) -> float | None:
    ending = [call.stake for call in calls if call.page == "churn" and call.stake is not None]
    others = [call.stake for call in calls if call.page != "churn" and call.stake is not None]
    return max([*([sum(ending)] if ending else []), *others], default=None)


def _renewals(contracts: pd.DataFrame, at_risk: float) -> list[Call]:
    rows = churn_lists.ending(contracts, churn_lists.SOON).head(RENEWALS)
    return [
        Call(row["customer_id"], row["name"], _ends(row, at_risk), "churn", _known(row["expected_loss"]))
        for row in rows.to_dict("records")
    ]


def _ends(row: dict[str, Any], at_risk: float) -> Message:
    """When the contract ends, how likely it is renewed, and why."""
    when = (
        say("contract ended on {day}", day=day(row["end_at"]))
        if row["days_to_end"] < 0
        else say("contract ends on {day}", day=day(row["end_at"]))
    )
    if is_missing(row["p_renew"]):
        return say("{when}.", when=when)
    words = {"when": when, "p": percent(row["p_renew"]), "why": row["why"]}
    if row["why"] is None:
        return say("{when}, {p} likely to be renewed.", **words)
    if row["p_renew"] < at_risk:
        return say("{when}, only {p} likely to be renewed: {why}.", **words)
    return say("{when}, {p} likely to be renewed: {why}.", **words)


def _broken(let_down: pd.DataFrame, stakes: dict[str, Any]) -> list[Call]:
    rows = let_down.assign(stake=[_known(stakes.get(x)) or 0.0 for x in let_down["customer_id"]])
    order = ["tickets", "stake", "customer_id"]
    rows = rows.sort_values(order, ascending=[False, False, True]).head(BROKEN)
    return [
        Call(
            row["customer_id"],
            _name(row),
            _late(row),
            "service",
            _known(stakes.get(row["customer_id"])),
        )
        for row in rows.to_dict("records")
    ]


def _late(row: dict[str, Any]) -> Message:
    """How many promises were broken, by how much as far as it is known, and whether the repair is still open."""
    n, still_open = int(row["tickets"]), int(row["still_open"])
    words = {"n": count(n), "day": day(row["last_broken_at"]), "hours": number(row["late_h"])}
    said = [
        say("promise broken on {day}", **words)
        if n == 1
        else say("{n} promises broken, the last on {day}", **words)
    ]
    if not is_missing(row["late_h"]):
        said.append(say("by {hours} hours", **words) if n == 1 else say("by up to {hours} hours", **words))
    if still_open:
        said.append(say("still open") if n == 1 else say("{n} still open", n=count(still_open)))
    return say("{when}.", when=listed(said))


def _growing(affected: pd.DataFrame, stakes: dict[str, Any]) -> list[Call]:
    order = ["tickets", "machines", "customer_id"]
    rows = affected.sort_values(order, ascending=[False, False, True]).drop_duplicates("customer_id")
    return [
        Call(
            row["customer_id"],
            _name(row),
            _befalls(row),
            "faults",
            _known(stakes.get(row["customer_id"])),
        )
        for row in rows.head(FAULTS).to_dict("records")
    ]


def _befalls(row: dict[str, Any]) -> Message:
    words = {"cause": term("cause", row["cause"]), "n": count(row["tickets"])}
    if row["machine_family"] == ALL:
        return say("growing fault, {cause}: {n} tickets in three months.", **words)
    words["family"] = row["machine_family"]
    if is_missing(row["machines"]):
        return say("growing fault, {cause} on {family}: {n} tickets in three months.", **words)
    return say(
        "growing fault, {cause} on {family}: {n} tickets in three months, {machines} such machines.",
        **words,
        machines=count(row["machines"]),
    )


def _quiet(bought: pd.DataFrame) -> list[Call]:
    return [
        Call(row["customer_id"], row["name"], _silent(row), "purchases", _known(row["at_stake"]))
        for row in buyers.to_call(bought).head(QUIET).to_dict("records")
    ]


def _silent(row: dict[str, Any]) -> Message:
    return say(
        "gone quiet: {n} purchases so far, the last on {day}.",
        n=count(row["purchases"]),
        day=day(row["last_at"]),
    )


def _name(row: dict[str, Any]) -> str:
    return row["customer_id"] if is_missing(row["customer_name"]) else row["customer_name"]


def _known(amount: Any) -> float | None:
    """An amount at stake; None where it is not known, or nothing."""
    return None if is_missing(amount) or amount <= 0 else float(amount)
