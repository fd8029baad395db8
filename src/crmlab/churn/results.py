"""Everything the churn stage says, from clean tables: outputs by name, metrics, and the fitted model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crmlab import tables
from crmlab.churn.outputs import HORIZONS, OUTPUTS
from crmlab.churn.renewal import Exports, backtest, calibration, fit_renewals, renewal_chances, why_no_model
from crmlab.churn.survival import RenewalCox, kaplan_meier, relations
from crmlab.churn.terms import known_terms, renewal_rate, renewals_by_month
from crmlab.files import CrmlabError


class Results(NamedTuple):
    """The outputs by name, the metrics, and the model (None where too few contracts have ended)."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    model: RenewalCox | None


def results(exports: Exports, as_of: pd.Timestamp, settings: Mapping[str, Any]) -> Results:
    """Survival curves, hazard ratios, the chance of every open contract, and the back-test.

    Parameters
    ----------
    settings : the churn section of params.yaml: horizons (days), min_contracts, grace_days, at_risk.

    Raises
    ------
    CrmlabError : a horizon for which contracts.parquet has no column.
    """
    if tuple(settings["horizons"]) != HORIZONS:
        raise CrmlabError(
            f"params.yaml, churn.horizons: {settings['horizons']} found, {list(HORIZONS)} expected; other days need "
            "another column in crmlab/churn/outputs.py"
        )
    grace, at_risk = settings["grace_days"], settings["at_risk"]
    terms = known_terms(exports.contracts, as_of, grace)
    fates = terms.fate.value_counts()
    metrics: dict[str, Any] = {
        "n_contracts": len(terms),
        "n_ended": int(terms.fate.isin(["renewed", "lost"]).sum()),
        **{
            f"n_{fate}": int(fates.get(fate, 0))
            for fate in ("open", "signed", "renewed", "lost", "competing", "unknown")
        },
        "renewal_rate": renewal_rate(terms),
        "at_risk": at_risk,
        "grace_days": grace,
    }
    written = {name: tables.empty(table) for name, table in OUTPUTS.items()}
    if why_no_model(terms, settings["min_contracts"]):
        return Results(written, metrics, None)

    curves, metrics["log_rank_p"] = kaplan_meier(relations(terms, as_of))
    model = fit_renewals(exports, as_of, grace)
    living = terms[(terms.fate == "open") & ~terms.recorded.isin(["lost", "renewed"])]
    contracts = _contracts(model, living, terms, exports, as_of, grace)
    scores, scored = backtest(exports, as_of, grace, settings["min_contracts"])
    metrics |= scores | {"concordance": model.concordance_, "n_living": len(contracts)}
    metrics["due"] = {str(days): _due(contracts, days, at_risk) for days in HORIZONS}
    answers = {
        "contracts": contracts,
        "curves": curves,
        "hazard_ratios": model.summary_,
        "calibration": calibration(scored[scored.due.astype(bool)]),
        "renewals_by_month": renewals_by_month(terms),
    }
    return Results({n: tables.conform(answers[n], t) for n, t in OUTPUTS.items()}, metrics, model)


def _contracts(
    model: RenewalCox,
    living: pd.DataFrame,
    terms: pd.DataFrame,
    exports: Exports,
    as_of: pd.Timestamp,
    grace: int,
) -> pd.DataFrame:
    chances = renewal_chances(model, living, terms, exports, as_of, list(HORIZONS), grace)
    names = exports.customers.set_index("customer_id").customer_name
    found = living.merge(chances, on="contract_id")
    found["customer_name"] = found.customer_id.map(names)
    found["days_to_end"] = (found.end_at - as_of).dt.days
    found["expected_loss"] = (found.amount.astype(float) * (1 - found.p_renew_365)).round()
    return found


def _due(contracts: pd.DataFrame, days: int, at_risk: float) -> dict[str, Any]:
    """Contracts that end within `days`: how many, worth what, and how many renew with less than `at_risk`."""
    due = contracts[contracts.days_to_end < days]
    weak = due.p_renew < at_risk
    return {
        "n": len(due),
        "amount": int(due.amount.sum()),
        "n_at_risk": int(weak.sum()),
        "amount_at_risk": int(due.amount[weak].sum()),
        "expected_loss": int((due.amount.astype(float) * (1 - due.p_renew)).round().sum()),
    }
