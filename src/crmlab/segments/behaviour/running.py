"""Sums that change from month to month, read as of any month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

MONTHS = 1 << 17
"""More than any month counted year * 12 + month: customer and month make one number that sorts like both."""


class RunningSum:
    """An amount, and the times it was counted, of each of `n` customers at the end of any month.

    Parameters
    ----------
    number, month : of each change, sorted by both; customers are numbered from 0, months year * 12 + month.
    amount, times : by how much each of the sums changes; whole numbers.

    Examples
    --------
    >>> bought = RunningSum(np.array([0, 0, 2]), np.array([24300, 24302, 24301]), np.array([5, -5, 7]), np.array([1, -1, 1]), n=3)
    >>> [bought.amount(month).tolist() for month in (24299, 24300, 24301, 24302)]
    [[0, 0, 0], [5, 0, 0], [5, 0, 7], [0, 0, 7]]
    """

    def __init__(self, number: np.ndarray, month: np.ndarray, amount: np.ndarray, times: np.ndarray, n: int):
        self._key = number * MONTHS + month
        self._of = np.arange(n) * MONTHS
        # a difference of two sums over all customers is one customer's sum, exactly: these are integers
        self._amount, self._times = (
            np.concatenate([[0], np.cumsum(c, dtype="int64")]) for c in (amount, times)
        )
        self._start = np.searchsorted(self._key, self._of)

    def amount(self, month: int) -> np.ndarray:
        """(n,) the amounts at the end of `month`."""
        return self._amount[self._end(month)] - self._amount[self._start]

    def times(self, month: int) -> np.ndarray:
        """(n,) how many are in the amounts at the end of `month`."""
        return self._times[self._end(month)] - self._times[self._start]

    def _end(self, month: int) -> np.ndarray:
        return np.searchsorted(self._key, self._of + month, side="right")


def running_sums(changes: pa.RecordBatchReader, n: int) -> dict[str, RunningSum]:
    """One sum per value of `what`, from rows what, number, month, amount, times sorted in this order."""
    table = changes.read_all()
    what = table["what"].combine_chunks().dictionary_encode()
    number, month, amount, times = (
        table[name].to_numpy().astype("int64") for name in ("number", "month", "amount", "times")
    )
    codes = np.asarray(what.indices)
    return {
        name: RunningSum(
            *(
                column[slice(*np.searchsorted(codes, [code, code + 1]))]
                for column in (number, month, amount, times)
            ),
            n=n,
        )
        for code, name in enumerate(what.dictionary.to_pylist())
    }
