"""How good what was said of renewals was, beside simple lines: areas, squared errors and tenths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from crmlab.intervals import clustered_mean, clustered_share

LINES = {
    "model": "p_renew",
    "cox": "p_cox",
    "level": "p_level",
    "last_year": "p_last_year",
    "inactive": "p_inactive",
}
"""Who says how likely a renewal is, and in which column."""
NAIVE = ("level", "last_year", "inactive")


def scores(said: pd.DataFrame, lines: dict[str, str] = LINES) -> dict[str, dict[str, Any]]:
    """How good each line was of the contracts that were due: AUC (mean over landmarks), Brier, error by tenths, and what was due.

    Returns
    -------
    By line: auc, brier, ece (mean absolute difference of predicted and observed over tenths of the prediction), predicted,
    observed, and gain: how much smaller the first line's Brier is than this one's, with error, its standard error over customers.
    """
    due = judged(said)
    first, y = next(iter(lines.values())), due.renewed.to_numpy(float)
    found: dict[str, dict[str, Any]] = {}
    for line, column in lines.items():
        p = due[column].to_numpy(float)
        parts = [(area(part.renewed, part[column]), len(part)) for _, part in due.groupby("landmark")]
        parts = [(auc, n) for auc, n in parts if np.isfinite(auc)]
        gain, _, high = clustered_mean(
            (p - y) ** 2 - (due[first].to_numpy(float) - y) ** 2, due.customer_id.to_numpy(str), z=1.0
        )
        found[line] = {
            "auc": float(np.average([a for a, _ in parts], weights=[n for _, n in parts])) if parts else None,
            "brier": _mean((p - y) ** 2),
            "ece": decile_error(p, y),
            "predicted": _mean(p),
            "observed": _mean(y),
            "gain": gain,
            "error": high - gain,
        }
    return found


def judged(said: pd.DataFrame) -> pd.DataFrame:
    """The rows of `told` that are scored: due, and renewed or lost."""
    return said[said.due.astype(bool) & said.renewed.notna()]


def score_table(said: pd.DataFrame) -> pd.DataFrame:
    """The columns of `crmlab.churn.outputs.SCORES`, a row per landmark and line."""
    rows = []
    for landmark, part in judged(said).groupby("landmark"):
        for line, column in LINES.items():
            p, y = part[column].to_numpy(float), part.renewed.to_numpy(float)
            rows.append(
                {
                    "landmark": landmark,
                    "line": line,
                    "n": len(part),
                    "lost": int((y == 0).sum()),
                    "auc": area(y, p),
                    "brier": _mean((p - y) ** 2),
                    "predicted": _mean(p),
                    "observed": _mean(y),
                }
            )
    return pd.DataFrame(rows)


def calibration(said: pd.DataFrame) -> pd.DataFrame:
    """Tenths of the chance, over all landmarks: the columns of `crmlab.churn.outputs.CALIBRATION`."""
    due = judged(said)
    tenth = tenths(due.p_renew.to_numpy(float))
    rows = []
    for decile in np.unique(tenth):
        part = due[tenth == decile]
        observed, low, high = clustered_share(part.renewed.to_numpy(float), part.customer_id.to_numpy(str))
        rows.append(
            {
                "decile": int(decile),
                "predicted": float(part.p_renew.mean()),
                "observed": observed,
                "low": low,
                "high": high,
                "n": len(part),
            }
        )
    return pd.DataFrame(rows)


def decile_error(p: np.ndarray, y: np.ndarray) -> float:
    """Mean absolute difference of predicted and observed over tenths of the prediction.

    >>> float(round(decile_error(np.array([0.2] * 10 + [0.9] * 10), np.array([0] * 8 + [1] * 2 + [1] * 10)), 3))
    0.21
    """
    if not len(p):
        return np.nan
    return float(np.abs(np.bincount(tenths(p), weights=p - y)).sum() / len(p))


def error_by_chance(p: np.ndarray, contracts: Sequence[Any], times: int = 200) -> float:
    """Mean error by tenths of outcomes drawn from `p` itself, the same for all rows of a contract: what no model could avoid."""
    if not len(p):
        return np.nan
    rng = np.random.default_rng(0)
    code, names = pd.factorize(pd.Series(contracts))
    draws = (rng.random(len(names))[code] for _ in range(times))
    return float(np.mean([decile_error(p, (draw < p).astype(float)) for draw in draws]))


def tenths(p: np.ndarray) -> np.ndarray:
    """The tenth, 1 to 10, that each of `p` belongs to; ties in the order given."""
    return np.ceil(10 * pd.Series(p).rank(method="first") / max(len(p), 1)).to_numpy(int)


def area(y: Sequence[float], p: Sequence[float]) -> float:
    """AUC of `p` for `y`, 1 or 0; NaN where y has one kind only."""
    there = np.isfinite(np.asarray(p, float))
    both = len(np.unique(np.asarray(y)[there])) == 2
    return float(roc_auc_score(np.asarray(y)[there], np.asarray(p)[there])) if both else np.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan
