"""Candidates for the model of this company: fitted, with what their fit had to say, and judged by what came."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.purchases.models.histories import DegenerateFit
from crmlab.purchases.models.model import PurchaseModel
from crmlab.purchases.models.named import model_named

LEVEL = 0.9
"""Of every predictive interval of the stage."""


def fitted(name: str, counted: pd.DataFrame) -> tuple[PurchaseModel, str]:
    """The model of that name on counted histories, and why its fit has no maximum; an empty text where it has one."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", DegenerateFit)
        model = model_named(name).fit(
            counted.frequency, counted.recency, counted["T"], weights=counted.customers
        )
    return model, "; ".join(str(w.message) for w in said if issubclass(w.category, DegenerateFit))


@dataclass(frozen=True)
class Forecast:
    """What a model said of each customer's purchases in a horizon, and how that compares with what came.

    expected, surprise (−log P(what came)), exact (share of what came that lies inside the central 90 %): one number per
    customer; `reason` says why the fit has no maximum, and is empty where it has one.
    """

    model: PurchaseModel
    expected: np.ndarray
    surprise: np.ndarray
    exact: np.ndarray
    reason: str


def forecast(
    model: PurchaseModel, reason: str, histories: pd.DataFrame, horizon: float, came: np.ndarray
) -> Forecast:
    """Forecast each customer's purchases in (T, T + horizon] and judge them by those that came.

    A count covers a range of the distribution, not a point of it: with F(c − 1) and F(c) its ends, the share of the
    range inside (.05, .95) is what an exact central interval would hold (Czado, Gneiting and Held 2009).
    """
    h = histories.frequency, histories.recency, histories["T"]
    at_least = model.probability_of_at_least(came, horizon, *h)
    more = model.probability_of_at_least(came + 1, horizon, *h)
    chance = np.maximum(at_least - more, 1e-12)
    below, through = 1 - at_least, 1 - more
    tail = (1 - LEVEL) / 2
    inside = np.clip(through, tail, 1 - tail) - np.clip(below, tail, 1 - tail)
    return Forecast(
        model=model,
        expected=model.expected_purchases(horizon, *h),
        surprise=-np.log(chance),
        exact=np.where(through > below, inside / np.maximum(through - below, 1e-12), 0.0),
        reason=reason,
    )
