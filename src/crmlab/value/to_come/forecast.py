"""Value to come of every customer as of a day, from what was known by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from crmlab.purchases.models.predictive import Interval
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import Books
from crmlab.value.moments import LEVEL, limits
from crmlab.value.to_come.contracts import Contracts, Habits, contracts, habits
from crmlab.value.to_come.first_contracts import FirstContracts, first_contracts
from crmlab.value.to_come.flows import Part, present
from crmlab.value.to_come.known import Known, known
from crmlab.value.to_come.park import park
from crmlab.value.to_come.prices import price_levels
from crmlab.value.to_come.purchases import Purchases, purchases
from crmlab.value.to_come.replacements import replacements
from crmlab.value.to_come.standing import Standing, standing
from crmlab.value.to_come.tickets import tickets

Z = float(ndtri((1 + LEVEL) / 2))
INCOME = ("current", "renewals", "purchases", "replacements", "paid_repairs")
COSTS = ("ticket_cost", "care_cost")


@dataclass(frozen=True)
class Forecast:
    """Value to come as of `day` over `months`.

    customers : index customer_id; `INCOME` and `COSTS` (positive), potential, cost_to_come, to_come, with limits potential_low,
        potential_high, cost_low, cost_high, low, high (floats, minor units); p_retained, held, left, is_new, machines, and sd.
    common : standard deviation of what all customers share, over the part, by part. heard_again, habits, models: what it rests on.
    """

    day: pd.Timestamp
    months: int
    customers: pd.DataFrame
    first_seen: pd.Series
    common: Mapping[str, float]
    heard_again: float
    habits: Habits
    models: Mapping[str, str]

    def total(self, part: str = "to_come") -> Interval:
        """All customers together: their variances add up, what they share does not average out."""
        told = self.customers
        expected = float(told[part].sum())
        parts = {"to_come": (*INCOME, *COSTS), "potential": INCOME[1:], "cost_to_come": COSTS}.get(
            part, (part,)
        )
        shared = sum((self.common[p] * float(told[p].sum())) ** 2 for p in parts)
        half = Z * float(np.sqrt((told[f"sd_{part}"] ** 2).sum() + shared))
        return Interval(expected, expected - half, expected + half)


@dataclass(frozen=True)
class Prospects:
    """What is to come of every customer, before it is valued: made once for a day, valued under any assumption.

    chances : contract_id, p_renew of the contracts at risk. contract_share : margin over price of contracts.
    facts : index customer_id; tickets_a_year, cost_of_ticket, contract_price (margin a month of contracts at risk), price_level,
        still_buys, machines (in place).
    """

    known: Known
    chances: pd.DataFrame
    contract_share: float
    contracts: Contracts
    first: FirstContracts
    standing: Standing
    parts: Mapping[str, Part]
    common: Mapping[str, float]
    habits: Habits
    models: Mapping[str, str]
    months: int
    facts: pd.DataFrame

    def with_contracts(self, other: Contracts) -> Prospects:
        """The same with other contracts: what if more of them were renewed?"""
        in_force = self.standing.in_force.copy()
        in_force[self.standing.customers.get_indexer(other.customers)] = other.in_force
        return replace(self, contracts=other, standing=replace(self.standing, in_force=in_force))

    def with_more_renewals(self, points: float) -> Prospects:
        """The same with all chances of renewal, the next and later ones, so many points higher."""
        more = self.chances.assign(p_renew=(self.chances.p_renew.astype(float) + points).clip(0, 1))
        told = self.habits._replace(rate=float(np.clip(self.habits.rate + points, 0, 1)))
        return self.with_contracts(self._contracts(more, told))

    def with_next_renewal(self, chance: float) -> Prospects:
        """The same with this chance of the next renewal of every contract, later ones as they are."""
        return self.with_contracts(self._contracts(self.chances, self.habits, chance))

    def _contracts(self, chances: pd.DataFrame, told: Habits, next_chance: float | None = None) -> Contracts:
        k = self.known
        return contracts(k.terms, chances, told, self.contract_share, k.day, self.months, next_chance)

    def valued(self, annual_discount: float) -> Forecast:
        """The present value of everything to come."""
        s, n = self.standing, len(self.standing.customers)
        renewed = np.zeros((n, self.months))
        place = s.customers.get_indexer(self.contracts.customers)
        renewed[place] = self.contracts.renewed
        renewed += self.first.income
        discount = (1 + annual_discount) ** (-(np.arange(1, self.months + 1) - 0.5) / 12)
        current = np.zeros(n)
        current[place] = self.contracts.sure @ discount
        sums = {
            "potential": [name for name in INCOME if name != "current"],
            "cost_to_come": COSTS,
        }
        every = present(s.in_force, {"renewals": renewed}, self.parts, annual_discount, sums)
        told = pd.DataFrame({"current": current, **every.parts}, index=s.customers)
        told[list(COSTS)] = -told[list(COSTS)]
        for name, of in {**every.sums, "to_come": every}.items():
            sign = -1 if name == "cost_to_come" else 1
            told[name], told[f"third_{name}"] = sign * of.mean, sign * of.third
            told[f"sd_{name}"] = np.sqrt(np.maximum(of.variance, 0))
        told["to_come"] += current
        for name, variance in every.variances.items():
            told[f"sd_{name}"] = np.sqrt(variance)
        told["sd_current"] = 0.0
        # A first contract is signed or not.
        chance = np.clip(self.first.chance, 1e-9, 1)
        unsure = (self.first.income @ discount) ** 2 * (1 / chance - 1) * (chance > 1e-9)
        for name in ("renewals", "potential", "to_come"):
            told[f"sd_{name}"] = np.sqrt(told[f"sd_{name}"] ** 2 + unsure)
        for name in LIMITS:
            _set_limits(told, name)
        told["p_retained"] = s.in_force[:, min(12, self.months) - 1] * self.facts.still_buys
        told["held"], told["left"], told["is_new"] = s.held, s.left, s.is_new
        told[list(self.facts)] = self.facts
        return Forecast(
            self.known.day,
            self.months,
            told,
            self.known.first_seen,
            self.common,
            s.heard_again,
            self.habits,
            self.models,
        )


LIMITS = {
    "potential": ("potential_low", "potential_high"),
    "cost_to_come": ("cost_low", "cost_high"),
    "to_come": ("low", "high"),
}
"""Columns of the limits of each sum."""


def _set_limits(told: pd.DataFrame, name: str) -> None:
    mean, sd, third = (told[column].to_numpy(float) for column in (name, f"sd_{name}", f"third_{name}"))
    low, high = limits(mean, sd**2, third)
    told[LIMITS[name][0]], told[LIMITS[name][1]] = _possible(name, low, mean), high


def _possible(name: str, low: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Nothing costs less than nothing, and what is expected to bring something hardly takes anything."""
    return low if name == "to_come" else np.where(mean >= 0, np.maximum(low, 0), low)


