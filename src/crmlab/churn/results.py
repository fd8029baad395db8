"""Everything the churn stage says, from clean tables: outputs by name, metrics, and the fitted model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from crmlab import tables
from crmlab.churn.outputs import HORIZONS, OUTPUTS
from crmlab.churn.renewal import Exports, backtest, calibration, forecast
from crmlab.churn.survival import RenewalCox, kaplan_meier, relations
from crmlab.churn.terms import YEAR, renewal_rate, renewals_by_month
from crmlab.files import CrmlabError


class Results(NamedTuple):
    """The outputs by name, the metrics, and the model (None where metrics["no_model"] says why)."""

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
    grace, at_risk, enough = settings["grace_days"], settings["at_risk"], settings["min_contracts"]
    terms, living, model, no_model = forecast(exports, as_of, list(HORIZONS), grace, enough)
    fates = terms.fate.value_counts()
    metrics: dict[str, Any] = {
        "n_contracts": len(terms),
        "n_ended": int(terms.fate.isin(["renewed", "lost"]).sum()),
        **{
            f"n_{fate}": int(fates.get(fate, 0))
            for fate in ("open", "signed", "renewed", "lost", "competing", "unknown")
        },
        "renewal_rate": renewal_rate(terms),
        "no_model": no_model,
        "at_risk": at_risk,
        "grace_days": grace,
    }
    if terms.empty:
        return Results({name: tables.empty(table) for name, table in OUTPUTS.items()}, metrics, None)
    curves, metrics["log_rank_p"] = kaplan_meier(relations(terms, as_of))
    contracts = _contracts(living, exports.customers, as_of)
    cutoff = as_of - pd.Timedelta(days=YEAR)
    then = forecast(exports, cutoff, [YEAR], grace, enough)
    scores, told = backtest(then, exports.contracts, as_of, grace)
    metrics |= scores | {"cutoff": cutoff.date().isoformat(), "n_living": len(contracts)}
    metrics["concordance"] = model.concordance_ if model else None
    if model or contracts.p_renew.notna().any():
        metrics["due"] = {str(days): _due(contracts, days, at_risk) for days in HORIZONS}
    answers = {
        "contracts": contracts,
        "curves": curves,
        "hazard_ratios": model.summary_ if model else tables.empty(OUTPUTS["hazard_ratios"]),
        "backtest": told,
        "calibration": calibration(told[told.due & told.renewed.notna()] if scores else told.head(0)),
        "renewals_by_month": renewals_by_month(terms),
    }
    return Results({n: tables.conform(answers[n], t) for n, t in OUTPUTS.items()}, metrics, model)


def _contracts(living: pd.DataFrame, customers: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The terms that are open today: one whose outcome is recorded already, within its grace days, is not."""
    found = living[~living.recorded.isin(["lost", "renewed"])].copy()
    found["customer_name"] = found.customer_id.map(customers.set_index("customer_id").customer_name)
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
