"""The world of the simulated company: its time, machines, regions and service levels, and what is planted in it.

Days are counted from `START`, minutes likewise. Everything drawn for a whole company at once (family effects, manners
of a branch) is in `World`; what is the same in every company is a constant here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .causes import CAUSES

START = np.datetime64("2021-11-01")
END = np.datetime64("2026-10-31")
DAYS = int((END - START).astype(int)) + 1
"""Days on record; day `DAYS` is the first day of the future."""
YEAR = 365.25
DAY = 1440
"""Minutes in a day."""
NONE = -(1 << 40)
"""Stands where a day, a minute or an amount is not known, or never will be."""
CHUNK = 400
"""Customers drawn together; a company is the first N customers of an endless row of chunks."""
TICKETS_PER_CUSTOMER = 16.7


def day(date: str) -> int:
    """Days from `START` to an ISO date."""
    return int((np.datetime64(date) - START).astype(int))


def stream(seed: int, chunk: int, process: str, draw: int = 0) -> np.random.Generator:
    """The generator of one process in one chunk: a draw more in one process leaves all others as they were.

    `draw` 0 is what happened; higher numbers are other ways the future might go.
    """
    return np.random.default_rng([seed, chunk, zlib.crc32(process.encode()), draw])


@dataclass(frozen=True)
class Family:
    """A machine family: the first four characters of its models."""

    code: str
    series: str
    generation: int
    launch: int
    end_of_support: int
    has_light_panel: bool
    list_price: int  # yuan


def _family(code: str, series: str, generation: int, launch: str, support: str, panel: bool, price: int):
    return Family(code, series, generation, day(launch), day(support), panel, price)


FAMILIES = (
    _family("4347", "入门", 1, "2014-03-01", "2022-09-30", False, 9800),
    _family("8848", "入门", 2, "2017-06-01", "2025-06-30", False, 10800),
    _family("7944", "入门", 3, "2020-09-01", "2028-09-30", True, 11800),
    _family("7947", "入门", 4, "2023-09-01", "2031-09-30", True, 12800),
    _family("8670", "主流", 1, "2013-05-01", "2022-03-31", False, 18800),
    _family("8675", "主流", 2, "2015-04-01", "2023-12-31", False, 19800),
    _family("8840", "主流", 3, "2017-10-01", "2025-12-31", True, 22800),
    _family("7978", "主流", 4, "2020-04-01", "2028-06-30", True, 24800),
    _family("7979", "主流", 5, "2023-03-01", "2031-03-31", True, 26800),
    _family("8863", "高端", 1, "2012-09-01", "2022-06-30", False, 52000),
    _family("8837", "高端", 2, "2015-10-01", "2024-06-30", True, 56000),
    _family("8887", "高端", 3, "2018-05-01", "2026-12-31", True, 62000),
    _family("6623", "高端", 4, "2021-06-01", "2029-12-31", True, 68000),
    _family("7974", "高端", 5, "2024-05-01", "2032-06-30", True, 76000),
)
VARIANTS = (("1QC", 1.0), ("7Q7", 1.15), ("3RX", 1.45))
"""Last three characters of a model and what they do to the list price; the last is the premium one."""
SERIES = ("入门", "主流", "高端")
WARRANTY_YEARS = (1, 3, 3)


INDUSTRIES = {  # name: (share, suffixes of names, dust, series weights)
    "银行": (0.14, ("银行", "农商银行", "村镇银行"), -0.6, (0.2, 0.5, 0.3)),
    "税务": (0.10, ("税务局", "税务所"), -0.2, (0.4, 0.5, 0.1)),
    "电力": (0.10, ("供电公司", "电力设计院"), 0.2, (0.2, 0.5, 0.3)),
    "电信": (0.10, ("通信公司", "数据中心"), -0.6, (0.1, 0.4, 0.5)),
    "医院": (0.14, ("医院", "中医院", "妇幼保健院"), -0.3, (0.3, 0.5, 0.2)),
    "制造": (0.26, ("机械厂", "纺织公司", "化工公司", "电子厂"), 1.0, (0.5, 0.4, 0.1)),
    "酒店": (0.09, ("大酒店", "宾馆"), 0.0, (0.7, 0.3, 0.0)),
    "网吧": (0.07, ("网吧", "网络会所"), 0.8, (0.9, 0.1, 0.0)),
}
BRANCHES = ("杭州分公司", "宁波分公司", "温州分公司", "金华分公司")
REGIONS = {  # name: (share, branch, km there and back, damp)
    "杭州": (0.28, 0, 24, 0.0),
    "湖州": (0.06, 0, 160, 0.1),
    "嘉兴": (0.08, 0, 170, 0.2),
    "绍兴": (0.09, 0, 120, 0.1),
    "宁波": (0.16, 1, 28, 0.6),
    "舟山": (0.03, 1, 150, 1.0),
    "温州": (0.11, 2, 30, 0.7),
    "台州": (0.07, 2, 210, 0.7),
    "丽水": (0.03, 2, 230, -0.2),
    "金华": (0.07, 3, 26, -0.3),
    "衢州": (0.02, 3, 170, -0.4),
}

LEVELS = ("5*9", "7*24*8", "7*24*4")
LEVEL_PRICE = np.array([900, 1600, 2600])
"""Yuan per machine and year."""
PROMISED_RESPONSE = np.array([540, 480, 240])
"""Minutes until someone is there: working minutes for 5*9, else by the clock."""
PROMISED_FIX = np.array([1620, 1440, 720])

BATCH_FAMILY, BATCH_PLANT = "7979", "K"
BATCH_FROM, BATCH_TO = day("2023-09-01"), day("2024-03-31")
BATCH_AGE = (0.5, 2.0)
BATCH_RATE = 1.2
"""Planted: disks of the machines of one plant fail so often a year at that age, beyond the usual."""
BUG_FAMILY = "7978"
BUG_FROM, BUG_TO = day("2024-03-04"), day("2024-08-31")
BUG_RATE = 0.55
"""Planted: firmware tickets per machine-year between release and repair, beyond the usual."""


def heat(days: np.ndarray) -> np.ndarray:
    """Summer: 0 in winter, 1 in mid-July."""
    return np.clip(np.cos(2 * np.pi * (np.asarray(days) - day("2022-07-18")) / YEAR), 0, None)


@dataclass(frozen=True)
class World:
    """What is drawn once for a whole company: `family_cause` (families × causes), `manners` and `delay` by branch,
    `type_share` (share of each of the nine types)."""

    seed: int
    family_cause: np.ndarray
    family_rate: np.ndarray
    manners: np.ndarray
    delay: np.ndarray
    type_share: np.ndarray


@lru_cache(maxsize=8)
def world(seed: int) -> World:
    """The world of a seed."""
    rng = stream(seed, 0, "world")
    share = np.array([0.35, 0.18, 0.12, 0.10, 0.08, 0.07, 0.05, 0.03, 0.02])
    return World(
        seed,
        family_cause=rng.normal(0, 0.55, (len(FAMILIES), len(CAUSES))),
        family_rate=np.exp(rng.normal(0, 0.2, len(FAMILIES))),
        manners=rng.normal(0, 0.4, len(BRANCHES)),
        delay=rng.normal(0, 0.15, len(BRANCHES)),
        type_share=share[rng.permutation(9)],
    )
