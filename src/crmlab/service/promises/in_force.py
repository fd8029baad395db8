"""The contract in force when a ticket was reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

_SAID = ["contract_id", "service_level", "promise_response_min", "promise_fix_min"]


def in_force(tickets: pd.DataFrame, contracts: pd.DataFrame) -> pd.DataFrame:
    """What the contract in force on the day of each report says, indexed as `tickets`; missing where none was.

    Of several contracts of a customer it is the one of the ticket's level, then the one that began last, then the one with the
    greatest contract_id. Both the first and the last day of a contract belong to it.

    Parameters
    ----------
    tickets : customer_id, level (as contracts.level, may be missing), reported_at (never missing).
    contracts : clean contracts with `level`, the service level in the spelling of `levels.canonical`.

    Returns
    -------
    contract_id, service_level, promise_response_min, promise_fix_min.
    """
    calls = tickets[["customer_id", "level"]].assign(
        day=tickets["reported_at"].astype("datetime64[us]").dt.normalize()
    )
    terms = contracts[["customer_id", "level", "start_at", "end_at", *_SAID]].dropna(
        subset=["customer_id", "start_at", "end_at"]
    )
    terms = terms.astype({"start_at": "datetime64[us]", "end_at": "datetime64[us]"})
    terms = terms[terms["start_at"] <= terms["end_at"]]
    same = _latest(calls, terms, ["customer_id", "level"])
    any_level = _latest(calls, terms, ["customer_id"])
    return pd.concat([same[same["contract_id"].notna()], any_level[same["contract_id"].isna()]]).reindex(
        tickets.index
    )


def _latest(calls: pd.DataFrame, terms: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The contract in force that began last, among those that agree with the call in the columns `by`."""
    spans = _spans(terms.dropna(subset=by), by)
    known = calls.dropna(subset=by).sort_values("day", kind="stable")
    codes = pd.concat([spans[by], known[by]]).groupby(by, sort=False).ngroup().to_numpy()
    spans, known = spans.assign(who=codes[: len(spans)]), known.assign(who=codes[len(spans) :])
    found = pd.merge_asof(
        known[["day", "who"]], spans.drop(columns=by), left_on="day", right_on="from", by="who"
    )
    return found.set_axis(known.index)[_SAID].reindex(calls.index)


def _spans(terms: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """From which day on which contract counts: one row per day on which a contract of the group begins or is over."""
    ends = terms[by].assign(**{"from": terms["end_at"] + np.timedelta64(1, "D")})
    days = pd.concat([terms[by].assign(**{"from": terms["start_at"]}), ends]).drop_duplicates()
    pairs = days.merge(terms, on=by)
    pairs = pairs[(pairs["start_at"] <= pairs["from"]) & (pairs["from"] <= pairs["end_at"])]
    pairs = pairs.sort_values(["start_at", "contract_id"], kind="stable").drop_duplicates(
        [*by, "from"], keep="last"
    )
    return days.merge(pairs[[*by, "from", *_SAID]], on=[*by, "from"], how="left").sort_values(
        ["from", *by], kind="stable"
    )
