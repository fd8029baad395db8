"""Everything the churn stage says: outputs by name, metrics, and the fitted model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab import tables
from crmlab.churn.associations import associations
from crmlab.churn.backtest import backtest
from crmlab.churn.earlier import earlier
from crmlab.churn.expiry import expiry
from crmlab.churn.forecast import Forecast, before_the_end, forecast
from crmlab.churn.lacks import lacks
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.landmarks.record import FROM_SERVICE, READS, ServiceRecord
from crmlab.churn.models.boosted import BoostedHazard
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.churn.outputs import HORIZONS, OUTPUTS
from crmlab.churn.scores import calibration, score_table
from crmlab.churn.settings import Settings
from crmlab.churn.spells.known import FATES
from crmlab.churn.survival.cox import RenewalCox, fitted_on, hazard_ratios
from crmlab.churn.survival.incidence import incidence
from crmlab.churn.survival.relations import curves, relations
from crmlab.churn.terms import renewal_rate, renewals_by_month
from crmlab.churn.uncontracted import uncontracted
from crmlab.churn.win_back import win_back
from crmlab.engine import DuckDB, Spark
from crmlab.files import CrmlabError

CLEAN = (*READS, "contracts")
"""The clean tables that the stage reads; any may be empty."""


@dataclass(frozen=True)
class Results:
    """`tables` of outputs.py by name, the figures of churn.json, the model (None where no_model says why), and what is missing."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    model: RenewalHazard | BoostedHazard | None
    lacks: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nobody of whom anything could be said."""
        return self.tables["uncontracted"].empty and not self.metrics["n_contracts"]

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if not m["n_contracts"]:
            return f"no contracts, {m['uncontracted']['n']:,} customers without one"
        opened, ended = f"{m['n_living']:,} open contracts", f"{m['n_ended']:,} ended"
        match m["no_model"]:
            case "few" if not m["n_ended"]:
                return f"{opened}, none has ended with a known outcome"
            case "few":
                return f"{opened}, {ended}: too few to learn from"
            case "none lost":
                return f"{opened}, {ended}, none was lost: nothing to learn leaving from"
            case "none renewed":
                return f"{opened}, {ended}, none was renewed: nothing to learn staying from"
        if m.get("auc") is None:
            return f"{opened}, no back-test"
        return (
            f"{opened}, AUC {m['auc']:.2f} (Cox {m['auc_cox']:.2f}), "
            f"Brier {m['brier']:.3f} (Cox {m['brier_cox']:.3f}, {m['naive']} {m['brier_naive']:.3f})"
        )


def results(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    service: Mapping[str, Path],
    purchases: pd.DataFrame,
    settings: Settings,
    as_of: pd.Timestamp,
) -> Results:
    """The chance of every open contract, how good such chances were, who was lost and why, and who buys without a contract.

    Parameters
    ----------
    clean : the Parquet files of `CLEAN` by name.
    service : tables `tickets` and `complaints` of stage service, as `promises` and `complaints`.
    purchases : table `customers` of stage purchases.
    as_of : the last day of which anything is known.
    """
    customers = pd.read_parquet(clean["customers"])
    sources = {name: clean[name] for name in READS} | {name: service[name] for name in FROM_SERVICE}
    record = ServiceRecord(
        engine,
        sources,
        ignored_days=settings.ignored_days,
        half_life_days=settings.half_life_days,
        offer_days=settings.offer_days,
    )
    occasions = Occasions(record, clean["contracts"], customers, settings.grace_days)
    now = forecast(occasions, as_of, settings.min_contracts)
    answers, metrics = of_contracts(occasions, now, customers, settings)
    answers["uncontracted"] = uncontracted(purchases, now.terms, as_of)
    lost = before_the_end(occasions, now, settings.win_back_months)
    answers["win_back"] = win_back(
        as_recorded(now.terms, as_of), as_of, customers, purchases, lost, settings.win_back_months
    )
    metrics["uncontracted"] = _buyers(answers["uncontracted"])
    metrics["win_back"] = {
        "n": len(answers["win_back"]),
        "yearly_amount": _sum(answers["win_back"].yearly_amount),
    }
    counted = clean | {"complaints": service["complaints"]}
    rows = {
        name: engine.rows(f"select count(*) as n from {name}", {name: path})[0][0]
        for name, path in counted.items()
    }
    outcomes = "select count(*) as n from contracts where outcome in ('renewed', 'lost')"
    rows["outcomes"] = engine.rows(outcomes, {"contracts": clean["contracts"]})[0][0]
    found = {name: tables.conform(answers[name], table) for name, table in OUTPUTS.items()}
    return Results(found, metrics, now.model, list(lacks(rows, metrics)))


def of_contracts(
    occasions: Occasions, now: Forecast, customers: pd.DataFrame, settings: Settings
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables about contracts, and their figures."""
    as_of, terms = now.day, now.terms
    fates = terms.fate.value_counts()
    metrics: dict[str, Any] = {
        "n_contracts": len(terms),
        "n_ended": int(terms.fate.isin(["renewed", "lost"]).sum()),
        **{f"n_{fate}": int(fates.get(fate, 0)) for fate in FATES},
        "renewal_rate": renewal_rate(terms),
        "no_model": now.why,
        **{
            name: getattr(settings, name)
            for name in (
                "at_risk",
                "grace_days",
                "half_life_days",
                "offer_days",
                "inactive_days",
                "win_back_months",
            )
        },
    }
    if terms.empty:
        return {name: tables.empty(table) for name, table in OUTPUTS.items()}, metrics | {"n_living": 0}
    chains = relations(terms, as_of, customers)
    alive, tests = curves(chains)
    contracts = open_contracts(now, customers)
    said, figures = backtest(occasions, now, settings)
    cox = ratios_of(now)
    metrics |= figures | {
        "n_living": len(contracts),
        "log_rank_p": dict(zip(tests.segment, tests.log_rank_p.astype(float), strict=True)),
        "model": now.choice.name if now.choice else None,
        "model_gain": now.choice.gain if now.choice else None,
        "model_gain_se": now.choice.error if now.choice else None,
        "concordance": cox.concordance_ if cox else None,
    }
    if contracts.p_renew.notna().any():
        metrics["due"] = {str(days): _due(contracts, days, settings.at_risk) for days in HORIZONS}
    scored = "auc" in figures
    return {
        "contracts": contracts,
        "curves": alive,
        "segment_tests": tests,
        "incidence": incidence(chains),
        "hazard_ratios": hazard_ratios(cox) if cox else tables.empty(OUTPUTS["hazard_ratios"]),
        "backtest": said,
        "earlier": earlier(occasions, as_of, settings.min_contracts, said),
        "scores": score_table(said) if scored else tables.empty(OUTPUTS["scores"]),
        "calibration": calibration(said) if scored else tables.empty(OUTPUTS["calibration"]),
        "renewals_by_month": renewals_by_month(terms),
        "expiry": expiry(contracts, as_of, settings.at_risk),
        "associations": associations(occasions, as_of),
    }, metrics


