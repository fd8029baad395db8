"""A ridge fitted by blocks of rows: the same fit and the same covariance as all rows at once give."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from crmlab.churn.models import ridge


def drawn(n=500, seed=1):
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(n, 3)).astype(np.float32)
    y = (rng.random(n) < 1 / (1 + np.exp(-(1 + Z @ [0.8, -0.5, 0.0])))).astype(int)
    return Z, y, rng.uniform(0.5, 2, n), rng.integers(0, 60, n)


def test_one_ridge_for_all_gives_what_scikit_learn_gives():
    Z, y, weight, _ = drawn()
    peer = LogisticRegression(C=1 / 5.0, tol=1e-10, max_iter=1000).fit(Z, y, sample_weight=weight)
    fit = ridge.fitted(Z, y, weight, np.full(3, 5.0))
    assert fit == pytest.approx([*peer.intercept_, *peer.coef_[0]], abs=1e-5)


def test_each_coefficient_has_its_own_ridge():
    Z, y, weight, _ = drawn()
    fit = ridge.fitted(Z, y, weight, np.array([1e6, 0.1, 0.1]))
    assert abs(fit[1]) < 0.01
    assert fit[2] == pytest.approx(-0.5, abs=0.3)


def test_where_it_starts_makes_no_difference():
    Z, y, weight, _ = drawn()
    strength = np.full(3, 5.0)
    far = np.array([-8.0, 20.0, 20.0, -20.0])
    assert ridge.fitted(Z, y, weight, strength, far) == pytest.approx(
        ridge.fitted(Z, y, weight, strength), abs=1e-5
    )


def test_a_separating_feature_stops_at_the_ridge():
    y = np.repeat([0, 1], 50)
    fit = ridge.fitted((2.0 * y - 1)[:, None], y, np.ones(100), np.array([1.0]))
    assert np.isfinite(fit).all()
    assert fit[1] > 2


def test_blocks_make_no_difference(monkeypatch):
    Z, y, weight, clusters = drawn()
    clusters[:200] = 0  # larger than a block
    strength = np.full(3, 5.0)
    whole = ridge.fitted(Z, y, weight, strength)
    spread = ridge.covariance(Z, y, weight, whole, strength, clusters)
    monkeypatch.setattr(ridge, "ROWS", 64)
    assert ridge.fitted(Z, y, weight, strength) == pytest.approx(whole, rel=1e-9)
    assert ridge.covariance(Z, y, weight, whole, strength, clusters) == pytest.approx(spread, rel=1e-9)
    sums = np.column_stack([np.ones(len(Z)), Z])
    assert ridge.deviations(Z, spread) == pytest.approx(np.sqrt((sums @ spread * sums).sum(1)))


def test_the_covariance_is_that_of_sums_over_clusters():
    Z, y, weight, clusters = drawn()
    strength = np.full(3, 5.0)
    fit = ridge.fitted(Z, y, weight, strength)
    A = np.column_stack([np.ones(len(Z)), Z.astype(float)])
    p = 1 / (1 + np.exp(-A @ fit))
    bread = np.linalg.inv((A.T * (weight * p * (1 - p))) @ A + np.diag([0, 5.0, 5.0, 5.0]))
    sums = np.array([(A * (weight * (y - p))[:, None])[clusters == c].sum(0) for c in np.unique(clusters)])
    groups = len(sums)
    by_hand = bread @ sums.T @ sums @ bread * groups / (groups - 1)
    assert ridge.covariance(Z, y, weight, fit, strength, clusters) == pytest.approx(by_hand, rel=1e-6)


def test_rows_said_twice_are_one_witness():
    Z, y, weight, clusters = drawn()
    strength, twice = np.full(3, 5.0), np.tile(np.arange(len(Z)), 2)
    once = ridge.fitted(Z, y, weight, strength)
    double = ridge.fitted(Z[twice], y[twice], weight[twice], 2 * strength)
    assert double == pytest.approx(once, abs=1e-5)
    spread = [
        ridge.covariance(Z, y, weight, once, strength, clusters, pulled=True),
        ridge.covariance(Z[twice], y[twice], weight[twice], once, 2 * strength, clusters[twice], pulled=True),
    ]
    assert spread[1] == pytest.approx(spread[0], rel=1e-6)


def test_limits_with_the_pull_cover_what_a_ridge_shrinks():
    held = {False: [], True: []}
    for seed in range(40):
        rng = np.random.default_rng(seed)
        Z, effects = rng.normal(size=(300, 12)), rng.normal(0, 0.2, 12)
        y = (rng.random(300) < 1 / (1 + np.exp(-(1 + Z @ effects)))).astype(int)
        one, strength = np.ones(300), np.full(12, 1 / 0.2**2)
        fit = ridge.fitted(Z, y, one, strength)
        for pulled in held:
            spread = ridge.covariance(Z, y, one, fit, strength, np.arange(300), pulled)
            off = np.abs(fit[0] - 1 + Z @ (fit[1:] - effects))
            held[pulled].append((off < 1.96 * ridge.deviations(Z, spread)).mean())
    assert np.mean(held[False]) < 0.9
    assert 0.92 < np.mean(held[True]) < 0.98
