"""Tickets judged: which promise counts, on which clock, and what can be said of it."""

import numpy as np
import pandas as pd
import pytest

from crmlab.service.promises.judged import judged
from crmlab.service.promises.kept import calendar, promises
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.outputs import OUTPUTS, TICKETS, VERDICTS
from crmlab.service.settings import Settings
from crmlab.tables import CLEAN, conform, empty

AS_OF = pd.Timestamp("2026-06-30")
SETTINGS = Settings(
    **{
        **dict.fromkeys(Settings.__dataclass_fields__),
        "levels": {"5*9": {"response_h": 9, "fix_h": 27}},
        "opens": "09:00",
        "country": "CN",
        "closed": [],
        "worked": [],
        "keepable": 0.95,
        "faster": [0.75, 0.5],
        "penalty": 100,
        "min_group": 5,
    }
)


def table(name, rows, **more):
    """A clean table of these rows; what they do not name is missing."""
    declared = CLEAN[name]
    if not rows:
        return empty(declared)
    frame = pd.DataFrame(rows).reindex(columns=[c.name for c in declared.kept])
    for column in declared.kept:
        if column.kind in ("time", "date"):
            frame[column.name] = pd.to_datetime(frame[column.name], format="mixed")
    return conform(frame, declared).assign(**more)


def ticket(reported_at="2026-06-01 10:00", closed_at="2026-06-01 12:00", **more):
    said = {"ticket_id": "t", "customer_id": "c", "reported_at": reported_at, "closed_at": closed_at}
    return {**said, "service_level": "7*24*4", "is_open": closed_at is None, **more}


def visit(arrived_at, ticket_id="t", visit_no=1):
    return {"ticket_id": ticket_id, "visit_no": visit_no, "arrived_at": arrived_at}


def contract(contract_id="k", start_at="2026-01-01", end_at="2026-12-31", **more):
    said = {
        "contract_id": contract_id,
        "customer_id": "c",
        "start_at": start_at,
        "end_at": end_at,
        "amount": 1,
    }
    return {**said, **more}


def judge(tickets, contracts=(), visits=(), as_of=AS_OF, entry_days=0.0, **columns):
    tickets = table("tickets", [tickets] if isinstance(tickets, dict) else tickets, **columns)
    visits = table("visits", list(visits))
    clocks = LevelClocks(calendar(SETTINGS, as_of, tickets, visits), SETTINGS)
    return judged(tickets, table("contracts", list(contracts)), visits, clocks, as_of, entry_days)


def one(*args, **more):
    """The only ticket, judged."""
    frame = judge(*args, **more)
    assert len(frame) == 1
    return frame.iloc[0]


def each(tickets, *args, **more):
    """Several tickets judged together, in their order."""
    return judge([{**row, "ticket_id": f"t{i}"} for i, row in enumerate(tickets)], *args, **more)


def test_the_level_of_the_ticket_promises_where_there_is_no_contract():
    row = one(ticket(), visits=[visit("2026-06-01 11:30")])
    assert (row["level"], row["level_from"]) == ("7*24*4", "ticket")
    assert (row["response_promised"], row["response_took"], row["response"]) == (14_400, 5400, "kept")
    assert (row["fix_took"], row["fix"]) == (7200, "no promise")
    assert pd.isna(row["fix_promised"])
    assert pd.isna(row["broken_at"])


def test_a_promise_broken_is_broken_when_it_ran_out():
    row = one(
        ticket(closed_at="2026-06-01 22:00"),
        [contract(promise_response_min=60, promise_fix_min=600)],
        [visit("2026-06-01 11:30")],
    )
    assert (row["response"], row["fix"]) == ("broken", "broken")
    assert row["broken_at"] == pd.Timestamp("2026-06-01 11:00")


def test_to_the_second_is_kept():
    came = [visit("2026-06-01 14:00", "t0"), visit("2026-06-01 14:00:01", "t1")]
    assert each([ticket(), ticket()], visits=came)["response"].tolist() == ["kept", "broken"]


def test_working_hours_stand_still_over_a_weekend_and_a_holiday():
    # Saturday 14 February 2026 is worked, the Spring Festival lasts until Monday the 23rd
    row = one(
        ticket("2026-02-14 17:00", "2026-02-24 14:00", service_level="5×9"),
        visits=[visit("2026-02-24 11:00")],
    )
    assert (row["level"], row["response_took"] / 3600, row["fix_took"] / 3600) == ("5*9", 3, 6)
    assert (row["response"], row["fix"]) == ("kept", "kept")


