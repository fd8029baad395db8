"""Visits: when somebody comes, whether the promise is kept, what is carried and built in, whether it works.

A visit fixes when every needed part is there and neither skill nor the customer stands in the way; lateness grows in
summer and with distance. The service stage knows neither the heat nor the branch's habits, only the times.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr

from . import desk
from .causes import CAUSE_PART, CAUSES, PARTS
from .clock import by_the_clock, working_minutes
from .world import DAY, PROMISED_FIX, PROMISED_RESPONSE, World, heat

THWARTED = 0.04
"""Visits that fail for reasons of skill or customer."""
ANGER = {"base": -4.3, "broken": 1.6, "repeats": 1.1, "manners": 1.0, "engagement": 0.3}
"""Log odds that a repair ends in a complaint: by a broken promise, each visit after the first, the branch's manners."""
IGNORED = 0.4
"""Share of angry calls that nobody settles."""
_TYPICAL = np.array([235.0, 208.0, 105.0])
_SPREAD = 0.45
_MINUTES = np.array([c.minutes for c in CAUSES])
VISIT_YUAN, HOUR_YUAN, KM_YUAN = 40, 90, 1.5


def play(
    people: pd.DataFrame, calls: pd.DataFrame, world: World, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Repairs of `calls` (which carry `level`): the calls with their times, the visits, the parts carried.

    Calls get `guess`, `part_1`, `part_2`, `dispatched`, `appointed`, `closed` (minutes), `visits`, `response_chance` (that
    somebody comes in time, as it stood at the report), `broken` (a promise was broken), `complaint`, `unsolved`. Visits and parts name their call by its row in `call`.
    """
    n, fault = len(calls), (calls["cause"] >= 0).to_numpy()
    row = np.flatnonzero(fault)
    repairs = calls.iloc[row]
    who = repairs["who"].to_numpy()
    level = repairs["level"].to_numpy()
    reported = repairs["reported"].to_numpy()
    symptom, cause = repairs["topic"].to_numpy(), repairs["cause"].to_numpy()
    guess = desk.guess(symptom, cause, rng)
    part_1, part_2 = desk.kit(symptom, guess, rng)
    need_1 = CAUSE_PART[cause]
    need_2 = np.where(repairs["cause_2"] >= 0, CAUSE_PART[repairs["cause_2"].to_numpy()], -1)

    km = people["distance_km"].to_numpy()[who]
    branch = people["branch"].to_numpy()[who]
    slow = 0.30 * heat(reported // DAY) + 0.2 * km / 150 + world.delay[branch]
    wait = (_TYPICAL[level] * np.exp(slow + rng.normal(0, _SPREAD, len(row)))).astype(int)
    arrived = _later(reported, wait, level)
    in_time = ndtr((np.log((PROMISED_RESPONSE[level] + 1) / _TYPICAL[level]) - slow) / _SPREAD)
    planned = _later(reported, (wait * np.exp(-np.abs(rng.normal(0, 0.15, len(row))))).astype(int), level)
    dispatched = _later(reported, np.exp(rng.normal(2.9, 0.7, len(row))).astype(int) + 1, level)
    dispatched = np.minimum(dispatched, arrived - 5)

    visits, parts = [], []
    going = np.arange(len(row))
    carried = np.stack([part_1, part_2], 1)
    for visit_no in (1, 2, 3):
        needed = np.stack([need_1[going], need_2[going]], 1)
        have = (needed < 0) | (needed == carried[:, :1]) | (needed == carried[:, 1:2])
        thwarted = rng.random(len(going)) < (THWARTED if visit_no < 3 else 0)
        fixed = have.all(1) & ~thwarted
        none_of_them = ~(have & (needed >= 0)).any(1) & (rng.random(len(going)) < 0.7)
        reason = np.where(rng.random(len(going)) < 0.6, "skill", "customer")
        reason = np.where(have.all(1), reason, np.where(none_of_them, "wrong_part", "no_part"))
        reason = np.where((reason == "customer") & (rng.random(len(going)) < 0.2), "other", reason)
        work = 12 + _MINUTES[cause[going]] * np.exp(rng.normal(0, 0.3, len(going))) * np.where(fixed, 1, 1.2)
        work = np.round(work / 5).astype(int) * 5
        talk = rng.integers(1, 6, len(going)) * 5
        travel = np.round(km[going] / 45 * 60 / 5 + 2).astype(int) * 5
        left = arrived + work + talk
        yuan = VISIT_YUAN + KM_YUAN * km[going] + HOUR_YUAN * (work + talk + travel) / 60
        visits.append(
            pd.DataFrame(
                {
                    "call": row[going],
                    "visit_no": visit_no,
                    "arrived": arrived,
                    "left": left,
                    "travel_min": travel,
                    "work_min": work,
                    "talk_min": talk,
                    "distance_km": km[going],
                    "fixed": fixed,
                    "repeat_reason": np.where(fixed, "", reason),
                    "signed": rng.random(len(going)) < np.where(fixed, 0.985, 0.9),
                    "cost": np.round(yuan).astype(np.int64) * 100,
                }
            )
        )
        for k in (0, 1):
            has = carried[:, k] >= 0
            used = ((needed == carried[:, [k]]).any(1) & ~thwarted)[has]
            parts.append(
                pd.DataFrame(
                    {
                        "call": row[going][has],
                        "visit_no": visit_no,
                        "part": carried[has, k],
                        "qty_used": used.astype(int),
                    }
                )
            )
        again = ~fixed
        gap = np.exp(rng.normal(6.35, 0.5, again.sum())).astype(int)
        arrived = _later(left[again], gap, level[going[again]])
        carried = needed[again]
        carried = np.where(
            carried[:, [0]] == carried[:, [1]],
            np.stack([carried[:, 0], np.full(again.sum(), -1)], 1),
            carried,
        )
        going = going[again]
    visits = pd.concat(visits, ignore_index=True).sort_values(["call", "visit_no"], ignore_index=True)
    parts = pd.concat(parts, ignore_index=True).sort_values(["call", "visit_no", "part"], ignore_index=True)

    last = visits.drop_duplicates("call", keep="last")
    first = visits.drop_duplicates("call")["arrived"].to_numpy()
    count = last["visit_no"].to_numpy()
    closed = last["left"].to_numpy() + rng.integers(1, 18, len(row)) * 5
    broken = _took(reported, first, level) > PROMISED_RESPONSE[level]
    broken |= _took(reported, closed, level) > PROMISED_FIX[level] * np.where(count > 1, 1.5, 1.0)
    anger = (
        ANGER["broken"] * broken
        + ANGER["repeats"] * (count - 1)
        + ANGER["manners"] * world.manners[branch]
        + ANGER["engagement"] * people["engagement"].to_numpy()[who]
    )
    complaint = rng.random(len(row)) < 1 / (1 + np.exp(-ANGER["base"] - anger))
    unsolved = complaint & (rng.random(len(row)) < IGNORED)

    calls = calls.assign(
        guess=-1,
        part_1=-1,
        part_2=-1,
        visits=0,
        response_chance=np.nan,
        broken=False,
        complaint=False,
        unsolved=False,
    )
    talked = calls["reported"].to_numpy() + np.exp(rng.normal(3.6, 0.9, n)).astype(int) + 3
    calls["dispatched"], calls["appointed"], calls["closed"] = -1, -1, talked
    columns = {
        "guess": guess,
        "part_1": part_1,
        "part_2": part_2,
        "visits": count,
        "response_chance": in_time,
        "broken": broken,
        "complaint": complaint,
        "unsolved": unsolved,
        "dispatched": dispatched,
        "appointed": np.maximum(planned // 30 * 30, dispatched),
        "closed": closed,
    }
    for name, values in columns.items():
        full = calls[name].to_numpy().copy()
        full[row] = values
        calls[name] = full
    # service sheets come back on paper and are typed in up to three weeks later; until then the ticket looks open
    lag = np.where(fault, rng.integers(0, 21 * DAY, n), 0)
    calls["entered"] = calls["closed"] + lag
    return calls, visits, parts


def _later(minutes: np.ndarray, wait: np.ndarray, level: np.ndarray) -> np.ndarray:
    """`wait` minutes later, by the clock or, for 5*9, in working hours."""
    return np.where(level == 0, by_the_clock(working_minutes(minutes) + wait), minutes + wait)


def _took(start: np.ndarray, end: np.ndarray, level: np.ndarray) -> np.ndarray:
    return np.where(level == 0, working_minutes(end) - working_minutes(start), end - start)


def part_numbers(index: np.ndarray) -> np.ndarray:
    """Part numbers; empty for −1."""
    return np.array([*PARTS, ""], dtype=object)[index]
