"""The closed tickets that the figures of visits rest on, with the groups they are told by, and shares of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.promises.period import twelve_months

MOMENTS = ("reported_at", "dispatched_at", "appointed_at", "closed_at")


def closed_tickets(
    tickets: pd.DataFrame, judged: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """The tickets closed by the end of the as-of day.

    Parameters
    ----------
    tickets, customers : the clean tables.
    judged : table `tickets` of promises; its level is the ticket's.
    as_of : a day at midnight.

    Returns
    -------
    ticket_id, customer_id, reported_at, dispatched_at, appointed_at, closed_at, level, branch, family, tier, and month: of the
    close, such as 2026-10. A moment after the as-of day is missing, for it has not come.
    """
    end = as_of.normalize() + pd.Timedelta(days=1)
    closed = tickets[(tickets["closed_at"] < end) & ~(tickets["reported_at"] >= end)]
    moments = {name: closed[name].where(closed[name] < end) for name in MOMENTS}
    level = judged.drop_duplicates("ticket_id").set_index("ticket_id")["level"]
    tier = customers.drop_duplicates("customer_id").set_index("customer_id")["tier"]
    return pd.DataFrame(
        {
            "ticket_id": closed["ticket_id"],
            "customer_id": closed["customer_id"],
            **moments,
            "level": closed["ticket_id"].map(level).astype("string"),
            "branch": closed["branch"],
            "family": closed["machine_family"],
            "tier": closed["customer_id"].map(tier).astype("string"),
            "month": month_of(closed["closed_at"]),
        }
    ).reset_index(drop=True)


def month_of(at: pd.Series) -> pd.Series:
    """The month of each moment as text, such as 2026-10; missing where the moment is.

    >>> month_of(pd.Series(pd.to_datetime(["2028-02-29 23:59:59", "2028-03-01 00:00:00", None]))).tolist()
    ['2028-02', '2028-03', <NA>]
    """
    # strftime takes ten times as long: there are few months and many moments
    codes, months = pd.factorize(at.to_numpy("datetime64[M]").astype("int64"))
    names = np.datetime_as_string(months.astype("datetime64[M]")).astype(object)
    names[names == "NaT"] = pd.NA
    return pd.Series(pd.array(names[codes], dtype="string"), index=at.index)


def shares_by(
    told: pd.DataFrame, kinds: Iterable[str], hit: str, until: str, last_month: str, min_group: int
) -> pd.DataFrame:
    """The share of tickets that are a hit, of all and by group, over the last twelve months; by month over all months.

    Parameters
    ----------
    told : closed_at, month, the boolean column `hit`, and one column per kind of group.
    kinds : names of such columns; of month and all there is always one.
    until : the reporting month.
    last_month : the last month that gets a row of its own; not after `until`.
    min_group : tickets below which a group has no row, `all` excepted.

    Returns
    -------
    of, group (empty for all), n, `hit` (how many), share, low, high; sorted by of and group.
    """
    recent = told[twelve_months(told["closed_at"], until)]
    parts = [_counts("all", pd.Series("", index=recent.index), recent[hit])]
    for kind in kinds:
        counts = _counts(kind, recent[kind], recent[hit])
        parts.append(counts[counts["n"] >= min_group])
    past = told[(told["month"] <= last_month).fillna(False).to_numpy(bool)]
    counts = _counts("month", past["month"], past[hit])
    parts.append(counts[counts["n"] >= min_group])
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    low, high = wilson(table[hit], table["n"])
    table = table.assign(share=table[hit] / table["n"], low=low, high=high)
    return table.sort_values(["of", "group"], ignore_index=True)


def _counts(kind: str, group: pd.Series, hit: pd.Series) -> pd.DataFrame:
    codes, names = pd.factorize(group)  # a missing group is −1
    there = codes >= 0
    n = np.bincount(codes[there], minlength=len(names))
    hits = np.bincount(codes[there & hit.to_numpy(bool)], minlength=len(names))
    counts = pd.DataFrame({"group": np.asarray(names, dtype=object), "n": n, hit.name: hits, "of": kind})
    return counts[counts["n"] > 0]
