"""The clocks of all service levels over one calendar: each ticket on its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from crmlab.service.promises.clock import ServiceClock, opening
from crmlab.service.promises.levels import Levels
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings


class LevelClocks:
    """Counts time for many tickets at once, each on the clock of its service level.

    A level that is missing or cannot be read runs day and night.

    Parameters
    ----------
    workdays : the calendar; no moment outside it can be counted.
    settings : levels and opens are read.
    """

    def __init__(self, workdays: Workdays, settings: Settings) -> None:
        self.workdays = workdays
        self.levels = Levels(settings.levels)
        self._opens = opening(settings.opens)

    def seconds_between(self, level: pd.Series, start: pd.Series, end: pd.Series) -> np.ndarray:
        """Seconds from `start` to `end` on the clock of each row's `level`; negative where `end` is earlier, NaN where one is missing."""
        out = np.full(len(level), np.nan)
        return self._each(level, out, ServiceClock.seconds_between, start, end)

    def after(self, level: pd.Series, start: pd.Series, seconds: pd.Series) -> np.ndarray:
        """The moment at which `seconds` have run since `start` on the clock of each row's `level`; NaT where one is missing or after the calendar."""
        out = np.full(len(level), np.datetime64("NaT", "us"))
        return self._each(level, out, ServiceClock.after, start, np.asarray(seconds, dtype=float))

    def _each(self, level: pd.Series, out: np.ndarray, count: Callable, *values: pd.Series) -> np.ndarray:
        said = self.levels.table(level)
        columns = [np.asarray(column) for column in values]
        for (days, hours), rows in said.groupby(["days", "hours"]).indices.items():
            clock = ServiceClock(self.workdays, int(days), float(hours), self._opens)
            out[rows] = count(clock, *(column[rows] for column in columns))
        return out
