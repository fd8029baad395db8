"""What the value stage writes to data/processed/value, column by column."""

from __future__ import annotations

from crmlab.tables import Column, Table

STANDINGS = {"contract": ("有合同",), "none": ("无合同",), "left": ("已离开",)}
"""How a customer stands on the as-of day: with a contract; without one, and still there as far as anybody knows; its last contract
ended and nothing was heard since."""

LOSS_REASONS = {
    "many_tickets": ("报修多",),
    "dear_tickets": ("每次服务贵",),
    "low_price": ("合同价低",),
    "low_margin": ("毛利低",),
    "no_contract": ("无合同",),
    "no_income": ("无收入",),
}
"""Why a customer costs more than it brings: what sets it apart most from all others."""

PARTS = ("current", "renewals", "purchases", "replacements", "paid_repairs", "ticket_cost", "care_cost")
"""Parts of the value to come, as columns of `CUSTOMERS`; costs are positive numbers that are taken off."""

LINES = ("value", "last_year", "mean_retained")
"""What is judged in the back-test: the value as stated; the profit of the last year again; mean profit a month × months × retention."""

CUSTOMERS = Table(
    "customers",
    "客户价值",
    "One row per customer: profit to date by component, and value to come over the horizon, discounted, by part.",
    ("customer_id",),
    (
        Column("customer_id", "id", "customer"),
        Column("customer_name", "label", "customer's name, where the customer file has it"),
        Column(
            "known", "flag", "the customer file has it; else only a ticket, a sale or a contract names it"
        ),
        Column("industry", "label", "line of business"),
        Column("region", "label", "region"),
        Column("tier", "label", "importance as the company sees it"),
        Column("service_level", "label", "service level of its latest contract; empty without one"),
        Column("standing", "choice", "how it stands on the as-of day", choices=STANDINGS),
        Column("is_new", "flag", "known for less than a year: its value rests on customers like it"),
        Column("machines", "count", "machines in place"),
        Column("n_tickets", "count", "tickets to date"),
        Column("revenue", "money", "sales to date, returns taken off"),
        Column("earned", "money", "margin of contracts, as far as their days are past"),
        Column("machines_sold", "money", "margin of machines"),
        Column("repairs_sold", "money", "margin of repairs that the customer paid for: visits and parts"),
        Column("products_sold", "money", "margin of other products"),
        Column("services_sold", "money", "margin of services"),
        Column("parts_sold", "money", "margin of spare parts"),
        Column("other_sold", "money", "margin of all other lines"),
        Column("margin", "money", "margin to date: the seven columns before"),
        Column("visit_cost", "money", "cost to date of visits, without time and way"),
        Column("time_cost", "money", "cost to date of minutes on the way, at work and in talk"),
        Column("way_cost", "money", "cost to date of kilometres"),
        Column("part_cost", "money", "cost to date of parts built in at the company's expense"),
        Column("contact_cost", "money", "cost to date of contacts"),
        Column("compensation", "money", "compensation paid to date for complaints"),
        Column("service_cost", "money", "cost to serve to date: the six columns before"),
        Column("historical", "money", "profit to date: margin − service_cost"),
        Column("unearned", "money", "margin of contracts invoiced for days to come; not in historical"),
        Column("estimated_share", "number", "share of the turnover with a configured margin"),
        Column("current", "money", "margin to come of contracts signed"),
        Column("renewals", "money", "margin to come of renewals, by their chance"),
        Column("purchases", "money", "margin to come of purchases"),
        Column("replacements", "money", "margin to come of machines that replace others"),
        Column("paid_repairs", "money", "margin to come of repairs that the customer will pay for"),
        Column("potential", "money", "renewals + purchases + replacements + paid_repairs"),
        Column("potential_low", "money", "90 % predictive limit of potential"),
        Column("potential_high", "money", "90 % predictive limit of potential"),
        Column("ticket_cost", "money", "cost to come of tickets: visits, minutes, kilometres, parts"),
        Column("care_cost", "money", "cost to come of contacts and compensation"),
        Column("cost_to_come", "money", "ticket_cost + care_cost"),
        Column("cost_low", "money", "90 % predictive limit of cost_to_come"),
        Column("cost_high", "money", "90 % predictive limit of cost_to_come"),
        Column("to_come", "money", "current + potential − cost_to_come; may be negative"),
        Column("low", "money", "90 % predictive limit of to_come"),
        Column("high", "money", "90 % predictive limit of to_come"),
        Column("p_retained", "number", "P(still a customer in one year)"),
        Column(
            "at_stake",
            "money",
            "of customers with a contract: what the value would be more if its next renewal were sure than it is",
        ),
        Column(
            "reason",
            "choice",
            "why it costs more than it brings; empty where it does not",
            choices=LOSS_REASONS,
        ),
        Column(
            "reason_ratio",
            "number",
            "how many times the mean of customers like it that reason stands at; of no_income income over cost, missing for no_contract",
        ),
        Column(
            "reason_money",
            "money",
            "what it would bring more over the horizon if it stood at that mean; of no_contract what paid repairs do not cover, of no_income the loss",
        ),
    ),
)

