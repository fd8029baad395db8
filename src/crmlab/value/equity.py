"""Customer equity: the value to come of all customers together, by part, and what it would be if one thing were different."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.purchases.models.predictive import Interval
from crmlab.value.outputs import PARTS
from crmlab.value.to_come.forecast import COSTS, Forecast, Prospects, Z

POINT = 0.01


def total(told: Forecast, shock: float) -> Interval:
    """The value to come of all customers with 90 % limits: chance, what all share, and the misses of earlier days.

    Parameters
    ----------
    shock : standard deviation of a sum over gross flows, from `judged.backtest.shock`.
    """
    said = told.total()
    gross = float(told.customers[["current", "potential", "cost_to_come"]].abs().to_numpy().sum())
    half = float(np.hypot(said.high - said.expected, Z * shock * gross))
    return Interval(said.expected, said.expected - half, said.expected + half)


def equity(told: Forecast, shock: float) -> pd.DataFrame:
    """The columns of `outputs.EQUITY`: parts in the order of `outputs.PARTS`, then to_come."""
    rows = []
    for part in (*PARTS, "to_come"):
        said = total(told, shock) if part == "to_come" else told.total(part)
        sign = -1 if part in COSTS else 1
        low, high = sorted((sign * said.low, sign * said.high))
        rows.append(
            {
                "part": part,
                "customers": int((told.customers[part].abs() >= 1).sum()),
                "expected": round(sign * said.expected),
                "low": round(low),
                "high": round(high),
                "common": told.common.get(part),
            }
        )
    return pd.DataFrame(rows)


def sensitivities(ahead: Prospects, annual_discount: float) -> pd.DataFrame:
    """The columns of `outputs.SENSITIVITIES`."""
    stated = ahead.valued(annual_discount).customers
    base = float(stated.to_come.sum())
    more = ahead.with_more_renewals(POINT)
    values = {
        "renewal_plus_1": float(more.valued(annual_discount).customers.to_come.sum()),
        "cost_minus_10": base + 0.1 * float(stated.cost_to_come.sum()),
        "discount_minus_1": float(ahead.valued(max(annual_discount - POINT, 0.0)).customers.to_come.sum()),
        "discount_plus_1": float(ahead.valued(annual_discount + POINT).customers.to_come.sum()),
    }
    return pd.DataFrame(
        [{"what": what, "to_come": round(v), "change": round(v - base)} for what, v in values.items()]
    )


class Worth(NamedTuple):
    """What one renewal is worth: the mean over customers whose contract ends within a year, and its standard error."""

    money: float
    error: float
    n: int


class Renewals(NamedTuple):
    """What hangs on the next renewal of each customer with a contract, minor units; missing for all others.

    at_stake : what its value would be more if the renewal were sure than it is. worth : of one renewal; None without contracts.
    """

    at_stake: pd.Series
    worth: Worth | None


def renewals(ahead: Prospects, annual_discount: float) -> Renewals:
    """What the next renewals bring, with everything that ends with a contract: later terms, purchases, replacements, tickets."""
    surely, never, stated = (
        each.valued(annual_discount).customers.to_come
        for each in (ahead.with_next_renewal(1.0), ahead.with_next_renewal(0.0), ahead)
    )
    at_risk = ahead.known.terms[ahead.known.terms.contract_id.isin(ahead.chances.contract_id)]
    at_stake = (surely - stated).where(stated.index.isin(at_risk.customer_id))
    due = at_risk[at_risk.end_at < ahead.known.day + pd.Timedelta(days=365)].customer_id.unique()
    if not len(due):
        return Renewals(at_stake, None)
    gain = (surely - never).reindex(due)
    error = float(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else 0.0
    return Renewals(at_stake, Worth(float(gain.mean()), error, len(gain)))


def pareto(historical: pd.Series, points: int = 100) -> pd.DataFrame:
    """Share of all profit that the most profitable share of customers brought; empty without a profit."""
    if historical.sum() <= 0:
        return pd.DataFrame({"share_customers": [], "share_profit": []})
    ranked = np.concatenate([[0], np.cumsum(np.sort(historical.astype(float))[::-1])])
    share = np.unique(np.linspace(0, 1, points + 1))
    brought = np.interp(share * len(historical), np.arange(len(ranked)), ranked) / historical.sum()
    return pd.DataFrame({"share_customers": share, "share_profit": brought})


def concentration(historical: pd.Series) -> Mapping[str, float | None]:
    """top_fifth_profit: share of the profit of the most profitable fifth; share_for_80: the share of customers that brought 80 %."""
    best = historical.astype(float).sort_values(ascending=False)
    whole = float(best.sum())
    if whole <= 0:
        return {"top_fifth_profit": None, "share_for_80": None}
    enough = int(np.argmax(best.cumsum().to_numpy() >= 0.8 * whole)) + 1
    return {
        "top_fifth_profit": float(best.head(-(-len(best) // 5)).sum() / whole),
        "share_for_80": enough / len(best),
    }
