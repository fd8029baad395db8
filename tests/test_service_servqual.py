"""Gap 5 with its limits, Cronbach's alpha, the trend, and the room's one call."""

import json

import numpy as np
import pandas as pd
import pytest
from questionnaires import AS_OF, SETTINGS, UNTIL, clean, gap_sheet, random_sheets, sheet, surveys

from crmlab.intervals import clustered_mean
from crmlab.service.complaints.outputs import COMPLAINTS
from crmlab.service.months import MONTHS, happened
from crmlab.service.promises.outputs import TICKETS
from crmlab.service.surveys.alpha import alphas, cronbach_alpha
from crmlab.service.surveys.answered import answered
from crmlab.service.surveys.answers import answers, sheet_means
from crmlab.service.surveys.outputs import OUTPUTS, SERVQUAL
from crmlab.service.surveys.satisfaction import satisfaction
from crmlab.service.surveys.servqual import servqual
from crmlab.service.visits.repeats import reported_again
from crmlab.service.visits.sequence import in_order
from crmlab.tables import conform, empty


def gaps(*sheets, weights=None, shift=(np.nan, np.nan), min_group=1):
    weights = pd.Series(dtype=float) if weights is None else weights
    made = answers(surveys(*sheets), AS_OF)
    return servqual(sheet_means(made), alphas(made, 2), weights, shift, min_group).set_index("dimension")


def room(given, judged=None, complaints=None, **tables):
    made = {name: clean(name, tables.get(name, [])) for name in ("tickets", "sales", "customers", "visits")}
    events = happened(
        empty(TICKETS) if judged is None else judged,
        in_order(made["visits"], AS_OF),
        reported_again(made["tickets"], AS_OF, SETTINGS.repeat_days),
        empty(COMPLAINTS) if complaints is None else complaints,
        SETTINGS.ignored_days,
    )
    return answered(
        given,
        made["tickets"],
        made["sales"],
        made["customers"],
        empty(MONTHS),
        events,
        SETTINGS,
        until=UNTIL,
        as_of=AS_OF,
    )


def stage(table, rows):
    """A table of the stage; columns that no row names are missing."""
    columns = [c.name for c in table.columns]
    return conform(pd.DataFrame(rows, columns=columns).reset_index(drop=True), table)


def quality(*sheets, **tables):
    return room(surveys(*sheets), **tables)


def test_the_gap_is_perception_less_expectation():
    row = gaps(gap_sheet("S1", "C1", 9, 7), gap_sheet("S2", "C2", 8, 7)).loc["reliability"]
    assert row[["expectation", "perception", "gap"]].tolist() == pytest.approx([0.85, 0.7, -0.15])
    assert (row["customers"], row["n"], row["items"]) == (2, 8, 2)


def test_limits_take_a_customer_for_one_witness():
    sheets = [gap_sheet(f"S{i}", f"C{i % 3}", 9, mark) for i, mark in enumerate([8, 4, 6, 8, 3, 6])]
    row = gaps(*sheets).loc["reliability"]
    expected = clustered_mean(
        np.array([-0.1, -0.5, -0.3, -0.1, -0.6, -0.3]), np.array(["C0", "C1", "C2", "C0", "C1", "C2"])
    )
    assert row[["gap", "low", "high"]].tolist() == pytest.approx(list(expected))


def test_two_scales_meet_between_zero_and_one():
    row = gaps(gap_sheet("S1", "C1", 5, 3, top=5), gap_sheet("S2", "C2", 10, 5, top=10)).loc["reliability"]
    assert row[["expectation", "perception", "gap"]].tolist() == [1.0, 0.5, -0.5]


def test_sheets_that_ask_one_side_alone_do_not_enter_a_paired_gap():
    row = gaps(
        gap_sheet("S1", "C1", 9, 7),
        gap_sheet("S2", "C2", 9, 7),
        sheet("S3", "C3", {("reliability", "R1"): 0}),
    ).loc["reliability"]
    assert (row["customers"], row["gap"]) == (2, pytest.approx(-0.2))


def test_expectations_on_sheets_of_their_own():
    asked = {("empathy", "E1"): 9}
    row = gaps(
        *[sheet(f"E{i}", f"C{i}", asked, kind="expectation") for i in range(3)],
        *[sheet(f"P{i}", f"C{i}", {("empathy", "E1"): mark}) for i, mark in enumerate([5, 6, 7])],
    ).loc["empathy"]
    assert row["gap"] == pytest.approx(-0.3)
    assert row["low"] < -0.3 < row["high"]


def test_a_survey_without_kinds_has_perceptions_alone():
    row = gaps(*[sheet(f"S{i}", f"C{i}", {"Q1": 6, "Q2": 8}, kind=None) for i in range(3)]).loc["overall"]
    assert row["perception"] == pytest.approx(0.7)
    assert row[["expectation", "gap", "low", "high", "weighted_gap", "alpha_expectation"]].isna().all()


