"""A repair is fixed at first when one visit was enough; what outcome and count do not agree on is counted."""

import pandas as pd
import pytest
from repair_desk import AS_OF, UNTIL, closed, row, tickets, visit, visits
from simulated_company import chunk

from crmlab import sample
from crmlab.service.visits.first_fix import first_fix, fixed_at_first
from crmlab.service.visits.outputs import FIRST_FIX
from crmlab.service.visits.repeats import reported_again
from crmlab.service.visits.sequence import in_order


def figures(desk, record, as_of=AS_OF, min_group=1, until=UNTIL, **tiers):
    return first_fix(
        closed(desk, as_of, **tiers),
        in_order(record, as_of),
        reported_again(desk, as_of, 14),
        as_of,
        until,
        14,
        min_group,
    )


def fixed(record, n=1):
    told = fixed_at_first(closed(tickets(*[{}] * n)), in_order(record, AS_OF))
    return told[["fixed", "contradictory"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("made", "at_first", "contradictory"),
    [
        ([visit("T1")], True, False),
        ([visit("T1", outcome=None)], True, False),
        ([visit("T1", outcome="not_fixed"), visit("T1", 2)], False, False),
        # one visit, marked not fixed, yet the ticket is closed: the mark counts
        ([visit("T1", outcome="not_fixed")], False, True),
        # marked fixed, yet somebody came again: the count counts
        ([visit("T1"), visit("T1", 2)], False, True),
        # the first visit is not on record, but the number of the other says that there was one
        ([visit("T1", 2)], False, False),
        # the rows come in any order
        ([visit("T1", 2), visit("T1", outcome="not_fixed")], False, False),
        # an export that counts from nought
        ([visit("T1", 0, "not_fixed"), visit("T1", 1)], False, False),
        ([visit("T1", 0)], True, False),
    ],
)
def test_one_visit_not_marked_otherwise_fixed_it(made, at_first, contradictory):
    assert fixed(visits(*made)) == [[at_first, contradictory]]


def test_groups_have_their_shares_with_limits():
    desk = tickets(
        {"branch": "杭州", "machine_family": "7979", "service_level": "5*9", "customer_id": "A"},
        {"branch": "杭州", "machine_family": "8840", "service_level": "5*9", "customer_id": "A"},
        {"branch": "宁波", "machine_family": "8840", "closed_at": "2026-10-01 00:00", "customer_id": "B"},
        {"branch": None, "closed_at": "2026-10-31 23:59:59", "customer_id": None},
    )
    record = visits(visit("T1"), visit("T2", outcome="not_fixed"), visit("T2", 2), visit("T3"), visit("T4"))
    table, _ = figures(desk, record, A="vip", B="small")
    assert list(table.columns) == [c.name for c in FIRST_FIX.kept]
    assert not table.duplicated(list(FIRST_FIX.key)).any()
    whole = row(table, of="all")
    assert (whole["group"], whole["n"], whole["fixed"], whole["share"]) == ("", 4, 3, 0.75)
    assert whole["low"] < 0.75 < whole["high"]
    assert whole["basis"] == "visits"
    assert row(table, of="branch", group="杭州")["share"] == 0.5
    assert row(table, of="family", group="8840")["share"] == 0.5
    assert row(table, of="level", group="5*9")["n"] == 2
    assert row(table, of="tier", group="vip")["n"] == 2
    # midnight begins October, and the last second of the month is in it
    assert row(table, of="month", group="2026-09")["n"] == 2
    assert row(table, of="month", group="2026-10")["n"] == 2


def test_figures_are_of_the_last_twelve_months_and_months_of_all():
    desk = tickets({"closed_at": "2025-10-31 23:59"}, {"closed_at": "2025-11-01 00:00"})
    table, _ = figures(desk.assign(reported_at=pd.Timestamp("2025-10-30")), visits(visit("T1"), visit("T2")))
    assert row(table, of="all")["n"] == 1
    assert table.loc[table["of"] == "month", "group"].tolist() == ["2025-10", "2025-11"]


def test_29_february_is_a_day_of_february():
    as_of = pd.Timestamp("2028-03-31")
    desk = tickets({"reported_at": "2028-02-29 22:00", "closed_at": "2028-02-29 23:59"})
    table, _ = figures(desk, visits(visit("T1")), as_of, until="2028-03")
    assert row(table, of="month", group="2028-02")["n"] == 1


def test_small_groups_are_left_out_and_the_whole_is_not():
    desk = tickets({"branch": "杭州"}, {"branch": "杭州"}, {"branch": "宁波"})
    table, _ = figures(desk, visits(visit("T1"), visit("T2"), visit("T3")), min_group=2)
    assert table.loc[table["of"] == "branch", "group"].tolist() == ["杭州"]
    assert row(table, of="all")["n"] == 3
    assert row(figures(desk, visits(visit("T1")), min_group=2)[0], of="all")["n"] == 1


def test_tickets_closed_without_a_visit_are_counted_apart():
    desk = tickets({}, {}, {"reported_at": "2026-08-01"}, {"closed_at": None})
    table, left_out = figures(desk, visits(visit("T1", arrived_at="2026-09-01 09:00")))
    assert row(table, of="all")["n"] == 1
    # T2 was solved by phone; T3 came before any visit is on record, T4 is open
    assert left_out == {"visits_remote": 1, "contradictory": 0}


def test_contradictions_are_counted_once_a_ticket():
    made = [visit("T1"), visit("T1", 2), visit("T1", 3, "not_fixed"), visit("T2")]
    _, left_out = figures(tickets({}, {}), visits(*made))
    assert left_out["contradictory"] == 1


def test_what_comes_after_the_day_counts_for_nothing():
    desk = tickets({}, {"closed_at": "2026-11-01 00:00"})
    made = visits(visit("T1"), visit("T1", 2, arrived_at="2026-11-01 00:00"), visit("T2"))
    table, left_out = figures(desk, made)
    assert (row(table, of="all")["n"], row(table, of="all")["fixed"]) == (1, 1)
    assert left_out["contradictory"] == 0


def test_a_visit_before_the_report_is_a_visit_all_the_same():
    table, _ = figures(tickets({}), visits(visit("T1", arrived_at="2026-08-31 09:00")))
    assert row(table, of="all")["fixed"] == 1


def test_without_visits_a_machine_that_stays_away_was_fixed():
    desk = tickets(
        {"serial_no": "99A"},
        {"serial_no": "99A", "reported_at": "2026-09-10", "closed_at": "2026-09-10 12:00"},
        {"serial_no": "99B"},
        {"serial_no": None},
        # its fourteen days are not over: nobody knows yet
        {"serial_no": "99C", "reported_at": "2026-10-25", "closed_at": "2026-10-26"},
    )
    table, left_out = figures(desk, visits())
    whole = row(table, of="all")
    assert (whole["basis"], whole["n"], whole["fixed"]) == ("proxy", 3, 2)
    assert left_out == {"visits_remote": None, "contradictory": None}


@pytest.mark.parametrize("desk", [tickets(), tickets({"closed_at": None}), tickets({"serial_no": None})])
def test_where_nothing_can_be_told_there_are_no_rows(desk):
    assert figures(desk, visits())[0].empty


def test_visits_of_tickets_that_nobody_knows_do_not_count():
    table, _ = figures(tickets({}), visits(visit("T1"), visit("X9", outcome="not_fixed")))
    assert (row(table, of="all")["n"], row(table, of="all")["share"]) == (1, 1.0)


def test_the_simulated_companys_first_visits_are_told_as_they_were():
    made = sample.tables(customers=100, dirt=False)
    told = fixed_at_first(closed(made["tickets"]), in_order(made["visits"], AS_OF))
    needed = chunk(0).calls.set_index("ticket_id")["visits"].loc[told["ticket_id"]]
    assert len(told) > 1000
    assert (told["fixed"].to_numpy() == (needed.to_numpy() == 1)).all()
