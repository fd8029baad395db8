"""Customers who never fill in a questionnaire: what they say after repairs, and what the gap would be with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import clustered_mean
from crmlab.service.surveys.answers import MET
from crmlab.service.surveys.outputs import SILENT
from crmlab.service.surveys.response import FEW
from crmlab.tables import conform, empty


def silent(means: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """How content customers are after repairs: those who ever filled in a questionnaire, and those who never did: table `silent`.

    Messages after repairs reach customers that no questionnaire does, so they show what the records cannot: whether of customers
    with equal records the unhappier ones answer. Every customer counts once, with the mean of its messages.

    Parameters
    ----------
    means : from `sheet_means`, of all years.
    min_group : customers below which a group is left out.
    """
    messages = means[(means["about"] == "repair") & means[MET].notna()]
    yearly = means.loc[means["about"] == "yearly", "customer"].unique()
    if messages.empty or not len(yearly):
        return empty(SILENT)
    score = messages.groupby("customer")[MET].mean()
    group = pd.Series(np.where(score.index.isin(yearly), "questionnaire", "none"), index=score.index)
    rows = []
    for name, part in score.groupby(group):
        if len(part) >= min_group:
            rows.append((name, len(part), *clustered_mean(part.to_numpy(float), part.index.to_numpy(str))))
    return conform(pd.DataFrame(rows, columns=[c.name for c in SILENT.columns]), SILENT)


def silent_shift(table: pd.DataFrame, ever_answered: float) -> tuple[float, float]:
    """By how much the mean of all customers lies above that of those who answer questionnaires, and half its 95 % interval.

    It is the difference between the two groups after repairs times the share of customers who never answered. It holds for
    a gap as far as dimensions differ between the groups as the score after repairs does, expectations do not, and the mood after a
    repair does not decide who answers its message.

    Parameters
    ----------
    table : from `silent`.
    ever_answered : share of the customers served who ever filled in a questionnaire.

    Returns
    -------
    Both NaN with fewer than 50 customers in either group.
    """
    of = table.set_index("group")
    if len(of) < 2 or of["customers"].min() < FEW or np.isnan(ever_answered):
        return np.nan, np.nan
    never = 1 - ever_answered
    half = np.hypot(*(of["high"] - of["mean"]).astype(float))
    return float(never * (of.loc["none", "mean"] - of.loc["questionnaire", "mean"])), float(never * half)
