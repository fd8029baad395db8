"""What needs attention on the page "Renewals and churn"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings import churn_expiry, churn_factors, churn_lists, churn_scores
from crmlab.report.messages import Message, count, is_missing, money, month, percent, say

if TYPE_CHECKING:
    import pandas as pd

ATTENDED = ("contracts", "expiry", "hazard_ratios", "associations", "win_back")
"""Tables of the stage that its attention is told from, beside its metrics."""

TABLES = (
    *ATTENDED,
    "renewals_by_month",
    "curves",
    "segment_tests",
    "incidence",
    "calibration",
    "scores",
    "uncontracted",
)
"""Tables of the stage that the page shows."""


def attention(metrics: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Message]:
    """What needs attention, the most important first.

    Parameters
    ----------
    metrics : reports/metrics/churn.json.
    tables : the stage's tables `ATTENDED`, by name.
    """
    said = [
        _no_model(metrics),
        _due_soon(metrics, tables["contracts"]),
        _within_a_year(metrics, tables["expiry"]),
        churn_factors.attention(tables["associations"], tables["hazard_ratios"]),
        churn_scores.attention(metrics),
        _lost(metrics, tables["win_back"]),
    ]
    return [message for message in said if message][:_MOST]


_MOST = 5  # sentences that a reader takes in


def _no_model(metrics: Mapping[str, Any]) -> Message | None:
    n = count(metrics.get("n_ended"))
    match metrics.get("no_model"):
        case None:
            return None
        case "none lost":
            return say(
                "{n} contracts have ended and none was lost: nothing to learn leaving from. Call by price and last day.",
                n=n,
            )
        case "none renewed":
            return say(
                "{n} contracts have ended and none was renewed: nothing to learn staying from. Ask first whether renewals are recorded.",
                n=n,
            )
    return say(
        "{n} contracts have ended with a known outcome: too few to say who will renew. Record how each contract ends.",
        n=n,
    )  # fmt: skip


def _due_soon(metrics: Mapping[str, Any], contracts: pd.DataFrame) -> Message | None:
    first = churn_lists.to_call(contracts)
    if "due" not in metrics:
        return _dearest_soon(contracts)
    soon = metrics["due"]["90"]
    if not soon["n"] or first.empty:
        return say("No contract ends within 90 days: use the time for those that end later.")
    words = {
        "n": count(soon["n"]),
        "amount": money(soon["amount"]),
        "customer": first["name"].iloc[0],
    }
    if is_missing(soon["expected_loss"]):
        return say(
            "{n} contracts end within 90 days, {weak} of them renew with less than {p}; no price is on record: call {customer} first.",
            n=words["n"],
            weak=count(soon["n_at_risk"]),
            p=percent(metrics["at_risk"]),
            customer=words["customer"],
        )
    if not soon["n_at_risk"]:
        return say(
            "{n} contracts worth {amount} end within 90 days; each of them renews with at least {p}: remind them in good time, "
            "{customer} first.",
            **words,
            p=percent(metrics["at_risk"]),
        )
    words |= {"loss": money(soon["expected_loss"]), "most": money(first["expected_loss"].iloc[0])}
    why = first["why"].iloc[0]
    if why is None:
        return say(
            "{loss} may be lost within 90 days, when {n} contracts worth {amount} end: call {customer} first, for {most} of it.",
            **words,
        )
    return say(
        "{loss} may be lost within 90 days, when {n} contracts worth {amount} end: call {customer} first, for {most} of it ({why}).",
        **words,
        why=why,
    )


def _dearest_soon(contracts: pd.DataFrame) -> Message | None:
    """Whom to call where no chance is known: the dearest of those that end soon."""
    soon = churn_lists.ending(contracts, churn_lists.SOON)
    if soon.empty:
        return None
    return say(
        "{n} contracts worth {amount} end within 90 days: call {customer} first, whose contract is the dearest ({most}).",
        n=count(len(soon)),
        amount=money(soon["amount"].sum()),
        customer=soon["name"].iloc[0],
        most=money(soon["amount"].iloc[0]),
    )


def _within_a_year(metrics: Mapping[str, Any], expiry: pd.DataFrame) -> Message | None:
    year = metrics.get("due", {}).get("365", {})
    if not year.get("n") or is_missing(year["expected_loss"]):
        return None
    words = {"amount": money(year["amount"]), "n": count(year["n"]), "loss": money(year["expected_loss"])}
    worst = churn_expiry.worst(expiry)
    if worst is None:
        return say(
            "Of {amount} in {n} contracts that end within a year, {loss} is expected to be lost: plan the calls by last day.",
            **words,
        )
    return say(
        "Of {amount} in {n} contracts that end within a year, {loss} is expected to be lost, most of it in {month} ({most}): have the "
        "offers for that month out early.",
        **words,
        month=month(worst["month"]),
        most=money(worst["expected_loss"]),
    )


def _lost(metrics: Mapping[str, Any], win_back: pd.DataFrame) -> Message | None:
    rows = churn_lists.to_win_back(win_back)
    if rows.empty or rows["yearly_amount"].isna().all():
        return None
    words = {
        "n": count(len(rows)),
        "months": count(metrics.get("win_back_months")),
        "amount": money(rows["yearly_amount"].sum()),
        "customer": rows["name"].iloc[0],
        "most": money(rows["yearly_amount"].iloc[0]),
    }
    if len(rows) == 1:
        return say(
            "One customer was lost within {months} months and has no contract now: win back {customer}, worth {most} a year.",
            **words,
        )
    return say(
        "{n} customers lost within {months} months paid {amount} a year: win back {customer} first, worth {most} a year.",
        **words,
    )
