"""Whether the world has moved away from the cause model: what it expected of later tickets beside what came."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmlab.faults.desk.outputs import DRIFT
from crmlab.tables import conform, empty

LEAST = 200
"""Tickets in a block; months with fewer are joined to the next."""
ALARM = 4.0
"""Standard errors, in two successive blocks to the same side, that chance alone hardly reaches among some twenty causes."""
SHIFT = 0.1
"""Share of the expected tickets by which a cause must be off as well: among a million, any model is four errors off somewhere."""


def drift(
    probabilities: np.ndarray,
    classes: Iterable[str],
    truth: pd.Series,
    reported_at: pd.Series,
    least: int = LEAST,
) -> pd.DataFrame:
    """Expected and observed tickets of each cause, block by block: table `drift`.

    Blocks are calendar months, joined until they hold `least` tickets; what remains at the end is a block of its own.
    The number of tickets with a cause is a sum of independent chances, so its variance is the sum of p(1 − p), counted
    as one ticket at least: a cause that the model hardly knows must be seen five times before it alarms.

    Parameters
    ----------
    probabilities : tickets × causes, of tickets that the model had not seen.
    classes : the causes of its columns.
    truth : first recorded cause of each ticket; one that the model never saw has expected 0.
    reported_at : when each ticket was reported.

    Returns
    -------
    One row per block and cause, sorted.
    """
    if not len(truth):
        return empty(DRIFT)
    classes = list(classes)
    names = sorted({*classes, *truth})
    p = np.zeros((len(truth), len(names)))
    p[:, pd.Index(names).get_indexer(classes)] = probabilities
    seen = np.zeros_like(p)
    seen[np.arange(len(truth)), pd.Index(names).get_indexer(truth.to_numpy(object))] = 1

    number = (12 * reported_at.dt.year + reported_at.dt.month - 1).to_numpy()
    month, at = np.unique(number, return_inverse=True)
    block_of = _blocks(np.bincount(at), least)
    block = block_of[at]
    expected, observed, variance = (_sums(block, values) for values in (p, seen, p * (1 - p)))
    z = (observed - expected) / np.sqrt(np.maximum(variance, 1.0))
    far = np.where((np.abs(z) > ALARM) & (np.abs(observed - expected) > SHIFT * expected), np.sign(z), 0)
    alarm = (far != 0) & (far == np.vstack([np.zeros((1, len(names))), far[:-1]]))
    name = pd.Series([f"{m // 12}-{m % 12 + 1:02}" for m in month]).groupby(block_of)
    rows, causes = np.indices(z.shape).reshape(2, -1)
    frame = pd.DataFrame(
        {
            "block": rows + 1,
            "cause": np.array(names, object)[causes],
            "first_month": name.first().to_numpy(object)[rows],
            "last_month": name.last().to_numpy(object)[rows],
            "n": np.bincount(block)[rows],
            "expected": expected.ravel(),
            "observed": observed.ravel().astype(int),
            "z": z.ravel(),
            "alarm": alarm.ravel(),
        }
    )
    return conform(frame, DRIFT)


def alarms(frame: pd.DataFrame) -> pd.DataFrame:
    """The causes that alarmed, latest block first: `cause`, `last_month`, `expected`, `observed`, `z` of that block."""
    rang = frame[frame["alarm"].astype(bool)].sort_values(["block", "cause"], ascending=[False, True])
    kept = ["cause", "last_month", "expected", "observed", "z"]
    return rang.drop_duplicates("cause")[kept].reset_index(drop=True)


def _blocks(tickets: np.ndarray, least: int) -> np.ndarray:
    """The number of the block of each month, from its tickets."""
    blocks, block, held = [], 0, 0
    for n in tickets:
        blocks.append(block)
        held += n
        if held >= least:
            block, held = block + 1, 0
    return np.array(blocks)


def _sums(block: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The columns of `values` added up by block."""
    return np.stack([np.bincount(block, column) for column in values.T], axis=1)
