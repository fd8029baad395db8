"""The review of one customer: what is told of machines, contracts and promises, and what is left open where it cannot be told."""

from __future__ import annotations

import re

import numpy as np
import page_rules
import pandas as pd
import pytest
import yaml
from conftest import ROOT, run_notebook

from crmlab.files import CrmlabError
from crmlab.report.build import OWN_PARAMETERS
from crmlab.report.customer import (
    COLUMNS,
    JUDGED,
    MONTHS,
    Customer,
    find_customer,
    read_customer,
    vips,
    with_verdicts,
)
from crmlab.report.findings import review, review_titles
from crmlab.report.findings.review_tables import NO_VISIT, Review
from crmlab.report.language import Language
from crmlab.report.messages import term
from crmlab.report.notebook import check_parameters
from crmlab.report.page import TITLES
from crmlab.report.reviews import file_name, write_reviews
from crmlab.service.complaints.handled import handled
from crmlab.service.months import happened, months
from crmlab.service.promises.judged import judged
from crmlab.service.promises.level_clocks import LevelClocks
from crmlab.service.promises.outputs import VERDICTS
from crmlab.service.promises.workdays import Workdays
from crmlab.service.settings import Settings
from crmlab.service.visits.repeats import reported_again
from crmlab.service.visits.sequence import in_order
from crmlab.tables import CLEAN, conform, empty

EN, ZH = Language("en"), Language("zh")
TODAY, UNTIL = pd.Timestamp("2026-10-31"), "2026-10"
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text())
SETTINGS = Settings.read(PARAMS["service"], PARAMS["value"])
EMPTY = {name: empty(table) for name, table in CLEAN.items()}
CLOCKS = LevelClocks(Workdays(np.datetime64("2019-12-31"), np.datetime64(TODAY, "D")), SETTINGS)


def rows(table: str, *found: dict) -> pd.DataFrame:
    """A clean table with these rows, of one customer; what a row does not say is empty."""
    if not found:
        return EMPTY[table]
    frame = pd.DataFrame(list(found), columns=list(EMPTY[table]), dtype=object)
    if "customer_id" in frame:
        frame["customer_id"] = frame["customer_id"].fillna("C1")
    for column in CLEAN[table].columns:
        if column.kind == "time":
            frame[column.name] = pd.to_datetime(frame[column.name], format="ISO8601")
    return conform(frame, CLEAN[table])


def judge(clean: dict[str, pd.DataFrame], today: pd.Timestamp = TODAY) -> dict[str, pd.DataFrame]:
    """What the stage `service` writes of these clean tables, as far as the review reads it."""
    tickets, visits = clean["tickets"], clean["visits"]
    found = judged(tickets, clean["contracts"], visits, CLOCKS, today)
    heard, _ = handled(
        clean["complaints"],
        clean["contracts"],
        EMPTY["sales"],
        tickets,
        SETTINGS,
        UNTIL,
        today,
        CLOCKS.workdays,
    )
    again = reported_again(tickets, today, SETTINGS.repeat_days)
    events = happened(found, in_order(visits, today), again, heard["complaints"], SETTINGS.ignored_days)
    by_month = months(events, today)
    return {"tickets": found, "complaints": heard["complaints"], "months": by_month}


def seen(
    since: str = "2020-01-01", today: pd.Timestamp = TODAY, until: str = UNTIL, **tables: list[dict]
) -> Review:
    """The review of a customer of whom these tables hold these rows; the other tables are absent."""
    held = {name: rows(name, *tables.get(name, [])) for name in COLUMNS}
    told = judge(held, today)
    read = {name: held[name][list(columns)] for name, columns in COLUMNS.items()}
    first = dict.fromkeys(("tickets", "visits", "complaints", "surveys"), pd.Timestamp(since))
    return Review(
        Customer(
            "C1",
            "North Bank",
            today,
            until,
            with_verdicts(read | {"months": told["months"]}, told),
            frozenset(tables),
            {t: d for t, d in first.items() if t in tables},
        ),
        PARAMS["service"],
    )


def ticket(no: int, reported: str, closed: str | None = None, level: str | None = "7*24*4", **more) -> dict:
    return {
        "ticket_id": f"T{no}", "reported_at": reported, "closed_at": closed, "service_level": level,
        "is_open": closed is None, "symptom": "no display", **more,
    }  # fmt: skip


