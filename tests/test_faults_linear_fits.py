"""Equal rows and columns are counted once, and nothing else is learnt than scikit-learn learns from all of them."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from crmlab.faults.causes.linear_fits import by_class, logistic, margin


def matrix(rows, columns):
    """Numbers in which half of the columns are like others, one is empty, and most rows come several times."""
    rng = np.random.default_rng(1)
    x = rng.random((12, columns)) * (rng.random((12, columns)) < 0.4)
    x[:, columns // 2 :] = x[:, : columns - columns // 2]
    x[:, 0] = 0
    return sparse.csr_matrix(x[rng.integers(12, size=rows)]), rng


@pytest.mark.parametrize(("rows", "columns"), [(60, 8), (20, 30)])
@pytest.mark.parametrize("classes", [["disk", "fan"], ["board", "disk", "fan"]])
def test_equal_rows_and_columns_change_nothing(rows, columns, classes):
    x, rng = matrix(rows, columns)
    y = rng.choice(np.array(classes, dtype=object), rows)
    peers = (
        (logistic, LogisticRegression(C=2.0, max_iter=300, tol=1e-3), 0.5),
        (margin, LinearSVC(C=2.0, random_state=0), 1.0),
    )
    for learn, peer, half in peers:
        own, whole = learn(x, y, 2.0), by_class(peer.fit(x, y), half)
        assert own.classes.tolist() == whole.classes.tolist() == classes
        assert own.coefficients == pytest.approx(whole.coefficients, abs=1e-6)
        assert own.intercepts == pytest.approx(whole.intercepts, abs=1e-6)


def test_of_two_classes_each_has_its_coefficients():
    fit = by_class(LogisticRegression().fit([[0.0], [1.0]], ["disk", "fan"]), half=0.5)
    assert fit.coefficients.round(2).tolist() == [[-0.22, 0.22]]
    assert fit.intercepts.round(2).tolist() == [0.11, -0.11]
