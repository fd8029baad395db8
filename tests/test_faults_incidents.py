import pandas as pd

from crmlab.faults.causes.incidents import number_incidents, split_by_time


def calls(*rows):
    """Tickets from (text, family, day)."""
    frame = pd.DataFrame(rows, columns=["symptom", "machine_family", "reported_at"])
    frame["reported_at"] = pd.to_datetime(frame["reported_at"])
    frame["closed_at"] = frame["reported_at"] + pd.Timedelta(hours=8)
    frame["ticket_id"] = [f"T{i}" for i in range(len(frame))]
    return frame


def together(frame, days=3):
    """The ticket numbers of each incident."""
    numbers = number_incidents(frame, days)
    return sorted(frame.index[numbers == n].tolist() for n in numbers.unique())


def test_same_wording_and_family_within_days_is_one_incident():
    frame = calls(("开机无显", "7979", "2026-05-01"), ("开机无显 ", "7979", "2026-05-04"))
    assert together(frame) == [[0, 1]]


def test_another_family_is_another_incident():
    frame = calls(("开机无显", "7979", "2026-05-01"), ("开机无显", "8840", "2026-05-01"))
    assert together(frame) == [[0], [1]]


def test_four_days_apart_is_another_incident():
    frame = calls(("开机无显", "7979", "2026-05-01"), ("开机无显", "7979", "2026-05-05"))
    assert together(frame) == [[0], [1]]
    assert together(frame, days=4) == [[0, 1]]


def test_a_common_wording_does_not_chain_months_together():
    days = pd.date_range("2026-01-01", periods=8)
    frame = calls(*(("坏了", "7979", day) for day in days))
    assert together(frame) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_tickets_without_text_stand_alone():
    frame = calls((None, "7979", "2026-05-01"), (None, "7979", "2026-05-01"), ("  ", "7979", "2026-05-01"))
    assert together(frame) == [[0], [1], [2]]


def test_a_missing_family_does_not_part_the_same_wording():
    frame = calls(("开机无显", None, "2026-05-01"), ("开机无显", None, "2026-05-02"))
    assert together(frame) == [[0, 1]]


def test_the_test_is_the_latest_part_and_tears_no_incident_apart():
    frame = calls(
        *((f"text {i}", "7979", day) for i, day in enumerate(pd.date_range("2026-01-01", periods=10)))
    )
    frame.loc[9, "symptom"] = "text 7"  # reported again two days after the seventh
    incidents = number_incidents(frame, 3)
    split = split_by_time(frame, incidents, 0.2)
    assert frame.index[split.train].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert frame.index[split.test].tolist() == [7, 8, 9]
    assert not set(incidents[split.train]) & set(incidents[split.test])
    assert frame.loc[split.train, "reported_at"].max() < frame.loc[split.test, "reported_at"].min()


def test_a_cause_found_after_the_cut_teaches_nothing():
    frame = calls(
        *((f"text {i}", "7979", day) for i, day in enumerate(pd.date_range("2026-01-01", periods=10)))
    )
    frame.loc[2, "closed_at"] = pd.Timestamp("2026-01-20")
    split = split_by_time(frame, number_incidents(frame, 3), 0.2)
    assert split.cut == pd.Timestamp("2026-01-09")
    assert frame.index[split.train].tolist() == [0, 1, 3, 4, 5, 6, 7]
    assert frame.index[split.test].tolist() == [8, 9]
