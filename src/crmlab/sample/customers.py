"""Customers: names, sites, sizes, types and the latent traits that later processes share.

Sizes follow a bounded power law, so no model with one normal or gamma spread of customers is exactly right.
`engagement` is one unobserved factor that runs through calls, complaints, purchases and renewals alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .world import BRANCHES, CHUNK, DAYS, INDUSTRIES, REGIONS, World, stream

_FIRST = "华信宏远博瑞嘉联盛泰恒捷创科晨鑫隆辉安达永康明德和正丰源金利东方新亚天佑海川银河长青同济百汇中瀚蓝云启卓越锦程"
_SYLLABLES = tuple(dict.fromkeys(_FIRST))
BUYERS = ("random", "regular", "budget", "drop-out")
DROPS_OUT = 900
"""Mean days until a drop-out stops buying."""


def numbered(people: pd.DataFrame, who: np.ndarray, letter: str) -> np.ndarray:
    """Numbers such as Q000012-003 for the rows of a table sorted by customer `who`: letter, customer, how many-th."""
    customer = people["customer"].to_numpy()[who]
    nth = pd.Series(who).groupby(who).cumcount().to_numpy() + 1
    return np.array(
        [f"{letter}{c:06d}-{k:03d}" for c, k in zip(customer.tolist(), nth.tolist(), strict=True)],
        dtype=object,
    )


def _words(numbers: np.ndarray) -> list[str]:
    """One invented word per customer, never twice: the number written in syllables."""
    base = len(_SYLLABLES)
    words = []
    for number in numbers.tolist():
        high, low = divmod(number, base * base)
        low = (low * 1009 + 17) % (base * base)  # neighbours get unlike names; 1009 is coprime to the base
        word = _SYLLABLES[low // base] + _SYLLABLES[low % base]
        while high:
            high, digit = divmod(high, base)
            word += _SYLLABLES[digit]
        words.append(word)
    return words


def customers(world: World, chunk: int) -> pd.DataFrame:
    """The `CHUNK` customers of one chunk, one row each, with their latent traits.

    `created` is a day (0 = START), `distance_km` there and back, `level` an index into LEVELS, `frailty` an unobserved
    push on renewals, `buy_rate` purchases a year, `dies` the day a drop-out stops buying.
    """
    rng = stream(world.seed, chunk, "customers")
    n = CHUNK
    number = chunk * CHUNK + np.arange(n)
    industry = rng.choice(len(INDUSTRIES), n, p=[v[0] for v in INDUSTRIES.values()])
    region = rng.choice(len(REGIONS), n, p=[v[0] for v in REGIONS.values()])
    names, regions = list(INDUSTRIES), list(REGIONS)
    suffix = rng.integers(0, 12, n)
    words = _words(number)
    people = pd.DataFrame(
        {
            "customer": number,
            "customer_id": [f"C{k:06d}" for k in number.tolist()],
            "customer_name": [
                regions[r] + word + INDUSTRIES[names[i]][1][s % len(INDUSTRIES[names[i]][1])]
                for r, word, i, s in zip(region, words, industry, suffix, strict=True)
            ],
            "industry": np.array(names, dtype=object)[industry],
            "industry_code": industry,
            "region": np.array(regions, dtype=object)[region],
            "branch": np.array([v[1] for v in REGIONS.values()])[region],
            "dust": np.array([v[2] for v in INDUSTRIES.values()])[industry],
            "damp": np.array([v[3] for v in REGIONS.values()])[region],
        }
    )
    people["branch_name"] = np.array(BRANCHES, dtype=object)[people["branch"]]
    size = np.minimum(rng.pareto(1.15, n) + 1, 45)
    people["machines"] = np.ceil(1.35 * size - 0.5).astype(int)
    sector = np.where(np.isin(people["industry"], ["银行", "电信", "电力"]), 1.6, 1.0)
    rank = people["machines"] * sector * np.exp(rng.normal(0, 0.3, n))
    people["tier"] = np.select([rank > 22, rank > 8, rank > 3], ["vip", "large", "medium"], "small")
    joined_before = rng.random(n) < 0.66
    people["created"] = np.where(joined_before, -rng.integers(30, 3000, n), rng.integers(0, DAYS - 60, n))
    km = np.array([v[2] for v in REGIONS.values()])[region] * np.exp(rng.normal(0, 0.25, n))
    people["distance_km"] = np.round(km).astype(int) + 2
    people = pd.concat([people, nine_types.assign(rng, world.type_share, n)], axis=1)
    people["engagement"] = rng.normal(0, 1, n)
    people["frailty"] = rng.normal(0, 0.5, n)
    who, start = np.arange(n), np.maximum(people["created"].to_numpy(), 0)
    need = np.select([people["tier"] == "vip", people["tier"] == "large"], [1.3, 0.7], 0.1)
    excess = nine_types.effect("level_excess", people, who, start)
    wanted = need + 0.45 * sector + 0.7 * excess + rng.normal(0, 0.5, n)
    people["level"] = np.digitize(wanted, [0.95, 1.75])
    people["buyer"] = rng.choice(4, n, p=[0.40, 0.25, 0.20, 0.15])
    people["buy_rate"] = (
        rng.gamma(1.4, 1 / 1.4, n) * people["machines"] ** 0.35 * np.exp(0.2 * people["engagement"])
    )
    dies = start + rng.exponential(DROPS_OUT, n)
    people["dies"] = np.where(people["buyer"] == 3, dies, np.inf)
    people["variant"] = _variants(people["customer_name"], rng)
    people["parent_id"] = _parents(people, rng)
    return people


def _variants(names: pd.Series, rng: np.random.Generator) -> np.ndarray:
    """A second spelling that the desk sometimes types, for 2 % of customers; else empty."""
    chosen, form = rng.random(len(names)) < 0.02, rng.integers(0, 3, len(names))
    spellings = (
        lambda s: s[2:],
        lambda s: s[:2] + "市" + s[2:],
        lambda s: s.replace("公司", "").replace("银行", "行") + "有限公司",
    )
    return np.array(
        [spellings[f](s) if c else "" for s, c, f in zip(names, chosen, form, strict=True)], dtype=object
    )


def _parents(people: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """A tenth of the banks and tax offices belong to a larger one of their kind that comes before them."""
    parents = np.full(len(people), "", dtype=object)
    chosen = (rng.random(len(people)) < 0.25) & people["industry"].isin(["银行", "税务"]).to_numpy()
    for kind in ("银行", "税务"):
        heads = np.flatnonzero((people["industry"] == kind) & people["tier"].isin(["vip", "large"]))
        for row in np.flatnonzero(chosen & (people["industry"] == kind).to_numpy()):
            before = heads[heads < row]
            if len(before):
                parents[row] = people["customer_id"].iat[before[row % len(before)]]
    return parents
