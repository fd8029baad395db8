"""What the value stage writes, column by column."""

from __future__ import annotations

from crmlab.tables import Column, Table

CUSTOMERS = Table(
    "customers",
    "客户价值",
    "One row per customer: profit to date, and value to come over the horizon, discounted.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column("revenue", "money", "sales to date, returns taken off"),
        Column("margin", "money", "margin to date, returns taken off"),
        Column("service_cost", "money", "what its tickets cost to date: visits and parts"),
        Column("historical", "money", "profit to date: margin − service_cost"),
        Column("contract_to_come", "money", "discounted margin of contracts to come"),
        Column("sales_to_come", "money", "discounted margin of all other sales to come"),
        Column("cost_to_come", "money", "discounted cost to serve to come"),
        Column("to_come", "money", "contract_to_come + sales_to_come − cost_to_come; may be negative"),
        Column("n_tickets", "count", "tickets to date"),
        Column("p_retained", "number", "P(still a customer in one year), given survival so far"),
        Column(
            "basis",
            "choice",
            "what the survival rests on",
            choices={"contract": ("合同",), "purchases": ("购买",), "none": ("无",)},
        ),
    ),
)

PARETO = Table(
    "pareto",
    "利润集中度",
    "Share of the profit to date that the most profitable customers brought.",
    ("share_customers",),
    (
        Column("share_customers", "number", "share of customers, the most profitable first"),
        Column("share_profit", "number", "share of all profit; above 1 where other customers lose money"),
    ),
)

BACKTEST = Table(
    "backtest",
    "回测",
    "Value as stated one year before the as-of day, in tenths, against the profit of the year that followed.",
    ("decile",),
    (
        Column("decile", "count", "1 = lowest stated value"),
        Column("stated", "money", "mean profit per customer, stated for the year"),
        Column(
            "actual", "money", "mean profit per customer that came; contracts by their days inside the year"
        ),
        Column("last_year", "money", "the naive line: mean profit of the year before"),
        Column("n", "count", "customers"),
    ),
)

OUTPUTS: dict[str, Table] = {t.name: t for t in (CUSTOMERS, PARETO, BACKTEST)}
"""The tables that the stage writes, by name."""
