"""How good a cause forecast is, beside what anyone could say without a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.intervals import wilson

BINS = 10
FLOOR = 1e-6
"""The least probability of a cause, so that no logarithm is infinite: one never seen in training costs 13.8."""


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """Logarithms of the probabilities proportional to exp(scores), by row."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def losses(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """−log of the probability given to what happened, per ticket; `truth` is the column, −1 for a cause never seen."""
    given = np.where(truth >= 0, probabilities[np.arange(len(truth)), truth], 0.0)
    return -np.log(np.maximum(given, FLOOR))


def log_loss(probabilities: np.ndarray, truth: np.ndarray) -> float:
    """Mean of `losses`."""
    return float(losses(probabilities, truth).mean())


def mean_and_error(differences: np.ndarray, groups: pd.Series) -> tuple[float, float]:
    """Mean of paired differences and its standard error, clustered: tickets of one group count as one observation."""
    mean = float(differences.mean())
    sums = pd.Series(differences - mean).groupby(groups.to_numpy()).sum()
    return mean, float(np.sqrt((sums**2).sum()) / len(differences))


def calibration(confidence: np.ndarray, hit: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Tickets by the probability of the best guess, in `bins` of equal width: mean `predicted`, `observed`, `n`.

    Returns
    -------
    One row per bin that holds a ticket: `bin` (1 … bins), `predicted`, `observed`, `low`, `high` (Wilson), `n`.
    """
    frame = pd.DataFrame(
        {"bin": _bin(confidence, bins), "predicted": confidence, "hit": np.asarray(hit, float)}
    )
    table = frame.groupby("bin", as_index=False).agg(
        predicted=("predicted", "mean"), observed=("hit", "mean"), hits=("hit", "sum"), n=("hit", "size")
    )
    table["low"], table["high"] = wilson(table["hits"], table["n"])
    return table.drop(columns="hits")


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Mean distance between predicted and observed over the bins of `calibration`, weighted by their tickets."""
    return float(np.average((table["predicted"] - table["observed"]).abs(), weights=table["n"]))


def calibration_error_by_chance(confidence: np.ndarray, draws: int = 200) -> float:
    """The calibration error to expect on these tickets of a forecast that is right exactly as often as it says.

    It is never nought: few tickets to a bin are enough for an error. Mean over `draws` of what might have happened, from a
    fixed seed.

    >>> [round(calibration_error_by_chance(np.full(n, 0.5)), 2) for n in (100, 10_000)]
    [0.04, 0.0]
    """
    confidence, rng = np.asarray(confidence), np.random.default_rng(0)
    number = _bin(confidence)
    off = [
        np.abs(np.bincount(number, confidence - (rng.random(len(confidence)) < confidence))).sum()
        for _ in range(draws)
    ]
    return float(np.mean(off) / len(confidence))


def _bin(confidence: np.ndarray, bins: int = BINS) -> np.ndarray:
    return np.clip(np.ceil(np.asarray(confidence) * bins).astype(int), 1, bins)


def gain(hit: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Difference of two hit rates on the same tickets and its paired standard error (McNemar)."""
    difference = np.asarray(hit, float) - np.asarray(other, float)
    return float(difference.mean()), float(difference.std() / np.sqrt(len(difference)))


def scores(probabilities: np.ndarray, classes: np.ndarray, truth: pd.Series) -> dict[str, float]:
    """The figures of faults.json about the model alone, judged on the first recorded cause.

    Returns
    -------
    `accuracy` with its 95 % interval, `macro_f1` over the causes recorded in the test, `log_loss`, `top3` (the
    cause is among the three best guesses), `ece` (expected calibration error of the best guess) and `ece_by_chance`
    (`calibration_error_by_chance`).

    Examples
    --------
    >>> told = scores(np.array([[0.8, 0.2], [0.4, 0.6]]), np.array(["disk", "fan"], object), pd.Series(["disk", "disk"]))
    >>> told["accuracy"], round(told["log_loss"], 2)
    (0.5, 0.57)
    """
    from sklearn.metrics import f1_score

    column = positions(classes, truth)
    best = probabilities.argmax(axis=1)
    hit = best == column
    rank = (probabilities > probabilities[np.arange(len(column)), column][:, None]).sum(axis=1)
    low, high = wilson(hit.sum(), len(hit))
    return {
        "accuracy": float(hit.mean()),
        "accuracy_low": float(low),
        "accuracy_high": float(high),
        "macro_f1": float(
            f1_score(
                truth.astype(str),
                classes[best].astype(str),
                labels=sorted(truth.unique()),
                average="macro",
                zero_division=0,
            )
        ),
        "log_loss": log_loss(probabilities, column),
        "top3": float(((rank < 3) & (column >= 0)).mean()),
        "ece": expected_calibration_error(calibration(probabilities.max(axis=1), hit)),
        "ece_by_chance": calibration_error_by_chance(probabilities.max(axis=1)),
    }


def positions(classes: Sequence[str], causes: Sequence[str]) -> np.ndarray:
    """The column of `classes` that holds each cause, −1 for one the model never saw."""
    return pd.Index(classes).get_indexer(np.asarray(causes, dtype=object))


def by_group(groups: pd.Series, hits: dict[str, np.ndarray]) -> pd.DataFrame:
    """Hit rates per group: its `n` and, for each name in `hits`, the rate; the first one with its interval.

    A hit rate ignores tickets where the guess is missing (NaN), and is missing where all are.
    """
    frame = pd.DataFrame(
        {"group": groups.to_numpy(object), **{k: np.asarray(v, float) for k, v in hits.items()}}
    )
    grouped = frame.groupby("group")
    table = grouped.mean()
    table.insert(0, "n", grouped.size())
    first = next(iter(hits))
    table["low"], table["high"] = wilson(table[first] * table["n"], table["n"])
    return table.reset_index()
