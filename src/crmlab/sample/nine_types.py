"""What the nine value types do: how far each behaviour of a customer departs from the average, on a log or logit scale.

The segments stage assumes that every prototype of the seed holds. Here three of them are wrong, as they would be somewhere:
planners do not sign earlier (traditionalists do), premium models go to those who want function, not esteem, and prices are
locked by those who remember what they paid, not by those who plan. Effects of time and value add, but a tenth of the
customers stand between two types, and 2.5 % a year change.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

TIMES = ("past", "present", "future")
VALUES = ("functional", "economic", "psychological")
TYPES = (
    "traditionalist",
    "reckoner",
    "nostalgic",
    "pragmatist",
    "bargain-seeker",
    "status-seeker",
    "pioneer",
    "planner",
    "perfectionist",
)
BETWEEN_TWO = 0.10
CHANGES_A_YEAR = 0.025

STRENGTH = 2.0
"""How loud behaviour speaks: two years of these tables then tell types apart about half as well as they can be told."""

_QUIET = ("trend", "renewal", "discount")  # growth, loyalty and prices are moved by much else

_EFFECTS = {
    "generation_lag": {"past": 0.9, "future": -1.1},
    "repeat_sku": {"past": 0.9, "future": -0.4},
    "legacy": {"past": 1.3, "future": -0.6},
    "roadmap": {"future": 1.3, "past": -0.6},
    "prepay": {"future": 1.0, "past": -0.3},
    "renewal_lead": {"past": 0.5},  # methods.md expects it of the future: wrong in this world
    "trend": {"future": 0.10, "past": -0.06},
    "on_demand": {"present": 0.9},
    "howto": {"functional": 1.1},
    "options": {"functional": 0.8, "economic": -0.2},
    "premium": {"functional": 0.9},  # methods.md expects it of the psychological: wrong in this world
    "billing": {"economic": 1.2},
    "discount": {"economic": 0.7, "psychological": -0.2},
    "promotion": {"economic": 1.0},
    "level_excess": {"psychological": 1.2, "economic": -0.4},
    "named_engineer": {"psychological": 1.4},
    "renewal": {"past": 0.30, "present": -0.25},
    "quote_rounds": {"economic": 0.45},
    "price_lock": {
        "economic": 0.7,
        "past": 0.5,
    },  # methods.md expects it of future × economic: wrong in this world
    "says_function": {"functional": 0.8},
    "says_price": {"economic": 0.9},
    "says_manner": {"psychological": 0.9},
    "says_used_to": {"past": 0.8, "future": -0.4},
    "says_next": {"future": 0.9, "past": -0.4},
}


def _row(name: str, effects: dict[str, float]) -> np.ndarray:
    added = [effects.get(time, 0.0) + effects.get(value, 0.0) for time in TIMES for value in VALUES]
    return np.array(added) * (1.0 if name in _QUIET else STRENGTH)


EFFECTS = {name: _row(name, effects) for name, effects in _EFFECTS.items()}


def assign(rng: np.random.Generator, shares: np.ndarray, n: int) -> pd.DataFrame:
    """Types of `n` customers: `type`, `type_2` with weight `lean` (0 or .5), `type_later` from day `changes` on."""
    first, second, later = (rng.choice(9, n, p=shares) for _ in range(3))
    return pd.DataFrame(
        {
            "type": first,
            "type_2": second,
            "lean": np.where(rng.random(n) < BETWEEN_TWO, 0.5, 0.0),
            "type_later": later,
            "changes": (rng.exponential(365.25 / CHANGES_A_YEAR, n)).astype(int),
        }
    )


def effect(name: str, people: pd.DataFrame, who: np.ndarray, days: np.ndarray | int) -> np.ndarray:
    """The departure of customers `who` (rows of `people`) on `days` in the behaviour `name`."""
    by_type = EFFECTS[name]
    before = (1 - people["lean"]) * by_type[people["type"]] + people["lean"] * by_type[people["type_2"]]
    changed = days >= people["changes"].to_numpy()[who]
    return np.where(changed, by_type[people["type_later"]][who], before.to_numpy()[who])
