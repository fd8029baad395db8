"""Each branch of the sentences on customer value."""

import pytest

from crmlab.report.findings import value
from crmlab.report.language import Language

EN = Language("en")
METRICS = {
    "n_valued": 1200,
    "n_negative": 297,
    "service_cost": 2_305_000_000,
    "negative_to_come": -99_650_000,
    "horizon_months": 36,
    "annual_discount": 0.1,
    "top_fifth_profit": 0.81,
    "revenue_based_share": 0.0,
    "n": 1219,
    "mae": 537_000.0,
    "mae_naive": 682_000.0,
    "mae_mean_rate": 606_000.0,
    "mae_gain": 144_000.0,
    "mae_gain_se": 26_000.0,
    "spearman": 0.32,
    "spearman_naive": 0.24,
    "spearman_mean_rate": 0.27,
    "bias": -0.19,
    "bias_naive": -0.13,
    "bias_mean_rate": -0.05,
}


def english(message):
    return message.in_language(EN)


def test_attention_ranks_losses_first():
    first, second = map(english, value.attention(METRICS))
    assert first == (
        "297 customers will cost CN¥996.5K more than they bring over 36 months: review their price or the service they get."
    )
    assert second == "A fifth of the customers brought 81% of the profit to date: keep these."


def test_attention_without_losses_or_profit():
    (only,) = map(english, value.attention(METRICS | {"n_negative": 0, "top_fifth_profit": None}))
    assert only == "No customer is expected to cost more than it brings over 36 months."


def test_without_a_known_cost_nobody_is_said_to_pay_its_way():
    (only,) = map(
        english,
        value.attention(METRICS | {"n_negative": 0, "service_cost": 0, "top_fifth_profit": None}),
    )
    assert only == "No cost to serve is known: who costs more than it brings cannot be told."


def test_attention_says_what_it_rests_on():
    said = list(map(english, value.attention(METRICS | {"revenue_based_share": 0.4, "mae_gain": -90_000.0})))
    assert said[2].startswith("Revenue-based: for 40% of the turnover")
    assert said[3].startswith("A year ago, last year's profit again")


@pytest.mark.parametrize("metrics", [{}, {"n_customers": 0}, METRICS | {"n_valued": 0}])
def test_nobody_to_value(metrics):
    assert list(map(english, value.attention(metrics))) == [
        "There are no sales and no contracts: nobody can be valued."
    ]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.81, "brought 81% of the profit"),
        (1.2, "brought 120% of the profit: the others together lost money"),
        (None, "There is no profit to share out"),
    ],
)
def test_pareto(share, words):
    assert words in english(value.pareto_title({"top_fifth_profit": share}))


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (144_000.0, "CN¥5,370 a customer; last year's profit again missed by CN¥6,820"),
        (20_000.0, "CN¥5,370 a customer, last year's profit again by CN¥6,820: cannot tell which is better"),
        (-20_000.0, "CN¥5,370 a customer, last year's profit again by CN¥6,820: cannot tell which is better"),
        (-144_000.0, "CN¥5,370 a customer, more than last year's profit again (CN¥6,820)"),
    ],
)
def test_the_score_is_judged_by_two_standard_errors(gain, words):
    said = english(value.backtest_title(METRICS | {"mae_gain": gain}))
    assert said == "Stated a year ago, values missed by " + words


def test_without_two_years_nobody_can_tell():
    assert english(value.backtest_title({})).startswith("Less than two years of sales")


def test_the_method_carries_the_scores():
    assert "rank correlation 0.320 (0.240, 0.270), total -19.0% off" in english(value.method(METRICS)[-1])
    assert len(value.method({})) == 3
