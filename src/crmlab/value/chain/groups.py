"""What customers may have met, the groups by it, and which of them are compared."""

from __future__ import annotations

import numpy as np
import pandas as pd

SOME = (("second_visits", "some"), ("promises", "some"))
ENDS = (("complaints", "ignored"), ("complaints", "solved"), ("complaints", "solved promptly"))
FIGURES = {"complaint": SOME, "renewal": SOME + ENDS, "profit": SOME + ENDS, "value": SOME + ENDS}
"""The rows of the table by link: what, and the group that is held against none."""
MIN_CASES = 20
"""Cases below which a group, and the group none, is not compared, and below which a level or a branch is not told apart."""
MOST_LABELS = 10
"""Values of a label that are told apart, the commonest; the others go with the commonest of all."""


def indicators(labels: pd.Series) -> np.ndarray:
    """A column per value of a label but the commonest, for values of at least `MIN_CASES` rows; a missing label is none of them.

    >>> indicators(pd.Series(["5*9"] * 30 + ["7*24*4"] * 20 + ["7*24*8"] * 19)).sum(axis=0)
    array([20.])
    """
    labels = labels.astype(object).where(labels.notna(), None)
    counts = labels.value_counts()
    counts = counts[counts >= MIN_CASES].sort_index().sort_values(ascending=False, kind="stable")
    columns = [(labels == value).to_numpy(float) for value in counts.index[1 : MOST_LABELS + 1]]
    return np.column_stack(columns) if columns else np.zeros((len(labels), 0))


def figure(cases: pd.DataFrame, difference: float = np.nan, error: float = np.nan) -> dict[str, float]:
    """Counts of a group's `cases` (a customer_id each), and the difference with its standard error."""
    return {
        "n": len(cases),
        "customers": cases["customer_id"].nunique(),
        "difference": difference,
        "error": error,
    }
