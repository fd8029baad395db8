"""What customers do, as features: each a ratio with its denominator, missing where the denominator is zero.

None of them is an amount, a count or a recency: size and worth are not allowed to decide how to serve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import yaml

from crmlab.files import read_table
from crmlab.segments.holdings import contract_features, machine_features, tier_excess

if TYPE_CHECKING:
    from crmlab.engine import DuckDB

_HERE = Path(__file__).parent

TIMES = ("past", "present", "future")
VALUES = ("functional", "economic", "psychological")
AXES = TIMES + VALUES


@dataclass(frozen=True)
class Feature:
    """One feature: what it speaks for, what it measures, what it is divided by, the tables it is made from."""

    name: str
    axis: str
    meaning: str
    per: str
    tables: tuple[str, ...]


FEATURES: tuple[Feature, ...] = (
    Feature("generation_lag", "past", "generations behind the newest of the series when buying", "purchases of products with a generation", ("sales", "products")),
    Feature("end_of_support_share", "past", "machines in service past their end of support", "machines with an end of support on file", ("machines", "products")),
    Feature("sku_repeat_share", "past", "purchases of a product bought before", "product purchases after the first", ("sales",)),
    Feature("legacy_ticket_share", "past", "tickets about keeping the old going", "tickets", ("tickets",)),
    Feature("purchase_rhythm", "present", "evenness of the days between purchases (1 = like a clock)", "gaps between purchases, in twice the window", ("sales",)),
    Feature("on_demand_share", "present", "tickets paid one by one instead of by contract or warranty", "tickets that say who pays", ("tickets",)),
    Feature("adoption_rank", "future", "how early among all takers a product is first bought (1 = first)", "products first bought", ("sales", "products")),
    Feature("level_currency", "future", "how close the machines in service are to the newest generation (1 = newest)", "machines of a model in the catalogue", ("machines", "products")),
    Feature("spend_trend", "future", "change of spend per quarter, in mean quarters (Theil-Sen, 8 quarters)", "quarters with spend", ("sales",)),
    Feature("prepaid_horizon", "future", "days a contract term runs", "contract terms", ("contracts",)),
    Feature("renewal_lead", "future", "days a renewal is signed before it starts", "renewals with a signing date", ("contracts",)),
    Feature("roadmap_ticket_share", "future", "tickets about upgrades, compatibility and plans", "tickets", ("tickets",)),
    Feature("capability_share", "functional", "purchases of options, software and training", "product and service purchases with a category", ("sales", "products")),
    Feature("howto_ticket_share", "functional", "tickets that ask how to use a function", "tickets", ("tickets",)),
    Feature("discount_share", "economic", "share of the list price taken off", "purchases with a list price", ("sales",)),
    Feature("promo_share", "economic", "purchases in a promotion", "purchases", ("sales",)),
    Feature("billing_ticket_share", "economic", "tickets about money", "tickets", ("tickets",)),
    Feature("premium_share", "psychological", "place among the models of one generation by list price (1 = dearest)", "purchases with models to compare", ("sales", "products")),
    Feature("tier_excess", "psychological", "service level held above what the machines' importance asks", "machines with an importance", ("contracts", "machines")),
    Feature("named_contact_share", "psychological", "pairs of tickets that went to the same engineer", "pairs of tickets", ("tickets",)),
)  # fmt: skip
"""Every feature, and the axis a high value speaks for."""


def customer_features(
    engine: DuckDB, clean: Mapping[str, Path], as_of: str, months: int = 24
) -> pd.DataFrame:
    """One row per customer with a sale or ticket in the `months` up to `as_of`.

    Parameters
    ----------
    engine : runs sales.sql and tickets.sql.
    clean : Parquet files of the clean tables "sales", "tickets", "products", "machines" and "contracts", any of them
        without rows.
    as_of : the day up to which anything is known, "2026-10-31".

    Returns
    -------
    customer_id, each feature and its denominator `<feature>_n`, and what size and age are (to be taken out, not
    used): `records` (sales lines and tickets in the window), `tenure_days` (since the first of either).
    """
    end = pd.Timestamp(as_of)
    since = end - pd.DateOffset(months=months)
    words = reading_words()
    args = {
        "as_of": _day(end),
        "since": _day(since),
        "since_rhythm": _day(end - pd.DateOffset(months=2 * months)),
    }
    args |= {topic: pattern(found) for topic, found in words["topics"].items()}
    args |= {"capability": pattern(words["capability"])}
    bought, asked = (
        engine.stream(_HERE / f"{name}.sql", {t: clean[t] for t in used}, args)
        .read_pandas()
        .set_index("customer_id")
        for name, used in (("sales", ("sales", "products")), ("tickets", ("tickets",)))
    )
    machines, products, contracts = (read_table(clean[t]) for t in ("machines", "products", "contracts"))
    table = bought.join(asked, how="outer")
    for held in (
        machine_features(machines, products, end),
        contract_features(contracts, since, end),
        tier_excess(contracts, machines, words["importance"], since, end),
    ):
        table = table.join(held, how="left")
    table["records"] = table["lines"].fillna(0) + table["tickets"].fillna(0)
    table["tenure_days"] = table[["days_since_first_sale", "days_since_first_ticket"]].max(axis=1)
    return _divide(table[table["records"] > 0])


SCALE = {"adoption_rank": 10_000, "discount_share": 10_000, "premium_share": 10_000}
"""Shares that SQL sums as whole ten-thousandths, so that every engine adds them to the same sum."""


@cache
def reading_words() -> dict:
    """The word lists of words.yaml."""
    return yaml.safe_load((_HERE / "words.yaml").read_text(encoding="utf-8"))


def pattern(words: list[str]) -> str:
    """A regular expression that finds any of `words`."""
    return "|".join(re.escape(w) for w in words)


def theil_sen(series: np.ndarray) -> np.ndarray:
    """The median of the slopes between every two points of each row: (n, k) in, (n,) out, per step."""
    slopes = [(series[:, j] - series[:, i]) / (j - i) for i, j in combinations(range(series.shape[1]), 2)]
    return np.median(np.column_stack(slopes), axis=1)


def _day(when: pd.Timestamp) -> str:
    return str(when.date())


def _divide(table: pd.DataFrame) -> pd.DataFrame:
    """Ratios from sums and counts; a zero denominator is a missing feature."""
    out = pd.DataFrame({"records": table["records"], "tenure_days": table["tenure_days"]}, index=table.index)
    special = {"spend_trend": _spend_trend, "purchase_rhythm": _purchase_rhythm}
    for feature in FEATURES:
        if feature.name in special:
            value, count = special[feature.name](table)
        elif feature.name == "tier_excess":
            value, count = table["tier_excess"], table["tier_excess_n"]
        else:
            count = table[f"{feature.name}_n"]
            value = table[f"{feature.name}_sum"] / count.where(count > 0) / SCALE.get(feature.name, 1)
        out[feature.name] = pd.to_numeric(value).astype(float).where(count > 0)
        out[f"{feature.name}_n"] = count.fillna(0).astype("int64")
    return out.reset_index()


def _spend_trend(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Needs eight quarters of history: a shorter one would look like growth."""
    spend = table[[f"spend_{quarter}" for quarter in range(7, -1, -1)]].fillna(0).to_numpy(float)
    bought = (spend > 0).sum(axis=1) * (table["tenure_days"] >= 7 * 91)
    level = spend.mean(axis=1)
    return pd.Series(theil_sen(spend) / np.where(level > 0, level, 1), index=table.index), bought


def _purchase_rhythm(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """1 / (1 + squared coefficient of variation) of the gaps between purchases; needs two gaps."""
    gaps, squares, n = (table[c].astype(float) for c in ("gap_sum", "gap_squares", "gap_n"))
    count = n.where(n > 1, 0)
    spread = (squares - gaps**2 / n) / (n - 1)
    return 1 / (1 + spread / (gaps / n) ** 2), count
