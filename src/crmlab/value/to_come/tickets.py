"""Tickets to come: gamma-Poisson rates by the age and family of machines, drawn to each customer's own record."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from crmlab.faults.failures.poisson import shrunk
from crmlab.value.to_come.replacements import OLDEST, UNKNOWN

MOST_SHAPE = 1e4
"""Shape of the gamma distribution from which customers count as alike."""


class TicketRates(NamedTuple):
    """Tickets a machine-year by age (0 … OLDEST), a factor by family, and the shape of what differs between customers."""

    by_age: np.ndarray
    by_family: pd.Series
    shape: float


def expected_by(rates: TicketRates, family: pd.Series, age: np.ndarray) -> np.ndarray:
    """Tickets a year of machines of these families and ages."""
    factor = family.map(rates.by_family).fillna(1.0).to_numpy(float)
    return rates.by_age[np.clip(age, 0, OLDEST).astype(int)] * factor


def ticket_rates(machines: pd.DataFrame, cells: pd.DataFrame, calls: pd.DataFrame) -> TicketRates:
    """Rates from machine-years and the tickets in them.

    Parameters
    ----------
    machines : family. cells : from `replacements.exposures`. calls : from calls.sql; tickets that name no machine raise all
        rates alike.
    """
    on_machine = calls[calls.age.notna()]
    age = on_machine.age.clip(0, OLDEST).astype(int)
    years = cells.groupby("age").years.sum().reindex(range(OLDEST + 1), fill_value=0.0)
    n = on_machine.n.groupby(age).sum().reindex(range(OLDEST + 1), fill_value=0)
    overall = n.sum() / years.sum() if years.sum() else 0.0
    raised = calls.n.sum() / max(on_machine.n.sum(), 1)
    by_age = shrunk(n.astype(float), years, pd.Series("age", n.index)).fillna(overall).to_numpy(float)
    family = machines.family.to_numpy()[cells.row]
    expected = pd.Series(by_age[cells.age.to_numpy()] * cells.years.to_numpy()).groupby(family).sum()
    seen = on_machine.groupby("family").n.sum().reindex(expected.index, fill_value=0)
    factor = shrunk(seen.astype(float), expected, pd.Series("family", expected.index)).fillna(1.0)
    return TicketRates(by_age * raised, factor, np.inf)


def shape_of(n: np.ndarray, expected: np.ndarray) -> float:
    """Shape of the gamma distribution of customers' factors, by moments: E[(n − E)²] = E + E² / shape.

    >>> shape_of(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    10000.0
    >>> shape_of(np.array([0.0, 8.0]), np.array([4.0, 4.0])).round(2)
    np.float64(1.33)
    """
    weight = 1 / (1 + expected)  # large customers would else decide alone
    spread = (weight * ((n - expected) ** 2 - expected)).sum() / max((weight * expected**2).sum(), 1e-12)
    return 1 / np.clip(spread, 1 / MOST_SHAPE, 100)


def unknown_age(age: pd.Series) -> np.ndarray:
    """Ages in years, with a guess where they are not known."""
    return age.fillna(UNKNOWN).to_numpy(float)
