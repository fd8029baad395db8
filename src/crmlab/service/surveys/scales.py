"""Marks on any scale as numbers from 0 to 1."""

from __future__ import annotations

import numpy as np
import pandas as pd

LIKERT = 9
"""Up to this top a scale is taken for one of labelled steps, counted from 1."""
ENOUGH = 100
"""Answers from which a scale can be seen to start at 1."""
AT_THE_END, FEW = 0.01, 5
"""Share of answers at 1, and their number, from which a mark below would have been given, too, were there one."""


def lowest_marks(surveys: pd.DataFrame) -> pd.Series:
    """The lowest mark of each scale, 0 or 1, by its best possible mark.

    An export names the best mark and not the lowest. Scales to 2 … 9 count steps from 1, unless a mark below 1 was given. Others
    (10, 100, 1) start at 0, unless at least 100 answers hold no mark below 1 and 1 % of them (and five) are 1: then people do go to
    the end of the scale, and the end is 1. That no 0 occurs is not enough: content customers do not use that end of either scale.

    Parameters
    ----------
    surveys : the clean table: score, scale_max.

    Returns
    -------
    Indexed by scale_max, sorted; scales without an answer, and those whose best mark is not above 0, are absent.

    Examples
    --------
    >>> lowest_marks(pd.DataFrame({"score": [2, 4, 0, 9], "scale_max": [5, 5, 10, 10]})).to_dict()
    {5.0: 1.0, 10.0: 0.0}
    """
    marks = surveys[["score", "scale_max"]].astype("Float64").dropna().astype(float)
    marks = marks[marks["scale_max"] > 0]
    counted = (
        marks.assign(n=1, below=marks["score"] < 1, at_one=marks["score"] == 1)
        .groupby("scale_max")[["n", "below", "at_one"]]
        .sum()
    )
    top = counted.index.to_numpy()
    reaches_one = (counted["n"] >= ENOUGH) & (counted["at_one"] >= np.maximum(AT_THE_END * counted["n"], FEW))
    likert = (top >= 2) & (top <= LIKERT)
    low = np.where((counted["below"] == 0) & (likert | ((top > LIKERT) & reaches_one)), 1.0, 0.0)
    return pd.Series(low, index=counted.index, name="low")


def rescaled(surveys: pd.DataFrame) -> pd.Series:
    """Each score as (score − lowest mark) / (best mark − lowest mark): 0 to 1, missing where there is no score or no scale.

    Scales of one table are read apart. Half-way up stays half-way up, but marks on few steps are coarser and sooner cut off at the
    top: a change of scale can move a mean by some hundredths by itself.

    Parameters
    ----------
    surveys : the clean table: score, scale_max.

    Examples
    --------
    >>> rescaled(pd.DataFrame({"score": [3, 1, 5], "scale_max": [5, 5, 10]})).tolist()
    [0.5, 0.0, 0.5]
    """
    top = surveys["scale_max"].astype("Float64").astype(float)
    low = top.map(lowest_marks(surveys)).astype(float)
    score = surveys["score"].astype("Float64").astype(float)
    return ((score - low) / (top - low)).clip(0, 1)
