"""Worlds of customers whose types are known, month by month; numpy alone, apart from crmlab.sample.

What a customer does is counted: in a month it has a Poisson number of events of each kind of records, and each feature is a ratio of counts of
them. How often depends on its type, on a factor that runs across all records and on its own taste. Types have the shares `SHARES` in
a seeded order, one or two of them sometimes none; a tenth of the customers lie between two; `CHANGING` change type in a year. Of the 27
prototypes three are wrong, and a fifth of the customers has no quotes, no remarks or no contracts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import FEATURES, NAMES, TYPES, prototypes

SHARES = (0.35, 0.18, 0.12, 0.10, 0.08, 0.07, 0.05, 0.03, 0.02)
BETWEEN, CHANGING, WRONG = 0.10, 0.025, 3
MONTHS, WINDOW, LAST = 60, 24, pd.Timestamp("2026-10-31")
EVENTS = {"sales": 10.0, "machines": 5.0, "contracts": 3.0, "tickets": 14.0, "quotes": 5.0, "remarks": 6.0}
"""Mean events of a customer in 24 months."""
LACKED = {"quotes": 0.2, "remarks": 0.2, "contracts": 0.2}
COUNTS = {"generation_lag": 1.2, "quote_rounds": 1.0, "renewal_lead": 3.0, "prepaid_horizon": 1.0}
"""Features that are means of counts, and their usual size; `MEASURES` are means of measurements, all others shares."""
MEASURES = (
    "adoption_rank",
    "level_currency",
    "spend_trend",
    "purchase_rhythm",
    "premium_share",
    "tier_excess",
)
LOUDNESS, TASTE, FACTOR = 1.0, 0.35, 0.3
"""How far a pure type moves a feature, how far taste does, and how far the factor, on the scale of log-odds."""


@dataclass
class World:
    """Customers of known types; see `world`.

    names : (customers,) ids, sorted. types_ : (customers, months) number of the type. wrong : features whose prototype is wrong here.
    absent : types nobody has. months : month ends, oldest first.
    """

    seed: int
    names: np.ndarray
    types_: np.ndarray
    wrong: tuple[str, ...]
    absent: tuple[str, ...]
    moved: np.ndarray
    base: np.ndarray
    own: np.ndarray
    lean: np.ndarray
    second: np.ndarray
    rates: dict[str, np.ndarray]
    start: np.ndarray
    months: list[pd.Timestamp] = field(
        default_factory=lambda: list(pd.date_range(end=LAST, periods=MONTHS, freq="ME"))
    )
    _drawn: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=dict)

    def types(self, month: pd.Timestamp) -> pd.Series:
        """The true type of every customer in `month`, index customer_id."""
        names = np.array(list(TYPES), dtype=object)
        return pd.Series(names[self.types_[:, self.months.index(month)]], index=self.names, name="type")

    def at(self, month: pd.Timestamp) -> pd.DataFrame:
        """The features of the 24 months up to `month`, as `History.at` has them; the first such month is the 24th."""
        last = self.months.index(month)
        if last < WINDOW - 1:
            raise ValueError(
                f"{month.date()} has less than {WINDOW} months before it; the first is {self.months[WINDOW - 1].date()}"
            )
        above, below, records = (part.copy() for part in self._month(last))
        for earlier in range(last - WINDOW + 1, last):
            for total, part in zip((above, below, records), self._month(earlier), strict=True):
                total += part
        seen = records > 0
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(below > 0, above / below, np.nan)[seen]
        table = {
            "customer_id": pd.array(self.names[seen], dtype="string"),
            "records": records[seen].astype(int),
            "tenure_days": np.round((last - self.start[seen]) * 30.44 + 15).astype(int),
        }
        for j, name in enumerate(NAMES):
            table[name], table[f"{name}_n"] = ratio[:, j].astype(float), below[seen, j].astype(int)
        return pd.DataFrame(table)

    def _month(self, month: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of a month: what is divided (customers, features), by what (customers, features), and records (customers,)."""
        if month not in self._drawn:
            drawn = self._draw(month)
            if len(self.names) > 100_000:
                return drawn
            self._drawn[month] = drawn
        return self._drawn[month]

    def _draw(self, month: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        rng = np.random.default_rng([self.seed, 7, month])
        n = len(self.names)
        here = self.start <= month
        events = {source: rng.poisson(rate * here) for source, rate in self.rates.items()}
        above, below = np.zeros((n, len(NAMES)), np.float32), np.zeros((n, len(NAMES)), np.int16)
        kind = self.types_[:, month]
        for j, feature in enumerate(FEATURES):
            rows = np.flatnonzero(events[feature.source])
            count = events[feature.source][rows]
            if feature.name in ("sku_repeat_share", "adoption_rank", "renewal_lead", "discount_share"):
                count = rng.binomial(count, 0.7)
            pull = (1 - self.lean[rows]) * self.moved[kind[rows], j] + self.lean[rows] * self.moved[
                self.second[rows], j
            ]
            at = self.base[j] + pull + self.own[rows, j]
            below[rows, j] = count
            if feature.name in COUNTS:
                above[rows, j] = rng.poisson(count * COUNTS[feature.name] * np.exp(0.6 * at))
            elif feature.name in MEASURES:
                above[rows, j] = np.round(count * at + rng.normal(size=len(rows)) * np.sqrt(count) * 1.2, 1)
            else:
                above[rows, j] = rng.binomial(count, 1 / (1 + np.exp(-at)))
        return above, below, (events["sales"] + events["tickets"]).astype(np.int32)


def world(seed: int, n: int, loudness: float = LOUDNESS) -> World:
    """A world of `n` customers; its types, prototypes and habits depend on `seed` alone, its customers on both."""
    company, rng = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 2, n])
    share = np.array(SHARES)
    lacking = int(company.integers(0, 3))
    share[len(share) - lacking :] = 0
    share = company.permutation(share / share.sum())
    moved, wrong = _habits(company, loudness)
    base = np.where(np.isin(NAMES, [*COUNTS, *MEASURES]), 0.0, company.normal(-1.2, 0.5, len(NAMES)))
    loading = company.normal(0, FACTOR, len(NAMES))

    kind = rng.choice(len(TYPES), n, p=share)
    second = rng.choice(len(TYPES), n, p=share)
    lean = np.where((rng.random(n) < BETWEEN) & (second != kind), rng.uniform(0.3, 0.5, n), 0.0)
    types = np.repeat(kind[:, None], MONTHS, axis=1).astype(np.int8)
    later = rng.choice(len(TYPES), (n, MONTHS), p=share)
    for month in range(1, MONTHS):
        changes = rng.random(n) < CHANGING / 12
        types[:, month] = np.where(changes, later[:, month], types[:, month - 1])
    activity = np.exp(rng.normal(-0.32, 0.8, n))
    rates = {}
    for source, mean in EVENTS.items():
        rate = activity * mean / WINDOW * np.exp(rng.normal(-0.08, 0.4, n))
        rates[source] = np.where(rng.random(n) < LACKED.get(source, 0), 0.0, rate)
    own = rng.normal(size=(n, 1)) * loading + rng.normal(0, TASTE, (n, len(NAMES)))
    names = np.array([f"C{i:07d}" for i in range(n)], dtype=object)
    start = np.minimum(rng.integers(-60, MONTHS - 6, n), rng.integers(-60, MONTHS - 6, n))
    absent = tuple(name for name, s in zip(TYPES, share, strict=True) if s == 0)
    return World(seed, names, types, wrong, absent, moved, base, own, lean, second, rates, start)


def _habits(rng: np.random.Generator, loudness: float) -> tuple[np.ndarray, tuple[str, ...]]:
    """How far each type moves each feature (types, features), and which of the prototypes are wrong."""
    pure = prototypes()
    moved = pure.to_numpy().copy()
    wrong = rng.choice(len(NAMES), WRONG, replace=False)
    for j in wrong:
        if rng.random() < 0.5:
            moved[:, j] = -pure.to_numpy()[:, j]
        else:
            axis = FEATURES[j].axis
            others = [i for i, f in enumerate(FEATURES) if f.axis != axis and isinstance(f.speaks_for, str)]
            moved[:, j] = pure.to_numpy()[:, rng.choice(others)]
    moved = moved - moved.mean(axis=0)
    strength = loudness * np.exp(rng.normal(0, 0.35, len(NAMES)))
    cells = rng.normal(0, 0.12, moved.shape)  # no type is quite the sum of its two axes
    return (moved + cells) * strength, tuple(NAMES[j] for j in sorted(wrong))
