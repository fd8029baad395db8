"""The tables that stage `segments` writes."""

from __future__ import annotations

from crmlab.segments.features import AXES, FEATURES
from crmlab.segments.nine_types import TYPES, probability_column
from crmlab.tables import Column, Table

_SCORE_MEANS = {
    "past": "holds to what was: standard deviations above the mean customer",
    "present": "acts on today's need",
    "future": "buys and plans ahead",
    "functional": "cares for what the machine can do",
    "economic": "cares for the price",
    "psychological": "cares for standing, comfort and the person who comes",
}
_SCORES = tuple(Column(axis, "number", _SCORE_MEANS[axis]) for axis in AXES)

CUSTOMERS = Table(
    "customers",
    "客户类型",
    "One row per customer with a sale or ticket in the window: the value type and what speaks for it.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name"),
        Column("type", "label", "one of the nine value types, or undetermined"),
        Column("likeliest", "label", "the best guess, also where it is too weak to be the type"),
        Column("p", "number", "probability of the likeliest type"),
        Column("runner_up", "label", "the second likeliest type"),
        Column("reason", "label", "why undetermined, empty for the others"),
        Column("n_features", "count", "features known of this customer"),
        Column("historical", "money", "profit to date, for presentation: value is no input of the type"),
        Column("to_come", "money", "value to come, for presentation"),
        Column("type_argmax", "label", "the simple line: highest time axis crossed with highest value axis"),
        *_SCORES,
        *(Column(probability_column(t), "number", f"probability of {t}") for t in TYPES),
    ),
)

TYPES_TABLE = Table(
    "types",
    "九种类型",
    "One row per value type, and one for the undetermined.",
    ("type",),
    (
        Column("type", "label", "value type"),
        Column("n", "count", "customers"),
        Column("share", "number", "share of customers"),
        Column("n_likeliest", "count", "customers whose best guess it is, the undetermined included"),
        Column("expected", "number", "sum of the customers' probabilities: how many there should be"),
        Column("historical", "money", "their profit to date, for presentation: no input of the type"),
        Column("to_come", "money", "their value to come, for presentation"),
        *(
            Column(
                axis, "number", f"mean score, weighted by the probability of the type: {_SCORE_MEANS[axis]}"
            )
            for axis in AXES
        ),
    ),
)

FEATURES_TABLE = Table(
    "features",
    "客户特征",
    "One row per customer with a sale or ticket in the window: what was counted, each with its denominator.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column(
            "records", "count", "sales lines and tickets in the window; taken out of the features, not used"
        ),
        Column("tenure_days", "count", "days since the first sale or ticket; taken out as well", unit="d"),
        *(
            column
            for feature in FEATURES
            for column in (
                Column(feature.name, "number", f"{feature.axis}: {feature.meaning}"),
                Column(f"{feature.name}_n", "count", feature.per),
            )
        ),
    ),
)

EVIDENCE = Table(
    "evidence",
    "类型依据",
    "One row per feature: what it speaks for, and of how many customers it is known.",
    ("feature",),
    (
        Column("feature", "label", "feature"),
        Column("axis", "label", "axis for which a high value speaks"),
        Column("meaning", "label", "what it measures"),
        Column("per", "label", "what it is divided by; where that is zero the feature is missing"),
        Column("n", "count", "customers of whom it is known"),
        Column("share", "number", "share of customers of whom it is known"),
        Column(
            "used", "flag", "it differs between customers; one that is the same for all tells nobody apart"
        ),
    ),
)

OUTPUTS: dict[str, Table] = {
    "customers": CUSTOMERS,
    "types": TYPES_TABLE,
    "features": FEATURES_TABLE,
    "evidence": EVIDENCE,
}

ADDS = {
    "sales": "what customers buy: repeats, generations, discounts, promotions, rhythm and trend",
    "tickets": "what customers ask the desk about, who pays for it and which engineer they stay with",
    "products": "who takes up the new early, who stays generations behind, who buys the dearer",
    "machines": "machines past support, firmware levels, and service beyond what the machines need",
    "contracts": "how long customers commit themselves and how early they renew",
}
"""What each table would add where it is missing; words of the catalogue's context "lacks"."""
