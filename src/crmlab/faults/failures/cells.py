"""Cells of the watch for emerging failures: counts and machine-years by month, production group, age and cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.faults.failures.installed_base import in_service, on_machines
from crmlab.faults.failures.outputs import ALL
from crmlab.faults.failures.poisson import DAYS_A_YEAR

PREFIX = 3
"""Characters of a serial number that name where and of what it was built."""
AGES = (0.5, 1.0, 2.0, 3.0, 5.0, 7.0)
"""Years between the age groups whose rates differ: young machines and old ones fail of other causes."""
MIN_MACHINES = 10
"""Machines in service below which a group is not watched: it would have to fail in half of them to be seen."""
MAX_GROUPS = 2_000
"""Serial prefixes of a family that are watched at most, the largest first; the rest are watched as a family only."""
UNNAMED = ""
"""Stands for a prefix or half-year that is not known, or shared by too few machines."""


@dataclass(frozen=True)
class Level:
    """One way to cut the units into groups: the group of each unit, the family of each group, its names."""

    group: np.ndarray
    family: np.ndarray
    names: pd.DataFrame
    named: np.ndarray


@dataclass
class Cells:
    """Units (family × serial prefix × half-year of installation), what fails in them and how long they serve.

    `failed` has a row per failure: unit, machine, cause (codes), month and known (months since `first`).
    `serving(month)` gives units × ages: machine-years in service, or failures of any cause where no base is known.
    """

    units: pd.DataFrame
    causes: list[str]
    failed: pd.DataFrame
    first: pd.Period
    months: int
    base: pd.DataFrame | None

    @property
    def is_share(self) -> bool:
        """Whether failures of any cause stand in for machine-years, because the installed base is not known."""
        return self.base is None

    def count(self, month: int, until: int) -> np.ndarray:
        """Failures reported in `month` and known by the end of month `until`: units × causes."""
        low, high = np.searchsorted(self.failed["month"], [month, month + 1])
        rows = self.failed.iloc[low:high]
        rows = rows[rows["known"] <= until]
        shape = len(self.units), len(self.causes)
        cell = rows["unit"].to_numpy() * shape[1] + rows["cause"].to_numpy()
        return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    def aged(self, month: int) -> np.ndarray:
        """Failures that became known in `month`, by age of the machine and cause; the last row: age not known."""
        rows = self.failed[(self.failed["known"] == month).to_numpy()]
        shape = len(AGES) + 2, len(self.causes)
        cell = rows["age"].to_numpy() * shape[1] + rows["cause"].to_numpy()
        return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(float)

    def serving(self, month: int) -> np.ndarray:
        """What the failures of a month are set against: units × ages."""
        shape = len(self.units), len(AGES) + 1
        if self.base is None:
            counted = np.zeros(shape)
            counted[:, 0] = self.count(month, month).sum(axis=1)
            return counted
        begin = np.datetime64((self.first + month).start_time, "D")
        end = np.datetime64((self.first + month + 1).start_time, "D")
        since, until, installed, unit = (
            self.base[name].to_numpy() for name in ("since", "until", "installed_at", "unit")
        )
        days = (np.minimum(until, end) - np.maximum(since, begin)).astype("m8[D]").astype(float)
        rows = np.flatnonzero(days > 0)
        age = ages(np.full(len(rows), begin + (end - begin) // 2), installed[rows])
        cell = unit[rows] * shape[1] + age
        return np.bincount(cell, days[rows] / DAYS_A_YEAR, minlength=shape[0] * shape[1]).reshape(shape)

    def levels(self) -> list[Level]:
        """The ways to cut, the finest first, families last; only those under which some group has a name."""
        cuts = (["serial_prefix", "installed_half"], ["serial_prefix"], ["installed_half"], [])
        family = self.units.groupby("machine_family", sort=True).ngroup().to_numpy()
        seen = self.failed["unit"] if self.base is None else self.base["unit"]
        inhabited = np.bincount(seen, minlength=len(self.units)) > 0
        groups = [self.units.groupby(["machine_family", *cut], sort=True).ngroup().to_numpy() for cut in cuts]
        size = [np.bincount(group, inhabited)[group] for group in groups]
        made = []
        for i, (cut, group) in enumerate(zip(cuts, groups, strict=True)):
            first = np.unique(group, return_index=True)[1]
            names = self.units.iloc[first].reset_index(drop=True)
            names = names.assign(**{c: ALL for c in ("serial_prefix", "installed_half") if c not in cut})
            named = (names[cut] != UNNAMED).all(axis=1).to_numpy()
            # a group that is all of a coarser one is judged there, and not twice
            for coarser, other in zip(cuts[i + 1 :], size[i + 1 :], strict=True):
                if set(coarser) < set(cut):
                    named &= (size[i] < other)[first]
            if named.any():
                made.append(Level(group, family[first], names, named))
        return made


def ages(day: np.ndarray, installed: np.ndarray) -> np.ndarray:
    """The age group of machines installed on `installed`, on `day`."""
    years = (day.astype("M8[D]") - installed.astype("M8[D]")).astype(float) / DAYS_A_YEAR
    return np.searchsorted(AGES, years, side="right")


def cells(
    failed: pd.DataFrame,
    tickets: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: pd.Timestamp,
    months: int,
    repeat_days: int,
) -> Cells:
    """Cut the record into cells; without machines or their days of installation, by the tickets alone.

    Parameters
    ----------
    failed : from `failures`, with the column cause. months : complete months on record.
    repeat_days : a machine's failures of one cause within so many days of the one before are one.
    """
    base = in_service(machines, tickets, customers, as_of)
    known = not base.empty
    failed = on_machines(failed, base) if known else failed.assign(machine=-1)
    failed = failed.dropna(subset="machine_family")
    failed = failed[~_repeated(failed, repeat_days)]
    units = base.assign(serial=base["serial_no"]) if known else failed.assign(serial=failed["serial_no"])
    units = units.assign(
        machine_family=units["machine_family"].astype(object),
        serial_prefix=_prefix(units),
        installed_half=half_year(units["installed_at"]) if known else UNNAMED,
    ).dropna(subset="machine_family")
    names = ["machine_family", "serial_prefix", "installed_half"]
    whole = pd.DataFrame({"machine_family": failed["machine_family"].unique()})
    whole = whole.assign(serial_prefix=UNNAMED, installed_half=UNNAMED)
    listed = pd.concat([units[names], whole]).drop_duplicates().sort_values(names, ignore_index=True)
    index = pd.MultiIndex.from_frame(listed)
    of_unit = index.get_indexer(pd.MultiIndex.from_frame(units[names]))
    whole_unit = index.get_indexer(
        pd.MultiIndex.from_frame(
            failed[["machine_family"]].astype(object).assign(serial_prefix=UNNAMED, installed_half=UNNAMED)
        )
    )
    age = np.full(len(failed), len(AGES) + 1)
    unit = of_unit
    if known:
        base = base.loc[units.index].assign(unit=of_unit)
        row = failed["machine"].to_numpy()
        place = base.index.get_indexer(row)
        unit = np.where(row >= 0, of_unit[np.maximum(place, 0)], whole_unit)
        installed = base["installed_at"].to_numpy()[np.maximum(place, 0)]
        age = np.where(row >= 0, ages(failed["reported_at"].to_numpy(), installed), len(AGES) + 1)
    causes = sorted(failed["cause"].unique())
    first = pd.Timestamp(tickets["reported_at"].min()).to_period("M")
    table = pd.DataFrame(
        {
            "unit": unit,
            "age": age,
            "serial_no": failed["serial_no"].astype(object).to_numpy(),
            "ticket_id": failed["ticket_id"].to_numpy(),
            "cause": pd.Index(causes).get_indexer(failed["cause"]),
            "month": _month(failed["reported_at"], first),
            "known": _month(failed["known_at"], first),
        }
    ).sort_values("month", kind="stable", ignore_index=True)
    return Cells(listed, causes, table, first, months, base if known else None)


def _month(at: pd.Series, first: pd.Period) -> np.ndarray:
    return (12 * (at.dt.year - first.year) + at.dt.month - first.month).to_numpy(int)


def _repeated(failed: pd.DataFrame, days: int) -> np.ndarray:
    """Failures of a machine that had the same cause less than `days` before."""
    named = failed[failed["serial_no"].notna()]
    before = named.groupby(["serial_no", "cause"])["reported_at"].shift()
    again = (named["reported_at"] - before) < pd.Timedelta(days=days)
    return again.reindex(failed.index, fill_value=False).to_numpy(bool)


def _prefix(units: pd.DataFrame) -> pd.Series:
    prefix = units["serial"].astype("string").str[:PREFIX].fillna(UNNAMED).astype(object)
    size = prefix.groupby([units["machine_family"], prefix]).transform("size")
    sizes = pd.DataFrame(
        {"family": units["machine_family"], "prefix": prefix, "size": size}
    ).drop_duplicates()
    sizes = sizes.sort_values(["size", "prefix"], ascending=[False, True])
    last = sizes[sizes.groupby("family").cumcount() < MAX_GROUPS].groupby("family")["size"].min()
    enough = np.maximum(units["machine_family"].map(last).fillna(0), MIN_MACHINES)
    return prefix.where(size >= enough, UNNAMED)


def half_year(day: pd.Series) -> pd.Series:
    """The half-year of each day, "2023H2"."""
    return (day.dt.year.astype(str) + "H" + ((day.dt.month + 5) // 6).astype(str)).astype(object)
