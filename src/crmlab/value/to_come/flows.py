"""From flows by month to present values: means by part, and the distribution of their sums over how long a customer stays."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

CHUNK = 1_024
"""Customers at a time: what is held of them stays in the processor's cache."""


class Part(NamedTuple):
    """What one source brings (costs are negative) while a customer stays: customers × years, and its own variation over them all.

    mean : a year's sum. variance, third : cumulants of the sum over all years, given that the customer stays. after : share of the
    flow that goes on once the customer has left, one number each.
    """

    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray
    after: np.ndarray


class Cumulants(NamedTuple):
    """First three cumulants of a sum, one number per customer each."""

    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray


class Present(NamedTuple):
    """Present value: mean and variance by part, the cumulants of the sum, and of sums of some parts; one number per customer each."""

    parts: dict[str, np.ndarray]
    variances: dict[str, np.ndarray]
    mean: np.ndarray
    variance: np.ndarray
    third: np.ndarray
    sums: dict[str, Cumulants]


def present(
    in_force: np.ndarray,
    monthly: Mapping[str, np.ndarray],
    parts: Mapping[str, Part],
    annual_discount: float,
    sums: Mapping[str, Collection[str]] | None = None,
) -> Present:
    """Value of everything to come.

    Parameters
    ----------
    in_force : (customers, months), P(still a customer) in each month; falls with the months.
    monthly : flows by month while in force, without variation of their own (contracts).
    parts : flows by year while in force.
    annual_discount : interest a year; a month counts at its middle.
    sums : names of `monthly` and `parts` that are added up besides, by the name of the sum.
    """
    n, months = in_force.shape
    clock = _Clock(months, annual_discount)
    names = [*monthly, *parts]
    sums = sums or {}
    means, variances = ({name: np.empty(n) for name in names} for _ in range(2))
    every, *others = found = [Cumulants(*np.empty((3, n))) for _ in range(1 + len(sums))]
    for i in range(0, n, CHUNK):
        own = slice(i, i + CHUNK)
        some = _Customers(clock, in_force[own])
        for name, flow in monthly.items():
            some.flow(name, flow[own])
        for name, p in parts.items():
            some.part(name, Part(p.mean[own], p.variance[own], p.third[own], p.after[own]))
        for name in names:
            means[name][own], variances[name][own] = some.means[name], some.variances[name]
        for cumulants, of in zip(found, (names, *sums.values()), strict=True):
            for whole, piece in zip(cumulants, some.added(of), strict=True):
                whole[own] = piece
    return Present(means, variances, *every, dict(zip(sums, others, strict=True)))


class _Clock:
    """What is the same for all customers, over t = 0 … months of staying.

    paid : (years, t), present value of one a year paid in that year until t. stayed : t as a share of the horizon. share : of its whole
    years that the horizon holds. middle : mean discount. moments : (t, columns) of which the means over t are wanted: `paid`, `stayed`, and
    products of two rows of `paid`.
    """

    def __init__(self, months: int, annual_discount: float):
        self.discount = (1 + annual_discount) ** (-(np.arange(1, months + 1) - 0.5) / 12)
        self.years = -(-months // 12)
        of_year = np.arange(months) // 12 == np.arange(self.years)[:, None]
        self.paid = np.zeros((self.years, months + 1))
        self.paid[:, 1:] = np.cumsum(of_year * self.discount, axis=1) / 12
        self.stayed = np.arange(months + 1) / months
        self.middle = float(self.discount.mean())
        self.share = months / (12 * self.years)
        products = self.paid[:, None] * self.paid[None]
        self.moments = np.vstack([self.paid, self.stayed, products.reshape(-1, months + 1)]).T


class _Customers:
    """Some customers: how long they stay, and what is known of their flows so far."""

    def __init__(self, clock: _Clock, in_force: np.ndarray):
        self.clock, n, years = clock, len(in_force), clock.years
        ends = np.column_stack([np.ones(n), in_force, np.zeros(n)])
        # Stays through exactly t months, t = 0 … months.
        self.leaves = np.maximum(ends[:, :-1] - ends[:, 1:], 0)
        moments = self.leaves @ clock.moments
        self.paid, self.stayed = moments[:, :years], moments[:, years]
        products = moments[:, years + 1 :].reshape(n, years, years)
        self.covariance = products - self.paid[:, :, None] * self.paid[:, None, :]
        self.means: dict[str, np.ndarray] = {}
        self.variances: dict[str, np.ndarray] = {}
        self.away: dict[str, np.ndarray] = {}
        self.made: dict[str, Part] = {}

    def flow(self, name: str, monthly: np.ndarray) -> None:
        """Add a flow by month: its present value by t, away from the mean."""
        until = np.zeros(self.leaves.shape)
        np.cumsum(monthly * self.clock.discount, axis=1, out=until[:, 1:])
        self.means[name] = np.einsum("ij,ij->i", self.leaves, until)
        until -= self.means[name][:, None]
        self.variances[name] = np.einsum("ij,ij->i", self.leaves, until**2)
        self.away[name] = until

    def part(self, name: str, part: Part) -> None:
        """Add a flow by year: all of it comes with a share `after`, the rest by how long the customer stays."""
        middle, share = self.clock.middle, self.clock.share
        ends = (1 - part.after)[:, None] * part.mean
        surely = part.after * (part.mean @ self.clock.paid[:, -1])
        variance, third = part.variance * middle**2 * share, part.third * middle**3 * share
        self.means[name] = surely + (ends * self.paid).sum(1)
        by_stay = np.einsum("iy,iyz,iz->i", ends, self.covariance, ends)
        self.variances[name] = np.maximum(by_stay, 0) + variance * self._kept(part.after)
        self.made[name] = Part(ends, variance, third, part.after)

    def added(self, names: Collection[str]) -> Cumulants:
        """Of the sum of these flows, which all end with the customer."""
        parts = [self.made[name] for name in names if name in self.made]
        n, none = len(self.leaves), np.zeros(len(self.leaves))
        ends = sum((p.mean for p in parts), np.zeros((n, self.clock.years)))
        away = ends @ self.clock.paid
        away -= (ends * self.paid).sum(1)[:, None]
        for name in names:
            if name in self.away:
                away += self.away[name]
        weighted = self.leaves * away
        # What a part varies by itself grows with the time that the customer stays.
        by_time = sum((p.variance * (1 - p.after) for p in parts), none) * (weighted @ self.clock.stayed)
        weighted *= away
        return Cumulants(
            sum((self.means[name] for name in names), none),
            weighted.sum(1) + sum((p.variance * self._kept(p.after) for p in parts), none),
            np.einsum("ij,ij->i", weighted, away)
            + 3 * by_time
            + sum((p.third * self._kept(p.after) for p in parts), none),
        )

    def _kept(self, after: np.ndarray) -> np.ndarray:
        """Share of a part's own variation that is expected to come."""
        return after + (1 - after) * self.stayed
