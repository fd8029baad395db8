"""The experts of a pool: each looks at a ticket in one way and gives every cause a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from crmlab.faults.causes.linear_fits import LinearFit, logistic, margin
from crmlab.faults.causes.reading import Calls
from crmlab.faults.causes.scores import FLOOR, log_softmax, positions


@dataclass(frozen=True)
class Kind:
    """A kind of expert: the views of the text it reads beside the fields, how it learns, the penalties it may choose from.

    `strengths` are inverse penalties C, weak penalty last; `start` is the one tried first.
    """

    views: tuple[str, ...]
    learn: Callable[[sparse.csr_matrix, np.ndarray, float], LinearFit]
    strengths: tuple[float, ...]
    start: float

    @property
    def normalised(self) -> bool:
        """Whether its scores become logarithms of probabilities."""
        return self.learn is logistic


KINDS = {
    "wording": Kind(("words", "pieces", "symptom"), logistic, (0.3, 1.0, 3.0, 10.0), 1.0),
    "concepts": Kind(("symptom", "concepts"), logistic, (0.3, 1.0, 3.0, 10.0), 1.0),
    "both": Kind(("words", "symptom", "concepts"), logistic, (0.1, 0.3, 1.0, 3.0, 10.0), 0.3),
    "margin": Kind(("words", "pieces", "symptom", "concepts"), margin, (0.03, 0.1, 0.3, 1.0), 0.1),
}
"""*wording* is the tuned logistic regression, the simple line that a pool has to beat. C matters more than any other
choice: short texts ask for a weak penalty, where few words decide a strong one does better."""


class Linear:
    """A linear expert of one of `KINDS`: scores are sums over what a ticket says and holds.

    Attributes
    ----------
    classes_ : the causes, sorted. text_, fields_ : coefficients, columns × causes. intercept_ : per cause.
    """

    def __init__(self, kind: str, c: float):
        self.kind = kind
        self.c = c

    def fit(self, calls: Calls, causes: np.ndarray) -> Linear:
        """Learn from tickets and the cause of each."""
        kind = KINDS[self.kind]
        self.classes_, coefficients, self.intercept_ = kind.learn(calls.matrix(kind.views), causes, self.c)
        width = coefficients.shape[0] - calls.fields.shape[1]
        self.text_, self.fields_ = coefficients[:width], coefficients[width:]
        return self

    def scores(self, calls: Calls) -> np.ndarray:
        """Tickets × causes: logarithms of probabilities for a logistic regression, margins for a support vector machine."""
        kind = KINDS[self.kind]
        said = calls.text_matrix(kind.views) @ self.text_
        total = said[calls.text_of] + calls.fields @ self.fields_ + self.intercept_
        return log_softmax(total) if kind.normalised else total

    def widened(self, classes: np.ndarray) -> Linear:
        """The same expert with a column for each of `classes`; a cause that its tickets never had is as unlikely as can be."""
        columns = positions(classes, self.classes_)

        def wide(block: np.ndarray, fill: float) -> np.ndarray:
            whole = np.full((len(block), len(classes)), fill)
            whole[:, columns] = block
            return whole

        found = Linear(self.kind, self.c)
        found.classes_ = classes
        found.text_, found.fields_ = wide(self.text_, 0.0), wide(self.fields_, 0.0)
        found.intercept_ = wide(self.intercept_[None, :], np.log(FLOOR))[0]
        return found


def log_prior(causes: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Logarithms of how often each of `classes` occurs among `causes`, half a ticket added to each.

    Examples
    --------
    >>> np.exp(log_prior(np.array(["fan", "fan", "disk"]), ["disk", "fan", "board"])).round(2).tolist()
    [0.33, 0.56, 0.11]
    """
    counts = pd.Series(causes).value_counts().reindex(classes).fillna(0).to_numpy(float)
    return np.log((counts + 0.5) / (counts + 0.5).sum())
