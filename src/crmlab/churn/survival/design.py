"""Features as the columns of a Cox model: which of them, where missing ones stand, and how far out a number still counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.churn.landmarks.features import KEYS

MIN_LOSSES = 20
"""Contracts lost below which a label's value has no column."""
FAR = 4.0
"""Standard deviations beyond which a number says no more."""


@dataclass(frozen=True)
class Design:
    """Columns as chosen by `chosen`: numbers by their names, and after them label=value as 0 or 1.

    medians : of the numbers, for missing ones. limits : within which numbers are cut, where they are no flags.
    """

    columns: tuple[str, ...]
    medians: dict[str, float]
    limits: dict[str, tuple[float, float]]

    @classmethod
    def chosen(cls, features: pd.DataFrame, rows: pd.DataFrame, stratum: pd.Series) -> Design:
        """Numbers, and per label the values with `MIN_LOSSES` but for the commonest: those that differ within a stratum.

        Parameters
        ----------
        features : all columns but `KEYS` are features.
        rows : contract_id and lost of each.
        stratum : of each; rows are compared within it only.
        """
        names = [c for c in features if c not in KEYS]
        numbers = [c for c in names if pd.api.types.is_numeric_dtype(features[c])]
        values = features[numbers].astype(float)
        medians = values.median().dropna().to_dict()
        middle, far = values.mean(), FAR * values.std()
        # A flag is one or the other, however rare.
        limits = {c: (middle[c] - far[c], middle[c] + far[c]) for c in medians if values[c].nunique() > 2}
        columns = list(medians)
        lost = features.loc[rows.index[rows.lost][~rows.contract_id[rows.lost].duplicated()]]
        for label in [c for c in names if c not in numbers]:
            counts, losses = features[label].value_counts(), lost[label].value_counts()
            columns += [f"{label}={v}" for v in sorted(counts.index[1:]) if losses.get(v, 0) >= MIN_LOSSES]
        all_of_them = cls(tuple(columns), medians, limits)
        by_stratum = all_of_them.table(features).groupby(stratum.to_numpy())
        differs = (by_stratum.max() > by_stratum.min()).any()
        return cls(tuple(c for c in columns if differs[c]), medians, limits)

    def table(self, features: pd.DataFrame) -> pd.DataFrame:
        """The columns of these features, as floats without missing values; index as `features`."""
        numbers = [name for name in self.columns if name in self.medians]
        values = features[numbers].to_numpy(float, na_value=np.nan)
        values = np.where(np.isnan(values), [self.medians[name] for name in numbers], values)
        low, high = np.reshape([self.limits.get(name, (-np.inf, np.inf)) for name in numbers], (-1, 2)).T
        flags = (name.partition("=") for name in self.columns[len(numbers) :])
        found = [np.clip(values, low, high), *(features[label].isin([value]) for label, _, value in flags)]
        return pd.DataFrame(np.column_stack(found), features.index, list(self.columns), float)
