"""The nine value types as a Gaussian mixture of nine cells, time × perceived value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmlab.segments.behaviour.catalogue import (
    AXES,
    FEATURES,
    NAMES,
    SOURCES,
    TYPES,
    UNDETERMINED,
    prototypes,
)
from crmlab.segments.types.blocks import (
    Block,
    Inverse,
    blocks_of,
    covariance_step,
    log_constant,
    log_likelihoods,
    sums,
)
from crmlab.segments.types.doubt import MOST_ROWS, granted, scaled_to
from crmlab.segments.types.means import TiedMeans
from crmlab.segments.types.tempering import temper

MIN_CUSTOMERS = 50
"""Fewer customers of whom anything is known carry no mixture of nine."""
RELAXED_FROM = 1000
"""Fewer customers keep their cells tied."""
MAX_ROWS = 100_000
"""Customers a mixture is fitted on at most, drawn at random (seeded): more say nothing that these do not."""
MAX_ITER, TOLERANCE = 300, 1e-6
LEAST_WEIGHT = 1e-9
CHUNK = 65_536


class TooFew(ValueError):
    """The customers cannot be told apart: too few of them, or all alike.

    Examples
    --------
    >>> NineTypeMixture().fit(pd.DataFrame(0.0, index=range(500), columns=list(NAMES)))
    Traceback (most recent call last):
    crmlab.segments.types.mixture.TooFew: no feature tells these customers apart: all are missing, or the same for everybody
    """


class NineTypeMixture:
    """Which of the nine types each customer is, and how sure that is; without a single label.

    log p(x | type) is Gaussian with one covariance for all types, block-diagonal by source; missing features are integrated out, not
    imputed. Means are tied by axis and anchored on the prototypes (`TiedMeans`), weights are free, so that a type nobody has vanishes.
    After `relax_iter` steps of EM each cell may depart from its tied mean, unless there are fewer than 1,000 customers. Sources that
    share a cause beside the type agree more than the covariance says; the evidence counts `temper_` of what it would if they did not. And
    log-odds count `belief_` of what they come to, so that probabilities claim no more than replicates with a fifth of the prototypes
    wrong grant them (`crmlab.segments.types.doubt`).

    Parameters
    ----------
    anchor : worth of the prototypes in each cell, as a share of the customers. cell_resistance : the same of a cell's tied mean.
    relax_iter : steps of EM with tied cells. min_prob : a type less probable is undetermined. min_axis : and an axis, too, below this.
    belief : what log-odds count; default measured.

    Attributes
    ----------
    means_ : (9, features) DataFrame, NaN for features that tell nobody apart. weights_ : (9,) Series. covariances_ : one (f, f) DataFrame per
    source. temper_, belief_ : 0 to 1. log_likelihood_ : per customer, by step. n_iter_ : steps. relaxed_ : whether cells departed.

    Examples
    --------
    Two hundred customers of each type, as pure as they come but for noise.

    >>> rng = np.random.default_rng(0)
    >>> kinds = np.repeat(list(TYPES), 200)
    >>> scores = prototypes().loc[kinds].reset_index(drop=True) + rng.normal(0, 0.5, (1800, len(NAMES)))
    >>> mixture = NineTypeMixture(belief=1.0).fit(scores)
    >>> bool((mixture.predict(scores) == kinds).mean() > 0.9)
    True
    >>> mixture.labels(mixture.predict_proba(scores.head(1)))[["type", "axis"]].values.tolist()
    [['traditionalist', '']]
    """

    def __init__(
        self,
        anchor: float = 0.15,
        cell_resistance: float = 0.1,
        relax_iter: int = 25,
        min_prob: float = 0.6,
        min_axis: float = 0.7,
        belief: float | None = None,
    ):
        self.anchor = anchor
        self.cell_resistance = cell_resistance
        self.relax_iter = relax_iter
        self.min_prob = min_prob
        self.min_axis = min_axis
        self.belief = belief

    def fit(
        self,
        scores: pd.DataFrame,
        y: Sequence[str | None] | None = None,
        pure: pd.DataFrame | None = None,
    ) -> NineTypeMixture:
        """Fit on `scores` (n, features), best those of `ValueScorer.fit_transform`.

        Parameters
        ----------
        y : (n,) an analyst's type of each customer, missing where there is none; those customers are of that type.
        pure : (9, features) prototypes; default the catalogue's.

        Raises
        ------
        TooFew : no feature tells anybody apart, or fewer than 50 customers with any score. ValueError : a label that is no type.
        """
        x = scores[list(NAMES)].to_numpy(float)
        telling = _telling(x)
        if not telling.any():
            raise TooFew("no feature tells these customers apart: all are missing, or the same for everybody")
        rows = np.flatnonzero(np.isfinite(x[:, telling]).any(axis=1))
        if len(rows) < MIN_CUSTOMERS:
            raise TooFew(
                f"{len(rows)} customers with any score; {MIN_CUSTOMERS} are needed to tell nine types apart"
            )
        named = np.full(len(x), -1) if y is None else _numbers(y)
        if len(rows) > MAX_ROWS:
            rows = np.sort(np.random.default_rng(0).choice(rows, MAX_ROWS, replace=False))
            telling = _telling(x[rows])
        self._groups = [
            np.array(group)
            for source in SOURCES
            if (group := [j for j, f in enumerate(FEATURES) if f.source == source and telling[j]])
        ]
        self._pure = prototypes() if pure is None else pure
        self._em(x[rows], named[rows])
        known = np.concatenate(self._groups)
        self.temper_ = temper(x[rows][:, known], self._shares, self._means[:, known], self._covariances)
        del self._shares
        self.means_ = pd.DataFrame(np.nan, index=list(TYPES), columns=list(NAMES))
        self.means_.iloc[:, known] = self._means[:, known]
        self.weights_ = pd.Series(self._weights, index=list(TYPES))
        names = np.array(NAMES)
        self.covariances_ = {
            FEATURES[group[0]].source: pd.DataFrame(covariance, names[group], names[group])
            for group, covariance in zip(self._groups, self._covariances, strict=True)
        }
        self.belief_ = self._believed(scores.iloc[rows], named[rows]) if self.belief is None else self.belief
        return self

    def _believed(self, scores: pd.DataFrame, named: np.ndarray) -> float:
        """What log-odds may count, by replicates on some of the customers."""
        if len(scores) > MOST_ROWS:
            some = np.sort(np.random.default_rng(1).choice(len(scores), MOST_ROWS, replace=False))
            scores, named = scores.iloc[some], named[some]
        names = np.array([*TYPES, None], dtype=object)  # the last for those of number −1

        def again(rows: np.ndarray, pure: pd.DataFrame) -> np.ndarray:
            other = NineTypeMixture(self.anchor, self.cell_resistance, self.relax_iter, belief=1.0)
            try:
                other.fit(scores.iloc[rows], names[named[rows]], pure)
            except TooFew:  # of these customers, not of all
                return np.full((len(scores), len(TYPES)), np.nan)
            return other.predict_proba(scores).to_numpy()

        log_odds = self._log_odds(scores)
        best = log_odds.argmax(axis=1)
        return scaled_to(log_odds, best, granted(again, len(scores), best))

    def _log_odds(self, scores: pd.DataFrame) -> np.ndarray:
        """(n, 9) log-probability of each type but for a constant per customer, before it is asked how far to believe it."""
        x = scores[list(NAMES)].to_numpy(float)
        out = np.empty((len(x), len(TYPES)))
        for start in range(0, len(x), CHUNK):
            part = x[start : start + CHUNK]
            blocks = blocks_of(part, self._groups)
            evidence = log_likelihoods(blocks, self._means, self._inverses(blocks), len(part))
            out[start : start + CHUNK] = self.temper_ * evidence + np.log(self._weights)
        return out

    def _em(self, x: np.ndarray, named: np.ndarray) -> None:
        n, tied = len(x), TiedMeans(self.anchor, self.cell_resistance, self._pure.to_numpy())
        blocks = blocks_of(x, self._groups)
        self._means = tied.start()
        spread = np.nanvar(x[:, np.concatenate(self._groups)], axis=0)
        between = self._means[:, np.concatenate(self._groups)].var(axis=0)
        within = np.maximum(spread - between / 2, spread / 5)
        self._covariances = [
            np.diag(part) for part in np.split(within, np.cumsum([len(g) for g in self._groups])[:-1])
        ]
        self._weights = np.full(len(TYPES), 1 / len(TYPES))
        self.log_likelihood_, self.relaxed_ = [], False
        for step in range(1, MAX_ITER + 1):
            inverses = self._inverses(blocks)
            joint = log_likelihoods(blocks, self._means, inverses, n) + np.log(self._weights)
            self._shares, log_sum = _shares(joint)
            self._shares[named >= 0] = np.eye(len(TYPES))[named[named >= 0]]
            self.log_likelihood_.append((log_sum.sum() + log_constant(blocks, inverses)) / n)
            if step > self.relax_iter and not self.relaxed_ and n >= RELAXED_FROM:
                self.relaxed_ = True
            elif (
                step > self.relax_iter + 1 and self.log_likelihood_[-1] - self.log_likelihood_[-2] < TOLERANCE
            ):
                break
            self._weights = np.maximum(self._shares.mean(axis=0), LEAST_WEIGHT)
            self._weights /= self._weights.sum()
            for b, (block, inverse) in enumerate(zip(blocks, inverses, strict=True)):
                found, covariance = sums(block, self._shares), self._covariances[b]
                means = tied.step(block, found, covariance, inverse, n, self.relaxed_)
                self._means[:, block.columns] = means
                self._covariances[b] = covariance_step(block, found, means, covariance, inverse)
        self.n_iter_ = step

    def _inverses(self, blocks: list[Block]) -> list[Inverse]:
        return [block.inverse(own) for block, own in zip(blocks, self._covariances, strict=True)]

    def predict_proba(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 9) probability of each type; NaN where nothing is known."""
        known = np.isfinite(scores[list(NAMES)].to_numpy(float)[:, np.concatenate(self._groups)])
        out = _shares(self.belief_ * self._log_odds(scores))[0]
        out[~known.any(axis=1)] = np.nan
        return pd.DataFrame(out, index=scores.index, columns=list(TYPES))

    def axis_proba(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 6) probability of each axis: of its three types together."""
        return axis_probabilities(self.predict_proba(scores))

    def predict(self, scores: pd.DataFrame) -> pd.Series:
        """(n,) the type of each customer, or undetermined."""
        return self.labels(self.predict_proba(scores))["type"]

    def labels(self, proba: pd.DataFrame) -> pd.DataFrame:
        """type, axis, likeliest, p, runner_up of each row of probabilities (n, 9).

        `type` is the likeliest type where it reaches `min_prob`, else undetermined; `axis` then the likeliest axis where that reaches
        `min_axis`, empty otherwise. A row without probabilities is undetermined, and its likeliest, p and runner_up are missing.
        """
        names = np.array(list(TYPES), dtype=object)
        known = proba.notna().all(axis=1).to_numpy()
        order = np.argsort(-proba.fillna(0.0).to_numpy(), axis=1, kind="stable")
        p = proba.max(axis=1).to_numpy()
        sure = p >= self.min_prob
        by_axis = axis_probabilities(proba).fillna(0.0).to_numpy()
        axis = np.array(AXES, dtype=object)[by_axis.argmax(axis=1)]
        return pd.DataFrame(
            {
                "type": np.where(sure, names[order[:, 0]], UNDETERMINED),
                "axis": np.where(~sure & (by_axis.max(axis=1) >= self.min_axis), axis, ""),
                "likeliest": np.where(known, names[order[:, 0]], None),
                "p": p,
                "runner_up": np.where(known, names[order[:, 1]], None),
            },
            index=proba.index,
        )

    def explain(
        self, scores: pd.DataFrame, likeliest: Sequence[str | None], runner_up: Sequence[str | None]
    ) -> pd.DataFrame:
        """What each feature adds to the log-odds of one type against another; with `constant` the rows sum to log p(a)/p(b) exactly.

        Returns
        -------
        (n, features + 1) DataFrame: 0 where a feature is missing, `constant` the log-odds before anything is known; NaN where a type is.
        """
        x = scores[list(NAMES)].to_numpy(float)
        first, second = _numbers(likeliest), _numbers(runner_up)
        out = np.zeros((len(x), len(NAMES) + 1))
        blocks = blocks_of(x, self._groups)
        for block, inverse in zip(blocks, self._inverses(blocks), strict=True):
            own = self._means[:, block.columns]
            for pattern, precision in zip(block.patterns, inverse.precision, strict=True):
                towards = (precision @ own.T).T
                a, b = first[pattern.rows], second[pattern.rows]
                apart = pattern.x - (own[a] + own[b]) / 2
                out[np.ix_(pattern.rows, block.columns)] = (
                    self.belief_ * self.temper_ * apart * (towards[a] - towards[b])
                )
        out[:, -1] = self.belief_ * (np.log(self._weights)[first] - np.log(self._weights)[second])
        out[(first < 0) | (second < 0)] = np.nan
        return pd.DataFrame(out, index=scores.index, columns=[*NAMES, "constant"])


def axis_probabilities(proba: pd.DataFrame) -> pd.DataFrame:
    """(n, 6) sums of the probabilities (n, 9) of the types that each axis has; NaN where those are."""
    sides = {axis: [name for name, cell in TYPES.items() if axis in cell] for axis in AXES}
    return pd.DataFrame({axis: proba[names].sum(axis=1, skipna=False) for axis, names in sides.items()})


def _telling(x: np.ndarray) -> np.ndarray:
    """Which columns of (n, f) scores, NaN where missing, tell any two customers apart."""
    return np.array([np.ptp(c[np.isfinite(c)]) > 1e-9 if np.isfinite(c).any() else False for c in x.T])


def _shares(joint: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of exp(joint) that sum to 1, and the logarithms of what they summed to."""
    top = joint.max(axis=1, keepdims=True)
    shares = np.exp(joint - top)
    total = shares.sum(axis=1, keepdims=True)
    return shares / total, (top + np.log(total))[:, 0]


def _numbers(names: Sequence[str | None]) -> np.ndarray:
    """Numbers of types, −1 where missing."""
    given = pd.Series(list(names), dtype=object)
    found = given.map({name: k for k, name in enumerate(TYPES)})
    wrong = given[found.isna() & given.notna()]
    if len(wrong):
        raise ValueError(f"{wrong.iloc[0]!r} is no value type; those are {', '.join(TYPES)}")
    return found.fillna(-1).astype(int).to_numpy()
