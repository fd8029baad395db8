"""What the segments stage writes to data/processed/segments, column by column."""

from __future__ import annotations

from crmlab.segments.behaviour.catalogue import AXES, FEATURES, TYPES, probability_column
from crmlab.tables import Column, Table

STAGES = {"selection": ("筛选",), "acquisition": ("获得",), "retention": ("维系",), "extension": ("拓展",)}
"""The seed's four stages of the customer life cycle."""
VALUE_BANDS = {"high": ("高",), "middle": ("中",), "low": ("低",), "loss": ("亏损",)}
"""Value to come: the top fifth of the customers worth something, the next three tenths, the rest; and those that cost more than they bring."""
RISK_BANDS = {"at_risk": ("有风险",), "safe": ("无风险",), "unknown": ("未知",)}
LEVELS = {"high": ("高",), "low": ("低",), "unknown": ("未知",)}
REASONS = {
    "too_few": (),
    "no_records": (),
    "some_records": (),
    "between": (),
}
"""Why a customer is undetermined: too few customers to tell nine types apart; none of its features is known; some sources are missing;
the evidence lies between types."""
VERDICTS = {"agrees": (), "weak": (), "contradicts": (), "silent": ()}
"""Of a feature: it moves with the types as the prototype says; it hardly moves; it moves against it; it is the same for all."""
USES = {"helps": (), "does_not": (), "cannot_tell": ()}

_CUSTOMER = Column("customer_id", "id", "customer")
_NAME = Column("customer_name", "label", "customer's name, where the customer file has it")
_TYPE = "one of the nine value types, or undetermined"
_MONTH = Column("month", "date", "last day of the month as of which it is told")

CUSTOMERS = Table(
    "customers",
    "客户类型",
    "One row per customer with a record in the window: its value type, how sure that is, and its life-cycle stage.",
    ("customer_id",),
    (
        _CUSTOMER,
        _NAME,
        Column("type", "label", _TYPE),
        Column("axis", "label", "the one axis that is certain where the type is not; empty otherwise"),
        Column("labelled", "flag", "an analyst named the type in type_labels.csv"),
        Column("likeliest", "label", "the best guess, also where it is too weak to be the type"),
        Column("p", "number", "probability of the likeliest type"),
        Column("runner_up", "label", "the second likeliest type"),
        Column("tracked", "label", "the type as followed over the months, which does not flicker"),
        Column("since", "date", "month in which the tracked type was first told"),
        Column("reason", "choice", "why undetermined; empty for the others", choices=REASONS),
        Column("n_features", "count", "features known of this customer"),
        Column("stage", "choice", "stage of the customer life cycle", choices=STAGES),
        Column("won_back", "flag", "it had left before and came back within a year"),
        Column("at_risk", "flag", "its contract is unlikely to be renewed, or it has fallen silent"),
        Column("action", "label", "what the policy has for its likeliest type and stage"),
        Column(
            "value_band",
            "choice",
            "by value to come, for presentation: value is no input of the type",
            choices=VALUE_BANDS,
        ),
        Column("historical", "money", "profit to date, for presentation"),
        Column("to_come", "money", "value to come, for presentation"),
        Column(
            "at_stake",
            "money",
            "what the value would be more if the next renewal were sure, for presentation",
        ),
        Column(
            "highest_axes",
            "label",
            "the simple line: the highest time axis crossed with the highest value axis",
        ),
        *(Column(axis, "number", f"mean score on the axis {axis}, the simple line's") for axis in AXES),
        *(Column(probability_column(a), "number", f"probability of {a}") for a in (*TYPES, *AXES)),
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
        Column("expected_year_ago", "number", "the same, a year ago"),
        Column("historical", "money", "their profit to date, for presentation: no input of the type"),
        Column("to_come", "money", "their value to come, for presentation"),
        Column("median_to_come", "money", "median value to come of the customers whose best guess it is"),
        Column("at_risk", "count", "customers of that best guess at risk"),
        *(
            Column(axis, "number", f"mean score on the axis {axis}, by the probability of the type")
            for axis in AXES
        ),
    ),
)

