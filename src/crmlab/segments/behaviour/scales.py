"""Where a service level or the importance of a machine stands on the company's own scale."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

_LEVEL = re.compile(r"(\d+)\s*[*x×]\s*(\d+)(?:\s*[*x×]\s*(\d+))?", re.IGNORECASE)


@cache
def words() -> dict[str, list]:
    """The word lists of words.yaml: `capability`, words; `importance`, lists of words, least first."""
    return yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))


def level_place(levels: pd.Series) -> pd.Series:
    """Where each service level stands among `levels`, 0 (least) to 1 (most); NaN where unreadable.

    A level reads days a week * hours a day * response hours. More hours covered is more; among equals a quicker
    response is more, and a named response is more than none.

    Examples
    --------
    >>> level_place(pd.Series(["5*9", "7*24*8", "7×24×4", "gold"])).tolist()
    [0.0, 0.5, 1.0, nan]
    """
    covered = {}
    for level in levels.dropna().unique():
        if found := _LEVEL.search(level):
            days, hours, response = found.groups()
            covered[level] = (int(days) * int(hours), -int(response) if response else -np.inf)
    return _place(levels, covered)


def importance_place(importance: pd.Series) -> pd.Series:
    """Where each importance stands among those in `importance`, 0 (least) to 1 (most); NaN where no word fits.

    Examples
    --------
    >>> importance_place(pd.Series(["关键", "一般", "重要", "其他"])).tolist()
    [1.0, 0.0, 0.5, nan]
    """
    ranks = {}
    for text in importance.dropna().unique():
        for rank, found in enumerate(words()["importance"]):
            if any(word in text.lower() for word in found):
                ranks[text] = rank
                break
    return _place(importance, ranks)


def _place(said: pd.Series, ranks: dict[str, object]) -> pd.Series:
    order = sorted(set(ranks.values()))
    top = max(len(order) - 1, 1)
    return said.map({text: order.index(rank) / top for text, rank in ranks.items()}).astype(float)
