"""Who still buys: the model that fits this company, what it forecasts, and whether that beats not having a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crmlab.purchases.buyers.backtest import (
    Origin,
    Verdict,
    choose,
    enough,
    naive_forecasts,
    observed,
    origins,
    shocks,
    verdict,
)
from crmlab.purchases.buyers.candidates import LEVEL, fitted
from crmlab.purchases.buyers.customers import customers, matrix
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.outputs import NAIVE, OUTPUTS
from crmlab.purchases.buyers.scores import backtest_table, deciles, summary, tracking
from crmlab.purchases.buyers.shock import widened
from crmlab.purchases.buyers.spend import spend
from crmlab.purchases.models.model import PurchaseModel
from crmlab.tables import conform, empty

SHORTEST = 360
"""Days of sales below which nothing is forecast: about a year."""


@dataclass(frozen=True)
class Chosen:
    """What forecasts rest on: a fitted model, else a naive line, else nothing; and why, as purchases.json says it."""

    model: PurchaseModel | None
    name: str | None
    naive: str | None
    why: str


def bought(
    ledger: Ledger, names: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[dict[str, pd.DataFrame], dict[str, Any], dict[str, Any]]:
    """The tables of buyers/outputs.py, the figures of purchases.json, and the fitted models.

    Parameters
    ----------
    names : the clean table `customers`.
    as_of : the last day of which anything is known.
    """
    settings = ledger.settings
    histories = ledger.histories(as_of)
    set_aside = ledger.set_aside(as_of)
    aside = {
        "returns_without_purchase": {"n": set_aside["alone"], "amount": set_aside["alone_amount"]},
        "excluded": {name: set_aside[name] for name in ("other_kinds", "no_customer")},
    }
    if histories.empty:
        return {name: empty(table) for name, table in OUTPUTS.items()}, {"n_customers": 0, **aside}, {}
    seen = origins(ledger, as_of)
    judged = verdict(seen)
    chosen = chosen_now(ledger, histories, seen, judged, as_of)
    amounts = spend(histories)
    told = customers(histories, names, amounts.amount, chosen.model, chosen.naive, settings)
    known = observed(histories)
    again = naive_forecasts(known, settings.horizon)[NAIVE[0]]
    ahead, total, size = [], None, shocks(seen)
    if chosen.model is not None or chosen.naive:
        ahead = [
            tracking(
                "ahead", as_of, chosen.model, known, again, settings.horizon_days, settings.unit_days, size
            )
        ]
    if chosen.model is not None:
        h = histories.frequency, histories.recency, histories["T"]
        said = chosen.model.predictive_interval_of_total(settings.horizon, *h, level=LEVEL)
        total = widened(said, size)
    tables = {
        "customers": told,
        "backtest": backtest_table(seen) if seen else empty(OUTPUTS["backtest"]),
        "deciles": deciles(seen[-1]) if seen else empty(OUTPUTS["deciles"]),
        "tracking": pd.concat([*_held_out(ledger, seen), *ahead], ignore_index=True)
        if seen or ahead
        else empty(OUTPUTS["tracking"]),
        "matrix": matrix(told),
    }
    found = {name: conform(tables[name], table) for name, table in OUTPUTS.items()}
    figures = {
        "n_customers": len(told),
        "n_repeat": int((told.frequency > 0).sum()),
        "alive": _sum(told.p_alive),
        "states": {name: int(n) for name, n in told.state.value_counts().sort_index().items()},
        "model": chosen.name,
        "line": chosen.name or chosen.naive,
        "why": chosen.why,
        "horizon_days": settings.horizon_days,
        "expected": _sum(told.expected),
        "expected_low": total.low if total else None,
        "expected_high": total.high if total else None,
        "shock": size,
        "expected_amount": _sum(told.expected_amount),
        "at_stake": _sum(told.at_stake),
        "spend": amounts.figures,
        **aside,
    }
    if chosen.model is not None:
        figures |= {
            "params": chosen.model.params_,
            "standard_errors": chosen.model.standard_errors_,
            "log_likelihood": chosen.model.log_likelihood_,
        }
    if judged is not None:
        figures |= {
            "verdict": judged.said,
            "gain": judged.gain,
            "gain_se": judged.error,
            "naive": judged.naive,
            "backtest": summary(seen, judged.naive),
        }
    return found, figures, {"purchases": chosen.model, "spend": amounts.model}


def chosen_now(
    ledger: Ledger,
    histories: pd.DataFrame,
    seen: list[Origin],
    judged: Verdict | None,
    as_of: pd.Timestamp,
) -> Chosen:
    """What to forecast with today, from everything the earlier days tell.

    A model that clearly loses to the naive line is not used, nor one whose fit has no maximum: then the next of
    `settings.models` stands in, and after the last the naive line.
    """
    settings = ledger.settings
    if (as_of - histories["first_at"].min()).days < SHORTEST:
        return Chosen(None, None, None, "history too short")
    if not enough(observed(histories), settings):
        return Chosen(None, None, NAIVE[0], "too few repeat buyers")
    if judged is not None and judged.said == "worse":
        return Chosen(None, None, judged.naive, "naive is clearly better")
    best = choose(seen, settings.models)
    counted = ledger.counted(as_of)
    for name in (best, *(other for other in settings.models if other != best)):
        model, reason = fitted(name, counted)
        if not reason:
            why = "clearly better" if name == best != settings.models[0] else "default"
            return Chosen(model, name, None, why)
    return Chosen(None, None, judged.naive if judged else NAIVE[0], "no maximum")


def _held_out(ledger: Ledger, seen: list[Origin]) -> list[pd.DataFrame]:
    if not seen:
        return []
    last, settings = seen[-1], ledger.settings
    model = last.models[last.chosen].model
    again = naive_forecasts(last.known, settings.horizon)[NAIVE[0]]
    days = settings.horizon_days, settings.unit_days
    return [tracking("held_out", last.day, model, last.known, again, *days, last.shock, last.steps)]


def _sum(values: pd.Series) -> float | int | None:
    """The sum of what is there; None where nothing is."""
    there = values.dropna()
    if there.empty:
        return None
    return int(there.sum()) if str(there.dtype) == "Int64" else float(np.asarray(there, float).sum())
