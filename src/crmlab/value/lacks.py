"""What the exports do not hold, and what the stage could say if they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def lacks(rows: Mapping[str, int], figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of what is missing and what it would add, in the words of status.json.

    Parameters
    ----------
    rows : rows of each clean table that the stage reads. figures : of value.json.
    """
    if not rows["sales"] and not rows["contracts"]:
        yield "sales or contracts", "profit to date and value to come"
        return
    if not rows["tickets"]:
        yield "tickets", "the cost to serve; without it, it counts as nothing"
    elif not rows["visits"]:
        yield "visits", "the cost of each visit; without it, every ticket counts as one visit"
    if not rows["contracts"]:
        yield "contracts", "contract income to come, by the chance of renewal"
    if not rows["machines"]:
        yield "machines", "tickets by the age of machines, and machines that will be replaced"
    if figures.get("revenue_based_share"):
        yield "sales.cost or sales.margin", "margins as booked; without them, a share of the amount"
    if not figures["backtest"]:
        yield "two years of sales", "a back-test of the value to come"
