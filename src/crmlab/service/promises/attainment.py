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
    parts = [_shares(year.assign(all=""), "all", 1)]
    parts += [_shares(months if of == "month" else year, of, min_group) for of in GROUPS]
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty(ATTAINMENT)
    frame = pd.concat(parts).sort_values(list(ATTAINMENT.key), ignore_index=True)
    return conform(frame, ATTAINMENT)


def _shares(frame: pd.DataFrame, of: str, min_group: int) -> pd.DataFrame:
    counts = {}
    for promise in PROMISES:
        verdict = frame[promise]
        kept, broken = (verdict == "kept").to_numpy(bool), (verdict == "broken").to_numpy(bool)
        unknown = verdict.isin(("cannot tell", "running")).to_numpy(bool)
        counts |= {(promise, "n"): kept | broken, (promise, "kept"): kept, (promise, "unknown"): unknown}
    group = frame[of].astype("category").array.rename_categories(str)
    sums = pd.DataFrame(counts, dtype=int).groupby(group, observed=True).sum()
    sums.columns = pd.MultiIndex.from_tuples(sums.columns, names=["promise", None])
    table = sums.rename_axis("group").stack("promise", future_stack=True).reset_index()
    table = table[table["n"] >= min_group]
    low, high = wilson(table["kept"], table["n"])
    return table.assign(of=of, share=table["kept"] / table["n"], low=low, high=high)