def contract(no: int, start: str, end: str, level: str = "7*24*4", **more) -> dict:
    return {
        "contract_id": f"K{no}", "start_at": start, "end_at": end, "service_level": level, "amount": 50_000_00,
        "promise_response_min": 240, "promise_fix_min": 720, **more,
    }  # fmt: skip


YEAR = contract(1, "2026-01-01", "2026-12-31")
TWICE = [ticket(n, f"2026-0{n}-02 08:00", f"2026-0{n}-02 12:00") for n in (3, 4)]


def english(message) -> str:
    return message.in_language(EN)


# promises


def verdicts(tickets, contracts, **tables) -> list[tuple[str, str]]:
    found = seen(tickets=tickets, contracts=contracts, **tables).tickets.sort_values("reported_at")
    assert set(found["response"]) | set(found["fix"]) <= {*VERDICTS, NO_VISIT}
    return list(zip(found["response"], found["fix"], strict=True))


def visit(no: int, arrived: str | None, visit_no: int = 1) -> dict:
    return {"ticket_id": f"T{no}", "visit_no": visit_no, "arrived_at": arrived}


def test_tickets_bear_the_verdicts_of_the_stage():
    calls = [
        ticket(1, "2026-03-02 08:00", "2026-03-02 20:00"),
        ticket(2, "2026-03-03 08:00", "2026-03-03 20:01"),
        ticket(3, "2026-10-31 09:00"),
    ]
    visits = [visit(1, "2026-03-02 12:00"), visit(1, "2026-03-02 19:00", 2), visit(2, "2026-03-03 12:01")]
    assert verdicts(calls, [YEAR | {"end_at": "2026-06-30"}], visits=visits) == [
        ("kept", "kept"),
        ("broken", "broken"),
        ("broken", "no promise"),
    ]
    assert verdicts([ticket(9, "2026-10-31 22:00")], [YEAR], visits=visits) == [("running", "running")]


def test_hours_are_those_of_the_service_level():
    """From Saturday's make-up workday at 17:00 to Monday the 16th, in the Spring Festival, one office hour passes."""
    office = contract(1, "2026-01-01", "2026-12-31", "5*9", promise_response_min=540, promise_fix_min=1620)
    call = ticket(1, "2026-02-14 17:00", "2026-02-16 10:00", "5*9")
    found = seen(tickets=[call], contracts=[office], visits=[visit(1, "2026-02-14 17:30")]).tickets.iloc[0]
    assert (found["response_h"], found["fix_h"]) == (0.5, 1.0)
    assert (found["response"], found["fix"]) == ("kept", "kept")


def test_a_ticket_closed_without_a_visit_says_so():
    unread = ticket(1, "2026-03-02 08:00") | {"is_open": False}
    assert verdicts([unread], [YEAR], visits=[]) == [("cannot tell", "cannot tell")]
    by_phone = ticket(1, "2026-03-02 08:00", "2026-03-02 09:00")
    assert verdicts([by_phone], [YEAR], visits=[]) == [(NO_VISIT, "kept")]
    assert verdicts([by_phone], [YEAR]) == [("cannot tell", "kept")], (
        "without visits in the exports nobody knows"
    )
    later = seen("2026-03-03", tickets=[by_phone], visits=[])
    assert list(later.tickets["response"]) == ["cannot tell"], "visits were not exported yet"
    assert verdicts([by_phone], [YEAR], visits=[visit(1, None)]) == [("cannot tell", "kept")]
    assert verdicts([by_phone], [YEAR], visits=[visit(1, "2026-03-02 07:00")]) == [("cannot tell", "kept")]
    assert verdicts([by_phone | {"service_level": None}], [], visits=[]) == [("no promise", "no promise")]


