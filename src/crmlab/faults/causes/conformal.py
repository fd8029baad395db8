"""Sets of causes that hold the right one with a stated frequency, and when not to rely on a guess at all."""

from __future__ import annotations

import numpy as np

COVERAGE = 0.9
FEW = 20
"""Tickets of a cause below which its own limit is not to be trusted; that of all causes stands in."""
UNKNOWN = 0.6
"""Share of known words below which a forecast speaks of other texts than this one."""


class ConformalSets:
    """Sets that hold the right cause with frequency `coverage` (split conformal prediction, Vovk et al. 2005).

    A cause is in a ticket's set when its probability is not lower than those that the right cause had on all but one
    tenth of earlier tickets. That promise is about all tickets together; with `by_cause` it is made to every cause by
    itself (Mondrian), and the sets grow. It takes later tickets to be like earlier ones: publish what came of it.

    Parameters
    ----------
    coverage : between 0 and 1. by_cause : one limit per cause.

    Attributes
    ----------
    limits_ : the least probability that is in the set: one per cause with `by_cause`, else one for all, which also serves
        a model that knows more causes.

    Examples
    --------
    >>> calibration = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6]])
    >>> sets = ConformalSets(coverage=0.7).fit(calibration, np.array([0, 0, 1, 0]))
    >>> sets.predict(np.array([[0.75, 0.25], [0.45, 0.55]])).tolist()
    [[True, False], [True, True]]
    """

    def __init__(self, coverage: float = COVERAGE, by_cause: bool = False):
        self.coverage = coverage
        self.by_cause = by_cause

    def fit(self, probabilities: np.ndarray, truth: np.ndarray) -> ConformalSets:
        """Learn the limits from probabilities, tickets × causes, of tickets not learnt from, and the column of the right cause."""
        given = probabilities[np.arange(len(truth)), truth]
        self.limits_ = np.array([self._limit(given)])
        if self.by_cause:
            self.limits_ = np.repeat(self.limits_, probabilities.shape[1])
            for cause in range(probabilities.shape[1]):
                own = given[truth == cause]
                if len(own) >= FEW:
                    self.limits_[cause] = self._limit(own)
        return self

    def predict(self, probabilities: np.ndarray) -> np.ndarray:
        """Which causes are in each ticket's set, tickets × causes; the most probable one always is."""
        best = np.arange(probabilities.shape[1]) == probabilities.argmax(axis=1)[:, None]
        return (probabilities >= self.limits_) | best

    def _limit(self, given: np.ndarray) -> float:
        """The probability that all but the share 1 − coverage of `given` reach, with the correction for their number."""
        rank = int(np.floor((len(given) + 1) * (1 - self.coverage) + 1e-9))  # 10 × (1 − 0.9) is 0.999…
        return float(np.sort(given)[rank - 1]) if rank >= 1 else 0.0


def abstain_reasons(
    texts: np.ndarray, known_share: np.ndarray, probabilities: np.ndarray, confident: float
) -> np.ndarray:
    """Why nobody should rely on the best guess of each ticket: "no_text", "unknown_words", "low_confidence", else None.

    Parameters
    ----------
    texts : folded symptoms. known_share : of their words. probabilities : tickets × causes.
    confident : probability of the best guess below which it is no guess.

    Examples
    --------
    >>> p = np.array([[0.9, 0.1], [0.9, 0.1], [0.5, 0.5], [0.9, 0.1]])
    >>> abstain_reasons(np.array(["", "klaxon", "fan", "fan"]), np.array([0, 0, 1, 1]), p, confident=0.6).tolist()
    ['no_text', 'unknown_words', 'low_confidence', None]
    """
    conditions = [texts == "", known_share < UNKNOWN, probabilities.max(axis=1, initial=0) < confident]
    reasons = np.select(conditions, ["no_text", "unknown_words", "low_confidence"], default="").astype(object)
    reasons[reasons == ""] = None
    return reasons
