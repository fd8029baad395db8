"""Symptom text: one spelling for what looks the same, and the words a model reads in it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

NO_TEXT = "#none"
"""The token of a ticket without symptom text: saying nothing is information too."""

_TOKEN = re.compile(r"(?P<number>\d+)|(?P<chinese>[㐀-鿿]+)|(?P<word>[^\W\d_㐀-鿿]+)")


def fold(symptoms: pd.Series) -> pd.Series:
    """Symptom text in one spelling: NFKC (full-width forms), lower case, single spaces; missing becomes "".

    Examples
    --------
    >>> import pandas as pd
    >>> fold(pd.Series(["ＨＤＤ  黄灯 ", None])).tolist()
    ['hdd 黄灯', '']
    """
    spelling = {
        text: " ".join(unicodedata.normalize("NFKC", text).lower().split()) for text in _texts(symptoms)
    }
    return symptoms.map(spelling).fillna("").astype(object)


def _texts(symptoms: pd.Series) -> list[str]:
    return symptoms.dropna().unique().tolist()


def tokens(text: str) -> list[str]:
    """The words of a folded text: words as they are, Chinese as single characters and pairs, numbers as #1 or #n.

    One light and four lights are different faults; slot 7 and slot 8 are not, so a number only says "one" or "more".

    Examples
    --------
    >>> tokens("4个hdd黄灯")
    ['#n', '个', 'hdd', '黄', '灯', '黄灯']
    >>> tokens("")
    ['#none']
    """
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
