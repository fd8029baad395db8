"""The day a run is about: the only "today" there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from crmlab.files import CrmlabError

DATED = {"tickets": "reported_at", "sales": "sold_at"}
"""The tables that say what day it is, and the column that does."""
SAY_DAY: tuple[dict[str, str], ...] = (
    DATED,
    {
        **{
            "visits": "arrived_at",
            "complaints": "received_at",
            "surveys": "answered_at",
            "interactions": '"at"',
        },
        **{"quotes": "quoted_at", "opportunities": "opened_at", "warranty_claims": "submitted_at"},
        **{"payments": "paid_at", "service_plan": "done_at", "contracts": "signed_at"},
    },
    {
        "contracts": "case when outcome = 'lost' then end_at end",
        **{"machines": "installed_at", "customers": "created_at"},
    },
)
"""Tables and their columns (or SQL of columns) that say what day it is; each group only where those before it say nothing.

They hold what has happened. What is planned or promised (the first and last day of a term, a date of payment, a planned activity) may lie
ahead and says nothing; but a term is lost at its end, so that has come.
"""
FAR = timedelta(days=365)
"""A last day that lies this far after the day before it is a slip of the pen if few rows carry it."""
FEW = 0.001
MANY = 200
"""Rows below which nothing is called far: there are too few to tell."""


def parse_as_of(as_of: str | date | None) -> date | None:
    """The day that the parameters state; None for "auto".

    Raises
    ------
    CrmlabError : neither "auto" nor a day.
    """
    if as_of is None or as_of == "auto":
        return None
    if isinstance(as_of, datetime):
        return as_of.date()
    if isinstance(as_of, date):
        return as_of
    try:
        return datetime.strptime(str(as_of).strip(), "%Y-%m-%d").date()
    except ValueError:
        raise CrmlabError(
            f'as_of: {as_of!r} is not a day; expected auto or a quoted day such as "2026-10-31"'
        ) from None


def last_day(rows: Mapping[date, int]) -> date | None:
    """The last day with rows, without days far in the future that a few mistyped rows carry.

    >>> last_day({date(2026, 10, 30): 400, date(2026, 10, 31): 300, date(2062, 10, 31): 1})
    datetime.date(2026, 10, 31)
    """
    days = sorted(rows)
    total = sum(rows.values())
    if not days or total < MANY:
        return days[-1] if days else None
    last, beyond = len(days) - 1, 0
    for n in range(len(days) - 1, 0, -1):
        beyond += rows[days[n]]
        if beyond > max(1, FEW * total):
            break
        if days[n] - days[n - 1] > FAR:
            last = n - 1
    return days[last]


def gap_before(rows: Mapping[date, int], last: date) -> tuple[date, int] | None:
    """Where `last` may be a slip of the pen that could not be told from a slow business: the last day before a gap of more
    than a year, and the rows after it, up to `last`, if they are fewer than those before it.

    >>> gap_before({date(2026, 10, 30): 4, date(2026, 10, 31): 3, date(2099, 1, 1): 1}, date(2099, 1, 1))
    (datetime.date(2026, 10, 31), 1)
    """
    days = sorted(day for day in rows if day <= last)
    total, after = sum(rows[day] for day in days), 0
    for earlier, later in zip(reversed(days[:-1]), reversed(days[1:]), strict=True):
        after += rows[later]
        if later - earlier > FAR and after < total - after:
            return earlier, after
    return None


def report_month(as_of: date) -> str:
    """The last month that is complete on `as_of`, as "2026-10".

    >>> report_month(date(2026, 10, 31)), report_month(date(2026, 10, 30))
    ('2026-10', '2026-09')
    """
    tomorrow = as_of + timedelta(days=1)
    return (tomorrow.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
