"""What each customer is worth: profit to date and value to come, net of what it costs to serve.

>>> from crmlab.value import limits
>>> low, high = limits(mean=100.0, variance=100.0, third=0.0)
>>> round(float(low)), round(float(high))
(84, 116)
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "limits": "moments",
    "linear_differences": "chain.linear",
    "price_levels": "to_come.prices",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """Names are loaded when asked for: readers of the stage's tables need not pay for pandas and scipy."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
