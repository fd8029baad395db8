"""The day a run is about."""

from datetime import date, datetime, timedelta

import pytest
from exports import cleaned
from hypothesis import given
from hypothesis import strategies as st

from crmlab.clean.judging.as_of import gap_before, last_day, parse_as_of, report_month


def test_a_day_quoted_or_not():
    day = date(2026, 10, 31)
    assert parse_as_of("2026-10-31") == parse_as_of(day) == parse_as_of(datetime(2026, 10, 31, 9)) == day
    assert parse_as_of("auto") is None


def test_a_few_rows_far_ahead_are_not_today():
    rows = {date(2026, 10, 30): 500, date(2026, 10, 31): 499, date(2028, 1, 1): 1}
    assert last_day(rows) == date(2026, 10, 31)
    assert last_day({**rows, date(2062, 1, 1): 1}) == date(2028, 1, 1), (
        "two rows of a thousand are not a slip"
    )


def test_few_rows_are_taken_as_they_are():
    assert last_day({date(2008, 1, 1): 9, date(2026, 1, 1): 1}) == date(2026, 1, 1)
    assert last_day({}) is None


def test_a_year_without_rows_before_the_last_few_is_named():
    few = {date(2026, 10, 30): 4, date(2026, 10, 31): 3, date(2098, 12, 31): 1, date(2099, 1, 1): 1}
    assert gap_before(few, date(2099, 1, 1)) == (date(2026, 10, 31), 2)
    assert gap_before(few, date(2026, 10, 31)) is None, "rows after the day are set aside already"
    assert gap_before({date(2020, 1, 1): 3, date(2026, 1, 1): 3}, date(2026, 1, 1)) is None, (
        "a business that began anew"
    )
    assert gap_before({date(2026, 1, 1): 1}, date(2026, 1, 1)) is None


@given(st.dictionaries(st.dates(date(2020, 1, 1), date(2020, 12, 31)), st.integers(1, 500), min_size=1))
def test_within_a_year_the_last_day_is_the_last_day(rows):
    assert last_day(rows) == max(rows)


@pytest.mark.parametrize(
    ("day", "month"),
    [
        ("2026-10-31", "2026-10"),
        ("2026-10-30", "2026-09"),
        ("2026-01-01", "2025-12"),
        ("2024-02-28", "2024-01"),
    ],
)
def test_the_last_complete_month(day, month):
    assert report_month(date.fromisoformat(day)) == month


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_the_report_month_is_over_and_the_next_is_not(day):
    year, month = map(int, report_month(day).split("-"))
    after = date(year + month // 12, month % 12 + 1, 1)
    assert (
        after - timedelta(days=1)
        <= day
        < date(after.year + after.month // 12, after.month % 12 + 1, 1) - timedelta(days=1)
    )


def test_a_far_day_in_a_table_that_does_not_say_the_day_is_a_slip_of_the_pen(tmp_path):
    files = {
        "tickets.csv": "派单号,报修时间,故障现象\nT1,2026-10-01,a\n",
        "complaints.csv": "投诉号,客户编号,投诉时间\nK1,C1,2099-01-01\nK2,C1,2027-03-01\nK3,C1,2026-09-01\n",
    }
    done = cleaned(tmp_path, files)
    assert done.quarantine("complaints") == {
        2: "received_at: 2099-01-01 lies more than a year after every other day"
    }
    assert len(done.table("complaints")) == 2
