"""Is a model better than the simple line beside it, on the same rows?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def verdict(gain: float | None, error: float | None) -> str:
    """Better or worse by two standard errors, else even; "unknown" where there is nothing to compare.

    `gain` is the mean of the paired differences in the model's favour, `error` its standard error.
    """
    if gain is None or error is None:
        return "unknown"
    return "better" if gain > 2 * error else "worse" if gain < -2 * error else "even"


def against(metrics: Mapping[str, Any], other: str) -> str:
    """The verdict on the model against `other`, as the stage's `gain_over_<other>` and its error have it."""
    return verdict(metrics.get(f"gain_over_{other}"), metrics.get(f"gain_over_{other}_error"))
