"""What a change of sales is made of: the parts by hand, and to the last minor unit."""

import math

import pytest
from sales_ledger import BEFORE, EARLIER, NOW, line, parts, statistics

from crmlab.purchases.sales.change import whole
from crmlab.purchases.sales.divisia import divisia
from crmlab.purchases.sales.outputs import PARTS

ANCIENT = line("Z", EARLIER, 1)
"""A ledger that reaches back, so that the years can be compared."""


def counts(tables, of):
    rows = tables["change"][tables["change"]["of"] == of].dropna(subset="n")
    return rows.set_index("part")["n"].to_dict()


def test_customers_who_came_came_back_bought_more_or_less_and_stayed_away():
    tables, _ = statistics(
        line("won", NOW, 100),
        line("back", EARLIER, 50), line("back", NOW, 70),
        line("more", BEFORE, 100), line("more", NOW, 130),
        line("same", BEFORE, 40), line("same", NOW, 40),
        line("less", BEFORE, 90), line("less", NOW, 60),
        line("lost", BEFORE, 80), line("lost", NOW, -10),
        line("returned", EARLIER, 30), line("returned", NOW, -30),
        line(None, NOW, 25),
    )  # fmt: skip
    told = {"won": 100, "won_back": 70, "more": 30, "less": -30, "lost": -90, "not_told": -5}
    assert parts(tables, "customers") == told
    assert counts(tables, "customers") == dict.fromkeys(PARTS["customers"][:-1], 1)


def test_more_customers_who_buy_as_often_for_half_the_amount():
    tables, _ = statistics(
        ANCIENT,
        *(line(c, day, 5000) for c in "AB" for day in ("2025-03-01", "2025-04-01")),
        *(line(c, day, 2500) for c in "ABCD" for day in ("2026-03-01", "2026-04-01")),
        line("A", "2026-03-01 17:00", 0, product_id="second line of the day"),
    )
    # nothing changed in all: twice the customers bring ln 2 × 20000, half the amount takes it away
    assert parts(tables, "rhythm") == {"customers": 13863, "spend": -13863}


def test_purchases_are_days_or_weeks_as_the_settings_say():
    monday, tuesday, next_monday = "2026-03-02", "2026-03-03", "2026-03-09"
    rows = [ANCIENT, line("A", BEFORE, 100), *(line("A", day, 100) for day in (monday, tuesday, next_monday))]
    by_day = parts(statistics(*rows, unit="day")[0], "rhythm")
    by_week = parts(statistics(*rows, unit="week")[0], "rhythm")
    assert by_day == {"frequency": 200}
    mean = 200 / math.log(3)
    assert by_week == {"frequency": round(mean * math.log(2)), "spend": round(mean * math.log(1.5))}


@pytest.mark.parametrize(
    ("rows", "rest"),
    [
        ([line("A", BEFORE, 100), line("A", NOW, -20)], -120),
        ([line("A", EARLIER, 100), line("A", NOW, 30)], 30),
        ([line("A", BEFORE, 100), line("A", BEFORE, -100), line("A", NOW, 30)], 30),
        ([line(None, BEFORE, 100), line(None, NOW, 30)], -70),
    ],
    ids=["only returns now", "nothing before", "all returned before", "nobody named"],
)
def test_where_a_year_has_nothing_the_rhythm_is_not_told(rows, rest):
    assert parts(statistics(ANCIENT, *rows)[0], "rhythm") == {"not_told": rest}


def test_lines_of_nobody_have_no_rhythm_but_stay_in_the_sum():
    tables, _ = statistics(ANCIENT, line("A", BEFORE, 100), line("A", NOW, 150), line(None, NOW, 7))
    assert parts(tables, "rhythm") == {"spend": 50, "not_told": 7}


def priced(day, product, qty, price, paid, **more):
    return line("A", day, round(qty * paid), product_id=product, qty=qty, list_price=price, **more)


