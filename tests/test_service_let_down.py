"""Customers whose promises were broken lately, once each, with how late the latest was."""

import pandas as pd

from crmlab.service.promises.let_down import DAYS, let_down

AS_OF = pd.Timestamp("2026-10-31")
CUSTOMERS = pd.DataFrame({"customer_id": ["A", "B"], "customer_name": ["Bank", None]})


def ticket(ticket_id: str, customer_id: str | None, broken_at: str | None, **more) -> dict:
    usual = {
        "response": "kept",
        "response_promised": 3600,
        "response_took": 1800,
        "fix": "broken",
        "fix_promised": 36_000,
        "fix_took": 43_200,
        "closed_at": "2026-10-30",
    }
    row = {"ticket_id": ticket_id, "customer_id": customer_id, "broken_at": broken_at} | usual | more
    return row | {name: pd.Timestamp(row[name]) for name in ("broken_at", "closed_at")}


def called(*tickets: dict, is_open=True) -> pd.DataFrame:
    frame = pd.DataFrame(tickets)
    return let_down(frame, frame[["ticket_id", "closed_at"]].assign(is_open=is_open), CUSTOMERS, AS_OF)


def found(*tickets: dict) -> dict:
    table = called(*tickets)
    return table.drop(columns="last_broken_at").to_dict("list")


def test_a_customer_stands_once_with_the_most_that_one_was_late():
    worse = ticket("2", "A", "2026-10-20", response="broken", response_took=14_400)
    assert found(ticket("1", "A", "2026-10-10"), worse) == {
        "customer_id": ["A"],
        "customer_name": ["Bank"],
        "tickets": [2],
        "still_open": [0],
        "late_h": [3.0],
    }


def test_only_what_was_broken_within_the_days_counts():
    first = AS_OF - pd.Timedelta(days=DAYS - 1)
    rows = [
        ticket("1", "A", str(first)),
        ticket("2", "B", str(first - pd.Timedelta(seconds=1))),
        ticket("3", "B", None),
        ticket("4", None, "2026-10-20"),
    ]
    assert found(*rows)["customer_id"] == ["A"]


def test_a_ticket_still_open_is_late_by_nobody_knows_how_much():
    late = ticket("1", "B", "2026-10-20", closed_at=None, fix_took=None)
    assert called(late)["still_open"].tolist() == [1]
    assert called(late)["late_h"].isna().all()
    assert called(late, is_open=False)["still_open"].tolist() == [0]


def test_of_what_only_the_desk_calls_broken_the_close_is_the_day():
    old = ticket("1", "B", "2026-10-31", closed_at=None, fix="cannot tell", fix_took=None)
    assert found(old)["customer_id"] == []
    assert found(old | {"closed_at": pd.Timestamp("2026-10-30")})["customer_id"] == ["B"]


def test_without_tickets_nobody_is_let_down():
    assert found(ticket("1", "A", None)) == {name: [] for name in found(ticket("1", "A", None))}
