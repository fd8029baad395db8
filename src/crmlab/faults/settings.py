"""The section faults of params.yaml, as the stage's parts take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

RATES = ("visit_cost", "hour_cost", "km_cost")
"""What a visit costs where no visit says: from the section value of params.yaml, in the currency of the books."""


@dataclass(frozen=True)
class Settings:
    """Every value of the section faults, under its name in params.yaml, and `rates` from the section value."""

    at: str
    incident_days: int
    test_share: float
    min_labelled: int
    confident: float
    max_parts: int
    objective: str
    handling_cost: float
    carrying_rate: float
    parts: Mapping[str, Sequence[str]]
    check_minutes: float
    setup_minutes: float
    min_group: int
    false_alarms: float
    rates: Mapping[str, float]

    @classmethod
    def read(cls, section: Mapping, value: Mapping) -> Settings:
        """From the sections faults and value; what is missing there is said by the section itself."""
        own = {field.name: section[field.name] for field in fields(cls) if field.name != "rates"}
        return cls(**own, rates={name: value[name] for name in RATES})
