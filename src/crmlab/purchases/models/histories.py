"""Purchase histories: what models are fitted to, checked row by row and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crmlab.files import CrmlabError


class InputError(CrmlabError, ValueError):
    """Numbers no model can be fitted to: the message says which rows, why, and what to do.

    Examples
    --------
    >>> from crmlab.purchases import MBGNBD
    >>> MBGNBD().fit(frequency=[1, 2], recency=[9.0, 5.0], T=[8.0, 8.0])
    Traceback (most recent call last):
    crmlab.purchases.models.histories.InputError: recency exceeds T in 1 of 2 rows (first: row 0); leave out purchases after ...
    """


class DegenerateFit(UserWarning):
    """A fit without a usable maximum: the message says why, and what to do instead.

    Examples
    --------
    >>> import warnings
    >>> from crmlab.purchases import MBGNBD
    >>> with warnings.catch_warnings(record=True) as told:
    ...     warnings.simplefilter("always")
    ...     model = MBGNBD().fit(frequency=[0, 0, 0], recency=[0, 0, 0], T=[30, 60, 90])  # nobody came back
    >>> told[0].category.__name__, model.converged_
    ('DegenerateFit', False)
    """


def column(values: Any, name: str) -> np.ndarray:
    """One column as floats, missing as NaN; a list, an array or a Series of any numeric type, nullable ones too."""
    try:
        if hasattr(values, "to_numpy"):
            found = values.to_numpy(dtype=float, na_value=np.nan)
        else:
            found = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name}: numbers were expected ({error}); convert the column first") from error
    if found.ndim > 1:
        raise InputError(f"{name} has {found.ndim} dimensions; one number per customer was expected")
    return np.atleast_1d(found)


def refuse(bad: np.ndarray, what: str, remedy: str) -> None:
    """Raise, naming how many rows are bad and the first of them (counted from 0)."""
    n = int(np.count_nonzero(bad))
    if n:
        raise InputError(
            f"{what} in {n:,} of {len(bad):,} rows (first: row {int(np.argmax(bad)):,}); {remedy}"
        )


def same_length(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns at their common length (a single number is repeated); raises where lengths differ."""
    lengths = {name: len(values) for name, values in columns.items() if len(values) != 1}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {n:,}" for name, n in lengths.items())
        raise InputError(f"columns differ in length ({told}); give one number per customer in each")
    n = next(iter(lengths.values()), 1)
    return {name: np.broadcast_to(values, n) for name, values in columns.items()}


def checked(frequency: Any, recency: Any, T: Any, fitting: bool = True) -> tuple[np.ndarray, ...]:
    """Frequency, recency and T as float columns of one length, or an `InputError`.

    For a prediction T may be 0 (a customer won today); a fit learns nothing from such a row and refuses it.
    """
    columns = same_length(
        {
            "frequency": column(frequency, "frequency"),
            "recency": column(recency, "recency"),
            "T": column(T, "T"),
        }
    )
    for name, values in columns.items():
        refuse(np.isnan(values), f"{name} is missing", "drop these customers or find their dates")
        refuse(np.isinf(values), f"{name} is infinite", "drop these customers or mend their dates")
    x, t_x, age = columns.values()
    refuse(x < 0, "frequency is negative", "count repeat purchases, first one not included, at least 0")
    refuse(x != np.floor(x), "frequency is not whole", "count purchase days, not amounts")
    refuse(t_x < 0, "recency is negative", "it is the time from the first purchase to the last, at least 0")
    refuse(age < 0, "T is negative", "leave out customers won after the as-of date")
    if fitting:
        refuse(age == 0, "T is 0", "leave out customers won on the as-of date itself, they tell nothing yet")
    refuse(
        t_x > age,
        "recency exceeds T",
        "leave out purchases after the as-of date, and use one time unit for both",
    )
    refuse((x == 0) & (t_x > 0), "frequency is 0 but recency is not", "a one-time buyer's recency is 0")
    return x, t_x, age


def checked_weights(weights: Any, n: int) -> np.ndarray:
    """Weights as floats (1 each without any): finite, none negative, one per row."""
    if weights is None:
        return np.ones(n)
    found = column(weights, "weights")
    if len(found) != n:
        raise InputError(f"weights has {len(found):,} rows, the histories {n:,}; give one weight per row")
    refuse(~np.isfinite(found), "weights is missing or infinite", "give every row a finite weight")
    refuse(found < 0, "weights is negative", "a weight is a number of customers, at least 0")
    return found


