"""What goes with the overall score."""

import numpy as np
import pandas as pd
import pytest
from questionnaires import AS_OF, random_sheets, sheet, surveys

from crmlab.service.surveys.answers import answers, sheet_means
from crmlab.service.surveys.drivers import dimension_drivers, drivers, in_year_before, record_drivers

DAY = pd.Timestamp("2026-06-10")


def means(*sheets):
    return sheet_means(answers(surveys(*sheets), AS_OF))


def events(*pairs):
    frame = pd.DataFrame(pairs, columns=["customer_id", "at"])
    return frame.assign(at=pd.to_datetime(frame["at"]))


def test_the_dimension_that_moves_with_the_score_is_found():
    rng = np.random.default_rng(3)
    sheets = []
    for i in range(200):
        reliability, empathy = rng.integers(2, 10, 2)
        sheets.append(
            sheet(
                f"S{i}",
                f"C{i}",
                {("reliability", "R"): reliability, ("empathy", "E"): empathy, "overall": reliability},
            )
        )
    made = means(*sheets)
    table = drivers([dimension_drivers(made, 5)]).set_index("driver")
    spread = made.loc[made["dimension"] == "reliability", "perception"].std()
    assert table.loc["reliability", "effect"] == pytest.approx(spread)
    assert table.loc["empathy", "effect"] == pytest.approx(0, abs=1e-9)
    assert set(table["basis"]) == {"sheet"}
    assert set(table["n"]) == {200}


def test_scores_on_other_sheets_are_joined_by_customer():
    whole = random_sheets(60)
    apart = [
        [
            row | ({} if row["dimension"] else {"survey_id": f"R{row['survey_id']}", "ticket_id": "T"})
            for row in one
        ]
        for one in whole
    ]
    table = drivers([dimension_drivers(means(*apart), 5)])
    assert set(table["basis"]) == {"customer"}
    assert set(table["n"]) == {60}
    assert len(table) == 5
    assert (table["low"] < table["effect"]).all()


def test_too_few_questionnaires_say_nothing():
    assert drivers([dimension_drivers(means(*random_sheets(49)), 5)]).empty
    assert drivers([record_drivers(means(*random_sheets(49)), events(), {}, 5)]).empty
    assert drivers([]).empty


def test_equal_answers_and_dimensions_that_cannot_be_told_apart_say_nothing():
    equal = [sheet(f"S{i}", f"C{i}", {("empathy", "E"): 5, "overall": 5}) for i in range(60)]
    assert drivers([dimension_drivers(means(*equal), 5)]).empty
    twins = [
        sheet(f"S{i}", f"C{i}", {("empathy", "E"): i % 7, ("assurance", "A"): i % 7, "overall": i % 5})
        for i in range(60)
    ]
    assert drivers([dimension_drivers(means(*twins), 5)]).empty


def test_sixty_sheets_of_three_customers_are_three_witnesses():
    assert drivers([dimension_drivers(means(*random_sheets(60, customers=3)), 5)]).empty


def test_a_broken_promise_goes_with_a_lower_score():
    sheets = [sheet(f"S{i}", f"C{i}", {"overall": 6 if i < 30 else 8}, ticket=f"T{i}") for i in range(100)]
    tickets = events(
        *[(f"C{i}", "2026-06-09") for i in range(100)], *[(f"C{i}", "2026-01-09") for i in range(0, 100, 2)]
    )
    records = {
        "broken_promises": events(*[(f"C{i}", "2026-06-09") for i in range(30)]),
        "second_visits": events(*[(f"C{i}", "2026-06-11") for i in range(50)]),  # after the answer
        "complaints_ignored": events(*[(f"C{i}", "2026-03-01") for i in range(4)]),  # too few
    }
    [row] = drivers([record_drivers(means(*sheets), tickets, records, 5)]).to_dict("records")
    assert (row["of"], row["driver"], row["basis"], row["n"]) == ("record", "broken_promises", "ticket", 100)
    assert row["effect"] == pytest.approx(-0.2)


def test_a_year_back_and_not_a_second_after():
    scored = pd.DataFrame({"customer": ["C1", "C2", "C3"], "answered_at": [DAY] * 3})
    made = events(
        ("C1", DAY),
        ("C1", DAY + pd.Timedelta(seconds=1)),
        ("C1", DAY - pd.Timedelta(days=365)),
        ("C1", DAY - pd.Timedelta(days=365, seconds=1)),
        ("C2", "2024-02-29"),
        (None, DAY),
    )
    assert in_year_before(scored, made).tolist() == [2, 0, 0]
    assert in_year_before(scored, events()).tolist() == [0, 0, 0]
