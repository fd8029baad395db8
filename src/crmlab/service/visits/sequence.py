"""The visits of each ticket in order: which one was the first, and which had to be followed by another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.tables import VISITS


def in_order(visits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The visits made by the end of the as-of day, in the order of their tickets and numbers.

    A visit without a time stays in, for it was made; what a visit still going on will say when it ends is not known yet.

    Parameters
    ----------
    visits : the clean table.
    as_of : a day at midnight.

    Returns
    -------
    The columns of `visits`, and

    later : it is not the first visit: another goes before, or its number is above 1, though that one is not on record.
    followed : another visit of the ticket follows.
    reason_before : the reason that the visit before gave for this one; missing where none is given or none goes before.

    Examples
    --------
    >>> from crmlab.tables import conform, empty
    >>> rows = pd.DataFrame({"ticket_id": ["T2", "T1", "T1"], "visit_no": [1, 2, 1], "repeat_reason": [None, None, "skill"]})
    >>> rows = conform(rows.reindex(columns=empty(VISITS).columns), VISITS)
    >>> in_order(rows, pd.Timestamp("2026-10-31"))[["ticket_id", "later", "followed", "reason_before"]].values.tolist()
    [['T2', False, False, <NA>], ['T1', False, True, <NA>], ['T1', True, False, 'skill']]
    """
    end = as_of.normalize() + pd.Timedelta(days=1)
    made = visits[visits["ticket_id"].notna() & ~(visits["arrived_at"] >= end)]
    going_on = made["left_at"] >= end
    if going_on.any():
        later = [column.name for column in VISITS.columns if column.known_on == "left_at"]
        made = made.assign(**{name: made[name].mask(going_on) for name in later})
    ticket = pd.factorize(made["ticket_id"])[0]
    stated = made["visit_no"].astype("Float64").to_numpy(float, na_value=np.inf)
    arrived = made["arrived_at"].fillna(end).to_numpy()
    order = np.lexsort((arrived, stated, ticket))
    made, ticket = made.iloc[order].reset_index(drop=True), ticket[order]
    followed = np.zeros(len(made), bool)
    followed[:-1] = ticket[1:] == ticket[:-1]
    preceded = np.roll(followed, 1)
    return made.assign(
        later=preceded | (made["visit_no"] > 1).fillna(False).to_numpy(bool),
        followed=followed,
        reason_before=made["repeat_reason"].shift().where(preceded),
    )


def outer(visits: pd.DataFrame) -> pd.DataFrame:
    """The first and the last visit of each ticket: arrived_at, left_at, ended_at and outcome by ticket_id.

    arrived_at and left_at are those of the first visit, ended_at is when the last one was left.

    Parameters
    ----------
    visits : from `in_order`.
    """
    first = visits.drop_duplicates("ticket_id").set_index("ticket_id")
    last = visits.drop_duplicates("ticket_id", keep="last").set_index("ticket_id")
    return first[["arrived_at", "left_at"]].assign(ended_at=last["left_at"], outcome=last["outcome"])