@pytest.mark.parametrize(
    ("reported", "arrived", "took"),
    [
        ("2026-06-01 00:00", "2026-06-01 04:00", 4),  # midnight
        ("2026-05-31 23:00", "2026-06-01 03:00", 4),  # the end of a month
        ("2024-02-29 23:00", "2024-03-01 01:00", 2),  # 29 February
    ],
)
def test_midnight_month_end_and_29_february(reported, arrived, took):
    row = one(ticket(reported, arrived), visits=[visit(arrived)])
    assert (row["response_took"] / 3600, row["response"]) == (took, "kept")


def test_the_contract_in_force_on_the_day_of_the_report_counts():
    terms = [
        contract("k1", "2025-06-02", "2026-06-01", promise_response_min=60),
        contract("k2", "2026-06-02", "2027-06-01", promise_response_min=30),
    ]
    # its last day, the first of the next, and a day before there was any
    days = ["2026-06-01 23:59", "2026-06-02 00:00", "2025-06-01 10:00"]
    assert each([ticket(day, None) for day in days], terms)["response_promised"].tolist() == [
        3600,
        1800,
        14_400,
    ]


def test_of_several_contracts_the_ticket_s_level_then_the_latest_then_the_last_number():
    terms = [
        contract("k1", "2026-01-01", service_level="7x24x4", promise_response_min=10),
        contract("k2", "2026-02-01", service_level="5*9", promise_response_min=20),
        contract("k3", "2026-02-01", service_level="5*9", promise_response_min=30),
        contract("k4", "2026-03-01", "2026-03-31", service_level="5*9", promise_response_min=40),
    ]
    of_levels = [ticket(service_level=level) for level in ("7*24*4", "5 × 9", "7*24*8", None)]
    in_march = ticket("2026-03-31 10:00", "2026-04-01", service_level=None)
    promised = each([*of_levels, in_march], terms)["response_promised"]
    assert promised.tolist() == [600, 1800, 1800, 1800, 2400]


def test_a_contract_of_another_customer_or_without_days_promises_nothing():
    terms = [contract(customer_id="other", promise_response_min=60), contract("k2", None, None)]
    assert one(ticket(service_level=None), terms)["response"] == "no promise"
    assert one(ticket(service_level=None, customer_id=None), terms)["response"] == "no promise"


def test_the_contract_s_level_has_the_clock_and_fills_what_it_does_not_state():
    row = one(ticket(), [contract(service_level="7*24*8")])
    assert (row["level"], row["level_from"], row["response_promised"]) == ("7*24*8", "contract", 8 * 3600)
    row = one(ticket(), [contract(promise_response_min=0, promise_fix_min=-5)])  # no time is no promise
    assert (row["level"], row["level_from"], row["response_promised"]) == ("7*24*4", "ticket", 4 * 3600)
    assert row["fix"] == "no promise"


def test_a_level_never_seen_promises_nothing_and_runs_day_and_night():
    row = one(ticket("2026-06-06 10:00", "2026-06-07 10:00", service_level="银牌"))
    assert (row["level"], row["response"], row["fix"]) == ("银牌", "no promise", "no promise")
    assert row["fix_took"] == 86_400
    row = one(ticket(service_level="银牌"), [contract(promise_fix_min=600)])
    assert (row["level"], row["level_from"], row["fix"]) == ("银牌", "ticket", "kept")


def test_a_level_that_can_be_read_is_worth_more():
    row = one(ticket(), [contract(service_level="银牌")])
    assert (row["level"], row["level_from"]) == ("7*24*4", "ticket")


def test_a_visit_before_the_report_tells_nothing():
    row = one(ticket(), visits=[visit("2026-06-01 09:59"), visit("2026-06-01 11:00", visit_no=2)])
    assert row["response"] == "cannot tell"
    assert pd.isna(row["response_took"])


def test_a_close_before_the_report_tells_nothing():
    row = one(ticket(closed_at="2026-06-01 09:00"), [contract(promise_fix_min=600)])
    assert (row["fix"], row["response"]) == ("cannot tell", "cannot tell")
    assert pd.isna(row["fix_took"])


def test_a_close_without_a_visit_or_without_any_visits_tells_nothing_of_the_response():
    elsewhere = [visit("2026-06-01 11:00", ticket_id="another")]
    assert one(ticket(), visits=elsewhere)["response"] == "cannot tell"
    assert one(ticket())["response"] == "cannot tell"
    assert one(ticket(closed_at=None))["response"] == "cannot tell"


def test_an_open_ticket_runs_until_its_promise_is_over():
    days = ["2026-06-30 19:59", "2026-06-30 20:01", "2026-05-01 10:00"]  # the last is never closed
    elsewhere = [visit("2026-06-01 11:00", ticket_id="another")]
    desk = [*(ticket(day, None) for day in days), ticket()]
    frame = each(desk, [contract(promise_fix_min=720)], elsewhere)
    assert frame["response"].tolist() == ["broken", "running", "broken", "cannot tell"]
    assert frame["fix"].tolist() == ["running", "running", "broken", "kept"]
    assert frame["broken_at"][0] == pd.Timestamp("2026-06-30 23:59")


def test_where_sheets_come_late_an_open_ticket_may_have_been_kept():
    days = ["2026-06-20 10:00", "2026-06-09 12:00", "2026-06-09 11:59", "2026-06-30 20:00"]
    somebody_came_late = [visit("2026-06-20 15:00", ticket_id="t0")]
    promise = [contract(promise_fix_min=720)]
    desk = [*(ticket(day, None) for day in days), ticket()]
    frame = each(desk, promise, somebody_came_late, entry_days=21)[:4]
    # the sheet of a repair in time would be there for the third only
    assert frame["fix"].tolist() == ["cannot tell", "cannot tell", "broken", "running"]
    assert frame["response"].tolist() == ["broken", "broken", "broken", "running"]


def test_without_any_close_on_record_no_open_ticket_is_late():
    days = ["2026-05-01 10:00", "2026-06-30 23:00"]
    seen = [visit("2026-05-01 12:00", "t0")]
    frame = each([ticket(day, None) for day in days], [contract(promise_fix_min=720)], seen)
    assert frame["fix"].tolist() == ["cannot tell", "running"]
    assert frame["response"].tolist() == ["kept", "running"]
    assert frame["broken_at"].isna().all()


def test_visits_without_arrivals_tell_nothing_of_the_response():
    frame = each([ticket("2026-05-01 10:00", None), ticket()], visits=[visit(None, "t1")])
    assert frame["response"].tolist() == ["cannot tell", "cannot tell"]


def test_a_close_that_cannot_be_read_is_no_open_ticket():
    row = one(ticket(closed_at=None, is_open=False), [contract(promise_fix_min=720)])
    assert row["fix"] == "cannot tell"


def test_nothing_after_the_as_of_day_is_known():
    rows = [
        ticket("2026-06-30 23:00", "2026-07-01 01:00"),
        ticket("2026-07-01 00:00", "2026-07-01 01:00", ticket_id="later"),
    ]
    row = one(rows, [contract(promise_fix_min=120)], [visit("2026-07-01 00:30")], promise_kept=True)
    assert pd.isna(row["closed_at"])
    assert pd.isna(row["arrived_at"])
    assert (row["response"], row["fix"], row["recorded"]) == ("running", "running", "cannot tell")


def test_a_contract_signed_later_promises_nothing_yet():
    terms = [contract(promise_response_min=60, signed_at=day) for day in ("2026-06-30", "2026-07-01")]
    assert one(ticket(), terms[:1])["response_promised"] == 3600
    assert one(ticket(), terms[1:])["response_promised"] == 14_400


def test_what_comes_after_the_as_of_day_changes_nothing():
    earlier = {"until": "2026-02", "as_of": pd.Timestamp("2026-02-28")}
    frames = company()
    tables, metrics, _ = run(**earlier)
    known = {
        "tickets": frames["tickets"][frames["tickets"]["reported_at"] < "2026-03-01"],
        "visits": frames["visits"][frames["visits"]["arrived_at"] < "2026-03-01"],
    }
    again, figures, _ = run(**known, **earlier)
    assert metrics == figures
    assert len(tables["tickets"]) == 28
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, again[name])


def test_what_the_desk_put_down():
    rows = [ticket(ticket_id=str(i)) for i in range(3)] + [
        ticket(ticket_id="3", closed_at=None, is_open=False)
    ]
    kept = pd.array([True, False, None, False], dtype="boolean")
    frame = judge(rows, promise_kept=kept)
    assert frame["recorded"].tolist() == ["kept", "broken", "cannot tell", "broken"]
    assert frame["broken_at"].isna().tolist() == [True, False, True, False]
    assert frame["broken_at"][1] == pd.Timestamp("2026-06-01 12:00")
    assert AS_OF < frame["broken_at"][3] < AS_OF + pd.Timedelta(days=1)
    assert set(judge(rows)["recorded"]) == {"no promise"}
    assert set(judge(rows, promise_kept=pd.array([None] * 4, dtype="boolean"))["recorded"]) == {"no promise"}


