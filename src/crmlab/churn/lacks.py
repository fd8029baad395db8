"""What the exports do not hold, and what the stage could say if they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ADDS = {
    "tickets": "repairs, second visits and broken promises as reasons to leave",
    "complaints": "complaints and how they ended as reasons to leave",
    "surveys": "satisfaction as a sign of staying",
    "payments": "late payment as a sign of leaving",
    "quotes": "the price offered for the next term as a reason to leave",
    "machines": "how many machines a customer has, and how old they are",
}
"""Tables of the service record, and what each adds."""


def lacks(rows: Mapping[str, int], figures: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Pairs of what is missing and what it would add, in the words of status.json.

    Parameters
    ----------
    rows : rows of each clean table that the stage reads, and outcomes: contracts that have one. figures : of churn.json.
    """
    if not rows["contracts"] and not rows["sales"]:
        yield "contracts or sales", "who leaves, and who renews"
        return
    if not rows["sales"]:
        yield "sales", "whether customers without a contract still buy, and what lost ones bought"
    if figures["no_model"] == "few" and not figures["n_ended"]:
        yield "contracts with outcomes", "who will renew, and what goes with leaving"
    elif figures["no_model"] == "few":
        yield "more ended contracts", "a chance of its own for each contract"
    elif figures["no_model"] == "none lost":
        yield "lost contracts", "what goes with leaving"
    elif figures["no_model"] == "none renewed":
        yield "renewed contracts", "what goes with staying"
    elif figures.get("auc") is None:
        yield "a second year of ended contracts", "a back-test of the renewal chances"
    if not rows["contracts"]:
        return
    if not rows["outcomes"]:
        yield "contracts.outcome", "which ends were no leaving"
    for table, adds in ADDS.items():
        if not rows[table]:
            yield table, adds