def distinct_rows(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of one row of each kind, and for every row the number of its kind.

    Rows meet in a table by a mixture of their columns, which is several times faster than to sort them. Rows that meet a
    different one meet again by other bits of the mixture; the few that never find their own kind are sorted.

    Examples
    --------
    >>> found, kind = distinct_rows(np.array([1.0, 2.0, 1.0]), np.array([5.0, 5.0, 5.0]))
    >>> len(found), kind[0] == kind[2], kind[0] == kind[1]
    (2, np.True_, np.False_)
    """
    n = len(columns[0])
    key = _mixture(columns)
    bits = np.uint64(max(int(4 * n).bit_length(), 4))
    table = np.empty(1 << int(bits), np.int64)
    first = np.arange(n)
    rest = first
    for shift in (0, 13, 26):
        if not len(rest):
            break
        slot = ((key[rest] << np.uint64(shift)) >> (np.uint64(64) - bits)).astype(np.int64)
        table[slot] = rest
        met = table[slot]
        strange = np.zeros(len(rest), bool)
        for values in columns:
            strange |= values[rest] != values[met]
        first[rest[~strange]] = met[~strange]
        rest = rest[strange]
    if len(rest):
        order = rest[np.lexsort([values[rest] for values in columns])]
        starts = np.ones(len(order), bool)
        starts[1:] = np.any([values[order][1:] != values[order][:-1] for values in columns], axis=0)
        first[order] = order[starts][np.cumsum(starts) - 1]
    own = first == np.arange(n)
    return np.flatnonzero(own), (np.cumsum(own) - 1)[first]


def _mixture(columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """A 64-bit number for each row, equal for equal rows and nearly random otherwise (Steele et al. 2014, SplitMix64)."""
    key = np.zeros(len(columns[0]), np.uint64)
    for values in columns:
        key *= np.uint64(0x9E3779B97F4A7C15)
        key += (np.ascontiguousarray(values, float) + 0.0).view(np.uint64)
        key ^= key >> np.uint64(30)
        key *= np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(27)
        key *= np.uint64(0x94D049BB133111EB)
        key ^= key >> np.uint64(31)
    return key


@dataclass(frozen=True)
class Histories:
    """Distinct purchase histories and how many customers have each.

    `x` is frequency (repeat purchases), `t_x` recency (time of the last one), `T` the time since the first purchase;
    times are in the same unit and counted from a customer's first purchase. `n` is the sum of weights.
    """

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    weights: np.ndarray

    @classmethod
    def count(cls, frequency: Any, recency: Any, T: Any, weights: Any = None) -> Histories:
        """Check the histories of customers and count equal ones; raises `InputError`."""
        x, t_x, age = checked(frequency, recency, T)
        w = checked_weights(weights, len(x))
        if np.count_nonzero(w) == 0 or w.sum() <= 1:
            raise InputError(
                f"{w.sum():g} customers; four parameters need many, at least two: wait for more data"
            )
        found, kind = distinct_rows(x, t_x, age)
        w = np.bincount(kind, weights=w)
        used = w > 0
        return cls(x[found][used], t_x[found][used], age[found][used], w[used])

    @property
    def n(self) -> float:
        return float(self.weights.sum())

    @property
    def purchases(self) -> float:
        """Repeat purchases of all customers."""
        return float(self.weights @ self.x)

    def in_unit(self, unit: float) -> Histories:
        """The same histories with times counted in `unit`."""
        return Histories(self.x, self.t_x / unit, self.T / unit, self.weights)

    def thinned(self, about: int) -> Histories:
        """About so many customers, taken evenly and by weight."""
        total = np.cumsum(self.weights) * (about / self.n)
        taken = np.diff(np.floor(total), prepend=0.0)
        some = taken > 0
        return Histories(self.x[some], self.t_x[some], self.T[some], taken[some])

    def by_frequency(self) -> tuple[np.ndarray, np.ndarray]:
        """Each frequency that occurs, and the customers who have it."""
        if self.x.max() < 1e6:
            counts = np.bincount(self.x.astype(np.int64), weights=self.weights)
            found = np.flatnonzero(counts)
            return found.astype(float), counts[found]
        found, kind = np.unique(self.x, return_inverse=True)
        return found, np.bincount(kind, weights=self.weights)

    def chunks(self, rows: int) -> list[tuple[np.ndarray, ...]]:
        """Views of at most so many rows: short vectors stay in the cache, and BLAS on one thread."""
        columns = (self.x, self.t_x, self.T, self.weights)
        return [tuple(c[i : i + rows] for c in columns) for i in range(0, len(self.x), rows)]
