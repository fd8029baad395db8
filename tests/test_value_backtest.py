"""Values stated on earlier days against the profit that came, beside two simple lines; and how far limits must be widened."""

import numpy as np
import pandas as pd
import pytest
from bookkeeping import books, sold, ticket, visit

from crmlab.purchases.models.predictive import Interval
from crmlab.tables import conform
from crmlab.value.judged.backtest import (
    MIN_CUSTOMERS,
    Judged,
    Stretch,
    agreed,
    deciles,
    figures,
    scores,
    shock,
    stretch,
    verdict,
)
from crmlab.value.judged.came import came, last_year, mean_retained
from crmlab.value.moments import LEVEL
from crmlab.value.outputs import BACKTEST, LINES, SCORES

NOW, YEAR_AGO = pd.Timestamp("2026-06-30"), pd.Timestamp("2025-06-30")


def seen(
    value,
    actual,
    half=10.0,
    ago=1,
    years=1,
    open_=True,
    last_year=0.0,
    mean_retained=0.0,
    total=None,
    gross=100.0,
):
    """What was stated of customers (limits `half` away), and what came."""
    value = np.asarray(value, float)
    told = pd.DataFrame(
        {"value": value, "low": value - half, "high": value + half, "actual": np.asarray(actual, float)}
    )
    told = told.assign(last_year=last_year, mean_retained=mean_retained, open=open_)
    told.index = pd.Index([f"C{n:04d}" for n in range(len(told))], name="customer_id")
    sum_of = float(value.sum())
    return Judged(ago, years, told, total or Interval(sum_of, sum_of - 16.45, sum_of + 16.45), gross)


# Limits


def test_limits_are_widened_until_nineteen_in_twenty_hold_on_each_side():
    """A hundred customers of whom nothing was expected; what came lies evenly from −30 to 20, limits are 10 away."""
    came_to = np.linspace(-30, 20, 101)
    assert stretch(seen(np.zeros(101), came_to)) == Stretch(pytest.approx(2.75), pytest.approx(1.75))


def test_limits_that_were_wide_enough_stay_and_none_goes_out_of_bounds():
    assert stretch(seen(np.zeros(50), np.full(50, 4.0))) == Stretch(1.0, 1.0)
    assert stretch(seen(np.zeros(50), np.full(50, 900.0))) == Stretch(1.0, 3.0)


def test_customers_that_had_left_and_values_without_doubt_say_nothing():
    value, actual = np.zeros(80), np.r_[np.full(40, 19.0), np.full(40, 500.0)]
    left = seen(value, actual, open_=np.arange(80) < 40)
    sure = seen(value, actual, half=np.r_[np.full(40, 10.0), np.zeros(40)])
    assert stretch(left) == stretch(sure) == Stretch(1.0, 1.9)


def test_a_few_customers_leave_limits_as_they_are():
    few = seen(np.zeros(MIN_CUSTOMERS - 1), np.full(MIN_CUSTOMERS - 1, 50.0))
    assert stretch(few) == agreed([]) == Stretch(1.0, 1.0)


def test_limits_are_widened_by_the_mean_of_what_all_days_say():
    much, little = seen(np.zeros(50), np.full(50, 25.0)), seen(np.zeros(50), np.full(50, -15.0), ago=2)
    assert agreed([much, little]) == Stretch(1.25, 1.75)


def test_what_all_customers_missed_together_is_learnt_where_every_day_missed():
    """Stated 0 with limits of one standard deviation of 10; 110 came, of gross flows of 1,000."""
    missed = seen([0.0], [110.0], gross=1000.0)
    assert shock([missed]) == pytest.approx(np.sqrt(110**2 - 10**2) / 1000, rel=1e-3)
    assert shock([missed, seen([0.0], [5.0], ago=2, years=2)]) == 0
    assert shock([]) == 0


# Tenths and scores


def test_customers_are_judged_in_tenths_of_what_was_stated():
    value = np.arange(100.0)
    table = deciles([seen(value, 2 * value, last_year=1.0)])
    conform(table, BACKTEST)
    assert table.n.tolist() == [10] * 10
    assert table.stated.tolist() == [round(x) for x in np.arange(4.5, 100, 10)]
    assert table.actual.tolist() == [10 * 2 * d + 9 for d in range(10)]
    spread = 1.96 * (2 * value[:10]).std(ddof=1) / np.sqrt(10)
    assert table.actual_high[0] - table.actual[0] == pytest.approx(spread, abs=1)
    assert table.last_year.unique() == [1]


def test_a_few_customers_fill_a_few_tenths_and_none_fill_none():
    assert deciles([seen([1.0, 2.0], [0.0, 0.0])]).n.sum() == 2
    assert conform(deciles([]), BACKTEST).empty


def test_scores_compare_the_value_with_each_line_customer_by_customer():
    value, actual = np.array([0.0, 10, 20, 30]), np.array([0.0, 12, 18, 50])
    table = scores([seen(value, actual, half=5, last_year=actual[::-1], mean_retained=25.0)])
    conform(table, SCORES)
    own, last, mean = (table.set_index("line").loc[line] for line in LINES)
    assert (own.mae, last.mae, mean.mae) == (6, 28, 18)
    assert (own.stated, own.actual, own.bias) == (60, 80, -0.25)
    assert (own.spearman, last.spearman) == (pytest.approx(1), pytest.approx(-1))
    assert own.coverage == 0.75
    gain = np.array([50, 6, 6, 50]) - np.array([0, 2, 2, 20])
    assert (last.gain, last.gain_error) == (round(gain.mean()), round(gain.std(ddof=1) / 2))
    assert pd.isna(last.coverage)
    assert (own.low, own.high) == (60 - 16, 60 + 16)


