"""Which features nobody has, and which table or column would bring them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmlab.engine import DuckDB, Spark

_TICKET = (("tickets.customer_id",), ("tickets.symptom",))
_REMARK = (("complaints.text", "surveys.comment"),)
_GENERATION = (("products.series",), ("products.generation",), ("products.launch_at",))
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "generation_lag": (("sales.product_id",), *_GENERATION),
    "end_of_support_share": (("machines.*",), ("products.end_of_support_at",)),
    "sku_repeat_share": (("sales.product_id",),),
    "legacy_ticket_share": _TICKET,
    "used_to_share": _REMARK,
    "adoption_rank": (("sales.product_id",), ("products.launch_at",)),
    "level_currency": (("machines.*",), *_GENERATION),
    "spend_trend": (("sales.*",),),
    "prepaid_horizon": (("contracts.*",),),
    "renewal_lead": (("contracts.signed_at",),),
    "roadmap_ticket_share": _TICKET,
    "next_topic_share": _REMARK,
    "purchase_rhythm": (("sales.*",),),
    "on_demand_share": (("tickets.customer_id",), ("tickets.billing",)),
    "capability_share": (("sales.product_id",), ("products.category",)),
    "howto_ticket_share": _TICKET,
    "function_topic_share": _REMARK,
    "discount_share": (("sales.rate", "sales.list_price", "products.list_price"),),
    "promo_share": (("sales.promo",),),
    "billing_ticket_share": _TICKET,
    "quote_rounds": (("quotes.revisions",),),
    "price_topic_share": _REMARK,
    "premium_share": (("sales.product_id",), ("products.category",), ("products.list_price",)),
    "tier_excess": (("contracts.service_level",), ("machines.importance",)),
    "named_contact_share": (("tickets.customer_id",), ("tickets.engineer_id",)),
    "manner_topic_share": _REMARK,
    "price_lock_share": (("quotes.price_lock",),),
}
"""What each feature needs: all of these, of each one of the columns."""
TABLES = ("sales", "products", "tickets", "machines", "contracts", "quotes", "surveys", "complaints")
_STANDS_IN = {"tickets.symptom": 'coalesce("symptom", "service_kind")'}
"""What is counted where something else would do as well as the column."""


def absent(engine: DuckDB | Spark, clean: Mapping[str, Path]) -> list[tuple[str, list[str]]]:
    """What is missing, "quotes" or "sales.promo", with the features that nobody has without it, in the order of `NEEDS`.

    A table without rows is named for its columns. Where any of several columns would do, each is named with the same features.
    """
    rows = engine.rows(_filled_cells(), {name: clean[name] for name in TABLES})
    filled = {what: n > 0 for what, n in rows}
    lost: dict[str, list[str]] = {}
    for feature, needs in NEEDS.items():
        for columns in needs:
            if any(filled[column] for column in columns):
                continue
            for column in columns:
                table = column.split(".")[0]
                what = column if filled[f"{table}.*"] else table
                if feature not in lost.setdefault(what, []):
                    lost[what].append(feature)
    return sorted(lost.items())


def _filled_cells() -> str:
    """SQL that counts the rows of each table, as "<table>.*", and the values of each column that a feature needs."""
    columns = {column for needs in NEEDS.values() for names in needs for column in names}
    counted = sorted(columns | {f"{table}.*" for table in TABLES})
    selects = []
    for what in counted:
        table, column = what.split(".")
        of = "*" if column == "*" else _STANDS_IN.get(what, f'"{column}"')
        selects.append(f"select '{what}' as what, count({of})::bigint as n from {table}")
    return " union all ".join(selects)
