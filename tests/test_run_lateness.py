"""When data are late: by the calendar, and by what they say of themselves."""

from datetime import date

import pytest

from crmlab.files import CrmlabError
from crmlab.run.lateness import Schedule, late

OCTOBER = {
    "as_of": date(2026, 10, 31),
    "report_month": "2026-10",
    "schedule": Schedule(due_day=10, months=12),
}


def month(name, verdict, rows=0, expected=300.0, table="tickets"):
    return {"table": table, "month": name, "rows": rows, "expected": expected, "verdict": verdict}


def told(volume=(), freshness=(), today=None, **more):
    return late(volume, freshness, today=today, **(OCTOBER | more))


def test_data_that_are_sound_and_in_time_are_not_late():
    sound = [month("2026-09", "", 310), month("2026-10", "", 290)]
    fresh = [{"table": "visits", "late": False, "last_day": date(2026, 10, 28), "behind": 3}]
    assert told(sound, fresh, date(2026, 11, 30)) == []


@pytest.mark.parametrize(
    ("today", "owed"),
    [
        (date(2026, 11, 9), None),
        (date(2026, 12, 9), None),
        (date(2026, 12, 10), "2026-11 were due on 2026-12-10"),
        (date(2027, 1, 1), "2026-11 were due on 2026-12-10"),
        (date(2027, 3, 10), "2027-02 were due on 2027-03-10"),
    ],
)
def test_the_month_before_is_owed_from_its_day_on(today, owed):
    said = told(today=today)
    assert said == ([] if owed is None else [f"the data end on 2026-10-31, and the rows of {owed}"])


def test_a_due_day_that_the_month_has_not_is_its_last():
    schedule = Schedule(due_day=31, months=12)
    assert told(today=date(2027, 2, 27), schedule=schedule, as_of=date(2026, 12, 31)) == []
    [said] = told(today=date(2027, 2, 28), schedule=schedule, as_of=date(2026, 12, 31))
    assert said.endswith("2027-01 were due on 2027-02-28")


def test_a_month_that_ends_quietly_is_no_month_missing():
    assert told(as_of=date(2026, 10, 25), today=date(2026, 11, 20)) == []
    assert told(as_of=date(2026, 10, 23), today=date(2026, 11, 20)) != []


def test_simulated_data_and_a_stated_day_follow_no_calendar():
    assert told(today=None) == []


def test_a_month_without_rows_is_named_within_the_months_that_matter():
    volume = [
        month("2025-10", "missing"),
        month("2025-11", "missing"),
        month("2026-05", "missing", table="sales"),
    ]
    assert told(volume) == [
        "tickets: no row in 2025-11, where about 300 were to be expected",
        "sales: no row in 2026-05, where about 300 were to be expected",
    ]


def test_a_last_month_cut_short_is_named_and_an_earlier_one_or_one_still_filling_is_not():
    volume = [
        month("2026-09", "low", 90),
        month("2026-10", "filling", 9, table="visits"),
        month("2026-10", "low", 120),
    ]
    assert told(volume) == ["tickets: only 120 rows in 2026-10, where about 300 were to be expected"]


def test_a_table_that_stopped_is_named():
    fresh = [
        {"table": "visits", "late": True, "last_day": date(2026, 8, 31), "behind": 61},
        {"table": "parts", "late": None, "last_day": None, "behind": None},
    ]
    assert told(freshness=fresh) == ["visits end on 2026-08-31, 61 days before the others"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("due_day", 0), ("due_day", -1), ("due_day", 10.5), ("due_day", 32), ("months", 0), ("months", 1.5)],
)
def test_a_schedule_that_no_calendar_has_is_refused(key, value):
    with pytest.raises(CrmlabError, match=rf"params\.yaml, run\.{key}: {value} is not a "):
        Schedule.read({"due_day": 10, "months": 12, key: value})
