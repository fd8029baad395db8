"""Features as of a landmark: what counts, and that nothing later does."""

import pandas as pd
import pandas.testing as pdt
import pytest
from test_churn_terms import AS_OF, CHAIN

from crmlab import tables
from crmlab.churn.features import as_of_features
from crmlab.churn.terms import known_terms, landmark_rows
from crmlab.service.promises.outputs import TICKETS as PROMISED_TICKETS


def frame(table, rows, *names):
    made = pd.DataFrame(rows, columns=list(names))
    for column in table.kept:
        if column.name not in made:
            made[column.name] = None
    return tables.conform(made, table)


TICKETS = frame(
    tables.TICKETS,
    [
        ("t1", "A", "2025-10-31 23:00", "2025-11-01 23:00"),  # on the landmark: counts
        ("t2", "A", "2025-08-03 08:00", "2025-08-03 20:00"),  # 89 days before
        ("t3", "A", "2025-08-02 08:00", "2025-08-04 08:00"),  # 90 days before: not in 90, in 365
        ("t4", "A", "2024-10-31 08:00", "2024-10-31 09:00"),  # 365 days before: in neither
        ("t5", "A", "2025-11-01 00:00", None),  # after
        ("t6", "B", "2025-10-30 00:00", None),  # another customer's
    ],
    "ticket_id", "customer_id", "reported_at", "closed_at",
)  # fmt: skip
VISITS = frame(
    tables.VISITS,
    [
        ("t2", 1, "2025-08-03 09:00"),
        ("t2", 2, "2025-08-05 09:00"),
        ("t3", 1, "2025-08-03 09:00"),
        ("t1", 1, "2025-11-01 09:00"),
        ("t1", 2, "2025-11-02 09:00"),
    ],
    "ticket_id", "visit_no", "arrived_at",
)  # fmt: skip
CUSTOMERS = frame(tables.CUSTOMERS, [("A", "vip"), ("B", None)], "customer_id", "tier")
PROMISES = frame(
    PROMISED_TICKETS,
    [("t1", "A", None), ("t3", "A", "2025-08-02 16:00"), ("t4", "A", "2024-10-31 16:00"), ("t6", "B", "2025-10-30 08:00")],
    "ticket_id", "customer_id", "broken_at",
)  # fmt: skip


def features_of(tickets=TICKETS, visits=VISITS, machines=None, promises=PROMISES):
    terms = known_terms(CHAIN, AS_OF, 30)
    rows = landmark_rows(terms, AS_OF)
    found = as_of_features(
        rows,
        terms,
        tickets,
        visits,
        CUSTOMERS,
        tables.empty(tables.MACHINES) if machines is None else machines,
        promises,
    )
    return found.set_index(pd.MultiIndex.from_frame(rows[["contract_id", "landmark"]]))


def test_windows_end_with_the_landmark():
    row = features_of().loc[("a3", pd.Timestamp("2025-10-31"))]
    assert 2**row.tickets_90 - 1 == pytest.approx(2)
    assert 2**row.tickets_365 - 1 == pytest.approx(3)
    assert 2**row.second_visits_365 - 1 == pytest.approx(1)
    assert 2**row.broken_promises_365 - 1 == pytest.approx(1)  # t3; that of t4 is 365 days old
    assert 2**row.tenure_years - 1 == pytest.approx(
        (pd.Timestamp("2025-10-31") - pd.Timestamp("2023-01-01")).days / 365.25
    )
    assert 2**row.previous_terms - 1 == pytest.approx(2)
    assert row.tier == "vip"


def test_a_promise_counts_from_the_moment_it_was_broken():
    late = PROMISES.assign(broken_at=pd.Timestamp("2025-11-01"))  # the day after the landmark
    assert features_of(promises=late).loc[("a3", pd.Timestamp("2025-10-31"))].broken_promises_365 == 0


def test_nothing_after_the_landmark_is_used():
    landmark = pd.Timestamp("2025-10-31")
    until = slice(None), slice(None, landmark)
    later = TICKETS.copy()
    later.loc[later.ticket_id == "t5", "reported_at"] = pd.Timestamp("2026-03-01")
    later.loc[later.ticket_id == "t1", "closed_at"] = pd.Timestamp("2026-06-01")
    more = pd.concat(
        [later, later.assign(ticket_id="n" + later.ticket_id, reported_at=pd.Timestamp("2025-12-24"))]
    )
    visits = VISITS[VISITS.ticket_id != "t1"]
    pdt.assert_frame_equal(
        features_of().sort_index().loc[until, :],
        features_of(tickets=more, visits=visits).sort_index().loc[until, :],
    )


def test_empty_tickets_and_visits_count_nothing():
    found = features_of(
        tables.empty(tables.TICKETS), tables.empty(tables.VISITS), promises=tables.empty(PROMISED_TICKETS)
    )
    assert (found[["tickets_90", "tickets_365", "second_visits_365", "broken_promises_365"]] == 0).all(
        axis=None
    )


def test_counts_are_per_machine_in_service_on_the_landmark():
    machines = frame(
        tables.MACHINES,
        [
            ("m1", "A", "2024-01-01", None),
            ("m2", "A", None, None),
            ("m3", "A", "2024-01-01", "2025-10-01"),
            ("m4", "A", "2025-11-01", None),
            ("m5", "B", "2024-01-01", None),
        ],
        "serial_no", "customer_id", "installed_at", "retired_at",
    )  # fmt: skip
    row = features_of(machines=machines).loc[("a3", pd.Timestamp("2025-10-31"))]
    assert 2**row.tickets_365 - 1 == pytest.approx(3 / 2)


def test_an_unsigned_term_is_late_in_its_last_sixty_days():
    found = features_of().unsigned_late
    assert found[("a3", pd.Timestamp("2025-01-01"))] == 0
    assert found[("a3", pd.Timestamp("2025-10-31"))] == 0  # 61 days to go
    assert found[("f1", pd.Timestamp("2025-10-31"))] == 0
    near = known_terms(CHAIN, pd.Timestamp("2025-12-16"), 30)
    rows = near[near.contract_id == "a3"].assign(landmark=pd.Timestamp("2025-12-16"))
    none = tables.empty(tables.MACHINES)
    assert as_of_features(rows, near, TICKETS, VISITS, CUSTOMERS, none, PROMISES).unsigned_late.iloc[
        0
    ] == pytest.approx(1.5)
