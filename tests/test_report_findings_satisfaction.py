"""What the page says of satisfaction: gaps, drivers and manners beyond their limits, and for whom the answers stand."""

import pandas as pd
import pytest

from crmlab.report.findings import answers, gaps, satisfaction
from crmlab.report.language import Language
from crmlab.service.surveys.outputs import ALPHAS, DRIVERS, MANNERS, RESPONSE, SATISFACTION, SERVQUAL, SILENT
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")


def written(table, rows, columns):
    """Rows of a room's table as it writes them; columns that are not named are missing."""
    frame = pd.DataFrame(rows, columns=columns).reindex(columns=[column.name for column in table.columns])
    return conform(frame, table)


def servqual(*rows, **columns):
    """Rows (dimension, expectation, perception, gap, low, high); `columns` are the same for each."""
    names = ["dimension", "expectation", "perception", "gap", "low", "high"]
    return written(SERVQUAL, pd.DataFrame(rows, columns=names).assign(**columns), None)


SHORT = ("reliability", 0.9, 0.7, -0.2, -0.23, -0.17)
FAIR = ("empathy", 0.8, 0.78, -0.02, -0.04, 0.01)
OVERALL = ("overall", None, 0.75, None, None, None)


def test_the_largest_gap_comes_with_its_limits():
    said = satisfaction.largest(servqual(SHORT, FAIR, OVERALL)).in_language(EN)
    assert said == (
        "Service falls short most in reliability (-20.0 points of 100, -23.0 to -17.0): 90 expected, 70 met. Ask what customers "
        "miss there."
    )
    near = servqual(SHORT, ("empathy", 0.9, 0.72, -0.18, -0.21, -0.15))
    assert "hardly apart from empathy" in satisfaction.largest(near).in_language(EN)
    assert "与移情性难以区分" in satisfaction.largest(near).in_language(ZH)


def test_a_gap_within_its_limits_is_none():
    said = satisfaction.largest(servqual(FAIR, OVERALL)).in_language(EN)
    assert said.startswith("In no dimension does service fall short")
    assert satisfaction.gap_title(servqual(FAIR), {}).in_language(EN).startswith("In no dimension")
    assert satisfaction.gap_title(servqual(SHORT, FAIR), {}).in_language(EN) == (
        "Service falls short in 1 of 2 dimensions, most in reliability: -20.0 points of 100"
    )


def test_without_expectations_there_is_no_gap_but_what_is_met():
    met = servqual(("reliability", None, 0.7, None, None, None), ("empathy", None, 0.6, None, None, None))
    assert "met least well: empathy (60 of 100)" in satisfaction.largest(met).in_language(EN)
    assert "was not asked" in satisfaction.gap_title(met, {}).in_language(EN)
    missing = {"missing": [{"what": "surveys.kind", "adds": gaps.EXPECTED}]}
    assert "surveys.kind" in satisfaction.gap_title(met, missing).in_language(EN)
    assert "there is no gap" in satisfaction.gap_note(met).in_language(EN)
    assert "left of 0" in satisfaction.gap_note(servqual(SHORT)).in_language(EN)
    assert satisfaction.gap_chart(met).description.in_language(EN) == "Bar chart of 2 rows."
    assert (
        satisfaction.gap_chart(servqual(SHORT)).description.in_language(EN)
        == "1 points with their intervals."
    )


def test_nothing_is_said_where_nobody_was_asked():
    assert satisfaction.largest(empty(SERVQUAL)) is None
    assert satisfaction.largest(servqual(OVERALL)) is None
    assert satisfaction.gap_chart(empty(SERVQUAL)).empty
    missing = {"missing": [{"what": "surveys", "adds": gaps.ASKED}]}
    for title, table in (
        (satisfaction.gap_title, SERVQUAL),
        (satisfaction.halves_title, SATISFACTION),
        (satisfaction.manners_title, MANNERS),
        (answers.response_title, RESPONSE),
    ):
        assert title(empty(table), missing).in_language(EN).endswith("Missing: surveys")
        assert "too few answers" in title(empty(table), {}).in_language(EN) or "nobody was asked" in title(
            empty(table), {}
        ).in_language(EN)


def test_the_gap_of_all_customers_stands_beside_that_of_those_who_answered():
    frame = servqual(SHORT, FAIR, all_gap=-0.15, all_low=-0.19, all_high=-0.11)
    said = satisfaction.largest(frame).in_language(EN)
    assert said.endswith("Of all customers, also those who fill in no questionnaire: -15.0 (-19.0 to -11.0).")
    rows = satisfaction.dimensions(frame)
    assert rows["all_said"].iloc[0].in_language(EN) == "-15.0 (-19.0 to -11.0)"
    assert rows["weighted_said"].iloc[0] is None


