"""Limits from three cumulants hold what they say for the sums that the stage makes of them."""

import numpy as np
import pytest
from scipy import stats

from crmlab.value.moments import LEVEL, limits


def of(mean, variance, third, level=LEVEL):
    """Limits of one distribution."""
    low, high = limits(np.array([float(mean)]), np.array([float(variance)]), np.array([float(third)]), level)
    return low[0], high[0]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
@pytest.mark.parametrize(
    "exact",
    [
        stats.norm(7, 3),
        stats.expon(scale=4),
        stats.gamma(0.5),  # skewness 2.8
        stats.gamma(9, scale=2, loc=-30),
        stats.gamma(1000),
    ],
    ids=["normal", "exponential", "gamma ½", "gamma 9", "gamma 1000"],
)
def test_limits_are_exact_for_normal_and_gamma_distributions(exact, level):
    mean, variance, skew = (float(v) for v in exact.stats("mvs"))
    low, high = of(mean, variance, skew * variance**1.5, level)
    assert (low, high) == pytest.approx(exact.interval(level), abs=1e-5 * variance**0.5)
    mirrored = of(-mean, variance, -skew * variance**1.5, level)
    assert mirrored == pytest.approx((-high, -low))


def test_what_is_certain_has_no_limits_beside_itself():
    assert of(5, 0, 0) == (5, 5)
    assert of(5, -1e-9, 1e-9) == (5, 5)  # a variance that rounding took below 0


def test_limits_change_smoothly_where_the_skewness_vanishes():
    for skew in (0.0499, -0.0499):
        below, above = of(0, 1, skew), of(0, 1, skew + np.sign(skew) * 0.0002)
        assert below == pytest.approx(above, abs=0.02)


@pytest.mark.parametrize("skew", [-50, -6, -3, 0.2, 3, 6, 50, 1e9])
def test_limits_are_finite_and_in_order_however_skew(skew):
    low, high = of(0, 1, skew)
    assert np.isfinite([low, high]).all()
    assert low < high
    assert (high > 0) if skew > 0 else (low < 0)


def test_scale_and_shift_carry_over():
    low, high = of(2, 9, 30)
    assert of(2e9 + 5, 9e18, 30e27) == pytest.approx((low * 1e9 + 5, high * 1e9 + 5))


def test_a_wider_level_holds_a_narrower_one():
    (low, high), (lower, higher) = of(10, 4, 5, 0.5), of(10, 4, 5, 0.9)
    assert lower < low < high < higher


@pytest.mark.parametrize("mean_count", [0.5, 4, 40])
def test_sums_of_a_random_number_of_costs_fall_within_the_limits_as_often_as_stated(mean_count):
    # Tickets at a Poisson rate, each of a lognormal cost: cumulants are rate × moments of one cost.
    one = stats.lognorm(0.6)
    low, high = of(*(mean_count * one.moment(k) for k in (1, 2, 3)))
    rng = np.random.default_rng(5)
    counts = rng.poisson(mean_count, 20_000)
    which = np.repeat(np.arange(20_000), counts)
    sums = np.bincount(which, weights=one.rvs(counts.sum(), random_state=rng), minlength=20_000)
    held = ((sums >= low) & (sums <= high)).mean()
    assert held == pytest.approx(0.9, abs=0.06 if mean_count < 1 else 0.015)


def test_the_limits_of_many_at_once_are_those_of_each():
    rng = np.random.default_rng(2)
    mean, variance, third = rng.normal(size=50), rng.gamma(1.0, size=50), rng.normal(size=50)
    variance[:5] = 0
    low, high = limits(mean, variance, third)
    alone = np.array([of(*row) for row in zip(mean, variance, third, strict=True)])
    np.testing.assert_allclose(np.column_stack([low, high]), alone)
