"""What the page says of complaints: who stays, as far as limits tell, and where they stick."""

import pandas as pd
import pytest

from crmlab.report.findings import complaints, gaps
from crmlab.report.language import Language
from crmlab.service.complaints.outputs import COMPLAINT_KINDS, COMPLAINT_STEPS, RECOVERY
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")


def recovery(ignored=(0.5, 0.4, 0.6), promptly=(0.9, 0.85, 0.95), n=100):
    """100 ignored, 100 solved and 200 promptly solved complaints; share, low and high of those who stayed."""
    ends = {"ignored": (100, ignored), "solved": (100, (0.7, 0.6, 0.8)), "solved promptly": (200, promptly)}
    rows = [
        (end, many, many / 400, many / 400 - 0.05, many / 400 + 0.05, n, 50, share, low, high)
        for end, (many, (share, low, high)) in ends.items()
    ]
    rows.append(("none", None, None, None, None, 900, 800, 0.89, 0.87, 0.91))
    return conform(pd.DataFrame(rows, columns=[c.name for c in RECOVERY.columns]), RECOVERY)


UNKNOWN = (None, None, None)


@pytest.mark.parametrize(
    ("ignored", "promptly", "words", "title"),
    [
        (
            (0.5, 0.4, 0.6),
            (0.9, 0.85, 0.95),
            "50% of their customers stayed (40% to 60%), against 90% (85% to 95%) where they were solved promptly: answer",
            "After a complaint 90% of customers stayed where it was solved promptly, 50% where it was ignored",
        ),
        (
            (0.8, 0.7, 0.9),
            (0.9, 0.85, 0.95),
            "cannot tell whether fewer of their customers stayed: 80% (70% to 90%), against 90%",
            "Cannot tell who stays after a complaint: 90% of customers where it was solved promptly, 80% where it was ignored",
        ),
        (
            (0.9, 0.85, 0.95),
            (0.5, 0.4, 0.6),
            "90% of their customers stayed (85% to 95%), more than the 50%",
            "After a complaint 90% of customers stayed where it was ignored, only 50% where it was solved promptly",
        ),
        (
            UNKNOWN,
            (0.9, 0.85, 0.95),
            "too few customers tell whether they stayed",
            "too few customers to tell",
        ),
    ],
)
def test_who_stays_after_an_ignored_complaint(ignored, promptly, words, title):
    said = complaints.ignored(recovery(ignored, promptly)).in_language(EN)
    assert said.startswith("Of 400 complaints that are over, 25% were ignored (20% to 30%)")
    assert words in said
    assert title in complaints.recovery_title(recovery(ignored, promptly), {}).in_language(EN)


def test_complaints_solved_late_stand_in_where_too_few_were_solved_promptly():
    said = complaints.ignored(recovery(promptly=UNKNOWN)).in_language(EN)
    assert "against 70% (60% to 80%) where they were solved later" in said


def test_no_complaint_was_ignored_or_none_is_over():
    frame = recovery()
    heard = frame[frame["end"] != "ignored"]
    assert complaints.ignored(heard).in_language(EN) == "None of 300 complaints that are over was ignored."
    assert complaints.ignored(frame.tail(1)) is None
    assert complaints.ignored(empty(RECOVERY)) is None
    assert complaints.recovery_title(empty(RECOVERY), {}).in_language(EN).endswith("no complaint is over")
    missing = {"missing": [{"what": "complaints", "adds": gaps.COMPLAINED}]}
    said = complaints.recovery_title(empty(RECOVERY), missing)
    assert said.in_language(EN).startswith("Not shown: what customers complain about")
    assert said.in_language(ZH).endswith("缺少：投诉记录")


def test_ends_stand_from_the_worst_to_no_complaint():
    names = [name.in_language(EN) for name in complaints.ends(recovery())["name"]]
    assert names == ["ignored", "solved later", "solved promptly", "no complaint"]


def kinds(*rows):
    """Rows (kind, n, before)."""
    frame = pd.DataFrame(rows, columns=["kind", "n", "before"]).reindex(
        columns=[column.name for column in COMPLAINT_KINDS.columns]
    )
    return conform(frame, COMPLAINT_KINDS)


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (100, 50, "Complaints rose: 110 in"),
        (50, 100, "Complaints fell: 60 in"),
        (90, 100, "Complaints held: 100 in"),
    ],
)
def test_complaints_by_kind_against_the_year_before(now, before, words):
    rows = kinds(("quality", 10, 9), ("service", now, before))
    said = complaints.kinds_title(rows, {}).in_language(EN)
    assert said.startswith(words)
    assert said.endswith(f"{now} about: service")
    assert complaints.kinds(rows)["kind"].tolist() == ["service", "quality"]


def test_shares_of_a_kind_come_with_their_limits_or_not_at_all():
    rows = kinds(("service", 40, 40), ("quality", 3, 4))
    for name, share in (("solved", 0.6), ("solved_low", 0.45), ("solved_high", 0.74)):
        rows[name] = pd.array([share, None], dtype="Float64")
    said = complaints.kinds(rows)["solved_said"]
    assert said.iloc[0].in_language(EN) == "60% (45% to 74%)"
    assert said.iloc[0].in_language(ZH) == "60%（45% 至 74%）"
    assert said.iloc[1] is None


def test_a_year_without_complaints():
    said = complaints.kinds_title(kinds(("service", 0, 7)), {}).in_language(EN)
    assert said == "No complaint in the last twelve months, 7 in the twelve before"
    first_year = complaints.kinds_title(kinds(("service", 40, 0)), {}).in_language(EN)
    assert first_year.startswith(
        "Complaints: 40 in the last twelve months, none on record in the twelve before"
    )
    assert complaints.kinds_title(empty(COMPLAINT_KINDS), {}).in_language(EN) == "No complaint in two years"
    unknown = complaints.kinds_title(kinds(("unknown", 40, 40)), {})
    assert unknown.in_language(ZH).endswith("其中 40 起关于：不明")


def steps(*rows):
    """Rows (kind, step, mean_days, rest)."""
    frame = pd.DataFrame(rows, columns=["kind", "step", "mean_days", "rest"]).reindex(
        columns=[column.name for column in COMPLAINT_STEPS.columns]
    )
    return conform(frame, COMPLAINT_STEPS)


def test_where_complaints_stick():
    rows = steps(("all", 1, 0.2, 0), ("all", 4, 1.7, 20), ("all", 5, 1.2, 91), ("quality", 8, 9.0, 99))
    assert [name.in_language(EN) for name in complaints.steps(rows)["name"]] == [
        "recorded",
        "cause analysed",
        "remedy proposed",
    ]
    assert complaints.steps_title(rows, {}).in_language(EN) == (
        "The slowest step of a complaint: cause analysed, 1.7 working days on average; most ignored ones rest before: "
        "remedy proposed (91)"
    )
    moving = complaints.steps_title(rows.assign(rest=0), {}).in_language(EN)
    assert moving == "The slowest step of a complaint: cause analysed, 1.7 working days on average"
    for none in (empty(COMPLAINT_STEPS), steps(("all", 4, None, 20))):
        assert complaints.steps_title(none, {}).in_language(EN).endswith("cannot tell, no step has a date")
