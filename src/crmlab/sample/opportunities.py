"""Opportunities: who saw a chance to sell, and whether it was sold.

Won ones are sales that were made; engineers see only what stands where they went within the last quarter, so their leads
win often because they are few and near. A lead is not the cause of the sale: most would have been made without it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .customers import numbered
from .world import DAY

SOURCES = ("engineer", "sales", "quote", "campaign")
_OF_WON = np.array([0.36, 0.38, 0.18, 0.08])
_OF_LOST = np.array([0.14, 0.38, 0.18, 0.30])
LOST_A_YEAR = 0.26
SEEN = 90
"""Days after a visit in which an engineer may report what he saw."""


def play(
    people: pd.DataFrame,
    calls: pd.DataFrame,
    visits: pd.DataFrame,
    lines: pd.DataFrame,
    leaves: np.ndarray,
    begin: int,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Opportunities opened in [begin, end), sorted by customer and day: columns of the contract (days, fen), and `who`.

    `won` and `closed_at` say how each one ends, even where that lies after END.
    """
    won, lost = _won(lines, rng), _lost(people, leaves, begin, end, rng)
    made = pd.concat([won, lost], ignore_index=True)
    made["opened_at"] = np.maximum(made["opened_at"], people["created"].to_numpy()[made["who"]])
    made = made[made["opened_at"].between(begin, end - 1)]
    made = made.sort_values(["who", "opened_at", "amount"], ignore_index=True)
    who = made["who"].to_numpy()
    draw = rng.random(len(made))[:, None]
    sources = np.where(made["won"].to_numpy()[:, None], np.cumsum(_OF_WON), np.cumsum(_OF_LOST))
    source = (draw > sources).sum(1)
    visited = _days_since_visit(calls, visits, who, made["opened_at"].to_numpy())
    source = np.where((source == 0) & (visited > SEEN), 1, source)
    return made.assign(
        opportunity_id=numbered(people, who, "O"),
        source=np.array(SOURCES, dtype=object)[source],
        won=made["won"].to_numpy().astype(int),
    )


def _won(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What became a sale: two machine orders in five, a tenth of the other large ones."""
    orders = lines[(lines["line_kind"] == "product") & ~lines["is_return"]]
    orders = orders.assign(machine=orders["order"] >= 10**6)
    orders = orders.groupby(["who", "order_id"], as_index=False, sort=False).agg(
        amount=("amount", "sum"), sold=("sold", "min"), machine=("machine", "any")
    )
    chance = np.where(orders["machine"], 0.4, 0.1 * (orders["amount"] > 500_000))
    orders = orders[rng.random(len(orders)) < chance]
    sold = orders["sold"].to_numpy() // DAY
    lead = np.exp(rng.normal(3.4, 0.7, len(orders))).astype(int) + 1
    return pd.DataFrame(
        {
            "who": orders["who"].to_numpy(),
            "opened_at": sold - lead,
            "closed_at": sold,
            "amount": np.round(
                orders["amount"].to_numpy() * np.exp(rng.normal(0, 0.15, len(orders))) / 1e4
            ).astype(np.int64)
            * 10_000,
            "won": True,
        }
    )


def _lost(people, leaves, begin, end, rng) -> pd.DataFrame:
    first = np.maximum(people["created"].to_numpy(), begin)
    last = np.minimum(leaves, end)
    years = np.clip(last - first, 0, None) / 365.25
    rate = LOST_A_YEAR * people["machines"].to_numpy() ** 0.35 * np.exp(0.2 * people["engagement"].to_numpy())
    who = np.repeat(np.arange(len(people)), rng.poisson(rate * years))
    opened = first[who] + (rng.random(len(who)) * (last - first)[who]).astype(int)
    size = people["machines"].to_numpy()[who] ** 0.4
    return pd.DataFrame(
        {
            "who": who,
            "opened_at": opened,
            "closed_at": opened + np.exp(rng.normal(4.1, 0.6, len(who))).astype(int) + 1,
            "amount": np.round(np.exp(rng.normal(9.6, 0.8, len(who))) * size / 100).astype(np.int64) * 10_000,
            "won": False,
        }
    )


def _days_since_visit(calls, visits, who: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Days since somebody was last on the customer's site; many where nobody ever was."""
    span = 1 << 20
    key = np.sort(calls["who"].to_numpy()[visits["call"]] * span + visits["arrived"].to_numpy() // DAY)
    wanted = who * span + days
    at = np.searchsorted(key, wanted, side="right") - 1
    near = (at >= 0) & (key[np.maximum(at, 0)] // span == who) if len(key) else np.zeros(len(who), bool)
    return np.where(near, wanted - key[np.maximum(at, 0)] if len(key) else 0, span)
