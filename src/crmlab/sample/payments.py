"""Payments: one per invoice, paid late by habit.

A customer's habit is a typical delay, not a rate; three in five pay on one day in thirty only, so delays come in lumps;
a disputed invoice waits until the complaint is settled; who leaves may never pay the last one. A model of late payment that
counts days as exponential or normal is wrong about all four.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .world import DAY, NONE

TERMS = {"vip": 60, "large": 45, "medium": 30, "small": 30}
"""Days until an invoice is due."""
EARLY = 5
SPREAD = 0.6
RUN = 30
"""Days from one day of payment to the next, for those who have them."""
BAD_DEBT, LAST_UNPAID = 0.003, 0.35


def habits(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """How each customer pays: `typical` (median days, `EARLY` days of them before the date), `run` (the one day in `RUN`, −1 for any day).

    Authorities and hospitals pay later, whatever their size; most others within days.
    """
    n = len(people)
    public = people["industry"].isin(["税务", "医院"]).to_numpy()
    slow = rng.random(n) < 0.22 + 0.25 * public
    typical = np.exp(np.where(slow, 3.1, 1.7) + rng.normal(0, 0.4, n))
    return pd.DataFrame(
        {
            "typical": typical,
            "run": np.where(rng.random(n) < 0.6, rng.choice([5, 15, 25], n), -1),
        }
    )


def expected(habit: pd.DataFrame, late: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """The true mean days late, and the true share more than `late` days late, of an undisputed invoice."""
    from scipy.stats import norm

    typical, run = habit["typical"].to_numpy(), habit["run"].to_numpy() >= 0
    waits = np.arange(RUN)
    mean = typical * np.exp(SPREAD**2 / 2) - EARLY + run * waits.mean()
    left = np.maximum(late + EARLY - waits[None], 1e-9)
    tail = norm.sf((np.log(left) - np.log(typical)[:, None]) / SPREAD)
    return mean, np.where(run, tail.mean(1), tail[:, 0])


def play(
    people: pd.DataFrame,
    habit: pd.DataFrame,
    lines: pd.DataFrame,
    complaints: pd.DataFrame,
    leaves: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """One row per invoice: payment_id (its number), amount (fen), due_at, paid_at (days, NONE for never); and `who`, `disputed`."""
    total = lines.groupby(["who", "order_id"], as_index=False, sort=False).agg(
        amount=("amount", "sum"), sold=("sold", "min")
    )
    total = total[total["amount"] > 0].reset_index(drop=True)
    n, who, sold = len(total), total["who"].to_numpy(), total["sold"].to_numpy() // DAY
    due = sold + people["tier"].map(TERMS).to_numpy()[who]
    after = (
        due
        + np.round(habit["typical"].to_numpy()[who] * np.exp(rng.normal(0, SPREAD, n))).astype(int)
        - EARLY
    )
    disputes = complaints[complaints["order_id"] != ""].drop_duplicates("order_id").set_index("order_id")
    settled = disputes["resolved_at"].reindex(total["order_id"]).to_numpy()
    disputed = ~np.isnan(settled)
    settled = np.where(disputed, settled, NONE).astype(np.int64)
    held = np.where(settled == NONE, due + rng.integers(45, 120, n), settled // DAY + 7)
    paid = np.maximum(np.where(disputed, np.maximum(after, held), after), sold)
    run = habit["run"].to_numpy()[who]
    paid = np.where(run >= 0, paid + (run - paid % RUN) % RUN, paid)
    never = (rng.random(n) < BAD_DEBT) | ((paid > leaves[who]) & (rng.random(n) < LAST_UNPAID))
    return pd.DataFrame(
        {
            "who": who,
            "payment_id": total["order_id"],
            "amount": total["amount"],
            "due_at": due,
            "paid_at": np.where(never, NONE, paid),
            "disputed": disputed,
        }
    )