# titles


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "The exports hold no tickets: what was repaired cannot be told"),
        ({"tickets": []}, "No ticket in two years"),
        ({"tickets": TWICE}, "Tickets held: 2 in the last 12 months, 0 in the 12 before"),
        ({"tickets": [ticket(n, f"2026-03-{n:02d}") for n in range(1, 10)]}, "Tickets rose: 9 in the last 12 months, 0 in the 12 before"),
        ({"tickets": [ticket(n, f"2025-03-{n:02d}") for n in range(1, 10)]}, "Tickets fell: 0 in the last 12 months, 9 in the 12 before"),
        ({"tickets": TWICE, "since": "2025-02-01"}, "Tickets in the last 12 months: 2; there is no whole year before to compare"),
    ],
)  # fmt: skip
def test_tickets_are_compared_with_the_year_before(tables, said):
    assert english(review_titles.tickets_title(seen(**tables))) == said


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "Without tickets, promises cannot be judged"),
        ({"tickets": []}, "No ticket in the last 12 months"),
        ({"tickets": [ticket(1, "2026-03-02", "2026-03-03", level=None)]}, "Neither a contract nor a service level on record promises a time"),
        ({"tickets": [ticket(1, "2026-03-02", "2026-03-03")]}, "Whether promises were kept cannot be told from what is on record"),
        ({"tickets": TWICE, "contracts": [YEAR]}, "Promises kept, of those that can be judged: repair 2 of 2"),
        ({"tickets": TWICE, "visits": [visit(3, "2026-03-02 09:00"), visit(4, "2026-04-02 19:00")]}, "Promises kept, of those that can be judged: response 1 of 2"),
        ({"tickets": TWICE, "contracts": [YEAR], "visits": [visit(3, "2026-03-02 09:00")]}, "Promises kept, of those that can be judged: response 1 of 1, repair 2 of 2"),
    ],
)  # fmt: skip
def test_promises_are_counted_where_they_can_be_judged(tables, said):
    assert english(review_titles.promises_title(seen(**tables))) == said


def test_the_note_counts_tickets_that_cannot_be_told():
    assert review_titles.promises_note(seen()) is None
    whole = seen(tickets=TWICE, contracts=[YEAR], visits=[visit(n, f"2026-0{n}-02 09:00") for n in (3, 4)])
    assert "cannot be told" not in english(review_titles.promises_note(whole))
    assert "cannot be told for 2 tickets" in english(
        review_titles.promises_note(seen(tickets=TWICE, contracts=[YEAR]))
    )


def test_parts_are_summed_over_the_tickets_of_the_year():
    assert "hold no parts" in english(review_titles.parts_title(seen(tickets=TWICE)))
    assert english(review_titles.parts_title(seen(tickets=TWICE, ticket_parts=[]))).startswith("No part")
    used = [
        {"ticket_id": "T3", "part_no": "HDD", "part_name": "硬盘", "qty_used": 2},
        {"ticket_id": "T4", "part_no": "FAN", "qty_used": 1},
        {"ticket_id": "T4", "part_no": "MB", "qty_used": 0},
        {"ticket_id": "T9", "part_no": "HDD", "qty_used": 7},
    ]
    found = seen(tickets=TWICE, ticket_parts=used)
    assert english(review_titles.parts_title(found)) == (
        "Parts replaced in the last 12 months: 3, most often disk (2)"
    )
    assert list(found.parts["part_name"]) == ["硬盘", "FAN"]


OLD = {"serial_no": "S1", "machine_model": "M1", "installed_at": "2018-10-31", "warranty_end": "2021-10-30"}
NEW = {"serial_no": "S2", "machine_model": "M2", "installed_at": "2026-01-01", "warranty_end": "2026-12-31"}
GONE = {"serial_no": "S3", "machine_model": "M1", "installed_at": "2015-01-01", "retired_at": "2026-05-01"}
BARE = {"serial_no": "S4", "machine_model": "M4"}
ENDS = [{"product_id": "M1", "end_of_support_at": "2026-10-30"}, {"product_id": "M9"}]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ({}, "The exports hold no machines: their age, warranty and support cannot be told"),
        ({"machines": [GONE]}, "No machine of this customer is on record as in service"),
        ({"machines": [BARE]}, "Machines in service: 1; how long warranty and support last is not on record"),
        ({"machines": [NEW, BARE]}, "Machines in service: 2, none on record as out of warranty or support"),
        ({"machines": [NEW, OLD, GONE], "products": ENDS}, "Machines in service: 2; out of warranty 1, out of support 1"),
    ],
)  # fmt: skip
def test_machines_in_service_and_what_is_out_of_cover(tables, said):
    assert english(review_titles.machines_title(seen(**tables))) == said


