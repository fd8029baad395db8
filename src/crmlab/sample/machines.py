"""Machines: installed, aged, retired, replaced by the next one in the same place.

Lives are Weibull, cut short once support has ended, and the successor's generation depends on the customer's type: the
life curves of the faults stage assume neither, and their hazard is not monotone in age here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .world import (
    BATCH_FAMILY,
    BATCH_FROM,
    BATCH_PLANT,
    BATCH_TO,
    FAMILIES,
    INDUSTRIES,
    SERIES,
    VARIANTS,
    WARRANTY_YEARS,
    YEAR,
)

_SHAPE, _SCALE = 3.5, 7.5 * YEAR
_AFTER_SUPPORT = 2.2 * YEAR
_LAUNCH = np.array([f.launch for f in FAMILIES])
_SUPPORT = np.array([f.end_of_support for f in FAMILIES])
_OF_SERIES = [np.array([i for i, f in enumerate(FAMILIES) if f.series == s]) for s in SERIES]
STATE = (
    "who",
    "slot",
    "series",
    "family",
    "variant",
    "installed",
    "since",
    "warranty_end",
    "retired",
    "plant",
    "frailty",
    "nonstandard",
)
"""Columns of a machine before the machine file describes it."""
_SYSTEMS = np.array(
    ["Windows Server 2016", "Windows Server 2019", "Windows Server 2022", "RHEL 8", "银河麒麟 V10"],
    dtype=object,
)


def first_slots(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The machines in place when a customer enters the record, one row per place (`slot`), not yet retired.

    `who` is the customer's row, `installed`, `since` (serviced here) and `retired` are days, `series` an index into
    SERIES. Who joins later brings machines bought elsewhere.
    """
    who = np.repeat(np.arange(len(people)), people["machines"])
    n = len(who)
    weights = np.array([v[3] for v in INDUSTRIES.values()])[people["industry_code"].to_numpy()[who]]
    series = (rng.random(n)[:, None] > np.cumsum(weights, axis=1)).sum(1).clip(0, 2)
    created = people["created"].to_numpy()[who]
    age = np.where(rng.random(n) < np.where(created > 0, 0.45, 0), 0, rng.beta(1.2, 1.6, n) * 7.2 * YEAR)
    installed = (np.maximum(created, 0) - age).astype(int)
    installed = np.maximum(installed, np.array([_LAUNCH[f[0]] for f in _OF_SERIES])[series] + 60)
    return _machines(people, who, np.arange(n), series, installed, rng)


def _machines(people, who, slot, series, installed, rng) -> pd.DataFrame:
    family = _family(people, who, series, installed, rng)
    premium = 1 / (1 + np.exp(1.5 - nine_types.effect("premium", people, who, installed)))
    draw = rng.random(len(who))
    variant = np.where(draw < premium, 2, np.where(draw < premium + 0.3, 1, 0))
    return pd.DataFrame(
        {
            "who": who,
            "slot": slot,
            "series": series,
            "family": family,
            "variant": variant,
            "installed": installed,
            "since": np.maximum(installed, people["created"].to_numpy()[who]),
            "warranty_end": installed + 365 * np.array(WARRANTY_YEARS)[series],
            "retired": np.full(len(who), np.iinfo(np.int64).max),
            "plant": rng.choice(list("KMT"), len(who), p=[0.45, 0.35, 0.20]),
            "frailty": rng.gamma(2.0, 0.5, len(who)),
            "nonstandard": rng.random(len(who)) < 0.06,
        }
    )


def _family(people, who, series, installed, rng) -> np.ndarray:
    """The family bought on a day: the newest on sale less a lag that the type shifts."""
    lag = rng.poisson(0.35 * np.exp(nine_types.effect("generation_lag", people, who, installed)))
    family = np.empty(len(who), int)
    for s, members in enumerate(_OF_SERIES):
        rows = series == s
        newest = np.searchsorted(_LAUNCH[members], installed[rows] - 45, side="right") - 1
        family[rows] = members[np.clip(newest - np.minimum(lag[rows], 2), 0, None)]
    return family


def play(
    people: pd.DataFrame, slots: pd.DataFrame, begin: int, end: int, rng: np.random.Generator
) -> pd.DataFrame:
    """All machines in place at some time in [begin, end), given those in `slots` at `begin`."""
    parts, alive = [], slots
    while len(alive):
        now = np.maximum(alive["installed"].to_numpy(), begin)
        age = (now - alive["installed"].to_numpy()) / _SCALE
        n = len(alive)
        life = _SCALE * (age**_SHAPE + rng.exponential(1, n)) ** (1 / _SHAPE)
        support = np.maximum(_SUPPORT[alive["family"]], now) + rng.exponential(_AFTER_SUPPORT, n)
        retired = np.minimum(alive["installed"] + life, support).astype(np.int64) + 1
        ended = (retired < end).to_numpy()
        parts.append(alive.assign(retired=np.where(ended, retired, np.iinfo(np.int64).max)))
        gone = alive[ended]
        alive = _machines(
            people,
            gone["who"].to_numpy(),
            gone["slot"].to_numpy(),
            gone["series"].to_numpy(),
            retired[ended].to_numpy(),
            rng,
        )
    return pd.concat(parts, ignore_index=True).sort_values(["who", "slot", "installed"], ignore_index=True)


def in_bad_batch(machines: pd.DataFrame) -> np.ndarray:
    """Which machines hold disks of the planted batch."""
    family = [f.code for f in FAMILIES].index(BATCH_FAMILY)
    made = machines["installed"].between(BATCH_FROM, BATCH_TO)
    return ((machines["family"] == family) & (machines["plant"] == BATCH_PLANT) & made).to_numpy()


def models(machines: pd.DataFrame) -> np.ndarray:
    """Seven-character models: family and variant."""
    names = np.array([[f.code + v for v, _ in VARIANTS] for f in FAMILIES], dtype=object)
    return names[machines["family"], machines["variant"]]


def describe(people: pd.DataFrame, machines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What the machine file says beside the facts: serial number, importance, firmware, system, patch."""
    n = len(machines)
    who = machines["who"].to_numpy()
    order = machines.groupby("who").cumcount().to_numpy()
    year = 2021 + (machines["installed"].to_numpy() + 304) // YEAR
    serial = [
        f"99{plant}{customer:06d}{k:03d}"
        for plant, customer, k in zip(
            machines["plant"], people["customer"].to_numpy()[who].tolist(), order.tolist(), strict=True
        )
    ]
    newest = np.clip((year - 2014) // 3, 0, 2).astype(int)
    system = np.where(rng.random(n) < 0.3, 3 + (rng.random(n) < 0.4), newest)
    weight = machines["series"].to_numpy() + rng.normal(0, 0.8, n)
    return machines.assign(
        serial_no=np.array(serial, dtype=object),
        machine_model=models(machines),
        importance=np.array(["一般", "重要", "关键"], dtype=object)[np.digitize(weight, [0.6, 1.7])],
        firmware=[f"{int(y) - 2010}.{k:02d}" for y, k in zip(year, rng.integers(0, 13, n), strict=True)],
        os_version=_SYSTEMS[system],
        patch=[f"SP{k}" for k in rng.integers(0, 5, n)],
    )
