"""What serving a customer cost: visits as recorded or by the rates, parts at the company's expense, contacts and compensation."""

import pandas as pd
import pytest
from bookkeeping import DAY, books, nonzero, sold, ticket, to_date, used, visit

from crmlab.value.books.books import COSTS


def spent(day=DAY, who="A", **rows):
    """Costs of one customer by component."""
    return nonzero(to_date(day, **rows).customers.loc[who], COSTS)


def test_a_visit_costs_the_fixed_amount_minutes_and_kilometres():
    # 100 a visit, 60 an hour, 2 a kilometre
    found = spent(
        tickets=[ticket("T1", "A")],
        visits=[
            visit("T1", travel_min=30, work_min=60, talk_min=30, distance_km=10.5),
            visit("T1", visit_no=2, work_min=1),
        ],
    )
    assert found == {"visits": 20_000, "minutes": 12_100, "kilometres": 2_100}


def test_what_was_recorded_is_split_as_the_rates_would_split_it():
    # by the rates 100 + 60 + 40 = 200
    sheet = {"work_min": 60, "distance_km": 20}
    found = spent(tickets=[ticket("T1", "A")], visits=[visit("T1", cost=50_000, **sheet)])
    assert found == {"visits": 25_000, "minutes": 15_000, "kilometres": 10_000}
    assert spent(tickets=[ticket("T1", "A")], visits=[visit("T1", cost=777)]) == {"visits": 777}


@pytest.mark.parametrize("fee", [0, 100])
def test_a_recorded_cost_is_split_to_the_last_minor_unit_and_no_part_is_negative(fee):
    who = [f"C{n:02d}" for n in range(40)]
    found = to_date(
        tickets=[ticket(f"T{w}", w) for w in who],
        visits=[visit(f"T{w}", cost=n, work_min=10, distance_km=5) for n, w in enumerate(who)],
        settings={"visit_cost": fee},
    ).customers
    assert found.cost.tolist() == list(range(40))
    assert (found[list(COSTS)] >= 0).all(axis=None)
    if not fee:  # minutes and kilometres cost the same
        assert not found.visits.any()
        assert ((found.minutes - found.kilometres).abs() <= 1).all()


def test_a_visit_that_cost_nothing_costs_nothing():
    rows = {"tickets": [ticket("T1", "A")], "visits": [visit("T1", cost=0, work_min=60)]}
    assert to_date(**rows).customers.cost.to_dict() == {"A": 0}
    free = {"visit_cost": 0, "hour_cost": 0, "km_cost": 0}
    assert spent(tickets=[ticket("T1", "A")], visits=[visit("T1", cost=500, work_min=60)], settings=free) == {
        "visits": 500
    }


def test_a_negative_duration_or_way_is_none():
    sheet = visit("T1", travel_min=-600, work_min=60, distance_km=-50)
    assert spent(tickets=[ticket("T1", "A")], visits=[sheet]) == {"visits": 10_000, "minutes": 6_000}


def test_without_visits_a_ticket_is_one_visit_on_the_day_it_was_reported():
    calls = [ticket("T1", "A"), ticket("T2", "A", "2026-07-01"), ticket("T3", "B", closed_at=None)]
    found = to_date(tickets=calls).customers
    assert found.visits.to_dict() == {"A": 10_000, "B": 10_000}
    # With visits on record, a ticket without one has cost no visit.
    assert to_date(tickets=calls, visits=[visit("T1")]).customers.visits.to_dict() == {"A": 10_000}


def test_a_cost_counts_from_the_day_of_the_visit_else_of_the_call():
    rows = {
        "tickets": [ticket("T1", "A", "2026-06-01"), ticket("T2", "B", "2026-06-01")],
        "visits": [visit("T1", arrived_at="2026-06-20 10:00"), visit("T2", arrived_at=None)],
        "ticket_parts": [used("T1", "p", 1, 700), used("T2", "p", 1, 700)],
    }
    assert to_date("2026-06-19", **rows).customers.cost.to_dict() == {"B": 10_700}
    assert to_date("2026-06-20", **rows).customers.cost.to_dict() == {"A": 10_700, "B": 10_700}


