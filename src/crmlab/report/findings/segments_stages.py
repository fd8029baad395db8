"""Stages of the customer life cycle, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmlab.report.findings.groups import plain
from crmlab.report.findings.segments_words import STAGES
from crmlab.report.findings.value_words import customers_said
from crmlab.report.messages import Message, percent, say

if TYPE_CHECKING:
    import pandas as pd


def stages(stage_months: pd.DataFrame) -> pd.DataFrame:
    """Table stages by month and in the order of the life cycle, with `name` in words and `month` as "2026-10"."""
    import pandas as pd

    rows = plain(stage_months)
    places = {name: place for place, name in enumerate(STAGES)}
    rows["place"] = rows["stage"].astype(object).map(places).astype(float)
    rows["month"] = pd.to_datetime(rows["month"]).dt.strftime("%Y-%m")
    rows["name"] = [STAGES.get(stage) for stage in rows["stage"].astype(object)]
    return rows.sort_values(["month", "place"], ignore_index=True)


def stages_title(stage_months: pd.DataFrame) -> Message:
    """The finding above the stages: where most customers are in the last month, and how many were won back."""
    rows = stages(stage_months)
    if rows.empty or not rows["n"].sum():
        return say("No customer is in a stage of the life cycle")
    last = rows[rows["month"] == rows["month"].max()]
    most = last.loc[last["n"].idxmax()]
    back = last["won_back"].sum()
    words = {"share": percent(most["n"] / last["n"].sum()), "stage": most["name"]}
    if not back:
        return say("{share} of the customers are in the stage {stage}; nobody was won back lately", **words)
    return say(
        "{share} of the customers are in the stage {stage}; {n} won back within a year",
        n=customers_said(back),
        **words,
    )


CYCLE = say(
    "Selection: known, nothing bought yet. Acquisition: new, or back after leaving. Retention: buys or renews as before. Extension: buys more, or more widely."
)
"""How to read the stages."""
