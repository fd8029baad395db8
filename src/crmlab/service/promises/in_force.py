"""The contract in force when a ticket was reported."""

from __future__ import annotations

import numpy as np
import pandas as pd

SAID = ["contract_id", "service_level", "promise_response_min", "promise_fix_min"]
_FAR = 10_000_000
"""Days: keeps the contracts of different customers apart on one sorted line."""


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
    # the later a term stands, the sooner it is chosen
    terms = contracts.dropna(subset=["customer_id", "start_at", "end_at"])
    terms = terms[terms["start_at"] <= terms["end_at"]].sort_values(
        ["start_at", "contract_id"], ignore_index=True
    )
    spans = pd.DataFrame(
        {"start": _day(terms["start_at"]), "end": _day(terms["end_at"]), "term": terms.index}
    )
    day = _day(tickets["reported_at"])
    customer, level = (
        pd.factorize(pd.concat([terms[name], tickets[name]]).astype("string"))[0]
        for name in ("customer_id", "level")
    )
    both = np.where((customer < 0) | (level < 0), -1, customer * (level.max(initial=0) + 1) + level)
    of_level, any_level = (
        _chosen(spans.assign(who=who[: len(terms)]), who[len(terms) :], day) for who in (both, customer)
    )
    chosen = np.where(of_level >= 0, of_level, any_level)
    return terms[SAID].reindex(chosen).set_axis(tickets.index)


def _chosen(spans: pd.DataFrame, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The last term of each `who` that spans its day; −1 where none does, or nobody is there."""
    spans = spans[spans["who"] >= 0]
    if spans.empty:
        return np.full(len(who), -1)
    # what holds changes only on days on which a term begins or is over
    turns = pd.concat(
        [
            spans[["who", "start"]].set_axis(["who", "day"], axis=1),
            spans[["who"]].assign(day=spans["end"] + 1),
        ]
    ).drop_duplicates()
    pairs = turns.merge(spans, on="who")
    pairs = pairs[(pairs["start"] <= pairs["day"]) & (pairs["day"] <= pairs["end"])]
    last = pairs.groupby(["who", "day"], as_index=False)["term"].max()
    turns = turns.merge(last, on=["who", "day"], how="left").sort_values(["who", "day"])
    before = np.searchsorted(turns["who"] * _FAR + turns["day"], who * _FAR + day, side="right") - 1
    term = turns["term"].fillna(-1).to_numpy(int)[before]
    return np.where((before >= 0) & (turns["who"].to_numpy()[before] == who), term, -1)


def _day(moments: pd.Series) -> np.ndarray:
    """Days since 1970 as integers."""
    return moments.to_numpy().astype("datetime64[D]").astype("int64")