def stretched(told: pd.DataFrame, below: float, above: float) -> pd.DataFrame:
    """`told` with the limits of to_come so many times as far from it."""
    return told.assign(
        low=told.to_come - below * (told.to_come - told.low),
        high=told.to_come + above * (told.high - told.to_come),
    )


def prospects(
    books: Books, chances: pd.DataFrame, buying: PurchaseSettings, day: pd.Timestamp, months: int
) -> Prospects:
    """What is to come of every customer.

    Parameters
    ----------
    chances : contract_id, p_renew of the contracts at risk on the day, as the stage churn would have said it then.
    buying : the section purchases of params.yaml.
    months : the horizon.
    """
    k = known(books, day)
    years = -(-months // 12)
    told = habits(k.terms, day)
    has_contract_lines = (k.margins.model == "contracts").any()
    share = k.share("contracts") if has_contract_lines else books.settings.margin.get("contract", 0.0)
    held = contracts(k.terms, chances, told, share, day, months)
    who = standing(k, held, told.moved, books.settings.grace_days, months)
    after = np.where(who.held, who.heard_again, 0.0)
    bought = _bought(books, buying, k, who, years)
    levels, mean_level = price_levels(k.prices, who.customers)
    machines = park(k, who)
    replaced = replacements(k, machines, levels, mean_level, after, years)
    first = first_contracts(k, who.customers, ~who.held & ~who.ever_held, told, share, months)
    middles = np.minimum(12 * np.arange(years) + 5, months - 1)
    called = tickets(k, who, machines, replaced, first.signed[:, middles], after, years)
    care = k.contacts.reindex(who.customers).fillna(0).to_numpy(float)
    parts = {
        "purchases": _purchase_part(k, who, bought, levels / mean_level, years),
        "replacements": replaced.part,
        "paid_repairs": called.repairs,
        "ticket_cost": called.spent,
        "care_cost": Part(
            -np.repeat(care[:, None], years, axis=1), care**2 * years, np.zeros(len(care)), after
        ),
    }
    common = {
        "current": 0.0,
        "renewals": _common_of_renewals(told, months),
        "purchases": bought.common,
        "replacements": replaced.common,
        "paid_repairs": called.common_income,
        "ticket_cost": called.common_cost,
        "care_cost": called.common_cost,
    }
    facts = pd.DataFrame(
        {
            "tickets_a_year": called.counts[:, 0],
            "cost_of_ticket": called.cost,
            "contract_price": pd.Series(held.price, held.customers)
            .reindex(who.customers)
            .fillna(0.0)
            .to_numpy(),
            "price_level": levels / mean_level,
            "still_buys": _still_buys(k, who, bought),
            "machines": k.in_place(who.customers),
        },
        index=who.customers,
    )
    return Prospects(k, chances, share, held, first, who, parts, common, told, bought.lines, months, facts)


def forecast(
    books: Books,
    chances: pd.DataFrame,
    buying: PurchaseSettings,
    day: pd.Timestamp,
    months: int,
    annual_discount: float,
) -> Forecast:
    """Value to come of every customer as of `day`; see `prospects` for the parameters."""
    return prospects(books, chances, buying, day, months).valued(annual_discount)


def _bought(books: Books, buying: PurchaseSettings, k: Known, who: Standing, years: int) -> Purchases:
    groups = {"contract": who.customers[who.held], "none": who.customers[~who.held & ~who.left]}
    if who.heard_again > 0:
        groups["left"] = who.customers[who.left]
    waiting = (k.day - k.first_seen.reindex(who.customers)).dt.days.dropna()
    longest = k.contact["T"].max() if len(k.contact) else 0
    return purchases(books, buying, k.day, years, groups, waiting.clip(upper=longest))


def _still_buys(k: Known, who: Standing, bought: Purchases) -> np.ndarray:
    """P(still a customer) by purchases, where nobody calls and they are all that is heard; else 1, for calls are heard too."""
    if len(k.calls):
        return np.ones(len(who.customers))
    return pd.Series(bought.alive, bought.customers).reindex(who.customers).fillna(1.0).to_numpy(float)


def _purchase_part(k: Known, who: Standing, bought: Purchases, level: np.ndarray, years: int) -> Part:
    """What purchases bring. A customer-base model knows by itself of customers that stop; a contract says that one is there."""
    n, place = len(who.customers), who.customers.get_indexer(bought.customers)
    # The cost of goods does not depend on the discount: all of it comes off the margin.
    margin = 1 - (1 - k.share("purchases")) / np.maximum(level, 0.2)
    other = k.margins.margin[k.margins.model == "other"].sum()
    sold = k.margins.revenue[k.margins.model == "purchases"].sum()
    # Freight and fees come along with purchases; where refunds leave next to nothing of these, they tell no share.
    margin = margin + (float(np.clip(other / sold, -1, 1)) if sold > 0 else 0.0)
    one = bought.spend * margin[place]
    counts = bought.counts.sum(1)
    alive = np.clip(bought.alive, 1e-6, 1)
    while_buying = counts / alive
    second = one**2 * (1 + bought.spread)
    variance_of_count = alive * (while_buying + while_buying**2 / bought.shape + while_buying**2) - counts**2
    variance = counts * (second - one**2) + variance_of_count * one**2
    third = counts * one**3 * (1 + bought.spread) ** 3 + 3 * counts**2 / bought.shape * second * one
    mean = np.zeros((n, years))
    spread = np.zeros((2, n))
    mean[place], spread[0, place], spread[1, place] = bought.counts * one[:, None], variance, third
    after = np.where(who.held, who.heard_again, np.where(who.left, 0.0, 1.0))
    return Part(mean, spread[0], spread[1], after)


def _common_of_renewals(told: Habits, months: int) -> float:
    """A rate of renewal is known from so many ends; over the horizon it counts once for each end."""
    if not told.n or not 0 < told.rate <= 1:
        return 0.0
    ends = max(1.0, months / 12 / told.years / 2)
    return float(ends * np.sqrt((1 - told.rate) / told.rate / told.n))
