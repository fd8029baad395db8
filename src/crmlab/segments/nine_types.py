"""The nine value types as a Gaussian mixture on the six axis scores, and the plain line beside it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from crmlab.segments.features import AXES, TIMES, VALUES

TYPES: dict[str, tuple[str, str]] = {
    "traditionalist": ("past", "functional"),
    "reckoner": ("past", "economic"),
    "nostalgic": ("past", "psychological"),
    "pragmatist": ("present", "functional"),
    "bargain-seeker": ("present", "economic"),
    "status-seeker": ("present", "psychological"),
    "pioneer": ("future", "functional"),
    "planner": ("future", "economic"),
    "perfectionist": ("future", "psychological"),
}
"""The seed's nine types, each a cell of time × perceived value."""

UNDETERMINED = "undetermined"


def probability_column(name: str) -> str:
    """The column that holds the probability of type `name`: "bargain-seeker" → "p_bargain_seeker"."""
    return "p_" + name.replace("-", "_")


AMPLITUDE = 1.5
"""Distance between a prototype and its opposite, in reliable standard deviations. If types alone made features agree
this would be 2.1; part of the agreement has other causes, and 1.5 gave honest probabilities in simulated companies."""

MIN_CUSTOMERS = 50
"""Fewer customers with full scores than this carry no mixture of nine."""


def prototypes() -> pd.DataFrame:
    """(9, 6) where a pure example of each type would lie: one standard deviation out on its two axes.

    Past and future pull apart: what speaks for one speaks against the other.
    """
    rows = {}
    for name, (time, value) in TYPES.items():
        point = dict.fromkeys(AXES, 0.0) | {time: 1.0, value: 1.0}
        if time != "present":
            point["future" if time == "past" else "past"] = -1.0
        rows[name] = point
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(AXES))


def starting_means(reliability: pd.Series) -> pd.DataFrame:
    """(9, 6) where the components start: the prototypes around the mean customer, as far out as each axis allows.

    Scores have unit variance, of which only the reliable share can come from types: an axis whose features do not
    agree must not tell types apart by its noise. Where every score is missing or noise, all nine coincide.
    """
    pure = prototypes()
    return (pure - pure.mean()) * AMPLITUDE * np.sqrt(reliability)


def argmax_types(scores: pd.DataFrame) -> pd.Series:
    """The literal reading, kept as the line to beat: the highest time axis crossed with the highest value axis.

    A customer with a score missing on either side is undetermined.
    """
    cell = {cell: name for name, cell in TYPES.items()}
    known = scores.notna().all(axis=1)
    named = pd.Series(UNDETERMINED, index=scores.index, dtype=object)
    full = scores[known]
    if len(full):
        times, values = full[list(TIMES)].idxmax(axis=1), full[list(VALUES)].idxmax(axis=1)
        named[known] = [cell[pair] for pair in zip(times, values, strict=True)]
    return named


