"""In which order an engineer should check the causes, and how long each takes to check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from crmlab.faults.kits.needs import first_causes
from crmlab.faults.kits.outputs import CHECK_MINUTES
from crmlab.tables import conform, empty

DEFAULT_MINUTES = 30.0
"""For a cause where no visit says how long it takes."""
LONGEST = 24 * 60.0
"""A visit that worked longer was left open on the service sheet."""


def check_minutes(
    visits: pd.DataFrame, ticket_causes: pd.DataFrame, default: float = DEFAULT_MINUTES, setup: float = 0.0
) -> pd.DataFrame:
    """Minutes that each cause takes, from the first visits of tickets with that cause alone: table `check_minutes`.

    Means, for minutes of one check after the other add up, shrunk towards the mean of the causes by as many tickets as
    the spread within causes is wider than that between them (Morris 1983, JASA 78:47). Work before the first check is
    part of each figure unless `setup` says how long it takes: no service sheet parts the two.

    Parameters
    ----------
    visits : ticket_id, visit_no, work_min; missing, zero and more than a day are not counted.
    ticket_causes : ticket_id, cause_no, cause.
    default : minutes of every cause where no visit says.
    setup : minutes of each visit before the first check (access, unpacking); `minutes` are less them, 1 at least.

    Returns
    -------
    One row per recorded cause, sorted.
    """
    known = ticket_causes.dropna(subset="cause")
    if known.empty:
        return empty(CHECK_MINUTES)
    alone = known.groupby("ticket_id")["cause"].transform("nunique") == 1
    causes = first_causes(known[alone])
    first = visits[(visits["visit_no"] == 1).fillna(False).astype(bool)]
    work = first.astype({"ticket_id": object}).set_index("ticket_id")["work_min"].astype(float)
    work = work[(work > 0) & (work <= LONGEST)]
    frame = pd.DataFrame({"cause": causes.reindex(work.index), "work": work}).dropna()
    counted = frame.groupby("cause")["work"].agg(n="size", mean="mean", spread="var")
    table = counted.reindex(sorted(known["cause"].astype(object).unique()))
    table["n"] = table["n"].fillna(0).astype(int)
    shrunk = _shrunk(table, default)
    table["minutes"] = (shrunk - setup).clip(lower=1.0) if len(frame) else shrunk
    return conform(table.rename_axis("cause").reset_index(), CHECK_MINUTES)


def _shrunk(table: pd.DataFrame, default: float) -> pd.Series:
    """The mean of each cause drawn towards the mean of the causes; that mean, or `default`, where nothing is known."""
    seen = table[table["n"] > 0]
    if seen.empty:
        return pd.Series(default, index=table.index)
    middle = seen["mean"].mean()
    freedom = (seen["n"] - 1).sum()
    within = ((seen["n"] - 1) * seen["spread"].fillna(0)).sum() / freedom if freedom else 0.0
    noise = (within / seen["n"]).mean()
    between = max(seen["mean"].var(ddof=1) - noise, 0.0) if len(seen) > 1 else 0.0
    if between == 0.0:
        weight = pd.Series(1.0 if within == 0.0 else 0.0, index=table.index)
    else:
        weight = table["n"] / (table["n"] + within / between)
    return (weight * table["mean"].fillna(middle) + (1 - weight) * middle).where(table["n"] > 0, middle)


def minutes_of(table: pd.DataFrame, classes: Iterable[str], default: float = DEFAULT_MINUTES) -> np.ndarray:
    """The column `minutes` of table `check_minutes` in the order of a classifier's causes; `default` where it has none."""
    minutes: Mapping[str, float] = table.set_index("cause")["minutes"].astype(float).to_dict()
    return np.array([minutes.get(cause, default) for cause in classes])


