"""The clock of a service level: it runs on the days and in the hours of the level, and stands still otherwise."""

from __future__ import annotations

import numpy as np

from crmlab.service.promises.workdays import Workdays


class ServiceClock:
    """A clock that runs `hours` a day from `opens` on `days` days a week.

    7 days run every day; 5 the working days of the calendar; 6 these and Saturdays that are no holidays. 24 hours run day and night.
    """

    def __init__(
        self, workdays: Workdays, days: int = 7, hours: float = 24, opens: int = 9 * 3600
    ) -> None: ...

    def seconds_between(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Seconds on the clock from `start` to `end` (datetime64); negative where `end` is earlier, NaN where either is missing."""
        ...

    def after(self, start: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        """The first moment (datetime64[us]) at which so many `seconds` (≥ 0) have run since `start`; NaT where either is missing."""
        ...
