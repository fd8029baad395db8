"""The chance of each open contract to be renewed, and how good such chances were a year ago."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crmlab.churn.features import as_of_features
from crmlab.churn.survival import RenewalCox
from crmlab.churn.terms import YEAR, base_rates, clock, known_terms, landmark_rows


class Exports(NamedTuple):
    """The clean tables that churn reads."""

    contracts: pd.DataFrame
    tickets: pd.DataFrame
    visits: pd.DataFrame
    customers: pd.DataFrame
    machines: pd.DataFrame


def features_of(rows: pd.DataFrame, terms: pd.DataFrame, exports: Exports) -> pd.DataFrame:
    """The features of `rows` on their landmarks."""
    return as_of_features(rows, terms, exports.tickets, exports.visits, exports.customers, exports.machines)


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
    return RenewalCox().fit(features, rows)


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
    contract_id, p_renew_<h> for each of `horizons`, p_renew (at the end of the term, grace included) and reason,
    index as `living`.
    """
    rows = living.assign(landmark=as_of)
    features = features_of(rows, terms, exports)
    end = clock(rows, rows.end_at)
    age = clock(rows, rows.landmark)
    since = np.minimum(age, end).to_numpy()
    over = (end + grace_days).to_numpy() + 1
    chances = pd.DataFrame({"contract_id": living.contract_id}, index=living.index)
    for days in horizons:
        until = np.maximum(np.minimum(age.to_numpy() + days, over), since)
        chances[f"p_renew_{days}"] = model.survival(features, rows, until, since)
    chances["p_renew"] = model.survival(features, rows, over, since)
    chances["reason"] = model.reason(features)
    return chances


def backtest(
    exports: Exports, as_of: pd.Timestamp, grace_days: int, min_contracts: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Fit on what was known one year before `as_of`, and score on the terms that ended in the year after.

    Terms that moved, closed or merged in that year are left out, and counted. The naive line is the renewal rate of
    the service level up to then: it ranks nothing within a level, so its AUC is that of the levels alone.

    Returns
    -------
    Metrics (see docs/methods.md; empty where too few contracts ended to tell) and the scored terms: contract_id, due
    (the term ended within the year), p, p_naive, renewed.
    """
    cutoff = as_of - pd.Timedelta(days=YEAR)
    before = known_terms(exports.contracts, cutoff, grace_days)
    after = known_terms(exports.contracts, as_of, grace_days).set_index("contract_id")
    nothing = pd.DataFrame(columns=["contract_id", "due", "p", "p_naive", "renewed"])
    if why_no_model(before, min_contracts):
        return {}, nothing
    model = fit_renewals(exports, cutoff, grace_days)
    living = before[before.fate == "open"]
    chances = renewal_chances(model, living, before, exports, cutoff, [YEAR], grace_days)
    scored = pd.DataFrame(
        {
            "contract_id": living.contract_id,
            "due": living.end_at + pd.Timedelta(days=grace_days) <= as_of,
            "p": chances[f"p_renew_{YEAR}"],
            "p_naive": base_rates(before, living.service_level),
            "fate": living.contract_id.map(after.fate),
        }
    )
    scored.loc[~scored.due, "p_naive"] = 1.0
    competing = int((scored.due & (scored.fate == "competing")).sum())
    in_grace = ~scored.due & (living.end_at < as_of)  # over, but nobody can know yet how
    scored = scored[~in_grace & ~scored.fate.isin(["competing", "unknown"])]
    scored = scored.assign(renewed=(scored.fate != "lost").astype(float)).drop(columns="fate")
    return {**score(scored), "n_competing": competing, "cutoff": cutoff.date().isoformat()}, scored


def score(scored: pd.DataFrame) -> dict[str, Any]:
    """AUC, Brier score and calibration of the terms that were due, the naive line beside, and the rest in one line.

    `brier_gain` is naive minus model, `brier_gain_se` the standard error of that paired difference.
    """
    due = scored[scored.due.astype(bool)]
    rest = scored[~scored.due.astype(bool)]
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
