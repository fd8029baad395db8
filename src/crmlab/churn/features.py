"""What was known about a contract on a landmark: history, tickets, second visits, broken promises.

Nothing dated after the landmark is read. Three columns carry no date, so that today's value stands at every landmark:
the customer's tier and industry, and the contract's auto_renew; a change of one because the customer was about to
leave would flatter the model. `contracts.offered_amount` is left out: the export does not say when the
offer was made, and for lost contracts it was filled in afterwards.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

NUMERIC = (
    "tenure_years",
    "previous_terms",
    "tickets_90",
    "tickets_365",
    "second_visits_365",
    "broken_promises_365",
    "amount",
    "price_change",
    "auto_renew",
    "unsigned_late",
)
LABELS = ("service_level", "tier", "industry")
LATE_DAYS = 60
"""Before the end of a term, in which most renewals are signed: one that is not, is late."""


def as_of_features(
    rows: pd.DataFrame,
    terms: pd.DataFrame,
    tickets: pd.DataFrame,
    visits: pd.DataFrame,
    customers: pd.DataFrame,
    machines: pd.DataFrame,
    promises: pd.DataFrame,
) -> pd.DataFrame:
    """One row of features per row of `rows` (contract_id, customer_id, landmark and the columns of a term).

    `promises` is table `tickets` of stage service: a promise counts from the moment at which it was broken.

    Tickets, second visits and broken promises are per machine in service: one is nothing to a bank with a hundred
    machines, and all to a shop with one. They, and amounts and ages, enter as log2(1 + x), so that one unit is a doubling.
    unsigned_late counts months (of 30 days) into the last `LATE_DAYS` of a term that nobody has renewed yet.
    Columns: `NUMERIC` and `LABELS`.
    """
    calls = tickets[["ticket_id", "customer_id", "reported_at"]].rename(columns={"reported_at": "at"})
    second = visits.loc[visits.visit_no > 1, ["ticket_id", "arrived_at"]].rename(columns={"arrived_at": "at"})
    second = second.merge(tickets[["ticket_id", "customer_id"]], on="ticket_id")
    broken = promises[["customer_id", "broken_at"]].rename(columns={"broken_at": "at"})
    park = _in_service(machines, rows)
    first = terms.groupby("customer_id").start_at.min()
    to_end = (rows.end_at - rows.landmark).dt.days.clip(0, LATE_DAYS)
    features = pd.DataFrame(
        {
            "tenure_years": np.log2(1 + (rows.landmark - rows.customer_id.map(first)).dt.days / 365.25),
            "previous_terms": np.log2(1 + rows.previous_terms),
            "tickets_90": np.log2(1 + _count(calls, rows, 90) / park),
            "tickets_365": np.log2(1 + _count(calls, rows, 365) / park),
            "second_visits_365": np.log2(1 + _count(second, rows, 365) / park),
            "broken_promises_365": np.log2(1 + _count(broken, rows, 365) / park),
            "amount": np.log2(1 + rows.yearly_amount.clip(lower=0) / 100),
            "price_change": rows.price_change,
            "auto_renew": rows.auto_renew.astype("Float64").astype(float),
            "unsigned_late": (LATE_DAYS - to_end) / 30,
        },
        index=rows.index,
    )
    by_customer = customers.set_index("customer_id")
    features["service_level"] = rows.service_level
    for label in ("tier", "industry"):
        features[label] = rows.customer_id.map(by_customer[label])
    return features


def _in_service(machines: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Machines of each row's customer on the landmark, at least one."""
    ever = 36_500
    installed = machines[["customer_id"]].assign(at=machines.installed_at.fillna(pd.Timestamp("1980-01-01")))
    retired = machines[["customer_id"]].assign(at=machines.retired_at)
    return (_count(installed, rows, ever) - _count(retired, rows, ever)).clip(lower=1)


def _count(events: pd.DataFrame, rows: pd.DataFrame, days: int) -> pd.Series:
    """Events (customer_id, at) of each row's customer in the `days` up to and with the landmark."""
    codes = pd.Index(rows.customer_id.unique())
    seen = events[events.customer_id.isin(codes) & events["at"].notna()]
    far = 1_000_000  # days: keeps the customers apart on one sorted line
    line = np.sort(codes.get_indexer(seen.customer_id) * far + _day(seen["at"]))
    until = codes.get_indexer(rows.customer_id) * far + _day(rows.landmark)
    n = np.searchsorted(line, until, side="right") - np.searchsorted(line, until - days, side="right")
    return pd.Series(n, index=rows.index)


def _day(when: pd.Series) -> np.ndarray:
    """Days since 1970 as integers."""
    return when.to_numpy().astype("datetime64[D]").astype("int64")
