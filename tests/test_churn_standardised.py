"""Differences of a share with everyone put into each group: a planted effect found behind a planted confounder."""

import numpy as np
import pytest

from crmlab.churn.standardised import standardised_differences


def logistic(x):
    return 1 / (1 + np.exp(-x))


def drawn(seed, effect=-0.6, customers=500, contracts=3):
    """Contracts of big and small customers: the big ones meet more and renew less; contracts of one customer resemble."""
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(customers), contracts)
    size = np.repeat(rng.normal(size=customers), contracts)
    some = rng.random(len(size)) < logistic(1.2 * size)
    base = 1.4 - 0.9 * size
    y = (rng.random(len(size)) < logistic(base + effect * some)).astype(int)
    truth = (logistic(base + effect) - logistic(base)).mean()
    return y, some, size, clusters, truth


def test_limits_contain_the_planted_effect_and_the_raw_difference_is_beside_it():
    inside, raw = [], []
    for seed in range(100):
        y, some, size, clusters, truth = drawn(seed)
        ((_, low, high),) = standardised_differences(y, some[:, None], size[:, None], clusters)
        inside.append(low <= truth <= high)
        raw.append(y[some].mean() - y[~some].mean() - truth)
    assert 0.9 <= np.mean(inside) <= 0.99
    assert np.mean(raw) < -0.1


def test_without_anything_to_adjust_for_it_is_the_plain_difference():
    y, some, _, clusters, _ = drawn(0)
    ((difference, low, high),) = standardised_differences(y, some[:, None], np.zeros((len(y), 1)), clusters)
    assert difference == pytest.approx(y[some].mean() - y[~some].mean(), abs=1e-3)
    assert low < difference < high


def test_contracts_of_one_customer_are_one_witness():
    y, some, size, _, _ = drawn(1, contracts=1)
    twice = [np.repeat(values, 4, axis=0) for values in (y, some[:, None], size[:, None], np.arange(len(y)))]
    ((_, low, high),) = standardised_differences(y, some[:, None], size[:, None], np.arange(len(y)))
    ((_, low_again, high_again),) = standardised_differences(*twice)
    assert high_again - low_again == pytest.approx(high - low, rel=0.01)


def test_each_group_is_held_against_the_one_left_out():
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 6000)
    y = (rng.random(6000) < np.array([0.8, 0.7, 0.5])[group]).astype(int)
    membership = np.column_stack([group == 1, group == 2])
    found = standardised_differences(y, membership, rng.normal(size=(6000, 1)), np.arange(6000))
    assert [round(difference, 1) for difference, _, _ in found] == [-0.1, -0.3]


def test_a_label_whose_contracts_all_renewed_leaves_the_limits_finite():
    y, some, size, clusters, _ = drawn(4)
    sure = np.arange(len(y)) < 60
    y = np.where(sure, 1, y)
    ((difference, low, high),) = standardised_differences(
        y, some[:, None], np.column_stack([size, sure]), clusters
    )
    assert -1 < low < difference < high < 1


@pytest.mark.parametrize(
    "y",
    [
        pytest.param(np.ones(200, dtype=int), id="all renewed"),
        pytest.param((np.arange(200) >= 9).astype(int), id="nine lost, two columns"),
    ],
)
def test_too_few_of_one_outcome_say_nothing(y):
    some, size = np.arange(200) % 3 == 0, np.arange(200) % 7
    assert np.isnan(standardised_differences(y, some[:, None], size[:, None], np.arange(200))).all()


def test_one_customer_says_nothing():
    y, some, size, _, _ = drawn(5)
    assert np.isnan(standardised_differences(y, some[:, None], size[:, None], np.zeros(len(y)))).all()
