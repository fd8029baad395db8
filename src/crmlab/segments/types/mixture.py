"""The nine value types as a Gaussian mixture of nine cells, time × perceived value, in the space of the feature scores."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import (
    FEATURES,
    NAMES,
    SOURCES,
    TIMES,
    TYPES,
    UNDETERMINED,
    VALUES,
    prototypes,
)
from crmlab.segments.types.blocks import Block, blocks_of, precision
from crmlab.segments.types.doubt import granted, scaled_to
from crmlab.segments.types.means import Means

MIN_CUSTOMERS = 50
"""Customers of whom anything is known, below which nine types cannot be told apart."""
MIN_RELAXED = 1_000
"""Below so many the means stay tied to their axes: too few customers to give each of nine cells a place of its own."""
MOST_ROWS = 100_000
"""Customers on which the mixture is fitted; more make its means no better than they have to be."""
JUDGED = 5_000
"""Customers on whom doubt is measured."""
COVARIANCE_PRIOR = 20.0
"""Customers that the prior of a diagonal covariance is worth."""
LEAST_VARIANCE = 0.05
_TOLERANCE, _MOST_STEPS = 1e-5, 200


class NineTypeMixture:
    """One Gaussian component per value type, anchored on its prototype.

    Log-odds of two types are linear in the scores, so that every probability can be taken apart feature by feature (`explain`).

    - Features of one source share their accidents, those of different sources do not: one covariance for all types, block-diagonal by
      source. A customer's missing features are integrated out, never filled in.
    - A type's mean is the prototype times a loudness of each feature, plus what its two axes depart from that, plus, from
      `MIN_RELAXED` customers and `relax_iter` EM steps on, what its own cell departs. Departures are held back by a prior worth `anchor` and
      `cell_resistance` of all customers, so that a component stays what its name says. Weights are free: a type nobody has vanishes.
    - Its evidence counts for as much as replicates with a fifth of the prototypes wrong grant it (`crmlab.segments.types.doubt`).

    Parameters
    ----------
    anchor, cell_resistance : worth of the two priors, as shares of all customers. relax_iter : EM steps with means tied to their axes.
    min_prob, min_axis : a type, or an axis, less probable is undetermined.
    doubt : measure how far to believe the probabilities; without it they are taken as they come.

    Attributes
    ----------
    means_ : (9, 27) mean scores, NaN for features that tell nobody apart. loudness_ : (27,) how far a pure type moves each feature.
    weights_ : (9,) shares of the types. covariances_ : one per source. n_iter_ : EM steps. relaxed_ : cells departed from their axes.
    temper_ : 0 to 1, the share of the evidence that counts.

    Source: the types are the seed's; the operationalisation is this package's own (docs/methods.md).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> kind = rng.choice(["reckoner", "pioneer"], 300)
    >>> scores = prototypes().loc[kind] * 0.7 + rng.normal(0, 0.7, (300, len(NAMES)))
    >>> found = NineTypeMixture(doubt=False).fit(scores.reset_index(drop=True)).predict(scores.reset_index(drop=True))
    >>> bool((found == kind).mean() > 0.95)
    True
    """

    def __init__(
        self,
        anchor: float = 0.15,
        cell_resistance: float = 0.1,
        relax_iter: int = 25,
        min_prob: float = 0.6,
        min_axis: float = 0.7,
        doubt: bool = True,
    ) -> None:
        self.anchor = anchor
        self.cell_resistance = cell_resistance
        self.relax_iter = relax_iter
        self.min_prob = min_prob
        self.min_axis = min_axis
        self.doubt = doubt

    def fit(
        self, scores: pd.DataFrame, y: pd.Series | None = None, pure: pd.DataFrame | None = None
    ) -> NineTypeMixture:
        """Fit by EM.

        Parameters
        ----------
        scores : (n, 27) from `ValueScorer.fit_transform`, NaN where missing.
        y : types that analysts named, in the order of `scores`; missing for all others. They are not questioned.
        pure : (9, 27) prototypes; default the catalogue's.

        Raises
        ------
        ValueError : fewer than `MIN_CUSTOMERS` customers with any score, or no feature that tells them apart.
        """
        x = scores[list(NAMES)].to_numpy(float)
        telling = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in x.T])
        rows = np.flatnonzero(np.isfinite(x[:, telling]).any(axis=1))
        if len(rows) < MIN_CUSTOMERS:
            raise ValueError(
                f"{len(rows)} customers with a score that differs between them; at least {MIN_CUSTOMERS} are needed for nine types"
            )
        if len(rows) > MOST_ROWS:
            rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
        pure = prototypes() if pure is None else pure
        named = np.full(len(x), -1) if y is None else _numbers(y)
        self._em(x[rows], named[rows], telling, pure.to_numpy())
        self.temper_ = self._believed(scores.iloc[rows], named[rows]) if self.doubt else 1.0
        return self

    def _em(self, x: np.ndarray, named: np.ndarray, telling: np.ndarray, pure: np.ndarray) -> None:
        sources = np.array([feature.source for feature in FEATURES])
        groups = [np.flatnonzero(telling & (sources == source)) for source in SOURCES]
        self.groups_ = [group for group in groups if len(group)]
        blocks = blocks_of(x, self.groups_)
        means = [Means(pure[:, b.columns], len(x), self.anchor, self.cell_resistance) for b in blocks]
        spread = [np.nanvar(x[:, b.columns], axis=0) for b in blocks]
        self._at = [m.at_first for m in means]
        self.covariances_ = [
            np.diag(np.maximum(v - 0.5 * at.var(axis=0), 0.2 * v))
            for v, at in zip(spread, self._at, strict=True)
        ]
        self.weights_ = np.full(len(TYPES), 1 / len(TYPES))
        can_relax = len(x) >= MIN_RELAXED
        self.relaxed_, bound = False, -np.inf
        for step in range(1, _MOST_STEPS + 1):
            share, reached = self._expect(blocks, named)
            if reached - bound < _TOLERANCE and (self.relaxed_ or not can_relax or step <= self.relax_iter):
                if self.relaxed_ or not can_relax:
                    break
            bound = reached
            self.relaxed_ = can_relax and step > self.relax_iter
            self._maximise(blocks, means, share)
        self.n_iter_ = step
        self.means_ = np.full((len(TYPES), len(NAMES)), np.nan)
        self.loudness_ = np.full(len(NAMES), np.nan)
        for block, at, m in zip(blocks, self._at, means, strict=True):
            self.means_[:, block.columns], self.loudness_[block.columns] = at, m.loudness

    def _expect(self, blocks: list[Block], named: np.ndarray) -> tuple[np.ndarray, float]:
        """Shares of the types in each customer, and the mean log-likelihood of a customer."""
        n = len(named)
        logit = np.zeros((n, len(TYPES))) + np.log(self.weights_ + 1e-300)
        fixed = 0.0
        for block, covariance, at in zip(blocks, self.covariances_, self._at, strict=True):
            for p in block.patterns:
                inverse = precision(covariance, p.known)
                logit[p.rows] += _evidence(p.x, at, inverse)
                seen = covariance[np.ix_(p.known, p.known)]
                fixed -= (
                    0.5 * (inverse * p.xx).sum() + 0.5 * len(p.rows) * np.linalg.slogdet(2 * np.pi * seen)[1]
                )
        top = logit.max(axis=1, keepdims=True)
        share = np.exp(logit - top)
        total = share.sum(axis=1, keepdims=True)
        reached = (fixed + top.sum() + np.log(total).sum()) / n
        share /= total
        share[named >= 0] = np.eye(len(TYPES))[named[named >= 0]]
        return share, reached

    def _maximise(self, blocks: list[Block], means: list[Means], share: np.ndarray) -> None:
        self.weights_ = share.mean(axis=0)
        for b, (block, m) in enumerate(zip(blocks, means, strict=True)):
            covariance = self.covariances_[b]
            counted = []
            for p in block.patterns:
                part = share[p.rows]
                counted.append((part.sum(axis=0), part.T @ p.x, precision(covariance, p.known)))
            at = self._at[b] = m.solve(counted, np.linalg.inv(covariance), self.relaxed_)
            scatter = np.zeros_like(covariance)
            for p, (n_type, sums, inverse) in zip(block.patterns, counted, strict=True):
                seen = at * p.known
                within = p.xx - sums.T @ seen - seen.T @ sums + (n_type[:, None] * seen).T @ seen
                onto = covariance @ inverse  # what the known features say of the missing ones
                scatter += onto @ within @ onto.T + len(p.rows) * (covariance - onto @ covariance)
            self.covariances_[b] = _with_prior(scatter, block.n)

    def _believed(self, scores: pd.DataFrame, named: np.ndarray) -> float:
        n = len(scores)
        some = (
            np.arange(n)
            if n <= JUDGED
            else np.sort(np.random.default_rng(1).choice(n, JUDGED, replace=False))
        )
        scores, named = scores.iloc[some], named[some]
        names = np.array(list(TYPES), dtype=object)
        y = pd.Series(np.where(named >= 0, names[named], None), dtype=object)

        def again(rows: np.ndarray, pure: pd.DataFrame) -> pd.DataFrame:
            other = NineTypeMixture(self.anchor, self.cell_resistance, self.relax_iter, doubt=False)
            return other.fit(scores.iloc[rows], y.iloc[rows], pure).predict_proba(scores)

        evidence, weights = self._logit(scores), np.log(self.weights_ + 1e-300)
        best = (evidence + weights).argmax(axis=1)
        return scaled_to(evidence, weights, best, granted(again, len(scores), best))

    def _logit(self, scores: pd.DataFrame) -> np.ndarray:
        """(n, 9) evidence for each type, without its weight."""
        x = scores[list(NAMES)].to_numpy(float)
        out = np.zeros((len(x), len(TYPES)))
        for block, covariance, at in zip(
            blocks_of(x, self.groups_), self.covariances_, self._at, strict=True
        ):
            for p in block.patterns:
                out[p.rows] += _evidence(p.x, at, precision(covariance, p.known))
        return out

    def predict_proba(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 9) probability of each type, columns list(TYPES); NaN where no feature is known."""
        logit = self.temper_ * self._logit(scores) + np.log(self.weights_ + 1e-300)
        share = np.exp(logit - logit.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        known = np.isfinite(scores[list(NAMES)].to_numpy(float)[:, np.concatenate(self.groups_)]).any(axis=1)
        return pd.DataFrame(np.where(known[:, None], share, np.nan), index=scores.index, columns=list(TYPES))

    def axis_proba(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 6) probability of each axis, the sum over its types."""
        return axes_of(self.predict_proba(scores))

    def labels(self, probabilities: pd.DataFrame) -> pd.DataFrame:
        """What is said of each customer of whom `predict_proba` gives `probabilities`.

        Returns
        -------
        type : the likeliest where it reaches `min_prob`, else undetermined. axis : of the undetermined the one axis, or the likelier
        of two, whose probability reaches `min_axis`. likeliest, p, runner_up : the best guess, its probability, and the second best.
        """
        order = np.argsort(-probabilities.fillna(0.0).to_numpy(), axis=1, kind="stable")
        names = np.array(list(TYPES), dtype=object)
        known, p = probabilities.notna().all(axis=1), probabilities.max(axis=1)
        axes = axes_of(probabilities).fillna(0.0)
        table = pd.DataFrame(
            {"likeliest": names[order[:, 0]], "runner_up": names[order[:, 1]], "p": p},
            index=probabilities.index,
        )
        table[["likeliest", "runner_up"]] = table[["likeliest", "runner_up"]].where(known)
        certain = axes.idxmax(axis=1).where(axes.max(axis=1) >= self.min_axis)
        table["type"] = table["likeliest"].where(p >= self.min_prob, UNDETERMINED)
        table["axis"] = certain.astype(object).where(table["type"] == UNDETERMINED)
        return table

    def predict(self, scores: pd.DataFrame) -> pd.Series:
        """The type of each customer, or undetermined."""
        return self.labels(self.predict_proba(scores))["type"]

    def explain(self, scores: pd.DataFrame, types: pd.Series, against: pd.Series) -> pd.DataFrame:
        """What each feature adds to the log-odds of `types` against `against`; rows add up to them exactly.

        Parameters
        ----------
        scores : (n, 27). types, against : a type for each row.

        Returns
        -------
        (n, 28) one column per feature, NaN where it is missing, and `weight`: what the shares of the two types among all customers add.
        """
        x = scores[list(NAMES)].to_numpy(float)
        one, two = _numbers(types), _numbers(against)
        out = np.full(x.shape, np.nan)
        for block, covariance, at in zip(
            blocks_of(x, self.groups_), self.covariances_, self._at, strict=True
        ):
            for p in block.patterns:
                a, b = at[one[p.rows]], at[two[p.rows]]
                adds = (p.x - (a + b) / 2 * p.known) * ((a - b) @ precision(covariance, p.known))
                out[np.ix_(p.rows, block.columns[p.known])] = self.temper_ * adds[:, p.known]
        weights = np.log(self.weights_ + 1e-300)
        table = pd.DataFrame(out, index=scores.index, columns=list(NAMES))
        return table.assign(weight=weights[one] - weights[two])


def axes_of(probabilities: pd.DataFrame) -> pd.DataFrame:
    """(n, 6) probability of each axis from those of the nine types, NaN where they are."""
    sums = {
        axis: probabilities[[t for t, cell in TYPES.items() if axis in cell]].sum(axis=1, min_count=1)
        for axis in (*TIMES, *VALUES)
    }
    return pd.DataFrame(sums, index=probabilities.index)


def _evidence(x: np.ndarray, at: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """(n, 9) log density of each type but for what all types share; `x` is 0 where a feature is missing."""
    seen = inverse @ at.T
    return x @ seen - 0.5 * (at.T * seen).sum(axis=0)


def _with_prior(scatter: np.ndarray, n: int) -> np.ndarray:
    """A covariance from its scatter, drawn towards its diagonal so that few customers or equal features do no harm."""
    covariance = scatter / max(n, 1)
    diagonal = np.maximum(np.diag(covariance), LEAST_VARIANCE)
    covariance = (n * covariance + COVARIANCE_PRIOR * np.diag(diagonal)) / (n + COVARIANCE_PRIOR)
    covariance[np.diag_indices(len(diagonal))] = diagonal
    return (covariance + covariance.T) / 2


def _numbers(types: pd.Series) -> np.ndarray:
    """The place of each type among the nine, −1 for none."""
    place = {name: k for k, name in enumerate(TYPES)}
    return pd.Series(types, dtype=object).map(place).fillna(-1).to_numpy(int)
