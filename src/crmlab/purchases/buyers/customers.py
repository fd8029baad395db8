"""Every customer's purchases: when, how often, whether it still is a customer, and what to expect of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.purchases.buyers.backtest import naive_forecasts
from crmlab.purchases.buyers.candidates import LEVEL
from crmlab.purchases.models.model import PurchaseModel
from crmlab.purchases.settings import Settings

PURCHASES = (1, 2, 3, 4, 6, 10, 20)
SINCE = (0, 31, 91, 181, 366, 731)
"""Lower ends of the bands of the frequency-recency picture: purchases, and days since the last one."""


def customers(
    histories: pd.DataFrame,
    names: pd.DataFrame,
    spend: np.ndarray,
    model: PurchaseModel | None,
    naive: str | None,
    settings: Settings,
) -> pd.DataFrame:
    """The columns of `outputs.CUSTOMERS`, one row per history.

    Parameters
    ----------
    histories : `Ledger.histories` on the as-of day. names : the clean table `customers`.
    spend : expected amount of one purchase, in the order of `histories`; NaN where it cannot be told.
    model : the fitted customer-base model; without one `naive` names the forecast, and without that there is none.
    """
    found = histories.reset_index(drop=True).copy()
    unit = settings.unit_days
    h = [found[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    named = names.drop_duplicates("customer_id").set_index("customer_id").customer_name
    found["customer_name"] = named.reindex(found.customer_id).to_numpy()
    found["purchases"] = found.frequency + 1
    found["gap"] = np.where(h[0] > 0, h[1] * unit / np.maximum(h[0], 1), np.nan)
    found["since"] = (h[2] - h[1]) * unit
    found["recency"], found["T"] = h[1] * unit, h[2] * unit
    found["p_alive"] = found["expected"] = found["low"] = found["high"] = found["at_stake"] = np.nan
    found["state"] = "cannot_tell"
    if model is not None:
        alive = model.probability_alive(*h)
        expected = model.expected_purchases(settings.horizon, *h)
        gone, buying = settings.alive
        found["p_alive"], found["expected"] = alive, expected
        found["low"], found["high"] = model.predictive_interval(settings.horizon, *h, level=LEVEL)
        found["state"] = np.select([alive < gone, alive >= buying], ["gone", "buying"], "quiet")
        found["at_stake"] = _minor(expected * (1 / np.maximum(alive, 1e-9) - 1) * spend)
    elif naive:
        found["expected"] = naive_forecasts(found.assign(**{"T": h[2]}), settings.horizon)[naive]
    found["spend"] = _minor(spend)
    found["expected_amount"] = _minor(found["expected"].to_numpy(float) * spend)
    return found


def _minor(amount: np.ndarray) -> pd.Series:
    """Whole minor units; missing where there is no number."""
    return pd.Series(np.round(amount)).astype("Float64").astype("Int64")


def matrix(told: pd.DataFrame) -> pd.DataFrame:
    """The columns of `outputs.MATRIX` from those of `outputs.CUSTOMERS`; only bands with a customer."""
    bands = {"purchases": PURCHASES, "since": SINCE}
    of = {
        name: np.searchsorted(lows, told[name].to_numpy(float), side="right") - 1
        for name, lows in bands.items()
    }
    groups = told.groupby([of["purchases"], of["since"]])
    found = groups.agg(p_alive=("p_alive", "mean"), expected=("expected", "mean"), amount=("amount", "sum"))
    found["n"] = groups.size()
    for position, (name, lows) in enumerate(bands.items()):
        band = found.index.get_level_values(position).to_numpy(int)
        found[f"{name}_from"] = np.array(lows)[band]
        found[f"{name}_to"] = pd.array([*(low - 1 for low in lows[1:]), pd.NA], dtype="Int64")[band]
    return found.reset_index(drop=True)
