"""Where the nine cells lie: means tied by axis, anchored on the prototypes, from which a cell may depart against a resistance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crmlab.segments.behaviour.catalogue import TIMES, TYPES, VALUES
from crmlab.segments.types.blocks import Block, Inverse, Sums

LOUDNESS, LOUDNESS_WORTH = 0.6, 0.02
"""Before anything is seen a prototype's + lies so many standard deviations above its 0; the share of the customers that is worth."""
TINY = 1e-6
"""Keeps the equations solvable where the axes' columns repeat each other."""


@dataclass(frozen=True)
class TiedMeans:
    """The prior on the means; `step` maximises it together with the likelihood.

    The mean of feature f in cell k is c_f + l_f p_kf + t_f(time of k) + v_f(value of k) + d_kf. p are the `prototypes` (9, features), l how loud the
    feature speaks, which is learnt for each and may turn out negative; t and v are drawn towards 0 by a prior worth `anchor` · n customers
    in every cell, d, for as long as it is free, by one worth `cell_resistance` · n.
    """

    anchor: float
    cell_resistance: float
    prototypes: np.ndarray

    def start(self) -> np.ndarray:
        """(9, features) the prototypes around the mean customer."""
        return LOUDNESS * _centred(self.prototypes)

    def step(
        self, block: Block, found: Sums, covariance: np.ndarray, inverse: Inverse, n: int, relaxed: bool
    ) -> np.ndarray:
        """(9, f) means of the block's features, by generalised least squares of what each pattern knows."""
        pure = _centred(self.prototypes)[:, block.columns]
        f, n_axes = pure.shape[1], _AXES.shape[1]
        free = 2 + n_axes + (len(TYPES) if relaxed else 0)
        design = np.ones((len(TYPES), free, f))
        design[:, 1] = pure
        design[:, 2 : 2 + n_axes] = _AXES[:, :, None]
        weight = np.zeros((free, free))
        weight[2 : 2 + n_axes, 2 : 2 + n_axes] = self.anchor * n * _AXES.T @ _AXES
        if relaxed:
            design[:, 2 + n_axes :] = np.eye(len(TYPES))[:, :, None]
            weight[2 + n_axes :, 2 + n_axes :] = self.cell_resistance * n * np.eye(len(TYPES))
        worth = np.full((free, f), TINY * n)
        worth[1] = LOUDNESS_WORTH * n * (pure**2).sum(axis=0)
        prior = weight[:, None, :, None] * np.linalg.inv(covariance)[None, :, None, :]
        left = np.diag(worth.ravel()) + prior.reshape(free * f, free * f)
        right = np.zeros((free, f))
        right[1] = worth[1] * LOUDNESS
        # what is known of each type: its customers' precisions together
        precision = (found.n.T @ inverse.precision.reshape(-1, f * f)).reshape(len(TYPES), f, f)
        weighed = (
            (design[..., None] * precision[:, None]).transpose(3, 1, 2, 0).reshape(f, free * f, len(TYPES))
        )
        known = (weighed @ design.transpose(2, 0, 1)).reshape(f, free, f, free).transpose(1, 2, 3, 0)
        left += known.reshape(free * f, free * f)
        right += (design * (found.x @ inverse.precision).sum(axis=0)[:, None, :]).sum(axis=0)
        solved = np.linalg.solve(left, right.ravel()).reshape(free, f)
        return (design * solved).sum(axis=1)


def _centred(table: np.ndarray) -> np.ndarray:
    return table - table.mean(axis=0)


_AXES = _centred(np.array([[float(axis in cell) for axis in TIMES + VALUES] for cell in TYPES.values()]))
"""(9, 6) which time and which value each type has, around the mean type."""
