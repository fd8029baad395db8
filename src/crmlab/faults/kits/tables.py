"""Kits as people read them, and one kit per symptom and machine family to hang beside the phone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.kits.needs import joined
from crmlab.faults.kits.optimizer import KitOptimizer
from crmlab.faults.kits.outputs import SYMPTOM_KITS
from crmlab.tables import conform, empty

COMMON = 20
"""Tickets of a symptom on a machine family from which the two have a kit of their own."""


def symptom_kits(
    probabilities: pd.DataFrame,
    symptoms: pd.Series,
    families: pd.Series,
    optimizer: KitOptimizer,
    second_visit_cost: pd.Series | None = None,
    common: int = COMMON,
) -> pd.DataFrame:
    """The best kit for all tickets of a symptom on a machine family together: table `symptom_kits`.

    The chance of a fix is linear in the probabilities of the causes, so the best single kit for a group of tickets is
    that of their mean.

    Parameters
    ----------
    probabilities : tickets × causes, columns named by cause.
    symptoms, families : symptom tag and machine family of each ticket.
    second_visit_cost : per ticket, smallest unit.
    common : tickets that a group must have.
    """
    keys = pd.DataFrame({"symptom": symptoms.to_numpy(object), "machine_family": families.to_numpy(object)})
    keys = keys[keys.notna().all(axis=1)]
    group = keys.groupby(["symptom", "machine_family"])
    keys = keys[group["symptom"].transform("size") >= common]
    if keys.empty:
        return empty(SYMPTOM_KITS)
    by = [keys["symptom"], keys["machine_family"]]
    mean = probabilities.reset_index(drop=True).loc[keys.index].groupby(by).mean()
    cost = None
    if second_visit_cost is not None:
        cost = second_visit_cost.reset_index(drop=True).loc[keys.index].groupby(by).mean().to_numpy()
    chosen = readable(optimizer.choose(mean, second_visit_cost=cost))
    frame = chosen.assign(n=keys.groupby(by).size()).reset_index()
    return conform(frame, SYMPTOM_KITS)


def readable(chosen: pd.DataFrame) -> pd.DataFrame:
    """What `KitOptimizer.choose` gave, with its parts in one cell and its cost in whole units of the smallest."""
    names = chosen[[name for name in chosen.columns if name.startswith("part_")]].to_numpy(object)
    parts = [joined(part for part in row if pd.notna(part)) for row in names]
    cost = np.round(chosen["expected_cost"].astype("Float64")).astype("Int64")
    return chosen.assign(parts=parts, expected_cost=cost)
