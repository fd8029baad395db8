"""Who still buys, how often, how much: customer-base models, and the statistics of sales.

>>> from crmlab.purchases import MBGNBD
>>> MBGNBD().names
('r', 'alpha', 'a', 'b')
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "BGNBD": "bgnbd",
    "DegenerateFit": "histories",
    "GammaGamma": "gamma_gamma",
    "InputError": "histories",
    "MBGCNBD": "bgnbd",
    "MBGNBD": "bgnbd",
    "ParetoNBD": "pareto",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """The models are loaded when asked for: scipy costs half a second that readers of the stage's tables need not pay."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.models.{_MODULES[name]}"), name)
