"""Causes of failure, the parts they need, and the symptoms through which they speak: the tables of sample.md."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
