"""Profit to date and value to come, by hand."""

import pandas as pd
import pandas.testing as pdt
import pytest

from crmlab.value.lifetime_value import annuity, customer_values, monthly_rates, pareto
from crmlab.value.retention import MONTH

AS_OF = pd.Timestamp("2026-10-31")


def ledger_of(*rows):
    lines = pd.DataFrame(rows, columns=["customer_id", "at", "kind", "revenue", "margin"])
    return lines.assign(at=pd.to_datetime(lines["at"]), estimated=False)


LINES = ledger_of(
    ("A", "2026-05-01", "contract", 2400, 1200),
    ("A", "2026-06-01", "sales", 1000, 360),
    ("A", "2026-06-05", "sales", -500, -120),
    ("A", "2026-07-01", "service", 0, -600),
    ("B", "2026-08-01", "sales", 100, 24),
    ("B", "2026-08-02", "service", 0, -240),
    ("C", "2026-09-01", "contract", 100, 60),
)


def contracts(*rows):
    terms = pd.DataFrame(rows, columns=["customer_id", "start_at", "end_at", "amount"])
    return terms.assign(start_at=pd.to_datetime(terms.start_at), end_at=pd.to_datetime(terms.end_at))


def survival(**customers):
    return pd.DataFrame(customers, index=range(1, 13)).T


def test_an_annuity_is_discounted_month_by_month():
    stays = pd.DataFrame({1: [1.0], 2: [0.5]})
    assert annuity(stays, 0.21).iloc[0] == pytest.approx(1.21 ** (-1 / 12) + 0.5 * 1.21 ** (-2 / 12))
    assert annuity(stays, 0.0).iloc[0] == 1.5


def test_rates_are_means_over_at_least_a_year_and_at_most_three():
    rates = monthly_rates(LINES, AS_OF)
    assert list(rates.loc["A"]) == [100, 20, -50]
    long = ledger_of(("A", "2019-01-01", "sales", 9, 9_999_999), ("A", "2026-01-01", "sales", 9, 3600))
    assert monthly_rates(long, AS_OF).loc["A", "sales"] == pytest.approx(100)
    short = ledger_of(("A", AS_OF - pd.Timedelta(days=round(24 * MONTH) - 1), "sales", 9, 2400))
    assert monthly_rates(short, AS_OF).loc["A", "sales"] == pytest.approx(100, rel=0.002)


def test_a_contract_in_force_counts_its_price_a_month_whenever_it_was_booked():
    half = ledger_of(
        ("three", "2025-11-01", "contract", 36_000, 18_000),
        ("one", "2023-02-01", "contract", 12_000, 6_000),
        ("one", "2024-02-01", "contract", 12_000, 6_000),
        ("gone", "2024-02-01", "contract", 12_000, 6_000),
    )
    living = contracts(
        ("three", "2025-11-01", "2028-10-31", 36_000),
        ("one", "2026-02-01", "2027-01-31", 12_000),
        ("new", "2026-10-31", "2027-10-30", 24_000),
    )
    rates = monthly_rates(half, AS_OF, living).contract
    assert rates.to_dict() == pytest.approx({"three": 500, "one": 500, "new": 1000, "gone": 0})


def test_two_contracts_at_once_count_both():
    living = contracts(("A", "2026-01-01", "2026-12-31", 1200), ("A", "2026-05-01", "2028-04-30", 4800))
    assert monthly_rates(LINES, AS_OF, living).contract["A"] == pytest.approx(300 * 1260 / 2500)


def test_a_first_purchase_is_no_habit():
    """Of many customers that buy once in three years, a tenth did so last summer: all are stated alike."""
    days = pd.date_range("2023-11-05", periods=36, freq="30D")
    lines = ledger_of(*((f"C{i}", day, "sales", 900, 360) for i, day in enumerate(days)))
    rates = monthly_rates(lines, AS_OF).sales
    assert list(rates) == pytest.approx([10] * 36, rel=0.01)


def test_value_by_hand():
    held = survival(A=1.0)
    buys = survival(A=0.0, B=0.5, C=0.5)
    values = customer_values(LINES, None, held, buys, AS_OF, 0.0)
    assert values.loc["A"].to_dict() == {
        "revenue": 2900,
        "margin": 1440,
        "service_cost": 600,
        "historical": 840,
        "contract_to_come": 1200,
        "sales_to_come": 240,
        "cost_to_come": 600,
        "to_come": 840,
        "p_retained": 1.0,
        "basis": "contract",
    }
    assert values.loc["B", ["sales_to_come", "cost_to_come", "to_come"]].tolist() == [12, 120, -108]
    assert values.loc["C", ["contract_to_come", "basis"]].tolist() == [30, "purchases"]


def test_contract_income_ends_with_the_last_contract_where_contracts_are_exported():
    living = contracts(("A", "2026-01-01", "2026-12-31", 2500))
    values = customer_values(LINES, living, survival(A=1.0), survival(B=0.5, C=0.5), AS_OF, 0.0)
    assert values.contract_to_come.to_dict() == {"A": 1260, "B": 0, "C": 0}


def test_a_contract_of_unknown_chances_stays_as_its_customer_buys():
    living = contracts(("A", "2026-01-01", "2026-12-31", 2500))
    values = customer_values(LINES, living, survival(), survival(A=0.5), AS_OF, 0.0)
    assert values.loc["A", ["contract_to_come", "basis"]].tolist() == [630, "purchases"]


def test_the_parts_make_the_whole():
    values = customer_values(LINES, None, survival(A=0.9), survival(B=0.3, C=0.7), AS_OF, 0.1)
    assert (values.contract_to_come + values.sales_to_come - values.cost_to_come == values.to_come).all()
    assert (values.margin - values.service_cost == values.historical).all()
    assert values.historical.sum() == LINES.margin.sum()
    assert values.revenue.sum() == LINES.revenue.sum()


def test_later_lines_change_nothing():
    later = ledger_of(("A", "2026-11-01", "sales", 10**9, 10**9), ("D", "2026-12-01", "service", 0, -(10**9)))
    given = None, survival(A=0.9), survival(B=0.3, C=0.7), AS_OF, 0.1
    pdt.assert_frame_equal(customer_values(LINES, *given), customer_values(pd.concat([LINES, later]), *given))


def test_pareto_by_hand():
    curve = pareto(pd.Series([60, 50, 0, -10]), points=4)
    assert list(curve.share_profit) == pytest.approx([0, 0.6, 1.1, 1.1, 1.0])
    assert pareto(pd.Series([-1, 0])).empty
