"""The truth behind what the office keeps: who was heard, what was felt, who pays late, what moves what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from . import payments, surveys
from .contracts import RENEWAL
from .remarks import REASONS
from .visits import ANGER
from .world import DAY, DAYS, START

if TYPE_CHECKING:
    from .company import Chunk


def habits(chunk: Chunk) -> dict[str, np.ndarray]:
    """Columns of the truth about customers: who answers surveys, how late they pay, how often more than thirty days."""
    late, share = payments.expected(chunk.office.habits)
    return {
        "takes_part": chunk.office.mind.takes_part,
        "late_days": late,
        "late_over_30": share,
    }


def complaints(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    """What became of each complaint on record, and what it was about."""
    made = chunk.office.tables["complaints"]
    made = made[mine[made["who"]] & (made["received_at"] < DAYS * DAY).to_numpy()]
    ignored, prompt = made["ignored"].to_numpy(), made["prompt"].to_numpy()
    return pd.DataFrame(
        {
            "complaint_id": made["complaint_id"],
            "kind": made["kind"],
            "reason": np.array(REASONS, dtype=object)[made["reason"]],
            "recovery": np.select([ignored, prompt], ["ignored", "solved promptly"], "solved"),
            "is_justified": ~made["unjustified"],
            "stuck_before_step": made["stuck"],
            "acts_on_renewal": made["call"] >= 0,
        }
    ).reset_index(drop=True)


def quality(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    """Expected and perceived quality (0 to 1) of every customer by dimension, at END or when dealings ended."""
    who = np.flatnonzero(mine)
    days = np.minimum(chunk.leaves, DAYS)[who]
    mind = chunk.office.mind
    found = surveys.perceived(chunk.people, chunk.calls, chunk.world, mind.base, who, days)
    return pd.DataFrame(
        {
            "customer_id": np.repeat(chunk.people["customer_id"].to_numpy()[who], len(surveys.DIMENSIONS)),
            "dimension": np.tile(np.array(surveys.DIMENSIONS, dtype=object), len(who)),
            "expected": mind.expected[who].ravel(),
            "perceived": found.ravel(),
        }
    )


def opportunities(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    """How each opportunity ends, also where that lies after END."""
    made = chunk.office.tables["opportunities"]
    made = made[mine[made["who"]]]
    return pd.DataFrame(
        {
            "opportunity_id": made["opportunity_id"],
            "won": made["won"] == 1,
            "closed_at": START + made["closed_at"].to_numpy().astype("m8[D]"),
        }
    ).reset_index(drop=True)


def private(chunk: Chunk, mine: np.ndarray) -> pd.DataFrame:
    """Every private thing in free text: table, key, column, kind, value."""
    made = chunk.office.private
    made = made[mine[made["who"]]]
    return made[["table", "key", "column", "kind", "value"]].reset_index(drop=True)


def drivers() -> pd.DataFrame:
    """What moves what, and how much: outcome, driver, effect (log odds, or points of a scale from 0 to 1)."""
    rows = [("renewal", name, effect) for name, effect in RENEWAL.items()]
    rows += [("complaint", name, effect) for name, effect in ANGER.items()]
    rows += [(of, name, effect) for of, felt in surveys.FELT.items() for name, effect in felt.items()]
    rows += [
        ("overall score", name, (1 - surveys.WORST) * weight)
        for name, weight in zip(surveys.DIMENSIONS, surveys.WEIGHT.tolist(), strict=True)
    ]
    rows.append(("overall score", "worst dimension", surveys.WORST))
    return pd.DataFrame(rows, columns=["outcome", "driver", "effect"])
