"""Tickets to come: gamma-Poisson rates by age and family of machines, drawn to each machine's own record, and what a ticket costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.faults.failures.poisson import shrunk
from crmlab.value.to_come.flows import Part
from crmlab.value.to_come.known import Known
from crmlab.value.to_come.park import OLDEST, YEAR, Park, ages, watched
from crmlab.value.to_come.purchases import gamma_poisson
from crmlab.value.to_come.replacements import Replacements
from crmlab.value.to_come.standing import Standing

MOST_SHAPE = 1e4
"""Shape of a gamma distribution from which machines count as alike."""
STEADY = 100
"""Tickets with which last year's count is drawn to what the rates make of it."""
PRIOR_TRIPS, PRIOR_PARTS = 8, 24
"""Tickets that the mean of all customers counts for, beside a customer's own."""
MIN_KIND = 30
"""Tickets below which a kind of customers has no mean of its own."""
REPAIR_SPREAD = 2.0
"""Squared coefficient of variation of what a paid repair brings."""


class TicketRates(NamedTuple):
    """Tickets a machine-year by age (0 … OLDEST), and a factor by family."""

    by_age: np.ndarray
    by_family: pd.Series

    def of(self, family: pd.Series, age: np.ndarray) -> np.ndarray:
        """Tickets a year of machines of these families and ages."""
        factor = family.map(self.by_family).astype(float).fillna(1.0).to_numpy()
        return self.by_age[np.clip(age, 0, OLDEST).astype(int)] * factor


@dataclass(frozen=True)
class Tickets:
    """Parts of value that tickets make: their cost (negative), and repairs that the customer pays for.

    counts : (customers, years), tickets expected while a customer stays. cost : of one of them, minor units. common_cost,
    common_income : standard deviation of what all customers share, over the part.
    """

    counts: np.ndarray
    cost: np.ndarray
    spent: Part
    repairs: Part
    common_cost: float
    common_income: float


class Expected(NamedTuple):
    """Tickets of each customer: expected by year, those of them that the customer pays for, and the variance of the yearly rate."""

    counts: np.ndarray
    paid: np.ndarray
    rate_variance: np.ndarray


def tickets(
    k: Known,
    standing: Standing,
    machines: Park,
    replaced: Replacements,
    signed: np.ndarray,
    after: np.ndarray,
    years: int,
) -> Tickets:
    """Tickets to come of every customer, and what they cost and bring.

    Parameters
    ----------
    signed : (customers, years), P(a first contract is signed by the middle of the year): its tickets are covered from then on.
    after : share of a customer's tickets that comes even when it has left.
    """
    expected = _expected(k, standing, machines, replaced, years)
    expected = expected._replace(paid=expected.paid * (1 - signed))
    counts = expected.counts.sum(1)
    paid_share = np.divide(expected.paid.sum(1), counts, out=np.zeros_like(counts), where=counts > 0)
    costs = k.call_costs.reindex(standing.customers).fillna(0)
    cost, spread, n = cost_of_one(costs, standing, paid_share)
    second = cost**2 * (1 + spread)
    rate = expected.rate_variance
    variance = counts * second + rate * cost**2
    relative = np.divide(rate, counts**2, out=np.zeros_like(rate), where=counts > 0)
    third = (
        counts * cost**3 * (1 + spread) ** 3
        + 3 * rate * second * cost
        + 2 * counts**3 * relative**2 * cost**3
    )
    spent = Part(-expected.counts * cost[:, None], variance, -third, after)
    n_paid = float(costs.n.sum() - costs.n_covered.sum())
    bill = float(k.margins.margin[k.margins.model == "repairs"].sum()) / n_paid if n_paid else 0.0
    paid = expected.paid.sum(1)
    repairs = Part(
        expected.paid * bill,
        paid * bill**2 * (1 + REPAIR_SPREAD),
        paid * bill**3 * (1 + REPAIR_SPREAD) ** 3,
        after,
    )
    return Tickets(
        expected.counts,
        cost,
        spent,
        repairs,
        float(np.sqrt((2 + spread) / max(n, 1.0) + 1 / (k.calls_lately.sum() + STEADY))),
        float(np.sqrt((2 + REPAIR_SPREAD) / max(n_paid, 1.0) + 1 / (k.calls_lately.sum() + STEADY))),
    )


