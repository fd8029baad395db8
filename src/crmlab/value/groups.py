"""Value by industry, region, tier, service level and standing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import Z95

OF = ("industry", "region", "tier", "service_level", "standing")
MIN_CUSTOMERS = 5
"""Customers below which a group is not shown."""


def groups(customers: pd.DataFrame) -> pd.DataFrame:
    """The columns of `outputs.GROUPS` from those of `outputs.CUSTOMERS`; the most valuable group of each kind first."""
    told = customers.assign(negative=customers.to_come < 0)
    parts = []
    for of in OF:
        by = told[told[of].notna()].groupby(told[of].astype("string"))
        value = told.to_come.astype(float).groupby(told[of].astype("string"))
        n, mean = value.size(), value.mean()
        half = Z95 * value.std(ddof=1) / np.sqrt(n)
        found = pd.DataFrame(
            {
                "customers": n,
                "historical": by.historical.sum(),
                "to_come": by.to_come.sum(),
                "per_customer": mean.round(),
                "low": (mean - half).round(),
                "high": (mean + half).round(),
                "negative": by.negative.sum(),
            }
        )
        found = found[found.customers >= MIN_CUSTOMERS].rename_axis("group").reset_index().assign(of=of)
        parts.append(found.sort_values(["to_come", "group"], ascending=[False, True]))
    return pd.concat(parts, ignore_index=True)
