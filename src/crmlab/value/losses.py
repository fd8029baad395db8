"""Why a customer costs more than it brings: what sets it apart most from all others."""

from __future__ import annotations

import numpy as np
import pandas as pd

LITTLE = 0.1
"""Income to come below this share of the cost to come is none."""


def reasons(told: pd.DataFrame) -> pd.DataFrame:
    """Columns reason and reason_ratio for customers whose value to come is negative; missing for all others.

    Compared are, each with the mean of all customers: tickets a machine and year, the cost of a ticket, the contract price a machine,
    and the share of the list price paid. The one that lies farthest on the wrong side, as a ratio, is the reason.

    Parameters
    ----------
    told : `Forecast.customers`.
    """
    machines = told.machines.where(told.machines > 0)
    tickets = told.tickets_a_year / machines
    price = told.contract_price / machines
    counted, covered = told.machines > 0, told.held & (told.machines > 0)
    mean = {
        "many_tickets": _mean(told.tickets_a_year[counted], machines),
        "dear_tickets": _mean(told.cost_of_ticket * told.tickets_a_year, told.tickets_a_year),
        "low_price": _mean(told.contract_price[covered], machines[covered]),
    }
    ratios = pd.DataFrame(
        {
            "many_tickets": tickets / mean["many_tickets"],
            "dear_tickets": told.cost_of_ticket / mean["dear_tickets"],
            "low_price": (price / mean["low_price"]).where(told.held),
            "low_margin": told.price_level.where(told.purchases + told.replacements > 0),
        },
        index=told.index,
    ).astype(float)
    worse = np.log(ratios.clip(lower=1e-3)) * [1, 1, -1, -1]
    loses = told.to_come < -0.5
    income = (told.current + told.potential) / told.cost_to_come.where(told.cost_to_come > 0)
    poor = loses & (income.clip(lower=0) < LITTLE)
    best = worse.fillna(-np.inf).to_numpy().argmax(1)
    found = pd.Series(np.array(ratios.columns, dtype=object)[best], told.index)
    told_by = pd.Series(ratios.to_numpy()[np.arange(len(ratios)), best], told.index)
    found = found.where(worse.max(axis=1) > 0)
    found, told_by = found.where(~poor, "no_income"), told_by.where(~poor, income.clip(lower=0))
    return pd.DataFrame(
        {"reason": found.where(loses), "reason_ratio": told_by.where(loses & found.notna())}, index=told.index
    )


def _mean(total: pd.Series, of: pd.Series) -> float:
    """What comes to one; missing where it is nothing, for no ratio to it says anything."""
    whole, n = float(total.sum()), float(of.sum())
    return whole / n if whole and n > 0 else np.nan