def test_parts_cost_what_was_recorded_else_what_the_catalogue_says():
    found = spent(
        tickets=[ticket("T1", "A")],
        ticket_parts=[
            used("T1", "p", 2, 700),
            used("T1", "q", 3),  # 50 by the catalogue
            used("T1", "unknown", 5),
            used("T1", "carried", 0, 900, qty_carried=1),
        ],
        parts=[{"part_no": "p", "unit_cost": 1}, {"part_no": "q", "unit_cost": 50}],
        visits=[visit("T1", cost=0)],
    )
    assert found == {"parts": 1_550}


def test_parts_that_the_customer_pays_for_are_in_their_sales_lines_where_there_are_such_lines():
    rows = {
        "tickets": [ticket("T1", "A", billing="paid"), ticket("T2", "B", billing="contract")],
        "visits": [visit("T1", cost=0), visit("T2", cost=0)],
        "ticket_parts": [used("T1", "p", 1, 700), used("T2", "p", 1, 700)],
    }
    assert to_date(**rows).customers.parts.to_dict() == {"A": 700, "B": 700}
    assert to_date(sales=[sold("Z", "2026-05-01", 1, "service")], **rows).customers.parts.sum() == 1_400
    with_parts = to_date(sales=[sold("Z", "2026-05-01", 1, "part")], **rows).customers.parts
    assert with_parts.to_dict() == {"A": 0, "B": 700, "Z": 0}


def test_contacts_cost_what_was_recorded_else_the_rate():
    contacts = [{"customer_id": "A", "at": "2026-06-01 10:00", "cost": cost} for cost in (None, 1_234, 0)]
    later = {"customer_id": "A", "at": "2026-07-01 10:00"}
    assert spent(interactions=[*contacts, later]) == {"contacts": 500 + 1_234}


def test_compensation_counts_when_a_complaint_is_settled_else_when_it_came_in():
    rows = [
        {
            "customer_id": "A",
            "received_at": "2026-06-01 10:00",
            "resolved_at": "2026-06-20 10:00",
            "compensation": 900,
        },
        {"customer_id": "A", "received_at": "2026-06-02 10:00", "compensation": 70},
        {"customer_id": "A", "received_at": "2026-06-03 10:00"},
    ]
    assert spent("2026-06-19", complaints=rows) == {"compensation": 70}
    assert spent("2026-06-20", complaints=rows) == {"compensation": 970}


def test_costs_without_a_customer_are_nobodys():
    found = to_date(
        tickets=[ticket("T1", None), ticket("T2", "A")],
        visits=[visit("T1", cost=100), visit("T2", cost=10), visit("of no ticket on file", cost=3)],
        ticket_parts=[used("T1", "p", 1, 700), used("of no ticket on file", "p", 1, 60)],
    )
    assert nonzero(found.customers.loc["A"], COSTS) == {"visits": 10}
    assert nonzero(found.nobody, COSTS) == {"visits": 103, "parts": 760}
    assert found.nobody.profit == -863


def test_each_cost_names_its_ticket():
    own = books(
        tickets=[ticket("T1", "A")],
        visits=[visit("T1", cost=100), visit("T1", visit_no=2, arrived_at="2026-06-05 10:00", cost=50)],
        ticket_parts=[used("T1", "p", 1, 700, visit_no=2)],
        interactions=[{"customer_id": "A", "at": "2026-06-01 10:00"}],
    )
    costs = own.ask(
        "select ticket_id, day, visits + parts + contacts as cost from costs", {"costs": own.costs(DAY)}
    )
    costs["day"] = pd.to_datetime(costs.day).dt.day
    found = costs.sort_values(["day", "cost"]).to_numpy().tolist()
    assert found == [["T1", 1, 100], [None, 1, 500], ["T1", 5, 50], ["T1", 5, 700]]
