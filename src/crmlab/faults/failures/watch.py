"""The watch for emerging failures: at each month end, is there more of a cause in a cell than its kind would have?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.special import betainc

from crmlab.faults.failures.cells import MIN_MACHINES, Cells

WINDOW = 3
"""Months of failures that are compared at each month end; one alone holds too few of a rare cause."""
WARM_UP = 6
"""Complete months on record before the first comparison."""
MIN_FAILURES = 4
"""Failures in the window below which nothing is an alarm, however unlikely: a coincidence is soon explained."""
MIN_EXPECTED = 1.0
"""Failures expected in the window below which a cell is not judged: the family around it sees its fault as soon."""
SEASON = 5.0
"""Expected failures that the other families' ratio must outweigh: with fewer a season is hardly believed in."""
FAMILIES_DIFFER = 3.0
"""Shape of the gamma over families before any failure: their rates of one cause differ by 60 %, one over its root."""
FAMILY_HOLDS = 50.0
"""Failures that a family's own history counts for at most: its rate wanders by a seventh in time."""
GROUPS_DIFFER = 50.0
"""Shape of the gamma over production groups of a family, before the company's own have shown how far they differ."""
SHOWN = 500.0
"""Squared expected failures that the first guess of this shape is worth."""

MOST_ALIKE = 200.0
"""The largest such shape: no two groups are so alike that their rates differ by less than a fourteenth."""
CANDIDATE = 0.05
"""Chances above it are not kept: no false-discovery control ever reaches up to them."""


class Watch:
    """The watch over all cells from month to month: what counts as history, what is under alarm, the chances of late.

    `run` gives its alarms; what is expected of a cell, and why, stands at `emerging.emerging_failures`.

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
        """All alarms, one row per level, group, cause and month: n, expected, chance, q_value."""
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
        """Judge the window that ends with `month`, the finest groups first, and make its oldest month history."""
        first = month - WINDOW + 1
        counts = [self.cells.count(t, month) for t in range(first, month + 1)]
        n, exposure = sum(counts), sum(serving)
        rate = self._rate()
        season, season_weight = self._season(n, exposure @ rate, first)
        of_family = self.levels[-1].group
        plain = (exposure @ rate) * season[of_family]
        machines = exposure.sum(axis=1) * (1 if self.cells.is_share else 12 / WINDOW)
        if month >= WARM_UP - 1:
            self.pool = [*self.pool[1 - WINDOW :], (0, np.empty(0))]

        calm = self.group_alarmed < first
        by_family = self.sums[-1] @ (n * calm), self.sums[-1] @ (plain * calm)
        clear = np.ones(n.shape)
        alarms, ratios = [], []
        for i, (level, add) in enumerate(zip(self.levels, self.sums, strict=True)):
            is_family = level is self.levels[-1]
            if is_family:
                before, own, vague = self._family(season_weight)
            else:
                inside = add @ (n * calm), add @ (plain * calm)
                rest_n, rest_plain = (
                    all_[level.family] - part for all_, part in zip(by_family, inside, strict=True)
                )
                before, own, vague = self._group(i, rest_n, np.maximum(rest_plain, 0))
            ratios.append(before)
            if month < WARM_UP - 1:
                continue
            watched = level.named & (add @ machines >= MIN_MACHINES)
            found = self._judge(add @ (n * clear), (add @ (plain * clear)) * before * own, vague, watched)
            hit = np.zeros(vague.shape, bool)
            hit[found["group"], found["cause"]] = True
            hit = hit[level.group]
            clear[hit] = 0
            self.alarmed[hit] = month
            if not is_family:
                self.group_alarmed[hit] = month
            alarms.append(found.assign(level=i, month=month))

        calm = self.alarmed < first
        plain = (serving[0] @ rate) * season[of_family] * calm
        for add, history, before in zip(self.sums, self.history, ratios, strict=True):
            expected = add @ plain
            history += np.stack([add @ (counts[0] * calm), expected, expected * before])
        return alarms

    def _family(self, season_weight: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """What a family's expected failures are multiplied by (1, then its own ratio), and the relative variance left."""
        n, plain, _ = self.history[-1]
        own = FAMILIES_DIFFER + n
        vague = 1 / season_weight + 1 / np.minimum(own, FAMILY_HOLDS)
        return 1.0, own / (FAMILIES_DIFFER + plain), vague

    def _group(
        self, i: int, rest_n: np.ndarray, rest_plain: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The same for the groups of level `i`: the ratio of the rest of the family, then the group's own to that."""
        family = self.levels[i].family
        n, plain, expected = self.history[i]
        others = FAMILIES_DIFFER + self.history[-1][0][family] - n
        earlier = others / (FAMILIES_DIFFER + np.maximum(self.history[-1][1][family] - plain, 0))
        belief, rest = np.minimum(others, FAMILY_HOLDS), earlier * rest_plain
        # the second of the two lets go of the history where the whole family is far out of line
        now = np.maximum((belief + rest_n) / (belief + rest), (1 + rest_n) / (1 + rest))
        alike = _alike(n, expected)
        return earlier * now, (alike + n) / (alike + expected), 1 / (belief + rest_n) + 1 / (alike + n)

    def _rate(self) -> np.ndarray:
        """The company's rate of each cause by age, ages × causes; drawn to the cause's own where few were that old."""
        served = max(self.served.sum(), 1e-9)
        aged = self.failed[:-1]
        mean, mean_aged = self.failed.sum(axis=0) / served, aged.sum(axis=0) / served
        of_age = (aged + SEASON) / (self.served[:, None] + SEASON / np.maximum(mean_aged, 1e-9))
        return np.where(mean_aged > 0, of_age * mean / np.maximum(mean_aged, 1e-9), mean)

    def _season(self, n: np.ndarray, expected: np.ndarray, first: int) -> tuple[np.ndarray, np.ndarray]:
        """How each cause fares now in the families other than each, and the failures this rests on."""
        calm = self.alarmed < first
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
