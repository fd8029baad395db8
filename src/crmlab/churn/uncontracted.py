"""Customers that buy without a contract in force: whether they still do, as stage `purchases` has it."""

from __future__ import annotations

import pandas as pd

from crmlab import tables
from crmlab.churn.outputs import UNCONTRACTED


def uncontracted(bought: pd.DataFrame, terms: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Customers with a purchase and without a contract in force or signed on `as_of`.

    Their P(alive) is of buying, and no chance of a renewal: nobody without a contract has one.

    Parameters
    ----------
    bought : table `customers` of stage purchases; may be empty.
    terms : from `crmlab.churn.spells.known.known_spells` as of `as_of`; may be empty.
    as_of : a day at midnight.

    Returns
    -------
    `crmlab.churn.outputs.UNCONTRACTED`, sorted by customer_id.
    """
    if bought.empty:
        return tables.empty(UNCONTRACTED)
    found = bought[~bought.customer_id.isin(holders(terms, as_of))].copy()
    found["former"] = found.customer_id.isin(terms.customer_id)
    return tables.conform(found.sort_values("customer_id", ignore_index=True), UNCONTRACTED)


def holders(terms: pd.DataFrame, as_of: pd.Timestamp) -> set[str]:
    """Customers that hold a contract on `as_of`, or have signed one.

    A contract within its grace days is held: nobody knows yet that it is not renewed. So is one that another took the place
    of, up to its last day; and where a renewal is on record without its term, one more term as long as the renewed one.

    Parameters
    ----------
    terms : from `crmlab.churn.spells.known.known_spells` as of `as_of`.
    """
    unseen = (terms.fate == "renewed") & terms.next_id.isna()
    length = terms.end_at - terms.start_at + pd.Timedelta(days=1)
    held = (
        terms.fate.isin(["open", "signed"])
        | ((terms.fate == "superseded") & (terms.end_at >= as_of))
        | (unseen & (terms.end_at + length >= as_of))
    )
    return set(terms.customer_id[held])
