"""What would have been said of contracts on earlier days, beside Cox and simple lines, and what came of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.churn.days import landmark_days
from crmlab.churn.forecast import Forecast, forecast
from crmlab.churn.landmarks.features import KEYS
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.naive import last_years_rate, rates_by_activity
from crmlab.churn.scores import NAIVE, area, error_by_chance, judged, scores
from crmlab.churn.settings import Settings
from crmlab.churn.survival.cox import fitted_on
from crmlab.churn.terms import YEAR, base_rates
from crmlab.files import CrmlabError

MIN_DUE = 50
"""Contracts due below which nothing is scored."""


def backtest(occasions: Occasions, now: Forecast, settings: Settings) -> tuple[pd.DataFrame, dict[str, Any]]:
    """What was said on earlier days with what came of it, and its figures: none of a day on which no model could be fitted."""
    said, days = [], []
    for day in landmark_days(now.day, settings.landmarks):
        then = forecast(occasions, day, settings.min_contracts)
        last_year = day == now.day - pd.Timedelta(days=YEAR)
        if then.model or last_year:
            said.append(told(then, now.terms, now.day, settings.grace_days, settings.inactive_days))
        if then.model:
            days.append(day)
    table = pd.concat(said, ignore_index=True)
    figures: dict[str, Any] = {"landmarks": [day.date().isoformat() for day in days]}
    if not days:
        return table, figures
    own = table[table.landmark.isin(days)]
    due = judged(own)
    contracts = due.drop_duplicates("contract_id")
    figures |= {
        "n_test": len(contracts),
        "n_test_lost": int((contracts.renewed == 0).sum()),
        "n_cases": len(due),
    }
    if len(contracts) < MIN_DUE or contracts.renewed.nunique() < 2:
        return table, figures
    lines = scores(own)
    model, cox = lines["model"], lines["cox"]
    best = min(NAIVE, key=lambda line: lines[line]["brier"])
    fate = own.contract_id.map(now.terms.set_index("contract_id").fate)
    return table, figures | {
        "auc": model["auc"],
        "brier": model["brier"],
        "ece": model["ece"],
        "ece_by_chance": error_by_chance(due.p_renew.to_numpy(float), due.contract_id),
        "due_predicted": model["predicted"],
        "due_observed": model["observed"],
        "auc_cox": cox["auc"],
        "brier_cox": cox["brier"],
        "cox_gain": cox["gain"],
        "cox_gain_se": cox["error"],
        "auc_level": lines["level"]["auc"],
        **{f"brier_{line}": lines[line]["brier"] for line in NAIVE},
        "naive": best,
        "auc_naive": lines[best]["auc"],
        "brier_naive": lines[best]["brier"],
        "brier_gain": lines[best]["gain"],
        "brier_gain_se": lines[best]["error"],
        "due_predicted_naive": lines[best]["predicted"],
        "time_left": by_time_left(due),
        "n_competing_due": own.contract_id[own.due & (fate == "competing")].nunique(),
    }


def by_time_left(due: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """How good the model was by the days left: n (cases), auc, predicted, observed, by "over", "90", "180" and "365" days at most."""
    found = {}
    for name, least, most in (("over", -9999, 0), ("90", 0, 90), ("180", 90, 180), ("365", 180, 366)):
        part = due[(due.days_to_end >= least) & (due.days_to_end < most)]
        if len(part):
            auc = area(part.renewed, part.p_renew)
            found[name] = {
                "n": len(part),
                "auc": auc,
                "predicted": part.p_renew.mean(),
                "observed": part.renewed.mean(),
            }
    return found


def told(
    then: Forecast, later: pd.DataFrame, as_of: pd.Timestamp, grace_days: int, inactive_days: int
) -> pd.DataFrame:
    """What was said on an earlier day of every contract at risk then, and what is known of it on `as_of`.

    Parameters
    ----------
    later : the terms known on `as_of`.
    inactive_days : days without a sign of life, after which the naive line expects less.

    Returns
    -------
    The columns of `crmlab.churn.outputs.BACKTEST`, and days_to_end.
    """
    now, terms = then.seen.features, then.terms.set_index("contract_id")
    end = now.contract_id.map(terms.end_at)
    year_after = min(then.day + pd.Timedelta(days=YEAR), as_of)
    due = end + pd.Timedelta(days=grace_days) <= year_after
    fate = now.contract_id.map(later.set_index("contract_id").fate)
    came = fate.map({"renewed": 1.0, "lost": 0.0})
    return now[[*KEYS]].assign(
        **{
            name: now.contract_id.map(terms[name])
            for name in ("service_level", "start_at", "end_at", "amount")
        },
        due=due,
        p_renew_365=then.chances.p_renew_365,
        p_renew=then.chances.p_renew,
        p_cox=cox_chances(then) if then.model else np.nan,
        p_level=base_rates(then.terms, now.service_level),
        p_last_year=last_years_rate(then.terms, then.day, grace_days),
        p_inactive=rates_by_activity(then, inactive_days),
        renewed=came.where(due, np.where(end >= year_after, 1.0, np.nan)),
    )


def cox_chances(then: Forecast) -> np.ndarray:
    """The chances of the same contracts by a Cox model with the same features on the same occasions; missing where it has no fit."""
    years = then.terms.set_index("contract_id").years
    try:
        model = fitted_on(then.X, then.y, years, with_ratios=False)
    except CrmlabError:  # a line to compare with is no reason to stop
        return np.full(len(then.seen.features), np.nan)
    return model.renewal_probability(then.seen.features, years)
