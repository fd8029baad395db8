"""The tables of what was sold and what changed."""

from __future__ import annotations

from crmlab.tables import Column, Table

DIMENSIONS = ("product", "category", "customer", "rate", "channel", "region", "line_kind")
"""What sales are told apart by; rate is the band of the discount (利率/折扣率)."""

SALES = Table(
    "sales",
    "销售统计",
    "One row per dimension and group: sales of the last twelve months beside those of the twelve before. All line kinds; returns taken off.",
    ("of", "group"),
    (
        Column("of", "choice", "dimension", choices=dict.fromkeys((*DIMENSIONS, "all"), ())),
        Column(
            "group",
            "label",
            "product, category, customer (its id), lower end of the rate band, channel, region or line kind; empty for all; 'unknown' where the line does not say",
        ),
        Column("name", "label", "name of the customer or series of the product, where known"),
        Column("customers", "count", "customers who bought in the last twelve months"),
        Column("orders", "count", "orders, returns not counted"),
        Column("lines", "count", "lines, returns not counted"),
        Column("amount", "money", "sales of the last twelve months, returns taken off"),
        Column("returned", "money", "what came back of them, as a positive amount"),
        Column(
            "margin",
            "money",
            "margin as booked (margin, else amount − cost), of lines that say; missing where none says",
        ),
        Column("margin_share", "number", "margin / amount of the lines that say a margin"),
        Column(
            "discount",
            "number",
            "1 − amount / list price, weighted by list price; missing where no list price or rate is known",
        ),
        Column("share", "number", "amount / amount of all"),
        Column("before", "money", "sales of the twelve months before"),
        Column("change", "money", "amount − before"),
    ),
)

MONTHS = Table(
    "months",
    "月度销售",
    "One row per month and line kind over the whole ledger, complete months only.",
    ("month", "line_kind"),
    (
        Column("month", "label", "month of sale"),
        Column("line_kind", "label", "kind of line; 'all' for their sum"),
        Column("amount", "money", "sales, returns taken off"),
        Column("orders", "count", "orders, returns not counted"),
        Column("customers", "count", "customers who bought"),
        Column("margin", "money", "margin as booked; missing where no line says"),
        Column("trend", "money", "mean of this month and the eleven before; missing in the first eleven"),
    ),
)

PARETO = Table(
    "pareto",
    "销售集中度",
    "Share of the last twelve months' sales that the largest customers (products) brought.",
    ("of", "share_of"),
    (
        Column("of", "choice", "of what", choices={"customer": (), "product": ()}),
        Column("share_of", "number", "share of those with sales, the largest first"),
        Column(
            "share_amount",
            "number",
            "share of the amount; above 1 where others returned more than they bought",
        ),
    ),
)

CHANGE = Table(
    "change",
    "销售变化分解",
    "What the change of sales between the twelve months before and the last twelve is made of; parts of one kind add up to it, to the last minor unit.",
    ("of", "part"),
    (
        Column(
            "of",
            "choice",
            "kind of split: by customers who came, left, bought more or less; by number of customers, purchases a customer and amount a purchase; by volume, price and mix of products",
            choices={"customers": (), "rhythm": (), "price": ()},
        ),
        Column(
            "part",
            "choice",
            "part of the change",
            choices=dict.fromkeys(
                (
                    "won", "won_back", "more", "less", "lost",
                    "customers", "frequency", "spend",
                    "volume", "mix", "price", "discount", "new_products", "dropped_products", "not_told",
                ),
                (),
            ),
        ),
        Column("n", "count", "customers or products of this part; missing where the part is no group"),
        Column("amount", "money", "its share of the change"),
    ),
)  # fmt: skip

OUTPUTS = {table.name: table for table in (SALES, MONTHS, PARETO, CHANGE)}
