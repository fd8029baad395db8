"""What the exports do not hold, and what the stage could say if they did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.service.results import Exports

ANYTHING = "what was promised, and what became of it"


def lacks(exports: Exports) -> Iterator[tuple[str, str]]:
    """Pairs of what is missing and what it would add, in the words of status.json."""
    if exports.tickets.empty and exports.complaints.empty and exports.surveys.empty:
        yield "tickets, complaints or surveys", ANYTHING
    yield from _of_tickets(exports)
    if exports.complaints.empty:
        yield "complaints", "what customers complain about, where complaints stick, and who stays"
    else:
        steps = [f"step_{number}_at" for number in range(1, 9)]
        if not _has(exports.complaints, "resolved_at", *steps[-2:]):
            yield "complaints.resolved_at", "how complaints ended, and who stayed after them"
        if not _has(exports.complaints, *steps):
            yield "complaints.step_1_at", "where complaints stick"
    if exports.surveys.empty:
        yield "surveys", "how far service falls short of what customers expect, and what drives satisfaction"
    elif not _has(exports.surveys, "dimension"):
        yield "surveys.dimension", "service quality by dimension, and which manner each branch has"
    elif not exports.surveys["kind"].eq("expectation").any():
        yield "surveys.kind", "how far service falls short of what customers expect"


def _of_tickets(exports: Exports) -> Iterator[tuple[str, str]]:
    tickets, visits, contracts = exports.tickets, exports.visits, exports.contracts
    if tickets.empty:
        yield "tickets", "whether promises were kept, first-time fix and where a repair waits"
        return
    if not _has(tickets, "service_level") and not _has(contracts, "service_level"):
        yield "tickets.service_level", "which promise a ticket had"
    if visits.empty:
        yield "visits", "first-time fix as seen by visits, reasons for second visits, response promises"
    else:
        if not _has(visits, "arrived_at"):
            yield "visits.arrived_at", "response promises, and where a repair waits before the visit"
        if not _has(visits, "repeat_reason"):
            yield "visits.repeat_reason", "why second visits were needed"
    if not _has(tickets, "closed_at"):
        yield "tickets.closed_at", "repair promises, first-time fix and where a repair waits"
    if not _has(contracts, "promise_response_min"):
        yield (
            "contracts.promise_response_min",
            "response times as agreed; those of the service level stand in",
        )
    if not _has(contracts, "promise_fix_min"):
        yield "contracts.promise_fix_min", "repair times as agreed; those of the service level stand in"
    if not _has(tickets, "serial_no"):
        yield "tickets.serial_no", "machines reported again soon after their repair"
    if not _has(tickets, "branch"):
        yield "tickets.branch", "promises, first-time fix and manner by branch"
    if not _has(exports.customers, "tier"):
        yield "customers.tier", "promises and first-time fix by customer tier"


def _has(table: pd.DataFrame, *columns: str) -> bool:
    """Whether any cell of these columns is filled."""
    return any(bool(table[column].notna().any()) for column in columns)
