"""The experts of a pool: each looks at a ticket in one way and gives every cause a score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmlab.faults.causes.reading import Calls
from crmlab.faults.causes.scores import FLOOR, log_softmax, positions

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

_SOLVER = {"max_iter": 300, "tol": 1e-3}


@dataclass(frozen=True)
class Kind:
    """A kind of expert: the views of the text it reads beside the fields, its model, the penalties it may choose from.

    `strengths` are inverse penalties C, weak penalty last; `start` is the one tried first.
    """

    views: tuple[str, ...]
    model: Callable[[float], LogisticRegression | LinearSVC]
    strengths: tuple[float, ...]
    start: float

    @property
    def normalised(self) -> bool:
        """Whether its scores become logarithms of probabilities."""
        return self.model is _logistic


def _logistic(c: float) -> LogisticRegression:
    # imported where something is learnt: a stored expert answers a call without it
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, **_SOLVER)


def _margin(c: float) -> LinearSVC:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=c, random_state=0)


KINDS = {
    "wording": Kind(("words", "pieces", "symptom"), _logistic, (0.3, 1.0, 3.0, 10.0), 1.0),
    "concepts": Kind(("symptom", "concepts"), _logistic, (0.3, 1.0, 3.0, 10.0), 1.0),
    "both": Kind(("words", "symptom", "concepts"), _logistic, (0.1, 0.3, 1.0, 3.0, 10.0), 0.3),
    "margin": Kind(("words", "pieces", "symptom", "concepts"), _margin, (0.03, 0.1, 0.3, 1.0), 0.1),
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
        model = kind.model(self.c).fit(calls.matrix(kind.views), causes)
        coefficients, self.intercept_ = by_class(model, half=0.5 if kind.normalised else 1.0)
        width = coefficients.shape[0] - calls.fields.shape[1]
        self.classes_ = model.classes_
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


def by_class(model: LogisticRegression | LinearSVC, half: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """The coefficients of a fitted linear classifier, columns × classes, and its intercepts.

    scikit-learn keeps one column for two classes: each then gets `half` of it, with its sign.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> coefficients, intercepts = by_class(LogisticRegression().fit([[0.0], [1.0]], ["disk", "fan"]))
    >>> coefficients.round(2).tolist(), intercepts.round(2).tolist()
    ([[-0.22, 0.22]], [0.11, -0.11])
    """
    coefficients, intercepts = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.hstack([-half * coefficients, half * coefficients])
        intercepts = np.concatenate([-half * intercepts, half * intercepts])
    return coefficients, intercepts


def log_prior(causes: np.ndarray, classes: Sequence[str]) -> np.ndarray:
    """Logarithms of how often each of `classes` occurs among `causes`, half a ticket added to each.

    Examples
    --------
    >>> np.exp(log_prior(np.array(["fan", "fan", "disk"]), ["disk", "fan", "board"])).round(2).tolist()
    [0.33, 0.56, 0.11]
    """
    counts = pd.Series(causes).value_counts().reindex(classes).fillna(0).to_numpy(float)
    return np.log((counts + 0.5) / (counts + 0.5).sum())
