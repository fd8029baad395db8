"""First contracts of customers that have none yet: how many sign how long after they became customers, and at what price."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import price_of_a_month
from crmlab.value.to_come.contracts import MONTH, Habits
from crmlab.value.to_come.known import Known

MOST_MONTHS = 24
"""Months after which those without a contract count as equally long without one."""
MIN_SIGNED = 20
"""First contracts below which none is expected."""


class FirstContracts(NamedTuple):
    """Of every customer, months ahead: P(has signed a first contract), margin expected of it, and P(signs within the horizon)."""

    signed: np.ndarray
    income: np.ndarray
    chance: np.ndarray


def first_contracts(
    k: Known, customers: pd.Index, without: np.ndarray, told: Habits, share: float, months: int
) -> FirstContracts:
    """First contracts to come.

    Parameters
    ----------
    without : which of `customers` never had a contract and are still there. share : margin over price.
    """
    n = len(customers)
    nothing = FirstContracts(np.zeros((n, months)), np.zeros((n, months)), np.zeros(n))
    first = (
        k.terms.sort_values(["known_at", "contract_id"])
        .drop_duplicates("customer_id")
        .set_index("customer_id")
    )
    hazard, signed = hazard_by_age(k, first)
    if signed < MIN_SIGNED or not without.any():
        return nothing
    stays = np.ones(months)
    if np.isfinite(told.rate):
        stays = told.rate ** (np.arange(months) // np.maximum(12 * told.years, 1)) * np.exp(
            -told.moved * np.arange(months) / 12
        )
    # By age in months, once for all customers of that age.
    by_age = np.zeros((MOST_MONTHS + 1, months))
    earning = np.zeros((MOST_MONTHS + 1, months))
    for age in range(MOST_MONTHS + 1):
        ahead = hazard[np.minimum(age + np.arange(months), MOST_MONTHS)]
        waits = np.cumprod(np.concatenate([[1.0], 1 - ahead]))
        signs = -np.diff(waits)
        by_age[age] = np.cumsum(signs)
        earning[age] = np.convolve(signs, stays)[:months]
    age = np.clip(
        (k.day - k.first_seen.reindex(customers)).dt.days.fillna(9_999).to_numpy(float) / MONTH,
        0,
        MOST_MONTHS,
    )
    age = age.astype(int)
    price = expected_price(k, first, customers) * share
    signed_by = np.where(without[:, None], by_age[age], 0.0)
    return FirstContracts(
        signed_by, np.where(without[:, None], earning[age] * price[:, None], 0.0), signed_by[:, -1]
    )


def hazard_by_age(k: Known, first: pd.DataFrame) -> tuple[np.ndarray, int]:
    """P(signs a first contract in a month | none so far) by months since a customer was first known, and contracts behind it.

    Of customers first known within the record; the last entry is of all months from `MOST_MONTHS` on.
    """
    begins = k.day - pd.Timedelta(days=float(k.contact["T"].max())) if len(k.contact) else k.day
    joined = k.first_seen[k.first_seen >= begins]
    signs = ((first.known_at.reindex(joined.index) - joined).dt.days / MONTH).to_numpy(float)
    seen = ((k.day - joined).dt.days / MONTH).to_numpy(float)
    until = np.where(np.isnan(signs), seen, np.maximum(signs, 0)).astype(int)
    events = np.bincount(np.minimum(until[~np.isnan(signs)], MOST_MONTHS), minlength=MOST_MONTHS + 1)
    at_risk = np.array(
        [(until >= m).sum() for m in range(MOST_MONTHS)] + [(until - MOST_MONTHS + 1).clip(0).sum()]
    )
    return np.divide(events, at_risk, out=np.zeros(MOST_MONTHS + 1), where=at_risk > 0), int(events.sum())


def expected_price(k: Known, first: pd.DataFrame, customers: pd.Index) -> np.ndarray:
    """Price a month of a first contract: that of the mean machine × machines in place, else of the mean contract."""
    price = price_of_a_month(first.amount, first.start_at, first.end_at)
    machines = k.machines.groupby("customer_id").size()
    covered = machines.reindex(first.index).fillna(0)
    mean = float(price.mean())
    if not covered.sum():
        return np.full(len(customers), mean)
    own = k.in_place(customers)
    each = float(price[covered > 0].sum() / covered[covered > 0].sum())
    return np.where(own > 0, own * each, mean)
