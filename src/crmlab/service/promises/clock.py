"""The clock of a service level: it runs on the days and in the hours of the level, and stands still otherwise."""

from __future__ import annotations

import re

import numpy as np

from crmlab.files import CrmlabError
from crmlab.service.promises.workdays import Workdays

DAY = 86_400
_MICRO = 1_000_000
_MISSING = np.iinfo(np.int64).min
_OPENS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class ServiceClock:
    """A clock that runs `hours` a day from `opens` on `days` days a week.

    7 days run every day; 5 the working days of the calendar; 6 these and Saturdays that are no holidays. 24 hours run day and
    night, from midnight. Hours that end after midnight run on into the next day, whatever that day is: under 5 days of 20 hours
    from 09:00 the clock stops at 05:00 on Saturday morning. A shift belongs to the day on which it began.

    Parameters
    ----------
    workdays : the calendar; no moment outside it can be counted.
    days : 5, 6 or 7.
    hours : more than 0, at most 24.
    opens : seconds after midnight, from `opening`.

    Raises
    ------
    ValueError
        for other days, hours or seconds.

    Examples
    --------
    From Friday 17:00 to Monday 10:00 two hours of 5*9 pass: one on each day.

    >>> clock = ServiceClock(Workdays(np.datetime64("2026-06-01"), np.datetime64("2026-06-30")), 5, 9)
    >>> moments = np.array(["2026-06-05T17:00", "2026-06-08T10:00"], "datetime64[us]")
    >>> float(clock.seconds_between(moments[0], moments[1])) / 3600
    2.0
    >>> clock.after(moments[:1], np.array([7200.0])).astype("datetime64[m]").tolist()
    [datetime.datetime(2026, 6, 8, 10, 0)]
    """

    def __init__(self, workdays: Workdays, days: int = 7, hours: float = 24, opens: int = 9 * 3600) -> None:
        if not 0 < hours <= 24:
            raise ValueError(f"{hours} hours a day; more than 0 and at most 24 are possible")
        if not 0 <= opens < DAY:
            raise ValueError(f"opens {opens} s after midnight; 0 to {DAY - 1} are possible")
        self.days, self.hours = days, hours
        # Shifted by the opening time, every span of open hours begins at the start of a day and ends within it.
        self._opens = 0 if hours == 24 else int(opens) * _MICRO
        self._open_for = round(hours * 3600 * _MICRO)
        self._runs = np.append(workdays.runs(days), False)
        self._before = np.concatenate([[0], np.cumsum(self._runs) * self._open_for])
        self._workdays = workdays
        self._start = int(workdays.first.astype("datetime64[us]").astype("int64"))
        self._end = self._start + (len(self._runs) - 1) * DAY * _MICRO

    def seconds_between(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Seconds on the clock from `start` to `end` (datetime64); negative where `end` is earlier, NaN where either is missing.

        Raises ValueError for a moment outside the calendar.
        """
        start, end = _micro(start), _micro(end)
        missing = (start == _MISSING) | (end == _MISSING)
        ran = self._ran(np.where(missing, self._start, end)) - self._ran(
            np.where(missing, self._start, start)
        )
        return np.where(missing, np.nan, ran / _MICRO)

    def after(self, start: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """The first moment (datetime64[us]) at which so many `seconds` (≥ 0) have run since `start`; NaT where either is missing.

        9 hours of 5*9 from Monday 09:00 end on Monday 18:00, not on Tuesday 09:00. NaT, too, where they end after the calendar.
        Raises ValueError for a start outside the calendar and for negative seconds.
        """
        start, seconds = _micro(start), np.asarray(seconds, dtype=float)
        if (seconds < 0).any():
            raise ValueError(f"{np.nanmin(seconds):g} seconds; a clock does not run backwards")
        missing = (start == _MISSING) | np.isnan(seconds)
        start = np.where(missing, self._start, start)
        # more than the calendar holds ends after it, however much it is; unbounded it would overflow
        most = (self._before[-1] + 1) / _MICRO
        wait = np.rint(np.where(missing, 0, np.minimum(seconds, most)) * _MICRO).astype("int64")
        ran = self._ran(start) + wait
        day = np.maximum(np.searchsorted(self._before, ran, side="left") - 1, 0)
        moment = self._start + day * DAY * _MICRO + self._opens + ran - self._before[day]
        moment = np.where(wait == 0, start, np.maximum(moment, start))
        beyond = (ran > self._before[-1]) | (moment > self._end)
        moment = np.where(missing | beyond, _MISSING, moment)
        return moment.astype("datetime64[us]")

    def _ran(self, moment: np.ndarray) -> np.ndarray:
        """Microseconds that ran from the start of the calendar until these moments."""
        if len(
            outside := np.atleast_1d(moment)[np.atleast_1d((moment < self._start) | (moment > self._end))]
        ):
            raise ValueError(
                f"{outside[0].astype('datetime64[us]').astype('datetime64[s]')} is outside the calendar "
                f"from {self._workdays.first} to {self._workdays.last}; make the calendar longer"
            )
        since = moment - self._start - self._opens
        day = since // (DAY * _MICRO)
        into = np.minimum(since - day * (DAY * _MICRO), self._open_for)
        # before the first opening, day is −1: nothing has run
        return np.where(day < 0, 0, self._before[day] + self._runs[day] * into)


def opening(opens: str) -> int:
    """Seconds after midnight of "09:00" (params.yaml service.opens).

    Raises CrmlabError for anything else; a time without quotes, which YAML may read as a number, is one such thing.

    >>> opening("09:00")
    32400
    """
    if isinstance(opens, str) and (found := _OPENS.fullmatch(opens.strip())):
        return int(found[1]) * 3600 + int(found[2]) * 60
    raise CrmlabError(
        f'params.yaml service.opens: {opens!r} is not a time of day; write it in quotes as "09:00"'
    )


def working_days_between(workdays: Workdays, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Working days from `start` to `end`, each counted from midnight to midnight; NaN where either is missing.

    A fraction of a day is a fraction of its 24 hours, so that Friday 17:00 to Monday 17:00 is one working day whatever the
    opening hours are.

    >>> calendar = Workdays(np.datetime64("2026-06-01"), np.datetime64("2026-06-30"))
    >>> friday, monday = np.array(["2026-06-05T17:00", "2026-06-08T17:00"], "datetime64[us]")
    >>> float(working_days_between(calendar, friday, monday))
    1.0
    """
    return ServiceClock(workdays, 5, 24).seconds_between(start, end) / DAY


def _micro(moments: np.ndarray) -> np.ndarray:
    return np.asarray(moments, dtype="datetime64[us]").astype("int64")
