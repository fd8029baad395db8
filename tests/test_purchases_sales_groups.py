"""Sales by every dimension: nothing is lost, and what a line does not say is a group of its own."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sales_ledger import BEFORE, EARLIER, NOW, column, group, line, statistics

from crmlab.purchases.sales.outputs import DIMENSIONS, OUTPUTS, PARTS


def test_a_group_is_what_was_sold_less_what_came_back_beside_the_year_before():
    tables, metrics = statistics(
        line("A", NOW, 1000, order_id="1", channel="direct", cost=700),
        line("A", NOW, 500, order_id="1", channel="direct", margin=200),
        line("B", NOW, 400, order_id="2", channel="direct"),
        line("A", NOW, -500, order_id="3", channel="direct", is_return=True, margin=-200),
        line("B", BEFORE, 900, order_id="4", channel="direct"),
        line("C", NOW, 600, order_id="5", channel="phone"),
    )
    direct = group(tables, "channel", "direct")
    assert list(direct[["customers", "orders", "lines"]]) == [2, 2, 3]
    assert list(direct[["amount", "returned", "before", "change"]]) == [1400, 500, 900, 500]
    # 300 of the first line, 200 of the second, taken back by the fourth; the third does not say
    assert (direct["margin"], direct["margin_share"]) == (300, 300 / 1000)
    assert direct["share"] == 1400 / 2000
    assert metrics["margin_known"] == 1500 / 2500
    assert metrics["returned_share"] == 500 / 2500
    assert metrics["change_share"] == 1100 / 900


def test_what_a_line_does_not_say_is_a_group_and_so_is_what_came_back_whole():
    tables, metrics = statistics(
        line(None, NOW, 100),
        line("A", NOW, 300, product_id="P", region="west", line_kind="part"),
        line("B", NOW, 50, region="east"),
        line("B", NOW, -50, region="east", is_return=True),
    )
    assert column(tables, "customer", "amount") == {"A": 300, "B": 0, "unknown": 100}
    assert column(tables, "product", "amount") == {"P": 300, "unknown": 100}
    assert column(tables, "region", "amount") == {"west": 300, "east": 0, "unknown": 100}
    assert column(tables, "line_kind", "amount") == {"part": 300, "unknown": 100}
    assert column(tables, "channel", "amount") == {"unknown": 400}
    assert group(tables, "region", "east")["returned"] == 50
    assert metrics["customers"] == 2
    assert metrics["unknown"] == {
        "product": 0.25, "category": 1, "customer": 0.25, "rate": 1, "channel": 1, "region": 0.25, "line_kind": 0.25,
    }  # fmt: skip


def test_names_come_from_the_files_of_customers_and_products():
    tables, _ = statistics(
        line("A", NOW, 100, product_id="P", customer_name="as sold"),
        line("B", NOW, 100, product_id="Q", customer_name="as sold"),
        line(None, NOW, 100, customer_name="walk-in"),
        products=[{"product_id": "P", "series": "X", "category": "server"}],
        customers=[{"customer_id": "A", "customer_name": "on file"}],
    )
    names = column(tables, "customer", "name")
    assert (names["A"], names["B"], names["unknown"]) == ("on file", "as sold", pd.NA)
    assert column(tables, "product", "name") == {"P": "X", "Q": pd.NA, "unknown": pd.NA}
    assert column(tables, "category", "amount") == {"server": 100, "unknown": 200}


def test_the_customer_file_tells_regions_only_where_the_ledger_tells_none():
    customers = [{"customer_id": "A", "region": "Hangzhou"}]
    told = statistics(line("A", NOW, 100), line("B", NOW, 50), customers=customers)[0]
    assert column(told, "region", "amount") == {"Hangzhou": 100, "unknown": 50}
    mixed = statistics(line("A", NOW, 100), line("B", NOW, 50, region="west"), customers=customers)[0]
    assert column(mixed, "region", "amount") == {"unknown": 100, "west": 50}


def test_the_discount_is_the_rate_else_what_was_paid_of_the_list_price():
    tables, metrics = statistics(
        line("A", NOW, 900, rate=0.1),  # of 1000, says its rate
        line("B", NOW, 1800, qty=2, list_price=1000),  # 10 % again, off 2000
        line("C", NOW, 700, qty=1, product_id="P"),  # 30 % off the catalogue's 1000
        line("D", NOW, 1100, qty=1, list_price=1000),  # more than the list price
        line("E", NOW, 5000),  # cannot tell
        line("B", NOW, -900, qty=-1, list_price=1000, is_return=True),  # comes off its band, not its discount
        products=[{"product_id": "P", "list_price": 1000}],
    )
    assert column(tables, "rate", "amount") == {"0.1": 1800, "0.3": 700, "below": 1100, "unknown": 5000}
    discounts = column(tables, "rate", "discount")
    assert discounts == {"0.1": 0.1, "0.3": 0.3, "below": -0.1, "unknown": pd.NA}
    assert metrics["discount"] == pytest.approx((100 + 200 + 300 - 100) / 5000)
    assert metrics["listed"] == 4500 / 9500


def test_a_rate_lies_in_the_band_that_it_begins():
    """1 − 90 / 100 is a little below 0.1 in binary fractions; the band is not."""
    tables, _ = statistics(
        line("A", NOW, 90, qty=1, list_price=100), line("A", NOW, 91, qty=1, list_price=100),
        line("A", NOW, 0, rate=1), rate_bands=[0, 0.1, 0.5],
    )  # fmt: skip
    assert column(tables, "rate", "amount") == {"0": 91, "0.1": 90, "0.5": 0}


def test_without_order_numbers_an_order_is_a_day_of_a_customer():
    tables, _ = statistics(
        line("A", "2026-03-02 09:00", 1), line("A", "2026-03-02 15:00", 1), line("A", "2026-03-03", 1),
        line("B", "2026-03-02", 1), line(None, "2026-03-02", 1), line(None, "2026-03-02", 1),
    )  # fmt: skip
    assert group(tables, "all")["orders"] == 5


def test_no_margin_is_missing_and_never_nothing():
    tables, metrics = statistics(line("A", NOW, 100), line("A", BEFORE, 100, margin=20))
    assert tables["sales"]["margin"].isna().all()
    assert tables["sales"]["margin_share"].isna().all()
    assert tables["months"].set_index("month").loc["2026-03", "margin"].isna().all()
    assert (metrics["margin"], metrics["margin_share"], metrics["margin_known"]) == (None, None, 0)


def test_of_a_total_that_is_not_positive_there_are_no_shares():
    tables, metrics = statistics(
        line("A", NOW, 100), line("B", NOW, -300, is_return=True), line("B", BEFORE, 300)
    )
    assert group(tables, "all")["amount"] == -200
    assert tables["sales"]["share"].isna().all()
    assert tables["pareto"].empty
    assert metrics["top20"] == {"customer": None, "product": None}
    assert metrics["returned_share"] == 3
    assert metrics["unknown"]["channel"] is None


def test_only_complete_months_and_what_is_known():
    rows = [line("A", "2026-10-31 23:59", 1), line("A", "2025-11-01", 10), line("A", "2025-10-31", 100),
            line("A", "2024-11-01", 1000), line("A", "2024-10-31", 10**4), line("A", "2026-11-01", 10**5)]  # fmt: skip
    tables, metrics = statistics(*rows, as_of=pd.Timestamp("2026-11-15"))
    assert list(group(tables, "all")[["amount", "before"]]) == [11, 1100]
    assert tables["months"]["month"].max() == "2026-10"
    assert metrics["months_before"] == 12
    earlier, metrics = statistics(*rows, until="2025-10", as_of=pd.Timestamp("2025-11-15"))
    assert list(group(earlier, "all")[["amount", "before"]]) == [1100, 10**4]
    assert metrics["months_before"] == 1
    unknown, _ = statistics(*rows, as_of=pd.Timestamp("2026-10-30"))
    assert group(unknown, "all")["amount"] == 10


def test_an_empty_ledger_and_one_that_ended_long_ago():
    tables, metrics = statistics()
    assert all(table.empty for table in tables.values())
    assert (metrics["lines"], metrics["first_month"], metrics["months_before"]) == (0, None, 0)
    tables, metrics = statistics(line("A", EARLIER, 100))
    assert [name for name in OUTPUTS if len(tables[name])] == ["months"]
    assert (metrics["lines"], metrics["first_month"]) == (0, "2023-03")


def maybe(*values):
    return st.sampled_from([None, *values])


ANY_LINE = st.fixed_dictionaries(
    {
        "customer_id": maybe("A", "B", "C"),
        "sold_at": st.dates(pd.Timestamp("2023-06-01").date(), pd.Timestamp("2026-11-20").date()).map(pd.Timestamp),
        "amount": st.integers(-(10**9), 10**9),
        "order_id": maybe("1", "2"),
        "product_id": maybe("P", "Q", "R"),
        "qty": maybe(-1.5, 0, 1, 3, 7),
        "list_price": maybe(0, 999, 12345),
        "rate": maybe(-0.2, 0, 0.07, 0.3, 1),
        "margin": maybe(-5, 70),
        "channel": maybe("direct"),
        "region": maybe("west"),
        "line_kind": maybe("product", "contract", "other"),
        "is_return": maybe(True, False),
    }
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.lists(ANY_LINE, max_size=20))
def test_whatever_the_ledger_every_dimension_and_every_split_adds_up(rows):
    tables, metrics = statistics(
        *rows, products=[{"product_id": "P", "category": "server", "list_price": 500}]
    )
    sales, months, change = tables["sales"], tables["months"], tables["change"]
    since = {
        "now": pd.Timestamp("2025-11-01"),
        "before": pd.Timestamp("2024-11-01"),
        "end": pd.Timestamp("2026-11-01"),
    }
    now = sum(r["amount"] for r in rows if since["now"] <= r["sold_at"] < since["end"])
    before = sum(r["amount"] for r in rows if since["before"] <= r["sold_at"] < since["now"])
    if sales.empty:
        assert (now, before) == (0, 0)
        return
    assert (metrics["amount"], metrics["before"], metrics["change"]) == (now, before, now - before)
    total = group(tables, "all")
    for of in DIMENSIONS:
        groups = sales[sales["of"] == of]
        for name in ("lines", "amount", "returned", "before", "change"):
            assert groups[name].sum() == total[name], (of, name)
        assert groups["margin"].sum() == (0 if pd.isna(total["margin"]) else total["margin"]), of
    year = months[months["month"].between("2025-11", "2026-10")]
    assert year.loc[year["line_kind"] == "all", "amount"].sum() == now
    assert year.loc[year["line_kind"] != "all", "amount"].sum() == now
    assert change.groupby("of")["amount"].sum().to_dict() == dict.fromkeys(PARTS, now - before)
