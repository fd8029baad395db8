"""What the overview shows below its board: one figure of each page with the simple line beside it, and the months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.blocks import Card
from crmlab.report.findings import sales, service
from crmlab.report.findings.churn_cards import loss_card
from crmlab.report.findings.segments_cards import determined_card
from crmlab.report.findings.value_cards import value_card
from crmlab.report.messages import count, month, percent, say

if TYPE_CHECKING:
    import pandas as pd


def activity(volume: pd.DataFrame, report_month: str, months: int = 36) -> pd.DataFrame:
    """Tickets and sales lines of the last `months` up to `report_month`, the newest last: columns table, month, rows."""
    seen = volume[volume["table"].isin(["tickets", "sales"]) & (volume["month"] <= report_month)]
    recent = sorted(seen["month"].unique())[-months:]
    return seen[seen["month"].isin(recent)].sort_values(["month", "table"])


def cards(metrics: Mapping[str, Mapping[str, Any]], volume: pd.DataFrame, report_month: str) -> list[Card]:
    """One figure per stage that could tell one; a stage without figures has no card.

    Parameters
    ----------
    metrics : stage -> its figures (reports/metrics/<stage>.json).
    volume : table `volume` of `clean`, rows by table and month.
    report_month : the reporting month, "2026-10".
    """
    value, churn, faults, segments, kept, sold = (
        metrics.get(stage, {}) for stage in ("value", "churn", "faults", "segments", "service", "purchases")
    )
    made = []
    tickets = activity(volume, report_month).query("table == 'tickets'").set_index("month")["rows"]
    if report_month in tickets.index:
        made.append(_tickets(tickets))
    if year := sales.card(sold):
        made.append(year)
    if worth := value_card(value):
        made.append(worth)
    if at_risk := loss_card(churn):
        made.append(at_risk)
    if promised := service.promise_card(kept):
        made.append(promised)
    if faults.get("accuracy") is not None:
        made.append(
            Card.of_share(
                say("Cause foreseen at the call"),
                faults["accuracy"],
                say(
                    "most frequent cause of the symptom: {share}",
                    share=percent(faults["by_symptom_accuracy"], 1),
                ),
                say("Share of later tickets whose first guess was the recorded cause."),
                key="accuracy",
                better="higher",
            )
        )
    if typed := determined_card(segments):
        made.append(typed)
    return made


def _tickets(tickets: pd.Series) -> Card:
    """The card of the last month of `tickets`, with the year before beside it: calls have their seasons."""
    year, _, newest = tickets.index[-1].partition("-")
    before = f"{int(year) - 1}-{newest}"
    beside = say("{month}: {n}", month=month(before), n=count(tickets[before])) if before in tickets else None
    return Card(
        say("Tickets in the reporting month"),
        count(tickets.iloc[-1]),
        beside,
        say("Calls for repair in the reporting month, all branches."),
        key="tickets",
        line=tickets.iloc[-13:],
    )
