"""What customers write: what the matter is, and what somebody of their type adds to it.

The words of one topic also appear under others (a late visit "is not worth the money"), and most people add nothing: a
count of topic words tells of the type only over many texts.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import numpy as np
import pandas as pd

from . import nine_types

REASONS = ("late", "repeat", "manners", "charges", "invoice", "price", "delivery", "goods")
"""Why somebody complains."""
ASIDES = ("function", "price", "manner", "used_to", "next")
MOODS = ("blame", "neutral", "praise")
WRITES_ENGLISH = 0.07
_ADDS = np.log(0.09)
"""Log odds of one aside against none, for an average customer."""


@lru_cache(maxsize=1)
def _book() -> dict[str, dict[str, dict[str, list[str]]]]:
    import yaml

    return yaml.safe_load(resources.files(__package__).joinpath("remarks.yaml").read_text(encoding="utf-8"))


def say(
    section: str, topics: tuple[str, ...], topic: np.ndarray, english: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """One wording per row from `section` ("complaints", "comments" or "asides") about `topics[topic]`; empty for −1."""
    book = _book()[section]
    draw, n, thousand = (
        rng.random(len(topic)),
        rng.integers(2, 9, len(topic)),
        rng.integers(4, 60, len(topic)),
    )
    model = rng.integers(0, 3, len(topic))
    text = np.full(len(topic), "", dtype=object)
    for row in np.flatnonzero(topic >= 0):
        wordings = book[topics[topic[row]]]["en" if english[row] else "zh"]
        wording = wordings[int(draw[row] * len(wordings))]
        text[row] = wording.format(
            n=n[row],
            few=2 + n[row] % 2,
            sum=thousand[row] * 50,
            model=("服务器", "主机", "存储服务器")[model[row]],
        )
    return text


def with_asides(
    text: np.ndarray,
    people: pd.DataFrame,
    who: np.ndarray,
    days: np.ndarray,
    english: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """`text` with what customers `who` add on `days`; and the aside of each row, an index into ASIDES, −1 for none."""
    pull = [nine_types.effect(f"says_{aside}", people, who, days) for aside in ASIDES]
    odds = np.exp(_ADDS + np.stack(pull, 1))
    chance = np.cumsum(odds, 1) / (1 + odds.sum(1, keepdims=True))
    aside = (rng.random(len(who))[:, None] > chance).sum(1)
    aside = np.where(aside < len(ASIDES), aside, -1)
    added = say("asides", ASIDES, aside, english, rng)
    between = np.where(english, "; ", "，")
    joined = [f"{t}{b if t and a else ''}{a}" for t, b, a in zip(text, between, added, strict=True)]
    return np.array(joined, dtype=object), aside
