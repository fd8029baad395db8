"""Which days are worked: weekends, public holidays and make-up workdays of real years, and what params.yaml adds."""

import numpy as np
import pytest

from crmlab.files import CrmlabError
from crmlab.service.promises.workdays import Workdays


def worked(day, **more):
    """Whether one day is worked, in a calendar of that month."""
    first = np.datetime64(day[:7], "D")
    calendar = Workdays(first, first + 27 if day[8:] < "28" else np.datetime64(day), **more)
    return bool(calendar.worked[(np.datetime64(day) - calendar.first).astype(int)])


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        ("2026-02-13", True),  # a Friday
        ("2026-02-14", True),  # a Saturday that makes up for the Spring Festival
        ("2026-02-15", False),  # a Sunday
        ("2026-02-16", False),  # the Spring Festival begins
        ("2026-02-23", False),  # and is not over on the Monday after
        ("2026-02-28", True),  # the second make-up Saturday
        ("2025-01-26", True),  # a Sunday worked
        ("2024-02-29", True),  # a Thursday
        ("2020-02-29", False),  # a Saturday
        ("2025-10-01", False),
        ("2025-10-11", True),
    ],
)
def test_days_of_china(day, is_worked):
    assert worked(day) is is_worked


def test_a_year_whose_make_up_days_nobody_announced_is_estimated():
    calendar = Workdays(np.datetime64("2026-12-01"), np.datetime64("2028-12-31"))
    assert calendar.estimated_years == [2027, 2028]
    assert calendar.unknown_years == []
    assert not calendar.worked[(np.datetime64("2027-10-01") - calendar.first).astype(int)]


def test_a_year_without_known_holidays_says_so_and_falls_back_to_weekends():
    calendar = Workdays(np.datetime64("1948-12-27"), np.datetime64("1949-01-09"))
    assert calendar.unknown_years == [1948, 1949]
    assert calendar.estimated_years == []
    assert calendar.worked.tolist() == ([True] * 5 + [False] * 2) * 2


def test_a_country_without_make_up_days_is_never_estimated():
    calendar = Workdays(np.datetime64("2026-12-01"), np.datetime64("2027-12-31"), "DE")
    assert calendar.estimated_years == []
    assert not worked("2026-12-25", country="DE")
    assert worked("2026-02-16", country="DE")
    assert not worked("2026-02-14", country="de")


def test_a_weekend_on_other_days():
    assert not worked("2026-02-13", country="SA")  # a Friday
    assert worked("2026-02-15", country="SA")  # a Sunday


def test_params_overrule_the_library():
    assert not worked("2026-03-02", closed=["2026-03-02"])
    assert not worked("2026-02-14", closed=["2026-02-14"])
    assert worked("2026-02-17", worked=["2026-02-17"])
    assert worked("2026-03-07", worked=["2026-03-07"])


def test_six_days_a_week_are_workdays_and_saturdays_that_are_no_holidays():
    calendar = Workdays(np.datetime64("2026-02-09"), np.datetime64("2026-03-08"), closed=["2026-03-07"])
    runs = dict(zip(np.arange(calendar.first, calendar.last + 1).astype(str), calendar.runs(6), strict=True))
    assert runs["2026-02-14"]
    assert runs["2026-02-28"]
    assert not runs["2026-02-21"]  # a Saturday of the Spring Festival
    assert not runs["2026-03-07"]  # a Saturday off by params.yaml
    assert not runs["2026-03-08"]
    assert calendar.runs(7).all()
    with pytest.raises(ValueError, match="4 days a week"):
        calendar.runs(4)


@pytest.mark.parametrize("country", ["XX", "China", "", "ZZZ"])
def test_an_unknown_country_says_what_is_allowed(country):
    with pytest.raises(CrmlabError, match=r"service\.country.*ISO 3166.*CN"):
        worked("2026-03-02", country=country)


@pytest.mark.parametrize("day", ["2026-02-30", "2026-3-2", "02.03.2026", "", "Monday", "20260302"])
@pytest.mark.parametrize("key", ["closed", "worked"])
def test_what_is_no_day_is_named(key, day):
    with pytest.raises(CrmlabError, match=rf"service\.{key}: {day!r} is not a day"):
        worked("2026-03-02", **{key: [day]})


def test_a_day_without_a_list_or_on_both_lists_is_named():
    with pytest.raises(CrmlabError, match="is no list"):
        worked("2026-03-02", closed="2026-03-02")
    with pytest.raises(CrmlabError, match="both name 2026-03-02"):
        worked("2026-03-02", closed=["2026-03-02"], worked=["2026-03-02"])


def test_a_calendar_of_no_day_is_refused():
    with pytest.raises(ValueError, match="has no day"):
        Workdays(np.datetime64("2026-03-02"), np.datetime64("2026-03-01"))
