"""Means of nine types over the features of one source: prototype × loudness, what axes depart from it, and what cells do."""

from __future__ import annotations

import numpy as np

from crmlab.segments.behaviour.catalogue import TIMES, TYPES, VALUES

STRENGTH = 0.6
"""How far a pure type is expected to move a feature, in standard deviations."""
LOOSE = 0.02
"""What that expectation is worth, as a share of all customers."""
FREE = 1e-6
"""Worth of the prior of a feature's centre: none, but for the sake of features that are hardly known."""

_AXES = np.array([[float(axis in cell) for axis in (*TIMES, *VALUES)] for cell in TYPES.values()])
_AXES -= _AXES.mean(axis=0)


class Means:
    """Solves for the means of one block of features in an M-step.

    A mean is centre + loudness × prototype + departures of its two axes + departure of its cell, each with a Gaussian prior. The first
    two are worth next to nothing and `LOOSE` of all customers, the others `anchor` and `cell_resistance`.

    Parameters
    ----------
    pure : (9, f) prototypes of the block's features. n : customers.

    Attributes
    ----------
    at_first : (9, f) means to start from. loudness : (f,) of the latest solution.
    """

    def __init__(self, pure: np.ndarray, n: int, anchor: float, cell_resistance: float) -> None:
        self.pure = pure - pure.mean(axis=0)
        self.n, self.anchor, self.cell_resistance = n, anchor, cell_resistance
        self.at_first = STRENGTH * self.pure
        self.loudness = np.full(pure.shape[1], STRENGTH)

    def solve(
        self,
        counted: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
        precision: np.ndarray,
        with_cells: bool,
    ) -> np.ndarray:
        """(9, f) means that are likeliest, given the shares of the types.

        Parameters
        ----------
        counted : for each pattern of known features: (9,) customers, (9, f) sums of their scores, (f, f) precision of what is known.
        precision : (f, f) of all features; departures are held back in its measure. with_cells : cells may depart.
        """
        f = self.pure.shape[1]
        design = self._design(with_cells)
        q = design.shape[1]
        flat = design.reshape(len(TYPES), q * f)
        left, right = self._prior(q, precision)
        left = left.reshape(q, f, q, f)
        for n_type, sums, known in counted:
            left = left + ((flat * n_type[:, None]).T @ flat).reshape(q, f, q, f) * known[None, :, None, :]
            right = right + (design * (sums @ known)[:, None, :]).sum(axis=0)
        theta = np.linalg.solve(left.reshape(q * f, q * f), right.ravel()).reshape(q, f)
        self.loudness = theta[1]
        return (design * theta).sum(axis=1)

    def _design(self, with_cells: bool) -> np.ndarray:
        """(9, q, f): centre, prototype, six axes, and nine cells where they may depart."""
        f = self.pure.shape[1]
        columns = [np.ones((9, 1, f)), self.pure[:, None, :], np.repeat(_AXES[:, :, None], f, axis=2)]
        if with_cells:
            columns.append(np.repeat(np.eye(9)[:, :, None], f, axis=2))
        return np.concatenate(columns, axis=1)

    def _prior(self, q: int, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(q·f, q·f) worth of the priors, and (q, f) that worth times what they expect."""
        f = len(precision)
        worth = np.full((q, f), FREE * self.n)
        worth[1] += LOOSE * self.n * (self.pure**2).sum(axis=0)
        departs = np.zeros((q, q))
        departs[2:8, 2:8] = self.anchor * self.n * _AXES.T @ _AXES
        departs[8:, 8:] = self.cell_resistance * self.n * np.eye(q - 8)
        expected = np.zeros((q, f))
        expected[1] = STRENGTH
        return np.diag(worth.ravel()) + np.kron(departs, precision), worth * expected