RECONCILIATION = Table(
    "reconciliation",
    "对账",
    "Every component of profit to date as the books of the customers have it, against the ledger added up without regard to customers.",
    ("component",),
    (
        Column("component", "label", "income model or kind of cost"),
        Column("side", "choice", "income or cost", choices={"income": (), "cost": ()}),
        Column("lines", "count", "lines of it"),
        Column("ledger", "money", "sum over the lines"),
        Column("customers", "money", "sum over customers"),
        Column("nobody", "money", "of lines that name no customer"),
        Column("unearned", "money", "of contracts, for days to come"),
        Column("difference", "money", "ledger − customers − nobody − unearned: 0"),
    ),
)

EQUITY = Table(
    "equity",
    "客户资产",
    "Value to come of all customers together, by part, with 90 % limits that hold what customers have in common.",
    ("part",),
    (
        Column("part", "label", "part of the value to come, or to_come"),
        Column("customers", "count", "customers with some of it"),
        Column("expected", "money", "sum over customers; costs negative"),
        Column("low", "money", "90 % limit"),
        Column("high", "money", "90 % limit"),
        Column("common", "number", "standard deviation of what all customers share, over expected"),
    ),
)

CHANGES = Table(
    "changes",
    "价值变动",
    "From the value to come a month ago, told from today's data as of then, to today's: what new and lost customers, prices, chances, "
    "purchases, replacements and costs have done to it.",
    ("step",),
    (
        Column("step", "count", "order"),
        Column("what", "label", "then, new, lost, price, chances, purchases, replacements, cost or now"),
        Column("customers", "count", "customers concerned"),
        Column("amount", "money", "value (then, now) or change"),
    ),
)

