"""Hours that a clock shows twice: where daylight saving ends, 01:10 can come after 01:50."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from crmlab.engine import DuckDB, Relation

WEEK = 7 * 86_400
"""No zone has put its clock forward and back within a week since 1950."""


@cache
def repeated_hours(zone: str) -> tuple[tuple[datetime, datetime], ...]:
    """First moment and end, in local time, of every period that the clocks of `zone` show twice, 1950 to 2099.

    >>> [f"{a} to {b:%H:%M}" for a, b in repeated_hours("Europe/London") if a.year == 2026]
    ['2026-10-25 01:00:00 to 02:00']
    """
    place = ZoneInfo(zone)

    def ahead(moment: int) -> timedelta:
        return datetime.fromtimestamp(moment, place).utcoffset()

    start, end = (int(datetime(year, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp()) for year in (1950, 2100))
    found, before = [], ahead(start)
    for week in range(start, end, WEEK):
        after = ahead(week + WEEK)
        if after < before:
            low, high = week, week + WEEK  # the second at which the clock goes back lies between them
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == before else (low, middle)
            again = datetime.fromtimestamp(high, place).replace(tzinfo=None, fold=0)
            found.append((again, again + (before - after)))
        before = after
    return tuple(found)


def repeated_days(engine: DuckDB, zone: str) -> Relation | None:
    """`day`, `starts`, `ends`: the repeated hours of `zone` by every day they touch; None where its clock never goes back."""
    by_day = {moment.date(): hour for hour in repeated_hours(zone) for moment in hour}
    if not by_day:
        return None
    columns = {
        "day": [day.isoformat() for day in by_day],
        "starts": [starts.isoformat(" ") for starts, _ in by_day.values()],
        "ends": [ends.isoformat(" ") for _, ends in by_day.values()],
    }
    return engine.make(columns, {"day": "date", "starts": "timestamp", "ends": "timestamp"})