def test_all_answers_equal():
    row = gaps(*[gap_sheet(f"S{i}", f"C{i}", 8, 8) for i in range(6)]).loc["reliability"]
    assert row[["gap", "low", "high"]].tolist() == [0, 0, 0]
    assert row[["alpha_expectation", "alpha_perception"]].isna().all()


def test_one_customer_has_no_limits_and_small_groups_are_left_out():
    one = [gap_sheet("S1", "C1", 9, 7)]
    assert gaps(*one).loc["reliability", ["low", "high"]].isna().all()
    assert gaps(*one, min_group=5).empty


def test_weights_let_rare_customers_speak_louder():
    sheets = [gap_sheet("S1", "C1", 9, 5), gap_sheet("S2", "C1", 9, 5), gap_sheet("S3", "C2", 9, 8)]
    row = gaps(*sheets, weights=pd.Series({"C1": 1.0, "C2": 3.0})).loc["reliability"]
    assert row["gap"] == pytest.approx(-0.3)
    assert row["weighted_gap"] == pytest.approx(-0.25 * 0.4 - 0.75 * 0.1)
    assert row["weighted_low"] < row["weighted_gap"] < row["weighted_high"]


def test_the_gap_of_all_is_moved_and_doubted_more():
    sheets = [gap_sheet(f"S{i}", f"C{i}", 9, mark) for i, mark in enumerate([4, 5, 6, 7])]
    row = gaps(*sheets, shift=(0.03, 0.04)).loc["reliability"]
    assert row["all_gap"] == pytest.approx(row["gap"] + 0.03)
    assert (row["all_high"] - row["all_gap"]) ** 2 == pytest.approx((row["high"] - row["gap"]) ** 2 + 0.04**2)
    assert gaps(*sheets).loc["reliability", ["all_gap", "all_low"]].isna().all()


def test_alpha_as_in_the_textbook():
    items = np.array([[1, 2, 1], [2, 2, 3], [3, 4, 3], [4, 4, 5], [5, 4, 5.0]])
    of_sum = items.sum(1).var(ddof=1)
    assert cronbach_alpha(items) == pytest.approx(1.5 * (1 - items.var(axis=0, ddof=1).sum() / of_sum))
    assert cronbach_alpha(np.column_stack([items[:, 0]] * 3)) == pytest.approx(1)


def test_alpha_rests_on_complete_questionnaires_and_on_items_most_were_asked():
    sheets = [sheet(f"S{i}", f"C{i}", {("empathy", "E1"): i, ("empathy", "E2"): i}) for i in range(8)]
    sheets += [sheet("S8", "C8", {("empathy", "E1"): 9})]  # left one out
    sheets += [sheet("S9", "C9", {("empathy", "E1"): 9, ("empathy", "E2"): 9, ("empathy", "E3"): 0})]
    [row] = alphas(answers(surveys(*sheets), AS_OF), 5).to_dict("records")
    assert (row["scale"], row["kind"], row["items"], row["n"]) == ("empathy", "perception", 2, 9)
    assert row["alpha"] == pytest.approx(1)


def test_items_without_a_dimension_form_scales_by_their_letters():
    rng = np.random.default_rng(1)
    sheets = []
    for i in range(30):
        a, b = rng.integers(1, 10, 2)
        sheets.append(
            sheet(f"S{i}", f"C{i}", {"CUSA1": a, "CUSA2": a, "IMAG1": b, "IMAG2": 10 - b, "CUSCO": 3})
        )
    table = alphas(answers(surveys(*sheets), AS_OF), 5).set_index("scale")
    assert table.index.tolist() == ["CUSA", "IMAG"]
    assert table.loc["CUSA", "alpha"] == pytest.approx(1)
    assert pd.isna(table.loc["IMAG", "alpha"])  # the sums are all equal
    assert table.loc["CUSA", "low"] == pytest.approx(1)


def test_numbered_questions_are_one_scale():
    sheets = [sheet(f"S{i}", f"C{i}", {"Q1": i, "Q2": i, "Q3": i}) for i in range(8)]
    table = alphas(answers(surveys(*sheets), AS_OF), 5)
    assert table[["scale", "items"]].to_numpy().tolist() == [["overall", 3]]


def test_half_years_and_the_scales_they_were_answered_on():
    given = surveys(
        *[sheet(f"A{i}", f"C{i}", {"Q1": 4}, "2023-06-30 23:59", top=5) for i in range(5)],
        *[sheet(f"B{i}", f"C{i}", {"Q1": 8}, "2023-07-01 00:00") for i in range(5)],
        *[sheet(f"D{i}", f"C{i}", {"Q1": 6}, "2023-07-02", ticket=f"T{i}") for i in range(5)],
        *[sheet(f"E{i}", f"C{i}", {"Q1": 0}, "2024-02-29") for i in range(4)],  # too few
    )
    table = satisfaction(answers(given, AS_OF), 5)
    assert table[["period", "about", "customers", "mean", "scales"]].to_numpy().tolist() == [
        ["2023-H1", "yearly", 5, 0.75, "1-5"],
        ["2023-H2", "repair", 5, 0.6, "0-10"],
        ["2023-H2", "yearly", 5, 0.8, "0-10"],
    ]


