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

    @cached_property
    def xx(self) -> np.ndarray:
        """(f, f) sum of x xᵀ."""
        return self.x.T @ self.x

    def precision(self, covariance: np.ndarray) -> np.ndarray:
        """(f, f) inverse of the covariance of what is known, 0 in all other rows and columns."""
        out = np.zeros_like(covariance)
        at = np.ix_(self.known, self.known)
        out[at] = np.linalg.inv(covariance[at])
        return out

    def log_constant(self, covariance: np.ndarray, precision: np.ndarray) -> float:
        """What all customers together add to the log-likelihood whatever their type."""
        f = self.known.sum()
        log_det = np.linalg.slogdet(covariance[np.ix_(self.known, self.known)])[1]
        return float(
            -0.5 * (precision * self.xx).sum() - 0.5 * len(self.rows) * (f * np.log(2 * np.pi) + log_det)
        )


@dataclass(frozen=True)
class Block:
    """The features of one source: their positions, and the patterns in which they are known."""

    columns: np.ndarray
    patterns: list[Pattern]


@dataclass(frozen=True)
class Sums:
    """What a step of EM needs of the customers of one pattern: n (9,) by type, x (9, f) the sums of their scores, and the precision."""

    n: np.ndarray
    x: np.ndarray
    precision: np.ndarray


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


def log_likelihoods(
    blocks: list[Block], means: np.ndarray, covariances: list[np.ndarray], n: int
) -> np.ndarray:
    """(n, 9) log-likelihood of each customer under each type, but for what is the same for all types."""
    out = np.zeros((n, len(means)))
    for block, covariance in zip(blocks, covariances, strict=True):
        own = means[:, block.columns]
        for pattern in block.patterns:
            towards = pattern.precision(covariance) @ own.T
            out[pattern.rows] += pattern.x @ towards - 0.5 * (own.T * towards).sum(axis=0)
    return out


def log_constant(blocks: list[Block], covariances: list[np.ndarray]) -> float:
    """What `log_likelihoods` leaves out, summed over all customers."""
    return sum(
        pattern.log_constant(covariance, pattern.precision(covariance))
        for block, covariance in zip(blocks, covariances, strict=True)
        for pattern in block.patterns
    )


def sums(block: Block, shares: np.ndarray, covariance: np.ndarray) -> list[Sums]:
    """Per pattern the sums over its customers, each counted for a type by its share (n, 9)."""
    found = []
    for pattern in block.patterns:
        own = shares[pattern.rows]
        found.append(Sums(own.sum(axis=0), own.T @ pattern.x, pattern.precision(covariance)))
    return found


def covariance_step(block: Block, found: list[Sums], means: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """The covariance within types, of customers of whom any feature of the block is known.

    What is missing adds its conditional mean and covariance (EM).
    """
    total, n = np.zeros_like(covariance), 0
    for pattern, one in zip(block.patterns, found, strict=True):
        known = means * pattern.known
        within = pattern.xx - one.x.T @ known - known.T @ one.x + (one.n[:, None] * known).T @ known
        fill = covariance @ one.precision
        total += fill @ within @ fill.T + len(pattern.rows) * (covariance - fill @ covariance)
        n += len(pattern.rows)
    step = total / n
    variance = np.maximum(np.diag(step), LEAST_VARIANCE)
    step = step * n / (n + COVARIANCE_PRIOR)
    np.fill_diagonal(step, variance)
    return (step + step.T) / 2
