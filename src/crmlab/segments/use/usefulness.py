"""Is a type worth knowing? Types of a year ago, against what customers did since, beside what was known without types."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crmlab import tables
from crmlab.engine import DuckDB, Spark
from crmlab.intervals import clustered_mean
from crmlab.segments.behaviour.catalogue import TYPES
from crmlab.segments.outputs import USEFULNESS
from crmlab.segments.use.outcomes import Outcomes
from crmlab.service.promises.levels import Levels

MEASURES = {"discount": "squared_error", "upgrade": "log_loss", "renewal": "log_loss"}
"""The outcomes, and in what a forecast of each is judged."""
ENOUGH = 100
"""Customers below which nothing is said."""
RARE = 20
"""Rows of the rarer outcome below which nothing is learnt of it."""
WORTH = 0.01
"""A gain that is surely smaller than this share of the loss is none."""
LEARNT = 0.05
"""A gain that the year before must be large enough to learn: from fewer rows a model learns nothing of types, and that it then gains
nothing says nothing of them."""
PENALTIES = 10.0 ** np.arange(-1, 5)
"""On squared weights: alpha of a ridge, 1 / C of a logistic regression. Cross-validation chooses one for what was known without
types, and then one for the types."""
FOLDS = 5


def usefulness(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    types_then: pd.DataFrame,
    types_before: pd.DataFrame,
    then: pd.Timestamp,
    *,
    levels: Levels | None = None,
    months: int = 24,
    grace_days: int = 30,
) -> pd.DataFrame:
    """Whether types foretell discounts, upgrades and renewals beyond what was known without them: table `usefulness`.

    Two models of each outcome are fitted to the year before `then` and judged on the year after it, which neither has seen: one
    knows recency, frequency, money, tenure, profit, tickets, machines and the outcome's own past of each customer; the other the
    nine probabilities of its type as well. An association held up in time says what types are good for, not what they cause.

    Parameters
    ----------
    clean : Parquet files of `outcomes.READS` by name.
    types_then : customer_id and the nine probabilities, columns list(TYPES), as known on `then`. types_before : a year earlier.
    then : a month end; what happened up to a year after it is known.
    levels : what codes of service levels say; default what they say by themselves.
    months, grace_days : as `Outcomes` takes them.

    Returns
    -------
    One row per outcome; losses and gains are missing where nothing can be said. No rows where nobody had a type.
    """
    if types_then.empty or types_before.empty:
        return tables.empty(USEFULNESS)
    record = Outcomes(engine, clean, levels or Levels({}), months, grace_days)
    before = then - pd.offsets.MonthEnd(12)
    dated = {
        day: types.set_index("customer_id")[list(TYPES)]
        for day, types in ((before, types_before), (then, types_then))
    }
    standing = {day: record.standing(day) for day in dated}
    rows = []
    for outcome, measure in MEASURES.items():
        fit, judged = (
            getattr(record, outcome)(day).join(standing[day], how="inner").join(types, how="inner")
            for day, types in dated.items()
        )
        rows.append({"outcome": outcome, "measure": measure, **compared(fit, judged, measure)})
    return tables.conform(pd.DataFrame(rows).sort_values("outcome", ignore_index=True), USEFULNESS)


def compared(fit: pd.DataFrame, judged: pd.DataFrame, measure: str) -> dict[str, Any]:
    """Loss on `judged` without and with types, of models fitted to `fit`: n, without, with_types, gain, low, high, verdict.

    Parameters
    ----------
    fit, judged : indexed by customer: the outcome y, the nine probabilities, and in all other columns what was known beside them.
    measure : squared_error or log_loss.

    Returns
    -------
    n counts customers. gain = 1 − with_types / without, with its 95 % limits by customer. verdict: does_not where the gain is surely
    below 1 %, although one of 5 % would have been learnt; helps where it is surely above 0; else cannot_tell, and where customers
    are too few or the outcome too rare.
    """
    n = judged.index.nunique()
    nothing = dict.fromkeys(("without", "with_types", "gain", "low", "high"), np.nan)
    few = min(n, fit.index.nunique()) < ENOUGH
    if few or (measure == "log_loss" and min(map(_rarer, (fit, judged))) < RARE):
        return {"n": n, **nothing, "verdict": "cannot_tell"}
    fit, judged = fit.sort_index(kind="stable"), judged.sort_index(kind="stable")
    without, with_types = _losses(fit, judged, measure)
    base = without.mean()
    if not base:
        return {"n": n, **nothing, "verdict": "cannot_tell"}
    gain = 1 - with_types.mean() / base
    # the limits of a ratio: what each row adds to it beyond its share
    shares = (without - with_types - gain * without) / base + gain
    _, low, high = clustered_mean(shares, judged.index.to_numpy(str))
    return {
        "n": n,
        "without": base,
        "with_types": with_types.mean(),
        "gain": gain,
        "low": low,
        "high": high,
        "verdict": _verdict(gain, low, high, len(fit), 2 * base if measure == "log_loss" else 1.0),
    }


def _verdict(gain: float, low: float, high: float, n: int, each: float) -> str:
    """helps, does_not or cannot_tell. each : likelihood ratio that a row adds for a gain of 1."""
    if high >= WORTH:
        return "helps" if low > 0 and gain >= WORTH else "cannot_tell"
    # twice what the weights of nine shares that add up to 1 gain by chance
    return "does_not" if n * each * LEARNT >= 2 * (len(TYPES) - 1) else "cannot_tell"


def _rarer(rows: pd.DataFrame) -> int:
    """Customers with the rarer of two outcomes."""
    return min(rows.index[rows["y"] == y].nunique() for y in (0, 1))


def _losses(fit: pd.DataFrame, judged: pd.DataFrame, measure: str) -> tuple[np.ndarray, np.ndarray]:
    """The loss of each row of `judged`, without types and with them, by penalised linear models."""
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = [name for name in judged if name != "y" and name not in TYPES]
    designs = []
    for columns in (known, list(TYPES)):
        imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        scale = make_pipeline(imputer, StandardScaler()).fit(fit[columns].to_numpy(float))
        designs.append([scale.transform(rows[columns].to_numpy(float)) for rows in (fit, judged)])
    of_known, of_types = designs
    y, y_judged = (rows["y"].to_numpy(float) for rows in (fit, judged))
    folds = list(GroupKFold(FOLDS).split(y, groups=fit.index.to_numpy(str)))

    def with_types(rows: int, penalty: float) -> np.ndarray:
        # a column twice as large bears a quarter of the penalty
        return np.hstack([of_known[rows], of_types[rows] * np.sqrt(chosen / penalty)])

    def in_folds(X: np.ndarray, penalty: float) -> float:
        return sum(_loss(X[a], y[a], X[b], y[b], penalty, measure).sum() for a, b in folds)

    chosen = min(PENALTIES, key=lambda penalty: in_folds(of_known[0], penalty))
    of_type = min(PENALTIES, key=lambda penalty: in_folds(with_types(0, penalty), chosen))
    without = _loss(of_known[0], y, of_known[1], y_judged, chosen, measure)
    beside = _loss(with_types(0, of_type), y, with_types(1, of_type), y_judged, chosen, measure)
    return without, beside


def _loss(
    X: np.ndarray, y: np.ndarray, X_judged: np.ndarray, y_judged: np.ndarray, penalty: float, measure: str
) -> np.ndarray:
    """The loss of each judged row, of a model fitted to X, y."""
    from sklearn.linear_model import LogisticRegression, Ridge

    if measure == "squared_error":
        return (Ridge(alpha=penalty).fit(X, y).predict(X_judged) - y_judged) ** 2
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky").fit(X, y)
    p = model.predict_proba(X_judged)[:, 1].clip(1e-6, 1 - 1e-6)
    return -np.log(np.where(y_judged == 1, p, 1 - p))
