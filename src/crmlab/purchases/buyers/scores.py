"""How forecasts of earlier days did: one row per day and forecast, and the latest day in tenths and month by month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmlab.intervals import Z95
from crmlab.purchases.buyers.backtest import STEP, Origin
from crmlab.purchases.buyers.candidates import LEVEL
from crmlab.purchases.buyers.shock import widened
from crmlab.purchases.models.model import PurchaseModel


def backtest_table(seen: list[Origin]) -> pd.DataFrame:
    """The columns of `outputs.BACKTEST`."""
    rows = []
    for origin in seen:
        rows += [_model_row(origin, name) for name in origin.models]
        rows += [_row(origin, name, expected) for name, expected in origin.naive.items()]
    return pd.DataFrame(rows)


def inside(origin: Origin) -> np.ndarray:
    """Whether each judged customer's purchases lay within the printed limits."""
    return (origin.low <= origin.came) & (origin.came <= origin.high)


def _row(origin: Origin, name: str, expected: np.ndarray) -> dict[str, Any]:
    error = expected - origin.came
    both = pd.DataFrame({"expected": expected, "came": origin.came})
    return {
        "origin": origin.day,
        "forecast": name,
        "n": len(error),
        "actual": origin.came.sum(),
        "expected": expected.sum(),
        "low": None,
        "high": None,
        "mae": np.abs(error).mean(),
        "mse": (error**2).mean(),
        "log_score": None,
        "spearman": both.rank().corr().iloc[0, 1],
        "coverage": None,
        "coverage_exact": None,
        "converged": None,
        "chosen": name == origin.chosen,
    }


def _model_row(origin: Origin, name: str) -> dict[str, Any]:
    said = origin.models[name]
    chosen = name == origin.chosen
    total = origin.total if chosen else None
    return _row(origin, name, said.expected) | {
        "low": total.low if total else None,
        "high": total.high if total else None,
        "log_score": said.surprise.mean() if not said.reason else None,
        "coverage": inside(origin).mean() if chosen else None,
        "coverage_exact": said.exact.mean(),
        "converged": not said.reason,
    }


def summary(seen: list[Origin], naive: str) -> dict[str, Any]:
    """Figures over all days of the model chosen for each, beside the naive line, for purchases.json."""

    def figures(expected: list[np.ndarray]) -> dict[str, float]:
        error = np.concatenate([e - o.came for e, o in zip(expected, seen, strict=True)])
        total = sum(o.came.sum() for o in seen)
        ranks = [
            pd.Series(e).rank().corr(pd.Series(o.came).rank()) for e, o in zip(expected, seen, strict=True)
        ]
        return {
            "mae": np.abs(error).mean(),
            "bias": sum(e.sum() for e in expected) / total - 1 if total else np.nan,
            "spearman": np.mean(ranks),
        }

    said = [o.models[o.chosen] for o in seen]
    ours = figures([f.expected for f in said])
    simple = figures([o.naive[naive] for o in seen])
    totals = [o.total.low <= o.all_came <= o.total.high for o in seen]
    return {
        "origins": len(seen),
        **ours,
        **{f"{name}_naive": value for name, value in simple.items()},
        "coverage90": np.concatenate([inside(o) for o in seen]).mean(),
        "coverage90_exact": np.concatenate([f.exact for f in said]).mean(),
        "coverage90_total": {"n": len(totals), "inside": int(sum(totals))},
    }


def deciles(origin: Origin) -> pd.DataFrame:
    """Tenths of the customers by forecast, the columns of `outputs.DECILES`; limits of the mean are 95 %."""
    expected = pd.Series(origin.models[origin.chosen].expected)
    tenth = np.ceil(10 * expected.rank(method="first") / len(expected)).astype(int)
    told = pd.DataFrame(
        {"expected": expected, "naive": origin.naive["last_year_again"], "actual": origin.came}
    )
    found = told.groupby(tenth).mean()
    n = told.groupby(tenth).size()
    half = Z95 * told.actual.groupby(tenth).std(ddof=1) / np.sqrt(n)
    return (
        found.assign(n=n, low=(found.actual - half).clip(lower=0), high=found.actual + half)
        .rename_axis("decile")
        .reset_index()
    )


def tracking(
    part: str,
    day: pd.Timestamp,
    model: PurchaseModel | None,
    histories: pd.DataFrame,
    naive: np.ndarray,
    horizon_days: int,
    unit_days: int,
    shock: float,
    steps: np.ndarray | None = None,
) -> pd.DataFrame:
    """Purchases summed up since `day`, every `STEP` days: forecast with limits, naive, and actual where `steps` says it.

    The columns of `outputs.TRACKING`; `shock` is in the limits. Without a model the naive line is the forecast, and there
    are no limits.
    """
    ends = np.unique(np.append(np.arange(STEP, horizon_days, STEP), horizon_days))
    again = naive.sum() * ends / horizon_days
    found = pd.DataFrame(
        {
            "part": part,
            "days": ends,
            "until": [day + pd.Timedelta(days=int(end)) for end in ends],
            "expected": again,
            "low": np.nan,
            "high": np.nan,
            "naive": again,
            "actual": np.nan if steps is None else np.cumsum(steps)[: len(ends)],
        }
    )
    if model is not None:
        h = histories.frequency, histories.recency, histories["T"]
        told = [
            widened(model.predictive_interval_of_total(end / unit_days, *h, level=LEVEL), shock)
            for end in ends
        ]
        found[["expected", "low", "high"]] = pd.DataFrame(told).to_numpy()
    return found
