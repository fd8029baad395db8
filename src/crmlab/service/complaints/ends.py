"""How each complaint ended: ignored, solved, solved promptly, or not over yet."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.complaints.record import DAY, solved_at
from crmlab.service.promises.clock import working_days_between
from crmlab.service.promises.workdays import Workdays


def ends(
    complaints: pd.DataFrame, as_of: pd.Timestamp, prompt_days: float, ignored_days: int, workdays: Workdays
) -> pd.DataFrame:
    """The end of each complaint, when that was known, and how many working days its solution took.

    Solved counts however late it was; ignored is what was not solved by `as_of` and came in `ignored_days` calendar days
    before or earlier. A solution before the receipt is a solution that nobody knows the time of: solved, not promptly.
    Where no complaint at all has the date of a solution, solved cannot be told from ignored, and no end is given.

    Parameters
    ----------
    complaints : as `record.known` returns them.
    prompt_days : working days within which a solution is prompt.
    workdays : a calendar from the first receipt to `as_of`.

    Returns
    -------
    end (text), ended_at, working_days (NaN where not solved or unknown), negative (bool: solved before it came in), indexed
    as `complaints`.
    """
    received, solved = complaints["received_at"].astype("datetime64[us]"), solved_at(complaints)
    negative = (solved < received).to_numpy(bool)
    took = working_days_between(
        workdays, received.to_numpy(), solved.mask(negative).to_numpy("datetime64[us]")
    )
    given_up = received + ignored_days * DAY
    over = (given_up < as_of.normalize() + DAY).to_numpy(bool)
    is_solved = solved.notna().to_numpy()
    end = np.select(
        [is_solved & (took <= prompt_days), is_solved, over],
        ["solved promptly", "solved", "ignored"],
        "running",
    )
    ended_at = solved.mask(negative, received).where(is_solved, given_up.where(over))
    if not is_solved.any():
        end, ended_at = np.full(len(end), None, dtype=object), ended_at.mask(over)
    return pd.DataFrame(
        {
            "end": pd.Series(end, index=complaints.index, dtype="string"),
            "ended_at": ended_at,
            "working_days": took,
            "negative": negative,
        },
        index=complaints.index,
    )
