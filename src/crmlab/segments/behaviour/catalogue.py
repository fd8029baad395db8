"""The features: which records speak for which of the nine types.

None of them is an amount, a count or a recency: size and worth are not allowed to decide how to serve.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

TIMES = ("past", "present", "future")
VALUES = ("functional", "economic", "psychological")
AXES = TIMES + VALUES

TYPES: dict[str, tuple[str, str]] = {
    "traditionalist": ("past", "functional"),
    "reckoner": ("past", "economic"),
    "nostalgic": ("past", "psychological"),
    "pragmatist": ("present", "functional"),
    "bargain-seeker": ("present", "economic"),
    "status-seeker": ("present", "psychological"),
    "pioneer": ("future", "functional"),
    "planner": ("future", "economic"),
    "perfectionist": ("future", "psychological"),
}
"""The seed's nine types, each a cell of time × perceived value."""

UNDETERMINED = "undetermined"

SOURCES = ("sales", "machines", "contracts", "tickets", "quotes", "remarks")
"""Kinds of records; features of one source share its accidents, those of different sources do not."""


def probability_column(name: str) -> str:
    """The column that holds the probability of a type or axis: "bargain-seeker" → "p_bargain_seeker"."""
    return "p_" + name.replace("-", "_")


@dataclass(frozen=True)
class Feature:
    """One feature.

    speaks_for : the axis, or the pair of axes (one cell), for which a high value speaks.
    against : the axis against which it speaks, "" for none.
    meaning, per : what it measures, and what it is divided by; where that is zero the feature is missing.
    source : one of `SOURCES`. tables : clean tables it is made from.
    """

    name: str
    speaks_for: str | tuple[str, str]
    against: str
    source: str
    meaning: str
    per: str
    tables: tuple[str, ...]

    @property
    def axis(self) -> str:
        """What it speaks for in one word: an axis or, where it takes two, their cell's type."""
        if isinstance(self.speaks_for, str):
            return self.speaks_for
        return next(name for name, cell in TYPES.items() if cell == self.speaks_for)


_F = Feature
FEATURES: tuple[Feature, ...] = (
    _F("generation_lag", "past", "future", "sales", "generations behind the newest of the series when buying", "purchases of products with a generation", ("sales", "products")),
    _F("end_of_support_share", "past", "future", "machines", "machines in service past their end of support", "machines with an end of support on file", ("machines", "products")),
    _F("sku_repeat_share", "past", "future", "sales", "purchases of a product bought before", "product purchases after the first", ("sales",)),
    _F("legacy_ticket_share", "past", "future", "tickets", "tickets about keeping the old going", "tickets", ("tickets",)),
    _F("used_to_share", "past", "future", "remarks", "comments and complaints that compare with how it used to be", "comments and complaints with text", ("surveys", "complaints")),
    _F("adoption_rank", "future", "past", "sales", "how soon after its launch a product is first bought (1 = on the day, ½ = a year later)", "products first bought", ("sales", "products")),
    _F("level_currency", "future", "past", "machines", "how close the machines in service are to the newest generation (1 = newest)", "machines of a model in the catalogue", ("machines", "products")),
    _F("spend_trend", "future", "past", "sales", "change of spend per quarter, in mean quarters (Theil-Sen, 8 quarters)", "quarters with spend", ("sales",)),
    _F("prepaid_horizon", "future", "past", "contracts", "days a contract term runs", "contract terms", ("contracts",)),
    _F("renewal_lead", "future", "past", "contracts", "days a renewal is signed before it starts", "renewals with a signing date", ("contracts",)),
    _F("roadmap_ticket_share", "future", "past", "tickets", "tickets about upgrades, compatibility and plans", "tickets", ("tickets",)),
    _F("next_topic_share", "future", "past", "remarks", "comments and complaints that ask what comes next", "comments and complaints with text", ("surveys", "complaints")),
    _F("purchase_rhythm", "present", "", "sales", "evenness of the days between purchases (1 = like a clock)", "gaps between purchases, in twice the window", ("sales",)),
    _F("on_demand_share", "present", "", "tickets", "tickets paid one by one instead of by contract or warranty", "tickets that say who pays", ("tickets",)),
    _F("capability_share", "functional", "", "sales", "purchases of options, software and training", "product and service purchases with a category", ("sales", "products")),
    _F("howto_ticket_share", "functional", "", "tickets", "tickets that ask how to use a function", "tickets", ("tickets",)),
    _F("function_topic_share", "functional", "", "remarks", "comments and complaints about functions", "comments and complaints with text", ("surveys", "complaints")),
    _F("discount_share", "economic", "", "sales", "share of the list price taken off", "purchases with a list price", ("sales",)),
    _F("promo_share", "economic", "", "sales", "purchases in a promotion", "purchases", ("sales",)),
    _F("billing_ticket_share", "economic", "", "tickets", "tickets about money", "tickets", ("tickets",)),
    _F("quote_rounds", "economic", "", "quotes", "times a quotation is revised", "quotations that say how often", ("quotes",)),
    _F("price_topic_share", "economic", "", "remarks", "comments and complaints about prices", "comments and complaints with text", ("surveys", "complaints")),
    _F("premium_share", "psychological", "", "sales", "place among the models of one generation by list price (1 = dearest)", "purchases with models to compare", ("sales", "products")),
    _F("tier_excess", "psychological", "", "contracts", "service level held above what the machines' importance asks", "machines with an importance", ("contracts", "machines")),
    _F("named_contact_share", "psychological", "", "tickets", "pairs of tickets that went to the same engineer", "pairs of tickets", ("tickets",)),
    _F("manner_topic_share", "psychological", "", "remarks", "comments and complaints about manners and persons", "comments and complaints with text", ("surveys", "complaints")),
    _F("price_lock_share", ("future", "economic"), "", "quotes", "quotations whose price is locked", "quotations that say whether", ("quotes",)),
)  # fmt: skip
"""Every feature, and what a high value speaks for."""

NAMES = tuple(feature.name for feature in FEATURES)


def prototypes() -> pd.DataFrame:
    """(9, features) which way each feature of a pure example of each type should lie: 1 above, −1 below, 0 at the mean customer.

    Examples
    --------
    >>> prototypes().loc[["reckoner", "planner"], ["sku_repeat_share", "discount_share", "price_lock_share"]].values.tolist()
    [[1.0, 1.0, 0.0], [-1.0, 1.0, 1.0]]
    """
    return pd.DataFrame(
        {feature.name: [_lies(feature, cell) for cell in TYPES.values()] for feature in FEATURES},
        index=list(TYPES),
    )


def _lies(feature: Feature, cell: tuple[str, str]) -> float:
    """Which way `feature` lies for the type of a cell (its time, its kind of value)."""
    wanted = (feature.speaks_for,) if isinstance(feature.speaks_for, str) else feature.speaks_for
    return float(set(wanted) <= set(cell)) - float(feature.against in cell)
