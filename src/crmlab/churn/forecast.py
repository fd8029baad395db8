"""What can be said on a day of every contract at risk then, from what was known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.churn.landmarks.occasions import Occasions, Seen
from crmlab.churn.models.boosted import BoostedHazard
from crmlab.churn.models.choice import Choice, choose
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.churn.outputs import HORIZONS
from crmlab.churn.terms import base_rates


@dataclass(frozen=True)
class Forecast:
    """The chances of all contracts at risk on `day`.

    Attributes
    ----------
    terms : known on that day.
    X, y : the occasions that the model was fitted on, and whether each was renewed.
    seen : the contracts at risk, in whose order the rest is.
    choice : the model and how it was chosen; None where there is none.
    why : no model because "few" have ended, or "none lost" or "none renewed" of them; None with a model.
    chances : p_renew_<days>, p_renew, low, high, reason, reason_value.
    """

    day: pd.Timestamp
    terms: pd.DataFrame
    X: pd.DataFrame
    y: np.ndarray
    seen: Seen
    choice: Choice | None
    why: str | None
    chances: pd.DataFrame

    @property
    def model(self) -> RenewalHazard | BoostedHazard | None:
        """The fitted model, or None."""
        return self.choice.model if self.choice else None


def forecast(occasions: Occasions, day: pd.Timestamp, min_contracts: int) -> Forecast:
    """Say of every contract at risk on `day` how likely it is to be renewed.

    Where no model can be fitted, the renewal rates of the service levels stand in, without limits and reasons.
    """
    terms = occasions.terms(day)
    X, y = occasions.ended(day, terms=terms)
    seen = occasions.seen(terms, [day])
    why = why_no_model(terms, X, y, min_contracts)
    choice = None if why else choose(X, y)
    chances = chances_of(choice.model, seen) if choice else level_chances(terms, seen.features)
    return Forecast(day, terms, X, y, seen, choice, why, chances)


def why_no_model(terms: pd.DataFrame, X: pd.DataFrame, y: np.ndarray, min_contracts: int) -> str | None:
    """Why no model can be fitted: "few" ended, "none lost" or "none renewed" of them; None if it can.

    Too few have ended, too, where those of one kind were on no month end at risk (`X`, `y`): signed long before, or typed in later.
    """
    fates = terms.fate.value_counts()
    lost, renewed = int(fates.get("lost", 0)), int(fates.get("renewed", 0))
    if not lost + renewed or lost + renewed < min_contracts:
        return "few"
    if not lost or not renewed:
        return "none renewed" if lost else "none lost"
    return None if X.contract_id.nunique() >= min_contracts and len(np.unique(y)) == 2 else "few"


def chances_of(
    model: RenewalHazard | BoostedHazard, seen: Seen, horizons: Sequence[int] = HORIZONS
) -> pd.DataFrame:
    """What `model` says of contracts on their landmarks, with limits, and a reason with its plain value."""
    X = seen.features
    chances = model.renewal_probability(X, days=horizons).join(model.limits(X))
    chances["reason"] = model.reason(X)
    chances["reason_value"] = values_of(chances.reason, seen.plain())
    # Faded counts reach further back than the plain ones: what happened before those is not worth a call.
    stale = chances.reason.str.endswith("_faded").fillna(False).astype(bool) & (chances.reason_value == 0)
    return chances.assign(reason=chances.reason.mask(stale), reason_value=chances.reason_value.mask(stale))


def before_the_end(occasions: Occasions, now: Forecast, months: int, ahead: int = 30) -> pd.DataFrame:
    """What the model of today says of contracts lost within `months`, from what was known `ahead` days before their end.

    Returns
    -------
    contract_id, p_renew, reason, reason_value: of each, on its latest month end at least `ahead` days before its last day;
    empty without a model.
    """
    lost = now.terms[(now.terms.fate == "lost") & (now.terms.end_at > now.day - pd.DateOffset(months=months))]
    columns = ["contract_id", "p_renew", "reason", "reason_value"]
    if now.model is None or lost.empty:
        return pd.DataFrame(columns=columns)
    first = lost.end_at.min() - pd.Timedelta(days=ahead + 31)
    seen = occasions.seen(now.terms, list(pd.date_range(first, now.day, freq="ME")), ahead + 31, lost)
    found = seen.features[["contract_id", "days_to_end"]].join(chances_of(now.model, seen, ()))
    return found[found.days_to_end >= ahead].drop_duplicates("contract_id", keep="last")[columns]


def level_chances(terms: pd.DataFrame, X: pd.DataFrame, horizons: Sequence[int] = HORIZONS) -> pd.DataFrame:
    """The same columns from the renewal rates of service levels alone: every end is passed with the rate of its level."""
    rate = base_rates(terms, X.service_level)
    chances = pd.DataFrame({f"p_renew_{days}": rate.where(X.days_to_end < days, 1.0) for days in horizons})
    nothing = pd.Series(np.nan, X.index)
    return chances.assign(
        p_renew=rate,
        low=nothing,
        high=nothing,
        reason=pd.Series(pd.NA, X.index, "string"),
        reason_value=nothing,
    )


def values_of(features: pd.Series, plain: pd.DataFrame) -> pd.Series:
    """The column of `plain` that each entry of `features` names, row by row; missing where it names none."""
    at = plain.columns.get_indexer(features.fillna(""))
    found = plain.to_numpy(float)[np.arange(len(plain)), at]
    return pd.Series(np.where(at >= 0, found, np.nan), plain.index)