def ratios_of(now: Forecast) -> RenewalCox | None:
    """The Cox model of hazard ratios; None without a model of renewals, or where lifelines finds no fit."""
    if now.model is None:
        return None
    try:
        return fitted_on(now.X, now.y, now.terms.set_index("contract_id").years)
    except CrmlabError:
        return None


def as_recorded(terms: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """`terms` with the fate that the export has of a contract that is over, though its grace days are not.

    For lists of today: of whom the export says that it has left need not wait for the grace days. Rates and models wait.
    """
    told = (
        (terms.fate == "open")
        & (terms.end_at <= as_of)
        & (terms.recorded == "lost").fillna(False).astype(bool)
    )
    gone = terms.end_reason.isin(["moved", "closed", "merged"])
    return terms.assign(fate=terms.fate.mask(told, "lost").mask(told & gone, "competing"))


def open_contracts(now: Forecast, customers: pd.DataFrame) -> pd.DataFrame:
    """The contracts at risk today; one that is over and whose outcome is recorded already, within its grace days, is not."""
    terms, X = now.terms.set_index("contract_id"), now.seen.features
    found = X[["contract_id", "customer_id", "days_to_end"]].join(now.chances)
    for name in ("service_level", "start_at", "end_at", "amount", "recorded"):
        found[name] = found.contract_id.map(terms[name])
    found = found[~(found.recorded.isin(["lost", "renewed"]) & (found.days_to_end < 0))]
    names = customers.drop_duplicates("customer_id").set_index("customer_id").customer_name
    loss = (found.amount.astype(float) * (1 - found.p_renew_365)).round()
    return found.assign(customer_name=found.customer_id.map(names), expected_loss=loss)


def _due(contracts: pd.DataFrame, days: int, at_risk: float) -> dict[str, Any]:
    """Contracts that end within `days`: how many, worth what, and how many renew with less than `at_risk`."""
    due = contracts[contracts.days_to_end < days]
    weak = due.p_renew < at_risk
    return {
        "n": len(due),
        "amount": _sum(due.amount),
        "n_at_risk": int(weak.sum()),
        "amount_at_risk": _sum(due.amount[weak]),
        "expected_loss": _sum((due.amount.astype(float) * (1 - due.p_renew)).round()),
    }


def _sum(amounts: pd.Series) -> int | None:
    """The sum of what is known; None where there are contracts and no price of any."""
    return None if len(amounts) and amounts.isna().all() else int(amounts.sum())


def _buyers(buyers: pd.DataFrame) -> dict[str, Any]:
    """Customers without a contract, by state, and what is at stake with them."""
    states = buyers.state.value_counts()
    return {
        "n": len(buyers),
        **{state: int(states.get(state, 0)) for state in ("buying", "quiet", "gone", "cannot_tell")},
        "at_stake": int(buyers.at_stake.fillna(0).sum()),
    }
