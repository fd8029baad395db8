"""Symptom → cause: of the calls with this symptom, how many had which cause (the seed's figures 4-4 and 4-5)."""

from __future__ import annotations

import pandas as pd

from crmlab.faults.causes.outputs import PAIRS
from crmlab.intervals import wilson
from crmlab.tables import conform


def cause_shares(tags: pd.Series, ticket_ids: pd.Series, ticket_causes: pd.DataFrame) -> pd.DataFrame:
    """Shares of the recorded causes per symptom, with Wilson intervals.

    A share is the part of the tickets with this symptom on which the cause was recorded. A ticket with two causes
    counts for both, so the shares of a symptom may add up to more than 1; tickets without a cause count nowhere.

    Parameters
    ----------
    tags, ticket_ids : one symptom tag and one id per ticket, in the same order.
    ticket_causes : `ticket_id`, `cause`; one row per recorded cause.

    Returns
    -------
    One row per symptom and cause seen together: `symptom, cause, hits, n, share, low, high`, largest share first
    within a symptom; n = tickets with this symptom and any recorded cause.
    """
    tagged = pd.DataFrame({"ticket_id": ticket_ids.to_numpy(), "symptom": tags.to_numpy()}).astype(object)
    recorded = ticket_causes[["ticket_id", "cause"]].dropna().drop_duplicates().astype(object)
    pairs = tagged.merge(recorded, on="ticket_id")
    n = pairs.groupby("symptom")["ticket_id"].nunique()
    shares = pairs.groupby(["symptom", "cause"]).size().rename("hits").reset_index()
    shares["n"] = shares["symptom"].map(n).astype("int64")
    shares["share"] = shares["hits"] / shares["n"]
    shares["low"], shares["high"] = wilson(shares["hits"], shares["n"])
    return shares.sort_values(["symptom", "hits", "cause"], ascending=[True, False, True], ignore_index=True)


def pairs(ticket_causes: pd.DataFrame) -> pd.DataFrame:
    """Causes recorded on one ticket: how often `with_cause` came with `cause`, as table `pairs`.

    Examples
    --------
    >>> rows = [("a", "memory"), ("a", "board"), ("b", "memory")]
    >>> pairs(pd.DataFrame(rows, columns=["ticket_id", "cause"]))[["cause", "with_cause", "together", "n"]].values.tolist()
    [['board', 'memory', 1, 1], ['memory', 'board', 1, 2]]
    """
    recorded = ticket_causes[["ticket_id", "cause"]].dropna().drop_duplicates().astype(object)
    both = recorded.merge(recorded.rename(columns={"cause": "with_cause"}), on="ticket_id")
    both = both[both["cause"] != both["with_cause"]]
    table = both.groupby(["cause", "with_cause"]).size().rename("together").reset_index()
    table["n"] = table["cause"].map(recorded["cause"].value_counts())
    table["share"] = table["together"] / table["n"]
    table["low"], table["high"] = wilson(table["together"], table["n"])
    return conform(table, PAIRS)
