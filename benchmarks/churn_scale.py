"""10,000 to a million contracts: RenewalHazard beside the Cox models of lifelines and scikit-survival. A part of `churn.py`.

The ends are drawn from a fitted hazard, which favours it: compare seconds and memory here, and Brier scores in the other parts.
"""

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

from crmlab.churn.hazard import RenewalHazard
from crmlab.churn.landmarks.features import KEYS, NUMERIC

SECONDS, MEMORY = 300, 10 * 2**30
"""What one model may take for one size; larger sizes of it are then not tried."""
TESTED = 100_000
FITS = Path(__file__).parent / "peers/churn_fits.py"


def contracts(X: pd.DataFrame, y: np.ndarray, n: int, seed: int) -> pd.DataFrame:
    """`n` contracts seen once, with features drawn from `X` row by row, and ends drawn from the hazard fitted to `X`, `y`."""
    X = X[[*KEYS, *NUMERIC]].reset_index(drop=True)
    drawn = X.sample(n, replace=True, random_state=seed).reset_index(drop=True)
    drawn["contract_id"] = drawn["customer_id"] = np.arange(n).astype(str)
    p = RenewalHazard().fit(X, y).renewal_probability(drawn, ()).p_renew.to_numpy()
    for name in NUMERIC:
        drawn[name] = drawn[name].fillna(X[name].median())
    varies = [name for name in NUMERIC if drawn[name].nunique() > 1]
    lost = (np.random.default_rng(seed).random(n) >= p).astype(int)
    return drawn[[*KEYS, *varies]].assign(lost=lost, chance=p)


def scale(X: pd.DataFrame, y: np.ndarray, sizes: list[int], sksurv_python: Path | None) -> dict[str, Any]:
    """CPU seconds and memory of fit and of scoring `TESTED` contracts, and Brier there beside that of the truth, by size and model."""
    commands = dict.fromkeys(("hazard", "lifelines", "lifelines_varying"), sys.executable)
    if sksurv_python:
        commands["sksurv"] = str(sksurv_python)
    found: dict[str, Any] = {}
    over: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        test = contracts(X, y, TESTED, seed=1)
        truth = float(((1 - test.chance - test.lost) ** 2).mean())
        test.drop(columns="chance").to_parquet(Path(folder) / "test.parquet")
        for n in sizes:
            train = contracts(X, y, n, seed=2).drop(columns="chance")
            missing = {name: 0.0 for name in test if name not in train and name != "chance"}
            train.assign(**missing).to_parquet(Path(folder) / "train.parquet")
            row: dict[str, Any] = {"brier_truth": truth}
            for model, python in commands.items():
                row[model] = (
                    {"skipped": "took too much at a smaller size"}
                    if model in over
                    else run(model, python, folder)
                )
                over |= {model} if "skipped" in row[model] else set()
                print(n, model, row[model], flush=True)
            found[str(n)] = row
    return found


def run(model: str, python: str, folder: str) -> dict[str, Any]:
    files = ["--train", f"{folder}/train.parquet", "--test", f"{folder}/test.parquet"]
    said = subprocess.run(
        [python, str(FITS), "--model", model, *files],
        capture_output=True, text=True, check=False, preexec_fn=_limit,
    )  # fmt: skip
    if said.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return {"skipped": f"more than {SECONDS} CPU seconds"}
    if said.returncode and "MemoryError" in said.stderr:
        return {"skipped": f"more than {MEMORY >> 30} GB"}
    if said.returncode:
        raise SystemExit(f"{model} failed:\n{said.stderr}")
    return json.loads(said.stdout.splitlines()[-1])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