def alphas(*rows):
    """Rows (scale, alpha, low, high)."""
    frame = pd.DataFrame(rows, columns=["scale", "alpha", "low", "high"]).assign(kind="perception")
    return written(ALPHAS, frame, None)


@pytest.mark.parametrize(
    ("high", "low", "words", "named"),
    [
        (
            0.65,
            0.5,
            "Scales whose items hang together poorly (Cronbach's alpha below 0.7): 1 of 2",
            ["empathy"],
        ),
        (
            0.75,
            0.5,
            "Scales whose items hang together poorly (Cronbach's alpha below 0.7), beyond chance: none of 2",
            [],
        ),
        (0.85, 0.75, "Scales whose items hang together (Cronbach's alpha of 0.7 or more): all, 2 of 2", []),
    ],
)
def test_items_that_hang_together_poorly_are_named(high, low, words, named):
    frame = alphas(("CUSA", 0.9, 0.85, 0.95), ("empathy", 0.6, low, high), ("overall", None, None, None))
    assert answers.scales_title(frame).in_language(EN) == words
    assert answers.shaky(frame) == named
    assert answers.scales(frame)["scale"].tolist() == ["empathy", "CUSA"]


def test_without_items_nothing_is_said_of_how_they_hang_together():
    assert answers.scales_title(empty(ALPHAS)).in_language(EN).endswith("cannot tell")
    assert answers.shaky(empty(ALPHAS)) == []


@pytest.mark.parametrize(
    ("none", "words"),
    [
        (
            (0.8, 0.78, 0.82),
            "Who fills in no questionnaire is more content after repairs: 80 of 100, against 70",
        ),
        (
            (0.6, 0.58, 0.62),
            "Who fills in no questionnaire is less content after repairs: 60 of 100, against 70",
        ),
        (
            (0.71, 0.69, 0.73),
            "Cannot tell who is more content after repairs: without a questionnaire 71 of 100, with one 70",
        ),
    ],
)
def test_who_fills_in_no_questionnaire(none, words):
    rows = [("none", *none), ("questionnaire", 0.7, 0.68, 0.72)]
    silent = written(SILENT, rows, ["group", "mean", "low", "high"])
    assert answers.silent_title(silent).in_language(EN) == words
    assert answers.silent_title(silent.head(1)).in_language(EN).endswith("cannot tell")
    assert [name.in_language(EN) for name in answers.quiet(silent)["name"]] == [
        "answered after repairs alone",
        "with a questionnaire",
    ]


def halves(*rows):
    """Rows (period, about, mean, low, high)."""
    return written(SATISFACTION, rows, ["period", "about", "mean", "low", "high"])


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((0.8, 0.78, 0.82), "Satisfaction rose: 80.0 of 100, 70.0 a year before"),
        ((0.6, 0.58, 0.62), "Satisfaction fell: 60.0 of 100, 70.0 a year before"),
        ((0.71, 0.69, 0.73), "Satisfaction held within its limits: 71.0 of 100, 70.0 a year before"),
    ],
)
def test_satisfaction_against_a_year_before(now, words):
    rows = halves(
        ("2025-H2", "repair", 0.7, 0.68, 0.72),
        ("2026-H1", "repair", 0.9, 0.88, 0.92),
        ("2026-H2", "repair", *now),
    )
    assert satisfaction.halves_title(rows, {}).in_language(EN) == words
    assert satisfaction.halves(rows)["month"].tolist() == ["2025-07", "2026-01", "2026-07"]


def test_a_change_of_scale_is_no_change_of_satisfaction():
    rows = halves(("2025-H2", "repair", 0.7, 0.68, 0.72), ("2026-H2", "repair", 0.8, 0.78, 0.82))
    changed = satisfaction.halves_title(rows.assign(scales=["1-5", "0-10"]), {}).in_language(EN)
    assert changed.endswith("cannot tell what the change of scale did to it")
    same = satisfaction.halves_title(rows.assign(scales="0-10"), {}).in_language(EN)
    assert same.startswith("Satisfaction rose")


@pytest.mark.parametrize("periods", [["2026-H2"], ["2025-H1", "2026-H1", "2026-H2"]])
def test_a_half_year_is_compared_with_the_same_half_of_the_year_before_only(periods):
    rows = halves(*((period, "yearly", 0.7, 0.6, 0.8) for period in periods))
    assert "no year before to compare" in satisfaction.halves_title(rows, {}).in_language(EN)


