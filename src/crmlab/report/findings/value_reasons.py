"""Why a customer costs more than it brings, in words, and what to do about it."""

from __future__ import annotations

from dataclasses import replace

from crmlab.report.messages import Message, is_missing, money, number, percent, say

_FEW = 10  # from here on a ratio is told without a decimal
_SAME = 0.05  # a ratio as near to 1 as this tells nothing

REASONS = {
    "many_tickets": say("many tickets"),
    "dear_tickets": say("dear tickets"),
    "low_price": say("a low contract price"),
    "low_margin": say("low prices of what it buys"),
    "no_contract": say("machines without a contract"),
    "no_income": say("hardly any income"),
}
"""Reasons of a loss without their figures."""
DO = {
    "many_tickets": say("find what keeps failing there, and charge what the contract does not cover"),
    "dear_tickets": say("settle more by phone, and bundle the visits"),
    "low_price": say("raise the price with the next contract"),
    "low_margin": say("check the discounts it gets"),
    "no_contract": say("offer one, or charge for visits"),
    "no_income": say("offer a contract, or charge for the repairs"),
}
"""What to do about each reason."""
_TIMES = {
    "many_tickets": say("{x} times as many tickets a machine as the mean"),
    "dear_tickets": say("a ticket costs {x} times the mean"),
}
_SHARES = {
    "low_price": say("pays {share} of the mean contract price a machine at its service level"),
    "low_margin": say("buys at {share} of the mean price"),
    "no_income": say("brings in {share} of what it will cost"),
}
_MORE = {
    "many_tickets": say("at the mean {amount} more"),
    "dear_tickets": say("at the mean {amount} more"),
    "low_price": say("at the price of customers like it {amount} more"),
    "low_margin": say("at the mean price {amount} more"),
    "no_contract": say("with all visits charged {amount} more"),
}
"""What the customer would bring more if it were not for the reason."""


def reason(name: str | None, ratio: float | None, amount: float | None = None) -> Message | None:
    """Why a customer costs more than it brings: a fragment of a sentence with the figures that set it apart.

    Parameters
    ----------
    name, ratio, amount : columns `reason`, `reason_ratio` and `reason_money` of table customers.

    Examples
    --------
    >>> from crmlab.report.language import Language
    >>> [reason("many_tickets", 3.24).in_language(Language(tag)) for tag in ("en", "zh")]
    ['3.2 times as many tickets a machine as the mean', '每台机器的派单是平均的 3.2 倍']
    >>> reason("low_price", 0.6, 420_000).in_language(Language("en"))
    'pays 60% of the mean contract price a machine at its service level: at the price of customers like it CN¥4,200 more'
    """
    if is_missing(name) or name not in REASONS:
        return None
    told = _with_ratio(name, ratio)
    if is_missing(amount) or amount <= 0 or name not in _MORE:
        return told
    return say("{what}: {value}", what=told, value=replace(_MORE[name], values={"amount": money(amount)}))


def _with_ratio(name: str, ratio: float | None) -> Message:
    """The reason with its ratio, where that says something."""
    if is_missing(ratio) or abs(ratio - 1) < _SAME:
        return REASONS[name]
    if name in _TIMES:
        return replace(_TIMES[name], values={"x": number(ratio, 0 if ratio >= _FEW else 1)})
    return replace(_SHARES[name], values={"share": percent(ratio)}) if name in _SHARES else REASONS[name]
