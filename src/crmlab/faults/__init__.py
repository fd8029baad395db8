"""Fault causes: what is broken, given what the customer says and what is known when the call comes in.

>>> from crmlab.faults import FaultPool
>>> FaultPool(at="dispatch").at
'dispatch'
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "ConformalSets": "causes.conformal",
    "FaultPool": "causes.pool",
    "KitOptimizer": "kits.optimizer",
    "Needs": "kits.needs",
    "ShrunkTable": "causes.shrunk",
    "SymptomLexicon": "causes.lexicon",
    "check_order": "kits.checks",
    "count_needs": "kits.needs",
    "frequency_kits": "kits.retrospect",
    "learn_needs": "kits.needs",
    "number_incidents": "causes.incidents",
    "parts_used": "kits.needs",
    "scores": "causes.scores",
    "split_by_time": "causes.incidents",
    "with_context": "causes.features",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """Names are loaded when asked for: scikit-learn costs seconds that readers of the stage's tables need not pay."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
