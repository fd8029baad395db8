"""Emerging failures: causes that come more often than they should, as they could have been seen month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import betainc

from crmlab.faults.cells import MIN_MACHINES, Cells, Level, cells
from crmlab.faults.failures import failures
from crmlab.faults.outputs_rates import EMERGING
from crmlab.faults.poisson import garwood
from crmlab.files import CrmlabError
from crmlab.tables import conform, empty

WINDOW = 3
"""Months of failures that are compared at each month end; one alone holds too few of a rare cause."""
WARM_UP = 6
"""Complete months on record before the first comparison."""
MIN_FAILURES = 4
"""Failures in the window below which nothing is an alarm, however unlikely: a coincidence is soon explained."""
MIN_EXPECTED = 1.0
"""Failures expected in the window below which a cell is not judged: the family around it sees its fault as soon."""
FALSE_SHARE = 0.1
"""False alarms among alarms, at most: the level of the false-discovery control."""
SEASON = 5.0
"""Expected failures that the other families' ratio must outweigh: with fewer a season is hardly believed in."""
FAMILIES_DIFFER = 3.0
"""Shape of the gamma over families before any failure: their rates of one cause differ by 1/√3, nearly threefold."""
FAMILY_HOLDS = 50.0
"""Failures that a family's own history counts for at most: its rate wanders by a seventh from year to year."""
GROUPS_DIFFER = 50.0
"""Shape of the gamma over production groups of a family, before the company's own have shown how far they differ."""
SHOWN = 500.0
"""Squared expected failures that the first guess of this shape is worth."""

MOST_ALIKE = 200.0
"""The largest such shape: no two groups are so alike that their rates differ by less than a fourteenth."""
CANDIDATE = 0.05
"""Chances above it are not kept: no false-discovery control ever reaches up to them."""

Lacks = list[tuple[str, str]]
"""Pairs (what is missing, what it would add)."""

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

    Cells are cause × family, and within a family cause × serial prefix, × half-year of installation, × both. At each
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

    What befalls all families alike is not seen here: table `growth` shows it.

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
        raise CrmlabError(f"false_share: {false_share!r} is not between 0 and 1; 0.2 is one alarm in five")
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
    alarms = _Watch(found, false_share).run()
    return conform(_episodes(found, alarms), EMERGING), lacks


def _lacks(found: Cells, machines: pd.DataFrame) -> Lacks:
    lacks: Lacks = []
    if found.is_share:
        what = "machines" if machines.empty else "machines.installed_at"
        lacks.append((what, "emerging failures against machine-years; shares of a family's failures stand in"))
    if found.failed["serial_no"].isna().all():
        lacks.append(("tickets.serial_no", "emerging failures of a batch, by serial number and installation"))
    if found.units["machine_family"].nunique() < 2:
        lacks.append(("a second machine family", "the season, which emerging failures are then not cleared of"))
    return lacks


