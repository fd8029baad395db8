"""Purchases to come: customer-base models fitted to the lines that are purchases, × what one of them brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import gammaln

from crmlab.purchases.buyers.candidates import fitted
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.buyers.spend import spend
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import Books

_HERE = Path(__file__).parent
YEAR = 365
STOPPING = ("MBGNBD", "BGNBD", "ParetoNBD")
"""Customer-base models in which customers stop unnoticed; the first whose fit has a maximum speaks."""
NEVER_END = ("gamma-Poisson", "mean_rate")
"""Lines whose rates go on for ever."""
STEADY = 100
"""Purchases with which last year's count is drawn to what the model makes of it."""
_FAR = 20.0
"""Logarithm of a shape or rate from which a larger one is the same, but for the digits that its likelihood loses."""


@dataclass(frozen=True)
class Purchases:
    """Of every customer of whom purchases can be told, in the order of `customers`.

    counts : purchases expected in each year ahead, customers × years, while the customer's contract lasts. shape : of the gamma
        distribution of its rate, given its record. alive : P(still buying). spend : amount of one purchase, minor units.
    known : whether it has bought before; the others get the rate of the customers that have. common : standard deviation of what all
    customers share, over what is expected. spread : squared coefficient of variation of one purchase. lines : which model spoke, by
    group.
    """

    customers: pd.Index
    counts: np.ndarray
    shape: np.ndarray
    alive: np.ndarray
    spend: np.ndarray
    known: np.ndarray
    spread: float
    lines: dict[str, str]
    common: float


@dataclass(frozen=True)
class Rates:
    """Forecast of one group: counts by year, gamma shape, P(alive), and rate and scale of a customer who has not bought."""

    counts: np.ndarray
    shape: np.ndarray
    alive: np.ndarray
    prior: tuple[float, float]
    line: str


def purchases(
    books: Books,
    settings: PurchaseSettings,
    as_of: pd.Timestamp,
    years: int,
    groups: dict[str, pd.Index],
    waiting: pd.Series,
) -> Purchases:
    """Forecast the purchases of every customer.

    Parameters
    ----------
    groups : customers fitted apart, by name: silence means something else where a contract says that a customer is there. Who is in no
        group is told by nobody: it has left.
    waiting : days since customers were first known.
    """
    engine = books.engine
    lines = engine.run(_HERE / "purchase_lines.sql", {"lines": books.lines(as_of)})
    ledger = Ledger(engine, lines, settings)
    histories = ledger.histories(as_of).set_index("customer_id")
    if histories.empty:
        return _nobody(years)
    amounts = pd.Series(np.asarray(spend(histories.reset_index()).amount, float), histories.index)
    lately = (
        ledger.later(as_of - pd.Timedelta(days=YEAR), as_of, YEAR)
        .groupby("customer_id")[["purchases", "amount"]]
        .sum()
    )
    found, said = [], {}
    pooled = histories[histories.index.isin(np.concatenate([g.to_numpy() for g in groups.values()]))]
    for name, members in groups.items():
        those = histories[histories.index.isin(members)]
        if those.empty:
            continue
        enough = (those.frequency > 0).sum() >= settings.min_repeat_buyers
        rates = group_rates(those, those if enough else pooled, settings, years, stops=name != "contract")
        came = lately.reindex(those.index).fillna(0)
        level = _level(rates, those["T"].to_numpy(float) * settings.unit_days, came.purchases.to_numpy(float))
        paid = (came.purchases * amounts.reindex(those.index)).sum()
        dearer = (
            np.clip(came.amount.sum() / paid, 0.8, 1.25)
            if came.purchases.sum() >= STEADY and paid > 0
            else 1.0
        )
        said[name] = rates.line
        told = pd.DataFrame(rates.counts * level, those.index)
        told["shape"], told["alive"], told["spend"], told["known"] = (
            rates.shape,
            rates.alive,
            amounts.reindex(those.index) * dearer,
            True,
        )
        new = waiting[waiting.index.isin(members) & ~waiting.index.isin(histories.index)]
        if len(new) and np.isfinite(rates.prior[0]):
            r, alpha = rates.prior
            rate = r / (alpha + new.to_numpy(float) / settings.unit_days) * YEAR / settings.unit_days
            first = pd.DataFrame(np.repeat(rate[:, None], years, 1) * level, new.index)
            first["shape"], first["alive"], first["spend"], first["known"] = r, 1.0, told.spend.mean(), False
            told = pd.concat([told, first])
        found.append(told)
    if not found:
        return _nobody(years)
    told, varies = pd.concat(found).sort_index(), spread(ledger, histories, as_of)
    return Purchases(
        told.index.rename("customer_id"),
        told[list(range(years))].to_numpy(float),
        told["shape"].to_numpy(float),
        told.alive.to_numpy(float),
        told.spend.fillna(0).to_numpy(float),
        told.known.to_numpy(bool),
        varies,
        said,
        float(np.sqrt((2 + varies) / (lately.purchases.sum() + STEADY))),
    )


