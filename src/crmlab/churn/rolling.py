"""What would have been said of contracts on earlier days, beside simple lines, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from crmlab.churn.cox import RenewalCox, clocked
from crmlab.churn.forecast import Forecast
from crmlab.churn.landmarks.features import KEYS
from crmlab.churn.terms import MIN_ENDED, YEAR, base_rates
from crmlab.intervals import clustered_mean

LINES = {
    "hazard": "p_renew",
    "cox": "p_cox",
    "level": "p_level",
    "last_year": "p_last_year",
    "inactive": "p_inactive",
}
"""Who says how likely a renewal is, and in which column."""
NAIVE = ("level", "last_year", "inactive")
MIN_DUE = 50
"""Contracts due below which nothing is scored."""


def landmark_days(as_of: pd.Timestamp, n: int = 4, every_months: int = 3) -> list[pd.Timestamp]:
    """The day a year before `as_of`, of which the year after is known, and days so many months before it, oldest first.

    >>> [d.date().isoformat() for d in landmark_days(pd.Timestamp("2026-10-31"), n=2)]
    ['2025-07-31', '2025-10-31']
    """
    last = as_of - pd.Timedelta(days=YEAR)
    return [last - pd.DateOffset(months=every_months * k) for k in range(n - 1, -1, -1)]


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


def cox_chances(then: Forecast, penalizer: float = 0.05) -> np.ndarray:
    """The chances of the same contracts by a Cox model with the same features, fitted on the same occasions."""
    years = then.terms.set_index("contract_id").years
    rows, now = clocked(then.X, then.y, years), clocked(then.seen.features, None, years)
    model = RenewalCox(penalizer=penalizer).fit(then.X, rows)
    return model.survival(then.seen.features, now, now.duration.to_numpy(), now.entry.to_numpy())


def last_years_rate(terms: pd.DataFrame, day: pd.Timestamp, grace_days: int) -> float:
    """Renewed over renewed and lost, of the terms settled in the year up to `day`; NaN with fewer than `MIN_ENDED`."""
    settled = terms.end_at + pd.Timedelta(days=grace_days)
    over = terms[terms.fate.isin(["renewed", "lost"]) & (settled > day - pd.Timedelta(days=YEAR))]
    return float((over.fate == "renewed").mean()) if len(over) >= MIN_ENDED else np.nan


def rates_by_activity(then: Forecast, inactive_days: int) -> pd.Series:
    """The share renewed of contracts whose customers had been quiet for `inactive_days` days, or had not, like this one's."""
    quiet, now_quiet = (X.quiet_months * 30 >= inactive_days for X in (then.X, then.seen.features))
    renewed = pd.Series(then.y, then.X.index, dtype=float)
    contracts = then.X.contract_id.groupby(quiet).nunique()
    rates = renewed.groupby(quiet).mean().where(contracts >= MIN_ENDED)
    return now_quiet.map(rates).astype(float).fillna(renewed.mean() if len(renewed) else np.nan)


def scores(said: pd.DataFrame, lines: dict[str, str] = LINES) -> dict[str, dict[str, Any]]:
    """How good each line was of the contracts that were due: AUC (mean over landmarks), Brier, error by tenths, and what was due.

    Returns
    -------
    By line: auc, brier, ece (mean absolute difference of predicted and observed over tenths of the prediction), predicted,
    observed, and gain: how much smaller the first line's Brier is than this one's, with error, its standard error over customers.
    """
    due = judged(said)
    first, y = next(iter(lines.values())), due.renewed.to_numpy(float)
    found: dict[str, dict[str, Any]] = {}
    for line, column in lines.items():
        p = due[column].to_numpy(float)
        parts = [(_auc(part.renewed, part[column]), len(part)) for _, part in due.groupby("landmark")]
        parts = [(auc, n) for auc, n in parts if np.isfinite(auc)]
        gain, _, high = clustered_mean(
            (p - y) ** 2 - (due[first].to_numpy(float) - y) ** 2, due.customer_id.to_numpy(str), z=1.0
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


def judged(said: pd.DataFrame) -> pd.DataFrame:
    """The rows of `told` that are scored: due, and renewed or lost."""
    return said[said.due.astype(bool) & said.renewed.notna()]


def score_table(said: pd.DataFrame) -> pd.DataFrame:
    """The columns of `crmlab.churn.outputs.SCORES`, a row per landmark and line."""
    rows = []
    for landmark, part in judged(said).groupby("landmark"):
        for line, column in LINES.items():
            p, y = part[column].to_numpy(float), part.renewed.to_numpy(float)
            rows.append(
                {
                    "landmark": landmark,
                    "line": line,
                    "n": len(part),
                    "lost": int((y == 0).sum()),
                    "auc": _auc(y, p),
                    "brier": _mean((p - y) ** 2),
                    "predicted": _mean(p),
                    "observed": _mean(y),
                }
            )
    return pd.DataFrame(rows)


def calibration(said: pd.DataFrame) -> pd.DataFrame:
    """Tenths of the chance, over all landmarks: the columns of `crmlab.churn.outputs.CALIBRATION`."""
    due = judged(said)
    tenth = tenths(due.p_renew.to_numpy(float))
    rows = []
    for decile in np.unique(tenth):
        part = due[tenth == decile]
        observed, low, high = clustered_mean(part.renewed.to_numpy(float), part.customer_id.to_numpy(str))
        rows.append(
            {
                "decile": int(decile),
                "predicted": float(part.p_renew.mean()),
                "observed": observed,
                "low": max(low, 0.0),
                "high": min(high, 1.0),
                "n": len(part),
            }
        )
    return pd.DataFrame(rows)


def decile_error(p: np.ndarray, y: np.ndarray) -> float:
    """Mean absolute difference of predicted and observed over tenths of the prediction.

    >>> float(round(decile_error(np.array([0.2] * 10 + [0.9] * 10), np.array([0] * 8 + [1] * 2 + [1] * 10)), 3))
    0.21
    """
    if not len(p):
        return np.nan
    return float(np.abs(np.bincount(tenths(p), weights=p - y)).sum() / len(p))


def error_by_chance(p: np.ndarray, contracts: Sequence[Any], times: int = 200) -> float:
    """Mean error by tenths of outcomes drawn from `p` itself, the same for all rows of a contract: what no model could avoid."""
    if not len(p):
        return np.nan
    rng = np.random.default_rng(0)
    code, names = pd.factorize(pd.Series(contracts))
    draws = (rng.random(len(names))[code] for _ in range(times))
    return float(np.mean([decile_error(p, (draw < p).astype(float)) for draw in draws]))


def tenths(p: np.ndarray) -> np.ndarray:
    """The tenth, 1 to 10, that each of `p` belongs to; ties in the order given."""
    return np.ceil(10 * pd.Series(p).rank(method="first") / max(len(p), 1)).to_numpy(int)


def _auc(y: Sequence[float], p: Sequence[float]) -> float:
    there = np.isfinite(np.asarray(p, float))
    both = len(np.unique(np.asarray(y)[there])) == 2
    return float(roc_auc_score(np.asarray(y)[there], np.asarray(p)[there])) if both else np.nan


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else np.nan
