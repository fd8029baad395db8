"""The yearly service plan: inspections, reviews, training and firmware by level, and what of it was done.

What is planned follows the level, but what is done follows the branch, the customer's type and whether the branch is busy
with repairs in summer: adherence measured over a year mixes neglect with heat.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .world import NONE, World, day, heat

ACTIVITIES = ("inspection", "review", "training", "firmware")
PER_YEAR = np.array([[1, 0, 0, 0], [2, 1, 0, 1], [4, 1, 1, 1]])
"""How often a year each activity is planned, by service level."""
PLANNED_UNTIL = day("2026-12-31")
_SKIPPED = -1.5


def play(
    people: pd.DataFrame, terms: pd.DataFrame, leaves: np.ndarray, world: World, rng: np.random.Generator
) -> pd.DataFrame:
    """Activities planned within `terms`, sorted by customer and day: columns of the contract (days), and `who`.

    `done_at` is NONE where nothing was done; plans reach to the end of the year in which the record ends.
    """
    counts = PER_YEAR[terms["level"].to_numpy()] * terms["years"].to_numpy()[:, None]
    row, activity = (
        index.repeat(counts.ravel()) for index in np.divmod(np.arange(counts.size), len(ACTIVITIES))
    )
    n = len(row)
    nth = np.arange(n) - np.repeat(np.cumsum(counts.ravel()) - counts.ravel(), counts.ravel())
    who, start = terms["who"].to_numpy()[row], terms["start"].to_numpy()[row]
    length = terms["years"].to_numpy()[row] * 365
    gap = length / counts[row, activity]
    planned = start + ((nth + 0.5 + rng.uniform(-0.25, 0.25, n)) * gap).astype(int)
    branch = people["branch"].to_numpy()[who]
    skips = _SKIPPED + world.manners[branch] + nine_types.effect("on_demand", people, who, planned) * 0.4
    skips = (
        skips + 1.2 * heat(planned) - 0.6 * nine_types.effect("howto", people, who, planned) * (activity == 2)
    )
    late = np.round(rng.normal(6, 14, n) * np.where(activity == 0, 1.0, 1.6)).astype(int)
    done = np.maximum(planned + late, start)
    skipped = (rng.random(n) < 1 / (1 + np.exp(-skips))) | (done >= leaves[who])
    made = pd.DataFrame(
        {
            "who": who,
            "planned_for": planned,
            "activity": np.array(ACTIVITIES, dtype=object)[activity],
            "done_at": np.where(skipped, NONE, done),
        }
    )
    inside = (planned >= 0) & (planned <= PLANNED_UNTIL) & (planned - 60 < leaves[who])
    made = made[inside].sort_values(["who", "planned_for", "activity"], ignore_index=True)
    return made.drop_duplicates(["who", "planned_for", "activity"], ignore_index=True)
