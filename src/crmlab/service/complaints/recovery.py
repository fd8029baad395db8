"""How many customers stayed after a complaint, by how it ended, beside those who did not complain. Associations, no causes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.intervals import Z95, clustered_mean, wilson
from crmlab.service.complaints.outputs import RECOVERY
from crmlab.service.complaints.record import DAY
from crmlab.tables import conform, empty

OVER = ("ignored", "solved", "solved promptly")
NONE = "none"
YEAR = 365 * DAY


def clustered_share(hits: np.ndarray, clusters: np.ndarray) -> tuple[float, float, float]:
    """A share and its 95 % limits, where answers of one cluster are no independent witnesses; NaN without any.

    Wilson's interval at the number of independent answers that would have the variance of `clustered_mean` (Korn and Graubard
    1998, Survey Methodology 24:193), at most all of them, and one per cluster where all answers are equal: the limits stay
    within 0 to 1, and a share of 1 is not certain.

    Examples
    --------
    >>> [round(x, 2) for x in clustered_share(np.array([1, 1, 1, 0]), np.array(["a", "b", "c", "d"]))]
    [0.75, 0.26, 0.96]
    >>> [round(x, 2) for x in clustered_share(np.array([1, 1, 1, 1]), np.array(["a", "a", "b", "b"]))]
    [1.0, 0.34, 1.0]
    """
    hits = np.asarray(hits, float)
    share, low, high = clustered_mean(hits, clusters)
    if not len(hits):
        return np.nan, np.nan, np.nan
    error = (high - low) / 2 / Z95
    answers = float(len(np.unique(clusters)))
    if error > 0:
        answers = min(share * (1 - share) / error**2, len(hits))
    low, high = wilson(share * answers, answers)
    return share, float(low), float(high)


def recovery(complaints: pd.DataFrame, ended_terms: pd.DataFrame, min_group: int) -> pd.DataFrame:
    """Table `recovery`, over all complaints that are over; shares of fewer than `min_group` known fates are missing.

    The row `none` speaks of contracts alone, the others also of customers without one, who stay by other standards.

    Parameters
    ----------
    complaints : customer_id, received_at, end, stayed; every complaint on record.
    ended_terms : as `stayed.terms` returns them, for the row `none`.
    """
    over = complaints[complaints["end"].isin(OVER)]
    if over.empty:
        return empty(RECOVERY)
    rows = [_row(end, some, min_group) | _of_all(len(some), len(over)) for end, some in over.groupby("end")]
    calm = without_complaint(ended_terms, complaints)
    if len(calm):
        rows.append(_row(NONE, calm, min_group) | dict.fromkeys(("complaints", *_LIMITS), None))
    frame = pd.DataFrame(rows)
    order = {end: place for place, end in enumerate((*OVER, NONE))}
    return conform(frame.sort_values("end", key=lambda end: end.map(order), ignore_index=True), RECOVERY)


_LIMITS = ("of_all", "of_all_low", "of_all_high")


def _of_all(n: int, of: int) -> dict[str, float]:
    low, high = wilson(n, of)
    return {"complaints": n, **dict(zip(_LIMITS, (n / of, float(low), float(high)), strict=True))}


def _row(end: str, some: pd.DataFrame, min_group: int) -> dict:
    told = some.dropna(subset="stayed")
    row = {"end": end, "n": len(told), "stayed": int(told["stayed"].sum())}
    if len(told) < min_group:
        return row | {"share": None, "low": None, "high": None}
    found = clustered_share(told["stayed"].to_numpy(float), told["customer_id"].to_numpy(str))
    return row | dict(zip(("share", "low", "high"), found, strict=True))


def without_complaint(ended_terms: pd.DataFrame, complaints: pd.DataFrame) -> pd.DataFrame:
    """The terms with a known outcome whose customers did not complain in the year before the end.

    Terms of a time of which no complaint could be on record, for the record begins later, are left out.
    """
    decided = ended_terms[ended_terms["stayed"].notna()].sort_values("end_at", kind="stable")
    received = complaints[["customer_id", "received_at"]].sort_values("received_at", kind="stable")
    begins = complaints["received_at"].min().normalize()
    decided = decided[decided["end_at"] - YEAR >= begins].assign(after=lambda t: t["end_at"] + DAY)
    last = pd.merge_asof(
        decided,
        received.astype({"customer_id": "string", "received_at": "datetime64[us]"}),
        left_on="after",
        right_on="received_at",
        by="customer_id",
        allow_exact_matches=False,
    )
    complained = (last["received_at"] > last["end_at"] - YEAR).fillna(False)
    return last.loc[~complained, ["contract_id", "customer_id", "end_at", "stayed"]].reset_index(drop=True)
