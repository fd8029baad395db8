"""SERVQUAL: what customers expect, what they meet, and the gap between the two."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import clustered_mean
from crmlab.service.surveys.answers import EXPECTED, MET
from crmlab.service.surveys.outputs import DIMENSIONS, OVERALL, SERVQUAL
from crmlab.tables import conform, empty


def servqual(
    means: pd.DataFrame,
    alphas: pd.DataFrame,
    weights: pd.Series,
    shift: tuple[float, float],
    min_group: int,
) -> pd.DataFrame:
    """Expectation, perception and gap 5 of each dimension, and of the answers without one: table `servqual`.

    Every questionnaire counts once. Where questionnaires ask both, those that do alone are counted, so that the gap is the same
    people's; where none does (expectations on a sheet of their own), it is the difference of the two means. In `weighted_gap` every
    customer counts once, by its weight; `all_gap` is the plain gap moved by `shift`, and its limits hold the doubt about both
    (Parasuraman, Zeithaml and Berry 1988, Journal of Retailing 64:12).

    Parameters
    ----------
    means : from `sheet_means`, of the window.
    alphas : table `alphas` of the same answers.
    weights : from `response.weights`; empty where there are none.
    shift : from `silent_shift`: how much all customers lie above those who answer, and half its interval; NaN where unknown.
    min_group : customers below which a dimension is left out.
    """
    rows = []
    for dimension, part in means.groupby("dimension"):
        both = part[EXPECTED].notna() & part[MET].notna()
        part = part[both] if both.any() else part
        customers = part["customer"].nunique()
        if customers < min_group:
            continue
        gap, low, high = gap_between(part, np.ones(len(part)))
        row = {
            "dimension": dimension,
            "customers": customers,
            "n": part["n_expectation"].sum() + part["n_perception"].sum(),
            "expectation": part[EXPECTED].mean(),
            "perception": part[MET].mean(),
            "gap": gap,
            "low": low,
            "high": high,
        }
        row |= dict(zip(_WEIGHTED, _weighted_gap(part, weights, min_group), strict=True))
        half = np.hypot(high - gap, shift[1])
        row |= {
            "all_gap": gap + shift[0],
            "all_low": gap + shift[0] - half,
            "all_high": gap + shift[0] + half,
        }
        rows.append(row)
    if not rows:
        return empty(SERVQUAL)
    of_scale = alphas.set_index(["scale", "kind"])
    table = pd.DataFrame(rows)
    for kind in (EXPECTED, MET):
        table[f"alpha_{kind}"] = _of_kind(of_scale["alpha"], table["dimension"], kind)
    table["items"] = _of_kind(of_scale["items"], table["dimension"], MET)
    table["dimension"] = pd.Categorical(table["dimension"], (*DIMENSIONS, OVERALL))
    return conform(table.sort_values("dimension", ignore_index=True), SERVQUAL)


_WEIGHTED = ("weighted_gap", "weighted_low", "weighted_high")


def gap_between(part: pd.DataFrame, weight: np.ndarray) -> tuple[float, float, float]:
    """Weighted mean perception less weighted mean expectation, with 95 % limits, customers as clusters.

    Each mean is linearised, and what one customer adds to both is added up before it is squared, so that a customer who marks
    everything high widens no gap. All NaN where either was not asked; the limits with one customer.

    Parameters
    ----------
    part : customer, expectation, perception; either may be missing in a row.
    weight : one per row, positive.
    """
    pull, means = np.zeros(len(part)), []
    for kind, sign in ((MET, 1.0), (EXPECTED, -1.0)):
        value = part[kind].to_numpy(float)
        used = np.where(np.isnan(value), 0.0, weight)
        if not used.sum():
            return np.nan, np.nan, np.nan
        mean = (used * np.nan_to_num(value)).sum() / used.sum()
        pull += sign * used / used.sum() * (np.nan_to_num(value) - mean)
        means.append(mean)
    gap = means[0] - means[1]
    _, _, half = clustered_mean(len(part) * pull, part["customer"].to_numpy(str))
    return float(gap), float(gap - half), float(gap + half)


def _weighted_gap(part: pd.DataFrame, weights: pd.Series, min_group: int) -> tuple[float, float, float]:
    if weights.empty:
        return np.nan, np.nan, np.nan
    weight = part["customer"].map(weights).astype(float)
    weight = weight / part.groupby("customer")["sheet"].transform("size")
    known = weight.notna()
    if part.loc[known, "customer"].nunique() < min_group:
        return np.nan, np.nan, np.nan
    return gap_between(part[known], weight[known].to_numpy())


def _of_kind(values: pd.Series, dimensions: pd.Series, kind: str) -> np.ndarray:
    wanted = pd.MultiIndex.from_arrays([dimensions, [kind] * len(dimensions)])
    return values.astype("Float64").reindex(wanted).to_numpy(float, na_value=np.nan)
