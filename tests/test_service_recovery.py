"""Who stayed after a complaint: told only when it is known for leavers and stayers alike, beside those who did not complain."""

import numpy as np
import pandas as pd
import pytest

from crmlab.service.complaints.outputs import RECOVERY
from crmlab.service.complaints.recovery import clustered_share, recovery, without_complaint
from crmlab.service.complaints.stayed import stayed, terms
from crmlab.tables import CONTRACT, conform, empty

AS_OF = pd.Timestamp("2026-10-31")


def clean(name, rows):
    """A clean table of which only the columns of `rows` are filled in."""
    table = CONTRACT[name]
    frame = pd.DataFrame(rows)
    return conform(frame.reindex(columns=[c.name for c in table.kept]).astype(object), table)


def contract(contract_id, customer, start, end, outcome=None, **more):
    days = {"start_at": pd.Timestamp(start), "end_at": pd.Timestamp(end)}
    return {"contract_id": contract_id, "customer_id": customer, **days, "outcome": outcome, **more}


def complaint(customer="a", received="2025-06-01 10:00", ended="2025-06-05", **more):
    when = {"received_at": pd.Timestamp(received), "ended_at": pd.Timestamp(ended)}
    return {"complaint_id": customer + received, "customer_id": customer, **when, **more}


def who_stayed(complaints, contracts=(), sales=(), tickets=(), as_of=AS_OF):
    tables = [
        clean(name, rows) if rows else empty(CONTRACT[name])
        for name, rows in (("contracts", contracts), ("sales", sales), ("tickets", tickets))
    ]
    found = stayed(pd.DataFrame(complaints), terms(tables[0], as_of), *tables[1:], as_of, 365)
    return [None if pd.isna(x) else bool(x) for x in found]


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        ({"outcome": "renewed"}, True),
        ({"outcome": "lost", "end_reason": "left"}, False),
        ({"outcome": "lost"}, False),
        ({"end_reason": "left"}, False),
        ({"outcome": "lost", "end_reason": "moved"}, None),
        ({"outcome": "lost", "end_reason": "closed"}, None),
        ({"outcome": "lost", "end_reason": "merged"}, None),
        ({"outcome": "open"}, None),
        ({}, None),
    ],
)
def test_the_contract_in_force_says_it(fate, expected):
    assert who_stayed([complaint()], [contract("k1", "a", "2025-01-01", "2025-12-31", **fate)]) == [expected]


def test_a_complaint_of_nobody_known_stays_untold():
    nameless = contract("k1", None, "2025-01-01", "2025-12-31", outcome="lost")
    bought = [{"customer_id": "b", "sold_at": pd.Timestamp("2024-01-01")}]
    assert who_stayed([complaint() | {"customer_id": None}], [nameless], bought) == [None]


def test_the_first_term_to_end_decides_and_the_next_term_says_that_it_was_renewed():
    terms_of_a = [
        contract("k2", "a", "2025-01-01", "2025-12-31", "lost"),
        contract("k1", "a", "2024-09-01", "2025-08-31", renewed_contract_id="k3"),
        contract("k3", "a", "2025-09-01", "2026-08-31", "open"),
    ]
    assert who_stayed([complaint()], terms_of_a) == [True]


def test_of_terms_that_end_together_one_renewed_is_staying():
    terms_of_a = [
        contract("k1", "a", "2025-01-01", "2025-12-31", "lost"),
        contract("k2", "a", "2025-01-01", "2025-12-31", "renewed"),
    ]
    assert who_stayed([complaint()], terms_of_a) == [True]


@pytest.mark.parametrize(
    ("end", "expected"), [("2026-10-01", True), ("2026-10-02", None), ("2027-05-31", None)]
)
def test_an_outcome_counts_thirty_days_after_the_end(end, expected):
    assert who_stayed([complaint()], [contract("k1", "a", "2025-01-01", end, "renewed")]) == [expected]


def test_a_contract_signed_after_the_day_is_not_known():
    late = contract("k1", "a", "2025-01-01", "2025-12-31", "renewed", signed_at=pd.Timestamp("2026-11-01"))
    assert who_stayed([complaint()], [late]) == [None]


def test_a_decision_before_the_end_of_the_complaint_tells_nothing():
    short = contract("k1", "a", "2025-01-01", "2025-06-04", "lost")
    assert who_stayed([complaint(ended="2025-06-05")], [short]) == [None]
    assert who_stayed([complaint(ended="2025-06-04 23:00")], [short]) == [False]


SALE = {"sale_id": "s1", "customer_id": "a", "sold_at": pd.Timestamp("2026-05-01")}
OLD = {"sale_id": "s0", "customer_id": "z", "sold_at": pd.Timestamp("2020-01-01")}


