"""What is counted over the customers of a type, and the figures of segments.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import AXES, FEATURES, TYPES, UNDETERMINED, probability_column
from crmlab.segments.types.fitted import Fitted

_ROWS = [*TYPES, UNDETERMINED]


def type_table(customers: pd.DataFrame, year_ago: pd.DataFrame | None) -> pd.DataFrame:
    """One row per type and one for the undetermined: table `types`.

    The mean scores of a type weigh each customer by the probability of being of it, so that a type without a determined customer has
    them too.

    Parameters
    ----------
    customers : table `customers`. year_ago : the nine probabilities of a year ago; None where that is not on record.
    """
    by_type, by_guess = customers.groupby("type"), customers.groupby("likeliest")
    rows = pd.DataFrame({"n": by_type.size()}).reindex(_ROWS, fill_value=0)
    rows["share"] = rows["n"] / max(len(customers), 1)
    rows["n_likeliest"] = by_guess.size().reindex(_ROWS, fill_value=0)
    weights = customers[[probability_column(t) for t in TYPES]].astype("Float64").astype(float)
    rows["expected"] = pd.Series(weights.sum(min_count=1).to_numpy(), index=list(TYPES)).reindex(_ROWS)
    rows["expected_year_ago"] = np.nan if year_ago is None else year_ago.sum(min_count=1).reindex(_ROWS)
    for column in ("historical", "to_come"):
        rows[column] = by_type[column].sum(min_count=1).reindex(_ROWS)
    median = by_guess["to_come"].median().reindex(_ROWS).astype("Float64").round()
    rows["median_to_come"] = median.astype("Int64")
    rows["at_risk"] = by_guess["at_risk"].sum().reindex(_ROWS).astype("Int64")
    for axis in AXES:
        score = customers[axis].astype("Float64").astype(float)
        means = {name: _weighted(score, weights[probability_column(name)]) for name in TYPES}
        rows[axis] = pd.Series(means).reindex(_ROWS)
    return rows.rename_axis("type").reset_index()


def figures(found: Mapping[str, pd.DataFrame], fitted: Fitted) -> dict[str, Any]:
    """The figures of segments.json that follow from the tables `found`."""
    customers, features = found["customers"], found["evidence"]
    n = len(customers)
    has_type = customers["type"] != UNDETERMINED
    counts = customers["type"].value_counts()
    useful = found["usefulness"].set_index("outcome")
    unknown = found["topics"].query("topic == 'unrecognised'").set_index("source")["share"]
    at_risk = customers["at_risk"].fillna(False)
    stages, worth = customers["stage"].value_counts(), customers["to_come"]
    return {
        "n": n,
        "determined_share": float(has_type.mean()) if n else None,
        "axis_share": float(customers["axis"].notna().mean()) if n else None,
        "labelled": int(customers["labelled"].sum()),
        "counts": {name: int(counts.get(name, 0)) for name in _ROWS},
        "reasons": {k: int(v) for k, v in customers["reason"].value_counts().items()},
        "n_features": len(FEATURES) - len(fitted.scorer.silent_),
        "features_silent": list(fitted.scorer.silent_),
        "contradicts": features.query("verdict == 'contradicts'")["feature"].tolist(),
        "drifting": features[features["drifts"].fillna(False)]["feature"].tolist(),
        "em_steps": fitted.mixture.n_iter_ if fitted.mixture else None,
        "tied": not fitted.mixture.relaxed_ if fitted.mixture else None,
        "unrecognised": {k: float(v) for k, v in unknown.items()},
        "useful": {
            name: {
                **{k: None if pd.isna(row[k]) else float(row[k]) for k in ("gain", "low", "high")},
                "verdict": row["verdict"],
            }
            for name, row in useful.iterrows()
        },
        "stages": {str(k): int(v) for k, v in stages.sort_index().items()},
        "won_back": int(customers["won_back"].fillna(False).sum()),
        "at_risk": int(at_risk.sum()) if customers["at_risk"].notna().any() else None,
        "to_come_at_risk": int(worth[at_risk.astype(bool)].fillna(0).clip(lower=0).sum())
        if worth.notna().any()
        else None,
    }


def _weighted(score: pd.Series, weight: pd.Series) -> float:
    known = score.notna() & weight.notna()
    total = weight[known].sum()
    return float((score[known] * weight[known]).sum() / total) if total > 0 else np.nan
