"""Incidents: calls that report one and the same fault, and the split that never tears one apart.

Near-identical calls on both sides of a random split let a model copy the answer. So a model is judged only on
incidents that began after everything it learnt from was known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.faults.causes.text import fold


def number_incidents(tickets: pd.DataFrame, days: int) -> pd.Series:
    """Number the incidents: same folded symptom and same machine family within `days` of the first such call.

    The text alone never makes an incident (two machines may fail alike), and a ticket without text stands alone.
    Counting from the first call keeps a common wording from chaining months of tickets together.

    Parameters
    ----------
    tickets : one row per ticket with `ticket_id`, `symptom`, `machine_family`, `reported_at`.

    Returns
    -------
    One integer per ticket, in the order of `tickets`.

    Examples
    --------
    Two calls about one fault, and one a month later about another like it.

    >>> days = pd.to_datetime(["2026-03-01", "2026-03-02", "2026-04-01"])
    >>> calls = pd.DataFrame({"ticket_id": list("abc"), "symptom": "disk light", "machine_family": "7944", "reported_at": days})
    >>> number_incidents(calls, days=3).tolist()
    [0, 0, 1]
    """
    text = fold(tickets["symptom"])
    alone = "\0" + tickets["ticket_id"].astype(str)
    said = text.where(text != "", alone)
    family = tickets["machine_family"].astype("string").fillna("").astype(object)
    wording = pd.factorize(said + "\0" + family)[0]
    at = tickets["reported_at"].to_numpy("datetime64[s]")
    order = np.lexsort((tickets["ticket_id"].astype(str), at, wording))

    numbers = np.empty(len(tickets), dtype="int64")
    window = np.timedelta64(days, "D")
    incident, last_wording, began = -1, None, None
    for row in order:
        if wording[row] != last_wording or at[row] - began > window:
            incident, last_wording, began = incident + 1, wording[row], at[row]
        numbers[row] = incident
    return pd.Series(numbers, index=tickets.index, name="incident")


@dataclass(frozen=True)
class Split:
    """Which tickets a model learns from (`train`) and is judged on (`test`), as masks, and the moment between."""

    train: pd.Series
    test: pd.Series
    cut: pd.Timestamp


def split_by_time(tickets: pd.DataFrame, incidents: pd.Series, test_share: float) -> Split:
    """Split labelled tickets by time: the incidents that began last, about `test_share` of the tickets, are the test.

    Tickets that began before the cut but closed (or were reported again) after it are in neither part: on the day
    of the cut their cause was not known.

    Parameters
    ----------
    tickets : one row or more, with `reported_at` and `closed_at` (may be missing).
    incidents : as `number_incidents` gives them.

    Examples
    --------
    The third ticket was closed only after the cut, so that nobody knew its cause by then.

    >>> days = pd.date_range("2026-03-01", periods=5)
    >>> tickets = pd.DataFrame({"reported_at": days, "closed_at": [*days[:2], pd.Timestamp("2026-05-01"), *days[3:]]})
    >>> split = split_by_time(tickets, pd.Series(range(5)), test_share=0.4)
    >>> split.train.tolist(), split.test.tolist()
    ([True, True, False, False, False], [False, False, False, True, True])
    """
    began = tickets["reported_at"].groupby(incidents).transform("min")
    cut = began.sort_values().iloc[min(int(len(began) * (1 - test_share)), len(began) - 1)]
    known = tickets["closed_at"].fillna(tickets["reported_at"])
    return Split(train=(began < cut) & (known < cut), test=began >= cut, cut=cut)
