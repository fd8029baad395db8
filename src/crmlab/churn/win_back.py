"""Customers lost lately that might be won back: what they were worth, and why they may have left."""

from __future__ import annotations

import pandas as pd

from crmlab import tables
from crmlab.churn.outputs import WIN_BACK
from crmlab.churn.uncontracted import holders


def win_back(
    terms: pd.DataFrame,
    as_of: pd.Timestamp,
    customers: pd.DataFrame,
    bought: pd.DataFrame,
    chances: pd.DataFrame,
    months: int = 24,
) -> pd.DataFrame:
    """Customers whose latest contract was lost within `months` of `as_of` and that hold none now.

    The latest contract is the one that ended last, of those that no other took the place of. If another of the same last day was not lost, the customer was not lost.
    Nor was one that has moved, closed or been merged since its latest contract began: there is nobody to win back.

    Parameters
    ----------
    terms : from `crmlab.churn.spells.known.known_spells` as of `as_of`; may be empty.
    as_of : a day at midnight.
    customers : the clean table, for names; may be empty.
    bought : table `customers` of stage purchases; may be empty.
    chances : contract_id, p_renew, reason, reason_value of the contracts that were lost, as far as they are known; may be empty.
    months : last days before that are too long ago.

    Returns
    -------
    `crmlab.churn.outputs.WIN_BACK`, largest yearly_amount first, then by customer_id.
    """
    if terms.empty:
        return tables.empty(WIN_BACK)
    stood = terms[terms.fate != "superseded"]
    by_end = stood.assign(kept=stood.fate != "lost").sort_values(
        ["customer_id", "end_at", "kept", "yearly_amount", "contract_id"]
    )
    found = by_end.drop_duplicates("customer_id", keep="last")
    found = found[(found.fate == "lost") & (found.end_at > as_of - pd.DateOffset(months=months))]
    found = found[~found.customer_id.isin(holders(terms, as_of))]
    gone = terms[terms.fate == "competing"].groupby("customer_id").end_at.max()
    found = found[~(found.customer_id.map(gone) >= found.start_at)].reset_index(drop=True)

    income = terms.groupby("customer_id").amount.sum(min_count=1)
    found["contract_income"] = found.customer_id.map(income)
    found["yearly_amount"] = found.yearly_amount.round()
    names = customers.drop_duplicates("customer_id").set_index("customer_id").customer_name
    found["customer_name"] = found.customer_id.map(names)
    purchases = bought.set_index("customer_id")
    for name, source in {
        "purchases_amount": "amount",
        "last_bought_at": "last_at",
        "p_alive": "p_alive",
    }.items():
        found[name] = found.customer_id.map(purchases[source])
    by_contract = chances.set_index("contract_id")
    for name in ("p_renew", "reason", "reason_value"):
        found[name] = found.contract_id.map(by_contract[name])
    found = found.sort_values(["yearly_amount", "customer_id"], ascending=[False, True], ignore_index=True)
    return tables.conform(found, WIN_BACK)
