"""What a customer spends on one purchase: Gamma-Gamma where it forecasts better than the customer's own mean, else that."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.purchases.models.gamma_gamma import GammaGamma
from crmlab.purchases.models.histories import DegenerateFit, InputError


@dataclass(frozen=True)
class Spend:
    """Expected amount of one purchase of each customer (minor units), and what it rests on.

    basis : "GammaGamma", "own mean" (where the fit has no maximum), or "none" without a customer who spent anything.
    no_spend : customers whose returns took back all they ever spent; they get the mean of all.
    """

    amount: np.ndarray
    basis: str
    no_spend: int
    model: GammaGamma | None
    reason: str

    @property
    def figures(self) -> dict[str, Any]:
        """For purchases.json."""
        found: dict[str, Any] = {"model": self.basis, "no_spend": self.no_spend}
        if self.model is not None:
            found |= {
                "correlation": self.model.correlation_,
                "params": self.model.params_,
                "standard_errors": self.model.standard_errors_,
            }
        return found | ({"reason": self.reason} if self.reason else {})


def spend(histories: pd.DataFrame) -> Spend:
    """Expected amount per purchase, from all purchases of `Ledger.histories`, the first one included.

    The first purchase on record is seldom the customer's first ever: a ledger begins somewhere.
    """
    purchases = histories["frequency"].to_numpy(float) + 1
    mean = histories["amount"].to_numpy(float) / purchases
    spent = mean > 0
    none = int((~spent).sum())
    if not spent.any():
        return Spend(np.full(len(mean), np.nan), "none", none, None, "")
    common = mean[spent].mean()
    own = np.where(spent, mean, common)
    counted = np.where(spent, purchases, 0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", DegenerateFit)
        try:
            model = GammaGamma().fit(counted, own)
        except InputError as error:
            return Spend(own, "own mean", none, None, str(error))
    reason = "; ".join(str(w.message) for w in said if issubclass(w.category, DegenerateFit))
    if not model.converged_:
        return Spend(own, "own mean", none, None, reason)
    expected = model.expected_value(counted, own)
    if not np.isfinite(expected).all():
        return Spend(own, "own mean", none, None, "q is at most 1, which gives spend no mean")
    return Spend(expected, "GammaGamma", none, model, "")
