"""Rows by month, and the months that break the pattern: a file that is missing, cut short or there twice, a jump in level.

What a month should hold is the level of the year before it times the habit of its season:

level     median of the twelve months before; in a table's first year, of the other months of that year
season    median, over the other years, of the same month divided by its own level
limits    the square root of a count spreads alike at any size (Anscombe 1948); counts spread as the negative binomial's, variance
          E + φE², where φ comes from the median absolute deviation of all months and is at least 0.01
break     beyond 3.5 of these deviations (Iglewicz and Hoaglin 1993), where level and expectation are at least ten rows: what comes
          in waves, such as a yearly survey, has no level

So a month within a third of what was to be expected is never called, and a single break bends neither the level nor the season.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import median

YEAR = 12
FEWEST = 10
"""Rows, as a level and to be expected, below which a month is not judged."""
_WINDOW = 6  # months without which there is no level
_BEYOND = 3.5  # deviations
_SPREAD = 0.01  # φ is never smaller: 10 %
_UNSURE = 0.04  # φ where fewer than a year could be judged: 20 %
_UNSEASONED = 0.06  # added to φ where no other year shows the season: 25 %
_LASTING = 3  # months in a row on one side that make a jump in level
_SHIFT = 3 / 8  # Anscombe's


@dataclass(frozen=True)
class Month:
    """A month of one table: its rows, what was to be expected (None where it cannot be told), and the verdict.

    verdict : "missing" (no row), "low", "high", "level" (three or more months in a row on one side), "filling" (the newest month
    of a table whose rows follow later is low), or "" for none.
    """

    month: str
    rows: int
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = ""


def months(rows: Mapping[date, int], until: str, at_once: bool = True) -> list[Month]:
    """The months of a table from its first row to `until`, those without rows included, each with its verdict.

    Parameters
    ----------
    rows : rows by day.
    until : the last complete month, "2026-10"; rows of later months are listed, but not judged.
    at_once : a row is recorded when it happens (a ticket, a sale); else it may follow, and the newest month is still filling.

    >>> quiet = {date(2025 + n // 12, 1 + n % 12, 1): 300 + n % 7 for n in range(24)}
    >>> [m.month for m in months({**quiet, date(2026, 6, 1): 607}, "2026-12") if m.verdict == "high"]
    ['2026-06']
    """
    counts: dict[int, int] = {}
    for when, n in rows.items():
        at = when.year * YEAR + when.month - 1
        counts[at] = counts.get(at, 0) + n
    if not counts:
        return []
    first, last = min(counts), max(*counts, _index(until)) if min(counts) <= _index(until) else max(counts)
    line = [counts.get(at, 0) for at in range(first, last + 1)]
    complete = max(0, _index(until) - first + 1)
    found = [
        Month(f"{at // YEAR}-{at % YEAR + 1:02d}", n)
        for at, n in zip(range(first, last + 1), line, strict=True)
    ]
    judged = _judge(line[:complete], at_once)
    return [Month(m.month, m.rows, *verdict) for m, verdict in zip(found, judged, strict=False)] + found[
        complete:
    ]


def _index(month: str) -> int:
    return int(month[:4]) * YEAR + int(month[5:7]) - 1


def _judge(line: list[int], at_once: bool) -> list[tuple[float | None, float | None, float | None, str]]:
    """(expected, low, high, verdict) of each month of `line`, whose first is the table's first and may be a part of one."""
    levels = [_level(line, t) for t in range(len(line))]
    ratios = [n / level if level else None for n, level in zip(line, levels, strict=True)]
    broken: set[int] = set()
    while True:  # the farthest month first, for it bends what its neighbours in other years are held against
        limits = _limits(line, levels, ratios, broken)
        far = {t: abs(off) for t, (*_, off) in limits.items() if abs(off) > _BEYOND and t not in broken}
        if not far:
            break
        broken.add(max(far, key=lambda t: (far[t], t)))
    verdicts = {t: "low" if off < 0 else "high" for t, (*_, off) in limits.items() if abs(off) > _BEYOND}
    verdicts = {t: "missing" if line[t] == 0 else side for t, side in verdicts.items()}
    for t in _lasting(verdicts):
        verdicts[t] = "level"
    newest = len(line) - 1
    if not at_once and verdicts.get(newest) == "low":
        verdicts[newest] = "filling"
    return [(*limits.get(t, (None,) * 4)[:3], verdicts.get(t, "")) for t in range(len(line))]


def _level(line: list[int], t: int) -> float | None:
    window = (
        line[t - YEAR : t] if t >= YEAR else [n for u, n in enumerate(line[: min(YEAR, len(line))]) if u != t]
    )
    return median(window) if len(window) >= _WINDOW else None


def _limits(
    line: list[int], levels: list[float | None], ratios: list[float | None], broken: set[int]
) -> dict[int, tuple[float, float, float, float]]:
    """Month → expected, low, high, deviations, for the months that can be judged."""
    sound = {t: r for t, r in enumerate(ratios) if r is not None and t not in broken and t > 0}
    expected, seasoned = {}, {}
    for t in range(1, len(line)):
        if levels[t] is None or levels[t] < FEWEST:
            continue
        others = [r for u, r in sound.items() if u % YEAR == t % YEAR and u != t]
        usual = others or [r for u, r in sound.items() if u != t]
        if usual and (e := levels[t] * median(usual)) >= FEWEST:
            expected[t], seasoned[t] = e, bool(others)
    off = {t: 2 * (sqrt(line[t] + _SHIFT) - sqrt(e + _SHIFT)) for t, e in expected.items()}
    known = [abs(off[t]) for t in off if seasoned[t]] or [abs(x) for x in off.values()]
    spread = _UNSURE if len(known) < YEAR else _SPREAD
    if known:
        deviation = 1.4826 * median(known)
        spread = max(spread, (deviation**2 - 1) / median(expected.values()))
    found = {}
    for t, e in expected.items():
        sigma = sqrt(1 + (spread + (0 if seasoned[t] else _UNSEASONED)) * e)
        root, reach = sqrt(e + _SHIFT), _BEYOND * sigma / 2
        low, high = max(0.0, root - reach) ** 2 - _SHIFT, (root + reach) ** 2 - _SHIFT
        found[t] = (e, max(0.0, low), high, off[t] / sigma)
    return found


def _lasting(verdicts: Mapping[int, str]) -> set[int]:
    """The months of runs of three or more on one side; months without any row stay missing."""
    lasting: set[int] = set()
    for t, side in verdicts.items():
        run = [t + n for n in range(_LASTING)]
        if side in ("low", "high") and all(verdicts.get(u) == side for u in run):
            lasting.update(run)
    return lasting
