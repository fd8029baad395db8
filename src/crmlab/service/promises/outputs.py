"""The tables of service levels and of what became of them."""

from __future__ import annotations

from crmlab.tables import Column, Table

VERDICTS = ("kept", "broken", "running", "no promise", "cannot tell")
"""What can be said of a promise. "running": its time is not over yet; "cannot tell": the moment is missing or before the report."""

_VERDICT = dict.fromkeys(VERDICTS, ())

TICKETS = Table(
    "tickets",
    "派单承诺",
    "One row per ticket: what was promised, how long it took on the clock of its service level, and whether that was kept.",
    ("ticket_id",),
    (
        Column("ticket_id", "id", "ticket"),
        Column("customer_id", "id", "customer; may be missing"),
        Column(
            "level",
            "label",
            "service level as one reads it, such as 7*24*4; missing where neither contract nor ticket names one",
        ),
        Column("level_from", "choice", "where it was found", choices={"contract": (), "ticket": ()}),
        Column("reported_at", "time", "when the clock started"),
        Column("arrived_at", "time", "first visit; missing where none is on record"),
        Column("closed_at", "time", "repaired"),
        Column("response_promised", "number", "time until somebody is there", unit="s"),
        Column("response_took", "number", "from report to first visit on the level's clock", unit="s"),
        Column("response", "choice", "was the response promise kept", choices=_VERDICT),
        Column("fix_promised", "number", "time until it is repaired", unit="s"),
        Column("fix_took", "number", "from report to close on the level's clock", unit="s"),
        Column("fix", "choice", "was the repair promise kept", choices=_VERDICT),
        Column("recorded", "choice", "what the desk itself put down about its promise", choices=_VERDICT),
        Column(
            "broken_at",
            "time",
            "the first moment at which a promise of the ticket was over and not kept; missing where none was broken",
        ),
    ),
)

ATTAINMENT = Table(
    "attainment",
    "承诺达成率",
    "One row per promise and group: the share of tickets whose promise was kept, of those that can be told: by month of report over all months, else over the last twelve months.",
    ("promise", "of", "group"),
    (
        Column("promise", "choice", "which promise", choices={"response": (), "fix": (), "recorded": ()}),
        Column(
            "of",
            "choice",
            "kind of group",
            choices={"all": (), "level": (), "branch": (), "month": (), "tier": ()},
        ),
        Column("group", "label", "the group; empty for all"),
        Column("n", "count", "tickets that can be told"),
        Column("kept", "count", "of them kept"),
        Column("share", "number", "kept / n"),
        Column("low", "number", "95 % Wilson limit"),
        Column("high", "number", "95 % Wilson limit"),
        Column("unknown", "count", "tickets with a promise that cannot be told or is still running"),
    ),
)

KEEPABLE = Table(
    "keepable",
    "可守承诺",
    "One row per promise and level: the promise that would have been kept in the configured share of last year's cases.",
    ("promise", "level"),
    (
        Column("promise", "choice", "which promise", choices={"response": (), "fix": ()}),
        Column("level", "label", "service level"),
        Column("n", "count", "tickets of the last twelve months that can be told"),
        Column(
            "promised_h",
            "number",
            "what is promised today (the median of those tickets); may be missing",
            unit="h",
        ),
        Column("share", "number", "share that kept it"),
        Column(
            "hours",
            "number",
            "the promise kept in the configured share of cases; missing where too few tell",
            unit="h",
        ),
        Column("low", "number", "95 % limit", unit="h"),
        Column("high", "number", "95 % limit; may be missing", unit="h"),
    ),
)

FASTER = Table(
    "faster",
    "更快承诺的代价",
    "One row per promise, level and faster promise: what it would have cost last year with the desk as it was.",
    ("promise", "level", "promised_h"),
    (
        Column("promise", "choice", "which promise", choices={"response": (), "fix": ()}),
        Column("level", "label", "service level"),
        Column("promised_h", "number", "the faster promise", unit="h"),
        Column("n", "count", "tickets of the last twelve months that can be told"),
        Column("share", "number", "share that would have kept it"),
        Column("more_broken", "count", "tickets that kept today's promise and would have broken this one"),
        Column(
            "more_complaints",
            "number",
            "complaints to expect of them beyond those they brought, as broken promises bring more complaints than kept ones; may be missing",
        ),
        Column("low", "number", "95 % limit of more_complaints"),
        Column("high", "number", "95 % limit of more_complaints"),
        Column(
            "cost",
            "money",
            "penalties (service.penalty) and compensation of those complaints; may be missing",
        ),
    ),
)

LET_DOWN = Table(
    "let_down",
    "近期失约客户",
    "One row per customer with a promise broken in the last thirty days: whom to call and apologise to.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("tickets", "count", "tickets with a promise broken in these days"),
        Column("still_open", "count", "of them still open"),
        Column(
            "late_h",
            "number",
            "the most that one of them took beyond its promise, on the clock of its level; missing where it is not known how long they took",
            unit="h",
        ),
        Column("last_broken_at", "time", "the last moment at which one was broken"),
    ),
)

OUTPUTS = {table.name: table for table in (TICKETS, ATTAINMENT, KEEPABLE, FASTER, LET_DOWN)}
