"""Sales of the same products in two years: how much of the change is quantity, mix, list price and discount."""

from __future__ import annotations

import pandas as pd


def price_volume_mix(products: pd.DataFrame) -> dict[str, float]:
    """Volume, mix, price and discount of products sold in both years; they add up to the change of their amount.

    These are the sales-quantity, sales-mix and selling-price variances of cost accounting with the year before as the budget; the last
    is divided once more, for amount = pieces × list price × (1 − discount). With Q pieces of all products, q of one, its amount
    a, list value l and amount a piece n = a / q, and 0 for the year before:

    - volume = (Q − Q₀) × Σ a₀ / Q₀: more or fewer pieces, at last year's mean amount a piece
    - mix = Σ (q − q₀ Q / Q₀) × n₀: dearer or cheaper products than last year's shares of pieces would have
    - price = Σ (l a₀ / l₀ − q n₀): other list prices, at last year's discount
    - discount = Σ (a − l a₀ / l₀): other discounts, at this year's list price

    A product of which a line has no list price puts its whole change of amount a piece under price.

    Parameters
    ----------
    products : rows of products.sql with pieces in both years: pieces, pieces_before, listed, listed_before, unlisted (lines),
        amount, before.

    References
    ----------
    Horngren, C. T., Datar, S. M., Rajan, M. V. (2015). Cost Accounting: A Managerial Emphasis, 15th ed., ch. 14.

    Examples
    --------
    Ten pieces at 100 and no discount, then twelve at 110 less 10 %:

    >>> twelve = pd.DataFrame({"pieces": [12], "pieces_before": [10], "listed": [1320], "listed_before": [1000], "unlisted": [0],
    ...     "amount": [1188], "before": [1000]})
    >>> price_volume_mix(twelve)
    {'volume': 200.0, 'mix': 0.0, 'price': 120.0, 'discount': -132.0}
    """
    q, q0, listed, listed0, a, a0 = (
        products[name].to_numpy("float64")
        for name in ("pieces", "pieces_before", "listed", "listed_before", "amount", "before")
    )
    known = (products["unlisted"].to_numpy("int64") == 0) & (listed > 0) & (listed0 > 0)
    same_price = q * a0 / q0
    same_discount = a.copy()
    same_discount[known] = listed[known] * a0[known] / listed0[known]
    volume = (q.sum() - q0.sum()) * a0.sum() / q0.sum()
    parts = {
        "volume": volume,
        "mix": same_price.sum() - a0.sum() - volume,
        "price": (same_discount - same_price).sum(),
        "discount": (a - same_discount).sum(),
    }
    return {part: float(amount) for part, amount in parts.items()}
