"""Complaints of the last twelve months by kind."""

from __future__ import annotations

import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.complaints.outputs import COMPLAINT_KINDS
from crmlab.service.promises.period import twelve_months
from crmlab.tables import conform, empty

SHARES = ("valid", "solved", "promptly", "satisfied")


def complaint_kinds(complaints: pd.DataFrame, until: str, min_group: int) -> pd.DataFrame:
    """Table `complaint_kinds` over the complaints received in the twelve months up to and with `until` ("2026-10").

    Shares and days of fewer than `min_group` complaints are missing, money that nobody put down is too.

    Parameters
    ----------
    complaints : as `record.known` returns them, with kind, kind_from, end and working_days.
    """
    before = complaints.loc[
        twelve_months(complaints["received_at"], until, years_back=1), "kind"
    ].value_counts()
    year = complaints[twelve_months(complaints["received_at"], until)]
    if year.empty:
        return empty(COMPLAINT_KINDS)
    over = year["end"].isin(["ignored", "solved", "solved promptly"])
    told = pd.DataFrame(
        {
            "kind": year["kind"],
            "from_text": year["kind_from"] == "text",
            "valid": year["valid"].astype("Float64"),
            "solved": (year["end"] != "ignored").astype("Float64").where(over),
            "promptly": (year["end"] == "solved promptly").astype("Float64").where(over),
            "satisfied": year["satisfied"].astype("Float64"),
            "working_days": year["working_days"].astype("Float64"),
            "compensation": year["compensation"],
        }
    )
    grouped = told.groupby("kind")
    table = pd.DataFrame({"n": grouped.size(), "from_text": grouped["from_text"].sum()})
    table["before"] = before.reindex(table.index).fillna(0)
    denominators = {"valid": "judged", "solved": "over", "promptly": "over", "satisfied": "said"}
    for share in SHARES:
        of = grouped[share].count()
        few = of < min_group
        low, high = wilson(grouped[share].sum().to_numpy(float), of)
        table[denominators[share]] = of
        table[share] = grouped[share].mean().mask(few)
        table[f"{share}_low"] = pd.Series(low, index=table.index).mask(few)
        table[f"{share}_high"] = pd.Series(high, index=table.index).mask(few)
    timed = grouped["working_days"]
    table["median_days"] = timed.median().mask(timed.count() < min_group)
    table["compensation"] = grouped["compensation"].sum(min_count=1)
    return conform(table.reset_index().sort_values("kind", ignore_index=True), COMPLAINT_KINDS)
