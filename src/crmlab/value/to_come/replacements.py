"""Machines that will be replaced, by their age and the end of their support, and what a replacement brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression

from crmlab.value.to_come.flows import Part
from crmlab.value.to_come.known import Known
from crmlab.value.to_come.park import OLDEST, YEAR, Park, ages

FOLLOWS_WITHIN = 60
"""Days around a retirement within which another machine takes the place of the old one."""
PLAIN_SPREAD = 0.5
"""Squared coefficient of variation of what a machine brings, where too few were sold to tell."""


class Rates(NamedTuple):
    """Retirements a machine-year by age in whole years (0 … OLDEST): before and after the end of support, and of both together."""

    by_support: np.ndarray
    young: np.ndarray
    events: int


@dataclass(frozen=True)
class Replacements:
    """Of the machines in place (`rows` of the park): replacements expected, machines × years, and the part of value they make.

    common : standard deviation of the mean margin and of the rate, over their product.
    """

    rows: np.ndarray
    counts: np.ndarray
    part: Part
    common: float


def replacements(
    k: Known, machines: Park, levels: np.ndarray, mean_level: float, after: np.ndarray, years: int
) -> Replacements:
    """Replacements to come, and their margin.

    Parameters
    ----------
    levels, mean_level : share of the list price that each customer pays, and all do. after : share of a customer's replacements that
        is bought here even when it has left.
    """
    rows = np.flatnonzero(machines.in_place)
    now = machines.machines.iloc[rows]
    rates = replacement_rates(machines, k)
    counts = expected_replacements(
        rates, ages(now, k.day), (now.support_end - k.day).dt.days.to_numpy(float) / YEAR, years
    )
    retired = _retired(machines.machines, k)
    worth, spread = margin_of_one(k.machine_lines, now, retired)
    worth = worth * followed(retired, machines.machines)
    sold = k.machine_lines
    if sold.n and sold.ratios > 0:
        # The cost of a machine does not depend on the discount: all of it comes off the margin.
        worth = worth * np.maximum(0.0, 1 + (levels[now.customer] - mean_level) / (sold.ratios / sold.n))
    variance = (counts * (1 + spread) - np.minimum(counts, 1) ** 2).clip(min=0).sum(1) * worth**2
    third = counts.sum(1) * worth**3 * (1 + spread) ** 3
    sums = machines.by_customer(np.column_stack([counts * worth[:, None], variance, third]), rows)
    part = Part(sums[:, :years], sums[:, years], sums[:, years + 1], after)
    common = np.sqrt((2 + spread) / max(rates.events, 1))
    return Replacements(rows, counts, part, float(common))


def _retired(machines: pd.DataFrame, k: Known) -> pd.DataFrame:
    """Machines that retired since `k.since` while their customer was one."""
    gone = (machines.retired > k.since) & (machines.retired <= k.day)
    return machines[gone & ~(machines.retired >= machines.left)]


def replacement_rates(machines: Park, k: Known) -> Rates:
    """Retirements a machine-year; they never fall with age."""
    gone = _retired(machines.machines, k)
    age = np.clip((gone.retired - gone.installed).dt.days // YEAR, 0, OLDEST).astype(int)
    ended = (gone.support_end < gone.retired).astype(int)
    grid = pd.MultiIndex.from_product([range(OLDEST + 1), (0, 1)], names=["age", "ended"])
    years = machines.cells.groupby(["age", "ended"]).years.sum().reindex(grid, fill_value=0.0)
    events = gone.groupby([age.rename("age"), ended.rename("ended")]).size().reindex(grid, fill_value=0)
    by_support = [rising(events.xs(e, level="ended"), years.xs(e, level="ended")) for e in (0, 1)]
    if not years.xs(1, level="ended").sum():
        by_support[1] = by_support[0]
    young = rising(events.groupby("age").sum(), years.groupby("age").sum())
    return Rates(np.array(by_support), young, int(events.sum()))


def rising(events: pd.Series, years: pd.Series) -> np.ndarray:
    """Events a year by age, never falling: isotonic regression weighted by exposure (Barlow et al. 1972); 0 without exposure.

    >>> rising(pd.Series([2, 0, 8]), pd.Series([10.0, 10.0, 10.0])).tolist()
    [0.1, 0.1, 0.8]
    """
    seen = years.to_numpy() > 0
    if not seen.any():
        return np.zeros(len(years))
    age = np.arange(len(years))
    rate = events.to_numpy()[seen] / years.to_numpy()[seen]
    return np.interp(age, age[seen], isotonic_regression(rate, weights=years.to_numpy()[seen]).x)


def expected_replacements(rates: Rates, age: np.ndarray, to_support: np.ndarray, years: int) -> np.ndarray:
    """Replacements expected in each of the `years` to come in the place of each machine, machines × years.

    Parameters
    ----------
    age : years. to_support : years until support ends, negative once it has, NaN where it is not known. What replaces a machine is
        replaced in turn at the rates of machines of its age.
    """
    standing = np.ones(len(age))
    counts = np.empty((len(age), years))
    to_support = np.where(np.isnan(to_support), np.inf, to_support)
    for y in range(years):
        hazard = np.zeros(len(age))
        for half in (0.25, 0.75):
            cell = np.clip((age + y + half).astype(int), 0, OLDEST)
            hazard += rates.by_support[(to_support < y + half).astype(int), cell] / 2
        counts[:, y] = standing * (1 - np.exp(-hazard))
        standing = standing - counts[:, y]
    for y in range(years):
        # On average they stand for half of the year in which they came.
        counts[:, y] *= 1 + rates.young[0] / 2
        for later in range(y + 1, years):
            counts[:, later] += counts[:, y] * (rates.young[later - y - 1] + rates.young[later - y]) / 2
    return counts


def margin_of_one(sold: pd.Series, now: pd.DataFrame, retired: pd.DataFrame) -> tuple[np.ndarray, float]:
    """What replacing each machine of `now` brings, and the squared coefficient of variation of such a margin.

    The margin of machines sold over their pieces, returns taken off; in proportion to the list price of the machine that is
    replaced, where list prices are known.
    """
    if not sold.qty:
        return np.zeros(len(now)), PLAIN_SPREAD
    one = float(sold.margin) / float(sold.qty)
    lists = retired.list_price.astype(float)
    price = now.list_price.astype(float)
    if sold.list_value and len(lists) and lists.notna().all() and lists.mean() > 0:
        worth = (price.fillna(price.mean()) / lists.mean() * one).to_numpy(float)
    else:
        worth = np.full(len(now), one)
    mean = sold.ratios / sold.n if sold.n > 1 else 0.0
    spread = max(0.0, sold.squares / sold.n / mean**2 - 1) if mean > 0 else PLAIN_SPREAD
    return np.nan_to_num(worth), float(spread)


def followed(retired: pd.DataFrame, machines: pd.DataFrame) -> float:
    """Share of retired machines in whose place the same customer had another installed; 1 where none retired."""
    if retired.empty:
        return 1.0
    near = pd.merge_asof(
        retired[["customer", "retired"]].sort_values("retired"),
        machines[["customer", "installed"]].sort_values("installed"),
        left_on="retired",
        right_on="installed",
        by="customer",
        direction="nearest",
        tolerance=pd.Timedelta(days=FOLLOWS_WITHIN),
    )
    return float(near.installed.notna().mean())
