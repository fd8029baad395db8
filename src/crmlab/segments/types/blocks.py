"""Customers of whom only some features are known, under a covariance that is block-diagonal by source.

What is missing is integrated out exactly: for the likelihood of a customer only the features that are known of it count. Blocks are
independent, so it is enough to tell within each which of its features are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

COVARIANCE_PRIOR = 20.0
"""Customers that the prior is worth which draws a block's covariances, not its variances, towards zero."""
LEAST_VARIANCE = 0.05
"""Below it a feature would be known all but exactly from the type."""


@dataclass(frozen=True)
class Pattern:
    """The customers of whom the same features of one source are known.

    known : (f,) which. rows : (n,) their positions. x : (n, f) their scores, 0 where missing.
    """

    known: np.ndarray
    rows: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Block:
    """The features of one source: their positions, and the p patterns in which they are known."""

    columns: np.ndarray
    patterns: list[Pattern]

    @cached_property
    def known(self) -> np.ndarray:
        """(p, f) which features each pattern knows."""
        known = [pattern.known for pattern in self.patterns]
        return np.array(known, dtype=bool).reshape(-1, len(self.columns))

    @cached_property
    def sizes(self) -> np.ndarray:
        """(p,) customers."""
        return np.array([len(pattern.rows) for pattern in self.patterns])

    @cached_property
    def xx(self) -> np.ndarray:
        """(p, f, f) sum of x xᵀ."""
        return np.array([pattern.x.T @ pattern.x for pattern in self.patterns])

    def inverse(self, covariance: np.ndarray) -> Inverse:
        """Of the covariance (f, f) of what each pattern knows."""
        both = self.known[:, :, None] & self.known[:, None, :]
        filled = np.where(both, covariance, np.eye(len(covariance)))  # what is missing stands by itself
        return Inverse(np.linalg.inv(filled) * both, np.linalg.slogdet(filled)[1])


@dataclass(frozen=True)
class Inverse:
    """precision : (p, f, f) inverse of the covariance of what is known, 0 in all other rows and columns. log_det : (p,) of that covariance."""

    precision: np.ndarray
    log_det: np.ndarray


@dataclass(frozen=True)
class Sums:
    """What a step of EM needs of the customers, by pattern and type: n (p, 9), and x (p, 9, f) the sums of their scores."""

    n: np.ndarray
    x: np.ndarray


def blocks_of(x: np.ndarray, groups: list[np.ndarray]) -> list[Block]:
    """The columns of `x` (n, features), NaN where missing, by the groups they belong to."""
    return [Block(columns, _patterns(x[:, columns])) for columns in groups]


def _patterns(x: np.ndarray) -> list[Pattern]:
    known = np.isfinite(x)
    code = known @ (1 << np.arange(x.shape[1]))
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order], prepend=-1))
    return [
        Pattern(known[rows[0]], rows, np.where(known[rows], x[rows], 0.0))
        for rows in np.split(order, starts[1:])
        if len(rows) and code[rows[0]]
    ]


def log_likelihoods(blocks: list[Block], means: np.ndarray, inverses: list[Inverse], n: int) -> np.ndarray:
    """(n, 9) log-likelihood of each customer under each type, but for what is the same for all types."""
    out = np.zeros((n, len(means)))
    for block, inverse in zip(blocks, inverses, strict=True):
        own = means[:, block.columns].T
        towards = inverse.precision @ own
        middle = 0.5 * (own * towards).sum(axis=1)
        for p, pattern in enumerate(block.patterns):
            out[pattern.rows] += pattern.x @ towards[p] - middle[p]
    return out


def log_constant(blocks: list[Block], inverses: list[Inverse]) -> float:
    """What `log_likelihoods` leaves out, summed over all customers."""
    total = 0.0
    for block, inverse in zip(blocks, inverses, strict=True):
        spread = (inverse.precision * block.xx).sum()
        volume = block.sizes @ (block.known.sum(axis=1) * np.log(2 * np.pi) + inverse.log_det)
        total -= 0.5 * (spread + volume)
    return float(total)


def sums(block: Block, shares: np.ndarray) -> Sums:
    """Sums over customers, each counted for a type by its share (n, 9)."""
    own = [shares[pattern.rows] for pattern in block.patterns]
    return Sums(
        np.array([share.sum(axis=0) for share in own]),
        np.array([share.T @ pattern.x for share, pattern in zip(own, block.patterns, strict=True)]),
    )


def covariance_step(
    block: Block, found: Sums, means: np.ndarray, covariance: np.ndarray, inverse: Inverse
) -> np.ndarray:
    """The covariance within types, of customers of whom any feature of the block is known.

    What is missing adds its conditional mean and covariance (EM).
    """
    known = means * block.known[:, None, :]
    cross = found.x.swapaxes(1, 2) @ known
    around = (found.n[:, :, None] * known).swapaxes(1, 2) @ known
    within = block.xx - cross - cross.swapaxes(1, 2) + around
    fill = covariance @ inverse.precision
    missing = block.sizes[:, None, None] * (covariance - fill @ covariance)
    n = block.sizes.sum()
    step = (fill @ within @ fill.swapaxes(1, 2) + missing).sum(axis=0) / n
    variance = np.maximum(np.diag(step), LEAST_VARIANCE)
    step = step * n / (n + COVARIANCE_PRIOR)
    np.fill_diagonal(step, variance)
    return (step + step.T) / 2
