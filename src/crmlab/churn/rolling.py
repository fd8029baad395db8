"""What would have been said of contracts on earlier days, beside simple lines, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from crmlab.churn.hazard import RenewalHazard
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.terms import MIN_ENDED, YEAR, base_rates
from crmlab.intervals import clustered_mean

LINES = ("p", "p_level", "p_last_year")
"""RenewalHazard, the renewal rate of the service level so far, and that of all contracts in the year before."""


def landmark_days(as_of: pd.Timestamp, n: int = 4, every_months: int = 3) -> list[pd.Timestamp]:
    """The latest month ends of which the year after is settled, and so many before, oldest first.

    >>> [d.date().isoformat() for d in landmark_days(pd.Timestamp("2026-10-31"), n=2)]
    ['2025-07-31', '2025-10-31']
    """
    last = (as_of - pd.Timedelta(days=YEAR)) + pd.offsets.MonthEnd(0)
    last = last if last + pd.Timedelta(days=YEAR) <= as_of else last - pd.offsets.MonthEnd(1)
    return [last - pd.offsets.MonthEnd(every_months * k) for k in range(n - 1, -1, -1)]


def told(
    occasions: Occasions,
    day: pd.Timestamp,
    as_of: pd.Timestamp,
    model: RenewalHazard | None = None,
    min_contracts: int = 100,
) -> pd.DataFrame:
    """What was said on `day` of every contract at risk then, from what was known then, and what is known on `as_of`.

    Parameters
    ----------
    model : unfitted; fitted on the occasions settled by `day`. Default: `RenewalHazard()`.
    min_contracts : ended contracts below which nothing is said.

    Returns
    -------
    Features of the contracts, and landmark, due (its end and grace days fall into the year after `day`), p (renewed at its
    end), p_level and p_last_year (see `LINES`), renewed (1, 0; missing: not settled, moved, closed, merged, superseded, or
    unknown). Empty where too few contracts had ended, or all in one way.
    """
    X, y = occasions.ended(day)
    now = occasions.at_risk(day)
    if X.contract_id.nunique() < min_contracts or len(np.unique(y)) < 2:
        return now.head(0)
    fitted = (model or RenewalHazard()).fit(X, y)
    terms = occasions.terms(day)
    later = occasions.terms(as_of).set_index("contract_id")
    end = now.landmark + pd.to_timedelta(now.days_to_end, unit="D")
    grace = pd.Timedelta(days=occasions.grace_days)
    fate = now.contract_id.map(later.fate)
    return now.assign(
        due=end + grace <= min(day + pd.Timedelta(days=YEAR), as_of),
        p=fitted.renewal_probability(now, days=()).p_renew,
        p_level=base_rates(terms, now.service_level),
        p_last_year=last_years_rate(terms, day, occasions.grace_days),
        renewed=fate.map({"renewed": 1.0, "lost": 0.0}),
    )


def last_years_rate(terms: pd.DataFrame, day: pd.Timestamp, grace_days: int) -> float:
    """Renewed over renewed and lost, of the terms settled in the year up to `day`; NaN with fewer than `MIN_ENDED`."""
    settled = terms.end_at + pd.Timedelta(days=grace_days)
    over = terms[terms.fate.isin(["renewed", "lost"]) & (settled > day - pd.Timedelta(days=YEAR))]
    return float((over.fate == "renewed").mean()) if len(over) >= MIN_ENDED else np.nan


def scores(told: pd.DataFrame, lines: Sequence[str] = LINES) -> dict[str, dict[str, Any]]:
    """How good each line was of the contracts that were due: AUC (mean over landmarks), Brier, error by tenths, and what was due.

    Returns
    -------
    By line: auc, brier, ece (mean absolute difference of predicted and observed over tenths of the prediction), predicted,
    observed, and gain: how much smaller the first line's Brier is than this one's, with error, its standard error over customers.
    """
    due = told[told.due & told.renewed.notna()]
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        p, y = due[line].to_numpy(float), due.renewed.to_numpy(float)
        parts = [
            (roc_auc_score(part.renewed, part[line]), len(part))
            for _, part in due.groupby("landmark")
            if part.renewed.nunique() == 2
        ]
        gain, _, high = clustered_mean(
            (p - y) ** 2 - (due[lines[0]].to_numpy(float) - y) ** 2, due.customer_id.to_numpy(str), z=1.0
        )
        found[line] = {
            "auc": float(np.average([a for a, _ in parts], weights=[n for _, n in parts])) if parts else None,
            "brier": _mean((p - y) ** 2),
            "ece": decile_error(p, y),
            "predicted": _mean(p),
            "observed": _mean(y),
            "gain": gain,
            "error": high - gain,
        }
    return found


def decile_error(p: np.ndarray, y: np.ndarray) -> float:
    """Mean absolute difference of predicted and observed over tenths of the prediction.

    >>> float(round(decile_error(np.array([0.2] * 10 + [0.9] * 10), np.array([0] * 8 + [1] * 2 + [1] * 10)), 3))
    0.21
    """
    tenth = (
        np.ceil(10 * pd.Series(p).rank(method="first") / len(p)).to_numpy(int) if len(p) else np.zeros(0, int)
    )
    sums = np.bincount(tenth, weights=p - y)
    return float(np.abs(sums).sum() / len(p)) if len(p) else np.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan
