"""One sentence where a section has nothing to show: what is missing for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.badge import lack
from crmlab.report.messages import Message, say, term

if TYPE_CHECKING:
    import pandas as pd

    from crmlab.report.page import WhenEmpty

SEEN_EARLY = "failures that emerge in a family or a production group"
PER_YEAR = "failure rates per machine-year by part and family"
LIVES = "how long parts last"
TRAVEL = "which parts should travel"
BESIDE = "how often remote support is right, beside the model"
FORECAST = "a forecast of the cause of every open ticket"
"""What the stage `faults` says it could not give, in its words: to import it for them would load every model."""

PROMISED = "whether promises were kept, first-time fix and where a repair waits"
LEVELS = "which promise a ticket had"
VISITED = "first-time fix as seen by visits, reasons for second visits, response promises"
ARRIVED = "response promises, and where a repair waits before the visit"
CLOSED = "repair promises, first-time fix and where a repair waits"
REASONS = "why second visits were needed"
AGREED_RESPONSE = "response times as agreed; those of the service level stand in"
AGREED_FIX = "repair times as agreed; those of the service level stand in"
AGAIN = "machines reported again soon after their repair"
COMPLAINED = "what customers complain about, where complaints stick, and who stays"
ENDED = "how complaints ended, and who stayed after them"
STEPS = "where complaints stick"
ASKED = "how far service falls short of what customers expect, and what drives satisfaction"
BY_DIMENSION = "service quality by dimension, and which manner each branch has"
EXPECTED = "how far service falls short of what customers expect"
BRANCHES = "promises, first-time fix and manner by branch"
TIERS = "promises and first-time fix by customer tier"
"""What the stage `service` says it could not give, in its words."""

BOUGHT = "who still buys, what to expect of them, and what was sold"
EXPECTED_PURCHASES = "who still buys, and what to expect of the next horizon"
CHANCES = "the chance that a customer still is one"
JUDGED = "how well such forecasts did before"
MARGINS = "margin by product, channel and region"
DISCOUNTS = "sales by discount, and what discounts cost"
PRODUCTS = "sales by product, and how volume, mix and price changed"
CATEGORIES = "series and categories of what was sold"
CHANNELS = "sales by channel"
REGIONS = "sales by region"
LINE_KINDS = "contracts and fees told apart from purchases"
"""What the stage `purchases` says it could not give, in its words."""


def gap(status: Mapping[str, Any], *adds: str) -> Message | None:
    """What the stage lacked for the first of `adds` that it could not give; None where it had all.

    `status` is a stage's status.json, its `missing` pairs of what is missing and what it would add.
    """
    for add in adds:
        for entry in status.get("missing", []):
            if entry["adds"] == add:
                return say(
                    "Not shown: {adds}. Missing: {what}",
                    adds=term("lacks", add),
                    what=lack(entry),
                )
    return None


def further(*section: pd.DataFrame) -> WhenEmpty:
    """What stands in the place of a later part of a section without data: its title, or nothing where the whole `section` has none.

    The first part has said why then.
    """
    return "nothing" if all(table.empty for table in section) else "title"
