"""Values as they would have been stated one and two years ago, against the profit that came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crmlab import tables
from crmlab.intervals import Z95
from crmlab.purchases.models.predictive import Interval
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import Books
from crmlab.value.judged.came import YEAR, came, last_year, mean_retained
from crmlab.value.moments import LEVEL
from crmlab.value.outputs import LINES, OUTPUTS
from crmlab.value.to_come.forecast import Forecast, forecast

HORIZONS = ((1, 1), (2, 1), (2, 2))
"""How many years before the as-of day values are stated, and for how many. The year between two and one years ago comes first in time:
what it says of limits is known when those of the last year are stated."""
MIN_CUSTOMERS = 30
"""Customers below which nothing is judged, and limits are left as they are."""
MOST_STRETCH = 3.0
"""Limits are never stretched farther."""
Z90 = float(ndtri((1 + LEVEL) / 2))


@dataclass(frozen=True)
class Judged:
    """What was stated `ago` years before the as-of day for `years`, and what came of it.

    told : one row per customer known then: value, low, high, actual and a column per simple line of `LINES`; `open`, whether
        anything could be told of it (it had not left).
    total : the stated sum, with limits. gross : stated income and costs, both counted as positive.
    """

    ago: int
    years: int
    told: pd.DataFrame
    total: Interval
    gross: float


@dataclass(frozen=True)
class Stretch:
    """By how much limits have to be widened below and above to hold as often as they claim; 1 where nobody knows."""

    below: float = 1.0
    above: float = 1.0


def judged(
    books: Books, earlier: pd.DataFrame, buying: PurchaseSettings, as_of: pd.Timestamp
) -> list[Judged]:
    """State values on earlier days and see what came; without those before which the books know less than a year.

    Parameters
    ----------
    earlier : landmark, contract_id, p_renew: chances of contracts as they would have been said.
    """
    found = []
    begins = books.begins()
    for ago, years in HORIZONS:
        day = as_of - pd.Timedelta(days=YEAR * ago)
        if begins is None or begins > day - pd.Timedelta(days=YEAR):
            continue
        chances = earlier[earlier.landmark == day]
        then = forecast(books, chances, buying, day, 12 * years, 0.0)
        if len(then.customers):
            found.append(_against(books, then, ago, years))
    return found


def _against(books: Books, then: Forecast, ago: int, years: int) -> Judged:
    told = then.customers[["to_come", "low", "high"]].rename(columns={"to_come": "value"})
    told = told.assign(
        actual=came(books, then.day, then.day + pd.Timedelta(days=YEAR * years)),
        last_year=last_year(books, then.day, years),
        mean_retained=mean_retained(books, then.day, then.first_seen, years),
        open=~then.customers.left,
    )
    numbers = ["actual", "last_year", "mean_retained"]
    told[numbers] = told[numbers].fillna(0.0)
    gross = float(then.customers[["current", "potential", "cost_to_come"]].abs().to_numpy().sum())
    return Judged(ago, years, told, then.total(), gross)


def stretch(one: Judged) -> Stretch:
    """What the limits of one day would have had to be widened by (split conformal, each side for itself); never narrower."""
    told = one.told[one.told.open & (one.told.high - one.told.low > 1)]
    if len(told) < MIN_CUSTOMERS:
        return Stretch()
    tail = (1 + LEVEL) / 2
    below = (told.value - told.actual) / np.maximum(told.value - told.low, 1e-9)
    above = (told.actual - told.value) / np.maximum(told.high - told.value, 1e-9)
    return Stretch(*(float(np.clip(np.quantile(side, tail), 1.0, MOST_STRETCH)) for side in (below, above)))


def agreed(seen: list[Judged]) -> Stretch:
    """How much wider limits must be by the mean of what all earlier days say, each side for itself."""
    each = [stretch(one) for one in seen]
    if not each:
        return Stretch()
    return Stretch(float(np.mean([s.below for s in each])), float(np.mean([s.above for s in each])))


def shock(seen: list[Judged]) -> float:
    """Standard deviation of a sum over gross flows, beyond what its own limits hold, as far as all earlier days agree.

    The least over these days of (came − stated)² less the variance stated, over the squared gross flows; 0 where the limits of one
    of them were wide enough. Days that overlap are few witnesses: their mean would make limits of a chance miss.
    """
    excess = [
        ((j.told.actual.sum() - j.total.expected) ** 2 - ((j.total.high - j.total.expected) / Z90) ** 2)
        / max(j.gross, 1.0) ** 2
        for j in seen
    ]
    return float(np.sqrt(max(0.0, min(excess)))) if excess else 0.0


def shown(seen: list[Judged]) -> list[Judged]:
    """Values stated for all the time that has passed since."""
    return [one for one in seen if one.ago == one.years]


def deciles(seen: list[Judged]) -> pd.DataFrame:
    """The columns of `outputs.BACKTEST`: customers in tenths of the stated value."""
    parts = []
    for one in shown(seen):
        told = one.told.sort_index()
        tenth = np.ceil(10 * told.value.rank(method="first") / len(told)).astype(int)
        groups = told.groupby(tenth)
        mean = groups[["value", "actual", "last_year", "mean_retained"]].mean()
        half = Z95 * groups.actual.std(ddof=1).fillna(0) / np.sqrt(groups.size())
        parts.append(
            mean.rename(columns={"value": "stated"})
            .assign(n=groups.size(), actual_low=mean.actual - half, actual_high=mean.actual + half)
            .round()
            .rename_axis("decile")
            .reset_index()
            .assign(years=one.years)
        )
    return pd.concat(parts, ignore_index=True) if parts else tables.empty(OUTPUTS["backtest"])


def scores(seen: list[Judged]) -> pd.DataFrame:
    """The columns of `outputs.SCORES`; limits of the last year as stretched by what the year before it had told, others as they are."""
    rows = []
    before = [one for one in seen if one.ago - one.years == 1]
    for one in shown(seen):
        told = one.told
        wider = with_stretch(told, agreed(before) if one.ago == 1 else Stretch())
        inside = ((told.actual >= wider.low) & (told.actual <= wider.high))[told.open]
        ours = (told.value - told.actual).abs()
        total = float(told.actual.sum())
        for line in LINES:
            error = (told[line] - told.actual).abs()
            gain = error - ours
            is_value = line == "value"
            rows.append(
                {
                    "years": one.years,
                    "line": line,
                    "n": len(told),
                    "n_open": int(told.open.sum()),
                    "actual": round(total),
                    "stated": round(float(told[line].sum())),
                    "low": round(one.total.low) if is_value else None,
                    "high": round(one.total.high) if is_value else None,
                    "mae": round(error.mean()),
                    "mae_open": round(error[told.open].mean()) if told.open.any() else None,
                    "gain": round(gain.mean()),
                    "gain_error": round(gain.std(ddof=1) / np.sqrt(len(gain))) if len(gain) > 1 else None,
                    "spearman": _rank_correlation(told[line], told.actual),
                    "bias": float(told[line].sum()) / total - 1 if total else None,
                    "coverage": float(inside.mean()) if is_value and len(inside) else None,
                }
            )
    return pd.DataFrame(rows, columns=[*_SCORES])


def _rank_correlation(said: pd.Series, came: pd.Series) -> float | None:
    """Spearman's; None where one of the two is the same for all."""
    if said.nunique() < 2 or came.nunique() < 2:
        return None
    return float(said.rank().corr(came.rank()))


