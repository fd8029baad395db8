"""How well types are told where they are known, and who wins by how much."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from segments_parts.lines import Told
from sklearn.metrics import adjusted_rand_score

MIN_PROB = 0.6
FIGURES = ("ari", "accuracy", "ece", "over", "determined", "accuracy_determined", "invented")


def judge(told: Told, truth: pd.Series, absent: tuple[str, ...] = ()) -> dict[str, float]:
    """Adjusted Rand, accuracy, and where there are probabilities calibration.

    `ece`: mean distance in tenths of probability between what is claimed and what is right. `over`: mean claim less the share right.
    `determined`: share with a probability of 0.6. `invented`: share given to types nobody has.
    """
    guess, right = told.guess.to_numpy(), (told.guess.to_numpy() == truth.to_numpy())
    found = {"ari": adjusted_rand_score(truth, guess), "accuracy": right.mean()}
    if absent:
        found["invented"] = np.isin(guess, absent).mean()
    if told.p is None:
        return found
    p = told.p.fillna(0.0).to_numpy()
    tenth = np.minimum((p * 10).astype(int), 9)
    found["ece"] = sum(
        (tenth == k).mean() * abs(p[tenth == k].mean() - right[tenth == k].mean()) for k in np.unique(tenth)
    )
    sure = p >= MIN_PROB
    found |= {"over": p.mean() - right.mean(), "determined": sure.mean()}
    return found | {"accuracy_determined": right[sure].mean() if sure.any() else np.nan}


def compared(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Per line the means over worlds, its share of the limit, and by how much the mixture is better, worlds paired.

    Parameters
    ----------
    rows : line, world, and the figures of `judge`.
    """
    ari = rows.pivot(index="world", columns="line", values="ari")
    found = {}
    for line, own in rows.groupby("line", sort=False):
        means = {name: float(own[name].mean()) for name in FIGURES if name in own and own[name].notna().any()}
        means["share_of_limit"] = float((ari[line] / ari["all_labels"]).mean())
        if line not in ("mixture", "all_labels"):
            gain = (ari["mixture"] - ari[line]).dropna()
            error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else np.nan
            means |= {"gain": float(gain.mean()), "gain_error": error, "worlds_won": int((gain > 0).sum())}
            means["beaten"] = bool(gain.mean() > 2 * error)
        found[line] = means
    return found


def say(title: str, lines: dict[str, dict[str, Any]]) -> None:
    """The lines as a table."""
    print(f"\n{title}\n{pd.DataFrame(lines).T.astype(float).round(3).to_string(na_rep='–')}", flush=True)
