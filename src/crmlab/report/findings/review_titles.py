"""The findings over the sections of the page "Customer review": each says what its table shows, or that it cannot be told."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from crmlab.report.findings.review_tables import tally
from crmlab.report.messages import Message, count, day, month, number, say, term

if TYPE_CHECKING:
    from crmlab.report.findings.review_tables import Review


def tickets_title(seen: Review) -> Message:
    """The finding over tickets by month: more or fewer than the year before, beyond what chance does (two Poisson errors)."""
    if "tickets" not in seen.of.exported:
        return say("The exports hold no tickets: what was repaired cannot be told")
    now, then = len(seen.tickets), len(seen.tickets_before)
    if not seen.of.comparable("tickets"):
        return say(
            "Tickets in the last 12 months: {n}; there is no whole year before to compare", n=count(now)
        )
    if not now and not then:
        return say("No ticket in two years")
    figures = {"now": count(now), "then": count(then)}
    if abs(now - then) <= 2 * math.sqrt(now + then):
        return say("Tickets held: {now} in the last 12 months, {then} in the 12 before", **figures)
    if now > then:
        return say("Tickets rose: {now} in the last 12 months, {then} in the 12 before", **figures)
    return say("Tickets fell: {now} in the last 12 months, {then} in the 12 before", **figures)


def promises_title(seen: Review) -> Message:
    """The finding over the list of tickets: how many promises were kept, of those that can be judged."""
    if "tickets" not in seen.of.exported:
        return say("Without tickets, promises cannot be judged")
    tickets = seen.tickets
    if tickets.empty:
        return say("No ticket in the last 12 months")
    if set(tickets["response"]) | set(tickets["fix"]) == {"no promise"}:
        return say("Neither a contract nor a service level on record promises a time")
    kept = of_promises(seen, kept=True)
    if not kept:
        return say("Whether promises were kept cannot be told from what is on record")
    return say("Promises kept, of those that can be judged: {which}", which=joined(kept))


def promises_note(seen: Review) -> Message | None:
    """How promises are judged, and for how many tickets they cannot be."""
    if seen.tickets.empty:
        return None
    untold = seen.tickets[["response", "fix"]].isin(["cannot tell"]).any(axis=1).sum()
    how = say(
        "Response is the first visit after the report, repair the closing of the ticket; the promise is that of the contract "
        "in force, else of the service level. Hours are those of the service level: day and night, or office hours on working "
        "days, make-up workdays included."
    )
    if not untold:
        return how
    return say(
        "{how} It cannot be told for {n} tickets: a moment is not recorded, or lies before the report.",
        how=how,
        n=count(untold),
    )


def parts_title(seen: Review) -> Message:
    """The finding over the parts built in."""
    if "ticket_parts" not in seen.of.exported:
        return say("The exports hold no parts: what was replaced cannot be told")
    if seen.parts.empty:
        return say("No part was replaced in the last 12 months")
    top = seen.parts.iloc[0]
    return say(
        "Parts replaced in the last 12 months: {n}, most often {part} ({m})",
        n=count(seen.parts["n"].sum()),
        part=term("part", top["part_name"]),
        m=count(top["n"]),
    )


def machines_title(seen: Review) -> Message:
    """The finding over the machines in service: how many are out of warranty or support."""
    if "machines" not in seen.of.exported:
        return say("The exports hold no machines: their age, warranty and support cannot be told")
    frame = seen.machines
    if frame.empty:
        return say("No machine of this customer is on record as in service")
    n, no_warranty, no_support = (
        count(len(frame)),
        count(frame["no_warranty"].sum()),
        count(frame["no_support"].sum()),
    )
    if frame["state"].isna().all():
        return say("Machines in service: {n}; how long warranty and support last is not on record", n=n)
    if not no_warranty.value and not no_support.value:
        return say("Machines in service: {n}, none on record as out of warranty or support", n=n)
    return say(
        "Machines in service: {n}; out of warranty {k}, out of support {m}", n=n, k=no_warranty, m=no_support
    )


def contracts_title(seen: Review) -> Message:
    """The finding over the contracts: how many are in force, and which ends next."""
    if "contracts" not in seen.of.exported:
        return say("The exports hold no contracts: what was agreed cannot be told")
    whole = seen.of.tables["contracts"]
    if whole.empty:
        return say("No contract with this customer is on record")
    if len(seen.in_force):
        first = seen.in_force.iloc[0]
        return say(
            "Contracts in force: {n}; the first to end is {contract}, on {day}",
            n=count(len(seen.in_force)),
            contract=first["contract_id"],
            day=day(first["end_at"]),
        )
    begun = whole[whole["start_at"] <= seen.of.today].sort_values(["end_at", "contract_id"])
    if begun.empty:
        first = whole.sort_values(["start_at", "contract_id"]).iloc[0]
        return say(
            "No contract is in force yet: {contract} begins on {day}",
            contract=first["contract_id"],
            day=day(first["start_at"]),
        )
    last = begun.iloc[-1]
    return say(
        "No contract is in force: the last, {contract}, ended on {day}",
        contract=last["contract_id"],
        day=day(last["end_at"]),
    )


def complaints_title(seen: Review) -> Message:
    """The finding over the complaints of the last 12 months."""
    if "complaints" not in seen.of.exported:
        return say("The exports hold no complaints: whether there were any cannot be told")
    frame = seen.complaints
    if frame.empty:
        return say("No complaint in the last 12 months")
    n = count(len(frame))
    if frame["end"].isna().all():
        return say("Complaints in the last 12 months: {n}; how they ended is not on record", n=n)
    states = frame["state"].value_counts()
    promptly = states.get("settled promptly", 0)
    return say(
        "Complaints in the last 12 months: {n}; settled {m}, of them {p} within {days} working days; not upheld {k}, overdue {o}",
        n=n,
        m=count(promptly + states.get("settled", 0)),
        days=count(seen.settings["prompt_days"]),
        p=count(promptly),
        k=count(states.get("not upheld", 0)),
        o=count(states.get("overdue", 0)),
    )


def complaints_note(seen: Review) -> Message | None:
    """What the states of complaints mean; None where none is told."""
    if seen.complaints["end"].isna().all():
        return None
    return say(
        "Settled promptly: within {prompt} working days, make-up workdays included. Overdue: not settled {overdue} days after "
        "receipt.",
        prompt=count(seen.settings["prompt_days"]),
        overdue=count(seen.settings["ignored_days"]),
    )


def answers_title(seen: Review) -> Message:
    """The finding over survey answers: the rating, beside that of the year before where there is one."""
    if "surveys" not in seen.of.exported:
        return say("The exports hold no surveys: how content the customer is cannot be told")
    (now, n), (then, _) = seen.rating(), seen.rating(1)
    if now is None:
        return say("No survey was answered in the last 12 months")
    if then is None:
        return say(
            "The service was rated {now} out of ten (questionnaires: {n})", now=number(now), n=count(n)
        )
    return say(
        "The service was rated {now} out of ten (questionnaires: {n}), {then} in the 12 months before",
        now=number(now),
        n=count(n),
        then=number(then),
    )


def open_title(seen: Review) -> Message:
    """The finding over the open points, by their kind."""
    n = {kind: count(k) for kind, k in seen.open_points["kind"].value_counts().items()}
    found = [
        said
        for kind, said in {
            "ticket": say("tickets {n}", n=n.get("ticket")),
            "complaint": say("complaints {n}", n=n.get("complaint")),
            "overdue payment": say("overdue payments {n}", n=n.get("overdue payment")),
            "planned activity": say("planned activities {n}", n=n.get("planned activity")),
        }.items()
        if kind in n
    ]
    if not found:
        return say("Nothing is open on record")
    return say("Still open: {which}", which=joined(found))


def ahead_title(seen: Review) -> Message:
    """The finding over what is next: the first thing that comes."""
    if seen.ahead.empty:
        return say("Nothing is on record for the next 12 months")
    first = seen.ahead.iloc[0]
    return say(
        "The next 12 months: {n} dates, the first on {day} ({what})",
        n=count(len(seen.ahead)),
        day=day(first["day"]),
        what=term("ahead", first["kind"]),
    )


def against_note(seen: Review) -> Message:
    """What the figures of the two years are of."""
    return say(
        "Machines in service are those of the last day of each year. Visits after the first and repeat calls are of whole months up "
        "to {month}. A dash: it cannot be told.",
        month=month(seen.of.until),
    )


def of_promises(seen: Review, kept: bool) -> list[Message]:
    """How many promises were kept, of those judged, for response and repair; or how many were broken, where any was."""
    (in_time, late), (repaired, overdue) = (tally(seen.tickets, column) for column in ("response", "fix"))
    said = []
    if in_time + late if kept else late:
        said.append(say("response {k} of {n}", k=count(in_time if kept else late), n=count(in_time + late)))
    if repaired + overdue if kept else overdue:
        said.append(
            say("repair {k} of {n}", k=count(repaired if kept else overdue), n=count(repaired + overdue))
        )
    return said


def joined(parts: list[Message]) -> Message:
    """The parts as one list, separated as the language does."""
    whole = parts[0]
    for part in parts[1:]:
        whole = say("{first}, {second}", first=whole, second=part)
    return whole
