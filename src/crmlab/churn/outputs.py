"""What the churn stage writes to data/processed/churn, column by column."""

from __future__ import annotations

from crmlab.tables import Column, Table

HORIZONS = (30, 90, 180, 365)
"""Days ahead for which contracts.parquet has a column each."""

SEGMENTS = ("service_level", "tier", "industry", "region")
"""Columns by which survival curves are drawn, the service level of the first term of a relation."""
CAUSES = ("left", "moved", "closed", "merged")
"""Ways in which a contract relation ends. Only the first is leaving; the others compete with it."""
LINES = ("model", "cox", "level", "last_year", "inactive")
"""Who said how likely a renewal is: the stage's model, Cox, and three naive lines."""

_CAUSE = {
    "left": ("离开",),
    "moved": ("搬迁",),
    "closed": ("停业",),
    "merged": ("合并",),
}
_REASON = (
    Column("reason", "label", "the feature that lowers the chance most; empty where none does"),
    Column(
        "reason_value", "number", "how much of it: events, money, percent or days, as landmarks/plain.py says"
    ),
)

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
        Column("low", "number", "lower 95 % limit of p_renew; missing where no model is fitted"),
        Column("high", "number", "upper 95 % limit of p_renew"),
        Column("expected_loss", "money", "amount × (1 − p_renew_365)"),
        *_REASON,
    ),
)

CURVES = Table(
    "curves",
    "留存曲线",
    "Kaplan-Meier: share of contract relations (a term and its renewals) still alive, by segment.",
    ("segment", "value", "day"),
    (
        Column("segment", "label", "column by which relations are told apart"),
        Column("value", "label", "its value"),
        Column("day", "count", "days since the relation began", unit="d"),
        Column("at_risk", "count", "relations observed on that day"),
        Column("survival", "number", "share still alive after that day"),
        Column("low", "number", "lower 95 % limit"),
        Column("high", "number", "upper 95 % limit"),
    ),
)

SEGMENT_TESTS = Table(
    "segment_tests",
    "分组检验",
    "Whether the values of a segment differ in how long their relations last.",
    ("segment",),
    (
        Column("segment", "label", "column by which relations are told apart"),
        Column("values", "count", "values with enough relations to be compared"),
        Column("relations", "count", "relations compared"),
        Column("lost", "count", "of which were lost"),
        Column("log_rank_p", "number", "log-rank test; missing where fewer than two values can be compared"),
    ),
)

INCIDENCE = Table(
    "incidence",
    "终止原因",
    "Aalen-Johansen: share of contract relations that have ended so far, by cause, each cause in competition with the others.",
    ("cause", "day"),
    (
        Column("cause", "choice", "left, or what competes with it", choices=_CAUSE),
        Column("day", "count", "days since the relation began", unit="d"),
        Column("at_risk", "count", "relations observed on that day"),
        Column("share", "number", "share that has ended for this cause by that day"),
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
        Column("p_value", "number", "Wald test against 1, customers as clusters"),
        Column("n", "count", "contract terms in which the feature is not zero"),
        Column(
            "ph_p",
            "number",
            "test of proportional hazards: small where the ratio depends on how long before the end the feature is taken; "
            "missing where it cannot be told",
        ),
    ),
)

BACKTEST = Table(
    "backtest",
    "续保回测",
    "One row per earlier day and contract at risk then, with what was said of it then; the latest day is a year before the as-of day.",
    ("landmark", "contract_id"),
    (
        Column("landmark", "date", "the day on which it was said; nothing later was known"),
        Column("contract_id", "id", "contract term"),
        Column("customer_id", "id", "customer"),
        Column("service_level", "label", "service level bought"),
        Column("start_at", "date", "first day"),
        Column("end_at", "date", "last day"),
        Column("amount", "money", "price of the term"),
        Column("due", "flag", "its end and grace days fell into the year after"),
        Column("p_renew_365", "number", "P(still in force a year later), as said then"),
        Column("p_renew", "number", "P(renewed at its end), as said then"),
        Column("p_cox", "number", "the same by the Cox model, from the same features"),
        Column("p_level", "number", "the renewal rate of the service level up to then"),
        Column("p_last_year", "number", "the renewal rate of all contracts in the year before"),
        Column(
            "p_inactive",
            "number",
            "the renewal rate so far of customers as active, or as inactive, as this one",
        ),
        Column(
            "renewed",
            "number",
            "1 renewed, or still in force where not due; 0 lost; empty: moved, closed, merged, or not yet known",
        ),
    ),
)

EARLIER = Table(
    "earlier",
    "早期续保概率",
    "One row per earlier day and contract at risk then, with its chance as it would have been said: two years, one year and a month "
    "before the as-of day. The stage value tells from it what it would have said.",
    ("landmark", "contract_id"),
    (
        Column("landmark", "date", "the day on which it was said; nothing later was known"),
        Column("contract_id", "id", "contract term"),
        Column("p_renew", "number", "P(renewed at its end), as said then; missing where no rate was known"),
    ),
)

