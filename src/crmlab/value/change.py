"""What has changed since a month ago: new and lost customers, prices, chances, purchases, replacements, costs."""

from __future__ import annotations

import pandas as pd

from crmlab.value.to_come.forecast import Forecast

STEPS = ("then", "new", "lost", "price", "chances", "purchases", "replacements", "cost", "now")
MOST_RISE = 2.0
"""A contract price more than so many times that of a month ago is another contract, no dearer one."""


def changes(then: Forecast, now: Forecast) -> pd.DataFrame:
    """The columns of `outputs.CHANGES`; the steps between add up to the difference.

    New are customers that nobody knew then; lost those that had a contract then and have none now, with all that went with it. Of all
    others: price, what contracts would be worth more at today's price of the same contracts; chances, the rest of the change of
    contracts (renewals that came or did not, chances, a month earned and another one ahead); purchases; replacements; and cost with
    the repairs that customers pay for.
    """
    both = then.customers.index.union(now.customers.index)
    a, b = (f.customers.reindex(both) for f in (then, now))
    is_new = ~both.isin(then.customers.index)
    lost = a.held.eq(True).to_numpy() & ~b.held.eq(True).to_numpy() & ~is_new
    rest = ~is_new & ~lost
    numbers = ["current", "renewals", "purchases", "replacements", "paid_repairs", "cost_to_come", "to_come"]
    a[numbers], b[numbers] = a[numbers].fillna(0.0), b[numbers].fillna(0.0)
    move = (b[numbers] - a[numbers]).mul(rest.astype(float), axis=0)
    contracts = move.current + move.renewals
    ratio = (b.contract_price / a.contract_price).where((a.contract_price > 0) & (b.contract_price > 0))
    dearer = ratio.where((ratio < MOST_RISE) & (ratio > 1 / MOST_RISE), 1.0) - 1
    price = ((a.current + a.renewals) * dearer).where(rest, 0.0)
    amounts = {
        "then": (a.to_come, a.to_come != 0),
        "new": (b.to_come.where(is_new, 0.0), is_new),
        "lost": ((b.to_come - a.to_come).where(lost, 0.0), lost),
        "price": (price, price != 0),
        "chances": (contracts - price, contracts - price != 0),
        "purchases": (move.purchases, move.purchases != 0),
        "replacements": (move.replacements, move.replacements != 0),
        "cost": (move.paid_repairs - move.cost_to_come, move.cost_to_come != 0),
        "now": (b.to_come, b.to_come != 0),
    }
    found = [
        {
            "step": step,
            "what": what,
            "customers": int(amounts[what][1].sum()),
            "amount": round(float(amounts[what][0].sum())),
        }
        for step, what in enumerate(STEPS, start=1)
    ]
    # Whole minor units: what rounding leaves over goes with the chances.
    between = sum(row["amount"] for row in found[1:-1])
    found[STEPS.index("chances")]["amount"] += found[-1]["amount"] - found[0]["amount"] - between
    return pd.DataFrame(found)
