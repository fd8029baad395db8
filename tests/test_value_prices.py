"""What each customer pays of the list price."""

import pandas as pd
import pytest
from small_company import AS_OF, books, day, tables

from crmlab.value.to_come.known import known
from crmlab.value.to_come.prices import price_levels

WHO = pd.Index(["A", "B", "NEW"])


def prices(**shares):
    """Lines of each customer at these shares of the list price."""
    rows = [(who, len(s), sum(s), sum(x * x for x in s)) for who, s in shares.items()]
    return pd.DataFrame(rows, columns=["customer_id", "n", "paid", "paid_squared"])


def test_who_always_gets_a_discount_will_and_a_stranger_pays_what_all_pay():
    level, mean = price_levels(prices(A=[1.0, 0.99, 1.01] * 10, B=[0.8, 0.81, 0.79] * 10), WHO)
    assert mean == pytest.approx(0.9)
    assert level == pytest.approx([1.0, 0.8, 0.9], abs=0.005)


def test_one_line_tells_less_than_many():
    level, mean = price_levels(prices(A=[1.0, 0.7] * 15, B=[0.6], C=[0.8, 1.0] * 10, D=[0.6, 0.9] * 10), WHO)
    assert 0.6 < level[1] < mean
    assert abs(level[1] - mean) < 0.5 * abs(0.6 - mean)


def test_where_customers_differ_no_more_than_lines_do_all_pay_the_same():
    level, mean = price_levels(prices(A=[0.7, 1.1] * 20, B=[0.8, 1.0] * 20), WHO)
    assert level == pytest.approx([mean] * 3, abs=0.005)


@pytest.mark.parametrize("lines", [prices(), prices(A=[0.9]), prices(A=[0.0, 0.0])])
def test_without_list_prices_nobody_has_a_discount(lines):
    level, mean = price_levels(lines, WHO)
    assert level.tolist() == [1, 1, 1]
    assert mean == 1


def test_one_customer_is_its_own_mean():
    level, mean = price_levels(prices(A=[0.9, 0.8]), WHO)
    assert level == pytest.approx([0.85] * 3)
    assert mean == pytest.approx(0.85)


def test_shares_are_of_lines_with_a_list_price_and_pieces_up_to_the_day():
    def sold(at, amount, **cells):
        line = {"customer_id": "A", "line_kind": "product", "product_id": "P", "qty": 2.0}
        return {**line, "sold_at": at, "amount": amount, **cells}

    clean = tables(
        products=[
            {"product_id": "P", "list_price": 100},
            {"product_id": "FREE", "list_price": 0},
            {"product_id": "N"},
        ],
        sales=[
            sold(AS_OF, 180),
            sold(day(AS_OF, 1), 20),
            sold(AS_OF, -180, qty=-2.0),
            sold(AS_OF, 50, product_id="FREE"),
            sold(AS_OF, 50, product_id="N"),
            sold(AS_OF, 50, product_id=None),
            sold(AS_OF, 50, qty=0.0),
            sold(AS_OF, 50, line_kind="contract"),
        ],
    )
    found = known(books(clean), AS_OF).prices
    assert found.to_dict("records") == [
        {"customer_id": "A", "n": 1, "paid": pytest.approx(0.9), "paid_squared": pytest.approx(0.81)}
    ]
