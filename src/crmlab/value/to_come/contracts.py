"""Contracts to come: those in force as they earn, and their renewals by the chance that the stage churn gives them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import price_of_a_month
from crmlab.churn.terms import MIN_ENDED

MONTH = 365.25 / 12
RECENT = 3 * 365
"""Days of renewals from which prices, lengths and rates are learnt."""
LASTING = 0.5
"""How much of what sets a contract's chance apart from the mean is left at its next end."""


class Habits(NamedTuple):
    """What the renewals of the last three years say of those to come.

    rise : price of a renewed term over the one before, per month. years : length of a renewed term. rate, n : renewed of those
    renewed or lost, and how many those were. moved : customers a year that move, close or merge.
    """

    rise: float
    years: float
    rate: float
    n: int
    moved: float


def habits(terms: pd.DataFrame, as_of: pd.Timestamp) -> Habits:
    """From `known_spells` as of the day."""
    recent = terms[terms.end_at > as_of - pd.Timedelta(days=RECENT)]
    over = recent[recent.fate.isin(["renewed", "lost"])]
    renewed = recent[recent.next_id.notna()]
    following = terms.set_index("contract_id").reindex(renewed.next_id)
    before, after = renewed.yearly_amount.to_numpy(float), following.yearly_amount.to_numpy(float)
    both = (after > before / 2) & (after < before * 2)
    rise = float(after[both].sum() / before[both].sum()) if both.sum() >= MIN_ENDED else 1.0
    years = float(np.nanmean(following.years)) if both.sum() >= MIN_ENDED else 1.0
    started = recent.start_at.clip(lower=as_of - pd.Timedelta(days=RECENT))
    lived = float((recent.end_at.clip(upper=as_of) - started).dt.days.clip(lower=0).sum() / 365.25)
    moved = float((recent.fate == "competing").sum() / lived) if lived else 0.0
    rate = float((over.fate == "renewed").mean()) if len(over) >= MIN_ENDED else np.nan
    return Habits(np.clip(rise, 0.8, 1.25), max(1.0, years), rate, len(over), moved)


class Contracts(NamedTuple):
    """Of every customer with a contract: months ahead, customers × months, per month and in minor units.

    in_force : P(its contracts are in force) in the middle of the month; falls with the months. sure : margin of terms already
    signed. renewed : margin of renewals, if in force. price : margin a month of the contracts at risk.
    """

    customers: pd.Index
    in_force: np.ndarray
    sure: np.ndarray
    renewed: np.ndarray
    price: np.ndarray


def contracts(
    terms: pd.DataFrame,
    chances: pd.DataFrame,
    told: Habits,
    share: float,
    as_of: pd.Timestamp,
    months: int,
    next_chance: float | None = None,
) -> Contracts:
    """Margin and survival by month.

    Parameters
    ----------
    terms : `known_spells` as of the day. chances : contract_id, p_renew of those at risk. share : margin over price.
        A contract whose price nobody noted is in force like any other and brings nothing.
    next_chance : of the next renewal of every contract instead of its own, later ones as they are: what if it were sure?
    """
    live = terms[terms.contract_id.isin(chances.contract_id) | (terms.end_at > as_of)].merge(
        chances[["contract_id", "p_renew"]], on="contract_id", how="left", validate="one_to_one"
    )
    at_risk = live.contract_id.isin(chances.contract_id).to_numpy()
    m = np.arange(1, months + 1)[None, :] - 0.5
    begin = ((live.start_at - as_of).dt.days.to_numpy() / MONTH)[:, None]
    end = ((live.end_at - as_of).dt.days.to_numpy() / MONTH)[:, None]
    price = price_of_a_month(live.amount, live.start_at, live.end_at).fillna(0.0)
    price = (price.to_numpy() * share)[:, None]
    # The share of each month in which the term runs.
    runs = np.clip(np.minimum(end, m + 0.5) - np.maximum(begin, m - 0.5), 0, 1)
    sure = price * runs
    first = live.p_renew.astype(float).fillna(told.rate).fillna(0.0).to_numpy()[:, None]
    mean = told.rate if np.isfinite(told.rate) else first
    later = np.clip(mean + LASTING * (first - mean), 0, 1)
    if next_chance is not None:
        first = np.full_like(first, next_chance)
    step = 12 * told.years
    past = np.maximum(end, 0)
    ends = np.where(m > past, 1 + np.floor((m - past) / step), 0)
    alive = np.where(ends > 0, first * later ** np.maximum(ends - 1, 0), 1.0)
    alive = np.where(at_risk[:, None], alive, 1.0)
    # The rest of the month in which the term ends is the first of the next one, if there is one.
    rest = (ends == 0) & (m + 0.5 > past)
    term = np.where(rest, 1, ends)
    goes_on = np.where(rest, first, alive)
    renewed = np.where(at_risk[:, None] & (term > 0), price * told.rise**term, 0.0) * (1 - runs)
    customers, of = np.unique(live.customer_id.astype(str), return_inverse=True)
    weight = np.where(at_risk[:, None], np.maximum(price, 1e-9), 0)

    def by_customer(values: np.ndarray) -> np.ndarray:
        total = np.zeros((len(customers), months))
        np.add.at(total, of, values)
        return total

    weights = by_customer(np.broadcast_to(weight, alive.shape))
    in_force = np.where(weights > 0, by_customer(alive * weight) / np.where(weights > 0, weights, 1), 1.0)
    # Who moves in the middle of a term has paid for it.
    signed = np.exp(-told.moved * np.where(term > 0, past + (np.maximum(term, 1) - 1) * step, 0) / 12)
    expected = by_customer(goes_on * renewed * signed)
    stays = np.exp(-told.moved * m / 12)
    in_force = np.minimum(np.minimum.accumulate(in_force, axis=1) * stays, 1.0)
    return Contracts(
        pd.Index(customers, name="customer_id"),
        in_force,
        by_customer(sure),
        np.divide(expected, in_force, out=np.zeros_like(expected), where=in_force > 1e-9),
        by_customer(np.where(at_risk[:, None], price, 0.0) * np.ones((1, months)))[:, 0],
    )
