"""Surveys: what customers expect and feel, who answers, and what they write.

A third of the customers ever answers the yearly questionnaire, the unhappy more often, so its mean is too low. One halo spills
over all five dimensions, expectations sit near the top of the scale and are cut off there, everybody has a style of answering,
and the overall score follows the worst dimension as much as the mean: a model of five separate, linear drivers is wrong about
all of it. Questionnaires of early years use 1 to 5, later ones 0 to 10.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import nine_types, remarks
from .contracts import remembered
from .customers import numbered
from .world import DAY, World, day

WEIGHT = np.array([0.08, 0.34, 0.26, 0.16, 0.16])
"""What each dimension counts in the overall score, beside the worst one."""
WORST = 0.35
"""Share of the overall score that is the worst dimension."""
ITEMS = (  # three per dimension
    ("T1 工具和设备", "T2 仪表着装", "T3 资料和单据"),
    ("R1 按时完成", "R2 一次修好", "R3 记录准确"),
    ("P1 告知时间", "P2 响应迅速", "P3 乐意帮助"),
    ("A1 技术水平", "A2 值得信任", "A3 说明清楚"),
    ("E1 了解需要", "E2 个别关心", "E3 时间方便"),
)
OVERALL = "总体评价"
WAVES = tuple(day(f"{year}-06-05") for year in range(2022, 2027))
TEN_FROM = day("2024-01-01")
"""From this day on answers run from 0 to 10, before from 1 to 5."""
FADING = 200.0
FELT = {
    "tangibles": {},
    "reliability": {"repeats": -0.45, "broken": -0.35, "ignored": -0.40},
    "responsiveness": {"broken": -0.80, "ignored": -0.30},
    "assurance": {"repeats": -0.40},
    "empathy": {"ignored": -0.50, "manners": -0.12, "named": 0.01},
}
"""What a dimension gains or loses by each remembered share of repairs, and by who comes."""
DIMENSIONS = tuple(FELT)
WILLING, UNHAPPY = -0.05, 1.0
"""Log odds of a customer to be one who answers, and what a standard deviation of disappointment adds to them."""
USUAL_GAP, GAP_SPREAD = -0.13, 0.11
ANSWERS, ASKED = 0.38, 0.045
"""Share of waves that such a customer answers; share of repairs after which an overall score comes back."""
LEFT_OUT, COMMENTS = 0.02, 0.35


@dataclass
class Feelings:
    """What customers expect and feel by themselves (customers × dimensions, 0 to 1), their style of answering, who answers."""

    expected: np.ndarray
    base: np.ndarray
    style: np.ndarray
    takes_part: np.ndarray


def perceived(
    people: pd.DataFrame,
    calls: pd.DataFrame,
    world: World,
    base: np.ndarray,
    who: np.ndarray,
    days: np.ndarray,
) -> np.ndarray:
    """How customers `who` find the service on `days` (rows × dimensions, about 0 to 1): `base` less what they remember."""
    at = pd.DataFrame({"who": who, "decides": days})

    def share(weight: np.ndarray) -> np.ndarray:
        return remembered(at, calls, weight * 1.0, FADING) / (repairs + 0.7)

    repairs = remembered(at, calls, (calls["cause"] >= 0).to_numpy() * 1.0, FADING)
    lived = {
        "broken": share(calls["broken"].to_numpy()),
        "repeats": share(np.maximum(calls["visits"].to_numpy() - 1, 0)),
        "ignored": share(calls["unsolved"].to_numpy()),
        "manners": world.manners[people["branch"].to_numpy()[who]],
        "named": nine_types.effect("named_engineer", people, who, days),
    }
    felt = [sum((w * lived[name] for name, w in of.items()), np.zeros(len(who))) for of in FELT.values()]
    return np.clip(base[who] + np.stack(felt, 1), 0.02, 1.0)


def feelings(
    people: pd.DataFrame, calls: pd.DataFrame, leaves: np.ndarray, world: World, rng: np.random.Generator
) -> Feelings:
    """Draw what customers expect and feel, and who of them answers questionnaires: one in three, more often the disappointed."""
    n = len(people)
    wish = people["tier"].map({"vip": 0.06, "large": 0.03, "medium": 0.0, "small": -0.02}).to_numpy()
    expected = 0.87 + wish[:, None] + rng.normal(0, 0.05, (n, 1)) + rng.normal(0, 0.05, (n, 5))
    halo = rng.normal(0, 0.07, n) + 0.02 * people["engagement"].to_numpy()
    base = np.array([0.80, 0.84, 0.82, 0.83, 0.76]) + halo[:, None] + rng.normal(0, 0.04, (n, 5))
    known = np.clip(
        (np.maximum(people["created"].to_numpy(), 0) + np.minimum(leaves, WAVES[-1])) // 2, 1, None
    )
    gap = perceived(people, calls, world, base, np.arange(n), known).mean(1) - expected.mean(1)
    odds = WILLING - UNHAPPY * (gap - USUAL_GAP) / GAP_SPREAD
    return Feelings(
        np.clip(expected, 0.4, 1.0),
        base,
        rng.normal(0, 0.05, n),
        rng.random(n) < 1 / (1 + np.exp(-odds)),
    )


def play(
    people: pd.DataFrame,
    calls: pd.DataFrame,
    leaves: np.ndarray,
    mind: Feelings,
    english: np.ndarray,
    world: World,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All answers, sorted by customer and time: columns of the contract (minutes), and `who`, `aside`."""
    sheets = pd.concat(
        [_waves(people, leaves, mind, rng), _after_repairs(calls, mind, rng)], ignore_index=True
    )
    sheets = sheets.sort_values(["who", "answered_at", "ticket_id"], ignore_index=True)
    n, who = len(sheets), sheets["who"].to_numpy()
    days = sheets["answered_at"].to_numpy() // DAY
    found = perceived(people, calls, world, mind.base, who, days)
    overall = (1 - WORST) * found @ WEIGHT + WORST * found.min(1)
    mood = np.digitize(overall + rng.normal(0, 0.08, n), [0.62, 0.76])
    mood = np.where(rng.random(n) < COMMENTS, mood, -1)
    text = remarks.say("comments", remarks.MOODS, mood, english[who], rng)
    spoken = np.flatnonzero(mood >= 0)
    aside = np.full(n, -1)
    text[spoken], aside[spoken] = remarks.with_asides(
        text[spoken], people, who[spoken], days[spoken], english[who[spoken]], rng
    )
    sheets = sheets.assign(
        survey_id=numbered(people, who, "M"),
        scale_max=np.where(days >= TEN_FROM, 10.0, 5.0),
        comment=text,
        aside=aside,
    )
    full = sheets["ticket_id"].to_numpy() == ""
    answers = pd.concat(
        [
            _questionnaires(sheets[full], found[full], mind, rng),
            _rated(sheets[~full], overall[~full], mind, rng).assign(
                dimension="", item=OVERALL, kind="perception"
            ),
        ],
        ignore_index=True,
    )
    order = np.lexsort((answers["item"], answers["kind"], answers["sheet"]))
    answers = answers.iloc[order].reset_index(drop=True)
    repeated = answers.duplicated("sheet").to_numpy()
    for column in ("comment", "aside"):  # one per sheet, beside its first answer
        answers[column] = answers[column].mask(repeated, "" if column == "comment" else -1)
    return answers.drop(columns="sheet")


