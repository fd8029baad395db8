"""The figures of what was said of renewals: each line beside the hazard, first light's Cox and the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from crmlab.churn.scores import error_by_chance, scores
from crmlab.intervals import clustered_mean

NEAR = 90
"""Days for the score of all contracts, due or not."""


def judged(said: pd.DataFrame, names: tuple[str, ...]) -> dict[str, Any]:
    """The figures of what was said, under the keys of the issue."""
    lines = scores(said, {name: name for name in names})
    due = said[said.due & said.renewed.notna()]
    near = said[said.renewed.notna() | (said.days_to_end >= NEAR)]
    stays = np.where((near.days_to_end < NEAR) & (near.renewed == 0), 0, 1)
    for line in names:
        chance = np.where(near.days_to_end < NEAR, near[line].fillna(1.0), 1.0)
        lines[line] |= {
            "ece_by_chance": error_by_chance(due[line].to_numpy(float), due.contract_id),
            "auc_all_90": roc_auc_score(stays, chance),
            "hazard_gains": gains(due, line, "hazard"),
            "gains_over_cox": gains(due, "cox", line),
        }
    hazard, of = lines["hazard"], {name: lines["hazard"]["auc"] / lines[name]["auc"] for name in names}
    beside_truth = {
        "auc_truth": lines["truth"]["auc"],
        "auc_of_truth": of["truth"],
        "auc_of_recorded": of["recorded"],
        "auc_all_90_of_truth": hazard["auc_all_90"] / lines["truth"]["auc_all_90"],
    } if "truth" in names else {}  # fmt: skip
    return beside_truth | {
        "n": len(due),
        "n_lost": int((due.renewed == 0).sum()),
        "auc": hazard["auc"],
        "brier": hazard["brier"],
        "brier_cox": lines["cox"]["brier"],
        "ece": hazard["ece"],
        "ece_by_chance": hazard["ece_by_chance"],
        "due_predicted": hazard["predicted"],
        "due_observed": hazard["observed"],
        "wins": {line: bool(won(lines[line]["hazard_gains"])) for line in names if line != "hazard"},
        "lines": lines,
    }


def gains(due: pd.DataFrame, before: str, after: str) -> dict[str, float]:
    """How much smaller the losses of `after` are than those of `before`, with standard errors."""
    customers, y = due.customer_id.to_numpy(str), due.renewed.to_numpy(float)
    p, q = (due[line].to_numpy(float).clip(1e-4, 1 - 1e-4) for line in (before, after))
    squares = (p - y) ** 2 - (q - y) ** 2
    surprise = np.where(y == 1, np.log(q / p), np.log((1 - q) / (1 - p)))
    brier, _, brier_high = clustered_mean(squares, customers, z=1.0)
    log_loss, _, log_high = clustered_mean(surprise, customers, z=1.0)
    by_company = pd.Series(squares).groupby(due.company.to_numpy()).mean()
    return {
        "brier": brier,
        "brier_error": brier_high - brier,
        "log_loss": log_loss,
        "log_loss_error": log_high - log_loss,
        "brier_error_over_companies": (
            float(by_company.std() / np.sqrt(len(by_company))) if len(by_company) > 1 else None
        ),
        "companies_won": int((by_company > 0).sum()),
    }


def won(gain: dict[str, float]) -> bool:
    """Beyond two paired standard errors, over customers and, where there are several, over companies."""
    return gain["brier"] > 2 * max(gain["brier_error"], gain["brier_error_over_companies"] or 0.0)


def show(found: dict[str, Any]) -> None:
    """Print the figures of `judged`."""
    lines = pd.DataFrame(found["lines"]).T
    plain = lines.drop(columns=["hazard_gains", "gains_over_cox"]).astype(float)
    print(plain.round(4).to_string())
    print("what the hazard gains over each line")
    print(pd.DataFrame(lines.hazard_gains.to_dict()).T.astype(float).round(5).to_string())
    print("what each line gains over first light's Cox model")
    print(pd.DataFrame(lines.gains_over_cox.to_dict()).T.astype(float).round(5).to_string())
    print({name: round(value, 4) for name, value in found.items() if isinstance(value, float)})
    print(found["wins"], found.get("chosen", ""), found.get("scored", ""))
