"""Who answers, and what the answers weigh."""

import numpy as np
import pandas as pd
import pytest
from questionnaires import AS_OF, clean, sheet, surveys

from crmlab.service.months import MONTHS
from crmlab.service.promises.period import last_months
from crmlab.service.surveys.answers import answers, sheet_means
from crmlab.service.surveys.response import response, served, weights, who_answered
from crmlab.service.surveys.silent import silent, silent_shift
from crmlab.tables import conform

YEAR = last_months("2026-10", 12)


def months(*rows):
    """The stage's table of customer, month, tickets, broken promises, second visits, complaints."""
    names = ["customer_id", "month", "tickets", "broken_promises", "second_visits", "complaints"]
    frame = pd.DataFrame(rows, columns=names)
    return conform(frame.reindex(columns=[c.name for c in MONTHS.columns], fill_value=0), MONTHS)


def records(n, unhappy, **columns):
    """Customers of whom the first `unhappy` had a promise broken."""
    broken = (np.arange(n) < unhappy) * 1.0
    frame = pd.DataFrame(
        {"tier": "small", "tickets": 1.0, "broken_promises": broken, "second_visits": 0.0, "complaints": 0.0},
        index=pd.Index([f"C{i:04d}" for i in range(n)], name="customer"),
    ).assign(**columns)
    return frame.assign(trouble=frame[["broken_promises", "second_visits", "complaints"]].sum(axis=1))


def test_customers_of_the_year_and_what_happened_to_them():
    made = served(
        months(
            ("C1", "2025-11", 1, 1, 0, 0),
            ("C1", "2026-10", 2, 0, 1, 0),
            ("C2", "2025-10", 1, 1, 1, 1),  # a month too early
            ("C3", "2026-02", 0, 0, 0, 1),  # a complaint, but neither ticket nor sale
        ),
        clean(
            "sales",
            [
                {"sale_id": "1", "customer_id": "C4", "sold_at": "2025-11-01 00:00"},
                {"sale_id": "2", "customer_id": "C5", "sold_at": "2025-10-31 23:59"},
                {"sale_id": "3", "customer_id": None, "sold_at": "2026-01-01"},
            ],
        ),
        clean("customers", [{"customer_id": "C1", "tier": "vip"}]),
        *YEAR,
    )
    assert made["tier"].to_dict() == {"C1": "vip", "C4": "unknown"}
    assert made.loc["C1", ["tickets", "broken_promises", "second_visits", "trouble"]].tolist() == [3, 1, 1, 2]
    assert made.loc["C4", "trouble"] == 0


def test_answers_about_tickets_do_not_tell_who_answers():
    both = sheet_means(
        answers(surveys(sheet("S1", "C1", {"Q": 5}), sheet("S2", "C2", {"Q": 5}, ticket="T")), AS_OF)
    )
    assert who_answered(both).tolist() == ["C1"]
    assert who_answered(both[both["about"] == "repair"]).tolist() == ["C2"]


def test_shares_of_the_unhappy_and_the_others():
    there = records(40, 10)
    answered = there.index[:8].union(there.index[10:16]).union(["stranger"])
    table = response(there, answered, 5).set_index(["of", "group"])
    assert table.loc[("all", ""), ["customers", "answered"]].tolist() == [40, 14]
    assert table.loc[("trouble", "some"), "share"] == 0.8
    assert table.loc[("broken_promises", "none"), "share"] == 0.2
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()
    assert ("complaints", "some") not in table.index  # there is none


def test_small_groups_are_left_out_and_nobody_answering_says_nothing():
    there = records(40, 4)
    assert ("trouble", "some") not in response(there, there.index[:9], 5).set_index(["of", "group"]).index
    assert response(there, pd.Index([], dtype=object), 5).empty
    assert response(there.iloc[:0], there.index, 5).empty


def test_weights_undo_that_the_unhappy_answer_more_often():
    there = records(1000, 300)
    answered = there.index[:150].union(there.index[300:400])  # half of the unhappy, one in seven others
    weight = weights(there, answered)
    assert weight.mean() == pytest.approx(1)
    unhappy = there.loc[weight.index, "broken_promises"] > 0
    assert unhappy.mean() == 0.6
    assert np.average(unhappy, weights=weight) == pytest.approx(0.3, abs=0.01)


def test_no_weights_from_few_or_from_everybody():
    there = records(200, 50)
    assert weights(there, there.index[:49]).empty
    assert weights(there, there.index[:151]).empty
    assert weights(there.iloc[:0], there.index[:100]).empty


def test_equal_customers_have_equal_weights():
    there = records(200, 0)
    assert weights(there, there.index[:100]).to_numpy() == pytest.approx(np.ones(100))


def messages(n, score, prefix):
    """Customers who answered a message after a repair."""
    return [sheet(f"R{prefix}{i}", f"{prefix}{i}", {"overall": score}, ticket=f"T{i}") for i in range(n)]


def test_customers_who_answer_questionnaires_are_compared_after_repairs():
    sheets = [*messages(60, 6, "Q"), *messages(60, 7, "N"), sheet("again", "N0", {"overall": 5}, ticket="T")]
    sheets += [sheet(f"S{i}", f"Q{i}", {"Q1": 3}) for i in range(60)]
    table = silent(sheet_means(answers(surveys(*sheets), AS_OF)), 5)
    assert table[["group", "customers"]].to_numpy().tolist() == [["none", 60], ["questionnaire", 60]]
    none, questionnaire = table["mean"]
    assert questionnaire == pytest.approx(0.6)  # what they say in questionnaires does not count here
    assert none == pytest.approx(0.7 - 0.1 / 60)
    shift, half = silent_shift(table, 0.25)
    assert shift == pytest.approx(0.75 * (none - questionnaire))
    assert 0 < half < 0.01


def test_too_few_messages_move_nothing():
    few = silent(sheet_means(answers(surveys(*messages(60, 6, "Q"), sheet("S1", "Q1", {"Q1": 5})), AS_OF)), 5)
    assert few["group"].tolist() == ["none"]
    assert np.isnan(silent_shift(few, 0.5)).all()
    assert silent(sheet_means(answers(surveys(*messages(60, 6, "Q")), AS_OF)), 5).empty
    assert silent(sheet_means(answers(surveys(), AS_OF)), 5).empty
