"""The best possible diagnosis: the true parameters applied to what is observable at the call.

A ticket's state is its first cause alone or with a second one. The prior mixes regular failures (family, age, season,
site; a machine's own frailty averages out, since it does not change shares) with the planted bursts in proportion to
their rates.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from . import tickets
from .causes import CAUSE, CAUSE_PART, CAUSES, LIKELIHOOD, PARTS, SECOND, SECOND_MENTION
from .company import Chunk
from .machines import in_bad_batch
from .visits import THWARTED
from .world import BATCH_AGE, BATCH_RATE, BUG_FAMILY, BUG_FROM, BUG_RATE, BUG_TO, DAY, FAMILIES, YEAR

_FIRST, _SECOND = (
    np.array([*range(len(CAUSES)), *(i for i, j in zip(*np.nonzero(SECOND), strict=True))]),
    np.array([*[-1] * len(CAUSES), *(j for i, j in zip(*np.nonzero(SECOND), strict=True))]),
)
_GIVEN_FIRST = np.where(_SECOND < 0, 1 - SECOND.sum(1)[_FIRST], SECOND[_FIRST, _SECOND])
_SPEAKS = np.where(
    (_SECOND < 0)[None, :, None], LIKELIHOOD[:, _FIRST], (LIKELIHOOD[:, _FIRST] + LIKELIHOOD[:, _SECOND]) / 2
)
"""P(a symptom | state): panel × state × symptom."""
KITS = [(-1, -1), *((p, -1) for p in range(len(PARTS))), *combinations(range(len(PARTS)), 2)]


def _fixes() -> np.ndarray:
    """Which kit holds every part a state needs: states × kits."""
    kits = np.array(KITS)
    there = [
        (need[:, None, None] == kits[None]).any(2) | (need[:, None] < 0)
        for need in (CAUSE_PART[_FIRST], np.where(_SECOND < 0, -1, CAUSE_PART[_SECOND]))
    ]
    return (there[0] & there[1]).astype(float)


_FIXES = _fixes()


def priors(chunk: Chunk, rows: np.ndarray) -> np.ndarray:
    """P(first cause) of the calls `rows` before anybody says what is wrong, calls × causes."""
    calls, park = chunk.calls.iloc[rows], chunk.machines
    machine, days = calls["machine"].to_numpy(), calls["reported"].to_numpy() // DAY
    regular = tickets.intensity(park, machine, days, chunk.world)
    weights = regular[:, None] * tickets.shares(chunk.people, park, machine, days, chunk.world)
    age = (days - park["installed"].to_numpy()[machine]) / YEAR
    batch = in_bad_batch(park)[machine] & (age >= BATCH_AGE[0]) & (age < BATCH_AGE[1])
    weights[:, CAUSE["hdd_physical"]] += BATCH_RATE * batch
    family = np.array([f.code for f in FAMILIES])[park["family"].to_numpy()[machine]]
    weights[:, CAUSE["firmware"]] += BUG_RATE * (
        (family == BUG_FAMILY) & (days >= BUG_FROM) & (days < BUG_TO)
    )
    return weights / weights.sum(1, keepdims=True)


def panels(chunk: Chunk, rows: np.ndarray) -> np.ndarray:
    """Whether the machine of each call has a light panel (0 or 1)."""
    lights = np.array([f.has_light_panel for f in FAMILIES]).astype(int)
    return lights[chunk.machines["family"].to_numpy()[chunk.calls["machine"].to_numpy()[rows]]]


def _says(panel: np.ndarray, topic: np.ndarray, mention: np.ndarray) -> np.ndarray:
    """P(what the caller says | state), calls × states."""
    one = _SPEAKS[panel, :, topic]
    two = SECOND_MENTION * one * _SPEAKS[panel, :, np.maximum(mention, 0)]
    return np.where((mention < 0)[:, None], (1 - SECOND_MENTION) * one + SECOND_MENTION * one**2, two)


def at_call(prior: np.ndarray, panel: np.ndarray, topic: np.ndarray, mention: np.ndarray) -> np.ndarray:
    """P(state | everything visible at the call), calls × states."""
    joint = prior[:, _FIRST] * _GIVEN_FIRST * _says(panel, topic, mention)
    return joint / joint.sum(1, keepdims=True)


def from_text(population: np.ndarray, topic: np.ndarray, mention: np.ndarray) -> np.ndarray:
    """P(state | the text alone); `population` is P(panel, first cause), 2 × causes, over all calls."""
    joint = sum(
        population[panel][_FIRST] * _GIVEN_FIRST * _says(np.full(len(topic), panel), topic, mention)
        for panel in (0, 1)
    )
    return joint / joint.sum(1, keepdims=True)


def first_cause(states: np.ndarray) -> np.ndarray:
    """P(first cause) from P(state): calls × causes."""
    return np.stack([states[:, c == _FIRST].sum(1) for c in range(len(CAUSES))], 1)


def first_time_fix(states: np.ndarray) -> np.ndarray:
    """P(fixed at the first visit) with each kit of KITS: calls × kits."""
    return (1 - THWARTED) * states @ _FIXES
