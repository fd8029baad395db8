"""The scorecard of remote support: how often the cause it names is the recorded one, beside the model on the same tickets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.desk.outputs import SCORECARD
from crmlab.intervals import wilson
from crmlab.tables import conform, empty

MIN_GROUP = 5
"""Engineers of an office below which its figures would speak of persons."""
_FIGURES = (
    "n",
    "remote",
    "remote_low",
    "remote_high",
    "model",
    "model_low",
    "model_high",
    "difference",
    "error",
)


def first_named(cause_predicted: pd.Series) -> pd.Series:
    """The first cause that remote support named on each ticket; missing where it named none.

    >>> first_named(pd.Series(["内存损坏、主板故障", None])).tolist()
    ['内存损坏', nan]
    """
    first = cause_predicted.astype("string").str.split("[、，,;；]", regex=True).str[0].str.strip()
    return first.mask(first == "").astype(object).where(first.notna() & (first != ""), np.nan)


def scorecard(
    tickets: pd.DataFrame, truth: pd.Series, guess: pd.Series, min_group: int = MIN_GROUP
) -> pd.DataFrame:
    """Hit rates of remote support and the model by symptom, machine family, office and month: table `scorecard`.

    Offices with fewer than `min_group` engineers are withheld, and with them as many of the smallest others as it takes
    until the engineers of those withheld are `min_group`: the total less the rest would give them away. No figure is by person.

    Parameters
    ----------
    tickets : the test tickets: symptom_tag, machine_family, branch, reported_at, engineer_id, cause_predicted.
    truth, guess : first recorded cause and the model's best guess, indexed as `tickets`.

    Returns
    -------
    One row per group of each kind, sorted; no rows where remote support never named a cause.
    """
    named = first_named(tickets["cause_predicted"])
    tickets, named = tickets[named.notna()], named.dropna()
    if tickets.empty:
        return empty(SCORECARD)
    truth = truth.loc[tickets.index].to_numpy(object)
    remote = (named.to_numpy(object) == truth).astype(float)
    model = (guess.loc[tickets.index].to_numpy(object) == truth).astype(float)
    groups = {
        "all": pd.Series("all", index=tickets.index),
        "symptom": tickets["symptom_tag"],
        "machine_family": tickets["machine_family"],
        "branch": tickets["branch"],
        "month": tickets["reported_at"].dt.strftime("%Y-%m"),
    }
    rows = [_rates(by, group, remote, model) for by, group in groups.items()]
    frame = pd.concat([part for part in rows if len(part)], ignore_index=True)
    few = _too_few(tickets, min_group)
    frame["withheld"] = (frame["by"] == "branch") & frame["group"].isin(few)
    frame.loc[frame["withheld"], list(_FIGURES)] = np.nan
    return conform(frame.sort_values(list(SCORECARD.key), ignore_index=True), SCORECARD)


def _rates(by: str, group: pd.Series, remote: np.ndarray, model: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "group": group.astype(object).to_numpy(),
            "remote": remote,
            "model": model,
            "square": (model - remote) ** 2,
        }
    )
    frame = frame.dropna(subset="group")
    grouped = frame.groupby("group")
    table = grouped.mean()
    table.insert(0, "n", grouped.size().astype(float))
    for name in ("remote", "model"):
        table[f"{name}_low"], table[f"{name}_high"] = wilson(table[name] * table["n"], table["n"])
    table["difference"] = table["model"] - table["remote"]
    table["error"] = np.sqrt((table["square"] - table["difference"] ** 2).clip(lower=0) / table["n"])
    return table.reset_index().assign(by=by)


def _too_few(tickets: pd.DataFrame, min_group: int) -> set[str]:
    """The offices to withhold."""
    pairs = tickets[["branch", "engineer_id"]].dropna(subset="branch").astype(object)
    engineers = pairs.groupby("branch")["engineer_id"].nunique().sort_values(kind="stable")
    withheld = set(engineers.index[engineers < min_group])
    if not withheld:
        return withheld
    for office in engineers.index[engineers >= min_group]:
        people = pairs.loc[pairs["branch"].isin(withheld), "engineer_id"].nunique()
        if people >= min_group:
            break
        withheld.add(office)
    return withheld