FEATURES_TABLE = Table(
    "features",
    "客户特征",
    "One row per customer with a record in the window: what was counted, each with its denominator.",
    ("customer_id",),
    (
        _CUSTOMER,
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
    "One row per feature: what it speaks for, of how many customers it is known, and whether it moves with the types as expected.",
    ("feature",),
    (
        Column("feature", "label", "feature"),
        Column("source", "label", "kind of records"),
        Column("axis", "label", "axis or type for which a high value speaks"),
        Column("meaning", "label", "what it measures"),
        Column("per", "label", "what it is divided by; where that is zero the feature is missing"),
        Column("n", "count", "customers of whom it is known"),
        Column("share", "number", "share of customers of whom it is known"),
        Column(
            "effect", "number", "how far it lies above the others where it should, in standard deviations"
        ),
        Column("low", "number", "95 % limit of the effect"),
        Column("high", "number", "95 % limit of the effect"),
        Column("verdict", "choice", "whether it moves as its prototype says", choices=VERDICTS),
        Column(
            "shift", "number", "how far its mean has moved since the reference month, in standard deviations"
        ),
        Column("drifts", "flag", "it has moved too far, in two months running, for the scales to hold"),
    ),
)

WHY = Table(
    "why",
    "类型原因",
    "Up to three rows per customer: the features that speak most for its likeliest type and against the next; exact log-odds.",
    ("customer_id", "rank"),
    (
        _CUSTOMER,
        Column("rank", "count", "1 for the strongest"),
        Column("likeliest", "label", "type for which it speaks"),
        Column("runner_up", "label", "type against which it speaks"),
        Column("feature", "label", "feature"),
        Column("above", "flag", "the customer's value lies above the mean customer's; else below"),
        Column("value", "number", "the customer's value"),
        Column("typical", "number", "median of the customers of whom it is known"),
        Column("log_odds", "number", "what it adds to the log-odds of the likeliest type against the next"),
    ),
)

MONTHS = Table(
    "months",
    "客户类型月度",
    "One row per customer and month: type by the scales and the mixture of the reference month, and life-cycle stage.",
    ("customer_id", "month"),
    (
        _CUSTOMER,
        _MONTH,
        Column(
            "type", "label", "the type as followed over the months, which does not flicker; or undetermined"
        ),
        Column("likeliest", "label", "the best guess of the month alone"),
        Column("p", "number", "its probability"),
        Column("stage", "choice", "stage of the customer life cycle", choices=STAGES),
    ),
)

TRANSITIONS = Table(
    "transitions",
    "类型迁移",
    "One row per pair of types: how often the tracked label went from one to the other within a month. Relabelling as observed, not the change of a person's mind.",
    ("type", "next"),
    (
        Column("type", "label", "from"),
        Column("next", "label", "to"),
        Column("n", "count", "months after which it was the label"),
        Column("at", "count", "customer-months with the first label"),
        Column("share", "number", "share a month, shrunk towards where all go"),
        Column("low", "number", "95 % limit of the share"),
        Column("high", "number", "95 % limit of the share"),
    ),
)

MOVERS = Table(
    "movers",
    "类型变化客户",
    "One row per customer whose tracked type changed in the last twelve months, the latest change.",
    ("customer_id",),
    (
        _CUSTOMER,
        _NAME,
        _MONTH,
        Column("was", "label", "type before"),
        Column("type", "label", "type since"),
        Column("p", "number", "probability of the type today"),
        Column("feature", "label", "the feature whose change speaks most for it"),
        Column("then", "number", "its value a year ago; empty where it was not known"),
        Column("now", "number", "its value today"),
        Column("stage", "choice", "stage of the customer life cycle", choices=STAGES),
        Column("to_come", "money", "value to come, for presentation"),
    ),
)

STAGE_MONTHS = Table(
    "stages",
    "生命周期阶段",
    "One row per month and stage of the customer life cycle.",
    ("month", "stage"),
    (
        _MONTH,
        Column("stage", "choice", "stage", choices=STAGES),
        Column("n", "count", "customers"),
        Column("won_back", "count", "of them won back"),
    ),
)

CELLS = Table(
    "cells",
    "类型 × 价值 × 风险",
    "One row per type, band of value and risk: who is in it, and what it gets. The type says how to serve, the value how much.",
    ("type", "value_band", "risk"),
    (
        Column("type", "label", "best guess of the type"),
        Column("value_band", "choice", "by value to come", choices=VALUE_BANDS),
        Column("risk", "choice", "whether they are likely to leave", choices=RISK_BANDS),
        Column("n", "count", "customers"),
        Column("n_determined", "count", "of them with a determined type"),
        Column("to_come", "money", "their value to come"),
        Column("at_stake", "money", "what it would be more if the next renewal were sure"),
        Column("effort", "label", "how much: what the policy has for the value and the risk"),
        Column("manner", "label", "how: what the policy has for the type"),
    ),
)

SIMPLE_SCHEME = Table(
    "simple_scheme",
    "利润 × 忠诚 × 满意",
    "The seed's simpler scheme: one row per combination of profit, loyalty and satisfaction, high or low.",
    ("profit", "loyalty", "satisfaction"),
    (
        Column("profit", "choice", "profit to date above the median", choices=LEVELS),
        Column("loyalty", "choice", "likely to stay, at or above the median", choices=LEVELS),
        Column("satisfaction", "choice", "mean of its answers at or above the median", choices=LEVELS),
        Column("n", "count", "customers"),
        Column("to_come", "money", "their value to come"),
        Column("commonest", "label", "commonest best guess of the type among them"),
        Column("commonest_share", "number", "its share"),
    ),
)

USEFULNESS = Table(
    "usefulness",
    "类型是否有用",
    "One row per outcome: whether the types of a year ago say more about the year since than size, recency, frequency and value do.",
    ("outcome",),
    (
        Column("outcome", "label", "what came: discount, upgrade, renewal"),
        Column("n", "count", "customers of whom it is known"),
        Column("measure", "label", "what is gained: log_loss or squared_error"),
        Column(
            "without",
            "number",
            "loss in held-out time by recency, frequency, money, profit and the outcome's own past",
        ),
        Column("with_types", "number", "the same with the types beside them"),
        Column("gain", "number", "without − with_types, as a share of without"),
        Column("low", "number", "95 % limit of the gain"),
        Column("high", "number", "95 % limit of the gain"),
        Column("verdict", "choice", "whether types help", choices=USES),
    ),
)

TOPICS = Table(
    "topics",
    "文本主题",
    "One row per kind of text and topic, one of them *unrecognised*: how many texts of the window speak of it.",
    ("source", "topic"),
    (
        Column("source", "label", "tickets, complaints or surveys"),
        Column("topic", "label", "topic, or unrecognised"),
        Column("n", "count", "texts"),
        Column("share", "number", "share of the texts"),
    ),
)

OUTPUTS: dict[str, Table] = {
    table.name: table
    for table in (
        CUSTOMERS,
        TYPES_TABLE,
        FEATURES_TABLE,
        EVIDENCE,
        WHY,
        MONTHS,
        TRANSITIONS,
        MOVERS,
        STAGE_MONTHS,
        CELLS,
        SIMPLE_SCHEME,
        USEFULNESS,
        TOPICS,
    )
}