_SCORES = (
    "years",
    "line",
    "n",
    "n_open",
    "actual",
    "stated",
    "low",
    "high",
    "mae",
    "mae_open",
    "gain",
    "gain_error",
    "spearman",
    "bias",
    "coverage",
)


def with_stretch(told: pd.DataFrame, by: Stretch) -> pd.DataFrame:
    """Limits low and high of `value`, so much farther away."""
    return told.assign(
        low=told.value - by.below * (told.value - told.low),
        high=told.value + by.above * (told.high - told.value),
    )


def figures(table: pd.DataFrame) -> dict[str, Any]:
    """For value.json: by years, the scores of the value and of the simple lines, and the gain over the best of these."""
    found: dict[str, Any] = {}
    for years, rows in table.groupby("years"):
        lines = rows.set_index("line")
        best = lines.drop(index="value").mae.astype(float).idxmin()
        own = lines.loc["value"]
        found[str(years)] = {
            "n": int(own.n),
            "n_open": int(own.n_open),
            "mae_open": own.mae_open,
            "best_line": best,
            "gain": lines.loc[best, "gain"],
            "gain_error": lines.loc[best, "gain_error"],
            "coverage": own.coverage,
            "stated": own.stated,
            "actual": own.actual,
            "low": own.low,
            "high": own.high,
            **{
                name + ("" if line == "value" else f"_{line}"): lines.loc[line, name]
                for line in LINES
                for name in ("mae", "spearman", "bias")
            },
        }
    return found


def verdict(told: Mapping[str, Any]) -> str | None:
    """The stated value against the best simple line, one year back: better or worse by two paired standard errors, or even."""
    latest = told.get("1")
    if latest is None or pd.isna(latest["gain_error"]):
        return None
    gain, error = float(latest["gain"]), float(latest["gain_error"])
    return "better" if gain > 2 * error else "worse" if gain < -2 * error else "even"
