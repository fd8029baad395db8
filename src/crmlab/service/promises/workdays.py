"""Which days are worked: Monday to Friday, less public holidays, plus make-up workdays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from crmlab.files import CrmlabError

if TYPE_CHECKING:
    from holidays import HolidayBase

MAKE_UP_SINCE = 2001
"""From this year on the library is asked whether a country has make-up workdays at all."""
FRIDAY, SATURDAY = 4, 5

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Workdays:
    """The working calendar from `first` to `last`, both included.

    Make-up workdays are weekend days worked to make up for a bridge day, as China announces them each November for the next
    year. The source is the library `holidays`; where a country's weekend is not Saturday and Sunday, the library's is used.

    Parameters
    ----------
    first, last : days (datetime64, any unit).
    country : code of ISO 3166, as in params.yaml service.country.
    closed, worked : further days off and further workdays, as "2026-03-02"; they overrule the library.

    Attributes
    ----------
    first : the day of index 0 (datetime64[D]).
    worked : boolean array, one entry per day.
    holiday : boolean array, one entry per day: a public holiday or one of `closed`, on whatever weekday, or a weekend between
        a Friday and a Monday that are.
    estimated_years : years whose make-up workdays nobody has announced; only the holidays that the library computes are off.
    unknown_years : years of which the library knows no holiday; Monday to Friday are worked.

    Raises
    ------
    CrmlabError
        for a country that the library does not know, for a day that is none, for a day that is closed and worked.
    ValueError
        where `last` is before `first`.

    Examples
    --------
    The Spring Festival of 2026 was paid for with the Saturday before it.

    >>> calendar = Workdays(np.datetime64("2026-02-13"), np.datetime64("2026-02-16"))
    >>> calendar.worked.tolist()
    [True, True, False, False]
    """

    first: np.datetime64
    worked: np.ndarray
    holiday: np.ndarray
    estimated_years: list[int]
    unknown_years: list[int]

    def __init__(
        self,
        first: np.datetime64,
        last: np.datetime64,
        country: str = "CN",
        closed: Sequence[str] = (),
        worked: Sequence[str] = (),
    ) -> None:
        self.first = np.datetime64(first, "D")
        days = np.arange(self.first, np.datetime64(last, "D") + 1)
        if not len(days):
            raise ValueError(f"a calendar from {first} to {last} has no day")
        off, on = _days(closed, "closed"), _days(worked, "worked")
        if both := sorted(set(off) & set(on)):
            raise CrmlabError(
                f"params.yaml service.closed and service.worked both name {both[0]}; strike it from one of them"
            )
        years = range(_year(days[0]), _year(days[-1]) + 1)
        known = _library(country, years)
        made_up = {d for d in known.weekend_workdays if d.year in years}
        self.holiday = np.isin(days, _with_weekends(_array({*known, *off})))
        self.holiday &= ~np.isin(days, _array(on))
        weekend = sorted(known.weekend) if len(known.weekend) == 2 else [SATURDAY, SATURDAY + 1]
        self._weekday = _weekday(days)
        self.worked = ~np.isin(self._weekday, weekend) & ~self.holiday
        self.worked |= np.isin(days, _array(made_up - set(off))) | np.isin(days, _array(on))
        with_holidays = {d.year for d in known}
        self.unknown_years = [y for y in years if y not in with_holidays]
        announced = {d.year for d in known.weekend_workdays}
        self.estimated_years = [y for y in years if announced and y in with_holidays and y not in announced]

    @property
    def last(self) -> np.datetime64:
        """The last day of the calendar."""
        return self.first + (len(self.worked) - 1)

    def runs(self, days: int) -> np.ndarray:
        """Whether a service of `days` days a week runs, one entry per day.

        7 runs every day; 5 on the days worked; 6 on these and on Saturdays that are no holidays.

        Raises ValueError for another number of days.
        """
        if days == 7:
            return np.ones(len(self.worked), dtype=bool)
        if days == 6:
            return self.worked | ((self._weekday == SATURDAY) & ~self.holiday)
        if days == 5:
            return self.worked
        raise ValueError(f"a service of {days} days a week; 5, 6 and 7 are known")


def _library(country: str, years: range) -> HolidayBase:
    """What the library knows of these years, and of those since `MAKE_UP_SINCE`; one more, for a year's first days may be made up for in the last."""
    import holidays

    code = str(country).upper()
    if code not in (allowed := holidays.list_supported_countries()):
        raise CrmlabError(
            f"params.yaml service.country: {country!r} is no country whose holidays are known; "
            f"write a code of ISO 3166, one of {', '.join(sorted(c for c in allowed if len(c) == 2))}"
        )
    return holidays.country_holidays(code, years=range(min(years[0], MAKE_UP_SINCE), years[-1] + 2))


def _days(texts: Sequence[str], key: str) -> list[date]:
    if isinstance(texts, str):
        raise CrmlabError(f"params.yaml service.{key}: {texts!r} is no list; write [{texts!r}]")
    return [_day(str(text), key) for text in texts or ()]


def _day(text: str, key: str) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CrmlabError(f'params.yaml service.{key}: {text!r} is not a day; write it as "2026-03-02"')


def _array(days: Iterable[date]) -> np.ndarray:
    return np.array(sorted(days), dtype="datetime64[D]")


def _with_weekends(holidays: np.ndarray) -> np.ndarray:
    """These days and the weekends inside longer holidays: the library lists no weekend day that is free anyway."""
    fridays = holidays[(_weekday(holidays) == FRIDAY) & np.isin(holidays + 3, holidays)]
    return np.concatenate([holidays, fridays + 1, fridays + 2])


def _weekday(days: np.ndarray) -> np.ndarray:
    """0 for Monday."""
    return (days.astype("int64") + 3) % 7


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970
