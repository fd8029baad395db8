"""Who will leave, who will renew, and when: the chance of every contract, what goes with leaving, and who was lost.

>>> from crmlab.churn import RenewalHazard
>>> RenewalHazard(controls=5).controls
5
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_MODULES = {
    "BoostedHazard": "models.boosted",
    "RenewalCox": "survival.cox",
    "RenewalHazard": "models.hazard",
}
__all__ = [*_MODULES]


def __getattr__(name: str) -> Any:
    """The models are loaded when asked for: scikit-learn and lifelines cost seconds that readers of the stage's tables need not pay."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
