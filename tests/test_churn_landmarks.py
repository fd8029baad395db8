"""What was known of a contract on a day: each count by hand, and nothing that came later."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from occasions import company, filled, nothing, occasions
from test_churn_terms import contracts

from crmlab.churn.landmarks.features import LABELS, NUMERIC

DAY = pd.Timestamp("2025-06-30")


def before(days):
    return DAY - pd.Timedelta(days=days)


def one(**changed):
    """Features on `DAY` of the one contract of customer C, with these tables."""
    made = nothing() | {
        "contracts": contracts(("k", "C", "2024-09-01", "2025-08-31", "open", None, None)),
        "customers": filled("customers", customer_id=["C"], tier=["vip"]),
    }
    found = occasions(made | changed).at_risk(DAY)
    assert len(found) == 1
    return found.iloc[0]


def dated(day):
    """`day`, and the day after `DAY`, for a column of two rows."""
    return [day, DAY + pd.Timedelta(days=1)]


def test_nothing_on_record_counts_nothing():
    row = one()
    assert row.days_to_end == 62
    assert (
        row[[n for n in NUMERIC if n.endswith(("faded", "90", "365", "730"))]].drop("unsigned_90") == 0
    ).all()
    assert np.isnan([row.survey_mark, row.days_late, row.machine_years]).all()
    assert tuple(row[list(LABELS)]) == ("none", "vip", None) or pd.isna(row.industry)


@pytest.mark.parametrize(("age", "counts"), [(0, 1), (89, 1), (90, 0)])
def test_tickets_of_ninety_days(age, counts):
    when = before(age) + pd.Timedelta(hours=23)
    tickets = filled("tickets", ticket_id=["a", "b"], customer_id="C", reported_at=dated(when))
    assert one(tickets=tickets).tickets_90 == counts


def test_a_repair_is_free_once_it_is_done():
    tickets = filled(
        "tickets", ticket_id=["a", "b"], customer_id="C", reported_at=before(20), closed_at=dated(before(10)), billing="free"
    )  # fmt: skip
    assert one(tickets=tickets).free_365 == 1


def test_the_weight_of_an_event_halves_in_the_half_life():
    def faded(age):
        return one(
            promises=filled("promises", ticket_id=["a"], customer_id="C", broken_at=[before(age)])
        ).broken_promises_faded

    assert faded(3) == pytest.approx(1, abs=0.02)
    assert faded(183) / faded(3) == pytest.approx(0.5, abs=0.02)
    assert faded(363) / faded(3) == pytest.approx(0.25, abs=0.02)
    assert faded(1200) == 0


def test_a_broken_promise_counts_from_the_day_it_was_broken():
    promises = filled(
        "promises", ticket_id=["a"], customer_id="C", reported_at=[before(5)], broken_at=[before(-1)]
    )
    assert one(promises=promises).broken_promises_90 == 0


def test_second_visits_count_by_arrival():
    tickets = filled("tickets", ticket_id=["a"], customer_id="C", reported_at=[before(5)])
    visits = filled(
        "visits", ticket_id="a", visit_no=[1, 2, 3], arrived_at=[before(4), before(2), before(-2)]
    )
    assert one(tickets=tickets, visits=visits).second_visits_faded == pytest.approx(1, abs=0.02)


def complaint(received, end, ended):
    return filled(
        "complaints", complaint_id=["p"], customer_id="C", received_at=[received], end=[end], ended_at=[ended]
    )


def ends(table):
    row = one(complaints=table)
    return row.complaints_730, row.solved_730, row.promptly_730, row.ignored_faded > 0


def test_a_complaint_ends_on_the_day_on_which_that_was_known():
    assert ends(complaint(before(20), "solved promptly", before(15))) == (1, 1, 1, False)
    assert ends(complaint(before(20), "solved promptly", before(-1))) == (1, 0, 0, False)
    assert ends(complaint(before(200), "ignored", before(140))) == (1, 0, 0, True)
    assert ends(complaint(before(20), "ignored", before(-40))) == (1, 0, 0, False)
    assert ends(complaint(before(-1), "solved", before(-9))) == (0, 0, 0, False)


def test_a_complaint_solved_after_the_days_of_patience_was_ignored_first():
    assert ends(complaint(before(100), "solved", before(10))) == (1, 1, 0, True)
    assert ends(complaint(before(100), "solved", before(-10))) == (1, 0, 0, True)
    assert ends(complaint(before(30), "solved", before(-60))) == (1, 0, 0, False)


def test_payments_are_late_as_far_as_the_landmark_knows():
    def payment(due, paid):
        return one(
            payments=filled("payments", payment_id=["r"], customer_id="C", due_at=[due], paid_at=[paid])
        )

    assert payment(before(20), before(15)).days_late == pytest.approx(np.log2(6))
    assert payment(before(20), before(-300)).days_late == pytest.approx(np.log2(21))
    assert payment(before(20), None).days_late == pytest.approx(np.log2(21))
    assert payment(before(20), before(30)).days_late == 0
    assert (payment(before(40), before(-1)).overdue, payment(before(40), before(0)).overdue) == (1, 0)
    assert np.isnan(payment(before(-5), None).days_late)


def test_marks_of_a_year_are_averaged():
    answers = {"item": "q", "kind": "perception", "customer_id": "C", "scale_max": 5}
    surveys = filled(
        "surveys",
        survey_id=["a", "b", "c"],
        score=[4, 2, 5],
        answered_at=[before(1), before(364), before(-1)],
        **answers,
    )
    assert one(surveys=surveys).survey_mark == pytest.approx(0.6)


def test_machines_in_service_scale_what_happened():
    machines = filled(
        "machines", serial_no=list("abcdef"), customer_id="C",
        installed_at=[before(730), before(365), None, before(900), before(-1), before(100)],
        retired_at=[None, None, None, before(30), None, before(-30)],
    )  # fmt: skip
    tickets = filled(
        "tickets", ticket_id=list("wxyz"), customer_id="C", reported_at=[before(n) for n in range(4)]
    )
    row = one(machines=machines, tickets=tickets)
    assert row.machines == 2  # log2 of four: a, b, c, and f, which nobody knows will go
    assert row.tickets_90 == pytest.approx(4 / 2)
    assert row.machine_years == pytest.approx((730 + 365 + 100) / 3 / 365.25)


@pytest.mark.parametrize(
    ("quoted", "amount", "change"),
    [
        (5, 105_000, 0.5),  # about five percent dearer, in steps of ten
        (5, 205_000, 0.26),  # for two years
        (5, 500_000, None),  # not the price of a term
        (-1, 105_000, None),  # not made yet
        (200, 105_000, None),  # long before the end
    ],
)
def test_the_price_offered_is_that_of_a_quote_on_record(quoted, amount, change):
    row = one(
        quotes=filled("quotes", quote_id=["q"], customer_id="C", quoted_at=[before(quoted)], amount=[amount])
    )
    assert row.offered == (change is not None)
    assert row.offered_change == pytest.approx(change or 0, abs=0.02)
    assert row.offer_waits == pytest.approx(quoted / 30 if change else 0)


def test_the_offered_amount_of_the_contract_is_not_read():
    rows = contracts(("k", "C", "2024-09-01", "2025-08-31", "open", None, None)).assign(
        offered_amount=150_000
    )
    assert one(contracts=rows).offered == 0


def test_nothing_after_the_landmark_is_read():
    """Every table is shuffled after the landmark: dates move, rows come and go, ends and payments change."""
    made = company()
    rng = np.random.default_rng(9)
    changed = {name: later_changed(name, frame, rng) for name, frame in made.items()}
    assert not changed["tickets"].equals(made["tickets"])
    for day in (DAY, before(100)):
        pdt.assert_frame_equal(occasions(changed).at_risk(day), occasions(made).at_risk(day))
    told, again = occasions(made).ended(DAY), occasions(changed).ended(DAY)
    pdt.assert_frame_equal(told[0], again[0])
    np.testing.assert_array_equal(told[1], again[1])
    assert not occasions(changed).at_risk(before(-200)).equals(occasions(made).at_risk(before(-200)))


def test_what_was_asked_before_makes_no_difference():
    """Histories are counted once: some of those asked for are known by then, others are new."""
    made = company()
    asked = occasions(made)
    asked.at_risk(before(31))
    asked.ended(before(400))
    told, alone = asked.ended(DAY), occasions(made).ended(DAY)
    pdt.assert_frame_equal(told[0], alone[0])
    pdt.assert_frame_equal(asked.at_risk(DAY), occasions(made).at_risk(DAY))


BEGINS = {
    "contracts": "signed_at", "tickets": "reported_at", "visits": "arrived_at", "promises": "broken_at",
    "machines": "installed_at", "complaints": "received_at", "surveys": "answered_at", "quotes": "quoted_at",
}  # fmt: skip
LEARNT_LATER = ("closed_at", "retired_at", "ended_at", "paid_at")


def later_changed(name, frame, rng):
    """`frame` with everything that was not known on `DAY` made up anew."""
    frame = frame.copy()
    tomorrow = DAY + pd.Timedelta(days=1)
    for column in set(LEARNT_LATER) & set(frame):
        later = frame[column] >= tomorrow
        drawn = tomorrow + pd.to_timedelta(rng.integers(0, 400, len(frame)), unit="D")
        frame[column] = frame[column].mask(later, pd.Series(drawn, frame.index).astype(frame[column].dtype))
    if name == "complaints":
        unknown = frame.ended_at >= tomorrow
        frame["end"] = frame["end"].mask(unknown & (rng.random(len(frame)) < 0.5), "solved")
    if name == "tickets":
        unsettled = (frame.closed_at >= tomorrow).to_numpy()
        assert unsettled.any()
        frame["billing"] = frame.billing.mask(unsettled, "free")
    if name == "contracts":
        open_then = frame.end_at + pd.Timedelta(days=30) > DAY
        frame.loc[open_then, "outcome"] = rng.choice(["renewed", "lost"], int(open_then.sum()))
    if name == "payments":
        return frame[(frame.due_at <= DAY) | (rng.random(len(frame)) < 0.5)]
    column = BEGINS.get(name)
    if column is None:
        return frame
    later = (frame[column] >= tomorrow).to_numpy()
    values = frame.loc[later].copy()
    if name != "contracts":
        moved = tomorrow + pd.to_timedelta(rng.integers(0, 400, len(values)), unit="D")
        values[column] = pd.Series(moved, values.index).astype(frame[column].dtype)
        if "customer_id" in values:
            values["customer_id"] = rng.permutation(values["customer_id"].to_numpy())
    kept = values[rng.random(len(values)) < 0.6]
    return pd.concat([frame[~later], kept], ignore_index=True)


def test_a_contract_is_at_risk_until_its_follower_is_signed():
    rows = contracts(
        ("a", "C", "2024-08-01", "2025-07-31", "renewed", None, "b"),
        ("b", "C", "2025-08-01", "2026-07-31", "open", None, None),
    )
    rows["signed_at"] = pd.to_datetime([None, "2025-07-10"])
    made = occasions(nothing() | {"contracts": rows})
    assert list(made.at_risk(pd.Timestamp("2025-07-09")).contract_id) == ["a"]
    assert list(made.at_risk(pd.Timestamp("2025-07-10")).contract_id) == ["b"]
    ended, renewed = made.ended(pd.Timestamp("2025-08-30"))
    assert list(ended.landmark.dt.strftime("%m-%d")) == [f"{m:02d}-{d}" for m, d in
        ((8, 31), (9, 30), (10, 31), (11, 30), (12, 31), (1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30))]  # fmt: skip
    assert set(renewed) == {1}
    assert len(made.ended(pd.Timestamp("2025-08-29"))[0]) == 0


def test_within_the_grace_days_nobody_has_lost_it():
    rows = contracts(("a", "C", "2024-08-01", "2025-06-20", "lost", None, None))
    made = occasions(nothing() | {"contracts": rows})
    assert list(made.at_risk(DAY).days_to_end) == [-10]
    assert made.at_risk(DAY).in_grace.iloc[0] == 1
    assert len(made.at_risk(pd.Timestamp("2025-07-20"))) == 0


def test_without_any_table_there_is_nothing():
    made = occasions(nothing())
    assert len(made.at_risk(DAY)) == 0
    assert len(made.ended(DAY)[0]) == 0