def test_without_a_contract_a_sale_or_a_ticket_is_staying():
    assert who_stayed([complaint()], sales=[OLD, SALE]) == [True]
    assert who_stayed(
        [complaint()],
        tickets=[
            {"ticket_id": "t", "customer_id": "a", "reported_at": pd.Timestamp("2025-06-06")},
            {"ticket_id": "u", "customer_id": "z", "reported_at": pd.Timestamp("2020-01-01")},
        ],
    ) == [True]
    assert who_stayed([complaint()], sales=[OLD, {**SALE, "is_return": True}]) == [False]
    assert who_stayed([complaint()], sales=[OLD, {**SALE, "sold_at": pd.Timestamp("2026-06-06")}]) == [False]
    assert who_stayed([complaint()], sales=[OLD, {**SALE, "sold_at": pd.Timestamp("2025-06-05")}]) == [False]
    assert who_stayed([complaint()], sales=[OLD, {**SALE, "customer_id": "b"}]) == [False]


def test_neither_staying_nor_leaving_is_told_before_the_days_are_over():
    recent = complaint(received="2025-10-31 10:00", ended="2025-11-01")
    assert who_stayed([recent], sales=[OLD, SALE]) == [None]
    assert who_stayed([recent], sales=[OLD]) == [None]
    assert who_stayed([complaint(ended="2025-10-31")], sales=[OLD, SALE]) == [True]


def test_nobody_left_where_no_dealings_are_on_record():
    assert who_stayed([complaint()]) == [None]
    assert who_stayed([complaint()], sales=[{**SALE, "sold_at": pd.Timestamp("2026-07-01")}]) == [None]
    assert who_stayed([complaint(ended=None)], sales=[OLD, SALE]) == [None]


def answers(end, stays):
    """One complaint of a customer of its own per answer."""
    return [complaint(f"{end}{i}", end=end, stayed=stay) for i, stay in enumerate(stays)]


def test_shares_by_end_with_limits():
    rows = (
        answers("ignored", [True] * 6 + [False] * 4)
        + answers("solved", [True] * 3 + [None] * 7)
        + answers("running", [None])
    )
    frame = pd.DataFrame(rows).astype({"stayed": "boolean"})
    table = recovery(frame, terms(empty(CONTRACT["contracts"]), AS_OF), min_group=5)
    assert list(table.columns) == [c.name for c in RECOVERY.kept]
    ignored, solved = table.set_index("end").loc["ignored"], table.set_index("end").loc["solved"]
    assert table["end"].tolist() == ["ignored", "solved"]
    assert (ignored["complaints"], ignored["of_all"], ignored["n"], ignored["stayed"], ignored["share"]) == (
        10,
        0.5,
        10,
        6,
        0.6,
    )
    assert ignored["of_all_low"] < 0.5 < ignored["of_all_high"]
    assert 0.2 < ignored["low"] < 0.6 < ignored["high"] < 0.9
    assert (solved["n"], solved["stayed"]) == (3, 3)
    assert pd.isna(solved["share"])  # too few


def test_answers_of_one_customer_are_no_independent_witnesses():
    hits = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    one_each = clustered_share(hits, np.arange(8))
    two_customers = clustered_share(hits, np.repeat([0, 1], 4))
    assert two_customers[2] - two_customers[1] > one_each[2] - one_each[1]
    share, low, high = clustered_share(np.ones(8), np.repeat([0, 1], 4))
    assert (share, high) == (1, pytest.approx(1))
    assert low < 0.5
    assert clustered_share(np.ones(8), np.zeros(8))[1] < 0.3
    assert np.isnan(clustered_share(np.array([]), np.array([]))).all()


def test_those_without_a_complaint_are_the_terms_that_ended_in_peace():
    ended = terms(
        clean(
            "contracts",
            [
                contract("k1", "a", "2025-01-01", "2025-12-31", "lost"),  # complained within the year
                contract("k2", "b", "2025-01-01", "2025-12-31", "renewed"),
                contract("k3", "a", "2026-01-01", "2026-07-01", "renewed"),  # longer than a year ago
                contract("k4", "b", "2026-01-01", "2026-12-31", "open"),
                contract("k5", "c", "2024-01-01", "2024-12-31", "lost"),  # no complaint could be on record
            ],
        ),
        AS_OF,
    )
    frame = pd.DataFrame(
        [complaint("z", "2024-06-01", end="solved", stayed=None), complaint("a", end="solved", stayed=None)]
    ).astype({"stayed": "boolean"})
    assert without_complaint(ended, frame)["contract_id"].tolist() == ["k2", "k3"]
    row = recovery(frame, ended, min_group=2).set_index("end").loc["none"]
    assert (row["n"], row["stayed"], row["share"]) == (2, 2, 1)
    assert pd.isna(row["complaints"])
    assert pd.isna(row["of_all"])
