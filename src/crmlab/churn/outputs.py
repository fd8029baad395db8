"""What the churn stage writes, column by column."""

from __future__ import annotations

from crmlab.tables import Column, Table

HORIZONS = (30, 90, 180, 365)
"""Days ahead for which contracts.parquet has a column each."""

CONTRACTS = Table(
    "contracts",
    "在保合同",
    "One row per contract that is open on the as-of day, with its chances.",
    ("contract_id",),
    (
        Column("contract_id", "id", "contract term"),
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("service_level", "label", "service level bought"),
        Column("start_at", "date", "first day"),
        Column("end_at", "date", "last day"),
        Column("days_to_end", "count", "days from the as-of day to the last day", unit="d"),
        Column("amount", "money", "price of the term"),
        *(
            Column(
                f"p_renew_{h}",
                "number",
                f"P(still in force {h} days from the as-of day), given survival so far",
            )
            for h in HORIZONS
        ),
        Column("p_renew", "number", "P(renewed at its end), given survival so far"),
        Column("expected_loss", "money", "amount × (1 − p_renew_365)"),
        Column("reason", "label", "the feature that lowers the chance most; empty where none does"),
    ),
)

CURVES = Table(
    "curves",
    "留存曲线",
    "Kaplan-Meier: share of contract relations (a term and its renewals) still alive, by service level.",
    ("service_level", "day"),
    (
        Column("service_level", "label", "service level of the first term"),
        Column("day", "count", "days since the relation began", unit="d"),
        Column("at_risk", "count", "relations observed on that day"),
        Column("survival", "number", "share still alive after that day"),
        Column("low", "number", "lower 95 % limit"),
        Column("high", "number", "upper 95 % limit"),
    ),
)

HAZARD_RATIOS = Table(
    "hazard_ratios",
    "风险比",
    "Cox model: how many times the hazard of loss is multiplied by one unit more of a feature.",
    ("feature",),
    (
        Column("feature", "label", "feature as of the landmark; column=value is against the commonest value"),
        Column("hazard_ratio", "number", "above 1: leaves sooner"),
        Column("low", "number", "lower 95 % limit"),
        Column("high", "number", "upper 95 % limit"),
        Column("p_value", "number", "Wald test against 1"),
        Column("n", "count", "contract terms in which the feature is not zero"),
    ),
)

BACKTEST = Table(
    "backtest",
    "一年前的预测",
    "One row per contract that was open one year before the as-of day, with what was said of it then.",
    ("contract_id",),
    (
        Column("contract_id", "id", "contract term"),
        Column("customer_id", "id", "customer"),
        Column("service_level", "label", "service level bought"),
        Column("start_at", "date", "first day"),
        Column("end_at", "date", "last day"),
        Column("amount", "money", "price of the term"),
        Column("due", "flag", "its end and grace days fell into the year"),
        Column("p_renew_365", "number", "P(still in force a year later), as said then"),
        Column("p_renew", "number", "P(renewed at its end), as said then"),
        Column(
            "p_naive", "number", "the naive line: renewal rate of the service level up to then, 1 if not due"
        ),
        Column(
            "renewed", "number", "1 still in force, 0 lost; empty: moved, closed, merged, or not yet known"
        ),
    ),
)

CALIBRATION = Table(
    "calibration",
    "校准",
    "Back-test: renewal as predicted one year before, and as it happened, in tenths of the prediction.",
    ("decile",),
    (
        Column("decile", "count", "1 = lowest predicted chance"),
        Column("predicted", "number", "mean predicted P(renewed)"),
        Column("observed", "number", "share that renewed"),
        Column("n", "count", "contracts"),
    ),
)

RENEWALS_BY_MONTH = Table(
    "renewals_by_month",
    "每月续保",
    "Contracts whose end and grace days are past, by the month of their last day.",
    ("month",),
    (
        Column("month", "label", "month of the last day"),
        Column("due", "count", "contracts that ended, without those that moved, closed or merged"),
        Column("renewed", "count", "of which renewed"),
        Column("rate", "number", "renewed / due"),
    ),
)

OUTPUTS: dict[str, Table] = {
    t.name: t for t in (CONTRACTS, CURVES, HAZARD_RATIOS, BACKTEST, CALIBRATION, RENEWALS_BY_MONTH)
}
"""The tables that the stage writes, by name."""
