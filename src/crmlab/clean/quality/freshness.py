"""How fresh a table is: its last day, and whether it is late for a table whose rows come as often as its do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

_RECENT = timedelta(days=730)
_ENOUGH = 20  # days with rows, below which a habit cannot be told
GRACE = 7
"""Days that nobody calls late."""
_LATE = {
    True: 1.5,
    False: 3.0,
}  # times the longest pause, where the date says when a row became known, and where it does not


@dataclass(frozen=True)
class Freshness:
    """The days of one table up to the as-of day.

    behind : days from the last day with rows to the as-of day.
    pause : the longest time between two days with rows, in days, over the two years up to the last day.
    late : `behind` is more than a week and clearly more than that pause; None where fewer than twenty days have rows.
    """

    first_day: date | None
    last_day: date | None
    behind: int | None
    pause: int | None
    late: bool | None


def freshness(rows: Mapping[date, int], as_of: date, at_once: bool = True) -> Freshness:
    """Judge the days with rows; those after `as_of` (a contract that starts next month) say nothing.

    at_once : the day is that on which a row became known (a call, a sale): one and a half pauses are late; else (the day on which
    a machine was installed) three.

    >>> weekly = {date(2026, 1, 5) + timedelta(weeks=n): 3 for n in range(30)}
    >>> freshness(weekly, date(2026, 10, 31)).late, freshness(weekly, date(2026, 8, 5)).late
    (True, False)
    """
    days = sorted(day for day in rows if day <= as_of)
    if not days:
        return Freshness(None, None, None, None, None)
    behind = (as_of - days[-1]).days
    recent = [day for day in days if day > days[-1] - _RECENT]
    if len(recent) < _ENOUGH:
        return Freshness(days[0], days[-1], behind, None, None)
    pause = max((later - earlier).days for earlier, later in pairwise(recent))
    return Freshness(days[0], days[-1], behind, pause, behind > max(GRACE, _LATE[at_once] * pause))
