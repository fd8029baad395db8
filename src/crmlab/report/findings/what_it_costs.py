"""The manager's second question: what broken service and leaving customers cost, in money."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from crmlab.report.board import Line, Question
from crmlab.report.compared import difference
from crmlab.report.messages import Message, count, is_missing, money, say

SHOWN = 5
"""Costs that the board shows, the largest."""

_ASKED = say("What does it cost?")
_WORTH = {"contracts", "sales", "visits"}
_SMALL = 0.01  # of an amount; a smaller change is not told


class Cost(NamedTuple):
    """One thing that costs money: its amount (minor units), over what time, and under which id the history keeps it."""

    what: Message
    amount: float
    note: Message
    page: str
    key: str = ""


def what_it_costs(
    metrics: Mapping[str, Mapping[str, Any]],
    before: Mapping[str, Mapping[str, float]],
    withheld: Collection[str] = (),
) -> Question:
    """The costs that the stages could tell, the largest first.

    They are not added up: some are of a year past, some of what is to come.

    Parameters
    ----------
    metrics : stage -> its figures (reports/metrics/<stage>.json).
    before : page -> figure id -> figure of the previous run; empty without one.
    withheld : tables whose rows could not be used; without the income of contracts or sales every customer costs more than it brings.
    """
    found = sorted(_costs(metrics), key=lambda cost: -cost.amount)
    if _WORTH & set(withheld):
        found = [cost for cost in found if cost.page != "value"]
    if not found:
        return Question(_ASKED, say("Cannot tell: no visit, contract or customer has a known price"))
    most = found[0]
    if not most.amount:
        return Question(_ASKED, say("Nothing that is on record"))
    answer = say("{what} cost most: {amount}", what=most.what, amount=money(most.amount))
    return Question(_ASKED, answer, [_line(cost, before) for cost in found[:SHOWN] if cost.amount])


def _costs(metrics: Mapping[str, Mapping[str, Any]]) -> Iterator[Cost]:
    churn, service, value = (metrics.get(stage) or {} for stage in ("churn", "service", "value"))
    year = (churn.get("due") or {}).get("365") or {}
    if _known(year.get("expected_loss")):
        yield Cost(
            say("Renewals likely to be lost"),
            year["expected_loss"],
            say("within a year, in {n} contracts", n=count(year["n"])),
            "churn",
            "expected_loss",
        )
    lost = churn.get("win_back") or {}
    if _known(lost.get("yearly_amount")):
        yield Cost(
            say("Customers lost"),
            lost["yearly_amount"],
            say(
                "a year, by {n} within {months} months",
                n=count(lost["n"]),
                months=count(churn.get("win_back_months")),
            ),
            "churn",
            "win_back",
        )
    if _known(service.get("second_visit_cost")):
        yield Cost(
            say("Second visits"),
            service["second_visit_cost"],
            say("in twelve months, {n} visits", n=count(service.get("second_visits"))),
            "service",
            "second_visit_cost",
        )
    if _known(service.get("compensation")):
        yield Cost(
            say("Compensation"),
            service["compensation"],
            say("for complaints, in twelve months"),
            "service",
        )
    if _known(value.get("negative_to_come")):
        yield Cost(
            say("Unprofitable customers"),
            abs(value["negative_to_come"]),
            say(
                "in the next {months} months, {n} of them",
                months=count(value["horizon_months"]),
                n=count(value["n_negative"]),
            ),
            "value",
        )


def _known(amount: Any) -> bool:
    return not is_missing(amount)


def _line(cost: Cost, before: Mapping[str, Mapping[str, float]]) -> Line:
    then = before.get(cost.page, {}).get(cost.key)
    if then is None or abs(cost.amount - then) < _SMALL * abs(cost.amount):
        return Line(cost.what, money(cost.amount), cost.note, cost.page)
    moved = difference(then, cost.amount, "money_short")
    worse = cost.amount > then
    return Line(
        cost.what,
        money(cost.amount),
        say("{note}; {moved}", note=cost.note, moved=moved),
        cost.page,
        "worse" if worse else "better",
        "▲" if worse else "▼",
    )
