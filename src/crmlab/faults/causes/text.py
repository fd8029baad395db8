"""Symptom text: one spelling for what looks the same, and the words a model reads in it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

NO_TEXT = "#none"
"""The token of a ticket without symptom text: saying nothing is information too."""
LONGEST = 2_000
"""Characters of a text that are read; nobody describes a fault at greater length, but some paste a log."""

_TOKEN = re.compile(r"(?P<number>\d+)|(?P<chinese>[㐀-鿿]+)|(?P<word>[^\W\d_㐀-鿿]+)")
_CLAUSE = re.compile(r"[，,；;。!！?？、\n]+|还有|并且|而且|\band\b|\balso\b")


def fold(symptoms: pd.Series) -> pd.Series:
    """Symptom text in one spelling: NFKC (full-width forms), lower case, single spaces; missing becomes "".

    Examples
    --------
    >>> import pandas as pd
    >>> fold(pd.Series(["ＨＤＤ  黄灯 ", None])).tolist()
    ['hdd 黄灯', '']
    """
    spelling = {
        text: " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).lower().split())
        for text in symptoms.dropna().unique().tolist()
    }
    return symptoms.map(spelling).fillna("").astype(object)


def clauses(text: str) -> list[str]:
    """The parts of a folded text that say one thing each; a part that names a disk and a light is about one disk light.

    Examples
    --------
    >>> clauses("硬盘黄灯，还有风扇很响")
    ['硬盘黄灯', '风扇很响']
    """
    return [part.strip() for part in _CLAUSE.split(text) if part.strip()]


class SymptomTokenizer:
    """The words of a folded text: words as they are, Chinese as single characters and pairs, numbers as #1 or #n.

    One light and four lights are different faults; slot 7 and slot 8 are not, so a number only says "one" or "more".
    Calling it gives the tokens of one text, so it serves as `analyzer` of a scikit-learn vectorizer.

    Examples
    --------
    >>> SymptomTokenizer()("4个hdd黄灯")
    ['#n', '个', 'hdd', '黄', '灯', '黄灯']
    >>> SymptomTokenizer()("")
    ['#none']
    """

    def __call__(self, text: str) -> list[str]:
        found = []
        for match in _TOKEN.finditer(text):
            piece = match.group()
            if match.lastgroup == "number":
                found.append("#1" if piece == "1" else "#n")
            elif match.lastgroup == "chinese":
                found.extend(piece)
                found.extend(piece[i : i + 2] for i in range(len(piece) - 1))
            else:
                found.append(piece)
        return found or [NO_TEXT]


def known_share(texts: pd.Series, vocabulary: set[str]) -> np.ndarray:
    """Share of the tokens of each folded text that are in `vocabulary`; 0 for a text without words.

    Examples
    --------
    >>> import pandas as pd
    >>> known_share(pd.Series(["hdd 黄灯", "hdd blinks", ""]), {"hdd", "黄", "灯", "黄灯"}).tolist()
    [1.0, 0.5, 0.0]
    """
    words = SymptomTokenizer()
    share = {
        text: float(np.mean([token in vocabulary for token in words(text)])) if text else 0.0
        for text in texts.unique()
    }
    return texts.map(share).to_numpy(float)