SCORES = Table(
    "scores",
    "评分",
    "How good each line was of the contracts that were due in the year after each earlier day.",
    ("landmark", "line"),
    (
        Column("landmark", "date", "the day on which it was said"),
        Column("line", "label", "model, cox, level, last_year or inactive"),
        Column("n", "count", "contracts that were due, renewed or lost"),
        Column("lost", "count", "of which were lost"),
        Column(
            "auc", "number", "how often a contract that renewed had the better chance of two; .5 is guessing"
        ),
        Column("brier", "number", "mean squared difference of chance and outcome"),
        Column("predicted", "number", "mean chance"),
        Column("observed", "number", "share that renewed"),
    ),
)

CALIBRATION = Table(
    "calibration",
    "校准",
    "Back-test over all earlier days: renewal as predicted, and as it happened, in tenths of the prediction.",
    ("decile",),
    (
        Column("decile", "count", "1 = lowest predicted chance"),
        Column("predicted", "number", "mean predicted P(renewed)"),
        Column("observed", "number", "share that renewed"),
        Column("low", "number", "lower 95 % limit of observed, customers as clusters"),
        Column("high", "number", "upper 95 % limit"),
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

EXPIRY = Table(
    "expiry",
    "到期价值",
    "Open contracts by the month of their last day: the value at risk of the next twelve months, grace days included.",
    ("month",),
    (
        Column("month", "label", "month of the last day"),
        Column("contracts", "count", "open contracts that end in it"),
        Column("amount", "money", "their price"),
        Column("expected_loss", "money", "price × (1 − P(renewed)), summed; missing without chances"),
        Column(
            "expected_renewed", "money", "price × P(renewed), the rest of the price; missing without chances"
        ),
        Column("at_risk", "count", "contracts whose chance is below churn.at_risk; missing without chances"),
        Column("amount_at_risk", "money", "their price; missing without chances"),
    ),
)

ASSOCIATIONS = Table(
    "associations",
    "服务与续保",
    "Ended contracts by what the customer had met in the year (of complaints: two years) up to 90 days before the end: how many "
    "renewed, and how that compares with those alike in size, tickets, age, price, service level and year. Associations, no effects.",
    ("what", "group"),
    (
        Column("what", "label", "promises, second_visits or complaints"),
        Column(
            "group",
            "label",
            "none or some; of complaints: none, solved promptly, solved, ignored, as the last to end did",
        ),
        Column("n", "count", "contracts"),
        Column("customers", "count", "customers"),
        Column("renewed", "number", "share that renewed"),
        Column("low", "number", "lower 95 % limit, customers as clusters"),
        Column("high", "number", "upper 95 % limit"),
        Column(
            "difference",
            "number",
            "adjusted share less that of group none; 0 for none, missing where it cannot be told",
        ),
        Column("difference_low", "number", "lower 95 % limit"),
        Column("difference_high", "number", "upper 95 % limit"),
    ),
)

WIN_BACK = Table(
    "win_back",
    "赢回名单",
    "Customers lost within churn.win_back_months that hold no contract now: what they were worth, and why they may have left.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("contract_id", "id", "the contract that was lost last"),
        Column("service_level", "label", "its service level"),
        Column("end_at", "date", "its last day"),
        Column("yearly_amount", "money", "its price of a year"),
        Column("contract_income", "money", "price of all contracts of the customer to date"),
        Column(
            "purchases_amount",
            "money",
            "spent on purchases to date, returns taken off; missing without sales",
        ),
        Column("last_bought_at", "date", "day of the last purchase"),
        Column("p_alive", "number", "P(still buys), from stage purchases; missing where it does not say"),
        Column(
            "p_renew",
            "number",
            "chance of renewal as it stood a month before the end, from what was known then by the model of today",
        ),
        *_REASON,
    ),
)

UNCONTRACTED = Table(
    "uncontracted",
    "无合同客户",
    "Customers that buy without a contract in force: whether they still do, from stage purchases. No chance of renewal is meant.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("former", "flag", "had a contract before"),
        Column("last_at", "date", "day of the last purchase"),
        Column("purchases", "count", "days (or weeks) with a purchase"),
        Column("amount", "money", "spent on purchases to date, returns taken off"),
        Column("p_alive", "number", "P(still a customer); missing where stage purchases uses no model"),
        Column("state", "label", "p_alive in words: buying, quiet, gone, cannot_tell"),
        Column("expected_amount", "money", "what is expected to be bought in the horizon of stage purchases"),
        Column("at_stake", "money", "what more would be bought if the customer surely were one still"),
    ),
)

OUTPUTS: dict[str, Table] = {
    t.name: t
    for t in (
        CONTRACTS,
        CURVES,
        SEGMENT_TESTS,
        INCIDENCE,
        HAZARD_RATIOS,
        BACKTEST,
        EARLIER,
        SCORES,
        CALIBRATION,
        RENEWALS_BY_MONTH,
        EXPIRY,
        ASSOCIATIONS,
        WIN_BACK,
        UNCONTRACTED,
    )
}
"""The tables that the stage writes, by name."""
