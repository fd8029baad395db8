"""A machine that comes back soon after its repair was not repaired, and it takes the days after to know."""

import pandas as pd
import pytest
from repair_desk import AS_OF, UNTIL, closed, row, tickets

from crmlab.service.visits.outputs import REPEATS
from crmlab.service.visits.repeats import last_told_month, repeats, reported_again


def flags(desk, as_of=AS_OF, days=14):
    frame = reported_again(desk, as_of, days)
    return dict(
        zip(frame["ticket_id"], frame[["told", "again", "is_repeat"]].to_numpy().tolist(), strict=True)
    )


def back(reported, serial_no="99A", **cells):
    """A later ticket of the machine."""
    return {
        "serial_no": serial_no,
        "reported_at": reported,
        "closed_at": str(pd.Timestamp(reported) + pd.Timedelta(hours=2)),
        **cells,
    }


@pytest.mark.parametrize(
    ("reported", "again"),
    [
        ("2026-09-01 15:01", True),
        ("2026-09-15 15:00", True),  # fourteen days to the minute
        ("2026-09-15 15:01", False),
        ("2026-09-01 15:00", False),  # reported in the minute of the close: not after it
        ("2026-09-01 12:00", False),  # while the repair goes on
        ("2026-08-31 12:00", False),
    ],
)
def test_again_is_after_the_close_and_within_the_days(reported, again):
    found = flags(tickets({"serial_no": "99A"}, back(reported, closed_at="2026-10-01")))
    assert found["T1"] == [True, again, False]
    assert found["T2"][2] is again


def test_it_is_known_when_the_days_are_over():
    desk = tickets(back("2026-10-17 21:00"), back("2026-10-18 21:59", closed_at="2026-10-30"))
    assert flags(desk)["T1"] == [True, True, False]
    # one day earlier it was back already, and counting it now would count the quick ones only
    assert flags(desk, pd.Timestamp("2026-10-30"))["T1"] == [False, False, False]
    assert flags(desk, pd.Timestamp("2026-10-30"))["T2"] == [False, False, True]

    # a report at midnight after the as-of day would still be within the fourteen days of a close at midnight
    assert flags(tickets(back("2026-10-17 22:00")))["T1"][0] is False


def test_other_machines_and_those_without_a_number_are_not_the_same():
    found = flags(tickets({"serial_no": "99A"}, back("2026-09-05", "99B"), {}, back("2026-09-05", None)))
    assert [found[f"T{k}"] for k in (1, 2)] == [[True, False, False]] * 2
    assert [found[f"T{k}"] for k in (3, 4)] == [[False, False, False]] * 2


def test_a_close_before_the_report_tells_nothing():
    desk = tickets(
        {"serial_no": "99A", "closed_at": "2026-08-30"}, back("2026-09-05", closed_at="2026-09-20")
    )
    assert flags(desk) == {"T1": [False, False, False], "T2": [True, False, False]}


def test_a_tickets_own_report_is_no_return():
    desk = tickets({"serial_no": "99A", "closed_at": "2026-09-01 09:00"})
    assert flags(desk)["T1"] == [True, False, False]


def test_month_end_and_leap_day():
    assert last_told_month(pd.Timestamp("2026-03-14"), "2026-03", 14) == "2026-02"
    assert last_told_month(pd.Timestamp("2028-03-13"), "2028-02", 14) == "2028-01"
    desk = tickets(back("2028-02-29 12:00"), back("2028-03-14 14:00"))
    assert flags(desk, pd.Timestamp("2028-03-31"))["T1"] == [True, True, False]


def test_groups_and_limits():
    desk = tickets(
        {"serial_no": "99A", "branch": "杭州", "machine_family": "7979"},
        back("2026-09-10", branch="杭州", machine_family="7979"),
        back("2026-09-20", "99B", branch="宁波", machine_family="8840"),
        back("2026-10-05", "99C", branch="宁波", machine_family="8840"),
    )
    again = reported_again(desk, AS_OF, 14)
    table = repeats(closed(desk), again, AS_OF, UNTIL, 14, 1)
    assert list(table.columns) == [c.name for c in REPEATS.kept]
    assert not table.duplicated(list(REPEATS.key)).any()
    whole = row(table, of="all")
    assert (whole["n"], whole["repeated"], whole["share"]) == (4, 1, 0.25)
    assert whole["low"] < 0.25 < whole["high"]
    assert row(table, of="branch", group="宁波")["repeated"] == 0
    assert row(table, of="family", group="7979")["share"] == 0.5
    # of October some closes have days to come: a month has its row when all are over
    assert table.loc[table["of"] == "month", "group"].tolist() == ["2026-09"]
    few = repeats(closed(desk), again, AS_OF, UNTIL, 14, 5)
    assert few["of"].tolist() == ["all"]


def test_no_serial_numbers_no_table():
    desk = tickets({}, {})
    assert repeats(closed(desk), reported_again(desk, AS_OF, 14), AS_OF, UNTIL, 14, 1).empty
    assert reported_again(tickets(), AS_OF, 14).empty
