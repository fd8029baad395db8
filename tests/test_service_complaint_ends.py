"""A complaint is solved promptly, solved, ignored, or still running, as it was known on the day."""

import numpy as np
import pandas as pd

from crmlab.service.complaints.ends import ends
from crmlab.service.complaints.record import known
from crmlab.service.promises.workdays import Workdays
from crmlab.tables import CONTRACT, conform

AS_OF = pd.Timestamp("2026-10-31")
CALENDAR = Workdays(np.datetime64("2024-01-01"), np.datetime64("2026-12-31"))


def table(**columns):
    """A clean table of complaints of which only `columns` are filled in."""
    clean = CONTRACT["complaints"]
    n = max(len(values) for values in columns.values())
    frame = pd.DataFrame({c.name: columns.get(c.name, [None] * n) for c in clean.kept})
    frame["complaint_id"] = [f"T{i}" for i in range(n)]
    return conform(frame, clean)


def ended(received, resolved, as_of=AS_OF, **more):
    frame = known(
        table(
            received_at=pd.to_datetime(received, format="mixed"),
            resolved_at=pd.to_datetime(resolved, format="mixed"),
            **more,
        ),
        as_of,
    )
    return ends(frame, as_of, 3, 30, CALENDAR)


def test_prompt_slow_ignored_and_running():
    found = ended(
        ["2026-06-01 10:00", "2026-06-01 10:00", "2026-06-01 10:00", "2026-10-20 10:00"],
        ["2026-06-04 10:00", "2026-06-04 10:01", None, None],
    )
    assert found["end"].tolist() == ["solved promptly", "solved", "ignored", "running"]
    assert found["working_days"][0] == 3
    assert found["ended_at"][2] == pd.Timestamp("2026-07-01 10:00")
    assert found["ended_at"].isna().tolist() == [False, False, False, True]


def test_weekends_holidays_month_ends_and_leap_days_do_not_make_it_slow():
    found = ended(
        ["2026-06-05 17:00", "2026-09-30 16:00", "2024-02-28 12:00", "2026-10-23 00:00"],
        ["2026-06-10 17:00", "2026-10-09 16:00", "2024-03-01 12:00", "2026-10-23 23:59"],
    )
    assert found["end"].tolist() == ["solved promptly"] * 4
    assert found["working_days"].iloc[:3].tolist() == [3, 2, 2]  # the National Day is from 1 to 7 October


def test_the_thirtieth_day_is_over_at_its_end():
    late = ended(["2026-10-01 23:59", "2026-10-02 00:00", "2026-06-01"], [None, None, "2026-06-02"])
    assert late["end"].tolist()[:2] == ["ignored", "running"]


def test_what_was_solved_before_it_came_in_is_solved_but_not_promptly():
    found = ended(["2026-06-02 10:00", "2026-06-02 10:00"], ["2026-06-01 09:00", "1980-01-01"])
    assert found["end"].tolist() == ["solved", "solved"]
    assert found["working_days"].isna().all()
    assert found["negative"].all()
    assert found["ended_at"].eq(pd.Timestamp("2026-06-02 10:00")).all()


def test_a_day_without_a_time_is_not_before_the_receipt_on_that_day():
    found = ended(["2026-06-02 10:00"], ["2026-06-02"])
    assert found["end"].tolist() == ["solved promptly"]
    assert not found["negative"].any()


def test_nothing_later_than_the_day_counts():
    received, resolved = (
        ["2026-06-01 10:00", "2026-05-01", "2026-07-01"],
        ["2026-06-20 10:00", "2026-05-04", None],
    )
    found = ended(received, resolved, as_of=pd.Timestamp("2026-06-19"))
    assert found["end"].tolist() == ["running", "solved promptly"]
    frame = table(
        received_at=pd.to_datetime(received[:1]),
        resolved_at=pd.to_datetime(resolved[:1]),
        step_2_at=pd.to_datetime(["2026-06-21"]),
        valid=[True],
        satisfied=[True],
        compensation=[100],
    )
    early = known(frame, pd.Timestamp("2026-06-19"))
    assert early[["valid", "satisfied", "compensation", "resolved_at", "step_2_at"]].isna().all(axis=None)
    assert known(frame, AS_OF)[["valid", "satisfied", "compensation"]].notna().all(axis=None)


def test_without_a_resolution_the_steps_say_when_it_was_carried_out_or_reviewed():
    found = ended(
        ["2026-06-01 10:00"] * 3,
        [None] * 3,
        step_7_at=pd.to_datetime(["2026-06-02 10:00", None, None]),
        step_8_at=pd.to_datetime(["2026-06-20 10:00", "2026-06-10 10:00", None]),
    )
    assert found["end"].tolist() == ["solved promptly", "solved", "ignored"]


def test_where_nobody_records_solutions_none_is_called_ignored():
    found = ended(["2026-06-01", "2026-10-30"], [None, None])
    assert found["end"].isna().tolist() == [True, True]
    assert found["ended_at"].isna().all()
