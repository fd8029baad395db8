"""What the service record of each customer came to know in each month, for other stages to look back on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from crmlab.tables import Column, Table, conform, empty

MONTHS = Table(
    "months",
    "客户月度服务记录",
    "One row per customer and month in which something happened: what other stages may know of it at any later month.",
    ("customer_id", "month"),
    (
        Column("customer_id", "id", "customer"),
        Column("month", "label", "month in which it became known, such as 2026-10"),
        Column("tickets", "count", "tickets reported"),
        Column("broken_promises", "count", "tickets of which a promise was broken (by broken_at)"),
        Column("second_visits", "count", "visits after the first (by arrival)"),
        Column(
            "repeats",
            "count",
            "tickets of a machine closed not longer than service.repeat_days before (by report)",
        ),
        Column("complaints", "count", "complaints received"),
        Column("solved", "count", "complaints solved (by the day they were)"),
        Column("solved_promptly", "count", "of them within service.prompt_days working days"),
        Column("ignored", "count", "complaints that passed service.ignored_days unsolved (by that day)"),
    ),
)

OUTPUTS = {MONTHS.name: MONTHS}
EVENTS = tuple(column.name for column in MONTHS.columns[2:])


def months(
    judged: pd.DataFrame,
    visits: pd.DataFrame,
    again: pd.DataFrame,
    complaints: pd.DataFrame,
    ignored_days: int,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Counts of what happened to each customer in each month: table `months`, sorted by its key.

    Every event counts in the month in which it became known, so that the rows up to a month are the same whatever happens
    after it. The month of the as-of day is there as far as it has come. A complaint that is solved after `ignored_days` counts
    twice: as ignored when they had passed, and as solved when it was.

    Parameters
    ----------
    judged : table `tickets` of promises: ticket_id, customer_id, reported_at, broken_at.
    visits : from `crmlab.service.visits.sequence.in_order`: ticket_id, arrived_at, later.
    again : from `crmlab.service.visits.repeats.reported_again`: customer_id, reported_at, is_repeat.
    complaints : table `complaints` of complaints: customer_id, received_at, end, ended_at.
    ignored_days : days after which a complaint not solved is ignored.
    as_of : a day at midnight; what happened after it does not count.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> judged = pd.DataFrame({"ticket_id": ["T1"], "customer_id": ["C"], "reported_at": [day("2026-08-31")],
    ...     "broken_at": [day("2026-09-01")]})
    >>> visits = pd.DataFrame({"ticket_id": ["T1"], "arrived_at": [day("2026-09-02")], "later": [True]})
    >>> again = pd.DataFrame({"customer_id": ["C"], "reported_at": [day("2026-08-31")], "is_repeat": [False]})
    >>> none = pd.DataFrame({"customer_id": [], "received_at": [], "end": [], "ended_at": []})
    >>> table = months(judged, visits, again, none, 30, day("2026-10-31"))
    >>> table[["month", "tickets", "broken_promises", "second_visits"]].values.tolist()
    [['2026-08', 1, 0, 0], ['2026-09', 0, 1, 1]]
    """
    end = as_of.normalize() + pd.Timedelta(days=1)
    customers, months, events = [], [], []
    for event, customer, when in _events(judged, visits, again, complaints, ignored_days):
        when = pd.to_datetime(when)
        there = (customer.notna() & (when < end)).to_numpy(bool)
        customers.append(customer[there].to_numpy(object))
        months.append(when[there].to_numpy("datetime64[M]"))
        events.append(np.full(there.sum(), EVENTS.index(event)))
    who, names = pd.factorize(np.concatenate(customers))
    if not len(who):
        return empty(MONTHS)
    happened = pd.DataFrame({"who": who, "month": np.concatenate(months).astype("int64")})
    row, which = happened.groupby(["who", "month"], sort=False).ngroup().to_numpy(), np.concatenate(events)
    keys = happened.drop_duplicates()
    width = len(EVENTS)
    counts = np.bincount(row * width + which, minlength=len(keys) * width).reshape(-1, width)
    table = pd.DataFrame(counts, columns=list(EVENTS)).assign(
        customer_id=names[keys["who"]],
        month=np.datetime_as_string(keys["month"].to_numpy().astype("datetime64[M]")),
    )
    return conform(table.sort_values(list(MONTHS.key), ignore_index=True), MONTHS)


def _events(
    judged: pd.DataFrame,
    visits: pd.DataFrame,
    again: pd.DataFrame,
    complaints: pd.DataFrame,
    ignored_days: int,
) -> Iterator[tuple[str, pd.Series, pd.Series]]:
    """Each event with whom it happened to and when it became known."""
    yield "tickets", judged["customer_id"], judged["reported_at"]
    yield "broken_promises", judged["customer_id"], judged["broken_at"]
    later = visits[visits["later"]]
    customer = judged.drop_duplicates("ticket_id").set_index("ticket_id")["customer_id"]
    yield "second_visits", later["ticket_id"].map(customer), later["arrived_at"]
    back = again[again["is_repeat"]]
    yield "repeats", back["customer_id"], back["reported_at"]

    yield "complaints", complaints["customer_id"], complaints["received_at"]
    ended = pd.to_datetime(complaints["ended_at"])
    solved = complaints["end"].isin(["solved", "solved promptly"]).astype(bool)
    promptly = complaints["end"].eq("solved promptly").fillna(False).astype(bool)
    yield "solved", complaints["customer_id"], ended.where(solved)
    yield "solved_promptly", complaints["customer_id"], ended.where(promptly)
    patience = pd.to_datetime(complaints["received_at"]) + pd.Timedelta(days=ignored_days)
    ignored = complaints["end"].eq("ignored").fillna(False).astype(bool)
    late = solved & (ended > patience)
    yield "ignored", complaints["customer_id"], ended.where(ignored, patience.where(late))
