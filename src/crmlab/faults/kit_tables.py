"""Kits as people read them: one per open ticket, and one per symptom and machine family to hang beside the phone."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.kit import KitOptimizer
from crmlab.faults.needs import joined
from crmlab.faults.outputs_kits import KITS, SYMPTOM_KITS
from crmlab.tables import conform, empty

COMMON = 20
"""Tickets of a symptom on a machine family from which the two have a kit of their own."""


def ticket_kits(ticket_ids: pd.Series, chosen: pd.DataFrame) -> pd.DataFrame:
    """The kits that `KitOptimizer.choose` gave the tickets `ticket_ids`, in the same order, as table `kits`."""
    frame = _readable(chosen).assign(ticket_id=ticket_ids.to_numpy())
    return conform(frame.sort_values("ticket_id", ignore_index=True), KITS)


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
    chosen = _readable(optimizer.choose(mean, second_visit_cost=cost))
    frame = chosen.assign(n=keys.groupby(by).size()).reset_index()
    return conform(frame, SYMPTOM_KITS)


def _readable(chosen: pd.DataFrame) -> pd.DataFrame:
    """`chosen` with its parts in one cell and its cost in whole units of the smallest."""
    names = chosen[[name for name in chosen.columns if name.startswith("part_")]].to_numpy(object)
    parts = [joined(part for part in row if pd.notna(part)) for row in names]
    cost = np.round(chosen["expected_cost"].astype("Float64")).astype("Int64")
    return chosen.assign(parts=parts, expected_cost=cost)
