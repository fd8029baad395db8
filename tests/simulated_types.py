"""Scores and features of customers whose type is known: as their prototypes say, and noise."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import NAMES, TYPES, prototypes


def simulated_scores(
    n: int = 600, loudness: float = 1.0, seed: int = 0, absent: tuple[str, ...] = (), noise: int = 0
) -> tuple[pd.DataFrame, pd.Series]:
    """(n, features) scores, and the true types; the last `noise` features say nothing."""
    rng = np.random.default_rng(seed)
    there = [name for name in TYPES if name not in absent]
    truth = rng.choice(np.array(there, dtype=object), n)
    pure = prototypes() - prototypes().mean()
    scores = loudness * pure.loc[truth].to_numpy() + rng.normal(size=(n, len(NAMES)))
    if noise:
        scores[:, -noise:] = rng.normal(size=(n, noise))
    ids = pd.Index([f"C{i:04d}" for i in range(n)], name="customer_id")
    return pd.DataFrame(scores / scores.std(axis=0), index=ids, columns=list(NAMES)), pd.Series(truth, ids)


def features_of(scores: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """A table of features, as History.at has it, in which the scores are the features, each of ten events."""
    rng = np.random.default_rng([seed, 1])
    table = pd.DataFrame(
        {
            "customer_id": scores.index.astype("string"),
            "records": rng.integers(5, 50, len(scores)),
            "tenure_days": rng.integers(100, 2000, len(scores)),
        }
    )
    for name in NAMES:
        table[name] = scores[name].to_numpy()
        table[f"{name}_n"] = np.where(scores[name].notna(), 10, 0)
    return table
