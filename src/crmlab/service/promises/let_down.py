"""Who was let down lately: customers whose promises were broken in the last days, for somebody to call."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.promises.outputs import LET_DOWN
from crmlab.tables import conform

DAYS = 30
"""Days up to the last known one in which a broken promise is worth a call."""
HOUR = 3600


def let_down(
    judged: pd.DataFrame, tickets: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Customers with a promise broken within `DAYS` days, the most tickets first: table `let_down`.

    Parameters
    ----------
    judged : table `tickets` of this room: customer_id, response, fix, what was promised and what it took (seconds), broken_at.
    tickets : the clean table: ticket_id, is_open, closed_at.
    customers : customer_id, customer_name.
    as_of : the last day of which anything is known.

    Returns
    -------
    One row per customer; a ticket of no customer is in none, nor one that only the desk calls broken and nobody closed: of that no
    day is known.

    Examples
    --------
    >>> at = pd.Timestamp("2026-10-20 09:00")
    >>> ticket = {"ticket_id": "t", "customer_id": "c", "reported_at": at, "broken_at": at, "closed_at": pd.NaT, "response": "broken",
    ...           "response_promised": 7200, "response_took": 10800, "fix": "running", "fix_promised": None, "fix_took": None}
    >>> names = pd.DataFrame({"customer_id": ["c"], "customer_name": ["Bank"]})
    >>> tickets = pd.DataFrame({"ticket_id": ["t"], "is_open": [True], "closed_at": [pd.NaT]})
    >>> found = let_down(pd.DataFrame([ticket]), tickets, names, pd.Timestamp("2026-10-31"))
    >>> found[["customer_name", "tickets", "late_h", "still_open"]].values.tolist()
    [['Bank', 1, 1.0, 1]]
    """
    first = as_of.normalize() - pd.Timedelta(days=DAYS - 1)
    known, end = tickets.set_index("ticket_id"), as_of.normalize() + pd.Timedelta(days=1)
    unfinished = known["is_open"].fillna(True) | (known["closed_at"] >= end).fillna(False)
    unclosed = judged["closed_at"].isna()
    dated = judged[["response", "fix"]].eq("broken").any(axis=1) | ~unclosed
    is_open = unclosed & judged["ticket_id"].map(unfinished)
    lately = judged["customer_id"].notna() & (judged["broken_at"] >= first) & dated
    broken = judged[lately.fillna(False)]
    late = pd.concat([_late(broken, promise) for promise in ("response", "fix")], axis=1).max(axis=1)
    rows = broken.assign(late_h=late, still_open=is_open[broken.index].astype(bool))
    found = rows.groupby("customer_id", as_index=False).agg(
        tickets=("ticket_id", "nunique"),
        still_open=("still_open", "sum"),
        late_h=("late_h", "max"),
        last_broken_at=("broken_at", "max"),
    )
    names = customers.drop_duplicates("customer_id").set_index("customer_id")["customer_name"]
    found["customer_name"] = found["customer_id"].map(names)
    order = ["tickets", "late_h", "customer_id"]
    return conform(found.sort_values(order, ascending=[False, False, True], ignore_index=True), LET_DOWN)


def _late(broken: pd.DataFrame, promise: str) -> pd.Series:
    """Hours beyond the promise, where it was broken and is known how long it took."""
    beyond = (broken[f"{promise}_took"] - broken[f"{promise}_promised"]).astype(float) / HOUR
    return beyond.where(broken[promise].eq("broken").fillna(False), np.nan)
