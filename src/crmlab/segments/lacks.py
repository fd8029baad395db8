"""Which exports are missing, and what evidence of types they would hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

ADDS = {
    "sales": "what customers buy: repeats, generations, discounts, promotions, rhythm and trend",
    "tickets": "what customers ask the desk about, who pays for it and which engineer they stay with",
    "products": "who takes up the new early, who stays generations behind, who buys the dearer",
    "machines": "machines past support, and service beyond what the machines need",
    "contracts": "how long customers commit themselves and how early they renew",
    "quotes": "how long customers bargain, and who has prices locked",
    "surveys": "what customers write about functions, prices, manners, and about how it was and will be",
    "complaints": "what customers complain of beside the fault",
}
"""What each table would add where it is missing; words of the catalogue's context "lacks". Single columns, the page names."""


def lacks(absent: Iterable[tuple[str, list[str]]]) -> Iterator[tuple[str, str]]:
    """Pairs of what is missing and what it would add, in the words of status.json.

    Parameters
    ----------
    absent : tables and columns without a value, as `crmlab.segments.behaviour.history.History` has them.
    """
    missing = {what for what, _ in absent}
    if {"sales", "tickets"} <= missing:
        yield "sales or tickets", "what customers buy and what they ask for"
        return
    for table, adds in ADDS.items():
        if table in missing:
            yield table, adds