class NineTypeMixture:
    """scikit-learn's Gaussian mixture with one component per type, started at the prototypes.

    One covariance is shared by all. Each type starts as far from the mean customer as the reliability of the axes
    allows. EM runs a step at a time and stops before a step that would leave some type's mean nearest to another
    type's start (by direction): past it the component would no longer be what its name says. A customer with some
    scores missing is judged on those that are known (the others integrated out), so less evidence makes a flatter
    probability; nothing is imputed. Fitted on customers with all scores.

    Parameters
    ----------
    min_prob : probability below which a customer is left undetermined.
    max_iter : EM steps at most.

    Attributes
    ----------
    means_ : (9, 6) DataFrame. covariance_ : (6, 6) array. weights_ : (9,) array. n_iter_ : EM steps kept.
    wandered_ : the type whose component would have left its cell at the next step, or None.
    axes_ : the axes any customer has; a company without tickets may lack some.
    """

    def __init__(self, min_prob: float = 0.6, max_iter: int = 100):
        self.min_prob = min_prob
        self.max_iter = max_iter

    def fit(self, scores: pd.DataFrame, reliability: pd.Series | None = None) -> NineTypeMixture:
        """Fit on the rows of `scores` (n, 6) without a missing value; raises ValueError below 50 of them.

        `reliability` (6,) is the scorer's; without it every axis is taken as it is.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        self.axes_ = [a for a in AXES if scores[a].notna().any()]
        full = scores[self.axes_].dropna().to_numpy(float)
        if len(full) < MIN_CUSTOMERS:
            raise ValueError(f"{len(full)} customers with all scores, at least {MIN_CUSTOMERS} are needed")
        trust = pd.Series(1.0, index=list(AXES)) if reliability is None else reliability
        start = starting_means(trust)[self.axes_].to_numpy()
        noise = np.maximum(1 - start.var(axis=0), 0.1)
        mixture = GaussianMixture(
            n_components=len(TYPES),
            covariance_type="tied",
            weights_init=np.full(len(TYPES), 1 / len(TYPES)),
            means_init=start,
            precisions_init=np.diag(1 / noise),
            reg_covar=0.1,  # a component must not win by fitting the noise of one axis ever more closely
            max_iter=1,
            warm_start=True,
            random_state=0,
        )
        self._keep(start, np.diag(noise), mixture.weights_init)
        self.n_iter_, self.wandered_, bound = 0, None, -np.inf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # one step at a time never converges
            for step in range(1, self.max_iter + 1):
                mixture.fit(full)
                self.wandered_ = self._first_outside(mixture.means_, start)
                if self.wandered_:
                    break
                self._keep(mixture.means_, mixture.covariances_, mixture.weights_)
                self.n_iter_ = step
                if mixture.lower_bound_ - bound < 1e-5:
                    break
                bound = mixture.lower_bound_
        return self

    def _keep(self, means: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> None:
        self.means_ = pd.DataFrame(means.copy(), index=list(TYPES), columns=self.axes_)
        self.covariance_, self.weights_ = covariance.copy(), weights.copy()

    @staticmethod
    def _first_outside(means: np.ndarray, start: np.ndarray) -> str | None:
        """The first type whose mean points more towards another type's start than towards its own."""
        length = np.linalg.norm(start, axis=1)
        cosine = (means @ start.T) / np.where(length > 0, length, 1)
        inside = np.diag(cosine) >= cosine.max(axis=1) - 1e-9  # types that start at one point stay together
        return None if inside.all() else list(TYPES)[int(np.argmin(inside))]

    def predict_proba(self, scores: pd.DataFrame) -> pd.DataFrame:
        """(n, 9) probability of each type; NaN where no score is known."""
        x = scores[self.axes_].to_numpy(float)
        out = np.full((len(x), len(TYPES)), np.nan)
        known = np.isfinite(x)
        for pattern in np.unique(known, axis=0):
            if not pattern.any():
                continue
            rows = (known == pattern).all(axis=1)
            precision = np.linalg.inv(self.covariance_[np.ix_(pattern, pattern)])
            apart = x[rows][:, None, pattern] - self.means_.to_numpy()[None, :, pattern]
            log = np.log(self.weights_ + 1e-300) - 0.5 * np.einsum("nki,ij,nkj->nk", apart, precision, apart)
            share = np.exp(log - log.max(axis=1, keepdims=True))
            out[rows] = share / share.sum(axis=1, keepdims=True)
        return pd.DataFrame(out, index=scores.index, columns=list(TYPES))

    def predict(self, scores: pd.DataFrame) -> pd.Series:
        """The type of each customer, or undetermined where no type reaches `min_prob`."""
        return label(self.predict_proba(scores), self.min_prob)


def label(probability: pd.DataFrame, min_prob: float) -> pd.Series:
    """The likeliest column of each row where it reaches `min_prob`, else undetermined."""
    likeliest = probability.fillna(0.0).idxmax(axis=1).astype(object)
    return likeliest.where(probability.max(axis=1) >= min_prob, UNDETERMINED)
