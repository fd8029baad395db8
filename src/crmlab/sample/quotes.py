"""Quotations: before a term is renewed, before machines and larger orders, and many that come to nothing.

Rounds of bargaining follow the type and the size alone; a lost quotation is not bargained over longer than a won one. Who
models quotes as a funnel will find the loser's price no higher: here quotes are lost to need, not to price.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .customers import numbered
from .world import DAY

ROUNDS = 0.55
LOST_A_YEAR = 0.18
LARGE = 1_200_000
"""Fen from which an order is quoted before, more often than not."""


def play(
    people: pd.DataFrame,
    terms: pd.DataFrame,
    lines: pd.DataFrame,
    leaves: np.ndarray,
    begin: int,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Quotations made in [begin, end), sorted by customer and day: columns of the contract (days, fen), `who`, `won`, `sold` (day)."""
    asked = terms[(terms["decides"] < end) & (terms["end_reason"].isin(["", "left"]))]
    renewals = pd.DataFrame(
        {
            "who": asked["who"].to_numpy(),
            "quoted_at": asked["decides"].to_numpy() - rng.integers(5, 40, len(asked)),
            "amount": asked["offered"].to_numpy(),
            "won": asked["renews"].to_numpy(),
            "sold": asked["decides"].to_numpy(),
        }
    )
    orders = lines[(lines["line_kind"] == "product") & ~lines["is_return"]]
    orders = orders.groupby(["who", "order_id"], as_index=False, sort=False).agg(
        amount=("amount", "sum"), sold=("sold", "min")
    )
    chance = 0.6 * orders["amount"] / (orders["amount"] + LARGE)
    orders = orders[rng.random(len(orders)) < chance]
    sold = orders["sold"].to_numpy() // DAY
    bought = pd.DataFrame(
        {
            "who": orders["who"].to_numpy(),
            "quoted_at": sold - np.exp(rng.normal(2.7, 0.6, len(orders))).astype(int),
            "amount": orders["amount"].to_numpy(),
            "won": True,
            "sold": sold,
        }
    )
    lost = _lost(people, leaves, begin, end, rng)
    made = pd.concat([renewals, bought, lost], ignore_index=True)
    made["quoted_at"] = np.maximum(made["quoted_at"], people["created"].to_numpy()[made["who"]])
    made = made[made["quoted_at"].between(begin, end - 1)]
    made = made.sort_values(["who", "quoted_at", "amount"], ignore_index=True)
    n, who, days = len(made), made["who"].to_numpy(), made["quoted_at"].to_numpy()
    rounds = (
        ROUNDS * np.exp(nine_types.effect("quote_rounds", people, who, days)) * (made["amount"] / 1e6) ** 0.15
    )
    locks = 1 / (1 + np.exp(2.8 - nine_types.effect("price_lock", people, who, days)))
    return made.assign(
        quote_id=numbered(people, who, "Q"),
        revisions=rng.poisson(rounds),
        price_lock=rng.random(n) < locks,
    )


def _lost(people, leaves, begin, end, rng) -> pd.DataFrame:
    """Quotations that led to nothing, as often as a customer is busy and lively."""
    first = np.maximum(people["created"].to_numpy(), begin)
    last = np.minimum(leaves, end)
    years = np.clip(last - first, 0, None) / 365.25
    rate = LOST_A_YEAR * people["machines"].to_numpy() ** 0.3 * np.exp(0.3 * people["engagement"].to_numpy())
    who = np.repeat(np.arange(len(people)), rng.poisson(rate * years))
    size = people["machines"].to_numpy()[who] ** 0.4
    return pd.DataFrame(
        {
            "who": who,
            "quoted_at": first[who] + (rng.random(len(who)) * (last - first)[who]).astype(int),
            "amount": np.round(np.exp(rng.normal(9.2, 0.8, len(who))) * size / 10).astype(np.int64) * 1000,
            "won": False,
            "sold": -1,
        }
    )
