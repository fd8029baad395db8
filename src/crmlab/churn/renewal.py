"""The chance of each open contract to be renewed, and how good such chances were a year ago."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.features import as_of_features
from crmlab.churn.survival.cox import RenewalCox
from crmlab.churn.terms import YEAR, base_rates, clock, known_terms, landmark_rows


class Exports(NamedTuple):
    """The clean tables that churn reads, and `promises`: table `tickets` of stage service."""

    contracts: pd.DataFrame
    tickets: pd.DataFrame
    visits: pd.DataFrame
    customers: pd.DataFrame
    machines: pd.DataFrame
    promises: pd.DataFrame


def features_of(rows: pd.DataFrame, terms: pd.DataFrame, exports: Exports) -> pd.DataFrame:
    """The features of `rows` on their landmarks."""
    return as_of_features(rows, terms, *exports[1:])


def why_no_model(terms: pd.DataFrame, min_contracts: int) -> str | None:
    """Why no model can be fitted on `terms`: "few" ended, "none lost" or "none renewed" of them; None if it can."""
    fates = terms.fate.value_counts()
    lost, renewed = int(fates.get("lost", 0)), int(fates.get("renewed", 0))
    if not lost + renewed or lost + renewed < min_contracts:
        return "few"
    return None if lost and renewed else "none renewed" if lost else "none lost"


def fit_renewals(exports: Exports, as_of: pd.Timestamp, grace_days: int) -> RenewalCox:
    """Fit the Cox model on what was known on `as_of`."""
    terms = known_terms(exports.contracts, as_of, grace_days)
    rows = landmark_rows(terms, as_of)
    features = features_of(rows, terms, exports)
    return RenewalCox(penalizer=0.01).fit(features, rows)


def renewal_chances(
    model: RenewalCox,
    living: pd.DataFrame,
    terms: pd.DataFrame,
    exports: Exports,
    as_of: pd.Timestamp,
    horizons: list[int],
    grace_days: int,
) -> pd.DataFrame:
    """P(still in force) on days ahead of `as_of`, given that each contract has survived so far.

    A term in its grace days has not yet shown whether it ends: it stands where it stood on its last day. One that was
    signed but has not begun stands on day 0.

    Returns
    -------
    p_renew_<h> for each of `horizons`, p_renew (at the end of the term, grace included) and reason, index as `living`.
    """
    rows = living.assign(landmark=as_of)
    features = features_of(rows, terms, exports)
    end = clock(rows, rows.end_at)
    age = clock(rows, rows.landmark)
    since = np.minimum(age, end).to_numpy()
    over = (end + grace_days).to_numpy() + 1
    chances = pd.DataFrame(index=living.index)
    for days in horizons:
        until = np.maximum(np.minimum(age.to_numpy() + days, over), since)
        chances[f"p_renew_{days}"] = model.survival(features, rows, until, since)
    chances["p_renew"] = model.survival(features, rows, over, since)
    chances["reason"] = model.reason(features)
    return chances


def level_chances(living: pd.DataFrame, as_of: pd.Timestamp, horizons: list[int]) -> pd.DataFrame:
    """The same columns as `renewal_chances`, from p_naive alone: every end is passed with the rate of the level."""
    to_end = (living.end_at - as_of).dt.days
    chances = pd.DataFrame({f"p_renew_{days}": living.p_naive.where(to_end < days, 1.0) for days in horizons})
    return chances.assign(p_renew=living.p_naive, reason=pd.Series(pd.NA, living.index, "string"))


class Forecast(NamedTuple):
    """What could be said on a day: the terms known, the chances of those still open, and the model (or why none)."""

    terms: pd.DataFrame
    living: pd.DataFrame
    model: RenewalCox | None
    no_model: str | None


def forecast(
    exports: Exports, as_of: pd.Timestamp, horizons: list[int], grace_days: int, min_contracts: int
) -> Forecast:
    """The chances of every term open on `as_of`, from what was known then.

    Where no model can be fitted, the renewal rates of the service levels stand in, without a reason.
    """
    terms = known_terms(exports.contracts, as_of, grace_days)
    living = terms[terms.fate == "open"]
    living = living.assign(p_naive=base_rates(terms, living.service_level))
    no_model = why_no_model(terms, min_contracts)
    if no_model:
        model, chances = None, level_chances(living, as_of, horizons)
    else:
        model = fit_renewals(exports, as_of, grace_days)
        chances = renewal_chances(model, living, terms, exports, as_of, horizons, grace_days)
    return Forecast(terms, living.join(chances), model, no_model)


def backtest(
    then: Forecast, contracts: pd.DataFrame, as_of: pd.Timestamp, grace_days: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Score what was said one year before `as_of` on the terms that ended in the year after.

    Terms that moved, closed or merged in that year are not scored, but counted. The naive line is the renewal rate of
    the service level up to then: it ranks nothing within a level, so its AUC is that of the levels alone.

    Returns
    -------
    Metrics (see docs/methods.md; empty without a model then) and the terms open then, with due (ended within the
    year), p (in force at its end), p_naive, and renewed: 1, 0, or NaN where it is not scored.
    """
    fate = then.living.contract_id.map(
        known_terms(contracts, as_of, grace_days).set_index("contract_id").fate
    )
    due = then.living.end_at + pd.Timedelta(days=grace_days) <= as_of
    in_grace = ~due & (then.living.end_at < as_of)  # over, but nobody can know yet how
    left_out = in_grace | fate.isin(["competing", "unknown"])
    told = then.living.assign(
        due=due,
        p=then.living[f"p_renew_{YEAR}"],
        p_naive=then.living.p_naive.where(due, 1.0),
        renewed=(fate != "lost").astype(float).mask(left_out),
    )
    if then.model is None:
        return {}, told
    return {**score(told), "n_competing_due": int((due & (fate == "competing")).sum())}, told