def test_each_machine_says_what_its_dates_say():
    found = seen(machines=[BARE, NEW, OLD], products=ENDS).machines.set_index("serial_no")
    assert found["state"].to_dict() == {"S1": "out of warranty and support", "S2": "covered", "S4": None}
    assert found.loc["S1", "age"] == pytest.approx(8.0, abs=0.01)
    assert list(found.index) == ["S1", "S2", "S4"]
    alone = seen(machines=[OLD]).machines
    assert list(alone["state"]) == ["out of warranty"]
    supported = seen(machines=[NEW | {"machine_model": "M1"}], products=ENDS).machines
    assert list(supported["state"]) == ["out of support"]


@pytest.mark.parametrize(
    ("contracts", "said"),
    [
        (None, "The exports hold no contracts: what was agreed cannot be told"),
        ([], "No contract with this customer is on record"),
        ([YEAR, contract(2, "2026-01-01", "2027-12-31")], "Contracts in force: 2; the first to end is K1, on 31 December 2026"),
        ([contract(1, "2020-01-01", "2020-12-31")], "No contract is in force: the last, K1, ended on 31 December 2020"),
        ([contract(1, "2026-12-01", "2027-12-31")], "No contract is in force yet: K1 begins on 1 December 2026"),
    ],
)  # fmt: skip
def test_contracts_in_force_ended_and_to_begin(contracts, said):
    found = seen() if contracts is None else seen(contracts=contracts)
    assert english(review_titles.contracts_title(found)) == said


COMPLAINTS = [
    {"complaint_id": "X1", "received_at": "2026-03-01", "kind": "service", "resolved_at": "2026-03-04"},
    {"complaint_id": "X2", "received_at": "2026-04-01", "kind": "quality", "valid": False},
    {"complaint_id": "X3", "received_at": "2023-04-01", "kind": "delivery", "valid": True},
]


def test_complaints_of_the_year_and_those_never_settled():
    assert "hold no complaints" in english(review_titles.complaints_title(seen()))
    assert (
        english(review_titles.complaints_title(seen(complaints=[]))) == "No complaint in the last 12 months"
    )
    found = seen(complaints=COMPLAINTS)
    assert english(review_titles.complaints_title(found)) == (
        "Complaints in the last 12 months: 2; settled 1, of them 1 within 3 working days; not upheld 1, overdue 0"
    )
    assert dict(zip(found.complaints["complaint_id"], found.complaints["state"], strict=True)) == {
        "X1": "settled promptly", "X2": "not upheld",
    }  # fmt: skip
    assert list(found.open_points["which"]) == ["X3"], "settled or not upheld is not open"


def test_complaints_end_as_the_stage_says():
    late = {"complaint_id": "X4", "received_at": "2026-03-01", "kind": "service", "resolved_at": "2026-04-30"}
    waits = {"complaint_id": "X5", "received_at": "2026-10-20", "kind": "service"}
    long = {"complaint_id": "X6", "received_at": "2026-08-20", "kind": "service"}
    before = {"complaint_id": "X7", "received_at": "2026-06-02 09:00", "resolved_at": "2026-06-01"}
    found = seen(complaints=[late, waits, long, before])
    assert english(review_titles.complaints_title(found)).endswith(
        "4; settled 2, of them 0 within 3 working days; not upheld 0, overdue 1"
    )
    told = found.complaints.set_index("complaint_id")
    assert told["state"].to_dict() == {"X4": "settled", "X5": "open", "X6": "overdue", "X7": "settled"}
    assert str(told.loc["X4", "settled_on"])[:10] == "2026-04-30"
    assert told["settled_on"].isna().to_dict() == {"X4": False, "X5": True, "X6": True, "X7": True}
    assert list(found.open_points["which"]) == ["X6", "X5"]
    assert "30 days after receipt" in english(review_titles.complaints_note(found))


def test_where_no_export_says_when_complaints_ended_none_is_called_open():
    found = seen(complaints=[{"complaint_id": "X1", "received_at": "2026-03-01"}])
    assert english(review_titles.complaints_title(found)) == (
        "Complaints in the last 12 months: 1; how they ended is not on record"
    )
    assert review_titles.complaints_note(found) is None
    assert found.open_points.empty
    assert [english(what) for what in found.against["what"]] == ["Complaints"]


