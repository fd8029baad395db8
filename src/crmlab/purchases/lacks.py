"""What the exports do not hold, and what the stage could say if they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SALES = {
    "sales.cost or sales.margin": "margin by product, channel and region",
    "sales.rate or sales.list_price": "sales by discount, and what discounts cost",
    "sales.product_id": "sales by product, and how volume, mix and price changed",
    "sales.channel": "sales by channel",
    "sales.region": "sales by region",
    "sales.line_kind": "contracts and fees told apart from purchases",
}
"""Columns of sales (one of several), and what each adds."""


def lacks(filled: Mapping[str, int], figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of what is missing and what it would add, in the words of status.json.

    Parameters
    ----------
    filled : the answer of filled.sql. figures : of purchases.json.
    """
    if not filled["lines"]:
        yield "sales", "who still buys, what to expect of them, and what was sold"
        return
    for what, adds in SALES.items():
        names = [name.partition(".")[2] for name in what.split(" or ")]
        if "list_price" in names and filled["priced_products"]:
            continue
        if not any(filled[name] for name in names):
            yield what, adds
    if not filled["products"]:
        yield "products", "series and categories of what was sold"
    if not figures["n_customers"]:
        return
    if figures["why"] == "history too short":
        yield "a year of sales", "who still buys, and what to expect of the next horizon"
    elif figures["why"] == "too few repeat buyers":
        yield "more repeat buyers", "the chance that a customer still is one"
    elif "backtest" not in figures:
        yield "two years of sales", "how well such forecasts did before"
