"""The eight steps of a complaint: how long each takes, and before which one ignored complaints rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.complaints.outputs import COMPLAINT_STEPS
from crmlab.service.complaints.record import STEPS, dates, taken
from crmlab.service.promises.clock import working_days_between
from crmlab.service.promises.workdays import Workdays
from crmlab.tables import conform, empty

EVERY = "all"


def rests_before(complaints: pd.DataFrame) -> pd.Series:
    """The step (1 to 8) that comes after the last one with a date; missing where all are done or no step is on record.

    A step that no complaint of the export has a date of is none that this company records: nothing rests before it.
    """
    done = ~np.isnat(dates(complaints))
    due = taken(complaints) & done.any(axis=0)
    number = np.arange(1, len(STEPS) + 1)
    last = np.where(done, number, 0).max(axis=1, initial=0)
    waiting = due & (number > last[:, None])
    step = np.where(waiting.any(axis=1), waiting.argmax(axis=1) + 1, 0)
    return pd.Series(step, index=complaints.index, dtype="Int64").mask(step == 0)


def durations(complaints: pd.DataFrame, workdays: Workdays) -> tuple[np.ndarray, np.ndarray]:
    """Working days of each step, from the step directly before it (step 1: from receipt), and which ones end before they begin.

    After step 2 an unjustified complaint goes straight to step 8. A date before the receipt is a slip: its own step is
    negative, and the next one cannot be told.

    Returns
    -------
    days : complaints × 8, NaN where a date is missing or the step is negative.
    negative : complaints × 8, bool.
    """
    end = dates(complaints)
    received = complaints["received_at"].to_numpy("datetime64[us]")[:, None]
    sound = np.where(end < received, np.datetime64("NaT"), end)
    begin = np.concatenate([received, sound[:, :-1]], axis=1)
    takes = taken(complaints)
    begin[:, -1] = np.where(takes[:, -2], begin[:, -1], sound[:, 1])
    negative = takes & ((end < received) | (end < begin))
    end = np.where(takes & ~negative, sound, np.datetime64("NaT"))
    days = working_days_between(workdays, begin.ravel(), end.ravel()).reshape(end.shape)
    return days, negative


def complaint_steps(
    complaints: pd.DataFrame, kind: pd.Series, end: pd.Series, workdays: Workdays, min_group: int
) -> pd.DataFrame:
    """Table `complaint_steps`: the complaints that are over, of all times, by kind and together.

    Times of fewer than `min_group` complaints are missing. `share` is of the summed means of the steps that have one.

    Parameters
    ----------
    complaints : as `record.known` returns them; `kind` and `end` are indexed alike.
    """
    over = (end != "running").fillna(True)
    some = complaints[over]
    if some.empty:
        return empty(COMPLAINT_STEPS)
    days, negative = durations(some, workdays)
    cells = pd.DataFrame(
        {
            "kind": np.repeat(kind[over].to_numpy(object), len(STEPS)),
            "step": np.tile(np.arange(1, len(STEPS) + 1), len(some)),
            "days": days.ravel(),
            "negative": negative.ravel(),
        }
    )
    rests = rests_before(some).where((end[over] == "ignored").fillna(False))
    cells["rest"] = cells["step"].to_numpy() == np.repeat(rests.fillna(0).to_numpy(int), len(STEPS))
    cells = pd.concat([cells, cells.assign(kind=EVERY)], ignore_index=True)
    grouped = cells.groupby(["kind", "step"])
    table = grouped["days"].agg(n="count", mean_days="mean", median_days="median")
    table["p90_days"] = grouped["days"].quantile(0.9)
    table[["negative", "rest"]] = grouped[["negative", "rest"]].sum()
    times = ["mean_days", "median_days", "p90_days"]
    table[times] = table[times].mask(table["n"] < min_group)
    table["share"] = table["mean_days"] / table.groupby("kind")["mean_days"].transform("sum")
    table = table[(table[["n", "negative", "rest"]] > 0).any(axis=1)].reset_index()
    return conform(table, COMPLAINT_STEPS)
