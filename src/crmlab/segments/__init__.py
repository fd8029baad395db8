"""Which of the nine value types is each customer, how does that change, and what should be done about it?

Source: the seed crosses time (past, present, future) with perceived value (functional, economic, psychological) and gives one clause
per cell; which records speak for which cell is this package's reading of it (`behaviour.catalogue`).

>>> from crmlab.segments import TYPES
>>> TYPES["planner"]
('future', 'economic')
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "FEATURES": "behaviour.catalogue",
    "NineTypeMixture": "types.mixture",
    "TYPES": "behaviour.catalogue",
    "TooFew": "types.mixture",
    "TypeTracker": "moves.tracker",
    "ValueScorer": "types.scorer",
    "highest_axes": "types.simple",
    "nearest_prototype": "types.simple",
    "prototypes": "behaviour.catalogue",
    "started_mixture": "types.simple",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """Names are loaded when asked for: readers of the stage's tables need not pay for pandas and scipy."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
