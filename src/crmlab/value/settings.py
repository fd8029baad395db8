"""What params.yaml says about value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from crmlab.files import CrmlabError
from crmlab.purchases.settings import LINE_KINDS


@dataclass(frozen=True)
class Settings:
    """The section value of params.yaml, and what it shares with purchases and churn.

    horizon_months, annual_discount: of the value to come. margin: share of the amount by kind of line, where an export has neither
    cost nor margin. visit_cost, hour_cost, km_cost, contact_cost: of serving, in the currency of the books.
    counts: kinds of lines that are purchases. grace_days: after the last day of a contract within which a renewal counts.
    min_repeat_buyers, models: for the customer-base model of purchases.
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
    min_repeat_buyers: int = 100
    models: tuple[str, ...] = ("MBGNBD",)

    @classmethod
    def read(
        cls, value: Mapping[str, Any], purchases: Mapping[str, Any], churn: Mapping[str, Any]
    ) -> Settings:
        """Settings of the sections value, purchases and churn of params.yaml.

        Raises
        ------
        CrmlabError : a key is missing or unknown, or a number is out of range.
        """
        shared = {"counts", "grace_days", "min_repeat_buyers", "models"}
        own = {f.name for f in fields(cls)} - shared
        if set(value) != own:
            wrong = ", ".join(sorted(set(value) ^ own))
            raise CrmlabError(
                f"params.yaml, value: {wrong} missing or unknown; expected are {', '.join(sorted(own))}"
            )
        months = value["horizon_months"]
        if not isinstance(months, int) or not 1 <= months <= 120:
            raise CrmlabError(
                f"params.yaml, value.horizon_months: {months} found, a whole number from 1 to 120 is expected"
            )
        rate = value["annual_discount"]
        if not isinstance(rate, int | float) or not 0 < rate < 1:
            raise CrmlabError(
                f"params.yaml, value.annual_discount: {rate} found, a share between 0 and 1 is expected, 0.1 for ten percent a "
                "year; money to come is worth less than money today"
            )
        for name in ("visit_cost", "hour_cost", "km_cost", "contact_cost"):
            if not isinstance(value[name], int | float) or value[name] < 0:
                raise CrmlabError(
                    f"params.yaml, value.{name}: {value[name]} found, an amount from 0 on is expected"
                )
        for kind, share in value["margin"].items():
            if kind not in LINE_KINDS or not isinstance(share, int | float) or not -1 <= share <= 1:
                raise CrmlabError(
                    f"params.yaml, value.margin.{kind}: {share} found, a share of the amount is expected, by kind of line: "
                    + ", ".join(LINE_KINDS)
                )
        return cls(
            **value,
            counts=tuple(purchases["counts"]),
            grace_days=churn["grace_days"],
            min_repeat_buyers=purchases["min_repeat_buyers"],
            models=tuple(purchases["models"]),
        )
