"""From features to types: score, fit, label, and say how far the labels can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.segments.features import AXES, FEATURES
from crmlab.segments.nine_types import (
    MIN_CUSTOMERS,
    TYPES,
    UNDETERMINED,
    NineTypeMixture,
    argmax_types,
    label,
    probability_column,
)
from crmlab.segments.scorer import ValueScorer

TOO_FEW = "too few customers, or records that tell no types apart"
NO_SCORES = "too few records"
SOME_SCORES = "part of the evidence is missing"
BETWEEN = "the evidence lies between types"


@dataclass
class Assignment:
    """What `assign` found: one row per customer, the figures, and the fitted scorer and mixture (None: too few)."""

    customers: pd.DataFrame
    figures: dict[str, Any]
    scorer: ValueScorer | None
    mixture: NineTypeMixture | None


def assign(features: pd.DataFrame, min_prob: float, replicates: int = 10) -> Assignment:
    """Type every customer of `features`.

    Returns
    -------
    customers : customer_id, the six scores, p_<type> for each type, type, likeliest, runner_up, p, reason,
    type_argmax, n_features. With fewer than 50 fully scored customers everybody is undetermined and p is missing:
    nine types cannot be told from so few.
    """
    table = features.set_index("customer_id")
    scorer = ValueScorer().fit(table) if len(table) else None
    scores = scorer.transform(table) if scorer else pd.DataFrame(columns=list(AXES), dtype=float)
    mixture = None
    seen = [axis for axis in AXES if scores[axis].notna().any()]
    told = scorer is not None and (scorer.reliability_ > 0).any()  # else the nine would start at one point
    if told and len(scores[seen].dropna()) >= MIN_CUSTOMERS:
        mixture = NineTypeMixture(min_prob).fit(scores, scorer.reliability_)
    probability = (
        mixture.predict_proba(scores)
        if mixture
        else pd.DataFrame(np.nan, index=scores.index, columns=list(TYPES))
    )
    customers = _describe(scores, probability, min_prob, fitted=mixture is not None)
    customers["n_features"] = table[[f.name for f in FEATURES]].notna().sum(axis=1)
    figures = _figures(customers, table, mixture)
    figures["reliability"] = scorer.reliability_.to_dict() if scorer else dict.fromkeys(AXES)
    if mixture:
        figures |= stability(table, customers, min_prob, replicates)
    return Assignment(customers.rename_axis("customer_id").reset_index(), figures, scorer, mixture)


def _describe(scores: pd.DataFrame, probability: pd.DataFrame, min_prob: float, fitted: bool) -> pd.DataFrame:
    known = probability.notna().all(axis=1)
    order = np.argsort(-probability.fillna(0).to_numpy(), axis=1, kind="stable")
    names = np.array(list(TYPES), dtype=object)
    out = scores.copy()
    for name in TYPES:
        out[probability_column(name)] = probability[name]
    out["type"] = label(probability, min_prob)
    out["likeliest"] = pd.Series(names[order[:, 0]], index=scores.index).where(known)
    out["runner_up"] = pd.Series(names[order[:, 1]], index=scores.index).where(known)
    out["p"] = probability.max(axis=1)
    out["type_argmax"] = argmax_types(scores)
    complete = scores.notna().all(axis=1)
    why = np.select([~known, ~complete], [NO_SCORES, SOME_SCORES], BETWEEN)
    why = pd.Series(why if fitted else TOO_FEW, index=scores.index, dtype=object)
    out["reason"] = why.where(out["type"] == UNDETERMINED, "")
    return out


def _figures(customers: pd.DataFrame, table: pd.DataFrame, mixture: NineTypeMixture | None) -> dict[str, Any]:
    named = customers["type"] != UNDETERMINED
    plain = customers["type_argmax"] != UNDETERMINED
    both = named & plain
    count = customers["type"].value_counts()
    silent = [f.name for f in FEATURES if table[f.name].nunique() < 2]
    return {
        "n": len(customers),
        "share_determined": float(named.mean()) if len(customers) else None,
        "share_determined_argmax": float(plain.mean()) if len(customers) else None,
        "agreement_argmax": float((customers["type"] == customers["type_argmax"])[both].mean())
        if both.any()
        else None,
        "counts": {name: int(count.get(name, 0)) for name in (*TYPES, UNDETERMINED)},
        "reasons": customers.loc[~named, "reason"].value_counts().to_dict(),
        "n_features": len(FEATURES) - len(silent),
        "features_silent": silent,
        "em_steps": mixture.n_iter_ if mixture else None,
        "wandered": mixture.wandered_ if mixture else None,
        "stability": None,
        "stability_argmax": None,
    }


def stability(
    table: pd.DataFrame, customers: pd.DataFrame, min_prob: float, replicates: int
) -> dict[str, float]:
    """How often a customer keeps the label when everything is fitted again on other customers.

    In each replicate ranks, scales and mixture are fitted on a bootstrap sample of the customers, and all of them
    are labelled again. Both figures are over the customers that the mixture determined, so that they compare:
    `stability` the share with the same type (becoming undetermined counts as a change), `stability_argmax` the
    share with the same cell by the simple line.
    """
    named = (customers["type"] != UNDETERMINED).to_numpy()
    generator = np.random.default_rng(0)
    same, same_argmax = [], []
    for _ in range(replicates if named.any() else 0):
        sample = table.iloc[generator.integers(len(table), size=len(table))]
        scorer = ValueScorer().fit(sample)
        scores = scorer.transform(table)
        try:
            mixture = NineTypeMixture(min_prob).fit(scorer.transform(sample), scorer.reliability_)
            again = mixture.predict(scores)
        except ValueError:  # a sample with too few full scores says nothing
            continue
        same.append(float((again == customers["type"]).to_numpy()[named].mean()))
        same_argmax.append(float((argmax_types(scores) == customers["type_argmax"]).to_numpy()[named].mean()))
    if not same:
        return {}
    return {"stability": float(np.mean(same)), "stability_argmax": float(np.mean(same_argmax))}


def with_names_and_value(customers: pd.DataFrame, names: pd.DataFrame, value: pd.DataFrame) -> pd.DataFrame:
    """`customers` with customer_name, and with historical and to_come (minor units) for presentation."""
    customers = customers.astype(
        {"customer_id": "string"}
    )  # without a customer pandas takes the ids for numbers
    named = customers.merge(names[["customer_id", "customer_name"]], on="customer_id", how="left")
    return named.merge(value[["customer_id", "historical", "to_come"]], on="customer_id", how="left")


def type_table(customers: pd.DataFrame) -> pd.DataFrame:
    """One row per type and one for the undetermined: customers, share, sums of money, mean scores.

    The mean scores of a type weigh each customer by the probability of being of it, so that a type without a
    determined customer has them too.
    """
    by_type = customers.groupby("type")
    rows = pd.DataFrame({"n": by_type.size()}).reindex([*TYPES, UNDETERMINED], fill_value=0)
    rows["share"] = rows["n"] / max(len(customers), 1)
    for axis in AXES:
        means = {name: _weighted(customers[axis], customers[probability_column(name)]) for name in TYPES}
        rows[axis] = pd.Series(means | {UNDETERMINED: by_type[axis].mean().get(UNDETERMINED)}, dtype=float)
    rows["n_likeliest"] = customers.groupby("likeliest").size().reindex(rows.index, fill_value=0)
    expected = customers[[probability_column(name) for name in TYPES]].sum().to_numpy(float)
    rows["expected"] = pd.Series(expected, index=list(TYPES)).reindex(rows.index)
    for column in ("historical", "to_come"):
        rows[column] = by_type[column].sum(min_count=1).reindex(rows.index)
    return rows.rename_axis("type").reset_index()


def _weighted(score: pd.Series, weight: pd.Series) -> float:
    known = score.notna() & weight.notna()
    total = weight[known].sum()
    return float((score[known] * weight[known]).sum() / total) if total > 0 else np.nan


def evidence(features: pd.DataFrame) -> pd.DataFrame:
    """One row per feature: axis, meaning, denominator, and of how many customers it is known."""
    known = [int(features[f.name].notna().sum()) for f in FEATURES]
    return pd.DataFrame(
        {
            "feature": [f.name for f in FEATURES],
            "axis": [f.axis for f in FEATURES],
            "meaning": [f.meaning for f in FEATURES],
            "per": [f.per for f in FEATURES],
            "n": known,
            "share": [n / max(len(features), 1) for n in known],
            "used": [features[f.name].nunique() > 1 for f in FEATURES],
        }
    )


def summary(figures: dict[str, Any]) -> str:
    """The one line that the run ends with."""
    if not figures["n"]:
        return "no customer with a sale or a ticket"
    if figures["em_steps"] is None:
        return f"{figures['n']:,} customers, too few with full scores to tell nine types apart"
    said = f"{figures['n']:,} customers, {figures['share_determined']:.0%} with a type"
    if figures["stability"] is None:
        return said
    return f"{said}, kept on resampling {figures['stability']:.2f} (highest axes {figures['stability_argmax']:.2f})"
