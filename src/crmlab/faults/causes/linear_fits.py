"""What linear classifiers learn from a matrix: their classes, coefficients and intercepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC


class LinearFit(NamedTuple):
    """Classes, sorted; coefficients, columns × classes; an intercept per class."""

    classes: np.ndarray
    coefficients: np.ndarray
    intercepts: np.ndarray


def logistic(x: sparse.csr_matrix, y: np.ndarray, c: float) -> LinearFit:
    """A multinomial logistic regression with the inverse penalty `c`; equal rows of one class count as one of that weight.

    Examples
    --------
    >>> x = sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    >>> fit = logistic(x, np.array(["fan", "disk", "disk"]), c=1.0)
    >>> fit.classes.tolist(), fit.coefficients.round(2).tolist()
    (['disk', 'fan'], [[-0.23, 0.23], [-0.23, 0.23], [0.23, -0.23]])
    """
    # imported where something is learnt: a stored model answers a call without it
    from sklearn.linear_model import LogisticRegression

    together = _together(x)
    classes, code = np.unique(y, return_inverse=True)
    _, row, times = np.unique(_numbered(x) * len(classes) + code, return_index=True, return_counts=True)
    model = LogisticRegression(C=c, max_iter=300, tol=1e-3)
    fit = by_class(model.fit(x[row] @ together, y[row], sample_weight=times), half=0.5)
    return fit._replace(coefficients=together @ fit.coefficients)


def margin(x: sparse.csr_matrix, y: np.ndarray, c: float) -> LinearFit:
    """A linear support vector machine for each class against the others, with the inverse penalty `c`."""
    from sklearn.svm import LinearSVC

    together = _together(x)
    # which of the two problems is solved depends on the columns there were
    model = LinearSVC(C=c, dual=x.shape[0] < x.shape[1], random_state=0)
    fit = by_class(model.fit(x @ together, y), half=1.0)
    return fit._replace(coefficients=together @ fit.coefficients)


def by_class(model: LogisticRegression | LinearSVC, half: float) -> LinearFit:
    """What a fitted classifier of scikit-learn has learnt; of two classes it keeps one column, and each gets `half` of that."""
    coefficients, intercepts = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.hstack([-half * coefficients, half * coefficients])
        intercepts = np.concatenate([-half * intercepts, half * intercepts])
    return LinearFit(model.classes_, coefficients, intercepts)


def _together(x: sparse.csr_matrix) -> sparse.csr_matrix:
    """The matrix that makes one column of those that are equal in `x`, and shares its coefficients among them.

    Half of the pieces of words never come without another one. The best coefficients of k equal columns are equal under a
    squared penalty; so one column, √k times as large, is fitted and penalised like the k, in half the time.
    """
    column = _numbered(x.T)
    share = np.bincount(column)[column] ** -0.5
    return sparse.csr_matrix((share, (np.arange(len(column)), column)))


def _numbered(x: sparse.spmatrix) -> np.ndarray:
    """A number for each row, the same for equal rows only: they are told by two random sums, in one complex number."""
    rng = np.random.default_rng(0)
    return np.unique(x @ (rng.random(x.shape[1]) + 1j * rng.random(x.shape[1])), return_inverse=True)[1]