def test_everything_at_once():
    tables, metrics = quality(
        *random_sheets(60),
        *[gap_sheet(f"G{i}", f"C{i:04d}", 9, 7) for i in range(60)],
        customers=[{"customer_id": f"C{i:04d}", "tier": "small"} for i in range(80)],
        sales=[{"sale_id": f"{i}", "customer_id": f"C{i:04d}", "sold_at": "2026-05-01"} for i in range(80)],
        tickets=[
            {"ticket_id": f"T{i}", "customer_id": f"C{i:04d}", "branch": "杭州", "reported_at": "2026-05-01"}
            for i in range(60)
        ],
    )
    assert set(tables) == set(OUTPUTS)
    for name, table in tables.items():
        assert list(table.columns) == [c.name for c in OUTPUTS[name].kept]
        assert not table.duplicated(list(OUTPUTS[name].key)).any()
        assert not table[list(OUTPUTS[name].key)].isna().any().any()
    assert metrics["gap5"]["reliability"]["gap"] == pytest.approx(-0.2)
    assert metrics["gap5"].keys() == {"reliability"}
    assert metrics["scales"] == {"10": 0.0}
    assert (metrics["n_customers"], metrics["answered_share"]) == (60, 0.75)
    assert (metrics["answered_share_unhappy"], metrics["answered_share_others"]) == (None, 0.75)
    assert tables["manners"]["style"].tolist() == ["cannot tell"]
    assert "NaN" not in json.dumps(metrics)


def test_no_surveys_at_all():
    tables, metrics = quality()
    assert all(table.empty for table in tables.values())
    assert metrics == {
        "gap5": {},
        "alpha": {},
        "scales": {},
        "answered_share": None,
        "answered_share_unhappy": None,
        "answered_share_others": None,
        "silent": {},
        "n_customers": 0,
    }
    assert list(tables["servqual"].columns) == [c.name for c in SERVQUAL.kept]


def test_columns_that_are_all_missing():
    bare = [
        row | {"survey_id": None, "dimension": None, "kind": None} for one in random_sheets(60) for row in one
    ]
    tables, metrics = quality(
        bare,
        customers=[{"customer_id": f"C{i:04d}"} for i in range(60)],
        tickets=[{"ticket_id": f"T{i}", "reported_at": "2026-05-01"} for i in range(60)],
        visits=[{"ticket_id": "T1", "visit_no": i} for i in (1, 2)],
        sales=[{"sale_id": "1", "sold_at": "2026-05-01"}],
    )
    assert tables["servqual"]["dimension"].tolist() == ["overall"]
    assert metrics["n_customers"] == 60
    assert tables["manners"].empty


def scored():
    """A hundred answers about tickets, the first thirty of them low; each customer called in May."""
    sheets = [sheet(f"S{i}", f"C{i}", {"overall": 6 if i < 30 else 8}, ticket=f"T{i}") for i in range(100)]
    tickets = [
        {"ticket_id": f"T{i}", "customer_id": f"C{i}", "reported_at": "2026-05-01"} for i in range(100)
    ]
    return sheets, stage(TICKETS, tickets)


def test_second_visits_count_from_their_arrival():
    sheets, judged = scored()
    visits = [
        {"ticket_id": f"T{i}", "visit_no": visit, "arrived_at": f"2026-05-0{visit + 1}"}
        for i in range(30)
        for visit in (1, 2)
    ]
    tables, _ = quality(*sheets, judged=judged, visits=visits)
    [row] = tables["drivers"].to_dict("records")
    assert (row["driver"], round(row["effect"], 6)) == ("second_visits", -0.2)


def test_a_complaint_is_ignored_from_its_thirtieth_day_whatever_came_after():
    sheets, judged = scored()
    ends = [("ignored", "2026-05-31")] * 15 + [("solved", "2026-09-01")] * 15  # after the answers of June
    ends += [("solved", "2026-05-30")] * 10 + [("running", None)] * 10
    complaints = [
        {
            "complaint_id": f"K{i}",
            "customer_id": f"C{i}",
            "received_at": "2026-05-01",
            "end": end,
            "ended_at": at,
        }
        for i, (end, at) in enumerate(ends)
    ]
    tables, _ = quality(*sheets, judged=judged, complaints=stage(COMPLAINTS, complaints))
    [row] = tables["drivers"].to_dict("records")
    assert (row["driver"], round(row["effect"], 6)) == ("complaints_ignored", -0.2)


def test_the_room_leaves_its_input_alone():
    given = surveys(*random_sheets(10))
    before = given.copy()
    room(given)
    pd.testing.assert_frame_equal(given, before)
