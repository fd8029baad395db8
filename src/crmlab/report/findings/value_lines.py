"""Rows of the scores of the stated value and the simple lines beside it, for those who read below the fold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmlab.report.findings.groups import plain
from crmlab.report.findings.value_scores import AGO, against, judged
from crmlab.report.findings.value_words import LINES
from crmlab.report.messages import Message, count, is_missing, money, number, say

if TYPE_CHECKING:
    import pandas as pd


def by_line(scores: pd.DataFrame) -> pd.DataFrame:
    """Table scores in words, one year back first and the stated value before the lines: `name`, `gain_said`, `sum_said`, `spearman_said`."""
    rows = plain(scores)
    rows["place"] = rows["line"].map({line: i for i, line in enumerate(LINES)}).astype(float)
    rows = rows.sort_values(["years", "place"], ignore_index=True)
    rows["name"] = [LINES.get(line, line) for line in rows["line"]]
    rows["gain_said"] = [
        None
        if is_missing(gain) or line == "value"
        else money(gain) if is_missing(error)
        else say("{gain} ± {error}", gain=money(gain), error=money(error))
        for line, gain, error in zip(rows["line"], rows["gain"], rows["gain_error"], strict=True)
    ]  # fmt: skip
    rows["spearman_said"] = [number(x, 3) for x in rows["spearman"]]
    return rows


def by_line_title(metrics: Mapping[str, Any]) -> Message:
    """The finding over the scores: on how many horizons the value missed by less than every simple line."""
    better = [years for years in AGO if judged(metrics, years) and against(metrics, years) == "better"]
    told = [years for years in AGO if judged(metrics, years)]
    return say(
        "On {k} of {n} horizons the stated value missed by less than every simple line, beyond chance",
        k=count(len(better)),
        n=count(len(told)),
    )