def _expected(k: Known, standing: Standing, machines: Park, replaced: Replacements, years: int) -> Expected:
    """By machine where a customer has machines on file, by its own calls where it has none in place."""
    n = len(standing.customers)
    found = Expected(np.zeros((n, years)), np.zeros((n, years)), np.zeros(n))
    with_machines = standing.customers[np.unique(machines.machines.customer.to_numpy()[machines.cells.row])]
    calls = k.calls[k.calls.customer_id.isin(with_machines)]
    if calls.age.notna().any():
        lately = float(k.calls_lately[k.calls_lately.index.isin(with_machines)].sum())
        found = _by_machine(k, standing, machines, replaced, calls, lately, years)
    bare = found.counts.sum(1) == 0
    return _by_customer(k, standing, machines, found, bare, years) if bare.any() and len(k.calls) else found


def _by_machine(
    k: Known,
    standing: Standing,
    machines: Park,
    replaced: Replacements,
    calls: pd.DataFrame,
    lately: float,
    years: int,
) -> Expected:
    """Tickets of customers with machines: `calls` are theirs, `lately` those of the last year."""
    rates = ticket_rates(machines, calls)
    cells, park = machines.cells, machines.machines
    of_cell = rates.of(park.family.iloc[cells.row].reset_index(drop=True), cells.age.to_numpy())
    on_file = calls[calls.age.notna()]
    own = on_file.groupby("serial_no").n.sum().reindex(park.serial_no).fillna(0).to_numpy(float)
    named = on_file.n.sum() / calls.n.sum()
    base = np.bincount(cells.row, weights=of_cell * cells.years, minlength=len(park)) * named
    shape = shape_of(own[base > 0.05], base[base > 0.05])
    factor = (shape + own) / (shape + base)

    # Rates of three years may hold a burst that is over: last year's count says by how much.
    year = watched(park, k.day - pd.Timedelta(days=365), k.day)
    hindcast = rates.of(park.family.iloc[year.row].reset_index(drop=True), year.age.to_numpy())
    hindcast = float((hindcast * year.years.to_numpy() * factor[year.row]).sum())
    level = (lately + STEADY) / (hindcast + STEADY)

    rows = replaced.rows
    now = park.iloc[rows].reset_index(drop=True)
    age = ages(now, k.day)
    gone = np.minimum(np.cumsum(replaced.counts, axis=1) - replaced.counts / 2, 1)
    young = float(rates.by_age[:2].mean())
    counts = level * np.column_stack(
        [
            (1 - gone[:, y]) * rates.of(now.family, age + y + 0.5) * factor[rows] + gone[:, y] * young
            for y in range(years)
        ]
    )
    paid = counts * paid_share(k, standing, now, replaced.counts, gone)
    rate_variance = counts.sum(1) ** 2 / (shape + own[rows])
    sums = machines.by_customer(np.column_stack([counts, paid, rate_variance]), rows)
    return Expected(sums[:, :years], sums[:, years : 2 * years], sums[:, 2 * years])


def ticket_rates(machines: Park, calls: pd.DataFrame) -> TicketRates:
    """Rates from machine-years and the tickets in them; tickets that name no machine raise all rates alike.

    Parameters
    ----------
    calls : from calls.sql.
    """
    cells = machines.cells
    named = calls[calls.age.notna()]
    grid = range(OLDEST + 1)
    years = cells.groupby("age").years.sum().reindex(grid, fill_value=0.0)
    n = named.n.groupby(named.age.clip(0, OLDEST).astype(int)).sum().reindex(grid, fill_value=0)
    mean = n.sum() / years.sum()
    by_age = shrunk(n.astype(float), years, pd.Series("age", n.index)).fillna(mean).to_numpy(float)
    family = machines.machines.family.to_numpy()[cells.row]
    expected = pd.Series(by_age[cells.age] * cells.years.to_numpy()).groupby(family).sum()
    seen = named.groupby("family").n.sum().reindex(expected.index, fill_value=0).astype(float)
    factor = shrunk(seen, expected, pd.Series("family", expected.index)).fillna(1.0)
    return TicketRates(by_age * calls.n.sum() / named.n.sum(), factor)


def shape_of(n: np.ndarray, expected: np.ndarray) -> float:
    """Shape of the gamma distribution of factors with mean 1, by moments: E[(n − E)²] = E + E² / shape.

    >>> shape_of(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    10000.0
    >>> round(shape_of(np.array([0.0, 8.0]), np.array([4.0, 4.0])), 2)
    1.33
    """
    weight = 1 / (1 + expected)  # the largest would else decide alone
    between = (weight * ((n - expected) ** 2 - expected)).sum() / max((weight * expected**2).sum(), 1e-12)
    return float(1 / np.clip(between, 1 / MOST_SHAPE, 100))


