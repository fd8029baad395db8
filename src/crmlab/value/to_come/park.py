"""The machines that are served: whose they are, how old, and for how long they have been watched at each age."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.value.to_come.known import Known
from crmlab.value.to_come.standing import Standing

YEAR = 365.25
OLDEST = 12
"""Whole years of age from which machines count as equally old."""
_NEVER = pd.Timestamp("2200-01-01")


@dataclass(frozen=True)
class Park:
    """Machines of known customers and known age.

    machines : one row each, as machines.sql has them; `customer` is the position of its customer, `left` the day on which that
        customer left. cells : machine-years watched by machine (`row`), age in whole years and whether support had `ended`.
    n_customers : of the company.
    """

    machines: pd.DataFrame
    cells: pd.DataFrame
    n_customers: int

    @property
    def in_place(self) -> np.ndarray:
        """Which machines stand on the day."""
        return self.machines.retired.isna().to_numpy()

    def by_customer(self, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """Sums over the machines `rows` of each customer, for each column of `values`."""
        who = self.machines.customer.to_numpy()[rows]
        return np.column_stack(
            [np.bincount(who, weights=column, minlength=self.n_customers) for column in values.T]
        )


def park(k: Known, standing: Standing) -> Park:
    """The machines known on the day, and the machine-years since `k.since`."""
    customer = standing.customers.get_indexer(k.machines.customer_id)
    there = (customer >= 0) & k.machines.installed.notna().to_numpy()
    machines = k.machines[there].reset_index(drop=True).assign(customer=customer[there])
    machines["left"] = standing.gone_at.to_numpy()[machines.customer] if len(machines) else pd.NaT
    return Park(machines, watched(machines, k.since, k.day), len(standing.customers))


def ages(machines: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Age in years on `day`."""
    return (day - machines.installed).dt.days.to_numpy(float) / YEAR


def watched(machines: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp) -> pd.DataFrame:
    """Machine-years in (since, day] by whole years of age and whether support had ended: row, age, ended, years.

    A machine is watched from the day its customer was known, and until it retires or its customer leaves.
    """
    after = day + pd.Timedelta(days=1)
    installed = _days(machines.installed)
    end = _days(np.minimum(machines.retired.fillna(after), machines.left.fillna(after)).clip(upper=after))
    begin = _days(machines.since.clip(lower=since + pd.Timedelta(days=1)))
    support = _days(machines.support_end.fillna(_NEVER))
    found = []
    for age in range(OLDEST + 1):
        from_age = np.maximum(begin, installed + round(age * YEAR))
        to_age = np.minimum(end, installed + round((age + 1) * YEAR)) if age < OLDEST else end
        for ended in (0, 1):
            first = np.maximum(from_age, support) if ended else from_age
            last = to_age if ended else np.minimum(to_age, support)
            rows = np.flatnonzero(last > first)
            found.append((rows, np.full(len(rows), age), np.full(len(rows), ended), (last - first)[rows]))
    row, age, ended, days = (np.concatenate(column) for column in zip(*found, strict=True))
    return pd.DataFrame({"row": row, "age": age, "ended": ended, "years": days / YEAR})


def _days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy("datetime64[D]").astype(int)