def test_limits_are_judged_as_the_day_before_would_have_widened_them():
    """In the year before last limits had to be twice as wide; so, what missed them by half in the last one was within."""
    before = seen(np.zeros(50), np.tile([20.0, -20.0], 25), ago=2)
    year_ago = seen(np.zeros(50), np.full(50, 15.0))
    overlaps = seen(np.zeros(50), np.tile([20.0, -20.0], 25), ago=2, years=2)
    alone, both, leaky = scores([year_ago]), scores([year_ago, before]), scores([year_ago, overlaps])
    assert alone.coverage[0] == 0
    assert both[both.years == 1].coverage.iloc[0] == 1
    assert leaky[leaky.years == 1].coverage.iloc[0] == 0  # its two years hold the one that is judged


def test_errors_of_those_that_had_not_left_stand_apart():
    table = scores([seen([0.0, 10.0], [0.0, 30.0], open_=np.array([False, True]))]).set_index("line")
    assert (table.loc["value", "n"], table.loc["value", "n_open"]) == (2, 1)
    assert (table.loc["value", "mae"], table.loc["value", "mae_open"]) == (10, 20)


def test_one_customer_and_no_profit_have_no_ranks_and_no_bias():
    table = scores([seen([5.0], [0.0])])
    conform(table, SCORES)
    assert table[["spearman", "bias", "gain_error"]].isna().all(axis=None)
    told = figures(table)
    assert told["1"]["best_line"] == "last_year"
    assert verdict(told) is None


def test_where_all_are_alike_there_is_no_rank():
    with np.errstate(all="raise"):
        assert scores([seen([5.0, 5.0], [1.0, 2.0])]).spearman.isna().all()


def test_the_best_simple_line_is_the_one_to_beat():
    value, actual = np.arange(40.0), np.arange(40.0)
    told = figures(scores([seen(value, actual, last_year=actual + 9, mean_retained=actual + 3)]))
    assert (told["1"]["best_line"], told["1"]["gain"], told["1"]["mae"], told["1"]["mae_last_year"]) == (
        "mean_retained",
        3,
        0,
        9,
    )
    assert verdict(told) == "better"


@pytest.mark.parametrize(("gain", "said"), [(21, "better"), (20, "even"), (-20, "even"), (-21, "worse")])
def test_better_and_worse_are_two_standard_errors_away(gain, said):
    assert verdict({"1": {"gain": gain, "gain_error": 10}}) == said


def test_without_a_year_behind_it_nothing_is_judged():
    assert verdict({}) is None
    assert figures(scores([])) == {}


# What came, and what simple lines would have said


def test_what_came_is_the_profit_of_the_days_between():
    made = books(
        sales=[
            sold("A", day, 100, margin=m)
            for day, m in (("2025-06-30", 1), ("2025-07-01", 20), ("2026-06-30", 3))
        ]
    )
    assert came(made, YEAR_AGO, NOW).to_dict() == {"A": 23}


def test_tickets_whose_bill_is_not_in_yet_count_at_the_mean_cost_of_one():
    """Two closed calls with a visit of 100 yuan each; two open ones, of which one is older than the day."""
    tickets = [
        ticket("T1", "A", "2026-05-01"),
        ticket("T2", "A", "2026-06-01"),
        ticket("T3", "B", "2026-06-20", closed_at="2026-07-05 10:00"),
        ticket("T4", "B", "2025-01-01", closed_at=None),
    ]
    made = books(tickets=tickets, visits=[visit(t, arrived_at="2026-06-02 10:00") for t in ("T1", "T2")])
    assert came(made, YEAR_AGO, NOW).to_dict() == {"A": -200_00, "B": -100_00}


def test_last_year_comes_once_more_for_each_year():
    made = books(sales=[sold("A", "2024-06-29", 100, margin=1), sold("A", "2025-06-30", 100, margin=20)])
    assert last_year(made, YEAR_AGO, 2).to_dict() == {"A": 40}


def test_mean_profit_goes_on_with_the_share_that_stayed():
    """Four bought in the year before last, of whom three bought in the last one. A has been known for two years, B for a month."""
    lines = [sold(c, "2024-12-01", 100, margin=100) for c in "ACDE"]
    lines += [sold(c, "2026-01-01", 100, margin=100) for c in "ACD"] + [
        sold("B", "2026-06-01", 100, margin=50)
    ]
    first = pd.Series({c: pd.Timestamp("2024-07-01") for c in "ACDE"} | {"B": pd.Timestamp("2026-06-01")})
    told = mean_retained(books(sales=lines), NOW, first, 2)
    assert told["A"] == pytest.approx(100 * (0.75 + 0.75**2))
    assert told["B"] == pytest.approx(50 * (0.75 + 0.75**2))  # a customer of a month has had its year


def test_where_nobody_bought_in_the_year_before_all_stay():
    first = pd.Series({"A": pd.Timestamp("2026-01-01")})
    made = books(sales=[sold("A", "2026-01-01", 100, margin=100)])
    assert mean_retained(made, NOW, first, 1).to_dict() == {"A": 100}


def test_the_level_of_limits_is_the_one_that_is_claimed():
    assert LEVEL == 0.9
