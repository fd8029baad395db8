"""The whole stage on companies that are odd and can be: it says what it can tell, and nothing more."""

import json

import pandas as pd
import pytest
from repair_desk import AS_OF, SETTINGS, UNTIL, row, table, visit

from crmlab import tables
from crmlab.service.outputs import OUTPUTS
from crmlab.service.results import Exports, results


def company(**rows):
    """The exports of a company; a table that is not named is empty."""
    return Exports(*(table(tables.CLEAN[name], rows.get(name, [])) for name in Exports._fields))


def answer(exports=None, until=UNTIL, as_of=AS_OF, **rows):
    found = results(exports or company(**rows), SETTINGS, until=until, as_of=as_of)
    assert set(found.tables) == set(OUTPUTS)
    for name, frame in found.tables.items():
        assert not frame.duplicated(list(OUTPUTS[name].key)).any(), name
    json.dumps(found.metrics, allow_nan=False)
    assert found.summary
    return found


def call(number, **cells):
    usual = {"customer_id": "C", "reported_at": "2026-09-01 09:00", "closed_at": "2026-09-01 15:00"}
    return {"ticket_id": f"T{number}", **usual, "service_level": "7*24*4", "is_open": False} | cells


def grievance(number, **cells):
    usual = {"customer_id": f"C{number % 3}", "received_at": "2026-05-01 10:00", "text": "态度差"}
    return {"complaint_id": f"K{number}", **usual} | cells


def test_no_export_at_all_is_empty_and_says_so():
    found = answer()
    assert found.is_empty
    assert found.lacks[0][0] == "tickets, complaints or surveys"


def test_complaints_without_a_single_ticket():
    rows = [grievance(k, resolved_at="2026-05-04 10:00" if k else None) for k in range(4)]
    found = answer(complaints=rows)
    assert not found.is_empty
    ends = found.tables["recovery"].set_index("end")
    assert ends["complaints"].to_dict() == {"ignored": 1, "solved promptly": 3}
    assert ends["share"].isna().all()
    assert found.metrics["attainment"] == {}


def test_a_desk_that_never_closes_a_ticket_breaks_no_promise_that_can_be_told():
    calls = [call(k, closed_at=None, is_open=True, service_level="5*9") for k in range(6)]
    found = answer(tickets=calls, visits=[visit("T0", arrived_at=None)])
    assert found.tables["attainment"].empty
    assert found.metrics["cannot_tell"] == {"response": 6, "fix": 6}
    assert found.tables["months"]["broken_promises"].sum() == 0
    assert ("tickets.closed_at", "repair promises, first-time fix and where a repair waits") in found.lacks


def test_tickets_complaints_and_answers_of_nobody_known():
    found = answer(
        tickets=[call(k, customer_id=None) for k in range(6)],
        visits=[visit(f"T{k}", arrived_at="2026-09-01 10:00") for k in range(6)],
        complaints=[grievance(k, customer_id=None, resolved_at="2026-05-04") for k in range(6)],
        surveys=[
            {"survey_id": f"S{k}", "answered_at": "2026-06-01", "item": "Q", "score": 4, "scale_max": 5}
            for k in range(6)
        ],
    )
    assert found.metrics["attainment"]["response"]["all"]["share"] == 1
    assert found.tables["months"].empty
    assert found.tables["complaints"]["stayed"].isna().all()


def test_days_without_a_time_and_tickets_closed_before_they_came_in():
    days = {"reported_at": "2026-10-05", "closed_at": "2026-10-05", "serial_no": "99A"}
    wrong = call(2, reported_at="2026-10-09", closed_at="2026-10-01")
    found = answer(tickets=[call(1, **days), wrong], visits=[visit("T1", arrived_at="2026-10-05")])
    judged = found.tables["tickets"].set_index("ticket_id")
    assert (judged.loc["T1", "response"], judged.loc["T1", "response_took"]) == ("kept", 0)
    assert found.metrics["closes_before_report"] == 1
    assert found.metrics["repeat_share"] == 0


@pytest.mark.parametrize("top", [1, 7, 100])
def test_any_best_mark(top):
    rows = [
        {"survey_id": f"S{k}", "customer_id": f"C{k}", "answered_at": "2026-06-01", "item": "Q"}
        | {"score": top, "scale_max": top}
        for k in range(6)
    ]
    assert row(answer(surveys=rows).tables["satisfaction"], about="yearly")["mean"] == 1


def test_what_comes_after_the_day_changes_nothing():
    def exports(later):
        after = {"closed_at": "2026-11-05", "reopened": 1} if later else {"closed_at": None, "is_open": True}
        paid = {"resolved_at": "2026-11-05", "compensation": 90_000} if later else {}
        tickets = [call(k, reopened=0) for k in range(6)] + [call(6, reported_at="2026-10-30", **after)]
        came = [visit(f"T{k}", arrived_at=f"2026-09-01 1{k}:00") for k in range(6)]
        complaints = [grievance(0, ticket_id="T5", compensation=100, resolved_at="2026-09-09")]
        complaints += [grievance(1, ticket_id="T4", received_at="2026-10-20", **paid)]
        if later:
            tickets.append(call(7, reported_at="2026-11-01 00:00", closed_at="2026-11-02"))
            came.append(visit("T6", 1, arrived_at="2026-11-01 00:00"))
            complaints.append(grievance(2, received_at="2026-11-01 00:00"))
        return company(tickets=tickets, visits=came, complaints=complaints)

    now, then = answer(exports(later=True)), answer(exports(later=False))
    for name, frame in now.tables.items():
        pd.testing.assert_frame_equal(frame, then.tables[name], obj=name)
    assert now.metrics == then.metrics
    assert now.tables["faster"]["cost"].notna().any()
