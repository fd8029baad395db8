"""What valuing costs: flows to present values and limits, purchases beside lifetimes, and the whole forecast of simulated companies."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from purchases_parts.speed import TRUTH, ratios

from crmlab.purchases.models.simulate import simulate_purchases, simulate_spend

PEERS = Path(__file__).parents[1] / "peers"
SECONDS, MEMORY = 600, 12 * 2**30
"""What one piece of work may take, its tables made."""
TARGETS = {"valued_1_000_000_cpu_seconds": 10, "purchases_ratio": 70}
MODELS = {name: TRUTH[name] for name in ("BGNBD", "GammaGamma")}


def measured(sizes: list[int], companies: list[int], lifetimes: Path | None) -> dict[str, Any]:
    """CPU seconds and memory by size, each piece of work in a process of its own."""
    found: dict[str, Any] = {
        "sizes": {},
        "companies": {},
        "peers": ["lifetimes"] if lifetimes else [],
        "targets": TARGETS,
    }
    for n in sizes:
        row = {work: run("crmlab", work, "--customers", str(n)) for work in ("flows", "valued")}
        found["sizes"][str(n)] = row | {"purchases": purchases(n, lifetimes)}
        print(n, json.dumps(found["sizes"][str(n)]), flush=True)
    for n in companies:
        found["companies"][str(n)] = run("crmlab", "forecast", "--customers", str(n))
        print(n, json.dumps(found["companies"][str(n)]), flush=True)
    return found


def purchases(n: int, lifetimes: Path | None) -> dict[str, Any]:
    """36 months of discounted purchases × spend at the same parameters, by us and by lifetimes."""
    with tempfile.TemporaryDirectory() as folder:
        file, ours, theirs = (Path(folder) / f"{name}.parquet" for name in ("customers", "ours", "theirs"))
        write_buyers(n, file)
        at = ("--customers", str(file), "--parameters", json.dumps(MODELS), "--values")
        row = {"crmlab": run("crmlab", "purchases", *at, str(ours))}
        if lifetimes:
            folder_named = ("--folder", str(lifetimes))
            row["lifetimes"] = found = run("lifetimes", "purchases", *at, str(theirs), *folder_named)
            if "skipped" not in found:
                apart = np.abs(pd.read_parquet(theirs)["value"] / pd.read_parquet(ours)["value"] - 1)
                found |= {"largest_relative_difference": float(apart.max())} | ratios(row["crmlab"], found)
    return row


def write_buyers(n: int, file: Path) -> None:
    """Histories in weeks of customers won over twelve weeks and seen for up to 39, and what they spent at a time."""
    age = np.random.default_rng(n).integers(27 * 7, 39 * 7 + 1, n) / 7.0
    x, t_x, _ = simulate_purchases("BGNBD", MODELS["BGNBD"], age, seed=n)
    spent = np.round(simulate_spend(MODELS["GammaGamma"], np.maximum(x, 1), seed=n), 2) + 0.01
    recency = np.minimum(np.ceil(t_x * 7) / 7, age)
    pd.DataFrame({"frequency": x, "recency": recency, "T": age, "monetary_value": spent}).to_parquet(file)


def run(peer: str, work: str, *more: str) -> dict[str, Any]:
    """What it printed; {"skipped": why} where it took more time or memory than it may."""
    said = subprocess.run(
        [sys.executable, str(PEERS / f"{peer}_values.py"), "--work", work, *more],
        capture_output=True, text=True, check=False, preexec_fn=_limit,
    )  # fmt: skip
    if said.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"skipped": f"more than {SECONDS} CPU seconds"}
    if said.returncode and "MemoryError" in said.stderr:
        return {"skipped": f"more than {MEMORY >> 30} GB"}
    if said.returncode:
        raise SystemExit(f"{peer}, {work} failed:\n{said.stderr}")
    return json.loads(said.stdout.splitlines()[-1])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
