"""From months to present value: discounting, who stays, and how far the sum may lie from what is expected."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from crmlab.value.to_come.flows import CHUNK, Part, present
from crmlab.value.to_come.forecast import stretched


def part(mean, variance=0.0, third=0.0, after=0.0):
    """Of one customer: a year's sums, and its cumulants over all years."""
    return Part(np.array([mean], float), *(np.array([x], float) for x in (variance, third, after)))


STAYS = np.ones((1, 12))
LEAVES_HALFWAY = np.array([[1.0] * 6 + [0.0] * 6])
TOSSES_A_COIN = np.array([[1.0] * 6 + [0.5] * 6])
MONTHLY = np.full((1, 12), 100.0)


def test_every_month_is_discounted_to_its_middle():
    found = present(STAYS, {"fees": MONTHLY}, {"goods": part([1200])}, 0.1)
    by_hand = sum(100 * 1.1 ** (-(month + 0.5) / 12) for month in range(12))
    assert found.parts["fees"][0] == pytest.approx(by_hand)
    assert found.parts["goods"][0] == pytest.approx(by_hand)
    assert by_hand < 1200


def test_nothing_is_discounted_at_no_interest_and_the_parts_add_up():
    found = present(TOSSES_A_COIN, {"fees": MONTHLY}, {"goods": part([240]), "cost": part([-120])}, 0.0)
    assert {name: value[0] for name, value in found.parts.items()} == pytest.approx(
        {"fees": 900, "goods": 180, "cost": -90}
    )
    assert found.mean[0] == pytest.approx(900 + 180 - 90)


def test_what_goes_on_after_a_customer_left_is_counted_whole():
    for after, worth in ((0.0, 600), (0.25, 750), (1.0, 1200)):
        found = present(LEAVES_HALFWAY, {}, {"goods": part([1200], after=after)}, 0.0)
        assert found.parts["goods"][0] == pytest.approx(worth)


def test_the_variance_of_a_yes_or_no_is_that_of_a_coin():
    found = present(TOSSES_A_COIN, {"fees": MONTHLY}, {}, 0.0)
    assert found.mean[0] == pytest.approx(900)  # 600 or 1,200
    assert found.variance[0] == pytest.approx(300**2)
    assert found.third[0] == pytest.approx(0)


def test_parts_that_end_together_vary_together():
    both = present(TOSSES_A_COIN, {"fees": MONTHLY}, {"goods": part([1200])}, 0.0)
    one = present(TOSSES_A_COIN, {"fees": MONTHLY}, {}, 0.0)
    assert both.variance[0] == pytest.approx(4 * one.variance[0])
    assert both.variances["goods"][0] == pytest.approx(one.variance[0])


def test_a_cost_takes_off_some_of_the_risk_of_the_income_that_it_comes_with():
    found = present(TOSSES_A_COIN, {"fees": MONTHLY}, {"cost": part([-1200])}, 0.0)
    assert found.mean[0] == pytest.approx(0)
    assert found.variance[0] == pytest.approx(0, abs=1e-6)


def test_own_variation_counts_as_long_as_the_customer_stays():
    assert present(STAYS, {}, {"goods": part([1200], 400, 50)}, 0.0).variance[0] == pytest.approx(400)
    assert present(STAYS, {}, {"goods": part([1200], 400, 50)}, 0.0).third[0] == pytest.approx(50)
    assert present(LEAVES_HALFWAY, {}, {"goods": part([1200], 400)}, 0.0).variance[0] == pytest.approx(200)


def test_half_a_year_of_horizon_holds_half_of_a_year_and_of_its_variation():
    found = present(np.ones((1, 6)), {}, {"goods": part([1200], 400, 50)}, 0.0)
    assert (found.mean[0], found.variance[0], found.third[0]) == pytest.approx((600, 200, 25))
    longer = present(np.ones((1, 18)), {}, {"goods": part([1200, 2400], 800, 100)}, 0.0)
    assert (longer.mean[0], longer.variance[0], longer.third[0]) == pytest.approx((2400, 600, 75))


def test_the_moments_are_those_of_all_that_can_happen():
    """A customer that may leave in any month; until then it pays 10 a month and buys 10 pieces on average (Poisson)."""
    stay = 0.95 ** np.arange(1, 25)
    found = present(
        stay[None, :], {"fees": np.full((1, 24), 10.0)}, {"goods": part([120, 120], 240, 240)}, 0.0
    )
    months, pieces = np.meshgrid(np.arange(25), np.arange(500))
    leaves = -np.diff([1.0, *stay, 0.0])
    chance = leaves[months] * poisson.pmf(pieces, 10 * months)
    came = 10 * months + pieces
    mean = (chance * came).sum()
    moments = [mean, *((chance * (came - mean) ** k).sum() for k in (2, 3))]
    assert [found.mean[0], found.variance[0], found.third[0]] == pytest.approx(moments)


def test_many_customers_are_valued_like_each_of_them():
    rng, n = np.random.default_rng(3), CHUNK + 3
    in_force = np.minimum.accumulate(rng.random((n, 5)), axis=1)
    fees, goods = rng.random((n, 5)), Part(rng.random((n, 1)), *rng.random((3, n)))
    every = present(in_force, {"fees": fees}, {"goods": goods}, 0.1)
    last = present(
        in_force[-1:], {"fees": fees[-1:]}, {"goods": Part(*(values[-1:] for values in goods))}, 0.1
    )
    for name in ("mean", "variance", "third"):
        assert getattr(every, name)[-1] == pytest.approx(getattr(last, name)[0])
    assert every.parts["goods"].shape == (n,)


def test_sums_of_some_parts_are_those_of_these_parts_alone():
    parts = {"goods": part([1200], 400, 50, 0.25), "cost": part([-600], 90, -20)}
    monthly, rate = {"fees": MONTHLY}, 0.1
    found = present(TOSSES_A_COIN, monthly, parts, rate, {"income": ["fees", "goods"], "costs": ["cost"]})
    income = present(TOSSES_A_COIN, monthly, {"goods": parts["goods"]}, rate)
    costs = present(TOSSES_A_COIN, {}, {"cost": parts["cost"]}, rate)
    for told, alone in ((found.sums["income"], income), (found.sums["costs"], costs)):
        assert [told.mean[0], told.variance[0], told.third[0]] == pytest.approx(
            [alone.mean[0], alone.variance[0], alone.third[0]]
        )


def test_nobody_is_worth_nothing():
    nobody = Part(np.zeros((0, 1)), *np.zeros((3, 0)))
    found = present(np.ones((0, 12)), {}, {"goods": nobody}, 0.1)
    assert found.mean.shape == found.parts["goods"].shape == (0,)


def test_limits_are_stretched_from_the_expectation():
    told = pd.DataFrame({"to_come": [10.0], "low": [8.0], "high": [14.0], "cost_low": [3.0]})
    wider = stretched(told, 2.0, 0.5).iloc[0]
    assert wider[["low", "high", "cost_low"]].tolist() == [6, 12, 3]
