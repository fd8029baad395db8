"""Fits of the customer-base models beside lifetimes and pymc-marketing: equal log-likelihood first, then CPU seconds and memory."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmlab import purchases
from crmlab.purchases.models.simulate import simulate_purchases, simulate_spend

TRUTH = {
    "BGNBD": {"r": 0.25, "alpha": 4.5, "a": 0.8, "b": 2.4},
    "MBGNBD": {"r": 0.55, "alpha": 6.5, "a": 0.9, "b": 1.6},
    "ParetoNBD": {"r": 0.55, "alpha": 10.6, "s": 0.6, "beta": 11.7},
    "GammaGamma": {"p": 6.25, "q": 3.74, "gamma": 15.44},
}
SECONDS, MEMORY = 180, 8 * 2**30
"""What one peer may take for one model and size; the larger sizes are then not tried."""
TARGETS = {
    "lifetimes": {
        "BGNBD": (50, 30), "MBGNBD": (50, 30), "GammaGamma": (50, 30), "ParetoNBD": (60, 60), "value_36_months": (70, 70),
    },
    "pymc_marketing": dict.fromkeys(TRUTH, (100, 30)),
}  # fmt: skip
"""Ratio to reach at 23k-100k customers, and at 1 M; of pymc-marketing `ratio_whole`, at 100k and at 1 M."""
PEERS = Path(__file__).parents[1] / "peers"


@dataclass(frozen=True)
class Peer:
    """A program that fits one model to the customers of one file and prints what it found as JSON."""

    name: str
    command: tuple[str, ...]

    def run(self, model: str, customers: Path, *more: str) -> dict[str, Any]:
        """What it printed; {"skipped": why} where it took more time or memory than it may."""
        said = subprocess.run(
            [*self.command, "--model", model, "--customers", str(customers), *more],
            capture_output=True, text=True, check=False, preexec_fn=_limit,
        )  # fmt: skip
        if said.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
            return {"skipped": f"more than {SECONDS} CPU seconds"}
        if said.returncode and "MemoryError" in said.stderr:
            return {"skipped": f"more than {MEMORY >> 30} GB"}
        if said.returncode:
            raise SystemExit(f"{self.name}, {model}, {customers.stem} failed:\n{said.stderr}")
        return json.loads(said.stdout.splitlines()[-1])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


OURS = Peer("crmlab", (sys.executable, str(PEERS / "crmlab_fits.py")))


def peers(lifetimes: Path | None, pymc: Path | None) -> list[Peer]:
    """Those whose folder or interpreter is named."""
    found = []
    if lifetimes:
        command = (sys.executable, str(PEERS / "lifetimes_fits.py"), "--folder", str(lifetimes))
        found.append(Peer("lifetimes", command))
    if pymc:
        found.append(Peer("pymc_marketing", (str(pymc), str(PEERS / "pymc_fits.py"))))
    return found


def write_customers(name: str, n: int, file: Path) -> None:
    """Histories in weeks, dated to the day, of customers won over twelve weeks and seen for up to 39; or what they spent."""
    by = "MBGNBD" if name == "GammaGamma" else name
    age = np.random.default_rng(n).integers(27 * 7, 39 * 7 + 1, n) / 7.0
    x, t_x, _ = simulate_purchases(by, TRUTH[by], age, seed=n)
    if name == "GammaGamma":
        x = x[x > 0]
        spent = np.round(simulate_spend(TRUTH[name], x, seed=n), 2) + 0.01
        table = pd.DataFrame({"frequency": x, "monetary_value": spent})
    else:
        table = pd.DataFrame({"frequency": x, "recency": np.minimum(np.ceil(t_x * 7) / 7, age), "T": age})
    table.to_parquet(file)


def measured(sizes: list[int], others: list[Peer]) -> dict[str, dict[str, Any]]:
    """Size → model → peer → CPU seconds, memory and log-likelihood, with ratios to ours."""
    found: dict[str, dict[str, Any]] = {}
    too_much: dict[tuple[str, str], str] = {}
    for n in sizes:
        rows = found[str(n)] = {}
        with tempfile.TemporaryDirectory() as folder:
            for model in TRUTH:
                file = Path(folder) / f"{model}.parquet"
                write_customers(model, n, file)
                rows[model] = row = {"crmlab": OURS.run(model, file)}
                for peer in others:
                    known = too_much.get((peer.name, model))
                    theirs = {"skipped": known} if known else peer.run(model, file)
                    if "skipped" in theirs:
                        reason = theirs["skipped"]
                        too_much[peer.name, model] = (
                            reason if "customers" in reason else f"{reason} at {n:,} customers"
                        )
                    else:
                        theirs |= compared(model, file, row["crmlab"], theirs)
                    row[peer.name] = theirs
                say(n, model, row)
            file = Path(folder) / "BGNBD.parquet"
            rows["value_36_months"] = value_of_36_months(file, rows["BGNBD"]["crmlab"]["parameters"], others)
            say(n, "value_36_months", rows["value_36_months"])
    return found


def compared(model: str, file: Path, ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """Ratios, once the likelihoods agree at the peer's estimates and ours ends no lower."""
    history = [column.to_numpy() for _, column in pd.read_parquet(file).items()]
    at_theirs = getattr(purchases, model)().log_likelihood(theirs["parameters"], *history)
    said, reached = theirs["log_likelihood"], ours["log_likelihood"]
    where = f"{theirs['version']}, {model}, {len(history[0]):,} customers"
    assert abs(at_theirs - said) < 1e-6 * abs(said) + 1e-3, (
        f"{where}: likelihoods differ, {at_theirs} and {said}"
    )
    assert reached > at_theirs - 1e-3, f"{where}: ours ended lower, {reached} and {at_theirs}"
    return {"log_likelihood_below_ours": reached - at_theirs} | ratios(ours, theirs)


