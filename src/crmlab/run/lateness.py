"""Whether the data are late: a month that is missing or cut short, a table that stopped, exports that have not come.

What the data say of themselves was told by `clean` (volume, freshness), as of their own last day. Only here is that day held against the
calendar, so that no output depends on when it was made.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crmlab.clean.quality.freshness import GRACE
from crmlab.files import CrmlabError


@dataclass(frozen=True)
class Schedule:
    """Section `run` of params.yaml.

    due_day : day of the month by which the rows of the month before are there. months : how far back a missing month matters.
    """

    due_day: int
    months: int

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Schedule:
        """The section as the parameters state it.

        Raises
        ------
        CrmlabError : due_day is no day of a month, or months no whole number from 1.

        >>> Schedule.read({"due_day": 10, "months": 12})
        Schedule(due_day=10, months=12)
        """
        for key, most, expected in (
            ("due_day", 31, "a day of the month, 1 to 31"),
            ("months", None, "a whole number from 1"),
        ):
            value = section[key]
            if not isinstance(value, int) or value < 1 or (most and value > most):
                raise CrmlabError(f"params.yaml, run.{key}: {value!r} is not {expected}")
        return cls(section["due_day"], section["months"])


def late(
    volume: Iterable[Mapping[str, Any]],
    freshness: Iterable[Mapping[str, Any]],
    as_of: date,
    report_month: str,
    schedule: Schedule,
    today: date | None,
) -> list[str]:
    """What is late or missing, each in a few words; nothing where nothing is.

    Parameters
    ----------
    volume, freshness : rows of the tables of these names (clean/outputs.py).
    report_month : the last complete month, "2026-10".
    today : by the calendar; None where the data are not expected to follow it (simulated, or with a stated as_of).

    >>> late([], [], date(2026, 9, 30), "2026-09", Schedule(due_day=10, months=12), date(2026, 11, 10))
    ['the data end on 2026-09-30, and the rows of 2026-10 were due on 2026-11-10']
    >>> late([], [], date(2026, 9, 30), "2026-09", Schedule(due_day=10, months=12), date(2026, 11, 9))
    []
    """
    found = [] if today is None else _overdue(as_of, schedule, today)
    found += [
        f"{row['table']} end on {row['last_day']:%Y-%m-%d}, {row['behind']} days before the others"
        for row in freshness
        if row["late"]
    ]
    first = _back(report_month, schedule.months - 1)
    for row in volume:
        about = f"in {row['month']}, where about {row['expected'] or 0:,.0f} were to be expected"
        if row["verdict"] == "missing" and first <= row["month"] <= report_month:
            found.append(f"{row['table']}: no row {about}")
        elif row["verdict"] == "low" and row["month"] == report_month:
            found.append(f"{row['table']}: only {row['rows']:,} rows {about}")
    return found


def _overdue(as_of: date, schedule: Schedule, today: date) -> list[str]:
    due = today.replace(day=min(schedule.due_day, calendar.monthrange(today.year, today.month)[1]))
    if today < due:  # the month before the last is owed
        due = due.replace(day=1) - timedelta(days=1)
        due = due.replace(day=min(schedule.due_day, due.day))
    end = due.replace(day=1) - timedelta(days=1)
    if as_of >= end - timedelta(days=GRACE):
        return []
    return [f"the data end on {as_of}, and the rows of {end:%Y-%m} were due on {due}"]


def _back(month: str, n: int) -> str:
    at = int(month[:4]) * 12 + int(month[5:7]) - 1 - n
    return f"{at // 12}-{at % 12 + 1:02d}"