class _Watch:
    """The state of the watch from month to month: what counts as history, what is under alarm, all chances of late.

    Arrays are units × causes or groups × causes. `history` holds, per level, failures, those expected of the family
    before its own ratio to the company, and those expected of the group before its own ratio to the family.
    """

    def __init__(self, found: Cells, false_share: float):
        self.cells, self.false_share = found, false_share
        self.levels = found.levels()
        self.sums = [_sums(level.group) for level in self.levels]
        n_causes = len(found.causes)
        self.history = [np.zeros((3, len(level.names), n_causes)) for level in self.levels]
        self.alarmed = np.full((len(found.units), n_causes), -WINDOW)
        self.group_alarmed = self.alarmed.copy()
        self.failed, self.served = 0.0, 0.0
        self.pool: list[tuple[int, np.ndarray]] = []

    def run(self) -> pd.DataFrame:
        """All alarms, one row per group, cause and month."""
        serving: list[np.ndarray] = []
        alarms: list[pd.DataFrame] = []
        for month in range(self.cells.months):
            serving = [*serving[1 - WINDOW :], self.cells.serving(month)]
            self.served = self.served + serving[-1].sum(axis=0)
            self.failed = self.failed + self.cells.aged(month)
            if month >= WINDOW - 1:
                alarms += self._look(month, serving)
        return pd.concat(alarms, ignore_index=True) if alarms else pd.DataFrame()

    def _look(self, month: int, serving: list[np.ndarray]) -> list[pd.DataFrame]:
        """Judge the window that ends with `month`, and make its oldest month history."""
        first = month - WINDOW + 1
        counts = [self.cells.count(t, month) for t in range(first, month + 1)]
        n, exposure = sum(counts), sum(serving)
        rate = self._rate()
        season, season_weight = self._season(n, exposure @ rate, month)
        of_family = self.levels[-1].group
        plain = (exposure @ rate) * season[of_family]
        past = self.history[-1]
        machines = exposure.sum(axis=1) * (1 if self.cells.is_share else 12 / WINDOW)
        is_judged = month >= WARM_UP - 1
        if is_judged:
            self.pool = [*self.pool[1 - WINDOW :], (0, np.empty(0))]

        calm = self.group_alarmed <= first - 1
        family_n, family_plain = self.sums[-1] @ (n * calm), self.sums[-1] @ (plain * calm)
        clear = np.ones(n.shape)
        alarms, ratios = [], []
        last = len(self.levels) - 1
        for i, (level, add, history) in enumerate(zip(self.levels, self.sums, self.history, strict=True)):
            if i == last:
                own = FAMILIES_DIFFER + past[0]
                ratio = own / (FAMILIES_DIFFER + past[1])
                vague = 1 / season_weight + 1 / np.minimum(own, FAMILY_HOLDS)
                ratios.append(ratio)
            else:
                others = FAMILIES_DIFFER + past[0][level.family] - history[0]
                own = others / (FAMILIES_DIFFER + np.maximum(past[1][level.family] - history[1], 0))
                rest_n = family_n[level.family] - add @ (n * calm)
                rest = own * np.maximum(family_plain[level.family] - add @ (plain * calm), 0)
                belief = np.minimum(others, FAMILY_HOLDS)
                # the second ratio lets go of the history where the whole family is far out of line
                now = np.maximum((belief + rest_n) / (belief + rest), (1 + rest_n) / (1 + rest))
                ratios.append(own * now)
                alike = _alike(history[0], history[2])
                ratio = ratios[-1] * (alike + history[0]) / (alike + history[2])
                vague = 1 / (belief + rest_n) + 1 / (alike + history[0])
            if is_judged:
                watched = level.named & (add @ machines >= MIN_MACHINES)
                found = self._judge(add @ (n * clear), (add @ (plain * clear)) * ratio, vague, watched)
                hit = np.zeros(ratio.shape, bool)
                hit[found["group"], found["cause"]] = True
                hit = hit[level.group]
                clear[hit] = 0
                self.alarmed[hit] = month
                if i != last:
                    self.group_alarmed[hit] = month
                alarms.append(found.assign(level=i, month=month))

        calm = self.alarmed < first
        plain = (serving[0] @ rate) * season[of_family] * calm
        for add, history, ratio in zip(self.sums, self.history, ratios, strict=True):
            expected = add @ plain
            history += np.stack([add @ (counts[0] * calm), expected, expected * ratio])
        return alarms

    def _rate(self) -> np.ndarray:
        """The company's rate of each cause by age, ages × causes; drawn to the cause's own where few were that old."""
        served = max(self.served.sum(), 1e-9)
        aged = self.failed[:-1]
        mean, mean_aged = self.failed.sum(axis=0) / served, aged.sum(axis=0) / served
        of_age = (aged + SEASON) / (self.served[:, None] + SEASON / np.maximum(mean_aged, 1e-9))
        return np.where(mean_aged > 0, of_age * mean / np.maximum(mean_aged, 1e-9), mean)

    def _season(self, n: np.ndarray, expected: np.ndarray, month: int) -> tuple[np.ndarray, np.ndarray]:
        """How each cause fares now in the families other than each, and the failures this rests on."""
        calm = self.alarmed <= month - WINDOW
        family_n, family_expected = self.sums[-1] @ (n * calm), self.sums[-1] @ (expected * calm)
        others = SEASON + family_n.sum(axis=0) - family_n
        return others / (SEASON + family_expected.sum(axis=0) - family_expected), others

    def _judge(
        self, n: np.ndarray, expected: np.ndarray, vague: np.ndarray, watched: np.ndarray
    ) -> pd.DataFrame:
        """The cells of one level under alarm: group, cause, n, expected, chance, q_value."""
        judged = (expected >= MIN_EXPECTED) & watched[:, None]
        group, cause = np.nonzero((n >= MIN_FAILURES) & (n > expected) & judged)
        seen, mean = n[group, cause], expected[group, cause]
        shape = 1 / vague[group, cause]
        chance = betainc(seen, shape, mean / (mean + shape))
        tests, chances = self.pool[-1]
        self.pool[-1] = tests + int(judged.sum()), np.append(chances, chance[chance < CANDIDATE])
        q = _q_values(chance, np.concatenate([c for _, c in self.pool]), sum(t for t, _ in self.pool))
        found = pd.DataFrame(
            {"group": group, "cause": cause, "n": seen, "expected": mean, "chance": chance, "q_value": q}
        )
        return found[q <= self.false_share]


def _alike(n: np.ndarray, expected: np.ndarray) -> float:
    """The shape of the gamma over groups, by moments from their history: large where they hardly differ."""
    shown = (expected**2).sum()
    variance = (((n - expected) ** 2).sum() - expected.sum() + SHOWN / GROUPS_DIFFER) / (shown + SHOWN)
    return float(1 / np.clip(variance, 1 / MOST_ALIKE, 1.0))


def _q_values(chance: np.ndarray, pool: np.ndarray, tests: int) -> np.ndarray:
    """Benjamini and Hochberg's adjusted chances, of `tests` of which only those in `pool` are below CANDIDATE."""
    pool = np.sort(pool)
    adjusted = np.minimum.accumulate((pool * tests / np.arange(1, len(pool) + 1))[::-1])[::-1]
    place = np.searchsorted(pool, chance, side="right") - 1
    return np.where(chance < CANDIDATE, np.append(adjusted, 1.0)[place], 1.0).clip(max=1.0)


def _sums(group: np.ndarray) -> csr_array:
    """The matrix that adds units up to their groups."""
    units = np.arange(len(group))
    return csr_array((np.ones(len(group)), (group, units)), shape=(group.max() + 1, len(group)))


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
