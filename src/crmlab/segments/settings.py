"""What params.yaml says about the nine types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from crmlab.files import CrmlabError


@dataclass(frozen=True)
class Settings:
    """The section segments of params.yaml, and what it shares with churn and service.

    months: of behaviour that a type rests on. history: months before the last for which types are told as well. min_prob: a type less
    probable is undetermined. min_axis: and its axis, too, below this. margin, patience: a customer's type changes when the new one is
    more probable than the old by `margin` for `patience` months running. at_risk: a chance of renewal below it is a risk. grace_days: after
    the end of a contract, within which a renewal still counts. levels: what codes of service levels say beyond what they say themselves.
    """

    months: int = 24
    history: int = 24
    min_prob: float = 0.6
    min_axis: float = 0.7
    margin: float = 0.7
    patience: int = 2
    at_risk: float = 0.7
    grace_days: int = 30
    levels: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(
        cls, segments: Mapping[str, Any], churn: Mapping[str, Any], service: Mapping[str, Any]
    ) -> Settings:
        """Settings of the sections segments, churn and service of params.yaml.

        Raises
        ------
        CrmlabError : a key is missing or unknown, or a number is out of range.
        """
        own = {f.name for f in fields(cls)} - {"at_risk", "grace_days", "levels"}
        if not isinstance(segments, Mapping) or set(segments) != own:
            wrong = (
                ", ".join(sorted(set(map(str, segments)) ^ own))
                if isinstance(segments, Mapping)
                else segments
            )
            raise CrmlabError(
                f"params.yaml, segments: {wrong} missing or unknown; expected are {', '.join(sorted(own))}"
            )
        for name, least, most in (("months", 6, 60), ("history", 12, 36), ("patience", 1, 12)):
            value = segments[name]
            if type(value) is not int or not least <= value <= most:
                raise _wrong(name, value, f"a whole number of months from {least} to {most} is expected")
        for name, least, most in (("min_prob", 0.34, 1), ("min_axis", 0.34, 1), ("margin", 0, 1)):
            value = segments[name]
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise _wrong(name, value, f"a probability from {least} to {most} is expected")
        return cls(
            **segments,
            at_risk=churn["at_risk"],
            grace_days=churn["grace_days"],
            levels=service["levels"],
        )


def _wrong(name: str, value: Any, expected: str) -> CrmlabError:
    return CrmlabError(f"params.yaml, segments.{name}: {value} found, {expected}")
