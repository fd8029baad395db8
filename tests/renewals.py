"""Tables of the churn stage by hand, as small as a test can see through."""

import pandas as pd

from crmlab.churn.outputs import OUTPUTS
from crmlab.report.language import Language
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")

DUE = {
    "n": 70,
    "amount": 130_000_000,
    "n_at_risk": 6,
    "amount_at_risk": 5_000_000,
    "expected_loss": 20_000_000,
}
METRICS = {
    "n_contracts": 1300,
    "n_ended": 900,
    "n_renewed": 780,
    "n_lost": 120,
    "n_competing": 60,
    "n_unknown": 3,
    "no_model": None,
    "model": "hazard",
    "at_risk": 0.7,
    "grace_days": 30,
    "half_life_days": 180,
    "offer_days": 150,
    "inactive_days": 200,
    "win_back_months": 24,
    "landmarks": ["2025-07-31", "2025-10-31"],
    "n_test": 300,
    "n_cases": 400,
    "n_test_lost": 45,
    "n_competing_due": 11,
    "auc": 0.62,
    "auc_cox": 0.61,
    "auc_level": 0.48,
    "auc_naive": 0.55,
    "brier": 0.138,
    "brier_cox": 0.14,
    "brier_level": 0.145,
    "brier_last_year": 0.146,
    "brier_inactive": 0.143,
    "naive": "inactive",
    "brier_naive": 0.143,
    "brier_gain": 0.007,
    "brier_gain_se": 0.002,
    "cox_gain": 0.002,
    "cox_gain_se": 0.0015,
    "ece": 0.021,
    "ece_by_chance": 0.018,
    "due_predicted": 0.863,
    "due_predicted_naive": 0.869,
    "due_observed": 0.827,
    "time_left": {
        "over": {"n": 20, "auc": 0.9, "predicted": 0.5, "observed": 0.5},
        "90": {"n": 130, "auc": 0.7, "predicted": 0.8, "observed": 0.8},
        "365": {"n": 250, "auc": None, "predicted": 0.9, "observed": 0.9},
    },
    "concordance": 0.64,
    "win_back": {"n": 2, "yearly_amount": 300_000_00},
    "due": {"90": DUE, "365": DUE | {"n": 440, "amount": 540_000_000, "expected_loss": 60_000_000}},
}


def said(messages, language=EN):
    """Messages as the page of a language has them; one alone as one."""
    if isinstance(messages, list):
        return [m.in_language(language) for m in messages]
    return messages.in_language(language)


def table(name, *rows, **columns):
    """Table `name` of the stage: `rows` as dictionaries, each with `columns` where it has none of its own."""
    declared = OUTPUTS[name]
    if not rows:
        return empty(declared)
    return conform(
        pd.DataFrame([columns | row for row in rows]).reindex(columns=[c.name for c in declared.columns]),
        declared,
    )


def contract(ident, days, loss, p=0.8, **more):
    """An open contract that ends in `days`, with an expected loss in the smallest unit."""
    return {
        "contract_id": ident,
        "customer_id": f"C-{ident}",
        "days_to_end": days,
        "amount": 100_000_00,
        "p_renew": p,
        "expected_loss": loss,
    } | more


def stage(**tables):
    """Every table of the stage: those given, the others empty."""
    return {name: tables.get(name, empty(declared)) for name, declared in OUTPUTS.items()}
