"""What goes with the overall score: the dimensions, and what the records say."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.service.surveys.answers import MET
from crmlab.service.surveys.outputs import DIMENSIONS, DRIVERS, OVERALL
from crmlab.tables import conform, empty

FEW = 50
"""Questionnaires below which no effect is shown."""
YEAR = pd.Timedelta(days=365)


def dimension_drivers(means: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Points of the overall score that go with one standard deviation of each dimension, the others held fixed.

    From questionnaires that hold both, if 50 do; else from the means of customers who gave both on different ones. Least squares,
    limits with customers as clusters. One impression colours all dimensions and the overall score, so the effects are shares of
    what moves together; no dimension can be told to move the score.

    Parameters
    ----------
    means : from `sheet_means`, of the window.
    min_group : customers below which a dimension is left out.

    Returns
    -------
    Rows of the table `drivers`, unsorted; none where fewer than 50 questionnaires or customers have both.
    """
    for basis, unit in (("sheet", ["sheet", "customer"]), ("customer", ["customer"])):
        wide = means.pivot_table(index=unit, columns="dimension", values=MET)
        here = [name for name in DIMENSIONS if name in wide and wide[name].count() >= min_group]
        if OVERALL not in wide or not here:
            continue
        wide = wide[[OVERALL, *here]].dropna()
        if len(wide) >= FEW:
            inputs = wide[here].loc[:, wide[here].std() > 1e-9]
            inputs = (inputs - inputs.mean()) / inputs.std()
            made = _least_squares(
                inputs, wide[OVERALL].to_numpy(float), wide.index.get_level_values("customer").to_numpy(str)
            )
            return made.assign(of="dimension", basis=basis, n=len(wide))
    return empty(DRIVERS)


def record_drivers(
    means: pd.DataFrame, tickets: pd.DataFrame, records: dict[str, pd.DataFrame], min_group: int
) -> pd.DataFrame:
    """Points of the overall score that go with one more broken promise, second visit or ignored complaint in the year before it.

    Least squares with customers as clusters, the others and the number of tickets of that year held fixed: who calls more often
    has more of everything.

    Parameters
    ----------
    means : from `sheet_means`, of the window.
    tickets : customer and time of every ticket: columns customer_id, at.
    records : the same two columns for each driver, such as `broken_promises`.
    min_group : questionnaires with such a record below which a driver is left out.

    Returns
    -------
    Rows of the table `drivers`, unsorted; none where fewer than 50 questionnaires have an overall score.
    """
    scored = means[(means["dimension"] == OVERALL) & means[MET].notna()]
    if len(scored) < FEW:
        return empty(DRIVERS)
    counts = pd.DataFrame({name: in_year_before(scored, events) for name, events in records.items()})
    seen = counts.columns[(counts > 0).sum() >= min_group]
    counts = counts[seen].loc[:, counts[seen].std() > 0]
    if not len(counts.columns):
        return empty(DRIVERS)
    inputs = counts.assign(tickets=np.log1p(in_year_before(scored, tickets)))
    inputs = inputs.loc[:, inputs.std() > 0]
    made = _least_squares(inputs, scored[MET].to_numpy(float), scored["customer"].to_numpy(str))
    return made[made["driver"] != "tickets"].assign(of="record", basis="ticket", n=len(scored))


def drivers(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """The rows of `dimension_drivers` and `record_drivers` as one table `drivers`."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty(DRIVERS)
    return conform(pd.concat(parts).sort_values(["of", "driver"], ignore_index=True), DRIVERS)


def in_year_before(scored: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """How many `events` of the customer of each questionnaire lie in the 365 days up to its answer.

    Examples
    --------
    >>> day = pd.Timestamp("2026-06-01")
    >>> scored = pd.DataFrame({"customer": ["c"], "answered_at": [day]})
    >>> events = pd.DataFrame({"customer_id": ["c", "c", "d"], "at": [day, day + pd.Timedelta(days=1), day]})
    >>> in_year_before(scored, events).tolist()
    [1]
    """
    events = events.dropna()
    _, code = np.unique(
        np.concatenate([scored["customer"].to_numpy(str), events["customer_id"].to_numpy(str)]),
        return_inverse=True,
    )
    mine, theirs = code[: len(scored)], code[len(scored) :]
    seconds = [
        times.astype("datetime64[s]").astype("int64").to_numpy()
        for times in (scored["answered_at"], events["at"])
    ]
    origin = min((s.min() for s in seconds if len(s)), default=0) - 2 * int(YEAR.total_seconds())
    span = np.int64(1) << 36
    at = np.sort(theirs * span + seconds[1] - origin)
    until = mine * span + seconds[0] - origin
    return np.searchsorted(at, until, "right") - np.searchsorted(
        at, until - int(YEAR.total_seconds()), "left"
    )


def _least_squares(inputs: pd.DataFrame, score: np.ndarray, clusters: np.ndarray) -> pd.DataFrame:
    """Effects with 95 % limits; no rows where the inputs cannot be told apart."""
    x = np.column_stack([np.ones(len(inputs)), inputs.to_numpy(float)])
    _, of = np.unique(clusters, return_inverse=True)
    groups = int(of.max()) + 1
    if np.linalg.matrix_rank(x) < x.shape[1] or groups <= x.shape[1] or x.shape[1] < 2:
        return pd.DataFrame(columns=["driver", "effect", "low", "high"])
    bread = np.linalg.inv(x.T @ x)
    effect = bread @ x.T @ score
    pull = np.zeros((groups, x.shape[1]))
    np.add.at(pull, of, x * (score - x @ effect)[:, None])
    half = Z95 * np.sqrt(np.diag(groups / (groups - 1) * bread @ (pull.T @ pull) @ bread))
    made = pd.DataFrame(
        {"driver": ["", *inputs.columns], "effect": effect, "low": effect - half, "high": effect + half}
    )
    return made.iloc[1:]
