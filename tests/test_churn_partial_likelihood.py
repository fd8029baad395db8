"""Scores, information, and whether a ratio stays the same: beside lifelines, by differences, and on planted changes."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from crmlab.churn.survival.partial_likelihood import Observed, clustered_covariance, efron, same_ratio_p


def observed(n=80, seed=1, ties=False, late=False):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, 2))
    stop = rng.integers(3, 7, n) if ties else rng.permutation(n) + 1
    entry = rng.integers(0, 3, n) if late else np.zeros(n, int)
    return Z, Observed(entry, stop, rng.random(n) < 0.5, np.repeat(["a", "b"], n // 2))


def log_likelihood(b, Z, rows):
    """Efron's, one tied loss at a time."""
    total, risk = 0.0, np.exp(Z @ b)
    for stratum in ("a", "b"):
        for day in np.unique(rows.stop):
            there = (rows.stratum == stratum) & (rows.entry < day) & (rows.stop >= day)
            tied = there & rows.lost & (rows.stop == day)
            for k in range(tied.sum()):
                total -= np.log(risk[there].sum() - k / tied.sum() * risk[tied].sum())
            total += np.log(risk[tied]).sum()
    return total


@pytest.mark.parametrize("late", [False, True])
def test_scores_sum_to_the_slope_of_the_likelihood_and_information_is_its_bend(late):
    Z, rows = observed(ties=True, late=late)
    b, step = np.array([0.4, -0.3]), 1e-5
    scores, information = efron(Z, b, rows)
    for k, away in enumerate(np.eye(2) * step):
        slope = (log_likelihood(b + away, Z, rows) - log_likelihood(b - away, Z, rows)) / (2 * step)
        assert scores[:, k].sum() == pytest.approx(slope, abs=1e-6)
        bend = (efron(Z, b + away, rows)[0] - efron(Z, b - away, rows)[0]).sum(axis=0) / (2 * step)
        assert -bend == pytest.approx(information[k], abs=1e-6)


def test_standard_errors_by_clusters_are_those_of_lifelines_where_it_can_tell():
    """Without ties, strata and late entry; lifelines leaves out G / (G − 1)."""
    Z, rows = observed(n=120)
    rows, who = rows._replace(stratum=np.zeros(120)), np.repeat(np.arange(40), 3)
    table = pd.DataFrame(Z, columns=["x", "z"]).assign(stop=rows.stop, lost=rows.lost, who=who)
    theirs = CoxPHFitter().fit(table, "stop", "lost", cluster_col="who")
    scores, information = efron(Z, theirs.params_.to_numpy(), rows)
    found = clustered_covariance(scores, np.linalg.inv(information), who)
    assert np.sqrt(np.diag(found) * 39 / 40) == pytest.approx(theirs.standard_errors_.to_numpy(), rel=1e-4)


def test_a_row_is_not_at_risk_before_its_entry():
    Z, rows = np.array([[0.0], [1.0], [9.0]]), (np.array([5, 9, 9]), np.array([True, False, False]))
    late = efron(Z, np.zeros(1), Observed(np.array([0, 0, 5]), *rows, np.zeros(3)))[0]
    without = efron(Z[:2], np.zeros(1), Observed(np.zeros(2), rows[0][:2], rows[1][:2], np.zeros(2)))[0]
    assert late.ravel().tolist() == [*without.ravel(), 0.0]


def landmarks(early, late, n=600, seed=5):
    """Terms seen 300 or 30 days before their end, and lost with a log hazard that rises by `early` or `late` with x."""
    rng = np.random.default_rng(seed)
    x, left = rng.normal(size=n), rng.choice([300, 30], n)
    lost = rng.random(n) < 1 - np.exp(-0.2 * np.exp(np.where(left == 300, early, late) * x))
    table = pd.DataFrame(
        {"x": x, "other": rng.normal(size=n), "entry": 365 - left, "stop": 366, "lost": lost}
    )
    b = CoxPHFitter().fit(table, "stop", "lost", entry_col="entry").params_.to_numpy()
    rows = Observed(*(table[c].to_numpy() for c in ("entry", "stop", "lost")), np.zeros(n))
    return table[["x", "other"]].to_numpy(), b, rows, np.arange(n), left.astype(float)


def test_a_ratio_that_changes_towards_the_end_is_found_and_the_other_is_not():
    changing, other = same_ratio_p(*landmarks(early=0.0, late=1.0))
    assert changing < 0.001
    assert other > 0.05


def test_a_ratio_that_stays_is_left_alone():
    """Of forty, about two by chance."""
    p = np.array([same_ratio_p(*landmarks(early=0.5, late=0.5, n=300, seed=s)) for s in range(20)])
    assert (p < 0.05).sum() <= 5
    assert 0.3 < np.median(p) < 0.7


def test_with_one_moment_or_one_cluster_nobody_can_tell():
    Z, b, rows, who, left = landmarks(early=0.0, late=1.0, n=100)
    assert np.isnan(same_ratio_p(Z, b, rows, who, np.ones(100))).all()
    assert np.isnan(same_ratio_p(Z, b, rows, np.zeros(100), left)).all()
    assert np.isnan(clustered_covariance(np.ones((3, 2)), np.eye(2), np.zeros(3))).all()


def test_of_a_feature_that_is_the_moment_itself_nobody_can_tell():
    Z, b, rows, who, left = landmarks(early=0.0, late=1.0)
    late = (left == 30).astype(float)
    assert np.isnan(same_ratio_p(np.column_stack([Z, late]), np.append(b, 0.0), rows, who, left)[2])
