"""Each event of a customer counts in the month in which it became known, whatever happens later."""

import numpy as np
import pandas as pd
import pytest
from repair_desk import AS_OF, complaints, judged, row, tickets, visit, visits

from crmlab.service.months import EVENTS, MONTHS, happened, months
from crmlab.service.visits.repeats import reported_again
from crmlab.service.visits.sequence import in_order


def counted(desk, made=None, received=None, broken=None, as_of=AS_OF):
    verdicts = judged(desk, broken_at=pd.to_datetime(broken) if broken is not None else pd.NaT)
    made = in_order(visits() if made is None else made, as_of)
    received = complaints() if received is None else received
    return months(happened(verdicts, made, reported_again(desk, as_of, 14), received, 30), as_of)


def test_one_row_per_customer_and_month_in_which_something_happened():
    desk = tickets(
        {"serial_no": "99A", "reported_at": "2026-08-31 23:59", "closed_at": "2026-08-31 23:59:30"},
        {"serial_no": "99A", "reported_at": "2026-09-01 00:00", "closed_at": "2026-09-03"},
        {"customer_id": "D", "reported_at": "2028-02-29 12:00", "closed_at": None},
        {"customer_id": None},
    )
    made = visits(
        visit("T2", 1, arrived_at="2026-09-30 23:00"), visit("T2", 2, arrived_at="2026-10-01 00:00")
    )
    table = counted(desk, made, broken=[None, "2026-10-02", None, None], as_of=pd.Timestamp("2028-03-01"))
    assert list(table.columns) == [c.name for c in MONTHS.kept]
    assert table[["customer_id", "month"]].to_numpy().tolist() == [
        ["C", "2026-08"],
        ["C", "2026-09"],
        ["C", "2026-10"],
        ["D", "2028-02"],
    ]
    assert table["tickets"].tolist() == [1, 1, 0, 1]
    assert table["repeats"].tolist() == [0, 1, 0, 0]
    assert table["second_visits"].tolist() == [0, 0, 1, 0]
    assert table["broken_promises"].tolist() == [0, 0, 1, 0]


def test_complaints_count_when_they_come_and_when_they_end():
    received = complaints(
        {"received_at": "2026-05-31 10:00", "end": "solved promptly", "ended_at": "2026-06-01 10:00"},
        {"received_at": "2026-05-20", "end": "ignored", "ended_at": "2026-06-19"},
        # thirty days went by before anybody moved: ignored in June, solved in August
        {"received_at": "2026-05-20", "end": "solved", "ended_at": "2026-08-02"},
        {"received_at": "2026-10-20", "end": "running"},
        {"received_at": "2026-10-21"},
    )
    table = counted(tickets(), received=received)
    june, august = row(table, month="2026-06"), row(table, month="2026-08")
    assert row(table, month="2026-05")["complaints"] == 3
    assert (june["solved"], june["solved_promptly"], june["ignored"]) == (1, 1, 2)
    assert (august["solved"], august["solved_promptly"], august["ignored"]) == (1, 0, 0)
    assert row(table, month="2026-10")["complaints"] == 2
    assert table["complaints"].sum() == 5


def test_nothing_after_the_day_and_no_row_of_noughts():
    desk = tickets({"reported_at": "2026-10-31 23:59", "closed_at": None}, {"reported_at": "2026-11-01"})
    table = counted(desk, visits(visit("T1", 2, arrived_at=None), visit("T1", 3, arrived_at="2026-11-02")))
    assert table[list(EVENTS)].to_numpy().tolist() == [[1, 0, 0, 0, 0, 0, 0, 0]]
    assert counted(tickets()).empty


def world(seed=7, n=400):
    """A year of tickets, visits and complaints at random."""
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2025-11-01")
    at = start + pd.to_timedelta(rng.integers(0, 364 * 24 * 60, n), unit="min")
    shut = at + pd.to_timedelta(rng.integers(60, 20 * 24 * 60, n), unit="min")
    desk = tickets(
        *(
            {"customer_id": f"C{c}", "serial_no": f"S{s}", "reported_at": str(a), "closed_at": str(z)}
            for c, s, a, z in zip(rng.integers(0, 9, n), rng.integers(0, 60, n), at, shut, strict=True)
        )
    )
    made = visits(
        *(
            visit(f"T{k + 1}", no, arrived_at=str(a + pd.Timedelta(days=3 * no)))
            for k, a in enumerate(at)
            for no in range(1, rng.integers(1, 4) + 1)
        )
    )
    received = complaints(
        *(
            {
                "customer_id": f"C{c}",
                "received_at": str(a),
                "end": "solved" if days < 60 else "ignored",
                "ended_at": str(a + pd.Timedelta(days=int(days if days < 60 else 30))),
            }
            for c, a, days in zip(rng.integers(0, 9, 60), at[:60], rng.integers(0, 90, 60), strict=True)
        )
    )
    return desk, made, received, pd.Series(at + pd.Timedelta(hours=4)).where(rng.random(n) < 0.3)


@pytest.mark.parametrize("change", ["delete", "shuffle"])
def test_what_comes_later_changes_no_row_of_before(change):
    desk, made, received, broken = world()
    whole = counted(desk, made, received, broken)
    for month in ("2026-01", "2026-05", "2026-09"):
        cut = (pd.Period(month, "M") + 1).start_time
        rng = np.random.default_rng(3)

        def later(moments, cut=cut, rng=rng):
            """What happened from the cut on is unknown, or happened at another time from then on."""
            after = (moments >= cut).to_numpy()
            if change == "delete":
                return moments.mask(after)
            new = cut + pd.to_timedelta(rng.integers(0, 300 * 24 * 60, len(moments)), unit="min")
            return moments.where(~after, pd.Series(new, index=moments.index).astype(moments.dtype))

        keep = (desk["reported_at"] < cut) | (change == "shuffle")
        changed = desk.assign(reported_at=later(desk["reported_at"]), closed_at=later(desk["closed_at"]))[
            keep
        ]
        trips = made.assign(arrived_at=later(made["arrived_at"]))
        if change == "delete":
            trips = trips[trips["arrived_at"].notna()]
        # a complaint not over by then is one of which the room knows no end yet
        ended = later(received["ended_at"])
        theirs = received.assign(received_at=later(received["received_at"]), ended_at=ended)
        patience = received["received_at"] + pd.Timedelta(days=30)
        passed = ended.isna() & (patience < cut)
        theirs = theirs.assign(
            end=theirs["end"].mask(ended.isna(), "running").mask(passed, "ignored"),
            ended_at=ended.mask(passed, patience),
        )[received["received_at"].lt(cut) | (change == "shuffle")]
        again = counted(changed, trips, theirs, later(pd.Series(broken))[keep])
        before, after = (t[t["month"] <= month].reset_index(drop=True) for t in (whole, again))
        assert len(before) > 8
        assert (before[list(EVENTS[:-2])].sum() > 0).all()
        pd.testing.assert_frame_equal(before, after)