def test_surveys_of_any_scale_are_told_out_of_ten():
    def answer(when, score, top, kind="perception", dimension=None):
        return {
            "survey_id": when, "answered_at": when, "score": score, "scale_max": top, "kind": kind, "dimension": dimension,
        }  # fmt: skip

    assert "hold no surveys" in english(review_titles.answers_title(seen()))
    assert "No survey" in english(review_titles.answers_title(seen(surveys=[])))
    now = [answer("2026-03-01", 4, 5), answer("2026-04-01", 6, 10, None, "reliability")]
    found = seen(surveys=[*now, answer("2026-04-01", 9, 10, "expectation", "reliability")])
    assert english(review_titles.answers_title(found)) == (
        "The service was rated 7.0 out of ten (questionnaires: 2)"
    )
    assert found.answers.set_index("dimension")["met"].to_dict() == {"reliability": 6.0, "overall": 8.0}
    assert found.answers.set_index("dimension").loc["reliability", "expected"] == 9.0
    before = seen(surveys=[*now, answer("2025-03-01", 5, 10)])
    assert english(review_titles.answers_title(before)).endswith("5.0 in the 12 months before")


# open points, what is next, the year before

PAYMENTS = [
    {"payment_id": "P1", "due_at": "2026-10-01", "amount": 1000_00},
    {"payment_id": "P2", "due_at": "2026-10-01", "amount": 1000_00, "paid_at": "2026-10-09"},
    {"payment_id": "P3", "due_at": "2026-11-09", "amount": 1000_00},
]
PLAN = [
    {"plan_id": "a", "planned_for": "2026-05-01", "activity": "inspection"},
    {"plan_id": "b", "planned_for": "2026-06-01", "activity": "review", "done_at": "2026-06-02"},
    {"plan_id": "c", "planned_for": "2026-11-20", "activity": "training"},
    {"plan_id": "d", "planned_for": "2024-05-01", "activity": "inspection"},
]


def test_open_points_are_what_is_not_done_yet():
    assert english(review_titles.open_title(seen())) == "Nothing is open on record"
    found = seen(
        tickets=[*TWICE, ticket(9, "2026-10-20 09:00")],
        complaints=COMPLAINTS,
        payments=PAYMENTS,
        service_plan=PLAN,
    )
    assert english(review_titles.open_title(found)) == (
        "Still open: tickets 1, complaints 1, overdue payments 1, planned activities 1"
    )
    assert list(found.open_points["days"]) == [11, 1309, 30, 183]
    assert list(found.open_points["amount"].dropna()) == [1000_00]
    assert english(review_titles.open_title(seen(payments=PAYMENTS))) == "Still open: overdue payments 1"


def test_what_is_next_comes_by_day():
    assert english(review_titles.ahead_title(seen())) == "Nothing is on record for the next 12 months"
    found = seen(
        contracts=[YEAR, contract(2, "2027-01-01", "2028-12-31")],
        machines=[NEW, OLD | {"machine_model": "M5"}],
        products=[{"product_id": "M5", "end_of_support_at": "2027-03-01"}],
        service_plan=PLAN,
        tickets=[ticket(9, "2026-10-30", appointed_at="2026-11-02 10:00")],
    )
    assert [(str(d)[:10], k) for d, k in zip(found.ahead["day"], found.ahead["kind"], strict=True)] == [
        ("2026-11-02", "visit agreed"),
        ("2026-11-20", "planned activity"),
        ("2026-12-31", "contract ends"),
        ("2026-12-31", "warranty ends"),
        ("2027-01-01", "contract begins"),
        ("2027-03-01", "support ends"),
    ]
    assert english(review_titles.ahead_title(found)) == (
        "The next 12 months: 6 dates, the first on 2 November 2026 (visit agreed)"
    )


def test_the_year_before_stands_beside_the_last_one():
    def shown(found):
        return {
            english(what): (EN.write(now), then and EN.write(then))
            for what, now, then in found.against.itertuples(index=False)
        }

    assert shown(seen()) == {}
    last_year = ticket(7, "2025-03-02 08:00", "2025-03-02 12:00")
    tables = {
        "tickets": [*TWICE, last_year],
        "visits": [
            visit(3, "2026-03-02 09:00"),
            visit(3, "2026-03-02 10:00", 2),
            visit(7, "2025-03-02 19:00"),
        ],
        "machines": [NEW, OLD, GONE],
        "complaints": COMPLAINTS,
    }
    assert shown(seen(**tables)) == {
        "Machines in service": ("2", "2"),
        "Tickets": ("2", "1"),
        "Visits after the first": ("1", "0"),
        "Response in time": ("100%", "0%"),
        "Complaints": ("2", "0"),
        "Complaints settled within 3 working days": ("1", "0"),
    }
    short = shown(seen(**tables, since="2025-09-01"))
    assert (short["Tickets"], short["Visits after the first"]) == (("2", None), ("1", None))
    assert "up to October 2026" in english(review_titles.against_note(seen()))


