"""Which days are worked: Monday to Friday, less public holidays, plus make-up workdays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Workdays:
    """The working calendar from `first` to `last`, both included.

    Attributes
    ----------
    first : the day of index 0 (datetime64[D]).
    worked : boolean array, one entry per day.
    estimated_years : years whose make-up workdays nobody has announced; only the holidays that the library computes are off.
    unknown_years : years of which the library knows no holiday; Monday to Friday are worked.
    """

    first: np.datetime64
    worked: np.ndarray
    estimated_years: list[int]
    unknown_years: list[int]

    def __init__(
        self,
        first: np.datetime64,
        last: np.datetime64,
        country: str = "CN",
        closed: Sequence[str] = (),
        worked: Sequence[str] = (),
    ) -> None: ...
