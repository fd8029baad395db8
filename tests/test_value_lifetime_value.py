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


def test_value_by_hand():
    held = survival(A=1.0)
    buys = survival(A=0.0, B=0.5, C=0.5)
    values = customer_values(LINES, held, buys, AS_OF, 0.0)
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
    assert values.loc["C", ["contract_to_come", "basis"]].tolist() == [0, "purchases"]  # its contract is over


def test_without_open_contracts_contract_income_goes_on_as_purchases_do():
    buys = survival(A=0.0, B=0.5, C=0.5)
    values = customer_values(LINES, survival(), buys, AS_OF, 0.0)
    assert values.contract_to_come["C"] == 30


def test_the_parts_make_the_whole():
    values = customer_values(LINES, survival(A=0.9), survival(B=0.3, C=0.7), AS_OF, 0.1)
    assert (values.contract_to_come + values.sales_to_come - values.cost_to_come == values.to_come).all()
    assert (values.margin - values.service_cost == values.historical).all()
    assert values.historical.sum() == LINES.margin.sum()
    assert values.revenue.sum() == LINES.revenue.sum()


def test_later_lines_change_nothing():
    later = ledger_of(("A", "2026-11-01", "sales", 10**9, 10**9), ("D", "2026-12-01", "service", 0, -(10**9)))
    given = survival(A=0.9), survival(B=0.3, C=0.7), AS_OF, 0.1
    pdt.assert_frame_equal(customer_values(LINES, *given), customer_values(pd.concat([LINES, later]), *given))


def test_pareto_by_hand():
    curve = pareto(pd.Series([60, 50, 0, -10]), points=4)
    assert list(curve.share_profit) == pytest.approx([0, 0.6, 1.1, 1.1, 1.0])
    assert pareto(pd.Series([-1, 0])).empty
