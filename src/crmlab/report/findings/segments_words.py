"""Words of the page "Value types": what each type wants, what each feature says of a customer, bands and stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.messages import Message, Value, count, is_missing, number, percent, say, term

if TYPE_CHECKING:
    import pandas as pd

CLAUSES = {
    "traditionalist": "holds to familiar habits and functions and is slow to accept change",
    "reckoner": "compares with what things used to cost and minds every expense",
    "nostalgic": "lives in what past dealings felt like",
    "pragmatist": "looks at what works today",
    "bargain-seeker": "minds what it can pay now and what it gets for the money",
    "status-seeker": "minds how it is treated now and what that says of its standing",
    "pioneer": "tries new products with advanced functions",
    "planner": "watches prices and what it will be able to pay",
    "perfectionist": "minds upgrades, compatibility and what it will become",
}
"""The seed's clause for each type, in the seed's order: words of the catalogue's context "type clause"."""
UNDETERMINED = "undetermined"

STAGES = {
    "selection": term("stage", "selection"),
    "acquisition": term("stage", "acquisition"),
    "retention": term("stage", "retention"),
    "extension": term("stage", "extension"),
}
"""The seed's stages of the customer life cycle, in words."""
BANDS = {
    "high": say("high value"),
    "middle": say("middle value"),
    "low": say("low value"),
    "loss": say("costs more than it brings"),
}
"""Bands of the value to come, in words."""
SHORT_BANDS = {"high": say("high"), "middle": say("middle"), "low": say("low"), "loss": say("loss")}
"""The same above a column."""
RISKS = {"at_risk": say("at risk"), "safe": say("not at risk"), "unknown": say("risk not known")}

FEW = 5
"""Customers below which nothing but their number is told of a group."""


def _whole(x: float) -> Value:
    return count(round(x))


def _days_after_launch(x: float) -> Value:
    """The feature is 365 / (365 + days): one on the day of the launch, a half a year later."""
    return count(round(365 / x - 365)) if x > 0 else count(None)


FACTS: dict[str, tuple[Message, Callable[[float], Value]]] = {
    "generation_lag": (say("buys {x} generations behind the newest"), number),
    "end_of_support_share": (say("{x} of its machines are past their end of support"), percent),
    "sku_repeat_share": (say("{x} of its purchases repeat a product"), percent),
    "legacy_ticket_share": (say("{x} of its tickets are about keeping the old going"), percent),
    "used_to_share": (say("{x} of its remarks compare with how it used to be"), percent),
    "adoption_rank": (say("takes up products {x} days after their launch"), _days_after_launch),
    "level_currency": (
        say("its machines stand {x} of the way to the newest generation"),
        percent,
    ),
    "spend_trend": (say("its spending changes by {x} a quarter"), percent),
    "prepaid_horizon": (say("its contract terms run {x} days"), _whole),
    "renewal_lead": (say("signs renewals {x} days before they start"), _whole),
    "roadmap_ticket_share": (
        say("{x} of its tickets are about upgrades, compatibility and plans"),
        percent,
    ),
    "next_topic_share": (say("{x} of its remarks ask what comes next"), percent),
    "purchase_rhythm": (say("buys {x} as evenly as a clock"), percent),
    "on_demand_share": (say("{x} of its tickets are paid one by one"), percent),
    "capability_share": (say("{x} of its purchases are options, software and training"), percent),
    "howto_ticket_share": (say("{x} of its tickets ask how to use a function"), percent),
    "function_topic_share": (say("{x} of its remarks are about functions"), percent),
    "discount_share": (say("pays {x} less than the list price"), percent),
    "promo_share": (say("{x} of its purchases are in a promotion"), percent),
    "billing_ticket_share": (say("{x} of its tickets are about money"), percent),
    "quote_rounds": (say("has its quotations revised {x} times"), number),
    "price_topic_share": (say("{x} of its remarks are about prices"), percent),
    "premium_share": (
        say("its models stand at {x} of the price range of their generation"),
        percent,
    ),
    "tier_excess": (say("its service level against what its machines need: {x} of the scale"), percent),
    "named_contact_share": (say("{x} of the pairs of its tickets went to the same engineer"), percent),
    "manner_topic_share": (say("{x} of its remarks are about manners and persons"), percent),
    "price_lock_share": (say("{x} of its quotations lock the price"), percent),
}
"""What is said of each feature of a customer, from its plain figure."""


def fact(feature: str | None, value: Any) -> Message | None:
    """What a feature says of a customer, in words; None where either is not known.

    >>> from crmlab.report.language import Language
    >>> fact("renewal_lead", 41.2).in_language(Language("en"))
    'signs renewals 41 days before they start'
    """
    if is_missing(feature) or feature not in FACTS or is_missing(value):
        return None
    text, write = FACTS[feature]
    return replace(text, values={"x": write(value)})


def beside(feature: str, value: Any, other: Any) -> tuple[Message | None, Value | None]:
    """The fact, and the figure it is compared with; None for that where both are written alike, or it is not known."""
    said = fact(feature, value)
    if said is None or is_missing(other):
        return said, None
    write = FACTS[feature][1]
    same = write(value).plain == write(other).plain
    return said, None if same else write(other)


def in_order(types: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table with a column `type` as the seed numbers the types, the undetermined last; numbers as floats."""
    order = {name: place for place, name in enumerate([*CLAUSES, UNDETERMINED])}
    rows = plain(types)
    return rows.sort_values("type", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def nine(types: pd.DataFrame) -> pd.DataFrame:
    """The rows of `in_order` of the nine types themselves."""
    rows = in_order(types)
    return rows[rows["type"].isin(list(CLAUSES))].reset_index(drop=True)


def named(customers: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers with `name`, the number where no name is known, and `stage_said`; numbers as floats."""
    rows = plain(customers)
    rows["name"] = rows["customer_name"].fillna(rows["customer_id"])
    rows["stage_said"] = [STAGES.get(stage) for stage in rows["stage"].astype(object)]
    return rows
