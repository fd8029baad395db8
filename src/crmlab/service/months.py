"""What the service record of each customer came to know in each month, for other stages to look back on."""

from __future__ import annotations

from collections.abc import Mapping

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


def happened(
    judged: pd.DataFrame,
    visits: pd.DataFrame,
    again: pd.DataFrame,
    complaints: pd.DataFrame,
    ignored_days: int,
) -> dict[str, pd.DataFrame]:
    """Every event of a customer with the moment at which it became known: the rules of the table `months`, in one place.

    A complaint that is solved after `ignored_days` is there twice: as ignored when they had passed, and as solved when it was.

    Parameters
    ----------
    judged : table `tickets` of promises: ticket_id, customer_id, reported_at, broken_at.
    visits : from `crmlab.service.visits.sequence.in_order`: ticket_id, arrived_at, later.
    again : from `crmlab.service.visits.repeats.reported_again`: customer_id, reported_at, is_repeat.
    complaints : table `complaints` of complaints: customer_id, received_at, end, ended_at.
    ignored_days : days after which a complaint not solved is ignored.

    Returns
    -------
    customer_id and at of each event, under the name of its column in the table `months`.
    """
    customer = judged.drop_duplicates("ticket_id").set_index("ticket_id")["customer_id"]
    later, back = visits[visits["later"]], again[again["is_repeat"]]
    received, ended = (pd.to_datetime(complaints[at]) for at in ("received_at", "ended_at"))
    solved, promptly, ignored = (
        complaints["end"].isin(ends).astype(bool)
        for ends in (("solved", "solved promptly"), ("solved promptly",), ("ignored",))
    )
    patience = received + pd.Timedelta(days=ignored_days)
    given_up = ended.where(ignored, patience.where(solved & (ended > patience)))
    found = {
        "tickets": (judged["customer_id"], judged["reported_at"]),
        "broken_promises": (judged["customer_id"], judged["broken_at"]),
        "second_visits": (later["ticket_id"].map(customer), later["arrived_at"]),
        "repeats": (back["customer_id"], back["reported_at"]),
        "complaints": (complaints["customer_id"], received),
        "solved": (complaints["customer_id"], ended.where(solved)),
        "solved_promptly": (complaints["customer_id"], ended.where(promptly)),
        "ignored": (complaints["customer_id"], given_up),
    }
    return {
        event: pd.DataFrame({"customer_id": who.astype(object), "at": pd.to_datetime(at)}).dropna()
        for event, (who, at) in found.items()
    }


def months(events: Mapping[str, pd.DataFrame], as_of: pd.Timestamp) -> pd.DataFrame:
    """Counts of what happened to each customer in each month: table `months`, sorted by its key.

    Every event counts in the month in which it became known, so that the rows up to a month are the same whatever happens
    after it. The month of the as-of day is there as far as it has come.

    Parameters
    ----------
    events : from `happened`.
    as_of : a day at midnight; what happened after it does not count.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> judged = pd.DataFrame({"ticket_id": ["T1"], "customer_id": ["C"], "reported_at": [day("2026-08-31")],
    ...     "broken_at": [day("2026-09-01")]})
    >>> visits = pd.DataFrame({"ticket_id": ["T1"], "arrived_at": [day("2026-09-02")], "later": [True]})
    >>> again = pd.DataFrame({"customer_id": ["C"], "reported_at": [day("2026-08-31")], "is_repeat": [False]})
    >>> none = pd.DataFrame({"customer_id": [], "received_at": [], "end": [], "ended_at": []})
    >>> table = months(happened(judged, visits, again, none, 30), day("2026-10-31"))
    >>> table[["month", "tickets", "broken_promises", "second_visits"]].values.tolist()
    [['2026-08', 1, 0, 0], ['2026-09', 0, 1, 1]]
    """
    end = as_of.normalize() + pd.Timedelta(days=1)
    known = [events[name].loc[events[name]["at"] < end] for name in EVENTS]
    which = np.repeat(np.arange(len(EVENTS)), [len(rows) for rows in known])
    rows = pd.concat(known)
    if rows.empty:
        return empty(MONTHS)
    who, names = pd.factorize(rows["customer_id"])
    dated = pd.DataFrame({"who": who, "month": rows["at"].to_numpy("datetime64[M]").astype("int64")})
    row = dated.groupby(["who", "month"], sort=False).ngroup().to_numpy()
    keys = dated.drop_duplicates()
    width = len(EVENTS)
    counts = np.bincount(row * width + which, minlength=len(keys) * width).reshape(-1, width)
    table = pd.DataFrame(counts, columns=list(EVENTS)).assign(
        customer_id=names[keys["who"]],
        month=np.datetime_as_string(keys["month"].to_numpy().astype("datetime64[M]")),
    )
    return conform(table.sort_values(list(MONTHS.key), ignore_index=True), MONTHS)
