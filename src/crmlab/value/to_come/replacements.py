"""Machines that will be replaced: by age and by the end of their support, and what a replacement brings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.faults.failures.poisson import shrunk

YEAR = 365.25
OLDEST = 12
"""Whole years of age from which machines count as equally old."""
UNKNOWN = 3
"""Whole years that a machine of unknown age is taken to be old."""


class Rates(NamedTuple):
    """Events a machine-year: arrays by age in whole years (0 … OLDEST), and whether support has ended (rows 0, 1)."""

    rate: np.ndarray
    young: np.ndarray
    events: float
    exposure: float


def ages(machines: pd.DataFrame, day: pd.Timestamp) -> np.ndarray:
    """Age in years on `day`."""
    return ((day - machines.installed).dt.days / YEAR).to_numpy(float)


def exposures(
    machines: pd.DataFrame, since: pd.Timestamp, as_of: pd.Timestamp, until: pd.Series | None = None
) -> pd.DataFrame:
    """Machine-years in (since, as_of] by whole years of age and whether support had ended; one row per machine and cell.

    Parameters
    ----------
    machines : installed, since, retired, support_end. until : the day from which a machine is seen no more, by its row.
    """
    after = as_of + pd.Timedelta(days=1)
    end = machines.retired.fillna(after).clip(upper=after)
    if until is not None:
        end = np.minimum(end, until.fillna(after))
    begin = machines.since.clip(lower=since + pd.Timedelta(days=1))
    support = machines.support_end.fillna(pd.Timestamp("2200-01-01"))
    parts = []
    for age in range(OLDEST + 1):
        birthday = machines.installed + pd.Timedelta(days=round(age * YEAR))
        next_one = machines.installed + pd.Timedelta(days=round((age + 1) * YEAR if age < OLDEST else 99 * YEAR))
        lo, hi = np.maximum(begin, birthday), np.minimum(end, next_one)
        for ended in (0, 1):
            first = np.maximum(lo, support) if ended else lo
            last = hi if ended else np.minimum(hi, support)
            days = (last - first).dt.days.to_numpy()
            rows = np.flatnonzero(days > 0)
            parts.append(pd.DataFrame({"row": rows, "age": age, "ended": ended, "years": days[rows] / YEAR}))
    return pd.concat(parts, ignore_index=True)


def replacement_rates(machines: pd.DataFrame, cells: pd.DataFrame, gone: pd.DataFrame) -> Rates:
    """Retirements a machine-year by age and end of support, thin cells drawn to all of their kind (empirical Bayes).

    Parameters
    ----------
    cells : from `exposures`. gone : the machines that retired in them.
    """
    age = np.clip(((gone.retired - gone.installed).dt.days / YEAR).astype(int), 0, OLDEST)
    ended = (gone.support_end.notna() & (gone.support_end < gone.retired)).astype(int)
    return _rates(cells, age.to_numpy(), ended.to_numpy(), np.ones(len(gone)))


def _rates(cells: pd.DataFrame, age: np.ndarray, ended: np.ndarray, n: np.ndarray) -> Rates:
    grid = pd.MultiIndex.from_product([range(OLDEST + 1), (0, 1)], names=["age", "ended"])
    years = cells.groupby(["age", "ended"]).years.sum().reindex(grid, fill_value=0.0)
    events = pd.Series(n).groupby([age, ended]).sum().rename_axis(["age", "ended"]).reindex(grid, fill_value=0.0)
    rate = [_rising(events.xs(ended, level="ended"), years.xs(ended, level="ended")) for ended in (0, 1)]
    both = events.groupby("age").sum() / years.groupby("age").sum().clip(lower=1e-9)
    return Rates(np.array(rate), both.to_numpy(), float(events.sum()), float(years.sum()))


def _rising(events: pd.Series, years: pd.Series) -> np.ndarray:
    """Events a year by age, never falling with age: isotonic regression weighted by exposure (Barlow et al. 1972)."""
    from sklearn.isotonic import IsotonicRegression

    seen = years.to_numpy() > 0
    if not seen.any():
        return np.zeros(len(years))
    x, y = np.arange(len(years)), np.where(seen, events / years.where(seen, 1), 0)
    fit = IsotonicRegression(out_of_bounds="clip").fit(x[seen], y[seen], sample_weight=years.to_numpy()[seen])
    return fit.predict(x)


def replaced(rates: Rates, age: np.ndarray, to_support: np.ndarray, years: int) -> np.ndarray:
    """Replacements expected in each of the `years` to come in the place of each machine, machines × years.

    Parameters
    ----------
    age : years. to_support : years until support ends, negative once it has, NaN where it is not known. What replaces a machine is
        replaced at the rates of machines of its age, whatever their support.
    """
    alive = np.ones(len(age))
    first = np.empty((len(age), years))
    to_support = np.where(np.isnan(to_support), np.inf, to_support)
    for y in range(years):
        hazard = np.zeros(len(age))
        for half in (0.25, 0.75):
            cell = np.clip((age + y + half).astype(int), 0, OLDEST)
            hazard += rates.rate[(to_support < y + half).astype(int), cell] / 2
        first[:, y] = alive * (1 - np.exp(-hazard))
        alive = alive - first[:, y]
    total = first.copy()
    for y in range(years):
        # On average in place for half of the year in which they came.
        total[:, y] += total[:, y] * rates.young[0] / 2
        for later in range(y + 1, years):
            total[:, later] += total[:, y] * (rates.young[later - y - 1] + rates.young[later - y]) / 2
    return total


def followed(retired: pd.DataFrame, machines: pd.DataFrame, within: int = 60) -> float:
    """Share of retired machines in whose place the same customer had another installed within so many days; 1 without any."""
    if retired.empty:
        return 1.0
    gone = retired[["customer_id", "retired"]].sort_values("retired")
    new = machines[["customer_id", "installed"]].sort_values("installed")
    near = pd.merge_asof(
        gone, new, left_on="retired", right_on="installed", by="customer_id", direction="nearest",
        tolerance=pd.Timedelta(days=within),
    )
    return float(near.installed.notna().mean())
