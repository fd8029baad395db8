"""Features as numbers that are alike in scale: what a linear model of renewals multiplies by its coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.churn.landmarks.features import KEYS

MIN_LOSSES = 20
"""Contracts lost below which a label's value has no coefficient, and a hold-out says nothing about penalties."""
FAR = 4.0
"""Standard deviations beyond which a feature says no more."""


@dataclass(frozen=True)
class Design:
    """Columns, and the medians (of numbers), means and standard deviations by which they are brought to one scale.

    A number is a column of its name; a label is a column `label=value` for each value but the commonest.
    """

    columns: tuple[str, ...]
    medians: dict[str, float]
    means: np.ndarray
    spreads: np.ndarray

    @classmethod
    def of(cls, X: pd.DataFrame, y: np.ndarray, weight: np.ndarray) -> Design:
        """The columns that vary in X, of a label those with at least `MIN_LOSSES` contracts lost."""
        numbers = numbers_of(X)
        medians = {
            name: float(np.nanmedian(v)) for name in numbers if not np.isnan(v := values(X, name)).all()
        }
        names = list(medians)
        labels = [name for name in X if name not in (*KEYS, *numbers)]
        lost = X.loc[y == 0, ["contract_id", *labels]].drop_duplicates("contract_id")
        for label in labels:
            counts, losses = (rows[label].astype("string").value_counts() for rows in (X, lost))
            others = counts.sort_index().sort_values(ascending=False, kind="stable").index[1:]
            names += sorted(f"{label}={value}" for value in others if losses.get(value, 0) >= MIN_LOSSES)
        kept, means, spreads = [], [], []
        for name in names:
            column = _column(X, name, medians)
            mean = np.average(column, weights=weight)
            spread = np.sqrt(np.average((column - mean) ** 2, weights=weight))
            if spread > 1e-9:
                kept.append(name)
                means.append(mean)
                spreads.append(spread)
        return cls(tuple(kept), medians, np.array(means, float), np.array(spreads, float))

    def column(self, X: pd.DataFrame, name: str) -> np.ndarray:
        """One column in its own unit, the median where a number is missing; 0 or 1 of a label."""
        return _column(X, name, self.medians)

    def standardised(self, X: pd.DataFrame) -> np.ndarray:
        """Rows × columns, in standard deviations from the mean, at most `FAR`; float32."""
        Z = np.empty((len(X), len(self.columns)), dtype=np.float32)
        for k, name in enumerate(self.columns):
            Z[:, k] = np.clip((self.column(X, name) - self.means[k]) / self.spreads[k], -FAR, FAR)
        return Z

    def stretched(self, names: Sequence[str], times: float) -> np.ndarray:
        """`times` for columns among `names`, 1 for others."""
        return np.where(np.isin(self.columns, list(names)), times, 1.0)


def numbers_of(X: pd.DataFrame) -> list[str]:
    """Names of the features that are numbers; the others are labels."""
    return [name for name in X if name not in KEYS and pd.api.types.is_numeric_dtype(X[name])]


def values(X: pd.DataFrame, name: str) -> np.ndarray:
    """A feature's numbers, NaN where missing."""
    return X[name].to_numpy(dtype=float, na_value=np.nan)


def _column(X: pd.DataFrame, name: str, medians: dict[str, float]) -> np.ndarray:
    label, _, value = name.partition("=")
    if value:
        return X[label].astype("string").isin([value]).to_numpy(float)
    column = values(X, name)
    return np.where(np.isnan(column), medians[name], column)
