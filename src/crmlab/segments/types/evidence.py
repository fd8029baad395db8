"""Whether each feature moves with the types as its prototype says, judged by types that were told without it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.segments.behaviour.catalogue import FEATURES, NAMES, prototypes
from crmlab.segments.outputs import EVIDENCE
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer

WEAK = 0.1
"""Standard deviations below which an effect is none, even where it is surely there."""
_Z = 1.959964


def evidence(
    features: pd.DataFrame,
    scorer: ValueScorer,
    scores: pd.DataFrame,
    mixture: NineTypeMixture | None,
    moved: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Table `evidence`: what each feature speaks for, of how many it is known, and whether it does so here.

    The effect is the mean score of the customers where the prototype says above, less that of those where it says below (or of all others,
    where it says nothing of any below), each customer counted by its probabilities. The feature itself is left out when these are
    told, or every prototype would prove itself right.

    Parameters
    ----------
    features : of a month. scores : the same as scores, index customer_id. mixture : None where nothing can be told.
    moved : feature, shift and drifts, from `crmlab.segments.moves.drift.shift`; without it nothing has.
    """
    told = {name: _effect(name, scores, mixture) for name in NAMES}
    known = {name: int(features[name].notna().sum()) for name in NAMES}
    table = pd.DataFrame(
        {
            "feature": list(NAMES),
            "source": [f.source for f in FEATURES],
            "axis": [f.axis for f in FEATURES],
            "meaning": [f.meaning for f in FEATURES],
            "per": [f.per for f in FEATURES],
            "n": [known[name] for name in NAMES],
            "share": [known[name] / max(len(features), 1) for name in NAMES],
            "effect": [told[name][0] for name in NAMES],
            "low": [told[name][0] - _Z * told[name][1] for name in NAMES],
            "high": [told[name][0] + _Z * told[name][1] for name in NAMES],
        }
    )
    silent = table["feature"].isin(scorer.silent_)
    table["verdict"] = np.select(
        [
            silent,
            table["effect"].isna(),
            (table["high"] < 0) & (table["effect"] <= -WEAK),
            (table["low"] > 0) & (table["effect"] >= WEAK),
        ],
        ["silent", "weak", "contradicts", "agrees"],
        "weak",
    )
    if moved is None:
        table = table.assign(shift=np.nan, drifts=False)
    else:
        table = table.merge(moved[["feature", "shift", "drifts"]], on="feature", how="left")
    return tables.conform(table, EVIDENCE)


def _effect(name: str, scores: pd.DataFrame, mixture: NineTypeMixture | None) -> tuple[float, float]:
    """The effect and its standard error; NaN where nothing can be told."""
    score = scores[name].to_numpy(float)
    known = np.isfinite(score)
    if mixture is None or known.sum() < 2:
        return np.nan, np.nan
    without = scores[known].assign(**{name: np.nan})
    share = mixture.predict_proba(without).to_numpy()
    told = np.isfinite(share).all(axis=1)
    share, score = share[told], score[known][told]
    says = prototypes()[name].to_numpy()
    above = share @ (says > 0)
    below = share @ (says < 0) if (says < 0).any() else 1 - above
    (one, error_one), (two, error_two) = _mean(score, above), _mean(score, below)
    return one - two, float(np.hypot(error_one, error_two))


def _mean(score: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    total = weight.sum()
    if total <= 0:
        return np.nan, np.nan
    mean = (weight * score).sum() / total
    return float(mean), float(np.sqrt((weight**2 * (score - mean) ** 2).sum()) / total)
