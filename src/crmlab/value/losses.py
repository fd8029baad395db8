"""Why a customer costs more than it brings: what costs most money of all that sets it apart from customers like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from crmlab.value.to_come.flows import Part
from crmlab.value.to_come.forecast import Forecast, Prospects
from crmlab.value.to_come.park import park
from crmlab.value.to_come.prices import price_levels
from crmlab.value.to_come.replacements import replacements

LITTLE = 0.1
"""Income to come below this share of the cost to come is hardly any."""
MIN_LEVEL = 30
"""Customers with a contract of one service level below which prices are compared with those of all levels."""
LEAST_MARGIN = 0.02
"""Margin over revenue below which what a customer buys cannot be told from what it brings."""


def reasons(told: pd.DataFrame, service_level: pd.Series, at_mean: pd.Series) -> pd.DataFrame:
    """Columns reason, reason_ratio and reason_money; missing where the value to come is not negative or nothing sets a customer apart.

    The reason is the one that costs most. Amounts are present values over the horizon with the chance of staying in them, for they are
    shares of what is to come: of the cost of tickets less what paid repairs bring, by tickets a machine (many_tickets); of the cost of
    tickets, by the cost of one (dear_tickets); of the margin of contracts, by their price a machine among customers of the same service
    level (low_price). Next to them stand what purchases and replacements would bring more at the mean price (low_margin) and, of
    machines without a contract, the cost of tickets that paid repairs do not bring in (no_contract). Where none of them costs anything
    and there is hardly any income, that is the reason, and the amount is the loss (no_income). Customers that have left are in no mean.

    Parameters
    ----------
    told : `Forecast.customers`. service_level : of the latest contract, by customer. at_mean : from `at_mean_price`.

    Returns
    -------
    Index as `told`. reason_ratio is the customer's own figure over the mean (of no_income: income over cost; of no_contract missing),
    reason_money positive, in minor units.
    """
    there = ~told.left.astype(bool)
    machines = told.machines.where(told.machines > 0).astype(float)
    price = told.contract_price.where(told.held & (told.contract_price > 0)).astype(float)
    served = machines.where(there)
    calls = told.tickets_a_year.where(there)
    ratios = pd.DataFrame(
        {
            "many_tickets": told.tickets_a_year / machines / _mean(calls.where(served.notna()), served),
            "dear_tickets": told.cost_of_ticket / _mean(told.cost_of_ticket * calls, calls),
            "low_price": price / machines / _usual_price(price, machines, service_level.reindex(told.index)),
            "low_margin": told.price_level.where(told.purchases + told.replacements + at_mean > 0),
            "no_contract": np.nan,
        },
        index=told.index,
    ).astype(float)
    ratios = ratios.where(ratios > 0)
    unpaid = told.ticket_cost - told.paid_repairs
    money = pd.DataFrame(
        {
            "many_tickets": unpaid * (1 - 1 / ratios.many_tickets),
            "dear_tickets": told.ticket_cost * (1 - 1 / ratios.dear_tickets),
            "low_price": (told.current + told.renewals) * (1 / ratios.low_price - 1),
            "low_margin": at_mean.where(ratios.low_margin < 1),
            "no_contract": unpaid.where(there & ~told.held.astype(bool) & machines.notna()),
        },
        index=told.index,
    ).astype(float)
    # Paid repairs may bring more than they cost, and contracts less than nothing: only the wrong side of a mean is a reason.
    money["many_tickets"] = money.many_tickets.where(ratios.many_tickets > 1)
    money["low_price"] = money.low_price.where(ratios.low_price < 1)
    loses = told.to_come < -0.5
    most = money.where(money >= 0.5).fillna(0.0).to_numpy()
    best, row = most.argmax(1), np.arange(len(money))
    found = pd.DataFrame(
        {
            "reason": money.columns.to_numpy(dtype=object)[best],
            "reason_ratio": ratios.to_numpy()[row, best],
            "reason_money": most[row, best],
        },
        index=told.index,
    ).where(pd.Series(most.max(axis=1) > 0, told.index) & loses)
    income = (told.current + told.potential).clip(lower=0) / told.cost_to_come.where(told.cost_to_come > 0)
    poor = loses & found.reason.isna() & (income < LITTLE)
    found["reason"] = found.reason.mask(poor, "no_income")
    found["reason_ratio"] = found.reason_ratio.mask(poor, income)
    found["reason_money"] = found.reason_money.mask(poor, -told.to_come).round().astype("Int64")
    return found


def at_mean_price(ahead: Prospects, told: Forecast, annual_discount: float) -> pd.Series:
    """What purchases and replacements of each customer would bring more if it paid the mean share of the list price.

    The goods are the same and so is what they cost. Where the margin of its purchases is nearly nothing, they count as they are.

    Parameters
    ----------
    ahead : what `told` was made from. annual_discount : likewise.
    """
    k, who = ahead.known, ahead.standing
    _, mean = price_levels(k.prices, who.customers)
    years = -(-ahead.months // 12)
    bought, replaced = ahead.parts["purchases"], ahead.parts["replacements"]
    usual = replacements(k, park(k, who), np.full(len(who.customers), mean), mean, replaced.after, years).part
    level = np.maximum(ahead.facts.price_level.to_numpy(float), 0.2)
    share = k.share("purchases")
    own = 1 - (1 - share) / level
    dearer = np.divide(share / level, own, out=np.ones_like(own), where=np.abs(own) > LEAST_MARGIN)
    parts = {"purchases": Part(bought.mean * dearer[:, None], *bought[1:]), "replacements": usual}
    other = replace(ahead, parts={**ahead.parts, **parts}).valued(annual_discount).customers
    names = list(parts)
    return (other[names] - told.customers[names]).sum(axis=1)


def _usual_price(price: pd.Series, machines: pd.Series, level: pd.Series) -> pd.Series:
    """The mean contract price a machine among customers of the same service level; of all levels where those are few."""
    both = price.notna() & machines.notna()
    sums = pd.DataFrame({"price": price[both], "machines": machines[both], "n": 1})
    by = sums.groupby(level[both].astype(object)).sum()
    by = by[by.n >= MIN_LEVEL]
    mean = level.astype(object).map(by.price / by.machines).astype(float)
    return mean.fillna(_mean(sums.price, sums.machines))


def _mean(total: pd.Series, of: pd.Series) -> float:
    """What comes to one; missing where it is nothing, for no ratio to it says anything."""
    whole, n = float(total.sum()), float(of.sum())
    return whole / n if whole and n > 0 else np.nan
