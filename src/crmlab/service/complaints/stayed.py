"""Whether the customer stayed after a complaint, and at the end of each contract term."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.service.complaints.record import DAY

AWAY = ("moved", "closed", "merged")
"""Ends of a contract that say nothing about the service: no churn."""
GRACE_DAYS = 30
"""Days after the end of a term before its outcome counts, for renewals and losses alike: early renewals would flatter every share."""


def terms(contracts: pd.DataFrame, as_of: pd.Timestamp, grace_days: int = GRACE_DAYS) -> pd.DataFrame:
    """The contract terms known on `as_of`, and whether their customer stayed at the end.

    Returns
    -------
    contract_id, customer_id, start_at, end_at (datetime64[us]) and stayed: True renewed, False lost; missing where the
    customer moved, closed or was merged, where no outcome is on record, and until `grace_days` after the end.
    """
    signed = contracts["signed_at"].fillna(contracts["start_at"])
    # a contract and a complaint that both name nobody would be joined
    known = (signed < as_of.normalize() + DAY).fillna(False) & contracts["customer_id"].notna()
    some = contracts[known].sort_values("contract_id").reset_index(drop=True)
    settled = some["end_at"] + grace_days * DAY <= as_of.normalize()
    followed = some["renewed_contract_id"].isin(some["contract_id"]) & some["renewed_contract_id"].notna()
    renewed = (some["outcome"] == "renewed").fillna(False) | followed
    lost = (some["outcome"] == "lost").fillna(False) | (
        some["outcome"].isna() & (some["end_reason"] == "left").fillna(False)
    )
    lost &= ~some["end_reason"].isin(AWAY)
    stayed = pd.Series(pd.NA, index=some.index, dtype="boolean").mask(lost, False).mask(renewed, True)
    return pd.DataFrame(
        {
            "contract_id": some["contract_id"],
            "customer_id": some["customer_id"],
            "start_at": some["start_at"].astype("datetime64[us]"),
            "end_at": some["end_at"].astype("datetime64[us]"),
            "stayed": stayed.where(settled.fillna(False)),
        }
    )


def stayed(
    complaints: pd.DataFrame,
    ended_terms: pd.DataFrame,
    sales: pd.DataFrame,
    tickets: pd.DataFrame,
    as_of: pd.Timestamp,
    stay_days: int,
) -> pd.Series:
    """Whether the customer of each complaint stayed; missing where that is not known yet or cannot be told.

    With a contract in force at the receipt, the first of its terms to end decides. Where it ended before the complaint did,
    the decision may have made the end instead of following it: cannot be told. Without a contract, a sale that is no return or
    a ticket within `stay_days` after the end of the complaint is staying, and none is leaving; neither counts before these days
    are over, for who stays shows it sooner than who leaves.

    Parameters
    ----------
    complaints : complaint_id, customer_id, received_at, ended_at (NaT where it has not ended).
    ended_terms : as `terms` returns them.
    sales, tickets : clean tables.
    """
    day = complaints["received_at"].dt.normalize()
    asked = complaints[["complaint_id", "customer_id", "ended_at"]].assign(day=day)
    pairs = asked.merge(ended_terms, on="customer_id")
    pairs = pairs[(pairs["start_at"] <= pairs["day"]) & (pairs["day"] <= pairs["end_at"])]
    # of terms that end on one day, a renewed one speaks for the customer
    pairs = pairs.assign(rank=pairs["stayed"].map({True: 0, False: 1}).astype(float).fillna(2))
    pairs = pairs.sort_values(["end_at", "rank", "contract_id"]).drop_duplicates("complaint_id")
    first = pairs.set_index("complaint_id")
    in_time = (first["ended_at"] < first["end_at"] + DAY).fillna(False)
    by_contract = complaints["complaint_id"].map(first["stayed"].where(in_time)).astype("boolean")
    has_contract = complaints["complaint_id"].isin(first.index)
    alone = complaints[~has_contract]
    return by_contract.fillna(
        _by_dealings(alone, sales, tickets, as_of, stay_days).reindex(by_contract.index)
    )


def _by_dealings(
    complaints: pd.DataFrame, sales: pd.DataFrame, tickets: pd.DataFrame, as_of: pd.Timestamp, stay_days: int
) -> pd.Series:
    """Whether a sale or a ticket followed within the days; missing until they are over, and where the record begins later."""
    answer = pd.Series(pd.NA, index=complaints.index, dtype="boolean")
    bought = sales[~sales["is_return"].astype("boolean").fillna(False)]
    seen = pd.concat(
        [
            table[["customer_id"]].astype("string").assign(at=table[at].astype("datetime64[us]"))
            for table, at in ((bought, "sold_at"), (tickets, "reported_at"))
        ]
    ).dropna()
    if seen.empty:
        return answer
    begins = seen["at"].min()
    seen = seen[seen["customer_id"].isin(complaints["customer_id"]) & (seen["at"] < as_of.normalize() + DAY)]
    seen = seen.sort_values("at")
    ended = complaints["ended_at"].astype("datetime64[us]")
    limit = ended + stay_days * DAY
    told = (limit < as_of.normalize() + DAY) & (ended >= begins) & complaints["customer_id"].notna()
    asked = complaints[["customer_id"]].astype("string").assign(ended_at=ended, limit=limit)[told]
    asked = asked.assign(row=np.flatnonzero(told)).sort_values("ended_at", kind="stable")
    following = pd.merge_asof(
        asked,
        seen,
        left_on="ended_at",
        right_on="at",
        by="customer_id",
        direction="forward",
        allow_exact_matches=False,
    )
    answer.iloc[following["row"].to_numpy()] = (following["at"] <= following["limit"]).to_numpy()
    return answer
