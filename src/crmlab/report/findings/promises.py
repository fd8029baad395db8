"""Whether a promise of time was kept: the first visit after the report, the repair after the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmlab.report.messages import is_missing

if TYPE_CHECKING:
    import pandas as pd

VERDICTS = ("kept", "not kept", "running", "cannot tell", "no visit", "no promise")
"""What can be said of a promise. "running": its time is not over yet; "no visit": the ticket was closed without one."""

_LEVEL = re.compile(r"(\d+)\*(\d+)(?:\*(\d+))?")


def judged(
    tickets: pd.DataFrame,
    contracts: pd.DataFrame,
    visits: pd.DataFrame,
    today: pd.Timestamp,
    visited: bool = True,
) -> pd.DataFrame:
    """`tickets` of one customer with what was promised (minutes), what it took (hours), and whether that was kept.

    The promise is that of the contract in force on the day of the report (of several, the one of the ticket's level), else the
    response hours of the level itself: 7*24*4 promises four. Nothing is known of working hours, so that under a level that does not
    run day and night only what was fast enough by the clock is judged; the rest cannot be told.

    Parameters
    ----------
    today : the as-of day; a ticket still open counts until its first minute.
    visited : whether the export holds visits at all; without them no response can be told.

    Returns
    -------
    Columns visits, response_h, fix_h, response, fix (of VERDICTS) beside those of `tickets`, one row per ticket.
    """
    arrivals = visits.groupby("ticket_id")["arrived_at"]
    first, several = arrivals.min(), arrivals.size()
    rows = []
    for ticket in tickets.to_dict("records"):
        contract = _in_force(contracts, ticket)
        all_day, hours = _clock(contract.get("service_level"), ticket["service_level"])
        promised = contract.get("promise_response_min")
        promised = 60 * hours if is_missing(promised) and hours else promised
        arrived, closed = first.get(ticket["ticket_id"]), ticket["closed_at"]
        ended = ticket["is_open"] is not True
        response = _verdict(promised, ticket["reported_at"], arrived, ended or not visited, all_day, today)
        if visited and response == "cannot tell" and is_missing(arrived) and not is_missing(closed):
            response = "no visit"
        fix = _verdict(contract.get("promise_fix_min"), ticket["reported_at"], closed, ended, all_day, today)
        took = [_hours(ticket["reported_at"], when) for when in (arrived, closed)]
        rows.append((int(several.get(ticket["ticket_id"], 0)), *took, response, fix))
    names = ["visits", "response_h", "fix_h", "response", "fix"]
    columns = list(zip(*rows, strict=True)) or [[]] * len(names)
    return tickets.assign(**{name: list(column) for name, column in zip(names, columns, strict=True)})


def _in_force(contracts: pd.DataFrame, ticket: dict[str, Any]) -> dict[str, Any]:
    day = ticket["reported_at"].normalize()
    found = contracts[(contracts["start_at"] <= day) & (contracts["end_at"] >= day)]
    if found.empty:
        return {}
    same = found["service_level"].eq(ticket["service_level"]).fillna(False).astype(bool)
    return found.assign(same=same).sort_values(["same", "start_at", "contract_id"]).iloc[-1].to_dict()


def _clock(*levels: Any) -> tuple[bool, int | None]:
    """Whether the first level that is known runs day and night, and its response hours."""
    for level in levels:
        if not is_missing(level) and (found := _LEVEL.fullmatch(str(level))):
            days, hours, response = found.groups()
            return (int(days), int(hours)) == (7, 24), int(response) if response else None
    return False, None


def _verdict(
    promised: Any, began: pd.Timestamp, done: Any, ended: bool, all_day: bool, today: pd.Timestamp
) -> str:
    if is_missing(promised):
        return "no promise"
    if is_missing(done) and ended:
        return "cannot tell"
    took = ((today if is_missing(done) else done) - began).total_seconds() / 60
    if is_missing(done) and took <= promised:
        return "running"
    if 0 <= took <= promised:
        return "kept"
    return "not kept" if all_day and took > 0 else "cannot tell"


def _hours(began: pd.Timestamp, done: Any) -> float | None:
    """Hours from report to `done`; a moment before the report is none."""
    return None if is_missing(done) or done < began else (done - began).total_seconds() / 3600
