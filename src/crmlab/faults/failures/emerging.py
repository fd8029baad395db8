"""Emerging failures: causes that come more often than they should, as they could have been seen month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.faults.failures.cells import Cells, Level, cells
from crmlab.faults.failures.count import failures
from crmlab.faults.failures.outputs import EMERGING
from crmlab.faults.failures.poisson import garwood
from crmlab.faults.failures.watch import WARM_UP, WINDOW, Watch
from crmlab.faults.lacks import Lacks
from crmlab.files import CrmlabError
from crmlab.tables import conform, empty

FALSE_SHARE = 0.05
"""False alarms among alarms, at most: the level of the false-discovery control."""

SEEN_EARLY = "failures that emerge in a family or a production group"


def emerging_failures(
    tickets: pd.DataFrame,
    ticket_causes: pd.DataFrame,
    machines: pd.DataFrame,
    customers: pd.DataFrame,
    *,
    as_of: pd.Timestamp,
    incident_days: int,
    false_share: float = FALSE_SHARE,
) -> tuple[pd.DataFrame, Lacks]:
    """Alarms on causes that came more often than expected, as seen at each month end with what was known then.

    Watched are cause × family, and within a family cause × serial prefix, × half-year of installation, × both. At each
    month end the failures of the last `WINDOW` months are set against those expected:

    - *a family*: machine-years by age × the company's rate of the cause at that age, × how the cause fares now in the
      other families (the season, and habits of recording), × the family's own earlier ratio to that;
    - *a group*: the same, × how the rest of its family fares now, × the group's own earlier ratio. So what befalls a
      whole family is one alarm and not one per group.

    Each ratio is gamma-Poisson, drawn towards 1 where it rests on few failures, and the chance of as many failures is
    negative binomial with what all of them leave uncertain. The rates must be drawn like this because half the cells
    have next to no history: a new family, or a batch just installed, is what one wants to watch. Months under alarm
    do not become history. A group's failures are taken out before what contains it is judged. False discoveries are
    held over all cells of the `WINDOW` month ends whose windows overlap (Benjamini and Hochberg 1995, JRSS B 57:289).

    What befalls all families alike is not seen here: table `growth` shows it. A batch is slow to show, for it is small
    and its machines come to the age of failing one by one: over nine simulated companies of 1,200 customers the
    planted batch (60 machines, six times the usual rate) was seen in eight, in the median seven months after its
    first machine came to that age; the bug of a whole family was seen in its first month in all; one alarm was false.

    Parameters
    ----------
    tickets, ticket_causes, machines, customers : clean tables; any may be empty. Without machines, or their days of
        installation, the failures of a family stand in for its machine-years, and shares of them are watched.
    as_of : the last day of the record; months complete by then are watched.
    incident_days : one text on one family from one customer within so many days is one incident.
    false_share : the share of false alarms among the alarms that is put up with, between 0 and 1.

    Returns
    -------
    Table `emerging`, one row per cause, family and run of alarm months with none more than `WINDOW` apart, named by
    the surest cell of the run; and what is missing, with what it would add.

    Raises
    ------
    CrmlabError : `false_share` is not between 0 and 1.
    """
    if not 0 < false_share < 1:
        raise CrmlabError(f"false_share: {false_share!r} is not between 0 and 1; 0.05 is one alarm in twenty")
    what = ticket_causes[["ticket_id", "cause"]].astype(object).dropna().drop_duplicates()
    failed = failures(tickets, what, incident_days)
    if failed.empty:
        return empty(EMERGING), [("tickets.cause_actual", SEEN_EARLY)]
    first = pd.Timestamp(tickets["reported_at"].min()).to_period("M")
    months = ((as_of.normalize() + pd.Timedelta(days=1)).to_period("M") - first).n
    if months <= WARM_UP:
        return empty(EMERGING), [(f"more than {WARM_UP} complete months of tickets", SEEN_EARLY)]
    if failed["machine_family"].isna().all():
        return empty(EMERGING), [("tickets.machine_model", SEEN_EARLY)]
    found = cells(failed, tickets, machines, customers, as_of, months, 30 * WINDOW)
    lacks = _lacks(found, machines)
    if found.failed.empty:
        return empty(EMERGING), lacks
    alarms = Watch(found, false_share).run()
    return conform(_episodes(found, alarms), EMERGING), lacks


def _lacks(found: Cells, machines: pd.DataFrame) -> Lacks:
    lacks: Lacks = []
    if found.is_share:
        what = "machines.installed_at"
        lacks.append(
            (what, "emerging failures against machine-years; shares of a family's failures stand in")
        )
    if len(found.failed) and found.failed["serial_no"].isna().all():
        lacks.append(("tickets.serial_no", "emerging failures of a batch, by serial number and installation"))
    if found.units["machine_family"].nunique() < 2:
        lacks.append(
            ("a second machine family", "the season, which emerging failures are then not cleared of")
        )
    return lacks


def _episodes(found: Cells, alarms: pd.DataFrame) -> pd.DataFrame:
    """One row per run of months in which a cause was under alarm in a family, named by its surest cell: `emerging`."""
    if alarms.empty:
        return empty(EMERGING)
    levels = found.levels()
    family = np.select(
        [alarms["level"] == i for i in range(len(levels))],
        [level.family[np.minimum(alarms["group"], len(level.family) - 1)] for level in levels],
    )
    alarms = alarms.assign(family=family).sort_values(
        ["family", "cause", "month", "chance", "level"], ignore_index=True
    )
    gap = alarms.groupby(["family", "cause"])["month"].diff()
    alarms["episode"] = (~(gap <= WINDOW)).cumsum()
    span = alarms.groupby("episode")["month"].agg(["min", "max"])
    peak = alarms.sort_values(["episode", "chance", "month", "level"]).drop_duplicates("episode")
    peak = peak.set_index("episode")
    names = pd.DataFrame(
        [levels[row.level].names.iloc[row.group] for row in peak.itertuples()], index=peak.index
    )
    low, high = garwood(peak["n"], peak["expected"])
    rows = names.assign(
        cause=[found.causes[k] for k in peak["cause"]],
        first_alarm=[str(found.first + k) for k in span["min"]],
        last_alarm=[str(found.first + k) for k in span["max"]],
        peak=[str(found.first + k) for k in peak["month"]],
        n=peak["n"],
        n_machines=[_machines(found, levels[row.level], row) for row in peak.itertuples()],
        expected=peak["expected"],
        ratio=peak["n"] / peak["expected"],
        low=low,
        high=high,
        q_value=peak["q_value"],
        is_on=span["max"] == found.months - 1,
    )
    return rows.sort_values(list(EMERGING.key), ignore_index=True)


def _machines(found: Cells, level: Level, alarm) -> int:
    """Machines behind an alarm's failures; tickets where no serial number is known."""
    rows = found.failed
    rows = rows.iloc[slice(*np.searchsorted(rows["month"], [alarm.month - WINDOW + 1, alarm.month + 1]))]
    rows = rows[(rows["known"] <= alarm.month) & (rows["cause"] == alarm.cause)]
    rows = rows[level.group[rows["unit"]] == alarm.group]
    return rows["serial_no"].fillna(rows["ticket_id"]).nunique()
