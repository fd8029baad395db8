"""What the four purchase models have in common: the fit, and every prediction that follows from three quantities."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from crmlab.purchases.models.chances import sums_of_tails
from crmlab.purchases.models.estimator import Estimator
from crmlab.purchases.models.histories import Histories, InputError, checked, column, refuse, same_length
from crmlab.purchases.models.newton import Maximum, maximise, to_log_scale
from crmlab.purchases.models.predictive import Interval, interval_of_counts, interval_of_total, parameter_sets

SUBSAMPLE = 2_000
ROWS = 8_192


class PurchaseModel(Estimator, ABC):
    """A customer-base model: how often customers buy while they are customers, and when they silently leave.

    A history is (frequency, recency, T): repeat purchases, the time of the last one, and the time to the as-of date,
    both counted from the customer's first purchase in one unit (days or weeks). All methods are vectorised, take
    arrays or Series of equal length or single numbers, and answer in the unit the model was fitted in.
    """

    stages = 1
    """Hidden stages that make one purchase (k of an Erlang-k gap)."""

    def fit(self, frequency: Any, recency: Any, T: Any, weights: Any = None) -> PurchaseModel:
        """Estimate the parameters by maximum likelihood.

        Equal histories are counted once; time is rescaled inside; Newton's method on log-parameters climbs first on
        a part of the customers, then on all.

        Parameters
        ----------
        frequency, recency, T : histories, one row per customer (or per kind of customer, with weights).
        weights : customers per row; 1 each where left out.

        Raises
        ------
        InputError
            (a ValueError) for impossible histories: the message says in how many rows, and what to do.

        Warns
        -----
        DegenerateFit
            where the data have no usable maximum; then `converged_` is False.
        """
        histories = Histories.count(frequency, recency, T, weights)
        unit = float(histories.weights @ histories.T) / histories.n
        found = self._climb(histories.in_unit(unit))
        in_events = self.stages * histories.purchases
        self._unit, self._n = unit, histories.n
        self._keep(found, self._units(unit), found.value - in_events * np.log(unit))
        return self

    def _climb(self, histories: Histories) -> Maximum:
        start = np.log(self._start(histories))
        part = SUBSAMPLE
        while len(histories.x) > 2 * part:
            first = maximise(self._objective(histories.thinned(part)), start)
            start = first.at if first.converged else start
            part *= 25
        return maximise(self._objective(histories), start)

    def _objective(self, histories: Histories) -> Any:
        evaluate = self._likelihood(histories)

        def by_logs(at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
            parameters = np.exp(at)
            with np.errstate(all="ignore"):
                value, gradient, hessian = evaluate(parameters)
            return value, *to_log_scale(parameters, gradient, hessian)

        return by_logs

    def log_likelihood(
        self, parameters: dict[str, float], frequency: Any, recency: Any, T: Any, weights: Any = None
    ) -> float:
        """The log-likelihood of histories at any parameters, in the unit given."""
        histories = Histories.count(frequency, recency, T, weights)
        at = np.array([parameters[name] for name in self.names])
        with np.errstate(all="ignore"):
            return float(self._likelihood(histories)(at)[0])

    def probability_alive(self, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """The probability that each customer is still a customer at T."""
        p = self._parameters()
        return self._by_chunk(lambda *h: self._alive(p, *h), *checked(frequency, recency, T, fitting=False))

    def expected_purchases(self, t: float, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """Purchases expected in (T, T + t] from customers with these histories."""
        p, ends = self._parameters(), np.array([duration(t, "t")])
        h = checked(frequency, recency, T, fitting=False)
        return self._by_chunk(self._sums(p, ends, np.ones(1), *h), *h)

    def expected_purchases_of_new(self, t: Any) -> np.ndarray:
        """Repeat purchases expected in (0, t] from a customer won at time 0 of whom nothing else is known."""
        ends = column(t, "t")
        refuse(~(ends >= 0) | np.isinf(ends), "t is negative or not finite", "give times from 0 on")
        p, zero = self._parameters(), np.zeros(1)
        alive = self._alive(p, zero, zero, zero)
        means = [self._mean_alive(p, np.array([end]), np.ones(1), zero, zero, zero) for end in ends]
        return np.concatenate([alive * m for m in means]) if means else np.empty(0)

    def expected_discounted_purchases(
        self,
        horizon: float,
        frequency: Any,
        recency: Any,
        T: Any,
        *,
        rate: float,
        period: float | None = None,
    ) -> np.ndarray:
        """Purchases expected in (T, T + horizon], each counted at its present value.

        Parameters
        ----------
        horizon : in the unit of the fit.
        rate : interest per `period`: purchases of the j-th period count (1 + rate)^−j. Without a period, discounting is
            continuous and `rate` is the force of interest per unit of time.
        period : length of a period, for instance 30.4375 days for monthly discounting; the last one may be cut short.
        """
        horizon = duration(horizon, "horizon")
        if not (np.isfinite(rate) and rate >= 0):
            raise InputError(f"rate is {rate}; an interest rate of at least 0 was expected")
        ends, factors = discounting(horizon, rate, None if period is None else duration(period, "period"))
        p = self._parameters()
        h = checked(frequency, recency, T, fitting=False)
        return self._by_chunk(self._sums(p, ends, factors, *h), *h)

    def probability_of_at_least(self, m: Any, t: float, frequency: Any, recency: Any, T: Any) -> np.ndarray:
        """The probability of at least m purchases in (T, T + t]; m is one number, or one per customer."""
        p, t = self._parameters(), duration(t, "t")
        h = checked(frequency, recency, T, fitting=False)
        counts = column(m, "m")
        refuse(
            ~(counts >= 0) | (counts != np.floor(counts)),
            "m is no whole number of at least 0",
            "count purchases",
        )
        columns = same_length({"frequency": h[0], "recency": h[1], "T": h[2], "m": counts})

        def reached(x: np.ndarray, t_x: np.ndarray, T: np.ndarray, m: np.ndarray) -> np.ndarray:
            tail = self._tail_alive(p, np.maximum(m, 1), t, x, t_x, T)
            return np.where(m == 0, 1.0, self._alive(p, x, t_x, T) * tail)

        return self._by_chunk(reached, *columns.values())

    def predictive_interval(
        self, t: float, frequency: Any, recency: Any, T: Any, level: float = 0.9
    ) -> tuple[np.ndarray, np.ndarray]:
        """Least and most purchases in (T, T + t], per customer: whole numbers that hold at least `level` of the probability.

        The distribution is each customer's own (a Poisson process that may end), averaged over the uncertainty of the
        parameters. Counts are whole, so the intervals hold somewhat more than `level` of cases.
        """
        sets = parameter_sets(self._parameters(), self._uncertainty())
        h = checked(frequency, recency, T, fitting=False)
        return interval_of_counts(self, sets, duration(t, "t"), h, fraction(level))

    def predictive_interval_of_total(
        self, t: float, frequency: Any, recency: Any, T: Any, level: float = 0.9, weights: Any = None
    ) -> Interval:
        """Purchases in (T, T + t] from all these customers together: expected, and the limits that hold `level`.

        Variances of the customers add up, the uncertainty of the parameters is common to all. What the model does not
        know (a season, a changed price) is not in it: judge it by backtests.
        """
        p = self._parameters()
        h = checked(frequency, recency, T, fitting=False)
        return interval_of_total(self, p, self._uncertainty(), duration(t, "t"), h, fraction(level), weights)

    def _uncertainty(self) -> np.ndarray | None:
        """Covariance of the log-parameters, or None where the fit has none to tell."""
        return self._covariance if np.isfinite(self._covariance).all() else None

    def _sums(self, p: np.ndarray, ends: np.ndarray, factors: np.ndarray, *h: np.ndarray) -> Any:
        """Histories → Σ_j factors[j] · E[purchases in (T, T + ends[j]]], perhaps prepared over all histories at once."""
        return lambda *c: self._alive(p, *c) * self._mean_alive(p, ends, factors, *c)

    def _sums_of_tails(
        self, p: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Mean of the count in (T, T + t] and of its square, for customers alive at T."""
        return sums_of_tails(lambda m, some: self._tail_alive(p, m, t, x[some], t_x[some], T[some]), len(x))

    @staticmethod
    def _by_chunk(function: Any, *histories: np.ndarray) -> np.ndarray:
        out = np.empty(len(histories[0]))
        with np.errstate(all="ignore"):
            for i in range(0, len(out), ROWS):
                out[i : i + ROWS] = function(*(c[i : i + ROWS] for c in histories))
        return out

    @abstractmethod
    def _likelihood(self, histories: Histories) -> Any:
        """Parameters → log-likelihood, gradient and Hessian by parameters."""

    @abstractmethod
    def _start(self, histories: Histories) -> np.ndarray: ...

    @abstractmethod
    def _units(self, unit: float) -> np.ndarray: ...

    @abstractmethod
    def _alive(self, p: np.ndarray, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> np.ndarray: ...

    @abstractmethod
    def _mean_alive(
        self,
        p: np.ndarray,
        ends: np.ndarray,
        factors: np.ndarray,
        x: np.ndarray,
        t_x: np.ndarray,
        T: np.ndarray,
    ) -> np.ndarray:
        """Σ_j factors[j] · E[purchases in (T, T + ends[j]] | alive at T]."""

    @abstractmethod
    def _tail_alive(
        self, p: np.ndarray, m: np.ndarray, t: float, x: np.ndarray, t_x: np.ndarray, T: np.ndarray
    ) -> np.ndarray:
        """P(at least m purchases in (T, T + t] | alive at T), m ≥ 1."""


def discounting(horizon: float, rate: float, period: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Times and factors with which sums of expected purchases become their present value.

    Purchases between two times are a difference of expectations, so the present value is a sum over expectations; the
    continuous one is e^(−δH) E(H) + δ ∫ e^(−δy) E(y) dy, on 32 Gauss-Legendre nodes.

    Examples
    --------
    >>> ends, factors = discounting(2.0, 0.1, 1.0)
    >>> ends, factors.round(4)
    (array([1., 2.]), array([0.0826, 0.8264]))
    """
    if horizon == 0 or rate == 0:
        return np.array([horizon]), np.ones(1)
    if period is None:
        nodes, weights = np.polynomial.legendre.leggauss(32)
        y = (nodes + 1) / 2 * horizon
        inner = rate * np.exp(-rate * y) * weights / 2 * horizon
        return np.append(y, horizon), np.append(inner, np.exp(-rate * horizon))
    if period == 0:
        raise InputError("period is 0; give its length, for instance 30.4375 days")
    n = int(np.ceil(horizon / period - 1e-9))
    present = (1 + rate) ** -np.arange(1.0, n + 1)
    return np.minimum(np.arange(1.0, n + 1) * period, horizon), present - np.append(present[1:], 0.0)


def duration(value: float, name: str) -> float:
    """A length of time as a float, or an `InputError`."""
    found = column(value, name)
    if found.shape != (1,) or not np.isfinite(found[0]) or found[0] < 0:
        raise InputError(
            f"{name} is {value}; one finite time of at least 0 was expected, in the unit of the fit"
        )
    return float(found[0])


def fraction(level: float) -> float:
    """The level of an interval, or an `InputError`."""
    if not 0 < level < 1:
        raise InputError(f"level is {level}; a share between 0 and 1 was expected, for instance 0.9")
    return float(level)