AGAIN = [
    ticket(1, "2026-03-02 08:00", "2026-03-02 12:00", serial_no="S1"),
    ticket(2, "2026-03-09 08:00", "2026-03-09 12:00", serial_no="S1"),
    ticket(3, "2026-10-05 08:00", "2026-10-05 12:00", serial_no="S1"),
]


def test_machines_reported_again_are_counted_where_they_can_be_recognised():
    what = "Repeat calls for a machine within 14 days of its repair"

    def again(found):
        return [(now.value, then and then.value) for said, now, then in found.against.itertuples(index=False) if english(said) == what]  # fmt: skip

    found = seen(tickets=AGAIN)
    assert again(found) == [(1, 0)]
    assert english(review.concerns(found)[-1]) == (
        "Repeat calls for a machine within 14 days of its repair: 1 in the 12 months up to October 2026. "
        "Say what was found, and agree what makes the repair last."
    )
    assert again(seen(tickets=TWICE)) == []
    assert again(seen(tickets=AGAIN, since="2025-09-01")) == [(1, None)]


def test_what_the_stage_counts_by_month_is_of_whole_months():
    """In the middle of a month that month is not in, and the first of the twelve is."""
    middle = {"today": pd.Timestamp("2026-03-15"), "until": "2026-02"}
    twice = [visit(1, "2025-03-02 09:00"), visit(1, "2025-03-03 09:00", 2), visit(2, "2026-03-02 09:00"), visit(2, "2026-03-02 09:30", 2)]  # fmt: skip
    calls = [ticket(1, "2025-03-02 08:00", "2025-03-03 12:00"), ticket(2, "2026-03-02 08:00", "2026-03-02 12:00")]  # fmt: skip
    found = seen(tickets=calls, visits=twice, **middle)
    assert (found.happened("second_visits"), found.happened("second_visits", 1)) == (1, 0)
    assert (len(found.tickets), len(found.tickets_before)) == (1, 1)


# attention and cards


def test_attention_puts_broken_promises_first():
    found = seen(
        tickets=[ticket(1, "2026-03-02 08:00", "2026-03-09 08:00")],
        contracts=[YEAR],
        visits=[visit(1, "2026-03-02 20:00")],
        payments=PAYMENTS,
        machines=[OLD, NEW],
        products=ENDS,
    )
    assert [english(m) for m in review.attention(found)] == [
        "Promises not kept in the last 12 months: response 1 of 1, repair 1 of 1. Explain them, and agree what changes.",
        "Open points: 1, the oldest since 1 October 2026. Agree who settles each, and by when.",
        "Contract K1 ends on 31 December 2026. Agree in time how the service goes on.",
        "Machines out of support: 1 of 2. Agree when each is replaced.",
    ]


def test_attention_has_five_points_at_most():
    found = seen(
        tickets=AGAIN,
        visits=[visit(1, "2026-03-02 20:00")],
        contracts=[contract(1, "2020-01-01", "2020-12-31")],
        payments=PAYMENTS,
        machines=[OLD],
        products=ENDS,
    )
    assert [re.split("[:.]", english(m))[0] for m in review.concerns(found)] == [
        "Promises not kept in the last 12 months",
        "Open points",
        "Repeat calls for a machine within 14 days of its repair",
        "No contract is in force",
        "Machines out of support",
    ]


def test_a_contract_that_is_followed_or_ends_late_needs_no_word():
    followed = seen(contracts=[YEAR, contract(2, "2027-01-01", "2027-12-31")])
    late = seen(contracts=[contract(1, "2026-06-01", "2027-05-31")])
    assert review.concerns(followed) == review.concerns(late) == []


def test_a_customer_without_cover_is_asked_what_it_wants():
    ended = seen(contracts=[contract(1, "2020-01-01", "2020-12-31")], machines=[OLD])
    assert [english(m) for m in review.attention(ended)] == [
        "No contract is in force. Agree which service is wanted from now on.",
        "Out of warranty and without a contract: 1 of 1 machines. Agree how they are looked after.",
    ]
    assert review.concerns(seen(machines=[OLD])) == [], "without contracts in the exports nothing is known"


