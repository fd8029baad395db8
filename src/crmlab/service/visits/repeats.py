"""Machines that are reported again soon after their repair."""

from __future__ import annotations

import pandas as pd

from crmlab.service.visits.closed import shares_by
from crmlab.service.visits.outputs import REPEATS
from crmlab.tables import conform, empty


def reported_again(tickets: pd.DataFrame, as_of: pd.Timestamp, repeat_days: int) -> pd.DataFrame:
    """Of each ticket, whether its machine came back, and whether it is itself such a return.

    A machine is back when the same serial number is reported after the close and within `repeat_days` of it; a report while the
    repair still goes on is none. A ticket closed before it was reported says nothing.

    Parameters
    ----------
    tickets : the clean table.
    as_of : a day at midnight; what happened after it does not count.
    repeat_days : length of the wait, whole days from the minute of the close.

    Returns
    -------
    One row per ticket reported by then: ticket_id, customer_id, reported_at, and three flags

    told : it is closed, its machine has a serial number, and its days after are over; only then `again` can be told.
    again : its machine was reported again.
    is_repeat : its own machine had been closed not longer than `repeat_days` before.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> tickets = pd.DataFrame({
    ...     "ticket_id": ["T1", "T2"], "customer_id": "C", "serial_no": "99A",
    ...     "reported_at": [day("2026-03-01"), day("2026-03-10")], "closed_at": [day("2026-03-02"), day("2026-03-11")]})
    >>> reported_again(tickets, day("2026-10-31"), 14)[["ticket_id", "again", "is_repeat"]].values.tolist()
    [['T1', True, False], ['T2', False, True]]
    """
    end, wait = as_of.normalize() + pd.Timedelta(days=1), pd.Timedelta(days=repeat_days)
    known = tickets.loc[
        tickets["reported_at"] < end, ["ticket_id", "customer_id", "serial_no", "reported_at", "closed_at"]
    ].reset_index(drop=True)
    machine = pd.Series(pd.factorize(known["serial_no"])[0], index=known.index)
    named = machine >= 0
    ended = named & (known["closed_at"] < end) & (known["closed_at"] >= known["reported_at"])

    def moments(which: pd.Series, at: str) -> pd.DataFrame:
        at_times = known.loc[which, at].astype("datetime64[us]")
        frame = pd.DataFrame({"machine": machine[which], "at": at_times, "row": known.index[which]})
        return frame.sort_values("at", kind="stable")

    reports, closes = moments(named, "reported_at"), moments(ended, "closed_at")
    asof = {"on": "at", "by": "machine", "tolerance": wait, "allow_exact_matches": False}
    back = pd.merge_asof(closes, reports.rename(columns={"row": "next"}), direction="forward", **asof)
    came = pd.merge_asof(reports, closes.rename(columns={"row": "before"}), direction="backward", **asof)
    again, is_repeat = pd.Series(False, index=known.index), pd.Series(False, index=known.index)
    again[back.loc[back["next"].notna(), "row"]] = True
    is_repeat[came.loc[came["before"].notna(), "row"]] = True
    over = (known["closed_at"] + wait < end) & ended
    return known[["ticket_id", "customer_id", "reported_at"]].assign(
        told=over, again=again & over, is_repeat=is_repeat
    )


def last_told_month(as_of: pd.Timestamp, until: str, repeat_days: int) -> str:
    """The last month, not after `until`, of whose every close the days after are over.

    >>> last_told_month(pd.Timestamp("2026-10-31"), "2026-10", 14), last_told_month(pd.Timestamp("2026-11-14"), "2026-10", 14)
    ('2026-09', '2026-10')
    """
    day_after = as_of.normalize() + pd.Timedelta(days=1 - repeat_days)
    return min(until, str(day_after.to_period("M") - 1))


def repeats(
    closed: pd.DataFrame,
    again: pd.DataFrame,
    as_of: pd.Timestamp,
    until: str,
    repeat_days: int,
    min_group: int,
) -> pd.DataFrame:
    """Shares of repairs whose machine was reported again: table `repeats`, sorted by its key.

    Over the last twelve months by close, as far as their days after are over; by month over all months that are over entirely.

    Parameters
    ----------
    closed : from `closed_tickets`.
    again : from `reported_again`.
    as_of, until : the as-of day and the reporting month.
    repeat_days : as given to `reported_again`.
    min_group : repairs below which a group has no row.
    """
    told = told_repairs(closed, again).rename(columns={"again": "repeated"})
    if told.empty:
        return empty(REPEATS)
    last = last_told_month(as_of, until, repeat_days)
    return conform(shares_by(told, ("branch", "family"), "repeated", until, last, min_group), REPEATS)


def told_repairs(closed: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """`closed` with the flag again, of those tickets of which it can be told."""
    told = again[again["told"]].set_index("ticket_id")["again"]
    return closed[closed["ticket_id"].isin(told.index)].assign(
        again=lambda frame: frame["ticket_id"].map(told).astype(bool)
    )
