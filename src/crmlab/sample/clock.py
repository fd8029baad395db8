"""Working hours: the clock of the level 5*9 stands still at night, on weekends and on public holidays.

The service stage counts with the official calendar, make-up workdays included; here the longest holidays are whole and
make-up workdays are free, so promises computed there differ a little from what was promised here.
"""

from __future__ import annotations

import numpy as np

from .world import DAY, DAYS, START, day

OPENS, OPEN_FOR = 9 * 60, 9 * 60
_LAST = DAYS + 1300

_HOLIDAYS = [
    ("2022-01-31", 7),
    ("2023-01-21", 7),
    ("2024-02-10", 8),
    ("2025-01-28", 8),
    ("2026-02-15", 9),
    ("2027-02-05", 7),
    ("2028-01-25", 7),
    ("2029-02-12", 7),
    *[
        (f"{year}-{start}", days)
        for year in range(2022, 2030)
        for start, days in (("01-01", 1), ("05-01", 5))
    ],
    *[(f"{year}-10-01", 7) for year in range(2022, 2030)],
]


def _working_days() -> np.ndarray:
    days = np.is_busday(START + np.arange(_LAST))
    for first, length in _HOLIDAYS:
        days[day(first) : day(first) + length] = False
    return days


WORKING = _working_days()
_OPENED = np.concatenate([[0], np.cumsum(WORKING) * OPEN_FOR])


def working_minutes(minutes: np.ndarray) -> np.ndarray:
    """Working minutes that passed from `START` until these minutes by the clock."""
    days = minutes // DAY
    return _OPENED[days] + WORKING[days] * np.clip(minutes % DAY - OPENS, 0, OPEN_FOR)


def by_the_clock(working: np.ndarray) -> np.ndarray:
    """The first minute by the clock at which so many working minutes have passed (inverse of `working_minutes`)."""
    days = np.searchsorted(_OPENED, working, side="right") - 1
    return days * DAY + OPENS + working - _OPENED[days]
