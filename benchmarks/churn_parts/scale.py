"""10,000 to a million contracts: RenewalHazard beside the Cox models of lifelines and scikit-survival, and a person-month logistic regression.

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
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from crmlab.churn.landmarks.features import KEYS, NUMERIC
from crmlab.churn.models.hazard import RenewalHazard

SECONDS, MEMORY = 300, 10 * 2**30
"""What one model may take for one size; larger sizes of it are then not tried."""
TESTED = 100_000
FITS = Path(__file__).parents[1] / "peers/churn_fits.py"
OF_MONTHS = ("person_month", "hazard_months")
"""Models that learn from every landmark of a contract."""


class Drawn(NamedTuple):
    """Contracts on all their landmarks, as many of these rows as there are contracts, and the chance by which each of those was decided."""

    months: pd.DataFrame
    some: pd.DataFrame
    chance: np.ndarray


class Contracts:
    """Contracts to draw from: those of `X`, each with all its landmarks and a chance of renewal.

    The chance is that of the hazard fitted to `X`, `y` on the last landmark, all raised until as many renewals are expected as there
    were: a landmark is the last of a renewed contract because it was renewed then, which the hazard does not know.
    """

    def __init__(self, X: pd.DataFrame, y: np.ndarray):
        order = np.lexsort([X.landmark.to_numpy(), X.contract_id.to_numpy(str)])
        X, y = X.iloc[order].reset_index(drop=True), y[order]
        features = X[[*NUMERIC]].fillna(X[[*NUMERIC]].median()).astype("float32")
        self.features = features.loc[:, features.nunique() > 1]
        self.seen = X[["landmark", "days_to_end"]]
        self.counts = X.groupby("contract_id").size().to_numpy()
        self.starts = self.counts.cumsum() - self.counts
        last = self.starts + self.counts - 1
        hazard = RenewalHazard().fit(X[[*KEYS, *NUMERIC]], y)
        logits = logit(hazard.renewal_probability(X.iloc[last], ()).p_renew.to_numpy())
        renewed = y[last].mean()
        self.chances = expit(logits + brentq(lambda raised: expit(logits + raised).mean() - renewed, -9, 9))

    def draw(self, n: int, seed: int) -> Drawn:
        """`n` of them with replacement, and `n` of their landmarks, any as likely as another: a day meets contracts so, too."""
        rng = np.random.default_rng(seed)
        which = rng.integers(0, len(self.counts), n)
        lost = (rng.random(n) >= self.chances[which]).astype("int8")
        counts, starts = self.counts[which], self.starts[which]
        contract = np.repeat(np.arange(n), counts)
        at = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts - starts, counts)
        some = np.sort(rng.choice(len(at), n, replace=False))
        return Drawn(
            self.rows(at, contract, lost),
            self.rows(at[some], contract[some], lost),
            self.chances[which][contract[some]],
        )

    def rows(self, at: np.ndarray, contract: np.ndarray, lost: np.ndarray) -> pd.DataFrame:
        keys = self.seen.iloc[at].reset_index(drop=True)
        keys = keys.assign(contract_id=contract, customer_id=contract, lost=lost[contract])
        return pd.concat([keys, self.features.iloc[at].reset_index(drop=True)], axis=1)


def scale(X: pd.DataFrame, y: np.ndarray, sizes: list[int], sksurv_python: Path | None) -> dict[str, Any]:
    """CPU seconds and memory of fit and of scoring `TESTED` contracts, and Brier there beside that of the truth, by size and model.

    The truth is the chance on a contract's last landmark, later than what the models see.
    """
    models = ("hazard", *OF_MONTHS, "lifelines", "lifelines_varying")
    commands = dict.fromkeys(models, sys.executable)
    if sksurv_python:
        commands["sksurv"] = str(sksurv_python)
    contracts = Contracts(X, y)
    found: dict[str, Any] = {}
    over: set[str] = set()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        test = contracts.draw(TESTED, seed=1)
        truth = float(((1 - test.chance - test.some.lost) ** 2).mean())
        test.some.to_parquet(folder / "test.parquet")
        for n in sizes:
            train = contracts.draw(n, seed=2)
            train.some.to_parquet(folder / "some.parquet")
            train.months.to_parquet(folder / "months.parquet")
            row: dict[str, Any] = {"months": len(train.months), "brier_truth": truth}
            del train
            for model, python in commands.items():
                learnt = folder / ("months.parquet" if model in OF_MONTHS else "some.parquet")
                row[model] = (
                    {"skipped": "took too much at a smaller size"}
                    if model in over
                    else run(model, python, learnt, folder / "test.parquet")
                )
                over |= {model} if "skipped" in row[model] else set()
                print(n, model, row[model], flush=True)
            found[str(n)] = row
    return found


def run(model: str, python: str, train: Path, test: Path) -> dict[str, Any]:
    said = subprocess.run(
        [python, str(FITS), "--model", model, "--train", str(train), "--test", str(test)],
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