def check_order(probabilities: np.ndarray, minutes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The order of checks that finds the cause soonest, and the minutes until it is found.

    Causes by probability / minutes, highest first, minimise the expected minutes over all orders (Smith 1956, Naval
    Research Logistics Quarterly 3:59, as a search: Black 1965, Information and Control 8:159). It takes one cause per
    ticket and a check that recognises it.

    Parameters
    ----------
    probabilities : tickets × causes.
    minutes : one positive number per cause.

    Returns
    -------
    The numbers of the causes in the order of checks, tickets × causes; the expected minutes, one per ticket.

    Examples
    --------
    >>> order, expected = check_order(np.array([[0.5, 0.4, 0.1]]), np.array([75.0, 10.0, 20.0]))
    >>> order.tolist(), expected.round(1).tolist()
    ([[1, 0, 2]], [57.0])
    """
    order = np.argsort(-probabilities / minutes, axis=1, kind="stable")
    return order, expected_minutes(order, probabilities, minutes)


def likely_order(probabilities: np.ndarray) -> np.ndarray:
    """The most probable cause first, whatever its check takes: tickets × causes."""
    return np.argsort(-probabilities, axis=1, kind="stable")


def table_order(
    known_symptoms: pd.Series, known_causes: pd.Series, symptoms: pd.Series, classes: Iterable[str]
) -> np.ndarray:
    """The cause most frequent for the symptom first; among equals the one most frequent of all: tickets × causes.

    Parameters
    ----------
    known_symptoms, known_causes : symptom tag and cause of the tickets that are counted, in the same order.
    symptoms : symptom tags of the tickets to order checks for.
    """
    classes = pd.Index(list(classes))
    tags = pd.Index(sorted({*known_symptoms, *symptoms}))
    counts = np.zeros((len(tags), len(classes)))
    cause = classes.get_indexer(known_causes.to_numpy(object))
    tag = tags.get_indexer(known_symptoms.to_numpy(object))
    np.add.at(counts, (tag[cause >= 0], cause[cause >= 0]), 1)
    overall = np.tile(counts.sum(axis=0), (len(tags), 1))
    order = np.lexsort((-overall, -counts), axis=1)
    return order[tags.get_indexer(symptoms.to_numpy(object))]


def expected_minutes(order: np.ndarray, probabilities: np.ndarray, minutes: np.ndarray) -> np.ndarray:
    """Minutes until the cause is found, expected under `probabilities`, one per ticket."""
    until = np.cumsum(minutes[order], axis=1)
    return (np.take_along_axis(probabilities, order, axis=1) * until).sum(axis=1)


def minutes_to_cause(order: np.ndarray, minutes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Minutes until the true cause has been checked, one per ticket.

    Parameters
    ----------
    order : tickets × causes, as `check_order` gives it.
    minutes : one number per cause.
    truth : the number of the true cause of each ticket; −1 for one that no order holds: all are checked in vain.

    Examples
    --------
    >>> minutes_to_cause(np.array([[1, 0, 2], [0, 1, 2]]), np.array([75.0, 10.0, 20.0]), np.array([0, -1])).tolist()
    [85.0, 105.0]
    """
    until = np.cumsum(minutes[order], axis=1)
    at = (order == np.asarray(truth)[:, None]).argmax(axis=1)
    return until[np.arange(len(order)), np.where(np.asarray(truth) < 0, -1, at)]


def compare_orders(
    orders: Mapping[str, np.ndarray], minutes: np.ndarray, truth: np.ndarray
) -> dict[str, float | None]:
    """Mean minutes to the true cause by each order, and what the first one saves against each other one.

    Returns
    -------
    For each name: `<name>_minutes`; for all but the first also `saved_over_<name>`, a share of its minutes, and
    `saved_over_<name>_error`, the paired standard error of that share. None where there is no ticket.

    Examples
    --------
    >>> orders = {"quick": np.array([[1, 0]]), "likely": np.array([[0, 1]])}
    >>> compare_orders(orders, np.array([30.0, 10.0]), np.array([1]))
    {'quick_minutes': 10.0, 'likely_minutes': 40.0, 'saved_over_likely': 0.75, 'saved_over_likely_error': 0.0}
    """
    figures: dict[str, float | None] = {}
    ours: np.ndarray | None = None
    for name, order in orders.items():
        took = minutes_to_cause(order, minutes, truth)
        mean = float(took.mean()) if len(took) else None
        figures[f"{name}_minutes"] = mean
        if ours is None:
            ours = took
            continue
        saved = took - ours
        figures[f"saved_over_{name}"] = float(saved.mean()) / mean if mean else None
        error = float(saved.std() / np.sqrt(len(saved))) if mean else None
        figures[f"saved_over_{name}_error"] = error / mean if mean else None
    return figures
