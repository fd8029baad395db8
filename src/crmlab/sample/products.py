"""The catalogue: machines, options, software, training and service, the same in every simulated company."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from .causes import PARTS
from .world import FAMILIES, LEVEL_PRICE, LEVELS, VARIANTS, day


@dataclass(frozen=True)
class Line:
    """A product line that customers buy by themselves: its generations follow each other every `every` years."""

    code: str
    series: str
    category: str
    kind: str
    price: int  # yuan
    margin: float
    first: str
    every: float
    generations: int
    weight: float
    option: bool = False


LINES = (
    Line("MEM", "内存", "选件", "product", 900, 0.20, "2018-03-01", 2.5, 4, 1.6, True),
    Line("SSD", "固态硬盘", "选件", "product", 1900, 0.18, "2018-09-01", 2.0, 4, 1.5, True),
    Line("SAS", "SAS硬盘", "选件", "product", 1300, 0.16, "2017-06-01", 3.0, 4, 1.2, True),
    Line("NIC", "网卡", "选件", "product", 800, 0.24, "2018-01-01", 3.5, 3, 0.6, True),
    Line("RCD", "RAID卡", "选件", "product", 2200, 0.22, "2019-01-01", 3.0, 3, 0.5, True),
    Line("UPS", "不间断电源", "外设", "product", 3200, 0.14, "2017-01-01", 4.0, 3, 0.9),
    Line("TAP", "磁带", "耗材", "product", 320, 0.28, "2016-01-01", 4.0, 3, 1.8),
    Line("MON", "显示器", "外设", "product", 1500, 0.10, "2019-05-01", 2.0, 4, 1.4),
    Line("SWL", "软件许可", "软件", "product", 4200, 0.35, "2019-02-01", 3.0, 3, 0.8),
    Line("TRN", "培训", "服务", "service", 1800, 0.50, "2015-01-01", 9.0, 1, 0.6, True),
    Line("INS", "巡检与安装", "服务", "service", 1200, 0.45, "2015-01-01", 9.0, 1, 0.9),
)
VISIT = "SVC-VISIT"
PART_MARKUP = 1.6


@lru_cache(maxsize=1)
def catalogue() -> pd.DataFrame:
    """All products, one row each; `list_price` in fen, days counted from START, `line` an index into LINES or −1."""
    rows = []
    for f in FAMILIES:
        for variant, factor in VARIANTS:
            price = round(f.list_price * factor / 100) * 100
            rows.append(
                (f.code + variant, f.series, "服务器", price, f.launch, f.end_of_support, f.generation, -1)
            )
    for i, line in enumerate(LINES):
        for g in range(line.generations):
            launch = day(line.first) + round(g * line.every * 365.25)
            price = round(line.price * (1 + 0.08 * g) / 10) * 10
            support = launch + round((line.every + 4) * 365.25)
            rows.append(
                (f"{line.code}-{g + 1}", line.series, line.category, price, launch, support, g + 1, i)
            )
    first, never = day("2015-01-01"), day("2039-12-31")
    for level, price in zip(LEVELS, LEVEL_PRICE.tolist(), strict=True):
        rows.append((contract_product(level), "维保", "维保", price, first, never, 1, -1))
    rows.append((VISIT, "上门服务", "服务", 400, first, never, 1, -1))
    for part, (name, yuan) in PARTS.items():
        rows.append((f"PT-{part}", name, "备件", round(yuan * PART_MARKUP / 10) * 10, first, never, 1, -1))
    names = [
        "product_id",
        "series",
        "category",
        "list_price",
        "launch",
        "end_of_support",
        "generation",
        "line",
    ]
    return pd.DataFrame(rows, columns=names).assign(list_price=lambda t: t["list_price"] * 100)


def contract_product(level: str) -> str:
    """The product that a term of this service level is sold as."""
    return "WB-" + level.replace("*", "")


@lru_cache(maxsize=1)
def on_sale() -> tuple[np.ndarray, np.ndarray]:
    """Launch days (lines × generations, padded with never) and the catalogue row of each line's first generation."""
    goods = catalogue()
    launches = np.full((len(LINES), 5), 1 << 30)
    first = np.zeros(len(LINES), int)
    for i in range(len(LINES)):
        rows = np.flatnonzero(goods["line"] == i)
        first[i] = rows[0]
        launches[i, : len(rows)] = goods["launch"].to_numpy()[rows]
    return launches, first
