"""How long each of the eight steps takes, and before which one ignored complaints rest."""

import numpy as np
import pandas as pd
import pytest

from crmlab.service.complaints.outputs import COMPLAINT_STEPS
from crmlab.service.complaints.record import STEPS, known
from crmlab.service.complaints.steps import complaint_steps, durations, rests_before
from crmlab.service.promises.workdays import Workdays
from crmlab.tables import CONTRACT, conform

CALENDAR = Workdays(np.datetime64("2026-01-01"), np.datetime64("2026-12-31"))
MONDAY = pd.Timestamp("2026-06-01 10:00")


def steps_of(*complaints):
    """One complaint per list of day numbers of its steps from Monday 1 June (None: no date); a bool before them is `valid`."""
    clean = CONTRACT["complaints"]
    rows = []
    for number, days in enumerate(complaints):
        valid = days[0] if isinstance(days[0], bool) else None
        days = days[1:] if isinstance(days[0], bool) else days
        dated = [None if d is None else MONDAY + pd.Timedelta(days=d) for d in days]
        dated += [None] * (8 - len(dated))
        rows.append(
            {
                "complaint_id": f"T{number}",
                "received_at": MONDAY,
                "valid": valid,
                **dict(zip(STEPS, dated, strict=True)),
            }
        )
    frame = pd.DataFrame(rows)
    for column in clean.kept:
        if column.name not in frame:
            frame[column.name] = None
    return known(conform(frame, clean), pd.Timestamp("2026-10-31"))


def test_an_ignored_complaint_rests_before_the_step_after_its_last():
    everything = [0, 0, 1, 1, 2, 2, 3, 3]
    frame = steps_of(
        everything,
        [0, 1],
        [None] * 8,
        [0, None, 1],
        [True, 0, 1],
        [False, 0, 1],
        [False, 0, 1, *[None] * 5, 2],
    )
    assert rests_before(frame).fillna(0).tolist() == [0, 3, 1, 4, 3, 8, 0]


def test_a_step_that_nobody_records_holds_nothing_up():
    frame = steps_of([0, 0, None, None, 1, 2, 3, 3], [0, 1])
    assert rests_before(frame).fillna(0).tolist() == [0, 5]
    assert rests_before(steps_of([None] * 8)).isna().all()


def test_a_step_takes_working_days_since_the_one_before():
    days, negative = durations(steps_of([0, 1, 7, None, 8, 9, 10, 11]), CALENDAR)
    np.testing.assert_array_equal(days[0], [0, 1, 4, np.nan, np.nan, 1, 1, 1])
    assert not negative.any()


def test_an_unjustified_complaint_goes_from_judgement_to_review():
    days, _ = durations(steps_of([False, 0, 1, *[None] * 5, 3], [None, 0, 1, *[None] * 4, 3]), CALENDAR)
    np.testing.assert_array_equal(days[0], [0, 1, *[np.nan] * 5, 2])
    assert np.isnan(days[1, 7])  # whether it was justified is not known


def test_dates_out_of_order_are_counted_and_left_out():
    days, negative = durations(steps_of([0, 3, 2, 4], [-400, 1]), CALENDAR)
    assert negative[0].tolist() == [False, False, True, *[False] * 5]
    np.testing.assert_array_equal(days[0, :4], [0, 3, np.nan, 2])
    assert negative[1].tolist() == [True, *[False] * 7]
    assert np.isnan(days[1]).all()  # nobody knows when its second step began


def test_times_and_rests_by_kind_and_together():
    frame = steps_of(*[[0, 1, 3]] * 6, [0, 2])
    kind = pd.Series(["quality"] * 6 + ["service"], dtype="string")
    end = pd.Series(["ignored"] * 5 + ["running", "ignored"], dtype="string")
    table = complaint_steps(frame, kind, end, CALENDAR, min_group=5)
    assert list(table.columns) == [c.name for c in COMPLAINT_STEPS.kept]
    assert not table.duplicated(list(COMPLAINT_STEPS.key)).any()
    by = table.set_index(["kind", "step"])
    assert by["n"].to_dict() == {
        ("all", 1): 6, ("all", 2): 6, ("all", 3): 5,
        ("quality", 1): 5, ("quality", 2): 5, ("quality", 3): 5,
        ("service", 1): 1, ("service", 2): 1, ("service", 3): 0,
    }  # fmt: skip
    assert by.loc[("quality", 3), ["mean_days", "median_days", "p90_days"]].tolist() == [2, 2, 2]
    assert by.loc[("all", 2), "mean_days"] == pytest.approx(7 / 6)
    assert by.loc[("quality", 2), "share"] == pytest.approx(1 / 3)
    assert by.loc["service", ["mean_days", "share"]].isna().all(axis=None)  # fewer than five
    # nobody records a fourth step, so the five rest nowhere; the other one rests before its third
    assert by["rest"].to_dict()["service", 3] == 1
    assert by["rest"].sum() == 2


def test_no_complaint_that_is_over_has_no_rows():
    frame = steps_of([0, 1])
    running, kind = pd.Series(["running"], dtype="string"), pd.Series(["quality"], dtype="string")
    assert complaint_steps(frame, kind, running, CALENDAR, 5).empty
    assert complaint_steps(frame.head(0), kind.head(0), running.head(0), CALENDAR, 5).empty
