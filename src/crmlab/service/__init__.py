"""Did we keep our promises: visits, service levels, complaints, satisfaction.

>>> from crmlab.service import Levels
>>> Levels({}).read("7*24*4").response_h
4.0
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "Levels": "promises.levels",
    "ServiceClock": "promises.clock",
    "Workdays": "promises.workdays",
    "cronbach_alpha": "surveys.alpha",
    "extra_complaints": "promises.faster",
    "faster": "promises.faster",
    "keepable": "promises.keepable",
    "quantile_limits": "promises.keepable",
    "reported_again": "visits.repeats",
    "twelve_months": "promises.period",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """Names are loaded when asked for: readers of the stage's tables need not pay for pandas and scipy."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
