"""What params.yaml says about leaving and renewing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from crmlab.churn.landmarks.features import MOST_QUIET
from crmlab.churn.outputs import HORIZONS
from crmlab.files import CrmlabError


@dataclass(frozen=True)
class Settings:
    """The section churn of params.yaml, and the days after which an unsolved complaint is ignored, from section service.

    grace_days: days after the last day within which a renewal still counts, so that leaving is known only when they are past.
    horizons: days ahead for which chances are said. min_contracts: ended contracts below which no model is fitted.
    at_risk: chance of renewal below which a contract is at risk. half_life_days: in which an event loses half its weight.
    offer_days: before the end of a term, in which a quote may be the price of the next one. landmarks: earlier days, a quarter
    apart, at which chances of then are held against what came. inactive_days: without a ticket, an order or an answer, after
    which the naive line calls a customer inactive. win_back_months: how long ago a contract on the win-back list was lost.
    """

    grace_days: int = 30
    horizons: tuple[int, ...] = HORIZONS
    min_contracts: int = 100
    at_risk: float = 0.7
    half_life_days: int = 180
    offer_days: int = 180
    landmarks: int = 4
    inactive_days: int = 180
    win_back_months: int = 24
    ignored_days: int = 30

    @classmethod
    def read(cls, churn: Mapping[str, Any], service: Mapping[str, Any]) -> Settings:
        """Settings of the sections churn and service of params.yaml.

        Raises
        ------
        CrmlabError : a key is missing or unknown, a number is out of range, or a horizon has no column.
        """
        own = {f.name for f in fields(cls)} - {"ignored_days"}
        if set(churn) != own:
            wrong = ", ".join(sorted(set(churn) ^ own))
            raise CrmlabError(
                f"params.yaml, churn: {wrong} missing or unknown; expected are {', '.join(sorted(own))}"
            )
        if tuple(churn["horizons"]) != HORIZONS:
            raise CrmlabError(
                f"params.yaml, churn.horizons: {churn['horizons']} found, {list(HORIZONS)} expected; other days need "
                "another column in crmlab/churn/outputs.py"
            )
        for name in sorted(own - {"horizons", "at_risk"}):
            least = 0 if name == "grace_days" else 1
            if not isinstance(churn[name], int) or churn[name] < least:
                raise CrmlabError(
                    f"params.yaml, churn.{name}: {churn[name]} found, a whole number from {least} on is expected"
                )
        if churn["inactive_days"] > 30 * MOST_QUIET:
            raise CrmlabError(
                f"params.yaml, churn.inactive_days: {churn['inactive_days']} found, at most {30 * MOST_QUIET} is expected: months "
                "without a sign of life are not counted further back"
            )
        if not 0 <= churn["at_risk"] <= 1:
            raise CrmlabError(
                f"params.yaml, churn.at_risk: {churn['at_risk']} found, a chance from 0 to 1 is expected"
            )
        return cls(**(dict(churn) | {"horizons": HORIZONS}), ignored_days=service["ignored_days"])