def score(scored: pd.DataFrame) -> dict[str, Any]:
    """AUC, Brier score and calibration of the terms that were due, the naive line beside, and the rest in one line.

    Terms whose `renewed` is NaN are left out. `brier_gain` is naive minus model, `brier_gain_se` the standard error of that paired difference.
    """
    known = scored[scored.renewed.notna()]
    due, rest = known[known.due], known[~known.due]
    metrics: dict[str, Any] = {"n_test": len(due), "n_not_due": len(rest)}
    if len(due) < 50 or due.renewed.nunique() < 2:
        return metrics
    from sklearn.metrics import roc_auc_score

    error, error_naive = (due.p - due.renewed) ** 2, (due.p_naive - due.renewed) ** 2
    gain = error_naive - error
    deciles = calibration(due)
    return metrics | {
        "auc": roc_auc_score(due.renewed, due.p),
        "auc_naive": roc_auc_score(due.renewed, due.p_naive),
        "brier": error.mean(),
        "brier_naive": error_naive.mean(),
        "brier_gain": gain.mean(),
        "brier_gain_se": gain.std(ddof=1) / np.sqrt(len(gain)),
        "calibration_error": np.average((deciles.predicted - deciles.observed).abs(), weights=deciles.n),
        "predicted_due": due.p.mean(),
        "predicted_due_naive": due.p_naive.mean(),
        "observed_due": due.renewed.mean(),
        "predicted_not_due": rest.p.mean() if len(rest) else None,
        "observed_not_due": rest.renewed.mean() if len(rest) else None,
    }


def calibration(due: pd.DataFrame) -> pd.DataFrame:
    """Tenths of the predicted chance: decile, mean predicted, share that renewed, n."""
    if due.empty:
        return pd.DataFrame({"decile": [], "predicted": [], "observed": [], "n": []})
    place = due.p.rank(method="first")
    decile = np.ceil(10 * place / len(due)).astype(int)
    table = due.groupby(decile).agg(predicted=("p", "mean"), observed=("renewed", "mean"), n=("p", "size"))
    return table.rename_axis("decile").reset_index()
