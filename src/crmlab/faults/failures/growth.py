"""Which causes grew: their share of the newest months beside that of the same months a year before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.failures.outputs import GROWTH
from crmlab.tables import conform

MONTHS = 3
"""Complete months that are compared; one alone holds too few tickets of a rare cause."""
BEYOND_CHANCE = 3.0
"""Standard errors by which the share of one of some sixteen causes must have moved before it is put into words."""


def growth(tickets: pd.DataFrame, ticket_causes: pd.DataFrame, until: str) -> pd.DataFrame:
    """The share of each cause in the `MONTHS` up to `until`, and a year before: table `growth`.

    Compared with the same season, for heat breaks power supplies every summer. A ticket with two causes counts for both.

    Parameters
    ----------
    tickets : ticket_id, reported_at.
    ticket_causes : ticket_id, cause.
    until : the last month, "2026-10".

    Returns
    -------
    One row per cause seen in either period; no rows where one of the periods has no ticket with a cause.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-09-03"] * 4 + ["2026-09-03"] * 4)
    >>> tickets = pd.DataFrame({"ticket_id": list("abcdefgh"), "reported_at": days})
    >>> causes = pd.DataFrame({"ticket_id": list("abcdefgh"), "cause": ["fan", *["disk"] * 3, *["fan"] * 3, "disk"]})
    >>> growth(tickets, causes, "2026-10")[["cause", "share_before", "share_now"]].to_dict("list")
    {'cause': ['disk', 'fan'], 'share_before': [0.75, 0.25], 'share_now': [0.25, 0.75]}
    """
    seen = ticket_causes.dropna(subset="cause").merge(tickets[["ticket_id", "reported_at"]], on="ticket_id")
    year, month = map(int, until.split("-"))
    age = 12 * (year - seen["reported_at"].dt.year) + month - seen["reported_at"].dt.month
    now, before = (age >= 0) & (age < MONTHS), (age >= 12) & (age < 12 + MONTHS)
    totals = [seen.loc[part, "ticket_id"].nunique() for part in (now, before)]
    if not all(totals):
        return conform(pd.DataFrame({c.name: [] for c in GROWTH.columns}), GROWTH)
    counts = pd.DataFrame(
        {
            name: seen.loc[part, "cause"].value_counts()
            for name, part in (("n_now", now), ("n_before", before))
        }
    ).fillna(0)
    shares = counts["n_now"] / totals[0], counts["n_before"] / totals[1]
    pooled = counts.sum(axis=1) / sum(totals)
    error = np.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
    moved = (shares[0] - shares[1]) / error.where(error > 0)
    frame = counts.assign(share_now=shares[0], share_before=shares[1], z=moved.fillna(0.0))
    return conform(frame.rename_axis("cause").reset_index().sort_values("cause"), GROWTH)


def grown(frame: pd.DataFrame) -> pd.Series | None:
    """The cause whose share grew most, beyond chance; None where none did."""
    most = frame[frame["z"] > BEYOND_CHANCE].sort_values(["z", "cause"], ascending=[False, True]).head(1)
    return None if most.empty else most.iloc[0]
