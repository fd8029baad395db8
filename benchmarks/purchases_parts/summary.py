"""Purchase histories from sales lines: rfm.sql beside `summary_data_from_transaction_data` of lifetimes, on the same file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from purchases_parts.speed import PEERS, ratios

DAYS, AS_OF = 730, "2024-12-30"
"""Sales of two years up to the as-of day, a Monday, so that the last week has just begun."""
CASES = {"day": ("day", "text"), "week": ("week", "text"), "day, ids as numbers": ("day", "number")}
TARGETS = {"ratio": 4, "ratio_memory": 2}


def write_sales(lines: int, ids: str, file: Path) -> None:
    """Orders of about two lines at any minute; a tenth as many customers as lines, some of whom buy much more than others."""
    rng = np.random.default_rng(lines)
    customers, orders = lines // 10, lines // 2
    eager = np.cumsum(rng.gamma(0.5, 1.0, customers))
    who = np.searchsorted(eager, rng.random(orders) * eager[-1])
    last = np.datetime64(AS_OF) + np.timedelta64(1, "D")
    when = last - rng.integers(1, DAYS * 1440, orders).astype("m8[m]")
    of_order = np.sort(rng.integers(0, orders, lines))
    numbers = who[of_order]
    table = pd.DataFrame(
        {
            "customer_id": numbers if ids == "number" else np.char.add("C", numbers.astype("U8")),
            "product_id": np.char.add("P", rng.integers(0, 500, lines).astype("U3")),
            "sold_at": when[of_order].astype("M8[us]"),
            "amount": rng.integers(100, 100_000, lines),
            "is_return": False,
            "line_kind": "product",
        }
    )
    table.to_parquet(file)


def measured(sizes: list[int], lifetimes: Path | None) -> dict[str, dict[str, Any]]:
    """Lines → case → peer → CPU seconds and memory, with ratios, once frequency, recency and T are the same."""
    found: dict[str, dict[str, Any]] = {}
    for lines in sizes:
        rows = found[str(lines)] = {}
        for case, (unit, ids) in CASES.items():
            with tempfile.TemporaryDirectory() as folder:
                rows[case] = row = _case(Path(folder), lines, unit, ids, lifetimes)
            for name, one in row.items():
                told = f"{lines:>10,} lines, {case:<20} {name:<22} {one['cpu_seconds']:8.3f} s {one['memory_mb']:7.0f} MB"
                if "ratio" in one:
                    told += f" {one['ratio']:5.1f}x (at least 4x), memory {one['ratio_memory']:5.1f}x (at least 2x)"
                print(told, flush=True)
    return found


def _case(folder: Path, lines: int, unit: str, ids: str, lifetimes: Path | None) -> dict[str, Any]:
    sales = folder / "sales.parquet"
    write_sales(lines, ids, sales)
    programs = {"crmlab": ("crmlab_summary.py",)}
    if lifetimes:
        named = ("lifetimes_summary.py", "--folder", str(lifetimes))
        programs |= {"lifetimes": named, "lifetimes with amounts": (*named, "--amounts")}
    row: dict[str, Any] = {}
    for name, (program, *more) in programs.items():
        out = folder / f"{name}.parquet"
        command = [sys.executable, str(PEERS / program), *more, "--sales", str(sales), "--unit", unit]
        said = subprocess.run(
            [*command, "--as-of", AS_OF, "--out", str(out)], stdout=subprocess.PIPE, text=True, check=True
        )
        row[name] = json.loads(said.stdout.splitlines()[-1])
        if name != "crmlab":
            _same(folder / "crmlab.parquet", out)
            row[name] |= ratios(row["crmlab"], row[name])
    return row


def _same(ours: Path, theirs: Path) -> None:
    a, b = pd.read_parquet(ours), pd.read_parquet(theirs)
    for name in a.columns:
        unlike = int((a[name].to_numpy() != b[name].to_numpy()).sum())
        assert not unlike, f"{name} differs for {unlike} of {len(a)} customers"