SENSITIVITIES = Table(
    "sensitivities",
    "敏感度",
    "What the value to come of all customers would be if one thing were different.",
    ("what",),
    (
        Column(
            "what",
            "label",
            "renewal_plus_1 (one point), cost_minus_10 (percent), discount_plus_1, discount_minus_1 (one point)",
        ),
        Column("to_come", "money", "value to come then"),
        Column("change", "money", "against the value to come as stated"),
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

GROUPS = Table(
    "groups",
    "分组价值",
    "Value by industry, region, tier, service level and standing; customers that have left count in standing only.",
    ("of", "group"),
    (
        Column("of", "label", "industry, region, tier, service_level or standing"),
        Column("group", "label", "its value"),
        Column("customers", "count", "customers"),
        Column("historical", "money", "profit to date"),
        Column("to_come", "money", "value to come"),
        Column("per_customer", "money", "mean value to come"),
        Column("low", "money", "95 % predictive limit of that mean: chance, and what all share"),
        Column("high", "money", "95 % predictive limit, likewise"),
        Column("negative", "count", "customers whose value to come is negative"),
    ),
)

CHAIN = Table(
    "chain",
    "服务贡献链",
    "From service to value: what a second visit, a broken promise, and a complaint by how it ended go with, link by link, and in money per "
    "customer. Associations among those alike in size, level and record, no effects; rows overlap and must not be added up.",
    ("link", "what", "group"),
    (
        Column("link", "label", "complaint, renewal, profit or value: what it goes with"),
        Column("what", "label", "second_visits, promises or complaints"),
        Column("group", "label", "some; of complaints ignored, solved, solved promptly"),
        Column(
            "n",
            "count",
            "cases of the group: tickets (complaint), contracts that ended (renewal, value), customers (profit)",
        ),
        Column("customers", "count", "customers behind them"),
        Column(
            "difference",
            "number",
            "against none: share of tickets followed by a complaint, or of contracts renewed (0.01 = one point); profit of the year after per "
            "customer, or value per contract, in the smallest unit of money; missing where it cannot be told",
        ),
        Column("low", "number", "95 % limit, held by all figures of the link at once"),
        Column("high", "number", "95 % limit, likewise"),
        Column(
            "money",
            "money",
            "of profit and value: difference × how often it happens, per customer with a contract and year; missing where it cannot be told",
        ),
        Column("money_low", "money", "95 % limit, likewise"),
        Column("money_high", "money", "95 % limit, likewise"),
        Column(
            "verdict", "choice", "what the limits say", choices={"more": (), "less": (), "cannot_tell": ()}
        ),
    ),
)

BACKTEST = Table(
    "backtest",
    "回测",
    "Value as stated one and two years before the as-of day, in tenths, against the profit that came by the as-of day.",
    ("years", "decile"),
    (
        Column("years", "count", "years before the as-of day, and of the horizon"),
        Column("decile", "count", "1 = lowest stated value"),
        Column("n", "count", "customers"),
        Column("stated", "money", "mean value stated for the horizon, not discounted"),
        Column("actual", "money", "mean profit that came"),
        Column("actual_low", "money", "95 % limit of that mean"),
        Column("actual_high", "money", "95 % limit"),
        Column("last_year", "money", "mean of the profit of the year before, once more for each year"),
        Column("mean_retained", "money", "mean of profit a month × months × retention"),
    ),
)

SCORES = Table(
    "scores",
    "评分",
    "How good the stated value and two simple lines were.",
    ("years", "line"),
    (
        Column("years", "count", "years before the as-of day"),
        Column("line", "label", "value, last_year or mean_retained"),
        Column("n", "count", "customers known then"),
        Column("n_open", "count", "of which had not left; the others are stated at nothing"),
        Column("actual", "money", "profit that came, of all of them"),
        Column("stated", "money", "profit stated"),
        Column("low", "money", "90 % limit of the sum; of the stated value only"),
        Column("high", "money", "90 % limit of the sum"),
        Column("mae", "money", "mean absolute error of a customer"),
        Column("mae_open", "money", "the same of those that had not left"),
        Column("gain", "money", "mean absolute error less that of the stated value"),
        Column("gain_error", "money", "its standard error, customers paired"),
        Column("spearman", "number", "rank correlation with what came"),
        Column("bias", "number", "stated over actual − 1"),
        Column(
            "coverage",
            "number",
            "share of customers that had not left whose profit fell within the 90 % limits; of the stated value only",
        ),
    ),
)

OUTPUTS: dict[str, Table] = {
    t.name: t
    for t in (
        CUSTOMERS,
        RECONCILIATION,
        EQUITY,
        CHANGES,
        SENSITIVITIES,
        PARETO,
        GROUPS,
        CHAIN,
        BACKTEST,
        SCORES,
    )
}
"""The tables that the stage writes, by name."""
