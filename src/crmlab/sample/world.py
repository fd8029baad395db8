"""The world of the simulated company: what exists in it, and the constants that drive it.

Days are counted from `START`, minutes likewise. Everything drawn for a whole company at once (family effects, manners
of a branch) is in `World`; what is the same in every company is a constant here.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

START = np.datetime64("2021-11-01")
END = np.datetime64("2026-10-31")
DAYS = int((END - START).astype(int)) + 1
"""Days on record; day `DAYS` is the first day of the future."""
YEAR = 365.25
DAY = 1440
"""Minutes in a day."""
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


@dataclass(frozen=True)
class Cause:
    """A cause of failure; `age`, `heat`, `dust` and `damp` shift its log share."""

    name: str
    zh: str
    part: str
    minutes: int
    share: float
    age: float = 0.0
    heat: float = 0.0
    dust: float = 0.0
    damp: float = 0.0


CAUSES = (
    Cause("hdd_physical", "硬盘物理损坏", "HDD", 15, 27, age=0.12, heat=0.25),
    Cause("memory", "内存损坏", "DIMM", 20, 13, age=-0.02, dust=0.2),
    Cause("mainboard", "主板故障", "MB", 75, 10, age=0.05, damp=0.3),
    Cause("hdd_logical", "硬盘逻辑掉线", "", 20, 9, heat=0.1),
    Cause("power_supply", "电源故障", "PSU", 12, 8, age=0.10, heat=0.5, dust=0.3),
    Cause("raid_card", "RAID卡故障", "RAID", 35, 6, age=0.02),
    Cause("slot_loose", "插槽松动", "", 10, 6, age=-0.05, dust=0.5, damp=0.5),
    Cause("fan", "风扇故障", "FAN", 12, 4, age=0.15, heat=0.7, dust=0.6),
    Cause("os_driver", "系统/驱动", "", 60, 4, age=-0.15),
    Cause("firmware", "微码问题", "", 30, 3, age=-0.20),
    Cause("pci_card", "PCI板故障", "PCI", 20, 2.5),
    Cause("cpu", "CPU故障", "CPU", 40, 2, age=-0.05, heat=0.5),
    Cause("backplane", "背板故障", "BP", 45, 2, age=0.05, damp=0.3),
    Cause("raid_battery", "RAID电池", "BBU", 20, 2, age=0.25),
    Cause("cable", "线缆", "CABLE", 10, 1.5, damp=0.4),
    Cause("network_card", "网卡", "PCI", 20, 1),
)
CAUSE = {c.name: i for i, c in enumerate(CAUSES)}
SHARES = np.array([c.share for c in CAUSES]) / sum(c.share for c in CAUSES)

PARTS = {  # number: (name, cost in yuan)
    "HDD": ("硬盘", 680),
    "DIMM": ("内存", 520),
    "MB": ("主板", 2600),
    "PSU": ("电源", 760),
    "RAID": ("RAID卡", 1450),
    "FAN": ("风扇", 160),
    "PCI": ("PCI板", 640),
    "CPU": ("CPU", 2900),
    "BP": ("背板", 880),
    "BBU": ("RAID电池", 390),
    "CABLE": ("线缆", 90),
}
PART = {name: i for i, name in enumerate(PARTS)}
CAUSE_PART = np.array([PART.get(c.part, -1) for c in CAUSES])

RECORDED_AS = {  # the pairs that engineers confuse on the service sheet
    "hdd_physical": "hdd_logical",
    "hdd_logical": "hdd_physical",
    "memory": "slot_loose",
    "slot_loose": "memory",
    "pci_card": "network_card",
    "network_card": "pci_card",
}
WRONGLY_RECORDED = 0.05
"""Share of all repairs whose recorded cause is the other one of a pair."""

SECOND_CAUSE = 0.035
_PARTNERS = {  # what fails together
    "mainboard": {"memory": 0.6, "power_supply": 0.4},
    "memory": {"mainboard": 1.0},
    "power_supply": {"mainboard": 1.0},
    "raid_card": {"hdd_physical": 1.0},
    "hdd_physical": {"raid_card": 1.0},
}


def _second_causes() -> np.ndarray:
    """P(second cause | first cause), one row per first cause: mostly a partner, else anything by its share."""
    table = np.zeros((len(CAUSES), len(CAUSES)))
    for i, cause in enumerate(CAUSES):
        others = SHARES.copy()
        others[i] = 0
        partners = _PARTNERS.get(cause.name, {})
        for name, weight in partners.items():
            table[i, CAUSE[name]] = 0.05 * weight
        table[i] += (0.002 if partners else 0.009) * others / others.sum()
    return table * SECOND_CAUSE / (SHARES @ table.sum(1))


SECOND = _second_causes()

LIGHT_SYMPTOMS = (
    "amber_one",
    "amber_several",
    "dimm_error",
    "board_error",
    "power_light",
    "fan_error",
    "cpu_light",
)
_WEIGHTS = {  # symptom: weights by cause; where nothing stands it is _OTHER
    "amber_one": {"hdd_physical": 52, "hdd_logical": 50, "backplane": 22},
    "amber_several": {"raid_card": 30, "backplane": 22, "cable": 12, "hdd_logical": 10, "hdd_physical": 3},
    "disk_not_found": {
        "cable": 24,
        "hdd_physical": 16,
        "backplane": 14,
        "raid_card": 10,
        "hdd_logical": 9,
    },
    "array_degraded": {"hdd_physical": 14, "hdd_logical": 16, "raid_card": 14, "backplane": 8},
    "raid_test_fails": {"raid_battery": 30, "raid_card": 24, "slot_loose": 14},
    "no_display": {
        "mainboard": 34,
        "memory": 30,
        "cpu": 30,
        "slot_loose": 30,
        "power_supply": 14,
        "pci_card": 12,
    },
    "dimm_error": {"memory": 34, "slot_loose": 12, "mainboard": 8},
    "blue_screen": {"os_driver": 30, "memory": 12, "mainboard": 8, "hdd_physical": 3},
    "restarts": {
        "power_supply": 14,
        "memory": 8,
        "mainboard": 10,
        "fan": 8,
        "os_driver": 12,
        "cpu": 8,
        "firmware": 8,
    },
    "hangs": {"os_driver": 16, "memory": 6, "hdd_physical": 5, "hdd_logical": 5, "firmware": 10, "fan": 4},
    "board_error": {"pci_card": 36, "network_card": 12, "mainboard": 10},
    "power_light": {"power_supply": 30, "mainboard": 4, "cable": 4},
    "no_power": {"power_supply": 28, "mainboard": 14, "cable": 10},
    "fan_error": {"fan": 46, "mainboard": 3},
    "noise": {"fan": 22, "hdd_physical": 4, "power_supply": 4},
    "overheating": {"fan": 16, "cpu": 10, "power_supply": 4},
    "network_down": {"network_card": 50, "cable": 20, "os_driver": 10, "pci_card": 12, "mainboard": 3},
    "no_boot": {"os_driver": 20, "hdd_logical": 7, "hdd_physical": 4, "firmware": 12, "mainboard": 6},
    "cpu_light": {"cpu": 34, "mainboard": 4},
    "firmware_message": {"firmware": 44, "raid_battery": 18, "raid_card": 6},
    "vague": {c.name: 2.5 for c in CAUSES},
}
_OTHER = 0.2
SYMPTOMS = tuple(_WEIGHTS)
SYMPTOM = {name: i for i, name in enumerate(SYMPTOMS)}


def _likelihood(has_light_panel: bool) -> np.ndarray:
    """P(symptom | cause), causes × symptoms; without a light panel people report behaviour instead."""
    table = np.array([[_WEIGHTS[s].get(c.name, _OTHER) for s in SYMPTOMS] for c in CAUSES], float)
    if not has_light_panel:
        lights = [SYMPTOM[s] for s in LIGHT_SYMPTOMS]
        table[:, lights] *= 0.12
    return table / table.sum(1, keepdims=True)


LIKELIHOOD = np.stack([_likelihood(False), _likelihood(True)])
"""P(symptom | cause): [has a light panel, cause, symptom]."""
SECOND_MENTION = 0.12
"""How often a caller names a second symptom."""

ENQUIRIES = ("howto", "billing", "legacy", "roadmap")
"""Kinds of tickets that report no fault."""

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
