"""How likely each customer is still there in m months, given that it has survived so far."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from crmlab.churn.terms import monthly_price

MONTH = 365.25 / 12  # days


def contract_survival(living: pd.DataFrame, as_of: pd.Timestamp, months: int) -> pd.DataFrame:
    """P(the contracts of a customer are in force) at the end of each month ahead.

    Up to the end of its term a contract is in force; each end in the months ahead is passed with the chance p_renew,
    into a term of the same length. Several contracts of a customer are averaged by their prices a month. Contracts
    without a known chance say nothing.

    Parameters
    ----------
    living : customer_id, start_at, end_at, amount, p_renew; one row per open contract.

    Returns
    -------
    index customer_id, columns 1 … `months`.
    """
    living = living[living.p_renew.notna()]
    if living.empty:
        return pd.DataFrame(columns=range(1, months + 1), index=pd.Index([], name="customer_id"), dtype=float)
    ahead = np.arange(1, months + 1) * MONTH
    to_end = (living.end_at - as_of).dt.days.to_numpy()[:, None]
    length = ((living.end_at - living.start_at).dt.days.to_numpy() + 1)[:, None]
    ends_passed = np.where(ahead > to_end, 1 + np.maximum(0, ahead - to_end) // length, 0)
    alive = living.p_renew.astype(float).to_numpy()[:, None] ** ends_passed
    weight = np.maximum(monthly_price(living).fillna(0).to_numpy(), 1)[:, None]
    customers = living.customer_id.to_numpy()
    total = pd.DataFrame(alive * weight, columns=range(1, months + 1)).groupby(customers).sum()
    share = total.div(pd.Series(weight[:, 0]).groupby(customers).sum(), axis=0)
    return share.rename_axis("customer_id")


def purchase_gaps(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Days between the purchases of a customer: customer_id, gap, closed (False: still waiting on `as_of`).

    Purchases on one day are one; returns are none.
    """
    bought = lines[(lines.kind != "service") & (lines.revenue > 0)]
    days = bought.assign(day=bought["at"].dt.normalize())[["customer_id", "day"]].drop_duplicates()
    days = days.sort_values(["customer_id", "day"], kind="stable")
    following = days.groupby("customer_id").day.shift(-1)
    gap = (following.fillna(as_of) - days.day).dt.days
    return pd.DataFrame({"customer_id": days.customer_id, "gap": gap, "closed": following.notna()})


class GapSurvival:
    """Kaplan-Meier of the gap between purchases, each customer counting once, whatever it buys.

    `chance(gap)` is P(buys again within a year | has not bought for `gap` days) = 1 − S(gap + 365) / S(gap).
    """

    def fit(self, gaps: pd.DataFrame) -> GapSurvival:
        """`gaps` from `purchase_gaps`."""
        from lifelines import KaplanMeierFitter

        weights = 1 / gaps.groupby("customer_id").gap.transform("size")
        with warnings.catch_warnings():
            # lifelines warns that limits are off with weights that are no counts; we use none.
            warnings.simplefilter("ignore")
            fit = KaplanMeierFitter().fit(gaps.gap, gaps.closed, weights=weights)
        self.days_ = fit.survival_function_.index.to_numpy()
        self.waiting_ = fit.survival_function_.iloc[:, 0].to_numpy()
        return self

    def chance(self, gap: np.ndarray) -> np.ndarray:
        """P(buys again within a year | no purchase for `gap` days)."""
        now, then = self._waiting(gap), self._waiting(np.asarray(gap) + 365)
        return np.where(now > 0, 1 - then / np.where(now > 0, now, 1), 0.0)

    def _waiting(self, gap: np.ndarray) -> np.ndarray:
        place = np.searchsorted(self.days_, gap, side="right") - 1
        return self.waiting_[np.maximum(place, 0)]


def purchase_survival(lines: pd.DataFrame, as_of: pd.Timestamp, months: int) -> pd.DataFrame:
    """P(a customer without a contract still buys) at the end of each month ahead.

    The chance to buy again within a year after so long a silence, times the yearly retention of one who has just
    bought for the time after: S(m) = chance(silence) × chance(0) ^ (m / 12). A customer that never bought, but
    called for repair, is as silent as its last ticket is old.

    Returns
    -------
    index customer_id, columns 1 … `months`.
    """
    columns = range(1, months + 1)
    gaps = purchase_gaps(lines, as_of)
    if gaps.empty:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="customer_id"), dtype=float)
    curve = GapSurvival().fit(gaps)
    last_sale = lines[(lines.kind != "service") & (lines.revenue > 0)].groupby("customer_id")["at"].max()
    last_seen = lines.groupby("customer_id")["at"].max()
    silence = (as_of - last_sale.reindex(last_seen.index).fillna(last_seen).dt.normalize()).dt.days.clip(
        lower=0
    )
    yearly = float(curve.chance(np.array([0]))[0])
    alive = curve.chance(silence.to_numpy())[:, None] * yearly ** (np.arange(1, months + 1) / 12)
    return pd.DataFrame(alive, index=last_seen.index, columns=columns).rename_axis("customer_id")
