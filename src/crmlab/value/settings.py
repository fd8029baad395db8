"""What params.yaml says about value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any

from crmlab.files import CrmlabError
from crmlab.purchases.settings import LINE_KINDS

LONGEST = 120
"""Months of the longest horizon."""


@dataclass(frozen=True)
class Settings:
    """The section value of params.yaml, and what it shares with purchases and churn.

    horizon_months, annual_discount: of the value to come. margin: share of the amount by kind of line, where an export has neither
    cost nor margin. visit_cost, hour_cost, km_cost, contact_cost: of serving, in the currency of the books.
    counts: kinds of lines that are purchases. grace_days: after the last day of a contract within which a renewal counts.
    """

    horizon_months: int
    annual_discount: float
    margin: Mapping[str, float]
    visit_cost: float
    hour_cost: float
    km_cost: float
    contact_cost: float
    counts: tuple[str, ...] = ("product", "service", "part")
    grace_days: int = 30

    @classmethod
    def read(
        cls, value: Mapping[str, Any], purchases: Mapping[str, Any], churn: Mapping[str, Any]
    ) -> Settings:
        """Settings of the sections value, purchases and churn of params.yaml.

        Raises
        ------
        CrmlabError : a key is missing or unknown, or a number is out of range.
        """
        shared = {"counts", "grace_days"}
        own = {f.name for f in fields(cls)} - shared
        _keys("value", value, own)
        _keys("value.margin", value["margin"], set(LINE_KINDS))
        months, rate = value["horizon_months"], value["annual_discount"]
        if type(months) is not int or not 1 <= months <= LONGEST:
            raise _wrong("horizon_months", months, f"a whole number from 1 to {LONGEST} is expected")
        if not _is_number(rate) or not 0 < rate < 1:
            raise _wrong(
                "annual_discount",
                rate,
                "a share between 0 and 1 is expected, 0.1 for ten percent a year; money to come is worth less than money today",
            )
        for name in ("visit_cost", "hour_cost", "km_cost", "contact_cost"):
            if not _is_number(value[name]) or value[name] < 0:
                raise _wrong(
                    name, value[name], "an amount from 0 on is expected, in the currency of the books"
                )
        for kind, share in value["margin"].items():
            if not _is_number(share) or not -1 <= share <= 1:
                raise _wrong(
                    f"margin.{kind}", share, "a share of the amount is expected, 0.3 for thirty percent"
                )
        return cls(
            **value,
            counts=tuple(purchases["counts"]),
            grace_days=churn["grace_days"],
        )


def _keys(section: str, found: Any, expected: set[str]) -> None:
    if not isinstance(found, Mapping) or set(found) != expected:
        wrong = ", ".join(sorted(set(map(str, found)) ^ expected)) if isinstance(found, Mapping) else found
        raise CrmlabError(
            f"params.yaml, {section}: {wrong} missing or unknown; expected are {', '.join(sorted(expected))}"
        )


def _wrong(name: str, value: Any, expected: str) -> CrmlabError:
    return CrmlabError(f"params.yaml, value.{name}: {value} found, {expected}")


def _is_number(value: Any) -> bool:
    """Whether it is a finite number; YAML reads `yes` as a truth and `.inf` as a number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
