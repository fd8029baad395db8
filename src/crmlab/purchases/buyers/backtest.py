"""Forecasts as they would have been made on earlier days, against the purchases that came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from crmlab.intervals import clustered_mean
from crmlab.purchases.buyers.candidates import LEVEL, Forecast, fitted, forecast
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.outputs import NAIVE
from crmlab.purchases.buyers.shock import shock, widened
from crmlab.purchases.models.predictive import Interval
from crmlab.purchases.settings import Settings

JUDGED = 5_000
"""Customers on whom the forecasts of a day are judged; of more, so many are taken evenly by their number."""
STEP = 30
"""Days of one step of the tracking picture."""


@dataclass(frozen=True)
class Origin:
    """An earlier day: who was a customer then, what was forecast of them, and what came in the horizon after.

    known : customers with T > 0, as `Ledger.histories`; steps : their purchases in each `STEP` days of the horizon.
    histories : those of them who are judged; came : their purchases in the horizon, in the same order; models, naive :
    forecasts by name; chosen : the model that the days before this one would have picked; low, high : its 90 % limits.
    said : what it says of all known customers together; shock : how far the days before missed beyond that.
    """

    day: pd.Timestamp
    known: pd.DataFrame
    steps: np.ndarray
    histories: pd.DataFrame
    came: np.ndarray
    models: dict[str, Forecast]
    naive: dict[str, np.ndarray]
    chosen: str
    low: np.ndarray
    high: np.ndarray
    said: Interval
    shock: float

    @property
    def all_came(self) -> float:
        """Purchases of all known customers in the horizon."""
        return float(self.steps.sum())

    @property
    def total(self) -> Interval:
        """The forecast of all customers together, with a shock as large as those of the days before in its limits."""
        return widened(self.said, self.shock)


def origins(ledger: Ledger, as_of: pd.Timestamp) -> list[Origin]:
    """Forecasts at most `settings.origins` horizons back, the earliest first.

    A day counts only if the ledger reaches back one more horizon, and if enough customers had bought twice by then.
    """
    settings = ledger.settings
    horizon = pd.Timedelta(days=settings.horizon_days)
    begins = ledger.histories(as_of)["first_at"].min()
    days = [as_of - horizon * n for n in range(settings.origins, 0, -1)]
    found: list[Origin] = []
    for day in days:
        if pd.isna(begins) or day - horizon < begins:
            continue
        known = observed(ledger.histories(day))
        if enough(known, settings):
            found.append(_origin(ledger, day, known, choose(found, settings.models), shocks(found)))
    return found


def observed(histories: pd.DataFrame) -> pd.DataFrame:
    """The customers of whom some time is observed; those won in the unit of the as-of day itself tell nothing yet."""
    return histories[histories["T"] > 0].reset_index(drop=True)


def enough(histories: pd.DataFrame, settings: Settings) -> bool:
    """Whether enough customers bought more than once for a model to be fitted."""
    return int((histories.frequency > 0).sum()) >= settings.min_repeat_buyers


def naive_forecasts(histories: pd.DataFrame, horizon: float) -> dict[str, np.ndarray]:
    """The last horizon's purchases once more; and repeat purchases over the time observed, times the horizon."""
    again = histories["lately"].to_numpy(float)
    rate = histories["frequency"].to_numpy(float) / np.maximum(histories["T"].to_numpy(float), 1.0) * horizon
    return dict(zip(NAIVE, (again, rate), strict=True))


def shocks(seen: list[Origin]) -> float:
    """The shock of a horizon, as those of these days tell it."""
    return shock([o.said for o in seen], [o.all_came for o in seen])


def _origin(ledger: Ledger, day: pd.Timestamp, known: pd.DataFrame, chosen: str, size: float) -> Origin:
    settings = ledger.settings
    end = day + pd.Timedelta(days=settings.horizon_days)
    later = ledger.later(day, end, STEP)
    later = later[later.customer_id.isin(known.customer_id)]
    steps = np.bincount(
        later["step"], weights=later["purchases"], minlength=-(-settings.horizon_days // STEP)
    )
    histories = known.iloc[:: -(-len(known) // JUDGED)].reset_index(drop=True)
    counts = later.groupby("customer_id").purchases.sum()
    came = counts.reindex(histories.customer_id).fillna(0).to_numpy(float)
    counted, horizon = ledger.counted(day), settings.horizon
    models = {name: forecast(*fitted(name, counted), histories, horizon, came) for name in settings.models}
    model = models[chosen].model
    low, high = model.predictive_interval(horizon, *_of(histories), level=LEVEL)
    return Origin(
        day=day,
        known=known,
        steps=steps,
        histories=histories,
        came=came,
        models=models,
        naive=naive_forecasts(histories, horizon),
        chosen=chosen,
        low=low,
        high=high,
        said=model.predictive_interval_of_total(horizon, *_of(known), level=LEVEL),
        shock=size,
    )


def _of(histories: pd.DataFrame) -> tuple[pd.Series, pd.Series, pd.Series]:
    return histories["frequency"], histories["recency"], histories["T"]


def choose(seen: list[Origin], names: list[str] | tuple[str, ...]) -> str:
    """The model that forecasts held out best: the first name, unless another is better by two paired standard errors.

    Judged by −log P(what came) of each customer and day, which no forecast can lower by being other than it believes
    (Gneiting and Raftery 2007); errors of one customer are no independent witnesses. A model whose fit had no maximum
    on the latest of the days is not chosen.
    """
    default, best, most = names[0], names[0], 0.0
    for name in names[1:]:
        if not seen or seen[-1].models[name].reason:
            continue
        gain, error = paired_gain(
            seen, [o.models[default].surprise for o in seen], [o.models[name].surprise for o in seen]
        )
        if gain > 2 * error and gain > most:
            best, most = name, gain
    return best


def paired_gain(
    seen: list[Origin], losses: list[np.ndarray], others: list[np.ndarray]
) -> tuple[float, float]:
    """Mean of loss − other loss over customers and days, and its standard error; customers are the clusters."""
    difference = np.concatenate([a - b for a, b in zip(losses, others, strict=True)])
    customers = np.concatenate([o.histories.customer_id.to_numpy(str) for o in seen])
    mean, _, high = clustered_mean(difference, customers, z=1.0)
    return mean, high - mean


@dataclass(frozen=True)
class Verdict:
    """The model against the better naive line, over all earlier days.

    gain : how much smaller the model's absolute error is per customer and horizon, with its standard error.
    """

    naive: str
    gain: float
    error: float

    @property
    def said(self) -> str:
        """better, worse, or no clear difference: two standard errors decide."""
        if abs(self.gain) <= 2 * self.error or not np.isfinite(self.error):
            return "no clear difference"
        return "better" if self.gain > 0 else "worse"


def verdict(seen: list[Origin]) -> Verdict | None:
    """Whether the models chosen on each day forecast better than the best naive line; None without an earlier day."""
    if not seen:
        return None

    def errors(name: str) -> list[np.ndarray]:
        return [np.abs(o.naive[name] - o.came) for o in seen]

    best = min(NAIVE, key=lambda name: float(np.concatenate(errors(name)).mean()))
    ours = [np.abs(o.models[o.chosen].expected - o.came) for o in seen]
    return Verdict(best, *paired_gain(seen, errors(best), ours))
