"""One spelling for causes that differ only by spaces, full-width forms or the case of letters."""

from __future__ import annotations

import unicodedata

import pandas as pd


def one_spelling(causes: pd.Series) -> tuple[pd.Series, int]:
    """The causes, each in the most frequent of its spellings, and how many spellings were given up.

    Two that look alike are one to everybody but a model, which would learn each from half of the tickets. What differs by
    a letter stays apart: only people know whether that is a slip.

    Examples
    --------
    >>> recorded, merged = one_spelling(pd.Series(["CPU故障", "ＣＰＵ 故障", "CPU故障", "cpu故障", "网卡"]))
    >>> recorded.tolist(), merged
    (['CPU故障', 'CPU故障', 'CPU故障', 'CPU故障', '网卡'], 2)
    """
    counts = causes.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    chosen: dict[str, str] = {}
    spelling = {
        cause: chosen.setdefault("".join(unicodedata.normalize("NFKC", cause).casefold().split()), cause)
        for cause in counts.index
    }
    return causes.map(spelling).astype(causes.dtype), len(spelling) - len(chosen)