def test_attention_is_calm_when_there_is_nothing():
    kept = seen(tickets=TWICE, contracts=[contract(1, "2026-01-01", "2028-12-31")])
    assert english(review.attention(kept)[0]).startswith("Nothing needs attention")
    assert english(review.attention(seen())[0]) == (
        "Nothing is open, and no ticket of this customer is on record."
    )
    nobody = seen()
    nobody = Review(Customer("", "", TODAY, UNTIL, nobody.of.tables), PARAMS["service"])
    assert english(review.attention(nobody)[0]).startswith("No export names a customer")
    assert english(review.title(nobody)) == "Customer review"
    assert (review.status(nobody)["state"], review.status(kept)["state"]) == ("empty", "ran")


def test_cards_leave_out_what_cannot_be_told():
    assert [english(c.label) for c in review.cards(seen()) if not c.value.missing] == ["Open points"]
    found = review.cards(seen(tickets=TWICE, contracts=[YEAR], machines=[NEW]))
    assert {english(c.label): EN.write(c.value) for c in found if not c.value.missing} == {
        "Tickets in the last 12 months": "2",
        "Repair in time": "100%",
        "Open points": "0",
        "Machines in service": "1",
    }


# whom it is about

KNOWN = pd.DataFrame(
    {
        "customer_id": ["C1", "C2", "C3", "C4"],
        "customer_name": ["North Bank", "South Bank", "South Bank", None],
        "tier": ["vip", "large", None, "vip"],
    }
).convert_dtypes()


def test_a_customer_is_found_by_id_or_exact_name():
    assert find_customer(KNOWN, "C4") == "C4"
    assert find_customer(KNOWN, " North Bank ") == "C1"
    with pytest.raises(CrmlabError, match="2 are called so; say which id: C2, C3"):
        find_customer(KNOWN, "South Bank")
    with pytest.raises(CrmlabError, match=r"no id and no exact name; the nearest: North Bank \(C1\)"):
        find_customer(KNOWN, "North Bnk")
    with pytest.raises(CrmlabError, match="lists them all"):
        find_customer(KNOWN, "zzzzzzzzz")
    assert vips(KNOWN) == ["C1", "C4"]


def test_by_itself_the_vip_with_most_tickets_is_chosen(tmp_path):
    clean, service = tmp_path / "clean", tmp_path / "service"
    clean.mkdir()
    service.mkdir()
    for name in COLUMNS:
        rows(name).to_parquet(clean / f"{name}.parquet")
    KNOWN.to_parquet(clean / "customers.parquet")
    calls = [
        ticket(n, "2026-03-02", customer_id=c) for n, c in enumerate(["C4", "C4", "C1", "C2", "C2", "C2"])
    ]
    old = [ticket(n, "2020-03-02", customer_id="C1") for n in range(20, 29)]
    tables = {name: rows(name) for name in COLUMNS} | {"tickets": rows("tickets", *calls, *old)}
    tables["tickets"].to_parquet(clean / "tickets.parquet")
    for name, frame in judge(tables).items():
        frame.to_parquet(service / f"{name}.parquet")
    found = read_customer(clean, service, "2026-10-31", UNTIL)
    assert (found.id, found.name, len(found.tables["tickets"])) == ("C4", "C4", 2)
    assert found.exported == {"tickets"}
    assert list(found.tables["tickets"]["response"]) == ["cannot tell", "cannot tell"]
    assert found.tables["months"].to_dict("list") == {
        "customer_id": ["C4"], "month": ["2026-03"], "second_visits": [0], "repeats": [0],
    }  # fmt: skip
    KNOWN.assign(tier=pd.array([None] * 4, "string")).to_parquet(clean / "customers.parquet")
    assert read_customer(clean, service, "2026-10-31", UNTIL).id == "C2"
    rows("tickets", *old).to_parquet(clean / "tickets.parquet")
    assert read_customer(clean, service, "2026-10-31", UNTIL).id == "C1", "ties go to the smaller id"
    KNOWN.head(0).to_parquet(clean / "customers.parquet")
    assert read_customer(clean, service, "2026-10-31", UNTIL).id == ""
    with pytest.raises(CrmlabError, match="no exact name"):
        read_customer(clean, service, "2026-10-31", UNTIL, "North Bank")