def test_the_table_is_as_declared():
    frame = judge(
        [ticket(ticket_id="b"), ticket(ticket_id="a", closed_at=None)], visits=[visit("2026-06-02")]
    )
    assert list(frame.columns) == [c.name for c in TICKETS.kept]
    assert frame["ticket_id"].tolist() == ["a", "b"]
    assert frame["response"].isin(VERDICTS).all()
    assert judge([]).equals(empty(TICKETS))


def company(n=60, **columns):
    """A desk that is there after 1, 2, … 6 hours in turn under 7*24*4, and repairs two hours later."""
    reported = pd.date_range("2026-01-05 08:00", periods=n, freq="2D")
    late = pd.to_timedelta(np.arange(n) % 6 + 1, unit="h")
    ids = [f"t{i:03d}" for i in range(n)]
    rows = {"ticket_id": ids, "customer_id": "c", "reported_at": reported, "closed_at": reported + late * 1.0}
    tickets = pd.DataFrame({**rows, "branch": "杭州", "service_level": "7*24*4", "is_open": False, **columns})
    visits = pd.DataFrame({"ticket_id": ids, "visit_no": 1, "arrived_at": reported + late})
    return {
        "tickets": table("tickets", tickets.to_dict("list")),
        "contracts": table("contracts", [contract(promise_fix_min=240)]),
        "visits": table("visits", visits.to_dict("list")),
        "customers": table("customers", [{"customer_id": "c", "tier": "vip"}]),
        "complaints": table("complaints", []),
    }


def run(until="2026-06", as_of=AS_OF, settings=SETTINGS, **tables):
    return promises(**{**company(), **tables}, settings=settings, until=until, as_of=as_of)


def test_the_room_writes_every_table_and_its_figures():
    tables, metrics, clocks = run()
    for name, declared in OUTPUTS.items():
        assert list(tables[name].columns) == [c.name for c in declared.kept]
        assert not tables[name].duplicated(list(declared.key)).any()
        assert len(tables[name]) or name == "let_down"  # the last call is eight weeks old
    assert list(run(as_of=pd.Timestamp("2026-05-10"))[0]["let_down"]["customer_id"]) == ["c"]
    assert metrics["n"] == 60
    assert metrics["attainment"]["response"]["all"]["share"] == pytest.approx(4 / 6)
    assert metrics["attainment"]["response"]["7*24*4"]["n"] == 60
    assert metrics["cannot_tell"] == {"response": 0, "fix": 0}
    assert (metrics["estimated_years"], metrics["unknown_years"]) == ([], [])
    assert clocks.workdays.last == np.datetime64("2026-06-30")


def test_what_the_data_lack_is_counted():
    frames = company()
    frames["tickets"].loc[:2, "service_level"] = "银牌"
    frames["visits"].loc[5, "arrived_at"] = pd.Timestamp("2026-01-01")
    _, metrics, _ = promises(**frames, settings=SETTINGS, until="2026-06", as_of=AS_OF)
    assert metrics["levels_unknown"] == {"银牌": 3}
    assert metrics["visits_before_report"] == 1
    assert metrics["cannot_tell"]["response"] == 1


def test_a_year_that_nobody_announced_is_named():
    frames = company()
    _, metrics, _ = promises(**frames, settings=SETTINGS, until="2027-01", as_of=pd.Timestamp("2027-01-31"))
    assert metrics["estimated_years"] == [2027]


def test_empty_tables_and_columns_that_nobody_filled():
    nothing = {name: empty(CLEAN[name]) for name in ("contracts", "visits", "customers", "complaints")}
    tables, metrics, _ = run(**nothing, tickets=empty(CLEAN["tickets"]))
    assert all(frame.equals(empty(OUTPUTS[name])) for name, frame in tables.items())
    assert (metrics["n"], metrics["attainment"]) == (0, {})

    bare = table("tickets", [{"ticket_id": f"t{i}", "reported_at": "2026-06-01 10:00"} for i in range(8)])
    tables, metrics, _ = run(**nothing, tickets=bare)
    assert set(tables["tickets"]["response"]) == set(tables["tickets"]["fix"]) == {"no promise"}
    assert tables["attainment"].empty
    assert tables["keepable"].empty
    assert tables["faster"].empty
    assert metrics["n"] == 8


def test_the_same_input_in_another_order_gives_the_same_tables():
    tables, metrics, _ = run()
    shuffled = {name: frame.sample(frac=1, random_state=1) for name, frame in company().items()}
    again, figures, _ = run(**shuffled)
    assert metrics == figures
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, again[name])
