"""Each branch of the sentences on customer value."""

import pytest

from crmlab.report.findings import value
from crmlab.report.language import Language

EN = Language("en")
METRICS = {
    "n_valued": 1200,
    "n_negative": 297,
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
    ("gain", "verdict", "words"),
    [
        (144_000.0, "better", "; last year's profit again missed by"),
        (20_000.0, "even", ", no less than last year's profit again"),
        (-20_000.0, "even", ", no less than last year's profit again"),
        (-144_000.0, "worse", ", more than last year's profit again"),
        (None, "unknown", "Less than two years of sales"),
    ],
)
def test_the_score_is_judged_by_two_standard_errors(gain, verdict, words):
    metrics = METRICS | {"mae_gain": gain}
    assert value.verdict(metrics) == verdict
    assert words in english(value.backtest_title(metrics))


def test_the_method_carries_the_scores():
    assert "rank correlation 0.320 (0.240, 0.270), total -19.0% off" in english(value.method(METRICS)[-1])
    assert len(value.method({})) == 2
