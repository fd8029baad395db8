"""What a customer holds: machines in service and contracts in force, as features with their denominators."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

_LEVEL = re.compile(r"(\d+)\s*[*x×]\s*(\d+)(?:\s*[*x×]\s*(\d+))?", re.IGNORECASE)


def level_place(levels: pd.Series) -> pd.Series:
    """Where each service level stands among those of the company, 0 (least) to 1 (most); NaN where unreadable.

    A level reads days a week * hours a day * response hours. More hours covered is more; among equals a quicker
    response is more, and a named response is more than none.
    """
    covered = {}
    for level in levels.dropna().unique():
        if found := _LEVEL.search(level):
            days, hours, response = found.groups()
            covered[level] = (int(days) * int(hours), -int(response) if response else -np.inf)
    order = sorted(set(covered.values()))
    top = max(len(order) - 1, 1)
    return levels.map({level: order.index(size) / top for level, size in covered.items()}).astype(float)


def importance_place(importance: pd.Series, words: list[list[str]]) -> pd.Series:
    """Where each importance stands among those the company uses, 0 (least) to 1 (most); NaN where no word fits.

    `words` lists what is said, least important first.
    """

    def read(text: str) -> int | None:
        return next((rank for rank, found in enumerate(words) if any(w in text.lower() for w in found)), None)

    ranks = {text: read(text) for text in importance.dropna().unique()}
    order = sorted({rank for rank in ranks.values() if rank is not None})
    top = max(len(order) - 1, 1)
    places = {text: order.index(rank) / top for text, rank in ranks.items() if rank is not None}
    return importance.map(places).astype(float)


def machine_features(machines: pd.DataFrame, products: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Machines in service on `as_of`, one row per customer: end of support and generation.

    Returns
    -------
    index customer_id; end_of_support_share_sum/_n (machines whose model is past its end of support / has one stated),
    level_currency_sum/_n (generation as a share of the newest of its series / machines whose model is in the
    catalogue).
    """
    held = machines[
        machines["customer_id"].notna()
        & ~(machines["installed_at"] > as_of)
        & ~(machines["retired_at"] <= as_of)
    ]
    ends = products.dropna(subset=["end_of_support_at"]).set_index("product_id")["end_of_support_at"]
    end = held["machine_model"].map(ends)
    level = _level_of_generation(held["machine_model"], products, as_of)
    counted = pd.DataFrame(
        {
            "customer_id": held["customer_id"],
            "end_of_support_share_sum": (end <= as_of).astype(int),
            "end_of_support_share_n": end.notna().astype(int),
            "level_currency_sum": level.fillna(0),
            "level_currency_n": level.notna().astype(int),
        }
    )
    return counted.groupby("customer_id").sum()


def _level_of_generation(models: pd.Series, products: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    """Each machine's generation as a share of the newest launched in its series by `as_of`; NaN off the catalogue."""
    launched = products[(products["launch_at"] <= as_of) & products["generation"].notna()]
    newest = launched.groupby("series")["generation"].transform("max")
    level = (launched["generation"] / newest).astype(float)
    return models.map(pd.Series(level.to_numpy(), index=launched["product_id"])).astype(float)


def contract_features(contracts: pd.DataFrame, since: pd.Timestamp, as_of: pd.Timestamp) -> pd.DataFrame:
    """Contract terms in force at some time in the window, one row per customer.

    Returns
    -------
    index customer_id; prepaid_horizon_sum/_n (days of the terms / terms), renewal_lead_sum/_n (days between signing and start /
    terms that followed an earlier one and say when they were signed).
    """
    known = contracts[contracts["customer_id"].notna() & (contracts["start_at"] <= as_of)]
    first = known.groupby("customer_id")["start_at"].transform("min")
    held = known[known["end_at"] > since]
    renewal = (
        (held["start_at"] > first.loc[held.index]) & held["signed_at"].notna() & (held["start_at"] > since)
    )
    counted = pd.DataFrame(
        {
            "customer_id": held["customer_id"],
            "prepaid_horizon_sum": (held["end_at"] - held["start_at"]).dt.days + 1,
            "prepaid_horizon_n": 1,
            "renewal_lead_sum": (held["start_at"] - held["signed_at"])
            .dt.days.where(renewal, 0)
            .astype("int64"),
            "renewal_lead_n": renewal.astype(int),
        }
    )
    return counted.groupby("customer_id").sum()


def tier_excess(
    contracts: pd.DataFrame,
    machines: pd.DataFrame,
    words: list[list[str]],
    since: pd.Timestamp,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """How far the best service level held in the window lies above what the machines' importance asks for.

    Returns
    -------
    index customer_id; tier_excess in -1 … 1, tier_excess_n the machines whose importance is known. Customers with
    no contract or no such machine are absent.
    """
    place = level_place(contracts["service_level"])
    held = contracts["customer_id"].notna() & (contracts["start_at"] <= as_of) & (contracts["end_at"] > since)
    best = place[held].groupby(contracts.loc[held, "customer_id"]).max()
    serving = ~(machines["installed_at"] > as_of) & ~(machines["retired_at"] <= as_of)
    asked = importance_place(machines["importance"], words)[serving]
    need = asked.groupby(machines.loc[serving, "customer_id"]).agg(["mean", "count"])
    both = need.join(best.rename("level"), how="inner").query("count > 0").dropna()
    return pd.DataFrame({"tier_excess": both["level"] - both["mean"], "tier_excess_n": both["count"]})
