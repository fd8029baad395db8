"""What callers say: wordings of a symptom, filled with words, then prefixed, mistyped, shouted.

A wording depends on the symptom alone, never on the cause, so text tells of the cause only through the symptom. New
wordings appear in the last year: a model that trusts its vocabulary is over-confident there.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache
from importlib import resources

import numpy as np

from .causes import ENQUIRIES, SYMPTOMS
from .world import DAYS

TOPICS = (*SYMPTOMS, *ENQUIRIES)
HELD_OUT_FROM = DAYS - 365
HELD_OUT_SHARE = 0.25
TYPOS, SHOUTED, PREFIXED, WITH_PHONE = 0.08, 0.05, 0.22, 0.015


@lru_cache(maxsize=1)
def _book() -> dict:
    import yaml

    return yaml.safe_load(resources.files(__package__).joinpath("phrasings.yaml").read_text(encoding="utf-8"))


def _filled(wording: str, words: dict[str, list[str]]) -> list[str]:
    """Every text a wording can become."""
    slots = re.findall(r"{(\w+)}", wording)
    unique = list(dict.fromkeys(slots))
    return [
        wording.format(**dict(zip(unique, choice, strict=True)))
        for choice in itertools.product(*(words[s] for s in unique))
    ]


@lru_cache(maxsize=1)
def _texts() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All texts in one array; first text and number of texts per wording; first wording and number per topic × (now, later)."""
    book = _book()
    topics = book["symptoms"] | book["enquiries"]
    texts, first, count, wordings = [], [], [], []
    for topic in TOPICS:
        for when in ("now", "later"):
            wordings.append((len(first), len(topics[topic][when])))
            for wording in topics[topic][when]:
                filled = _filled(wording, book["words"])
                first.append(len(texts))
                count.append(len(filled))
                texts.extend(filled)
    span = np.array(wordings).reshape(len(TOPICS), 2, 2)
    return np.array(texts, dtype=object), np.array(first), np.array(count), span[..., 0], span[..., 1]


def _say(topic: np.ndarray, later: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    texts, first, count, start, number = _texts()
    n, when = len(topic), later.astype(int)
    # the power makes the first wordings of a list the common ones
    wording = start[topic, when] + (rng.random(n) ** 1.5 * number[topic, when]).astype(int)
    return texts[first[wording] + (rng.random(n) * count[wording]).astype(int)]


def write(
    topic: np.ndarray, mention: np.ndarray, days: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Texts of calls about `topic`, naming also `mention` where that is not −1; and which use a held-out wording.

    Both are indices into TOPICS.
    """
    n = len(topic)
    later = (days >= HELD_OUT_FROM) & (rng.random(n) < HELD_OUT_SHARE)
    text = _say(topic, later, rng)
    two = np.flatnonzero(mention >= 0)
    joint = np.array(["，", "，", " ", "，还有"], dtype=object)[rng.integers(0, 4, len(two))]
    text[two] = text[two] + joint + _say(mention[two], later[two], rng)
    prefixes = np.array(_book()["prefixes"], dtype=object)
    rows = np.flatnonzero(rng.random(n) < PREFIXED)
    text[rows] = prefixes[rng.integers(0, len(prefixes), len(rows))] + text[rows]
    for row in np.flatnonzero(rng.random(n) < TYPOS):
        text[row] = _mistype(text[row], rng)
    for row in np.flatnonzero(rng.random(n) < SHOUTED):
        text[row] = text[row].upper()
    return text, later


def _mistype(text: str, rng: np.random.Generator) -> str:
    for right, wrong in _book()["typos"].items():
        if right in text:
            return text.replace(right, wrong, 1)
    at = int(rng.integers(0, max(len(text) - 1, 1)))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
