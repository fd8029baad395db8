"""Who is a customer, and for how long: by contract, by being heard of, or gone with the last contract."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.purchases.models.histories import DegenerateFit
from crmlab.purchases.models.named import model_named
from crmlab.value.to_come.contracts import MONTH, Contracts
from crmlab.value.to_come.known import Known

MIN_FORMER = 20
"""Former customers below which `HEARD_AGAIN` stands in for the share that is heard of again."""
HEARD_AGAIN = 0.25
MIN_PRESENT = 100
"""Customers without a contract, heard of twice, below which none is taken to have gone unnoticed."""


@dataclass(frozen=True)
class Standing:
    """How each of `customers` stands, in their order.

    held : has a contract. left : its last contract ended and nothing was heard since. ever_held : had a contract once. is_new : known for less than a year.
    in_force : (customers, months), P(still a customer) in the middle of each month ahead. gone_at : the end of the last contract of
    those that have left. heard_again : share of those that lost their contract a year ago or longer that were heard of again.
    """

    customers: pd.Index
    held: np.ndarray
    left: np.ndarray
    ever_held: np.ndarray
    is_new: np.ndarray
    in_force: np.ndarray
    gone_at: pd.Series
    heard_again: float


def standing(k: Known, contracts: Contracts, moved: float, grace_days: int, months: int) -> Standing:
    """Say of everybody who was ever known how it stands on the day.

    Parameters
    ----------
    contracts : of those who have one. moved : customers a year that move, close or merge.
    """
    everyone = k.first_seen.index.union(contracts.customers)
    everyone = everyone.union(pd.Index(k.machines.customer_id.dropna().unique())).rename("customer_id")
    held = everyone.isin(contracts.customers)
    ended = k.terms.groupby("customer_id").end_at.max().reindex(everyone)
    former = ~held & (ended < k.day).to_numpy()
    heard = k.contact.last_day.reindex(everyone)
    left = former & ~(heard > ended + pd.Timedelta(days=grace_days)).to_numpy()
    settled = former & (ended < k.day - pd.Timedelta(days=365)).to_numpy()
    again = float((settled & ~left).sum() / settled.sum()) if settled.sum() >= MIN_FORMER else HEARD_AGAIN

    middle = np.arange(1, months + 1)[None, :] - 0.5
    goes = np.exp(-moved * middle / 12)
    in_force = np.repeat(goes, len(everyone), axis=0)
    in_force[everyone.get_indexer(contracts.customers)] = contracts.in_force
    free = ~held & ~left
    in_force[free] = heard_of(k, everyone[free], ended.index[ended.notna()], middle * MONTH, goes)
    in_force[left] = again * goes
    return Standing(
        customers=everyone,
        held=held,
        left=left,
        ever_held=ended.notna().to_numpy(),
        is_new=new_ones(k, everyone),
        in_force=in_force,
        gone_at=ended.where(left),
        heard_again=again,
    )


def new_ones(k: Known, everyone: pd.Index) -> np.ndarray:
    """Who was first known less than a year ago; nobody where the whole record is that short."""
    year_ago = k.day - pd.Timedelta(days=365)
    if not len(k.first_seen) or k.first_seen.min() > year_ago:
        return np.zeros(len(everyone), dtype=bool)
    return (k.first_seen.reindex(everyone) > year_ago).to_numpy()


def heard_of(
    k: Known, those: pd.Index, contracted: pd.Index, ahead: np.ndarray, otherwise: np.ndarray
) -> np.ndarray:
    """P(still a customer) of customers without a contract, by the days on which they bought or called (Pareto/NBD).

    Parameters
    ----------
    contracted : customers that ever had a contract; the model is fitted to all others. ahead : days ahead, (1, months).
    otherwise : what stands in where too few have been heard of twice.
    """
    fit_on = k.contact[~k.contact.index.isin(contracted) & (k.contact["T"] > 0)]
    if (fit_on.frequency > 0).sum() < MIN_PRESENT:
        return np.repeat(otherwise, len(those), axis=0)
    with warnings.catch_warnings():
        # Where hardly anybody goes, only the quotient of s and beta is known, and only it matters.
        warnings.simplefilter("ignore", DegenerateFit)
        model = model_named("ParetoNBD").fit(fit_on.frequency, fit_on.recency, fit_on["T"])
    days = k.contact.reindex(those)[["frequency", "recency", "T"]].fillna(0).to_numpy(float)
    alive = model.probability_alive(*days.T)
    s, beta = model.params_["s"], model.params_["beta"] + days[:, [2]]
    return alive[:, None] * np.exp(-s * np.log1p(ahead / beta))
