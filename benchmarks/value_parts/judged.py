"""Simple lines beside the stated value, and the figures of all of them against what came."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.value.books.books import Books

MONTH = 365.25 / 12


def simple_lines(books: Books, day: pd.Timestamp, months: int) -> pd.DataFrame:
    """The two simple lines of the stage where the record has no two years: profit of the last `months` again; and mean × retention.

    Mean profit a month since the first purchase (at least half of `months`) × months × retention: of the customers of the time before the
    last `months` / 2, the share that was active in these, once for each half of the horizon.

    Returns
    -------
    index customer_id; last_year, mean_retained in minor units.
    """
    half = pd.Timedelta(days=round(months * MONTH / 2))
    now, lately, then = (books.to_date(day - halves * half).customers for halves in (0, 1, 2))
    profit = now.profit.astype(float)
    stayed = (now.n_lines - lately.n_lines).reindex(lately.index) > 0
    kept = float(stayed.mean()) if len(stayed) else 1.0
    seen = ((day - now.first_day.fillna(day)).dt.days + 1).clip(lower=half.days) / MONTH
    return pd.DataFrame(
        {
            "last_year": profit.sub(then.profit.reindex(profit.index).fillna(0)),
            "mean_retained": profit / seen * months / 2 * (kept + kept**2),
        }
    )


def errors(table: pd.DataFrame, lines: tuple[str, ...], came: str) -> dict[str, dict[str, float]]:
    """Line → mean absolute error, rank correlation with what came, stated over actual − 1."""
    ranks, total = table[[*lines, came]].rank().corr()[came], table[came].sum()
    return {
        line: {
            "mae": float((table[line] - table[came]).abs().mean()),
            "spearman": float(ranks[line]),
            "bias": float(table[line].sum() / total - 1),
        }
        for line in lines
    }


def gain(table: pd.DataFrame, line: str, came: str) -> tuple[float, float]:
    """By how much the value's mean absolute error is the smaller one, and the standard error over customers."""
    less = (table[line] - table[came]).abs() - (table["value"] - table[came]).abs()
    return float(less.mean()), float(less.std(ddof=1) / np.sqrt(len(less)))


def mean_and_error(values: pd.Series) -> dict[str, float]:
    """Over companies."""
    n = len(values)
    return {"mean": float(values.mean()), "error": float(values.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0}


def won(less: dict[str, Any]) -> str:
    """What a gain with its standard error says: better, even or worse than the other line."""
    if abs(less["mean"]) <= 2 * less["error"]:
        return "even"
    return "better" if less["mean"] > 0 else "worse"
