"""Purchase histories from the ledger: one purchase a day, returns taken back, nothing known later, no money lost."""

import datetime
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import SETTINGS, Sold, ledger, sales_table

from crmlab.engine import Engine
from crmlab.files import CrmlabError
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.settings import Settings

D = pd.Timestamp


def history(lines, as_of="2026-12-31", **changed):
    """The only customer's history."""
    (row,) = ledger(lines, **changed).histories(D(as_of)).to_dict("records")
    return row


def test_lines_of_one_day_are_one_purchase():
    found = history([Sold("2026-01-05", 100), Sold("2026-01-05", 50), Sold("2026-03-06", 70)])
    assert (found["frequency"], found["recency"], found["T"], found["amount"]) == (1, 60, 360, 220)
    assert (found["first_at"], found["last_at"]) == (D("2026-01-05"), D("2026-03-06"))


def test_lines_of_one_week_are_one_purchase_where_weeks_are_the_unit():
    monday, sunday, next_monday = "2026-01-05", "2026-01-11", "2026-01-12"
    lines = [Sold(day, 100) for day in (monday, sunday, next_monday)]
    found = history(lines, as_of="2026-01-25", unit="week")
    assert (found["frequency"], found["recency"], found["T"]) == (1, 1, 2)


@pytest.mark.parametrize("as_of", ["2026-01-05", "2026-02-01", "2026-03-06"])
def test_the_history_is_that_of_any_day_asked_for(as_of):
    lines = [Sold("2026-01-05", 100), Sold("2026-02-01", 50), Sold("2026-03-06", 70)]
    found = history(lines, as_of)
    known = [line for line in lines if line.day <= as_of]
    assert found["frequency"] == len(known) - 1
    assert found["amount"] == sum(line.amount for line in known)
    assert found["T"] == (D(as_of) - D("2026-01-05")).days


def test_a_purchase_returned_whole_is_none_once_the_return_is_known():
    lines = [Sold("2026-01-05", 100), Sold("2026-02-01", 70, "B"), Sold("2026-02-20", -70, "B", back=True)]
    assert history(lines, "2026-02-19")["frequency"] == 1
    after = history(lines, "2026-02-20")
    assert (after["frequency"], after["amount"], after["last_at"]) == (0, 100, D("2026-01-05"))


def test_a_return_is_taken_from_the_last_day_on_which_that_product_was_bought():
    lines = [Sold("2026-01-05", 70, "B"), Sold("2026-02-01", 100), Sold("2026-02-20", -70, "B", back=True)]
    found = history(lines)
    assert (found["frequency"], found["first_at"], found["amount"]) == (0, D("2026-02-01"), 100)


def test_a_return_of_an_unknown_product_is_taken_from_the_last_day_of_any():
    lines = [Sold("2026-01-05", 70, "B"), Sold("2026-02-01", 100), Sold("2026-02-20", -100, "Z", back=True)]
    assert history(lines)["last_at"] == D("2026-01-05")


def test_a_return_of_a_part_leaves_the_purchase_and_lowers_what_was_spent():
    found = history([Sold("2026-01-05", 100), Sold("2026-02-20", -30, back=True)])
    assert (found["frequency"], found["amount"]) == (0, 70)


def test_a_negative_line_is_a_return_even_if_it_does_not_say_so():
    assert history([Sold("2026-01-05", 100), Sold("2026-02-20", -30)])["frequency"] == 0


def test_more_returned_than_bought_stays_in_what_was_spent():
    lines = [Sold("2026-01-05", 100), Sold("2026-02-01", 50, "B"), Sold("2026-02-20", -80, "B", back=True)]
    found = history(lines)
    assert (found["frequency"], found["amount"]) == (0, 70)


def test_a_return_without_a_purchase_is_counted_apart():
    found = ledger([Sold("2026-02-20", -80, back=True), Sold("2026-03-01", 50)])
    assert found.histories(D("2026-12-31")).amount.tolist() == [50]
    assert found.set_aside(D("2026-12-31")) == {
        "alone": 1, "alone_amount": -80, "other_kinds": 0, "no_customer": 0,
    }  # fmt: skip


def test_other_kinds_of_lines_and_lines_of_nobody_are_no_purchases():
    lines = [
        Sold("2026-01-05", 100), Sold("2026-02-05", 9, kind="contract"), Sold("2026-02-06", 9, kind="other"),
        Sold("2026-02-07", 9, kind="service"), Sold("2026-02-08", 9, customer=None),
    ]  # fmt: skip
    found = ledger(lines)
    assert found.histories(D("2026-12-31")).amount.tolist() == [109]
    aside = found.set_aside(D("2026-12-31"))
    assert (aside["other_kinds"], aside["no_customer"]) == (2, 1)


def test_a_line_without_a_kind_is_a_product():
    assert history([Sold("2026-01-05", 100, kind=None)])["amount"] == 100


def test_sales_after_the_as_of_day_are_not_known():
    assert history([Sold("2026-01-05", 100), Sold("2027-01-01", 50)])["amount"] == 100
    assert ledger([Sold("2027-01-01", 50)]).histories(D("2026-12-31")).empty


