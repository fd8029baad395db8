"""The profit that came after a day, and what simple lines would have said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.value.books.books import Books

_HERE = Path(__file__).parent
YEAR = 365


def came(books: Books, day: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Profit of each customer in (day, until], minor units.

    Tickets of these days whose service sheet is not on record yet count at the mean cost of a ticket, or their costs would come for
    free.
    """
    profit = books.to_date(until).customers.profit.sub(books.to_date(day).customers.profit, fill_value=0)
    inputs = {"tickets": books.tables["tickets"], "costs": books.costs(until)}
    args = {"as_of": until.date(), "day": day.date()}
    pending = books.ask(_HERE / "pending.sql", inputs, args).set_index("customer_id").cost
    return profit.sub(pending, fill_value=0).astype(float)


def last_year(books: Books, day: pd.Timestamp, years: int) -> pd.Series:
    """The profit of the year up to `day`, once more for each of `years`."""
    before = books.to_date(day - pd.Timedelta(days=YEAR)).customers.profit
    return years * books.to_date(day).customers.profit.sub(before, fill_value=0).astype(float)


def mean_retained(books: Books, day: pd.Timestamp, first_seen: pd.Series, years: int) -> pd.Series:
    """Mean profit a month since a customer was first known (at least a year) × months × retention.

    Retention is the share of the customers with income or costs in the year before last that had some in the last year.
    """
    now, year_ago, before = (books.to_date(day - pd.Timedelta(days=YEAR * y)).customers for y in range(3))
    earlier = _active(year_ago, before)
    lately = _active(now, year_ago).reindex(earlier.index).fillna(False)
    stay = float(lately[earlier].mean()) if earlier.any() else 1.0
    known_for = (day - first_seen.reindex(now.index).fillna(first_seen.min())).dt.days + 1
    yearly = now.profit.astype(float) / np.maximum(known_for / YEAR, 1.0)
    return yearly * sum(stay**y for y in range(1, years + 1))


def _active(now: pd.DataFrame, then: pd.DataFrame) -> pd.Series:
    """Whether anything was booked or spent between two states of the books, by customer."""
    columns = ["n_lines", "margin", "cost"]
    return (now[columns].sub(then[columns], fill_value=0) != 0).any(axis=1)
