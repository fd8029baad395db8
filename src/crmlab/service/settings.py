"""The section service of params.yaml, as the stage's parts take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

RATES = ("visit_cost", "hour_cost", "km_cost")
"""What a visit costs where no visit says: from the section value of params.yaml, in the currency of the books."""


@dataclass(frozen=True)
class Settings:
    """Every value of the section service, under its name in params.yaml, and `rates` from the section value."""

    levels: Mapping[str, Mapping[str, float]]
    opens: str
    country: str
    closed: Sequence[str]
    worked: Sequence[str]
    entry_days: float
    keepable: float
    faster: Sequence[float]
    penalty: float
    repeat_days: int
    prompt_days: float
    ignored_days: int
    stay_days: int
    survey_months: int
    min_group: int
    rates: Mapping[str, float]

    @classmethod
    def read(cls, section: Mapping[str, Any], value: Mapping[str, float]) -> Settings:
        """From the sections service and value; what is missing there is said by the section itself."""
        own = {field.name: section[field.name] for field in fields(cls) if field.name != "rates"}
        return cls(**own, rates={name: value[name] for name in RATES})