def ratios(ours: dict[str, float], theirs: dict[str, float]) -> dict[str, float]:
    """The peer's times and memory over ours."""
    found = {
        "ratio": theirs["cpu_seconds"] / ours["cpu_seconds"],
        "ratio_memory": theirs["memory_mb"] / max(ours["memory_mb"], 1),
    }
    if "whole_cpu_seconds" in theirs:
        found["ratio_whole"] = theirs["whole_cpu_seconds"] / ours["cpu_seconds"]
    return found


def value_of_36_months(file: Path, parameters: dict[str, float], others: list[Peer]) -> dict[str, Any]:
    """Discounted purchases at the same parameters, by us and by lifetimes."""
    at = ("--parameters", json.dumps(parameters), "--values")
    ours, theirs = file.with_name("ours.parquet"), file.with_name("theirs.parquet")
    row: dict[str, Any] = {"crmlab": OURS.run("BGNBD", file, *at, str(ours))}
    for peer in others:
        if peer.name == "lifetimes":
            row[peer.name] = found = peer.run("BGNBD", file, *at, str(theirs))
            if "skipped" not in found:
                apart = np.abs(pd.read_parquet(theirs)["value"] / pd.read_parquet(ours)["value"] - 1)
                found |= {"largest_relative_difference": float(apart.max())} | ratios(row["crmlab"], found)
    return row


def say(n: int, model: str, row: dict[str, Any]) -> None:
    """One line per peer."""
    for name, found in row.items():
        told = f"{n:>9,} {model:<16} {name:<15} "
        if "skipped" in found:
            print(told + found["skipped"], flush=True)
            continue
        told += f"{found['cpu_seconds']:9.4f} s {found['memory_mb']:7.1f} MB"
        if "ratio" in found:
            told += f" {found['ratio']:7.1f}x, memory {found['ratio_memory']:5.1f}x"
        if "ratio_whole" in found:
            told += f", built and compiled too {found['ratio_whole']:7.0f}x"
        target = TARGETS.get(name, {}).get(model)
        if target and n > (50_000 if name == "pymc_marketing" else 10_000):
            told += f" (at least {target[n > 500_000]}x)"
        print(told, flush=True)