def _nobody(years: int) -> Purchases:
    none = np.empty(0)
    customers = pd.Index([], name="customer_id")
    return Purchases(customers, np.empty((0, years)), none, none, none, none.astype(bool), 0.0, {}, 0.0)


def _level(rates: Rates, known_for: np.ndarray, came: np.ndarray) -> float:
    """What the last year's purchases were over what rates that never end make of a year; 1 where customers stop.

    Of customers known for that year: the first purchases of the others, and a year that is not over, would tell nothing. Where a
    model lets customers stop, a year in which more of them were there is no level for the next one.
    """
    if rates.line not in NEVER_END:
        return 1.0
    year = known_for >= YEAR
    return float((came[year].sum() + STEADY) / (rates.counts[year, 0].sum() + STEADY))


def group_rates(
    those: pd.DataFrame, fit_on: pd.DataFrame, settings: PurchaseSettings, years: int, stops: bool = True
) -> Rates:
    """What a group will buy: the first of `STOPPING` that fits, or gamma rates that never end.

    stops : whether customers may stop buying unnoticed. Where they may and the model finds that none does, rates never end either.
    """
    unit = settings.unit_days
    h = [those[name].to_numpy(float) for name in ("frequency", "recency", "T")]
    if (fit_on.frequency > 0).sum() < settings.min_repeat_buyers:
        rate = np.where(h[2] * unit >= YEAR / 2, h[0] / np.maximum(h[2] * unit, 1) * YEAR, h[0])
        return Rates(
            np.repeat(rate[:, None], years, 1), 1 + h[0], np.ones(len(those)), (np.nan, np.nan), "mean_rate"
        )
    counted = fit_on.groupby(["frequency", "recency", "T"]).size().rename("customers").reset_index()
    counted = counted[counted["T"] > 0]
    for name in STOPPING if stops else ():
        model, reason = fitted(name, counted)
        if not reason:
            until = [model.expected_purchases(YEAR * (y + 1) / unit, *h) for y in range(years)]
            counts = np.diff(np.column_stack([np.zeros(len(those)), *until]), axis=1)
            r, alpha = model.params_["r"], model.params_["alpha"]
            return Rates(counts, r + h[0], model.probability_alive(*h), (r, alpha), name)
    r, alpha = gamma_poisson(
        counted.frequency.to_numpy(float), counted["T"].to_numpy(float), counted.customers.to_numpy(float)
    )
    rate = (r + h[0]) / (alpha + h[2]) * YEAR / unit
    return Rates(
        np.repeat(rate[:, None], years, 1), r + h[0], np.ones(len(those)), (r, alpha), "gamma-Poisson"
    )


def gamma_poisson(n: np.ndarray, T: np.ndarray, weights: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Shape and rate of the gamma distribution of customers' rates, by maximum likelihood.

    n : events in time T of each customer. weights : customers that each row stands for. Customers that are all alike have a very
    large shape, customers without an event a very large rate.
    """
    weights = np.asarray(weights, float)

    def loss(at: np.ndarray) -> float:
        r, alpha = np.exp(np.clip(at, -_FAR, _FAR))
        each = gammaln(r + n) - gammaln(r) + r * np.log(alpha) - (r + n) * np.log(alpha + T)
        return -float(weights @ each)

    start = np.log([1.0, max(float(weights @ T) / max(float(weights @ n), 1.0), 1e-3)])
    r, alpha = np.exp(np.clip(minimize(loss, start, method="Nelder-Mead").x, -_FAR, _FAR))
    return float(r), float(alpha)


def spread(ledger: Ledger, histories: pd.DataFrame, as_of: pd.Timestamp) -> float:
    """Squared coefficient of variation of one purchase within a customer."""
    values = {
        "as_of": as_of.date(),
        "unit": ledger.settings.unit_days,
        "kinds": "|" + "|".join(ledger.settings.counts) + "|",
    }
    days = ledger.engine.run(
        Path(__file__).parents[2] / "purchases/buyers/purchase_days.sql", {"sales": ledger.sales}, values
    )
    squares = ledger.engine.rows(
        "select coalesce(sum(amount::double * amount), 0)::double as s from days where amount > 0",
        {"days": days},
    )[0][0]
    bought = histories.frequency.to_numpy(float) + 1
    own = (bought * (histories.amount.to_numpy(float) / bought) ** 2).sum()
    repeated = float((bought - 1).sum() / bought.sum())
    return max(0.0, squares / own - 1) / max(repeated, 0.1) if own > 0 else 0.0
