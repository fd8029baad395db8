"""The tables of who still buys, and of how well such forecasts did."""

from __future__ import annotations

from crmlab.tables import Column, Table

NAIVE = ("last_year_again", "mean_rate")
"""Forecasts without a model: the purchases of the last horizon once more; repeat purchases over the time observed."""

STATES = {"buying": ("在购",), "quiet": ("静默",), "gone": ("流失",), "cannot_tell": ("无法判断",)}

CUSTOMERS = Table(
    "customers",
    "客户购买",
    "One row per customer with a purchase: when and how often it bought, whether it still is a customer, and what to expect of the next horizon.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("first_at", "date", "day of the first purchase on record"),
        Column("last_at", "date", "day of the last purchase"),
        Column("purchases", "count", "days (or weeks) with a purchase; what was returned whole is none"),
        Column("frequency", "count", "purchases after the first"),
        Column("recency", "number", "from the first purchase to the last", unit="d"),
        Column("T", "number", "from the first purchase to the as-of day", unit="d"),
        Column("gap", "number", "mean time between purchases; missing after one purchase", unit="d"),
        Column("since", "number", "since the last purchase", unit="d"),
        Column("amount", "money", "spent on purchases to date, returns taken off"),
        Column("lately", "count", "purchases in the last horizon"),
        Column("p_alive", "number", "P(still a customer); missing where no model is used"),
        Column("state", "choice", "p_alive in words", choices=STATES),
        Column("expected", "number", "purchases expected in the next horizon"),
        Column(
            "low",
            "number",
            "90 % predictive limit of one customer's purchases; missing where no model is used",
        ),
        Column("high", "number", "90 % predictive limit"),
        Column("spend", "money", "expected amount of one purchase; missing where spend cannot be told"),
        Column("expected_amount", "money", "expected × spend"),
        Column(
            "at_stake",
            "money",
            "what the customer would buy in the horizon if it surely were one still, less expected_amount; missing without a model",
        ),
    ),
)

BACKTEST = Table(
    "backtest",
    "购买预测回测",
    "One row per earlier day and way to forecast: the purchases forecast then for the horizon after, against those that came.",
    ("origin", "forecast"),
    (
        Column("origin", "date", "the day on which it was forecast; nothing later was known"),
        Column("forecast", "label", "customer-base model, or last_year_again, or mean_rate"),
        Column("n", "count", "customers judged: those known then, of more than 5,000 an even sample"),
        Column("actual", "number", "purchases that came of them"),
        Column("expected", "number", "purchases forecast"),
        Column(
            "low", "number", "90 % limit of the purchases of all customers known then, of the chosen model"
        ),
        Column("high", "number", "90 % limit of the total, of the chosen model"),
        Column("mae", "number", "mean absolute error of a customer's purchases"),
        Column("mse", "number", "mean squared error"),
        Column(
            "log_score",
            "number",
            "mean of −log P(what came); missing for naive forecasts and degenerate fits",
        ),
        Column("spearman", "number", "rank correlation of forecast and actual over customers"),
        Column(
            "coverage", "number", "share of customers within their printed 90 % limits, of the chosen model"
        ),
        Column(
            "coverage_exact",
            "number",
            "share within the central 90 %, where a count at its edge counts by the part inside",
        ),
        Column("converged", "flag", "whether the fit had a maximum; missing for naive forecasts"),
        Column("chosen", "flag", "whether earlier days and the rule of choice pick this model for this day"),
    ),
)

DECILES = Table(
    "deciles",
    "购买预测十分位",
    "The latest earlier day: customers in tenths by forecast, mean forecast against mean actual.",
    ("decile",),
    (
        Column("decile", "count", "1 = fewest purchases forecast"),
        Column("n", "count", "customers"),
        Column("expected", "number", "mean purchases forecast"),
        Column("naive", "number", "mean of last_year_again"),
        Column("actual", "number", "mean purchases that came"),
        Column("low", "number", "95 % limit of actual"),
        Column("high", "number", "95 % limit of actual"),
    ),
)

TRACKING = Table(
    "tracking",
    "购买跟踪",
    "Purchases of the customers known on a day, summed up since that day: forecast with limits, and actual where it is known.",
    ("part", "days"),
    (
        Column(
            "part",
            "choice",
            "held out before the as-of day, or ahead of it",
            choices={"held_out": (), "ahead": ()},
        ),
        Column("days", "count", "since the day of the forecast", unit="d"),
        Column("until", "date", "last day that is counted"),
        Column("expected", "number", "purchases forecast from the day of the forecast to here"),
        Column("low", "number", "90 % limit"),
        Column("high", "number", "90 % limit"),
        Column("naive", "number", "last_year_again, month by month"),
        Column("actual", "number", "purchases that came; missing ahead"),
    ),
)

MATRIX = Table(
    "matrix",
    "频次近度",
    "Customers by number of purchases and time since the last one: how many, and how likely they still are customers.",
    ("purchases_from", "since_from"),
    (
        Column("purchases_from", "count", "at least so many purchases"),
        Column("purchases_to", "count", "at most; missing for the last band"),
        Column("since_from", "count", "last purchase at least so long ago", unit="d"),
        Column("since_to", "count", "at most; missing for the last band", unit="d"),
        Column("n", "count", "customers"),
        Column("p_alive", "number", "mean P(still a customer); missing where no model is used"),
        Column("expected", "number", "mean purchases expected in the next horizon"),
        Column("amount", "money", "spent on purchases to date"),
    ),
)

OUTPUTS = {table.name: table for table in (CUSTOMERS, BACKTEST, DECILES, TRACKING, MATRIX)}
