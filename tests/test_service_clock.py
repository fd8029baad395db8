"""The clock of a service level, against one that is moved minute by minute, and at the moments where clocks go wrong."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.files import CrmlabError
from crmlab.service.promises.clock import ServiceClock, opening, working_days_between
from crmlab.service.promises.workdays import Workdays

HOUR = 3600
CALENDAR = Workdays(np.datetime64("2023-12-25"), np.datetime64("2026-12-31"))
LEVELS = [(5, 9), (6, 9), (7, 9), (5, 8.5), (5, 24), (7, 24), (5, 20), (6, 16), (7, 20)]


def moments(*texts):
    return np.array(texts, dtype="datetime64[us]")


def hours(start, end, days=5, a_day=9, opens="09:00"):
    clock = ServiceClock(CALENDAR, days, a_day, opening(opens))
    return float(clock.seconds_between(moments(start), moments(end))[0]) / HOUR


def due(start, after, days=5, a_day=9):
    clock = ServiceClock(CALENDAR, days, a_day)
    return str(clock.after(moments(start), np.array([after * HOUR]))[0].astype("datetime64[m]"))


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-06-01T10:00", "2026-06-01T12:30", 2.5),
        ("2026-06-01T07:00", "2026-06-01T20:00", 9),  # begins and ends outside the hours
        ("2026-06-05T17:00", "2026-06-08T10:00", 2),  # over a weekend
        ("2026-06-06T10:00", "2026-06-07T10:00", 0),  # a weekend
        ("2026-06-01T23:59:59", "2026-06-02T00:00", 0),
        ("2026-06-30T17:00", "2026-07-01T10:00", 2),  # over the end of a month
        ("2024-02-28T17:00", "2024-03-01T10:00", 11),  # 29 February is worked
        ("2026-02-13T17:00", "2026-02-14T10:00", 2),  # a Saturday made up
        ("2026-02-14T17:00", "2026-02-24T10:00", 2),  # over the Spring Festival
        ("2025-12-31T17:00", "2026-01-04T10:00", 2),  # New Year; the Sunday after is made up
        ("2026-06-01T12:00", "2026-06-01T10:00", -2),
        ("2026-06-08T10:00", "2026-06-05T17:00", -2),
        ("2026-06-01T10:00:00.25", "2026-06-01T10:00:01", 0.75 / HOUR),
    ],
)
def test_working_hours(start, end, expected):
    assert hours(start, end) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("start", "after", "expected"),
    [
        ("2026-06-01T10:00", 0, "2026-06-01T10:00"),
        ("2026-06-06T10:00", 0, "2026-06-06T10:00"),  # no time has to pass, not even to open
        ("2026-06-01T09:00", 9, "2026-06-01T18:00"),  # the close of the day, not the next opening
        ("2026-06-01T10:00", 9, "2026-06-02T10:00"),
        ("2026-06-05T20:00", 1, "2026-06-08T10:00"),
        ("2026-02-14T17:00", 2, "2026-02-24T10:00"),
    ],
)
def test_a_promise_runs_out_on_the_clock(start, after, expected):
    assert due(start, after) == expected


def test_day_and_night_is_wall_time():
    assert hours("2026-02-15T03:00", "2026-02-18T04:00", 7, 24) == 73
    assert due("2024-02-28T22:00", 4, 7, 24) == "2024-02-29T02:00"


def test_working_days_of_24_hours_begin_at_midnight():
    assert hours("2026-06-05T22:00", "2026-06-08T01:00", 5, 24) == 3
    assert hours("2026-06-05T22:00", "2026-06-08T01:00", 5, 24, opens="12:00") == 3


def test_hours_that_end_after_midnight_belong_to_the_day_on_which_they_began():
    # Friday's shift of 20 hours runs until Saturday 05:00, Sunday has none, Monday's begins at 09:00
    assert hours("2026-06-05T22:00", "2026-06-06T12:00", 5, 20) == 7
    assert hours("2026-06-08T02:00", "2026-06-08T10:00", 5, 20) == 1
    assert due("2026-06-05T22:00", 8, 5, 20) == "2026-06-08T10:00"


def by_the_minute(calendar, days, a_day, opens):
    """How many minutes ran before each minute of the calendar, moved one by one."""
    runs = calendar.runs(days)
    opens, open_for = (0, 1440) if a_day == 24 else (opens // 60, round(a_day * 60))
    ran, total = [], 0
    for minute in range(len(runs) * 1440 + 1):
        ran.append(total)
        today, clock = divmod(minute, 1440)
        here = today < len(runs) and runs[today] and opens <= clock < opens + open_for
        still = today > 0 and runs[today - 1] and clock + 1440 < opens + open_for
        total += bool(here or still)
    return np.array(ran)


def differences(n, calendar):
    """Spans of random minutes on which the clock and the slow one differ, over all levels."""
    rng = np.random.default_rng(7)
    minutes = len(calendar.worked) * 1440
    wrong = 0
    for days, a_day in LEVELS:
        ran = by_the_minute(calendar, days, a_day, 9 * HOUR)
        clock = ServiceClock(calendar, days, a_day)
        start, end = rng.integers(0, minutes + 1, (2, n // len(LEVELS) + 1))
        at = calendar.first.astype("datetime64[us]") + np.stack([start, end]) * np.timedelta64(60, "s")
        took = clock.seconds_between(at[0], at[1])
        wrong += int((took != (ran[end] - ran[start]) * 60).sum())
        wait = np.abs(ran[end] - ran[start])
        due = clock.after(at[0], wait * 60.0)
        first = np.searchsorted(ran, ran[start] + wait)  # the slow clock's first such minute
        first = np.where(wait == 0, start, first)
        seen = first < len(ran)
        expected = calendar.first.astype("datetime64[us]") + first * np.timedelta64(60, "s")
        wrong += int((due[seen] != expected[seen]).sum()) + int((~np.isnat(due[~seen])).sum())
    return wrong


def test_it_agrees_with_a_clock_moved_minute_by_minute():
    assert differences(300, Workdays(np.datetime64("2026-01-25"), np.datetime64("2026-03-05"))) == 0


@pytest.mark.slow
def test_it_agrees_on_ten_thousand_spans_of_two_years():
    assert differences(10_000, Workdays(np.datetime64("2024-01-01"), np.datetime64("2025-12-31"))) == 0


SECONDS = st.integers(0, 600 * 86_400)


@given(
    level=st.sampled_from(LEVELS),
    opens=st.integers(0, 24 * HOUR - 1),
    start=SECONDS,
    wait=st.integers(0, 200 * HOUR * 10**6),
)
def test_what_ran_until_a_promise_ran_out_is_the_promise(level, opens, start, wait):
    clock = ServiceClock(CALENDAR, *level, opens)
    start = CALENDAR.first.astype("datetime64[us]") + np.array([start]) * np.timedelta64(1, "s")
    end = clock.after(start, np.array([wait / 10**6]))
    assert end[0] >= start[0]
    assert clock.seconds_between(start, end)[0] == wait / 10**6


@given(level=st.sampled_from(LEVELS), start=SECONDS, one=SECONDS, two=SECONDS)
def test_spans_add_up_and_turn_round(level, start, one, two):
    clock = ServiceClock(CALENDAR, *level)
    a, b, c = CALENDAR.first.astype("datetime64[us]") + np.array([start, one, two]) * np.timedelta64(1, "s")
    assert clock.seconds_between(a, b) + clock.seconds_between(b, c) == clock.seconds_between(a, c)
    assert clock.seconds_between(a, b) == -clock.seconds_between(b, a)


def test_missing_moments_stay_missing():
    clock = ServiceClock(CALENDAR, 5, 9)
    start = pd.Series(pd.to_datetime(["2026-06-01 10:00", None]))
    end = pd.Series(pd.to_datetime([None, "2026-06-01 10:00"]))
    assert np.isnan(clock.seconds_between(start, end)).all()
    assert np.isnat(clock.after(start, np.array([np.nan, 60]))).all()
    none = np.array([], "datetime64[us]")
    assert len(clock.seconds_between(none, none)) == len(clock.after(none, np.array([]))) == 0


def test_what_lies_outside_the_calendar_is_not_guessed():
    clock = ServiceClock(CALENDAR, 5, 9)
    with pytest.raises(
        ValueError, match="2027-01-02T00:00:00 is outside the calendar from 2023-12-25 to 2026-12-31"
    ):
        clock.seconds_between(moments("2026-12-31"), moments("2027-01-02"))
    assert hours("2026-12-31T17:00", "2027-01-01T00:00") == 1  # the end of the last day is its last moment
    far = clock.after(moments("2026-12-31T17:00", "2026-01-01"), np.array([2 * HOUR, 1e15]))
    assert np.isnat(far).all()
    night = ServiceClock(CALENDAR, 5, 20).after(moments("2026-12-31T20:00"), np.array([5.0 * HOUR]))
    assert np.isnat(night).all()


@pytest.mark.parametrize(
    "wrong", [{"days": 4}, {"hours": 0}, {"hours": 25}, {"opens": 86_400}, {"opens": -1}]
)
def test_a_clock_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"known|possible"):
        ServiceClock(CALENDAR, **wrong)


def test_a_clock_does_not_run_backwards():
    with pytest.raises(ValueError, match="backwards"):
        ServiceClock(CALENDAR).after(moments("2026-06-01"), np.array([-1.0]))


def test_opening_is_read():
    assert opening("8:30") == 30_600
    assert opening("00:00") == 0
    # YAML 1.1 reads 10:00 without quotes as 600
    for wrong in (600, "24:00", "9", "9h", "09:60", None):
        with pytest.raises(CrmlabError, match=r"service\.opens"):
            opening(wrong)


def test_working_days_between_two_moments():
    start = moments("2026-06-05T17:00", "2026-06-06T10:00", "2026-06-01T00:00", "2026-02-14T12:00")
    end = moments("2026-06-08T17:00", "2026-06-07T10:00", "2026-06-06T00:00", "2026-02-24T12:00")
    assert working_days_between(CALENDAR, start, end).tolist() == [1, 0, 5, 1]
