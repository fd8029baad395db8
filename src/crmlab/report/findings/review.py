"""Sentences of the page "Customer review" that depend on figures: what an engineer brings to a customer's meeting.

The page goes to the customer. What is for the company alone (chances, value, cost to serve) is not in it, and no person is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.findings.review_tables import tally
from crmlab.report.findings.review_titles import joined, of_promises
from crmlab.report.findings.service import calendar
from crmlab.report.messages import Message, count, day, month, percent, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmlab.report.findings.review_tables import Review

SOON = 180
"""Days before its last day within which a contract is worth a word at the meeting."""

_MOST = 5  # points to speak about; more are none


def status(seen: Review) -> dict[str, object]:
    """The page has no stage: it can answer when there is a customer to speak of."""
    return {"state": "ran" if seen.of.id else "empty", "missing": []}


def title(seen: Review) -> Message:
    """The name of the page: whose review it is."""
    if not seen.of.id:
        return say("Customer review")
    return say("Customer review: {customer}", customer=seen.of.name)


def attention(seen: Review) -> list[Message]:
    """What needs attention, or that nothing does."""
    if not seen.of.id:
        return [
            say("No export names a customer: with customer_id or customer_name in one, there is a review.")
        ]
    if found := concerns(seen):
        return found
    if seen.of.tables["tickets"].empty:
        return [say("Nothing is open, and no ticket of this customer is on record.")]
    return [say("Nothing needs attention: nothing is open, and no promise that can be judged was broken.")]


def concerns(seen: Review) -> list[Message]:
    """What to speak about at the meeting, the most important first."""
    said = []
    broken = of_promises(seen, kept=False)
    if broken:
        said.append(
            say(
                "Promises not kept in the last 12 months: {which}. Explain them, and agree what changes.",
                which=joined(broken),
            )
        )
    if len(seen.open_points):
        said.append(
            say(
                "Open points: {n}, the oldest since {day}. Agree who settles each, and by when.",
                n=count(len(seen.open_points)),
                day=day(seen.open_points["since"].min()),
            )
        )
    if seen.recognised and (n := seen.happened("repeats")):
        said.append(
            say(
                "Repeat calls for a machine within {days} days of its repair: {n} in the 12 months up to {month}. Say what was found, "
                "and agree what makes the repair last.",
                days=count(seen.settings["repeat_days"]),
                n=count(n),
                month=month(seen.of.until),
            )
        )
    if said_of_contracts := _contract_concern(seen):
        said.append(said_of_contracts)
    if n := int(seen.machines["no_support"].sum()):
        said.append(
            say(
                "Machines out of support: {k} of {n}. Agree when each is replaced.",
                k=count(n),
                n=count(len(seen.machines)),
            )
        )
    n = int(seen.machines["no_warranty"].sum())
    if n and "contracts" in seen.of.exported and seen.in_force.empty:
        said.append(
            say(
                "Out of warranty and without a contract: {k} of {n} machines. Agree how they are looked after.",
                k=count(n),
                n=count(len(seen.machines)),
            )
        )
    return said[:_MOST]


def _contract_concern(seen: Review) -> Message | None:
    contracts = seen.of.tables["contracts"]
    if contracts.empty:
        return None
    if seen.in_force.empty:
        return say("No contract is in force. Agree which service is wanted from now on.")
    first = seen.in_force.iloc[0]
    followed = (contracts["start_at"] > first["start_at"]) & (contracts["end_at"] > first["end_at"])
    if (first["end_at"] - seen.of.today).days > SOON or followed.any():
        return None
    return say(
        "Contract {contract} ends on {day}. Agree in time how the service goes on.",
        contract=first["contract_id"],
        day=day(first["end_at"]),
    )


def cards(seen: Review) -> list[Card]:
    """Tickets, promises kept, open points, machines; what cannot be told has no card."""
    made = []
    if "tickets" in seen.of.exported:
        known = seen.of.comparable("tickets")
        made.append(
            Card(
                say("Tickets in the last 12 months"),
                count(len(seen.tickets)),
                say("the year before: {n}", n=count(len(seen.tickets_before))) if known else None,
                say("Calls of this customer in the 12 months up to the day of the data."),
            )
        )
    promises = (
        ("response", say("Response in time"), say("First visit within the promised time after the report.")),
        ("fix", say("Repair in time"), say("Ticket closed within the promised time after the report.")),
    )
    for column, label, meaning in promises:
        kept, broken = tally(seen.tickets, column)
        n = kept + broken
        made.append(
            Card(
                label, percent(kept / n if n else None), say("of {n} that can be judged", n=count(n)), meaning
            )
        )
    made.append(
        Card(
            say("Open points"),
            count(len(seen.open_points)),
            None,
            say("Open tickets, unsettled complaints, overdue payments, planned activities not done."),
        )
    )
    if "machines" in seen.of.exported:
        made.append(
            Card(
                say("Machines in service"),
                count(len(seen.machines)),
                None,
                say("Installed and not retired on the day of the data."),
            )
        )
    return made


def method(seen: Review, metrics: Mapping[str, Any]) -> list[Message]:
    """How the page came to its figures.

    Parameters
    ----------
    metrics : of the stage `service`, for the years of its calendar.
    """
    return [
        say("The last 12 months end on the day of the data; what is planned or promised may lie after it."),
        say(
            "Promises are those of the contract in force on the day of the report, else those of the service level (7*24*4: somebody "
            "is there within four hours). Under a level that does not run day and night only its office hours count, from {opens}, "
            "on its working days by the public calendar ({country}): no public holiday, but every make-up workday.",
            opens=str(seen.settings["opens"]),
            country=str(seen.settings["country"]),
        ),
        *calendar(metrics, since=seen.of.start(2).year),
        say(
            "Contracts do not say which machines they cover, so warranty and support are told by machine and contracts by customer."
        ),
    ]
