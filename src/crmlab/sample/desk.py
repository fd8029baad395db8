"""Remote support: its best guess and what the engineer is told to carry.

The desk is right about half the time and worse where the screen stays dark; when wrong it errs towards what is common
for the symptom. It carries one part, two in half the cases, never more, and never weighs what a part costs.
"""

from __future__ import annotations

import numpy as np

from .causes import CAUSE_PART, CAUSES, LIKELIHOOD, PARTS, SHARES, SYMPTOM

RIGHT, RIGHT_NO_DISPLAY, RIGHT_VAGUE = 0.54, 0.34, 0.36


def _common() -> np.ndarray:
    """P(cause | symptom) as the desk knows it: shares of the whole country, symptoms × causes."""
    table = (SHARES[:, None] * LIKELIHOOD[1]).T
    return table / table.sum(1, keepdims=True)


_COMMON = _common()
_COMMON_PART = np.stack(
    [_COMMON[:, np.flatnonzero(p == CAUSE_PART)].sum(1) for p in range(len(PARTS))], axis=1
)


def _pick(weights: np.ndarray, but: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One column per row, by weight, other than column `but`."""
    weights = weights.copy()
    weights[np.arange(len(weights)), but] = 0
    total = np.cumsum(weights, 1)
    return (rng.random(len(weights))[:, None] * total[:, -1:] > total).sum(1)


def guess(symptom: np.ndarray, cause: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The cause that remote support names (index into CAUSES)."""
    chance = np.full(len(symptom), RIGHT)
    chance[symptom == SYMPTOM["no_display"]] = RIGHT_NO_DISPLAY
    chance[symptom == SYMPTOM["vague"]] = RIGHT_VAGUE
    wrong = _pick(_COMMON[symptom], cause, rng)
    return np.where(rng.random(len(symptom)) < chance, cause, wrong)


def kit(symptom: np.ndarray, guessed: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """First and second part to carry (indices into PARTS; −1 = no second part)."""
    first = CAUSE_PART[guessed]
    first = np.where(first < 0, _COMMON_PART[symptom].argmax(1), first)
    second = _pick(_COMMON_PART[symptom] ** 1.5, first, rng)
    return first, np.where(rng.random(len(symptom)) < 0.5, second, -1)


def cause_names(index: np.ndarray) -> np.ndarray:
    """Chinese names; empty for −1."""
    return np.array([*(c.zh for c in CAUSES), ""], dtype=object)[index]
