"""Marks of any scale become numbers from 0 to 1, and the lowest mark is read from the marks."""

import pandas as pd
import pytest
from questionnaires import AS_OF, sheet, surveys

from crmlab.service.promises.period import last_months
from crmlab.service.surveys.answers import answers, sheet_means, within
from crmlab.service.surveys.scales import lowest_marks, rescaled


def marks(*of_scale):
    """Marks as (best mark, marks given)."""
    return pd.concat(
        [pd.DataFrame({"score": given, "scale_max": top}) for top, given in of_scale], ignore_index=True
    ).astype("Float64")


def test_two_scales_in_one_table_are_read_apart():
    both = marks((5, [1, 3, 5]), (10, [0, 5, 10]))
    assert lowest_marks(both).to_dict() == {5.0: 1.0, 10.0: 0.0}
    assert rescaled(both).tolist() == [0, 0.5, 1, 0, 0.5, 1]


@pytest.mark.parametrize("top", [5, 7])
def test_labelled_steps_count_from_one_unless_a_zero_was_given(top):
    assert lowest_marks(marks((top, [2, 3, top]))).tolist() == [1]
    assert lowest_marks(marks((top, [0, 3, top]))).tolist() == [0]


def test_ten_starts_at_one_only_where_people_go_to_its_end():
    content = [7, 8, 9, 10] * 50
    assert lowest_marks(marks((10, content))).tolist() == [0]  # nobody was that angry: no evidence
    assert lowest_marks(marks((10, [*content, 1, 2]))).tolist() == [0]  # one in two hundred is none either
    assert lowest_marks(marks((10, content + [1] * 5))).tolist() == [1]
    assert lowest_marks(marks((10, content + [1] * 5 + [0]))).tolist() == [0]
    assert lowest_marks(marks((10, [1] * 90))).tolist() == [0]  # too few


def test_hundred_and_one_start_at_zero():
    assert lowest_marks(marks((100, [60, 80]), (1, [1, 0.5]))).to_dict() == {1.0: 0.0, 100.0: 0.0}


def test_answers_without_score_or_scale_are_left_out():
    odd = surveys(
        sheet("S1", "C1", {"Q1": None, "Q2": 5}),
        sheet("S2", "C2", {"Q1": 5}, top=None),
        sheet("S3", "C3", {"Q1": 0}, top=0),
    )
    assert answers(odd, AS_OF)["sheet"].tolist() == ["S1"]
    assert rescaled(odd).isna().tolist() == [True, False, True, True]


def test_nothing_after_the_as_of_day_counts():
    given = surveys(
        sheet("S1", "C1", {"Q1": 5}, "2026-10-31 23:59:59"), sheet("S2", "C1", {"Q1": 0}, "2026-11-01 00:00")
    )
    assert answers(given, AS_OF)["sheet"].tolist() == ["S1"]


def test_the_last_months_end_with_the_month_even_in_february():
    start, end = last_months("2024-02", 24)
    assert (start, end) == (pd.Timestamp("2022-03-01"), pd.Timestamp("2024-03-01"))
    given = surveys(
        *[
            sheet(f"S{i}", "C1", {"Q1": 5}, at)
            for i, at in enumerate(
                ["2022-02-28 23:59", "2022-03-01 00:00", "2024-02-29 23:59", "2024-03-01 00:00"]
            )
        ]
    )
    assert within(answers(given, AS_OF), start, end)["sheet"].tolist() == ["S1", "S2"]


def test_a_questionnaire_counts_once_and_without_a_number_it_is_told_by_customer_and_moment():
    given = surveys(
        sheet(None, "C1", {("empathy", "E1"): 4, ("empathy", "E2"): 8}),
        sheet(None, "C2", {("empathy", "E1"): 10}),
        sheet("S3", "C2", {"overall": 5}, ticket="T1"),
    )
    means = sheet_means(answers(given, AS_OF))
    assert means.set_index("customer")["perception"].tolist() == pytest.approx([0.6, 1.0, 0.5])
    assert means["n_perception"].tolist() == [2, 1, 1]
    assert means["about"].tolist() == ["yearly", "yearly", "repair"]
    assert means["dimension"].tolist() == ["empathy", "empathy", "overall"]


def test_no_answers():
    none = answers(surveys(), AS_OF)
    assert none.empty
    assert sheet_means(none).empty
    assert lowest_marks(surveys()).empty
