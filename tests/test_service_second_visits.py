"""Each visit that follows another has the reason that one gave, and costs what is recorded or what the rates say."""

import pandas as pd
import pytest
from repair_desk import RATES, UNTIL, closed, row, tickets, visit, visits

from crmlab.service.visits.outputs import SECOND_VISITS
from crmlab.service.visits.second_visits import costs, minutes, second_visits
from crmlab.service.visits.sequence import in_order

AS_OF = pd.Timestamp("2026-10-31")


def pareto(*made, desk=None):
    desk = tickets({}) if desk is None else desk
    return second_visits(in_order(visits(*made), AS_OF), closed(desk), RATES, UNTIL)


def failed(ticket_id, reason=None, visit_no=1, **cells):
    return visit(ticket_id, visit_no, "not_fixed", repeat_reason=reason, **cells)


def follows(ticket_id, visit_no=2, arrived_at="2026-09-02 09:00", **cells):
    return visit(ticket_id, visit_no, arrived_at=arrived_at, **cells)


def test_the_reason_is_that_of_the_visit_before():
    table = pareto(
        failed("T1", "no_part"),
        failed("T1", "skill", 2, arrived_at="2026-09-02"),
        follows("T1", 3, cost=50000),
        failed("T2", "no_part"),
        follows("T2", cost=70000),
        failed("T3"),
        follows("T3"),
        visit("T4"),
    )
    assert list(table.columns) == [c.name for c in SECOND_VISITS.kept]
    assert table["reason"].tolist() == ["no_part", "skill", "unknown"]
    assert table["n"].tolist() == [2, 1, 1]
    assert table["share"].tolist() == [0.5, 0.25, 0.25]
    assert (table["low"] < table["share"]).all()
    assert (table["share"] < table["high"]).all()


def test_what_is_recorded_is_the_cost_and_the_rates_stand_in():
    table = pareto(
        failed("T1", "no_part", cost=99999),
        follows("T1", cost=50000, travel_min=30, work_min=60),
        failed("T2", "no_part"),
        follows("T2", travel_min=30, work_min=50, talk_min=10, distance_km=40),
    )
    found = row(table, reason="no_part")
    # 120 + 1.5 h × 90 + 40 km × 1.5 = 315 yuan; what the first visits cost is none of it
    assert found["cost"] == 50000 + 31500
    assert found["minutes"] == 180
    assert found["cost_recorded"] == 0.5


def test_minutes_there_stand_in_for_work_and_talk_but_never_run_backwards():
    made = visits(
        visit("T1", travel_min=20, arrived_at="2026-09-01 23:30", left_at="2026-09-02 00:15"),
        visit("T2", travel_min=20, arrived_at="2026-09-01 10:00", left_at="2026-09-01 09:00"),
        visit("T3", work_min=30, arrived_at="2026-09-01 10:00", left_at="2026-09-01 12:00"),
        visit("T4"),
    )
    assert minutes(made).tolist() == [65.0, 20.0, 30.0, 0.0]
    assert costs(made, RATES).tolist() == [21750, 15000, 16500, 12000]


def test_a_visit_whose_first_is_not_on_record_has_no_reason():
    assert pareto(follows("T1", repeat_reason="skill"))["reason"].tolist() == ["unknown"]


def test_one_that_was_never_followed_is_not_there():
    assert pareto(failed("T1", "no_part", arrived_at="2026-09-01")).empty
    assert pareto(failed("T1", "no_part"), follows("T1", arrived_at="2026-11-01 00:00")).empty
    assert pareto().empty


@pytest.mark.parametrize(
    ("arrived", "n"),
    [("2025-10-31 23:59", 0), ("2025-11-01 00:00", 1), ("2026-10-31 23:59", 1), ("2026-09-30 24:00"[:10], 1)],
)
def test_the_last_twelve_months_by_arrival(arrived, n):
    assert pareto(failed("T1", "skill"), follows("T1", arrived_at=arrived))["n"].sum() == n


def test_without_times_of_visits_the_close_dates_them():
    desk = tickets({"closed_at": "2026-08-31"}, {"closed_at": None})
    made = (
        failed("T1", "skill"),
        follows("T1", arrived_at=None),
        failed("T2"),
        follows("T2", arrived_at=None),
    )
    assert pareto(*made, desk=desk)["reason"].tolist() == ["skill"]
    left = follows("T2", arrived_at=None, left_at="2026-09-01")
    assert pareto(failed("T2", "other"), left, desk=desk)["reason"].tolist() == ["other"]


def test_what_a_visit_still_going_on_will_say_is_not_known():
    late = visit(
        "T1", outcome="fixed", arrived_at="2026-10-31 23:00", left_at="2026-11-01 01:00", work_min=90
    )
    made = in_order(visits(late), AS_OF)
    assert len(made) == 1
    assert made[["outcome", "left_at", "work_min"]].isna().all().all()
