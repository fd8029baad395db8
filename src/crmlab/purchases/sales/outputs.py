"""The tables of what was sold and what changed."""

from __future__ import annotations

from crmlab.tables import Column, Table

DIMENSIONS = ("product", "category", "customer", "rate", "channel", "region", "line_kind")
"""What sales are told apart by; rate is the band of the discount (利率/折扣率)."""

PARTS = {
    "customers": ("won", "won_back", "more", "same", "less", "lost", "not_told"),
    "rhythm": ("customers", "frequency", "spend", "not_told"),
    "price": ("volume", "mix", "price", "discount", "new_products", "dropped_products", "not_told"),
}
"""What each split of a change is made of; every part has a row, if of 0. `same` is of customers whose amount did not change."""

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
            "product, category, customer (its id), lower end of the rate band ('below' beneath the first), channel, region (of the line; of the customer where no line has one) or line kind; empty for all; 'unknown' where the line does not say",
        ),
        Column("name", "label", "name of the customer or series of the product, where known"),
        Column("customers", "count", "customers who bought in the last twelve months"),
        Column(
            "orders",
            "count",
            "orders (days of a customer where no order is named), returns not counted",
        ),
        Column("lines", "count", "lines, returns not counted"),
        Column("amount", "money", "sales of the last twelve months, returns taken off"),
        Column("returned", "money", "what came back of them, as a positive amount"),
        Column(
            "margin",
            "money",
            "margin as booked (margin, else amount − cost), of lines that say; missing where none says",
        ),
        Column(
            "margin_share",
            "number",
            "margin / amount of the lines that say a margin; missing where that is not positive",
        ),
        Column(
            "discount",
            "number",
            "share of the list price taken off (rate, else 1 − amount / list price), weighted by list price; returns not counted; missing where no list price or rate is known",
        ),
        Column("share", "number", "amount / amount of all; missing where that is not positive"),
        Column("before", "money", "sales of the twelve months before"),
        Column("change", "money", "amount − before"),
    ),
)

MONTHS = Table(
    "months",
    "月度销售",
    "One row per month and line kind from the first month of the ledger to the last complete one; 0 where nothing was sold.",
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
    "Share of the last twelve months' sales that the largest customers (products) brought, in steps of a hundredth of them or of one.",
    ("of", "share_of"),
    (
        Column("of", "choice", "of what", choices={"customer": (), "product": ()}),
        Column(
            "share_of", "number", "share of those of whose sales returns left something, the largest first"
        ),
        Column(
            "share_amount",
            "number",
            "share of the amount of all; ends above 1 where others returned more than they bought, below 1 where lines name nobody",
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
            choices=dict.fromkeys(PARTS, ()),
        ),
        Column(
            "part",
            "choice",
            "part of the change; not_told for the lines that do not say, and for all where the years cannot be compared",
            choices=dict.fromkeys(dict.fromkeys(part for parts in PARTS.values() for part in parts), ()),
        ),
        Column("n", "count", "customers or products of this part; missing where the part is no group"),
        Column("amount", "money", "its share of the change"),
    ),
)

OUTPUTS = {table.name: table for table in (SALES, MONTHS, PARETO, CHANGE)}
