"""Value by industry, region, tier, service level and standing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.value.outputs import PARTS
from crmlab.value.to_come.forecast import Forecast

OF = ("industry", "region", "tier", "service_level", "standing")
MIN_CUSTOMERS = 5
"""Customers below which a group is not shown."""


def groups(customers: pd.DataFrame, told: Forecast) -> pd.DataFrame:
    """The columns of `outputs.GROUPS`; the most valuable group of each kind first.

    Customers that have left are worth nothing and count in `standing` only. The limits are predictive: the variances of the customers
    of a group add up, and what all customers share does not average out.

    Parameters
    ----------
    customers : the columns of `outputs.CUSTOMERS`. told : the forecast behind them.
    """
    ids = pd.Index(customers.customer_id)
    parts = told.customers[list(PARTS)].reindex(ids).fillna(0.0).set_axis(customers.index)
    variance = (told.customers.sd_to_come.reindex(ids).fillna(0.0) ** 2).set_axis(customers.index)
    common = np.array([told.common.get(part, 0.0) for part in PARTS])
    found = []
    for of in OF:
        label = customers[of].astype("string")
        counted = label.notna() & ((of == "standing") | (customers.standing != "left"))
        label, rows = label[counted], customers[counted]
        n = rows.groupby(label).size()
        shared = ((parts[counted].groupby(label).sum() * common) ** 2).sum(axis=1)
        half = Z95 * np.sqrt(variance[counted].groupby(label).sum() + shared) / n
        mean = rows.to_come.astype(float).groupby(label).mean()
        one = pd.DataFrame(
            {
                "customers": n,
                "historical": rows.historical.groupby(label).sum(),
                "to_come": rows.to_come.groupby(label).sum(),
                "per_customer": mean.round(),
                "low": (mean - half).round(),
                "high": (mean + half).round(),
                "negative": (rows.to_come < 0).groupby(label).sum(),
            }
        )
        one = one[one.customers >= MIN_CUSTOMERS].rename_axis("group").reset_index().assign(of=of)
        found.append(one.sort_values(["to_come", "group"], ascending=[False, True]))
    return pd.concat(found, ignore_index=True)
