"""The whole room in one call: tables as declared, plain figures, and nothing invented where the export lacks something."""

import json

import pandas as pd
import pytest
from repair_desk import AS_OF, SETTINGS, UNTIL, clocks, customers, judged, tickets, visit, visits

from crmlab.service.visits.outputs import OUTPUTS
from crmlab.service.visits.record import visit_record

FIGURES = {
    "first_time_fix",
    "second_visits",
    "second_visit_cost",
    "repeat_share",
    "reopened",
    "waits_in",
    "visits_remote",
    "contradictory",
    "negative_steps",
}


def record(desk, made, who=None):
    return visit_record(
        desk,
        made,
        customers(C="vip") if who is None else who,
        judged(desk),
        clocks(),
        SETTINGS,
        UNTIL,
        AS_OF,
    )


def branch():
    """Two repairs of the only branch, of which one took two visits."""
    desk = tickets(
        {"branch": "杭州", "serial_no": "99A", "closed_at": "2026-09-02 12:00"},
        {"branch": "杭州", "serial_no": "99A", "reported_at": "2026-09-10", "closed_at": "2026-09-10 09:00"},
    )
    failed = visit("T1", 1, "not_fixed", repeat_reason="no_part", arrived_at="2026-09-01 10:00", cost=40000)
    made = visits(
        {**failed, "left_at": "2026-09-01 11:00"},
        visit("T1", 2, arrived_at="2026-09-02 10:00", left_at="2026-09-02 11:00", cost=45000),
        visit("T2", arrived_at="2026-09-10 08:00", left_at="2026-09-10 08:30"),
    )
    return desk, made


def test_one_branch_only():
    desk, made = branch()
    found = record(desk, made)
    assert set(found.tables) == set(OUTPUTS)
    for name, table in found.tables.items():
        assert list(table.columns) == [c.name for c in OUTPUTS[name].kept]
        assert not table.duplicated(list(OUTPUTS[name].key)).any()
        assert len(table)
    assert set(found.metrics) == FIGURES
    assert found.metrics["first_time_fix"]["n"] == 2
    assert found.metrics["first_time_fix"]["share"] == 0.5
    assert found.metrics["first_time_fix"]["basis"] == "visits"
    assert (found.metrics["second_visits"], found.metrics["second_visit_cost"]) == (1, 45000)
    assert found.metrics["repeat_share"] == 0.5
    assert found.metrics["waits_in"] == "return"
    json.dumps(found.metrics, allow_nan=False)


def test_without_visits_the_proxy_speaks_and_the_rest_is_silent():
    desk, _ = branch()
    found = record(desk, visits())
    assert found.metrics["first_time_fix"]["basis"] == "proxy"
    assert found.tables["second_visits"].empty
    for name in ("second_visits", "second_visit_cost", "visits_remote", "contradictory"):
        assert found.metrics[name] is None
    assert found.metrics["waits_in"] == "close"


@pytest.mark.parametrize("desk", [tickets(), tickets({"closed_at": None})])
def test_no_closed_ticket_no_figures(desk):
    found = record(desk, visits(), customers())
    assert all(table.empty for table in found.tables.values())
    assert found.metrics["first_time_fix"] is None
    assert found.metrics["repeat_share"] is None
    assert found.metrics["waits_in"] is None


def test_the_order_of_rows_makes_no_difference():
    desk, made = branch()
    here = record(desk, made)
    there = record(desk.iloc[::-1], made.iloc[::-1])
    for name, table in here.tables.items():
        pd.testing.assert_frame_equal(table, there.tables[name])
    assert here.metrics == there.metrics


def test_what_is_dated_after_the_day_changes_nothing():
    desk, made = branch()
    here = record(desk, made)
    later = tickets(
        {"ticket_id": "T9", "serial_no": "99A", "reported_at": "2026-11-01", "closed_at": "2026-11-02"}
    )
    more = visits(visit("T9", 2, arrived_at="2026-11-02", cost=99), visit("T2", 2, arrived_at="2026-11-01"))
    there = record(pd.concat([desk, later]), pd.concat([made, more]))
    for name, table in here.tables.items():
        pd.testing.assert_frame_equal(table, there.tables[name])
    assert here.metrics == there.metrics


def test_tickets_opened_again_are_those_closed_by_the_day():
    desk = tickets(
        {"reopened": 2},
        {"reopened": 0},
        {"closed_at": "2026-11-01 00:00", "reopened": 1},
        {"closed_at": None, "reopened": 1},
        {"reported_at": "2025-10-31 23:59", "closed_at": "2025-11-01", "reopened": 1},
    )
    again = record(desk, visits()).metrics["reopened"]
    assert (again["n"], again["share"]) == (2, 0.5)
    assert record(tickets({}), visits()).metrics["reopened"] is None
