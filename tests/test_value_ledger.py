"""Every line of income and cost once, at the margin that is known of it."""

import pandas as pd
import pytest

from crmlab import tables
from crmlab.value.ledger import Exports, contract_margin, earned, ledger, line_margin, service_costs

SETTINGS = {
    "margin": {"product": 0.2, "service": 0.4, "part": 0.3, "contract": 0.5, "other": 0.0},
    "visit_cost": 100,
    "hour_cost": 60,
    "km_cost": 2,
}


def frame(name, rows, *columns):
    table = tables.CLEAN[name]
    made = pd.DataFrame(rows, columns=list(columns))
    for column in table.kept:
        if column.name not in made:
            made[column.name] = None
    return tables.conform(made, table)


def exports(**given):
    return Exports(*(given.get(name, tables.empty(tables.CLEAN[name])) for name in Exports._fields))


def sales(*rows):
    """Sales from (id, customer, day, amount, line kind, cost, margin), minor units."""
    return frame("sales", rows, "sale_id", "customer_id", "sold_at", "amount", "line_kind", "cost", "margin")


def test_margin_as_exported_else_from_cost_else_a_share():
    lines = sales(
        ("1", "A", "2026-01-01", 1000, "product", 700, 250),
        ("2", "A", "2026-01-01", 1000, "product", 700, None),
        ("3", "A", "2026-01-01", 1000, "service", None, None),
        ("4", "A", "2026-01-01", 1000, None, None, None),
        ("5", "A", "2026-01-01", -1000, "product", None, None),
    )
    margin, estimated = line_margin(lines, SETTINGS["margin"])
    assert list(margin) == [250, 300, 400, 200, -200]
    assert list(estimated) == [False, False, True, True, True]


def test_a_visit_costs_what_was_recorded_else_time_and_distance():
    tickets = frame("tickets", [("t", "A", "2026-01-01")], "ticket_id", "customer_id", "reported_at")
    visits = frame(
        "visits",
        [("t", 1, "2026-01-02", 30, 60, 30, 10, None), ("t", 2, "2026-01-05", 30, 60, 30, 10, 5000)],
        "ticket_id", "visit_no", "arrived_at", "travel_min", "work_min", "talk_min", "distance_km", "cost",
    )  # fmt: skip
    parts = frame(
        "ticket_parts",
        [("t", 1, "p", 2, 1, 8000), ("t", 2, "q", 1, None, 900)],
        "ticket_id", "visit_no", "part_no", "qty_carried", "qty_used", "unit_cost",
    )  # fmt: skip
    cost = service_costs(exports(tickets=tickets, visits=visits, ticket_parts=parts), SETTINGS)
    # 100 + 2 h × 60 + 10 km × 2 = 240; 50; one part of 80, the carried one costs nothing
    assert sorted(cost.cost) == [5000, 8000, 24000]
    assert cost.cost.groupby(cost["at"].dt.day).sum().to_dict() == {2: 32000, 5: 5000}


def test_without_visits_a_ticket_is_one_visit():
    tickets = frame("tickets", [("t", "A", "2026-01-01")], "ticket_id", "customer_id", "reported_at")
    assert list(service_costs(exports(tickets=tickets), SETTINGS).cost) == [10000]


def test_without_tickets_there_is_no_cost():
    assert service_costs(exports(), SETTINGS).empty


def test_every_line_is_in_exactly_one_kind():
    given = exports(
        sales=sales(
            ("1", "A", "2026-01-01", 1000, "product", None, None),
            ("2", "A", "2026-01-01", -200, "product", None, None),
            ("3", "A", "2026-02-01", 5000, "contract", None, None),
            ("4", "B", "2026-02-01", 400, None, None, None),
        ),
        tickets=frame("tickets", [("t", "B", "2026-01-01")], "ticket_id", "customer_id", "reported_at"),
        contracts=frame(
            "contracts", [("k", "A", "2026-02-01", "2027-01-31", 5000)],
            "contract_id", "customer_id", "start_at", "end_at", "amount",
        ),
    )  # fmt: skip
    lines = ledger(given, SETTINGS)
    assert lines.groupby("kind").size().to_dict() == {"contract": 1, "sales": 3, "service": 1}
    assert lines.revenue.sum() == given.sales.amount.sum()
    assert (
        lines.margin[lines.kind != "service"].sum() == line_margin(given.sales, SETTINGS["margin"])[0].sum()
    )


def test_contracts_stand_in_where_the_ledger_has_no_contract_line():
    contracts = frame(
        "contracts", [("k", "A", "2026-02-01", "2027-01-31", 5000)],
        "contract_id", "customer_id", "start_at", "end_at", "amount",
    )  # fmt: skip
    product = sales(("1", "A", "2026-01-01", 1000, "product", None, None))
    lines = ledger(exports(sales=product, contracts=contracts), SETTINGS)
    assert lines.revenue[lines.kind == "contract"].tolist() == [5000]
    assert lines.margin[lines.kind == "contract"].tolist() == [2500]


def test_lines_without_a_customer_belong_to_nobody():
    lines = ledger(exports(sales=sales(("1", None, "2026-01-01", 1000, "product", None, None))), SETTINGS)
    assert lines.empty


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_ledger_has_the_same_columns(count):
    given = [("1", "A", "2026-01-01", 1000, "product", None, None)][:count]
    lines = ledger(exports(sales=sales(*given)), SETTINGS)
    assert list(lines) == ["customer_id", "at", "kind", "revenue", "margin", "estimated"]
    assert len(lines) == count


def test_a_contract_is_earned_day_by_day_and_all_else_when_booked():
    booked = [
        ("A", "2024-01-01", "contract", 30_000, 15_000),
        ("A", "2025-03-01", "sales", 1_000, 400),
        ("B", "2025-06-30", "service", 0, -70),
        ("B", "2026-01-01", "sales", 1_000, 400),
    ]
    lines = pd.DataFrame(booked, columns=["customer_id", "at", "kind", "revenue", "margin"])
    lines["at"] = pd.to_datetime(lines["at"])
    terms = frame(
        "contracts",
        [("k", "A", "2024-01-01", "2026-12-31", 30_000), ("later", "A", "2026-01-01", "2026-12-31", 10_000)],
        *("contract_id", "customer_id", "start_at", "end_at", "amount"),
    )
    year = pd.Timestamp("2025-01-01"), pd.Timestamp("2026-01-01")
    found = earned(lines, terms, *year)
    assert found.to_dict() == pytest.approx({"A": 15_000 * 365 / 1096 + 400, "B": -70})
    assert earned(lines, terms.head(0), *year).to_dict() == {"A": 400, "B": -70}


def test_the_margin_of_contracts_is_that_of_all_of_them():
    lines = pd.DataFrame(
        [("contract", 100, 20), ("contract", 300, 180), ("sales", 100, 90)],
        columns=["kind", "revenue", "margin"],
    )
    assert contract_margin(lines) == 0.5
    assert contract_margin(lines.head(0)) == 0
