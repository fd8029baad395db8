"""The value stage as a whole, on a company that the reader can see."""

import pandas as pd
import pytest
from test_value_ledger import SETTINGS, exports, frame, sales

from crmlab import tables
from crmlab.churn.outputs import BACKTEST, CONTRACTS
from crmlab.value.ledger import Exports
from crmlab.value.outputs import OUTPUTS
from crmlab.value.results import results

AS_OF = pd.Timestamp("2026-10-31")
VALUE = SETTINGS | {"horizon_months": 24, "annual_discount": 0.1}
NO_CHANCES = tables.empty(CONTRACTS)
NONE_OPEN = tables.empty(BACKTEST)


def company(**more):
    months = pd.date_range("2024-01-01", "2026-10-05", freq="MS")
    bought = [
        (f"{who}{i}", who, day, 10_000, "product", 6_000, None)
        for i, day in enumerate(months)
        for who in "AB"
    ]
    term = [("k", "A", "2026-01-01", 50_000, "contract", 20_000, None)]
    calls = [(f"t{i}", "B", day) for i, day in enumerate(months)]
    return exports(
        sales=sales(*bought, *term),
        tickets=frame("tickets", calls, "ticket_id", "customer_id", "reported_at"),
        customers=frame(
            "customers", [("A", "One"), ("B", "Two"), ("C", "Three")], "customer_id", "customer_name"
        ),
        **more,
    )


def chances():
    row = pd.DataFrame(
        [("k", "A", "2026-01-01", "2026-12-31", 50_000, 0.9)],
        columns=["contract_id", "customer_id", "start_at", "end_at", "amount", "p_renew"],
    )
    for column in CONTRACTS.kept:
        if column.name not in row:
            row[column.name] = None
    return tables.conform(row, CONTRACTS)


def test_all_customers_are_told_and_the_totals_are_their_sums():
    found = results(company(), chances(), NONE_OPEN, AS_OF, VALUE)
    customers = found.tables["customers"].set_index("customer_id")
    assert list(customers.basis) == ["contract", "purchases", "none"]
    assert list(customers.customer_name) == ["One", "Two", "Three"]
    assert list(customers.n_tickets) == [0, 34, 0]
    assert customers.loc["C", "historical"] == customers.loc["C", "to_come"] == 0
    assert customers.p_retained["A"] == 0.9
    assert found.metrics["to_come"] == customers.to_come.sum()
    assert found.metrics["historical"] == 34 * 4_000 * 2 + 30_000 - 34 * 10_000
    assert found.metrics["n_negative"] == 1  # B: every month a visit of 100 for a margin of 40
    assert (found.metrics["n_valued"], found.metrics["revenue_based_share"]) == (2, 0)


def test_the_backtest_stands_beside_its_naive_lines():
    metrics = results(company(), chances(), NONE_OPEN, AS_OF, VALUE).metrics
    assert {"mae", "mae_naive", "mae_mean_rate", "spearman", "spearman_naive", "bias"} <= metrics.keys()


def test_nothing_after_the_as_of_day_counts():
    early = results(company(), NO_CHANCES, NONE_OPEN, pd.Timestamp("2025-06-30"), VALUE).metrics
    assert early["revenue"] == 18 * 10_000 * 2


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"tickets": frame("tickets", [("t", "A", "2026-01-01")], "ticket_id", "customer_id", "reported_at")},
    ],
)
def test_without_income_nobody_is_valued(given):
    found = results(exports(**given), NO_CHANCES, NONE_OPEN, AS_OF, VALUE)
    assert {name: len(table) for name, table in found.tables.items()} == dict.fromkeys(OUTPUTS, 0)
    assert found.metrics == {"n_customers": 0}


def test_every_clean_table_may_be_all_null():
    blank = company()
    nulled = Exports(
        *(
            t.assign(
                **{
                    c: pd.Series(pd.NA, index=t.index, dtype=t[c].dtype)
                    for c in t
                    if c in ("cost", "margin", "line_kind", "is_return", "closed_at")
                }
            )
            for t in blank
        )
    )
    found = results(nulled, NO_CHANCES, NONE_OPEN, AS_OF, VALUE)
    assert found.metrics["revenue_based_share"] == 1
