"""Sales by month, and how much the largest customers and products bring."""

import pandas as pd
import pytest
from sales_ledger import BEFORE, NOW, line, statistics


def test_every_month_from_the_first_to_the_last_and_the_mean_of_twelve():
    tables, metrics = statistics(
        line("A", "2025-10-05", 600, line_kind="part", order_id="1"),
        line("B", "2025-10-20", 607, line_kind="product", order_id="2", margin=7),
        line("A", "2025-10-20", -7, line_kind="product", order_id="3"),
        line("A", "2026-10-31 18:00", 240, line_kind="part", order_id="4"),
        line("A", "2026-10-31 18:00", 5, line_kind="product", order_id="4"),
    )
    months = tables["months"].set_index(["line_kind", "month"])
    everything = months.loc["all"]
    assert list(everything.index) == [
        "2025-10",
        "2025-11",
        "2025-12",
        *(f"2026-{n:02d}" for n in range(1, 11)),
    ]
    assert list(everything.loc["2025-10", ["amount", "orders", "customers", "margin"]]) == [1200, 2, 2, 7]
    assert list(everything.loc["2026-02", ["amount", "orders", "customers", "margin"]]) == [0, 0, 0, pd.NA]
    assert list(everything.loc["2026-10", ["amount", "orders", "customers"]]) == [245, 1, 1]
    # (1200 + eleven empty months) / 12, then 245 / 12 = 20.4; of parts 240 / 12
    assert everything["trend"].isna().sum() == 11
    assert list(everything["trend"].tail(2)) == [100, 20]
    assert months.loc[("part", "2026-10"), "trend"] == 20
    assert set(months.index.get_level_values(0)) == {"all", "part", "product"}
    assert (metrics["first_month"], metrics["months_before"]) == ("2025-10", 1)


def test_one_month_only():
    tables, metrics = statistics(line("A", "2026-10-03", 500))
    assert tables["months"].drop(columns=["margin", "trend"]).to_numpy().tolist() == [
        ["2026-10", "all", 500, 1, 1],
        ["2026-10", "unknown", 500, 1, 1],
    ]
    assert (metrics["months_before"], metrics["before"], metrics["change_share"]) == (0, 0, None)


def test_half_a_minor_unit_is_rounded_up_on_both_sides_of_nothing():
    rows = [
        line("A", "2025-11-01", 0),
        line("A", "2026-10-01", 6, line_kind="part"),
        line("A", "2026-10-01", -6, line_kind="other"),
    ]
    months = statistics(*rows)[0]["months"]
    trend = months[months["month"] == "2026-10"].set_index("line_kind")["trend"]
    assert (trend["part"], trend["other"], trend["all"]) == (1, 0, 0)


def test_the_largest_customers_first():
    tables, metrics = statistics(
        line("A", NOW, 60, product_id="P"), line("B", NOW, 30, product_id="P"), line("C", NOW, 20),
        line("D", NOW, 10), line("D", NOW, -20), line("E", BEFORE, 70),
    )  # fmt: skip
    pareto = tables["pareto"].set_index("of")
    assert list(pareto.loc["customer", "share_of"]) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    # D sent back more than it bought, so the others brought more than all
    assert list(pareto.loc["customer", "share_amount"]) == pytest.approx([0, 0.6, 0.9, 1.1])
    assert list(pareto.loc["product", "share_amount"]) == pytest.approx([0, 0.9])
    assert metrics["top20"] == pytest.approx({"customer": 0.6, "product": 0.9})


def test_many_customers_are_a_curve_of_a_hundred_steps():
    tables, metrics = statistics(*(line(f"C{n:03d}", NOW, 1 + 9 * (n < 50)) for n in range(250)))
    customers = tables["pareto"][tables["pareto"]["of"] == "customer"]
    assert len(customers) == 101
    assert metrics["top20"]["customer"] == 500 / 700