def test_no_column_about_people_or_costs_is_read():
    read = {column for columns in (*COLUMNS.values(), *JUDGED.values(), MONTHS) for column in columns}
    assert not {c for c in read if re.search("engineer|contact|rep_id|cost|compensation|comment|^text$", c)}


# the page


def test_every_word_in_a_cell_has_its_chinese():
    words = {
        "promise": [*VERDICTS, NO_VISIT],
        "machine state": ["covered", "out of warranty", "out of support", "out of warranty and support"],
        "contract state": ["in force", "ended", "to begin"],
        "complaint": ["quality", "contract", "delivery", "service", "unknown"],
        "complaint state": ["settled promptly", "settled", "not upheld", "open", "overdue"],
        "dimension": ["tangibles", "reliability", "responsiveness", "assurance", "empathy", "overall"],
        "activity": ["inspection", "review", "training", "firmware"],
        "open point": ["ticket", "complaint", "overdue payment", "planned activity"],
        "ahead": ["contract ends", "contract begins", "warranty ends", "support ends", "planned activity", "visit agreed"],
    }  # fmt: skip
    for context, texts in words.items():
        for text in texts:
            assert term(context, text).in_language(ZH) != text, (context, text)


def html_of(blocks, language="en"):
    return "\n".join(block.html[language] for block in blocks)


def test_the_page_of_a_customer_that_only_bought_says_so(small):
    tickets = pd.read_parquet(small.processed("clean") / "tickets.parquet")
    customers = pd.read_parquet(small.processed("clean") / "customers.parquet")
    quiet = customers.loc[~customers["customer_id"].isin(tickets["customer_id"]), "customer_id"].iloc[0]
    html = html_of(run_notebook(small, "review", customer=quiet))
    assert "No ticket in the last 12 months" in html or "No ticket in two years" in html
    assert "NaN" not in html
    assert "None" not in html


def test_nothing_internal_is_on_the_page(small):
    html = html_of(run_notebook(small, "review"))
    assert not re.search("to come|chance to|renews|cost to serve|expected loss|margin", html.lower())


@pytest.mark.parametrize("page", TITLES)
def test_every_notebook_takes_what_the_build_tells_it(page):
    told = {"root": "..", "company": "demo", "as_of": "auto", **OWN_PARAMETERS.get(page, {})}
    check_parameters(ROOT / "notebooks" / f"{page}.ipynb", told)


def test_a_file_name_is_safe_and_tells_ids_apart():
    assert file_name("C000247") == "C000247"
    assert file_name("杭州银行") == "杭州银行"
    odd = [file_name(name) for name in ("../x", "x", "a/b", "a b", "..", "x" * 200)]
    assert len(set(odd)) == len(odd)
    assert all(re.fullmatch(r"[\w-]{1,80}", name) for name in odd)


@pytest.fixture(scope="module")
def written(small):
    """The review of one customer in both languages, in a project whose page on quality alone is there."""
    for tag in ("en", "zh"):
        page = small.reports / "pages" / tag / "clean.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("quality")
    index = small.reports / "index.html"
    index.write_text("index")
    chosen = read_customer(small.processed("clean"), small.processed("service"), "2026-10-31", UNTIL).id
    done = []
    paths = write_reviews(small, "demo", "auto", ["en", "zh"], [chosen], lambda *moved: done.append(moved))
    assert done == [(1, 1)]
    yield small, paths
    for path in [*paths, index, *(small.reports / "pages").glob("*/clean.html")]:
        path.unlink()


def test_a_written_review_keeps_every_rule(written):
    _, paths = written
    assert [path.parts[-3:-1] for path in paths] == [("reviews", "en"), ("reviews", "zh")]
    for path, lang in zip(paths, ("en", "zh-CN"), strict=True):
        assert page_rules.broken_rules(path.read_text(), lang) == []
    english, chinese = (page_rules.read(path.read_text()) for path in paths)
    assert sorted(english.values) == sorted(chinese.values)


def test_links_of_a_review_lead_back_to_the_pages(written):
    small, paths = written
    for path in paths:
        targets = {
            v for _, a, v in page_rules.read(path.read_text()).attributes if a == "href" and v[0] != "#"
        }
        resolved = {(path.parent / target).resolve() for target in targets}
        assert all(target.is_file() for target in resolved)
        assert small.reports / "pages" / path.parent.name / "clean.html" in resolved
