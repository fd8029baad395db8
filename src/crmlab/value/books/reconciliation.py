"""The books of the customers against the ledger, component by component, to the last minor unit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crmlab.tables import conform
from crmlab.value.books.books import COSTS, INCOME, Books
from crmlab.value.outputs import RECONCILIATION

_SQL = Path(__file__).parent / "reconciliation.sql"


def reconciliation(books: Books, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every component of profit up to the end of `as_of`: its lines added up as they stand, beside the sums of the customers.

    The lines are added up in a statement of their own that never groups by customer.

    Returns
    -------
    table `RECONCILIATION`, one row per component in the order of `INCOME` and `COSTS`, money in minor units; difference is 0 where the
    books are right. Only contracts have an unearned part.
    """
    held = books.to_date(as_of)
    tables = {"lines": books.lines(as_of), "costs": books.costs(as_of)}
    found = books.ask(_SQL, tables).set_index("component").reindex([*INCOME, *COSTS], fill_value=0)
    found["side"] = ["income"] * len(INCOME) + ["cost"] * len(COSTS)
    found["customers"] = [held.customers[name].sum() for name in found.index]
    found["nobody"] = [held.nobody[name] for name in found.index]
    found["unearned"] = 0
    found.loc["contracts", "unearned"] = held.customers.unearned.sum() + held.nobody.unearned
    found["difference"] = found.ledger - found.customers - found.nobody - found.unearned
    return conform(found.rename_axis("component").reset_index(), RECONCILIATION)