def _waves(people, leaves, mind: Feelings, rng) -> pd.DataFrame:
    parts = []
    for first in WAVES:
        there = mind.takes_part & (people["created"].to_numpy() <= first - 60) & (leaves > first)
        who = np.flatnonzero(there & (rng.random(len(people)) < ANSWERS))
        at = (first + rng.integers(0, 40, len(who))) * DAY + rng.integers(8 * 60, 19 * 60, len(who))
        parts.append(pd.DataFrame({"who": who, "answered_at": at, "ticket_id": ""}))
    return pd.concat(parts, ignore_index=True)


def _after_repairs(calls, mind: Feelings, rng) -> pd.DataFrame:
    """Overall scores that come back by message within two days of a repair; twice as often from those who always answer."""
    eager = 1 + mind.takes_part[calls["who"].to_numpy()]
    asked = calls[(calls["cause"] >= 0) & (rng.random(len(calls)) < ASKED * eager)]
    at = asked["closed"].to_numpy() + rng.integers(10, 2 * DAY, len(asked))
    return pd.DataFrame(
        {"who": asked["who"].to_numpy(), "answered_at": at, "ticket_id": asked["ticket_id"].to_numpy()}
    )


def _questionnaires(sheets, found, mind: Feelings, rng) -> pd.DataFrame:
    """Two answers for each of the fifteen items, less the few left out."""
    n, items = len(sheets), [item for of_one in ITEMS for item in of_one]
    dimension = np.repeat(np.arange(5), 3)
    ease = np.array([0.02, -0.02, 0.0] * 5)
    who, parts = sheets["who"].to_numpy(), []
    for kind, level in (("expectation", mind.expected[who]), ("perception", found)):
        felt = level[:, dimension] + ease + rng.normal(0, 0.07, (n, 15))
        long = sheets.loc[sheets.index.repeat(15)].assign(
            item=np.tile(np.array(items, dtype=object), n),
            dimension=np.tile(np.array(DIMENSIONS, dtype=object)[dimension], n),
            kind=kind,
        )
        parts.append(_rated(long, felt.ravel(), mind, rng))
    made = pd.concat(parts, ignore_index=True)
    return made[rng.random(len(made)) >= LEFT_OUT]


def _rated(sheets, felt, mind: Feelings, rng) -> pd.DataFrame:
    """`felt` (0 to 1) as a mark on each sheet's scale, in the style of who gives it; `sheet` numbers the sheets."""
    felt = felt + mind.style[sheets["who"].to_numpy()]
    top = sheets["scale_max"].to_numpy()
    low = np.where(top == 5, 1, 0)
    return sheets.assign(
        score=np.clip(np.round(low + (top - low) * felt), low, top), sheet=sheets.index.to_numpy()
    )
