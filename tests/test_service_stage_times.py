"""Where a repair waits, on the clock of its level; a step that runs backwards is counted and left out."""

import pandas as pd
import pytest
from repair_desk import AS_OF, UNTIL, clocks, closed, row, tickets, visit, visits

from crmlab.service.visits.outputs import STAGE_TIMES, STEPS
from crmlab.service.visits.sequence import in_order
from crmlab.service.visits.stage_times import stage_times, waits_in

REPAIR = {
    "service_level": "7*24*4",
    "reported_at": "2026-09-01 09:00",
    "dispatched_at": "2026-09-01 09:30",
    "appointed_at": "2026-09-01 11:30",
    "closed_at": "2026-09-01 16:00",
}
VISIT = {"arrived_at": "2026-09-01 12:00", "left_at": "2026-09-01 13:00"}


def times(desk, *made, as_of=AS_OF, until=UNTIL, min_group=1):
    return stage_times(
        closed(desk, as_of), in_order(visits(*made), as_of), clocks(last="2028-12-31"), until, min_group
    )


def of_step(table, step, level=""):
    return row(table, level=level, step=step)


def test_each_step_from_report_to_close():
    table = times(tickets(REPAIR), visit("T1", **VISIT))
    assert list(table.columns) == [c.name for c in STAGE_TIMES.kept]
    assert not table.duplicated(list(STAGE_TIMES.key)).any()
    whole = table[table["level"] == ""]
    assert whole["step"].tolist() == list(STEPS)
    assert whole["mean"].tolist() == [0.5, 2.0, 0.5, 1.0, 0.0, 3.0]
    assert whole["share"].tolist() == pytest.approx([0.5 / 7, 2 / 7, 0.5 / 7, 1 / 7, 0, 3 / 7])
    assert table.loc[table["level"] == "7*24*4", "mean"].tolist() == whole["mean"].tolist()
    assert waits_in(table) == "close"


def test_the_last_visit_ends_what_the_first_began():
    second = visit("T1", 2, arrived_at="2026-09-02 10:00", left_at="2026-09-02 11:00")
    table = times(tickets({**REPAIR, "closed_at": "2026-09-02 11:30"}), visit("T1", **VISIT), second)
    assert of_step(table, "return")["mean"] == 22.0
    assert of_step(table, "close")["mean"] == 0.5
    assert waits_in(table) == "return"


def test_hours_run_on_the_clock_of_the_level():
    # Friday 17:00 to Monday 10:00, and over the Spring Festival of 2026 from Friday to the Tuesday eleven days later
    desk = tickets(
        {"service_level": "5*9", "reported_at": "2026-06-05 17:00", "closed_at": "2026-06-08 10:00"},
        {"service_level": None, "reported_at": "2026-06-05 17:00", "closed_at": "2026-06-08 10:00"},
    )
    table = times(desk)
    assert of_step(table, "close", "5*9")["mean"] == 2.0
    # a ticket without a level takes the time on the wall, 65 hours, and is in the whole only
    assert of_step(table, "close")["mean"] == (2 + 65) / 2
    assert set(table["level"]) == {"", "5*9"}


@pytest.mark.parametrize(
    ("reported", "closed_at", "hours"),
    [("2028-02-28 23:00", "2028-03-01 01:00", 26), ("2025-12-31 23:30", "2026-01-01 00:30", 1)],
)
def test_midnight_month_end_and_leap_day(reported, closed_at, hours):
    desk = tickets({"reported_at": reported, "closed_at": closed_at})
    day = pd.Timestamp(closed_at).normalize() + pd.Timedelta(days=40)
    until = str(day.to_period("M") - 1)
    assert of_step(times(desk, as_of=day, until=until), "close")["mean"] == hours


def test_a_level_never_seen_runs_day_and_night():
    table = times(tickets({**REPAIR, "service_level": "金牌"}), visit("T1", **VISIT))
    assert of_step(table, "close", "金牌")["mean"] == 3.0


def test_a_negative_step_is_counted_and_left_out():
    desk = tickets(REPAIR, REPAIR)
    early = visit("T2", arrived_at="2026-09-01 11:00", left_at="2026-09-01 13:00")
    arrive = of_step(times(desk, visit("T1", **VISIT), early), "arrive")
    assert (arrive["n"], arrive["negative"], arrive["mean"]) == (1, 1, 0.5)


def test_a_visit_before_the_report_tells_no_time():
    table = times(tickets(REPAIR), visit("T1", arrived_at="1990-01-01", left_at="2026-09-01 13:00"))
    arrive = of_step(table, "arrive")
    assert (arrive["n"], arrive["negative"]) == (0, 1)
    assert pd.isna(arrive["mean"])
    # the 36 years from that arrival to the end of the visit are nobody's work
    assert "leave" not in set(table["step"])
    assert table["share"].isna().all()
    assert waits_in(table) is None


def test_a_close_before_the_report_is_negative():
    table = times(tickets({"closed_at": "2026-08-31"}))
    close = of_step(table, "close")
    assert (close["n"], close["negative"]) == (0, 1)


def test_tickets_never_closed_and_those_of_other_years_are_not_there():
    assert times(tickets({"closed_at": None})).empty
    assert times(tickets({"closed_at": "2026-11-01"})).empty
    assert times(tickets({"reported_at": "2025-10-30", "closed_at": "2025-10-31 23:59"})).empty
    assert times(tickets()).empty


def test_a_moment_that_nobody_records_drops_out():
    unplanned = {**REPAIR, "appointed_at": None}
    table = times(tickets(unplanned), visit("T1", **VISIT))
    assert of_step(table, "arrive")["mean"] == 2.5
    assert table.loc[table["level"] == "", "share"].sum() == pytest.approx(1)
    # without visits the close follows the appointment
    table = times(tickets(REPAIR))
    assert table.loc[table["level"] == "", "step"].tolist() == ["dispatch", "appoint", "close"]
    assert of_step(table, "close")["mean"] == 4.5


def test_a_ticket_that_lacks_a_moment_is_in_no_share():
    desk = tickets(REPAIR, {**REPAIR, "appointed_at": None, "dispatched_at": "2026-09-01 11:00"})
    table = times(desk, visit("T1", **VISIT), visit("T2", **VISIT))
    assert of_step(table, "dispatch")["mean"] == 1.25
    assert of_step(table, "appoint")["n"] == 1
    assert of_step(table, "dispatch")["share"] == pytest.approx(0.5 / 7)


def test_small_levels_are_left_out_and_few_whole_tickets_tell_no_share():
    desk = tickets(REPAIR, REPAIR, {**REPAIR, "service_level": "5*9", "appointed_at": None})
    table = times(desk, *[visit(f"T{k}", **VISIT) for k in (1, 2, 3)], min_group=2)
    assert set(table["level"]) == {"", "7*24*4"}
    table = times(desk, *[visit(f"T{k}", **VISIT) for k in (1, 2, 3)], min_group=3)
    assert table["share"].isna().all()
    assert of_step(table, "arrive")["n"] == 2
    assert set(times(desk, min_group=4)["level"]) == {""}


def test_an_appointment_still_to_come_has_no_time():
    desk = tickets({**REPAIR, "appointed_at": "2099-01-01"}, REPAIR)
    table = times(desk, visit("T1", **VISIT), visit("T2", **VISIT))
    assert (of_step(table, "appoint")["n"], of_step(table, "arrive")["negative"]) == (1, 0)