def drivers(*rows):
    """Rows (of, driver, effect, low, high)."""
    return written(DRIVERS, rows, ["of", "driver", "effect", "low", "high"])


def test_what_goes_with_satisfaction_beyond_chance():
    frame = drivers(
        ("dimension", "empathy", 0.01, -0.01, 0.03),
        ("dimension", "reliability", 0.08, 0.06, 0.1),
        ("record", "second_visits", -0.01, -0.02, 0.0),
        ("record", "broken_promises", -0.04, -0.06, -0.02),
    )
    rows = satisfaction.drivers(frame, "dimension")
    assert rows["driver"].tolist() == ["reliability", "empathy"]
    assert satisfaction.drivers_title(rows, "dimension").in_language(EN) == (
        "Goes most with satisfaction: reliability (8.0 points of 100, 6.0 to 10.0)"
    )
    recorded = satisfaction.drivers(frame, "record")
    said = satisfaction.drivers_title(recorded, "record").in_language(EN)
    assert said == "Goes most with satisfaction: one more broken promise (-4.0 points of 100, -6.0 to -2.0)"
    assert "No dimension" in satisfaction.drivers_title(rows.tail(1), "dimension").in_language(EN)
    assert "Nothing on record" in satisfaction.drivers_title(recorded.tail(1), "record").in_language(EN)
    assert "too few answers" in satisfaction.drivers_title(rows.head(0), "dimension").in_language(EN)


def test_the_note_says_what_was_compared():
    rows = satisfaction.drivers(drivers(("record", "second_visits", -0.01, -0.02, 0.0)), "record")
    assert "Compared: none." in satisfaction.drivers_note(rows, "record").in_language(EN)
    told = satisfaction.drivers_note(rows.assign(basis="ticket"), "record").in_language(EN)
    assert "one more in the year before" in told
    assert "Compared: records before the answer." in told
    means = satisfaction.drivers_note(rows.assign(basis="customer"), "dimension").in_language(EN)
    assert "one standard deviation" in means
    assert "means of a customer's questionnaires." in means


def manners(*rows):
    """Rows (branch, procedure, person, style)."""
    return written(MANNERS, rows, ["branch", "procedure", "person", "style"])


def test_branches_stand_in_the_square_of_procedure_and_person():
    frame = manners(
        ("A", 0.5, 0.5, "indifferent"),
        ("B", 0.8, 0.8, "quality service"),
        ("C", 0.8, 0.9, "quality service"),
        ("D", 0.7, 0.7, "cannot tell"),
    )
    square = satisfaction.square(frame)
    cells = [[cell.value.in_language(EN) for cell in cells] for _, cells in square.rows]
    assert cells == [["by the book: none", "quality service: B, C"], ["indifferent: A", "friendly: none"]]
    said = satisfaction.manners_title(frame, {}).in_language(EN)
    assert said == "Procedure and person: 3 of 4 branches stand apart from the mean of all in both"
    assert satisfaction.manners(frame)["branch"].tolist() == ["C", "B", "D", "A"]


def test_no_branch_stands_apart_or_there_is_one_only():
    frame = manners(("A", 0.7, 0.7, "cannot tell"), ("B", 0.7, 0.7, "cannot tell"))
    assert satisfaction.square(frame).rows == []
    assert "no branch stands apart" in satisfaction.manners_title(frame, {}).in_language(EN)
    assert "one branch only" in satisfaction.manners_title(frame.head(1), {}).in_language(EN)


def response(some, low, high):
    """Of customers without a complaint 30 % answered (25 to 35), of those with one `some`."""
    rows = [
        ("all", "", 500, 150, 0.3, 0.26, 0.34),
        ("complaints", "none", 400, 120, 0.3, 0.25, 0.35),
        ("complaints", "some", 100, 30, some, low, high),
        ("tier", "vip", 20, 9, 0.45, 0.26, 0.66),
    ]
    return written(RESPONSE, rows, [column.name for column in RESPONSE.columns])


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ((0.5, 0.4, 0.6), "30% of customers answered; those with a complaint more often (50% against 30%)"),
        ((0.1, 0.05, 0.2), "30% of customers answered; those with a complaint less often (10% against 30%)"),
        (
            (0.4, 0.3, 0.5),
            "30% of customers answered; the unhappy no more and no less often than the others, beyond chance",
        ),
    ],
)
def test_who_answers(share, words):
    assert answers.response_title(response(*share), {}).in_language(EN) == words


def test_groups_of_those_who_answer_are_named_in_words():
    names = [name.in_language(EN) for name in answers.answering(response(0.4, 0.3, 0.5))["name"]]
    assert names == ["all customers", "vip", "without a complaint", "with a complaint"]
