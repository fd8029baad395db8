"""Satisfaction by half-year."""

from __future__ import annotations

import pandas as pd

from crmlab.intervals import clustered_mean
from crmlab.service.surveys.answers import MET
from crmlab.service.surveys.outputs import SATISFACTION
from crmlab.tables import conform, empty


def satisfaction(made: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Mean perception of each half-year, of yearly questionnaires and of answers about one repair apart: table `satisfaction`.

    Every questionnaire counts once, with the mean of its perceptions. The newest half-year may not be over.

    Parameters
    ----------
    made : from `answers`, of all years.
    min_group : customers below which a half-year is left out.
    """
    met = made[made["kind"] == MET]
    if met.empty:
        return empty(SATISFACTION)
    sheets = met.groupby("sheet").agg(
        customer=("customer", "first"),
        at=("answered_at", "max"),
        about=("about", "first"),
        value=("value", "mean"),
        scale=("scale", "first"),
    )
    half = (sheets["at"].dt.month > 6).map({True: "H2", False: "H1"})
    sheets["period"] = sheets["at"].dt.year.astype(str) + "-" + half
    rows = []
    for (period, about), part in sheets.groupby(["period", "about"]):
        customers = part["customer"].nunique()
        if customers < min_group:
            continue
        mean, low, high = clustered_mean(part["value"].to_numpy(), part["customer"].to_numpy(str))
        scales = ", ".join(sorted(part["scale"].unique()))
        rows.append((period, about, customers, mean, low, high, scales))
    return conform(pd.DataFrame(rows, columns=[c.name for c in SATISFACTION.columns]), SATISFACTION)
