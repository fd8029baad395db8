"""The section purchases of params.yaml, as the stage's parts take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from crmlab.files import CrmlabError
from crmlab.purchases.models.named import model_named
from crmlab.tables import CLEAN

UNITS = {"day": 1, "week": 7}
"""Days of each unit of time."""
LINE_KINDS = tuple(CLEAN["sales"].column("line_kind").choices)


@dataclass(frozen=True)
class Settings:
    """Every value of the section purchases, under its name in params.yaml."""

    counts: Sequence[str]
    unit: str
    horizon_days: int
    origins: int
    models: Sequence[str]
    min_repeat_buyers: int
    alive: Sequence[float]
    rate_bands: Sequence[float]

    @classmethod
    def read(cls, section: Mapping[str, Any]) -> Settings:
        """From the section; raises CrmlabError naming the value, what was expected and where to change it."""
        found = cls(**{field.name: section[field.name] for field in fields(cls)})
        for kind in found.counts:
            _one_of("counts", kind, LINE_KINDS)
        _one_of("unit", found.unit, tuple(UNITS))
        for name in ("counts", "models", "rate_bands"):
            if not getattr(found, name):
                raise CrmlabError(f"params.yaml, purchases.{name}: empty; name at least one")
        if found.horizon_days < 1 or found.origins < 0:
            raise CrmlabError(
                f"params.yaml, purchases: horizon_days {found.horizon_days} and origins {found.origins}; "
                "at least 1 day and no fewer than 0 origins were expected"
            )
        if not 0 <= found.alive[0] <= found.alive[-1] <= 1 or len(found.alive) != 2:
            raise CrmlabError(
                f"params.yaml, purchases.alive: {list(found.alive)}; two chances were expected, the lower one first"
            )
        for name in found.models:
            model_named(name)
        return found

    @property
    def unit_days(self) -> int:
        """Days of the unit in which frequency, recency and T are counted."""
        return UNITS[self.unit]

    @property
    def horizon(self) -> float:
        """The horizon in that unit."""
        return self.horizon_days / self.unit_days


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise CrmlabError(f"params.yaml, purchases.{name}: {value!r} is not one of {', '.join(allowed)}")
