"""What may stand before or behind an amount: the marks of the books' own currency, and those of others, which are no amounts of theirs."""

from __future__ import annotations

import re

MARKS = {
    "CNY": ("¥", "￥", "RMB", "CNY", "元", "圆"),
    "JPY": ("¥", "￥", "JPY"),
    "USD": ("[$]", "US[$]", "USD"),
    "EUR": ("€", "EUR"),
    "GBP": ("£", "GBP"),
}
"""Marks as regular expressions, by the currencies that use them."""
DOLLARS = ("AUD", "BND", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD")
"""Other currencies that are written with a dollar sign."""
_ALL = tuple(dict.fromkeys(mark for marks in MARKS.values() for mark in marks))


def own(currency: str) -> str:
    """The marks that an amount of `currency` may have, upper case; those of all where it is empty.

    >>> own("CHF"), own("EUR")
    ('CHF', '€|EUR')
    """
    if not currency:
        return "|".join(_ALL)
    marks = MARKS.get(currency) or (re.escape(currency.upper()), *(("[$]",) if currency in DOLLARS else ()))
    return "|".join(marks)


def foreign(currency: str) -> str:
    """A regular expression that finds the mark of another currency in a cell, upper case.

    >>> [bool(re.search(foreign("CNY"), cell)) for cell in ("¥5", "5元", "$5", "EUR 5")]
    [False, False, True, True]
    """
    return "|".join(mark for mark in _ALL if mark not in own(currency).split("|"))
