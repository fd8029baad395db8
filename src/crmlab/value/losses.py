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
    mean = {
        "many_tickets": told.tickets_a_year.sum() / max(float(machines.sum()), 1.0),
        "dear_tickets": np.average(told.cost_of_ticket, weights=np.maximum(told.tickets_a_year, 1e-12)),
        "low_price": told.contract_price[told.held].sum() / max(float(machines[told.held].sum()), 1.0),
    }
    ratios = pd.DataFrame(
        {
            "many_tickets": tickets / mean["many_tickets"] if mean["many_tickets"] else np.nan,
            "dear_tickets": told.cost_of_ticket / mean["dear_tickets"] if mean["dear_tickets"] else np.nan,
            "low_price": (price / mean["low_price"]).where(told.held) if mean["low_price"] else np.nan,
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
