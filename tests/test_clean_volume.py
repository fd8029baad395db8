"""Months that break the pattern: a missing file, one there twice, one cut short, a jump in level; and no false alarm."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from crmlab.clean.quality.volume import months

LAST = "2026-10"


def rows(per_month: list[int], last: str = LAST) -> dict[date, int]:
    """Counts of consecutive months that end in `last`, spread over two days of each."""
    end = int(last[:4]) * 12 + int(last[5:]) - 1
    found = {}
    for n, count in enumerate(per_month):
        at = end - len(per_month) + 1 + n
        for day, part in ((3, count // 2), (20, count - count // 2)):
            if part:
                found[date(at // 12, at % 12 + 1, day)] = part
    return found


def seasonal(years: int, level: float = 300, spread: float = 0.1, seed: int = 1) -> list[int]:
    """Months of a business with a summer peak: negative binomial around the season."""
    noise = np.random.default_rng(seed)
    expected = [level * (1 + 0.35 * math.sin(2 * math.pi * t / 12)) for t in range(12 * years)]
    shape = 1 / spread**2
    return [int(noise.poisson(e * noise.gamma(shape, 1 / shape))) for e in expected]


def verdicts(line: list[int], **settings) -> dict[str, str]:
    return {m.month: m.verdict for m in months(rows(line), LAST, **settings) if m.verdict}


def test_a_seasonal_business_raises_no_alarm():
    alarms = sum(len(verdicts(seasonal(5, seed=seed))) for seed in range(60))
    assert alarms <= 4  # of 3,540 months judged


@pytest.mark.parametrize(
    ("factor", "verdict", "steady", "lively"),
    [(0, "missing", 1, 1), (0.45, "low", 0.95, 0.6), (2, "high", 0.95, 0.8)],
)
@pytest.mark.parametrize(("back", "month"), [(0, "2026-10"), (7, "2026-03"), (20, "2025-02")])
def test_a_file_that_is_missing_cut_short_or_there_twice_is_found(
    factor, verdict, steady, lively, back, month
):
    """How often, where months vary by 5 % and by 10 % beside their season and chance."""
    for spread, share in ((0.05, steady), (0.1, lively)):
        found = 0
        for seed in range(60):
            line = seasonal(5, seed=seed, spread=spread)
            line[-1 - back] = int(line[-1 - back] * factor)
            found += verdicts(line).get(month) == verdict
        assert found >= share * 60, (spread, found)


def test_the_month_a_year_after_a_break_is_none():
    line = seasonal(4)
    line[-13] *= 2
    assert verdicts(line) == {"2025-10": "high"}


def test_two_years_without_another_season_still_find_a_missing_month():
    line = seasonal(1) + seasonal(1, seed=2)[:3]
    line[-2] = 0
    assert verdicts(line) == {"2026-09": "missing"}


def test_three_months_on_one_side_are_a_jump_in_level():
    line = seasonal(5)
    line[-4:] = [n // 3 for n in line[-4:]]
    assert verdicts(line) == dict.fromkeys(("2026-07", "2026-08", "2026-09", "2026-10"), "level")


def test_a_table_that_ends_early_is_missing_until_today():
    line = seasonal(4)
    found = {m.month: m.verdict for m in months(rows(line, "2026-08"), LAST)}
    assert (found["2026-09"], found["2026-10"], found["2026-08"]) == ("missing", "missing", "")


def test_the_newest_month_of_rows_that_follow_later_is_still_filling():
    line = seasonal(5)
    line[-1] //= 3
    assert verdicts(line, at_once=False) == {"2026-10": "filling"}
    line[-1] = 0
    assert verdicts(line, at_once=False) == {"2026-10": "missing"}


def test_few_rows_are_not_judged():
    assert verdicts([4, 0, 9, 3, 5, 0, 0, 1, 6, 7, 2, 0] * 4) == {}


def test_what_comes_in_waves_is_not_judged():
    assert (
        verdicts([3, 3, 5, 2, 4, 600, 200, 3, 2, 4, 3, 5] * 4 + [3, 3, 5, 2, 4, 200, 600, 3, 2, 4, 3, 5])
        == {}
    )


def test_months_after_the_last_complete_one_are_listed_and_not_judged():
    found = months(rows(seasonal(3), "2026-11"), LAST)
    assert found[-1].month == "2026-11"
    assert found[-1].expected is None
    assert found[-2].expected is not None


def test_no_rows_are_no_months():
    assert months({}, LAST) == []
    assert [m.month for m in months({date(2027, 1, 1): 3}, LAST)] == ["2027-01"]


def test_the_demo_raises_no_alarm(small):
    import pandas as pd

    volume = pd.read_parquet(Path(small.processed("clean")) / "volume.parquet")
    recent = volume[volume["month"] > "2024-10"]
    assert recent["expected"].notna().sum() > 20
    assert set(recent["verdict"]) <= {"", "filling"}
