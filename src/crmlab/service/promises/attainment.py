"""How many promises were kept: by service level, branch, month and tier of customer."""

from __future__ import annotations

import pandas as pd

from crmlab.intervals import wilson
from crmlab.service.promises.outputs import ATTAINMENT
from crmlab.service.promises.period import reported_until, twelve_months
from crmlab.tables import conform, empty

PROMISES = ("response", "fix", "recorded")
GROUPS = ("level", "branch", "month", "tier")


def attainment(judged: pd.DataFrame, until: str, min_group: int) -> pd.DataFrame:
    """The share of promises kept, of those that can be told: table `attainment`.

    Months are all months of report up to `until`; the other groups are of the twelve months up to it.

    Parameters
    ----------
    judged : table `tickets` with branch and tier of each ticket.
    until : the reporting month, "2026-10".
    min_group : tickets that can be told below which a group is left out; the whole is shown if one can.
    """
    year = judged[twelve_months(judged["reported_at"], until)]
    months = judged[reported_until(judged["reported_at"], until)]
    # strftime takes half a minute for a million
    months = months.assign(month=months["reported_at"].to_numpy().astype("datetime64[M]").astype(str))
    parts = []
    for promise in PROMISES:
        parts.append(_shares(year.assign(all=""), promise, "all").query("n > 0"))
        for of in GROUPS:
            parts.append(_shares(months if of == "month" else year, promise, of).query("n >= @min_group"))
    frame = pd.concat([part for part in parts if len(part)] or [empty(ATTAINMENT)])
    frame = frame.sort_values(list(ATTAINMENT.key), ignore_index=True)
    return conform(frame, ATTAINMENT)


def _shares(frame: pd.DataFrame, promise: str, of: str) -> pd.DataFrame:
    verdict = frame[promise]
    counts = pd.DataFrame(
        {
            "group": frame[of].astype("string"),
            "n": verdict.isin(("kept", "broken")),
            "kept": verdict == "kept",
            "unknown": verdict.isin(("cannot tell", "running")),
        }
    )
    table = counts.dropna(subset="group").groupby("group").sum().astype(int).reset_index()
    table["share"] = table["kept"] / table["n"]
    table["low"], table["high"] = wilson(table["kept"], table["n"])
    return table.assign(promise=promise, of=of)