def test_ten_thousand_purchases_by_one_customer():
    days = pd.date_range("1999-01-01", periods=10_000).strftime("%Y-%m-%d")
    found = history([Sold(day, 1) for day in days], as_of="2026-12-31")
    assert (found["frequency"], found["recency"], found["amount"]) == (9_999, 9_999, 10_000)


def test_equal_histories_are_counted_once_and_those_won_today_are_left_out():
    lines = [Sold("2026-01-05", 1, customer=c) for c in "ABC"] + [Sold("2026-12-31", 1, customer="D")]
    (row,) = ledger(lines).counted(D("2026-12-31")).to_dict("records")
    assert row == {"frequency": 0, "recency": 0, "T": 360, "customers": 3}


def test_later_purchases_are_counted_by_step_after_the_origin():
    lines = [Sold("2026-01-05", 1), Sold("2026-02-01", 1), Sold("2026-02-02", 1), Sold("2026-03-04", 1)]
    found = ledger(lines).later(D("2026-02-01"), D("2026-12-31"), 30)
    assert found[["step", "purchases"]].to_numpy().tolist() == [[0, 1], [1, 1]]


def test_later_purchases_that_came_back_do_not_count():
    lines = [Sold("2026-01-05", 1), Sold("2026-02-02", 9, "B"), Sold("2026-02-09", -9, "B", back=True)]
    assert ledger(lines).later(D("2026-02-01"), D("2026-12-31"), 30).empty
    assert len(ledger(lines).later(D("2026-02-01"), D("2026-02-08"), 30)) == 1


LINES = st.lists(
    st.tuples(
        st.sampled_from("AB"), st.integers(0, 40), st.sampled_from("XY"), st.integers(1, 5), st.booleans()
    ),
    max_size=25,
)


@given(LINES)
@settings(max_examples=30, deadline=None)
def test_histories_are_those_of_a_slow_count_line_by_line(lines):
    begin = datetime.date(2026, 1, 1)
    sold = [
        Sold(str(begin + datetime.timedelta(day)), -n if back else n, product, customer, back=back)
        for customer, day, product, n, back in lines
    ]
    expected = {}
    for customer in "AB":
        own = [line for line in sold if line.customer == customer]
        left = defaultdict(int)
        for line in own:
            bought = [o for o in own if not o.back and o.day <= line.day]
            same = [o.day for o in bought if o.product == line.product] or [o.day for o in bought]
            if not line.back:
                left[line.day] += line.amount
            elif same:
                left[max(same)] += line.amount
        days = sorted(day for day, amount in left.items() if amount > 0)
        if days:
            expected[customer] = (len(days) - 1, days[0], days[-1], sum(left.values()))
    found = ledger(sold).histories(D("2026-12-31"))
    told = {
        r.customer_id: (r.frequency, str(r.first_at.date()), str(r.last_at.date()), r.amount)
        for r in found.itertuples()
    }
    assert told == expected


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"counts": ["goods"]},
            "purchases.counts: 'goods' is not one of product, service, part, contract, other",
        ),
        ({"counts": []}, "purchases.counts: empty"),
        ({"rate_bands": []}, "purchases.rate_bands: empty"),
        ({"unit": "month"}, "purchases.unit: 'month' is not one of day, week"),
        ({"horizon_days": 0}, "horizon_days 0"),
        ({"models": []}, "purchases.models: empty"),
        ({"models": ["NBD"]}, "purchases.models: 'NBD' is not one of MBGNBD"),
        ({"alive": [0.7, 0.3]}, "purchases.alive"),
    ],
)
def test_a_setting_that_means_nothing_is_refused_by_name(changed, said):
    with pytest.raises(CrmlabError, match=said.replace("[", r"\[")):
        Settings.read({**SETTINGS, **changed})


def test_an_empty_ledger_has_no_customers():
    assert ledger([]).histories(D("2026-12-31")).empty
    assert not np.any(list(ledger([]).set_aside(D("2026-12-31")).values()))


@pytest.mark.spark
def test_spark_reads_the_same_histories(tmp_path):
    lines = [
        Sold(
            f"2026-{1 + n % 9:02d}-{1 + n * 7 % 28:02d}",
            -40 if n % 6 == 5 else 100,
            "AB"[n % 2],
            f"C{n % 11}",
        )
        for n in range(200)
    ]
    sales_table(lines).to_parquet(tmp_path / "sales.parquet")
    for unit in ("day", "week"):
        duckdb, spark = (
            Ledger(Engine(name), tmp_path / "sales.parquet", Settings.read({**SETTINGS, "unit": unit}))
            for name in ("duckdb", "spark")
        )
        for as_of in (D("2026-05-31"), D("2026-12-31")):
            pd.testing.assert_frame_equal(spark.histories(as_of), duckdb.histories(as_of), check_dtype=False)
            pd.testing.assert_frame_equal(spark.counted(as_of), duckdb.counted(as_of), check_dtype=False)
            assert spark.set_aside(as_of) == duckdb.set_aside(as_of)
        later = [at.later(D("2026-05-31"), D("2026-12-31"), 30) for at in (spark, duckdb)]
        pd.testing.assert_frame_equal(*later, check_dtype=False)