def paid_share(
    k: Known, standing: Standing, now: pd.DataFrame, replaced: np.ndarray, gone: np.ndarray
) -> np.ndarray:
    """Share of the tickets of each machine in each year that the customer will pay for, machines × years.

    Under contract and under warranty as in the tickets of the last three years; what replaces a machine has its warranty.

    Parameters
    ----------
    now : machines in place. replaced : replacements expected of each in each year. gone : share replaced by the middle of the year.
    """
    share = k.cover.set_index(["in_contract", "in_warranty"])
    share = (share.paid / share.n).to_dict()
    left = (now.warranty_end - k.day).dt.days.fillna(0).to_numpy(float) / YEAR
    length = ((now.warranty_end - now.installed).dt.days / YEAR).clip(lower=0)
    length = length.fillna(length.mean()).fillna(0).to_numpy(float)[:, None]
    years = np.arange(replaced.shape[1])
    since = np.maximum(years[None, :] - years[:, None], 0.25)  # from year of replacement (rows) to year
    new = np.einsum(
        "mu,muy->my", replaced, np.triu(np.ones_like(since)) * np.clip(length[:, :, None] - since + 0.5, 0, 1)
    )
    in_warranty = (1 - gone) * np.clip(left[:, None] - years, 0, 1) + np.minimum(new, gone)
    held = standing.held[now.customer]
    inside, outside = (
        np.where(held, share.get((1, warranty), 0.0), share.get((0, warranty), 0.0))[:, None]
        for warranty in (True, False)
    )
    return in_warranty * inside + (1 - in_warranty) * outside


def _by_customer(
    k: Known, standing: Standing, machines: Park, found: Expected, bare: np.ndarray, years: int
) -> Expected:
    """Tickets of customers without a machine in place, from their own number of calls (gamma-Poisson).

    Whose machines have all retired calls no more about them: of those only calls count that named none.
    """
    watched_for = (k.day - k.first_seen.reindex(standing.customers).clip(lower=k.since)).dt.days
    watched_for = (watched_for.fillna(0).to_numpy(float) + 1) / 365
    had = standing.customers[np.unique(machines.machines.customer)]
    counted = k.calls[~(k.calls.customer_id.isin(had) & k.calls.age.notna())]
    calls = counted.groupby("customer_id").n.sum().reindex(standing.customers).fillna(0).to_numpy(float)
    those = bare & ~standing.left
    if not calls[those].sum():
        return found
    r, alpha = gamma_poisson(calls[those], watched_for[those], np.ones(int(those.sum())))
    rate = np.where(those, (r + calls) / (alpha + watched_for), 0)
    share = k.cover.paid.sum() / max(k.cover.n.sum(), 1)
    total = rate * years
    return Expected(
        np.where(those[:, None], rate[:, None], found.counts),
        np.where(those[:, None], (rate * share)[:, None], found.paid),
        np.where(those, total**2 / (r + calls), found.rate_variance),
    )


def cost_of_one(costs: pd.DataFrame, standing: Standing, paid: np.ndarray) -> tuple[np.ndarray, float, float]:
    """What a ticket of each customer will cost, the squared coefficient of variation of that, and the tickets behind it.

    Trips as far as the customer lives away, parts as its kind (with a contract, without one, gone) needs them; few tickets are
    drawn to the mean.

    Parameters
    ----------
    costs : from call_costs.sql, in the order of the customers. paid : share of its tickets that each customer will pay for.
    """
    total = costs.sum()
    n = float(total.n)
    if not n:
        return np.zeros(len(costs)), 0.0, 0.0
    parts = np.empty(len(costs))
    mean_parts = total.parts_covered / max(total.n_covered, 1)
    for those in (standing.held, standing.left, ~standing.held & ~standing.left):
        own = costs[those].sum()
        parts[those] = own.parts_covered / own.n_covered if own.n_covered >= MIN_KIND else mean_parts
    trips = (costs.trips + PRIOR_TRIPS * total.trips / n) / (costs.n + PRIOR_TRIPS)
    covered = (costs.parts_covered + PRIOR_PARTS * parts) / (costs.n_covered + PRIOR_PARTS)
    others = total.parts_other / max(n - total.n_covered, 1)
    cost = (trips + (1 - paid) * covered + paid * others).to_numpy(float)
    mean = (total.trips + total.parts_covered + total.parts_other) / n
    spread = max(0.0, total.cost_squared / n / mean**2 - 1) if mean > 0 else 0.0
    return cost, float(spread), n