def test_volume_mix_list_price_and_discount_by_hand():
    tables, _ = statistics(
        priced(BEFORE, "P", 10, 100, 100),
        priced(BEFORE, "Q", 10, 300, 300),
        priced(NOW, "P", 8, 110, 99),
        priced(NOW, "Q", 16, 300, 300),
        priced(NOW, "new", 1, 50, 50),
        priced(BEFORE, "dropped", 1, 20, 20),
        line("A", NOW, 9, product_id="P"),
        line("A", NOW, 4, qty=1),
        line("A", NOW, 3, product_id="P", qty=0),
    )
    assert parts(tables, "price") == {
        "volume": 800,  # 24 pieces instead of 20, at 200 on average
        "mix": 800,  # 24 pieces at last year's prices are 5600, at last year's mix 4800
        "price": 80,  # 8 pieces of P, 10 dearer
        "discount": -88,  # 8 pieces of P at 110 less 10 %
        "new_products": 50,
        "dropped_products": -20,
        "not_told": 16,
    }
    assert counts(tables, "price") == {"new_products": 1, "dropped_products": 1}


def test_a_list_price_rises_at_last_years_discount():
    tables, _ = statistics(priced(BEFORE, "P", 10, 100, 80), priced(NOW, "P", 10, 110, 77))
    # 10 × 10 × 0.8, then 10 × 110 × (0.7 − 0.8)
    assert parts(tables, "price") == {"price": 80, "discount": -110}


def test_without_list_prices_the_price_paid_is_the_price():
    tables, _ = statistics(priced(BEFORE, "P", 10, None, 80), priced(NOW, "P", 12, None, 77))
    assert parts(tables, "price") == {"volume": 160, "price": -36}


def test_a_line_that_says_its_rate_says_its_list_price():
    tables, _ = statistics(
        priced(BEFORE, "P", 10, None, 80, rate=0.2), priced(NOW, "P", 10, None, 77, rate=0.3)
    )
    assert parts(tables, "price") == {"price": 80, "discount": -110}


def test_the_catalogue_fills_in_list_prices():
    tables, _ = statistics(
        priced(BEFORE, "P", 10, None, 80), priced(NOW, "P", 10, None, 77),
        products=[{"product_id": "P", "list_price": 100}],
    )  # fmt: skip
    assert parts(tables, "price") == {"discount": -30}


def test_a_product_that_came_back_whole_was_not_sold():
    tables, _ = statistics(
        priced(BEFORE, "P", 10, 100, 80), priced(NOW, "P", 2, 100, 80), priced(NOW, "P", -2, 100, 75),
        priced(NOW, "Q", -1, 100, 90),
    )  # fmt: skip
    assert parts(tables, "price") == {"dropped_products": -790, "not_told": -90}


def test_a_ledger_without_an_earlier_month_cannot_tell_who_or_what_is_new():
    tables, metrics = statistics(priced(NOW, "P", 10, 100, 80))
    assert metrics["months_before"] == 0
    for of in PARTS:
        assert parts(tables, of) == {"not_told": 800}


def test_every_split_has_every_part():
    tables, _ = statistics(line("A", NOW, 1))
    found = tables["change"].groupby("of", sort=False)["part"].agg(tuple).to_dict()
    assert found == PARTS


@pytest.mark.parametrize(
    ("before", "now"),
    [((3, 2.5, 700), (4, 2.0, 650)), ((10, 2, 50), (20, 1, 50)), ((10, 2, 50), (20, 1, 50 * (1 + 1e-13)))],
)
def test_the_logarithmic_mean_leaves_no_remainder_and_turns_round(before, now):
    there, back = divisia(before, now), divisia(now, before)
    assert sum(there) == pytest.approx(math.prod(now) - math.prod(before), abs=1e-9)
    assert there == pytest.approx([-part for part in back], abs=1e-9)


def test_what_rounding_leaves_goes_to_the_largest_and_the_first_of_equals():
    assert whole([1.4, -7.4, 0.4], -5) == [1, -6, 0]
    assert whole([2.5, 2.5], 5) == [3, 2]
