"""BG/NBD, MBG/NBD and MBG/CNBD-k: customers may leave after any purchase, with a probability that differs by customer."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.special import betainc, betaln, digamma, gammaln, polygamma

from crmlab.purchases.models.chances import beta_nodes, expected_count, interpolated
from crmlab.purchases.models.histories import Histories, InputError, column, refuse
from crmlab.purchases.models.model import PurchaseModel

ROWS = 2_048
"""As many rows as keep the vectors of one evaluation in the cache."""
DROPOUT = "no dropout shows in these data; use a longer time, or a model without it (a mean rate)"
ALIKE = "customers differ no more in {} than chance would have it; pool them, or use more customers"
NEVER = "hardly anybody bought again; wait for more repeat purchases"


class _BetaGeometric(PurchaseModel):
    names = ("r", "alpha", "a", "b")
    remedies: ClassVar = {
        ("a", "down"): DROPOUT,
        ("b", "up"): DROPOUT,
        (
            "b",
            "down",
        ): "nearly everybody leaves at once; check that recency is counted from the first purchase",
        ("r", "down"): NEVER,
        ("alpha", "down"): NEVER,
        ("alpha", "up"): NEVER,
    }
    constants: ClassVar = {
        ("a", "b"): ALIKE.format("their dropout"),
        ("r", "alpha"): ALIKE.format("their rate"),
    }
    leaves_at_birth = 1
    """1 where a customer may leave after the very first purchase already, 0 where only after a repeat purchase."""

    def _start(self, histories: Histories) -> np.ndarray:
        rate = self.stages * max(histories.purchases, 0.5) / float(histories.weights @ histories.T)
        return np.array([0.7, 0.7 / (1.5 * rate), 0.8, 2.5])

    def _units(self, unit: float) -> np.ndarray:
        return np.array([1.0, unit, 1.0, 1.0])

    def _likelihood(self, histories: Histories) -> Any:
        k, born = self.stages, self.leaves_at_birth
        xs, customers = histories.by_frequency()
        chunks = histories.chunks(ROWS)
        total = histories.n

        def evaluate(p: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            r, alpha, a, b = p
            n, left, both = r + k * xs, b + born + xs, a + b + born + xs
            value = customers @ (gammaln(n) + gammaln(left) - gammaln(both)) - k_factorials
            value -= total * (gammaln(r) - r * np.log(alpha) + gammaln(b) - gammaln(a + b))
            g, h = np.zeros(4), np.zeros((4, 4))
            joint = customers @ digamma(both) - total * digamma(a + b)
            g[0] = customers @ digamma(n) - total * (digamma(r) - np.log(alpha))
            g[1] = total * r / alpha
            g[2] = -joint
            g[3] = customers @ digamma(left) - total * digamma(b) - joint
            joint = customers @ polygamma(1, both) - total * polygamma(1, a + b)
            h[0, 0] = customers @ polygamma(1, n) - total * polygamma(1, r)
            h[0, 1] = total / alpha
            h[1, 1] = -total * r / alpha**2
            h[2, 2] = h[2, 3] = -joint
            h[3, 3] = customers @ polygamma(1, left) - total * polygamma(1, b) - joint
            for x, t_x, T, w in chunks:
                value += _rows(p, k, born, x, t_x, T, w, g, h)
            return float(value), g, np.triu(h) + np.triu(h, 1).T

        k_factorials = histories.purchases * gammaln(k)
        return evaluate

    def _alive(self, p: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray:
        r, alpha, a, b = p
        n = r + self.stages * x
        left = b + x - 1 + self.leaves_at_birth
        never = left <= 0 if self.leaves_at_birth else x == 0
        odds = np.log(a) - np.log(np.where(never, 1.0, left)) + n * np.log((alpha + T) / (alpha + t_x))
        if self.stages > 1:
            odds = odds - np.log(_stage_terms(n, (T - t_x) / (alpha + T), self.stages).sum(axis=0))
        return np.where(never, 1.0, 1 / (1 + np.exp(odds)))

    def _mean_alive(
        self,
        p: np.ndarray,
        ends: np.ndarray,
        factors: np.ndarray,
        x: np.ndarray,
        t_x: np.ndarray,
        T: np.ndarray,
    ) -> np.ndarray:
        if self.stages > 1:
            out = np.zeros(len(x))
            for end, factor in zip(ends, factors, strict=True):
                out += factor * self._sums_of_tails(p, end, x, t_x, T)[0]
            return out
        r, alpha, a, b = p
        xs, which = np.unique(x, return_inverse=True)
        chance, weight = beta_nodes(a, b + self.leaves_at_birth + xs)
        return expected_count(chance[which], weight[which], r + x, alpha + T, ends, factors)

    def _sums(self, p: np.ndarray, ends: np.ndarray, factors: np.ndarray, *h: np.ndarray) -> Any:
        if self.stages > 1:
            return super()._sums(p, ends, factors, *h)
        x, _, T = h
        alive_means = interpolated(lambda x, T: self._mean_alive(p, ends, factors, x, T, T), x, T, p[1])
        return lambda x, t_x, T: self._alive(p, x, t_x, T) * alive_means(x, T)

    def _tail_alive(
        self, p: np.ndarray, m: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> np.ndarray:
        r, alpha, a, b = p
        k, n, z = self.stages, r + self.stages * x, t / (alpha + T + t)
        left = b + self.leaves_at_birth + x
        stays = np.exp(betaln(a, left + m - 1) - betaln(a, left))
        if k == 1:
            return stays * betainc(m, n, z)
        terms = _stage_terms(n, (T - t_x) / (alpha + T), k)
        reached = sum(terms[j] * betainc(k * m - j, n + j, z) for j in range(k))
        return stays * reached / terms.sum(axis=0)


def _stage_terms(n: np.ndarray, u: np.ndarray, k: int) -> np.ndarray:
    """(n)_j u^j / j! for j < k: how likely it is that j hidden stages have passed since the last purchase."""
    terms = np.ones((k, len(n)))
    for j in range(1, k):
        terms[j] = terms[j - 1] * (n + j - 1) * u / j
    return terms


def _rows(
    p: np.ndarray, k: int, born: int, x: np.ndarray, t_x: np.ndarray, T: np.ndarray, w: np.ndarray,
    g: np.ndarray, h: np.ndarray,
) -> float:  # fmt: skip
    """Adds what depends on times: log of (still a customer) + (gone since the last purchase)."""
    r, alpha, a, b = p
    n = r + k * x if k > 1 else r + x
    age, last = alpha + T, alpha + t_x
    log_age, by_age, by_last = np.log(age), 1 / age, 1 / last
    left = x + (b - 1 + born)
    if not born:
        left = np.where(x == 0, 1.0, left)
    by_left = 1 / left
    # The four slopes of the log-odds of having left; those of staying are (−log_age, −n by_age, 0, 0) at k = 1.
    slopes = np.empty((4, len(x)))
    slopes[0] = log_age + np.log(by_last)
    odds = n * slopes[0] + np.log(by_left) + np.log(a)
    slopes[1] = n * (by_age - by_last)
    slopes[2] = 1 / a
    slopes[3] = -by_left
    stay = -n * log_age
    stay_r, stay_alpha = -log_age, -n * by_age
    n_last = n * by_last * by_last
    n_age = n * by_age * by_age
    stay_rr, stay_ra, stay_aa = 0.0, -by_age, n_age
    if k > 1:
        terms = _stage_terms(n, (T - t_x) * by_age, k)
        total = terms.sum(axis=0)
        terms /= total
        # Sums over i < j of 1/(n+i) and of their squares are the derivatives of log (n)_j by n.
        first, second = np.zeros((k, len(x))), np.zeros((k, len(x)))
        for j in range(1, k):
            first[j] = first[j - 1] + 1 / (n + j - 1)
            second[j] = second[j - 1] + 1 / (n + j - 1) ** 2
        stage = np.arange(k, dtype=float)
        mean_stage, mean_first = stage @ terms, (terms * first).sum(axis=0)
        stay = stay + np.log(total)
        odds = odds - np.log(total)
        more_r, more_alpha = mean_first, -mean_stage * by_age
        more_rr = (terms * (first**2 - second)).sum(axis=0) - mean_first**2
        more_ra = -((stage @ (terms * first)) - mean_first * mean_stage) * by_age
        more_aa = (mean_stage + stage**2 @ terms - mean_stage**2) * by_age**2
        stay_r, stay_alpha = stay_r + more_r, stay_alpha + more_alpha
        stay_rr, stay_ra, stay_aa = more_rr, stay_ra + more_ra, stay_aa + more_aa
        slopes[0] -= more_r
        slopes[1] -= more_alpha
    if not born:
        odds = np.where(x == 0, -np.inf, odds)
    small = np.exp(-np.abs(odds))
    gone = np.where(odds > 0, 1.0, small) / (1 + small)
    share = w * gone
    spread = share * (1 - gone)
    value = w @ stay + w @ (np.maximum(odds, 0) + np.log(1 + small))
    g += slopes @ share
    g[0] += w @ stay_r
    g[1] += w @ stay_alpha
    h += (slopes * spread) @ slopes.T
    # Curvatures: those of staying where the customer stays, and those of leaving, −1/last and n/last², where not.
    stays = w - share
    h[0, 0] += stays @ stay_rr if k > 1 else 0.0
    h[0, 1] += stays @ stay_ra - share @ by_last
    h[1, 1] += stays @ stay_aa + share @ n_last
    h[2, 2] -= share.sum() / a**2
    h[3, 3] += share @ (by_left * by_left)
    return float(value)


class BGNBD(_BetaGeometric):
    """BG/NBD: a customer may leave after each repeat purchase; one-time buyers therefore never leave.

    Rates of purchase are Gamma(r, alpha) over customers, dropout probabilities Beta(a, b). Source: Fader, Hardie and
    Lee (2005), Marketing Science 24:275. Prefer `MBGNBD`, which lets one-time buyers leave.

    Examples
    --------
    >>> from crmlab.purchases.models.simulate import simulate_purchases
    >>> truth = {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}
    >>> frequency, recency, _ = simulate_purchases("BGNBD", truth, np.full(9000, 39.0), seed=1)
    >>> model = BGNBD().fit(frequency, recency, np.full(9000, 39.0))
    >>> model.converged_, {name: round(value, 1) for name, value in model.params_.items()}
    (True, {'r': 0.5, 'alpha': 5.8, 'a': 0.9, 'b': 1.6})
    """

    leaves_at_birth = 0


class MBGNBD(_BetaGeometric):
    """MBG/NBD, the default: a customer may leave after every purchase, the first one included.

    Rates of purchase are Gamma(r, alpha) over customers, dropout probabilities Beta(a, b). Sources: Batislam, Denizel
    and Filiztekin (2007), International Journal of Research in Marketing 24:201; Hoppe and Wagner (2007).

    Examples
    --------
    >>> from crmlab.purchases.models.simulate import simulate_purchases
    >>> truth = {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}
    >>> frequency, recency, _ = simulate_purchases("MBGNBD", truth, np.full(9000, 39.0), seed=1)
    >>> model = MBGNBD().fit(frequency, recency, np.full(9000, 39.0))
    >>> model.probability_alive([0, 2, 2], [0, 30, 5], [39, 39, 39]).round(2)
    array([0.4 , 0.69, 0.1 ])
    >>> model.expected_purchases(39, [0, 2, 2], [0, 30, 5], [39, 39, 39]).round(2)
    array([0.15, 1.22, 0.18])
    """


class MBGCNBD(_BetaGeometric):
    """MBG/CNBD-k: as MBG/NBD, but for regular buyers: the time between purchases is Erlang-k, not exponential.

    A purchase takes k hidden stages, whose rate is Gamma(r, alpha) over customers: the rate of purchases is that by k.
    With k = 1 it is MBG/NBD. Choose k by hold-out, or by likelihood with `log_gaps`. Source: Platzer and Reutterer
    (2016), Marketing Science 35:779.

    Examples
    --------
    >>> from crmlab.purchases.models.simulate import simulate_purchases
    >>> truth = {"r": 0.5, "alpha": 6.0, "a": 0.9, "b": 1.6}
    >>> frequency, recency, _ = simulate_purchases("MBGCNBD", truth, np.full(9000, 39.0), seed=1, k=3)
    >>> model = MBGCNBD(k=3).fit(frequency, recency, np.full(9000, 39.0))
    >>> model.converged_, {name: round(value, 1) for name, value in model.params_.items()}
    (True, {'r': 0.5, 'alpha': 6.0, 'a': 0.6, 'b': 0.9})
    """

    settings = ("k",)

    def __init__(self, k: int = 2) -> None:
        self.k = k

    @property
    def stages(self) -> int:  # type: ignore[override]
        if self.k != int(self.k) or not 1 <= self.k <= 50:
            raise InputError(f"k is {self.k}; a whole number from 1 to 50 was expected")
        return int(self.k)

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None, log_gaps: Any = None) -> MBGCNBD:
        """As `PurchaseModel.fit`.

        `log_gaps`, the sum of the logarithms of a customer's times between purchases, changes no estimate, but adds the
        part of `log_likelihood_` that makes different k comparable; without it only fits of one k compare.
        """
        super().fit(frequency, recency, T, weights)
        if log_gaps is not None:
            found = column(log_gaps, "log_gaps")
            refuse(~np.isfinite(found), "log_gaps is missing or infinite", "count same-day purchases as one")
            customers = np.ones(len(found)) if weights is None else column(weights, "weights")
            self.log_likelihood_ += (self.stages - 1) * float(found @ customers)
        return self
