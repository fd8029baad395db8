"""Procedure and person by branch."""

import pandas as pd
import pytest
from questionnaires import AS_OF, clean, sheet, surveys

from crmlab.service.surveys.answers import answers, sheet_means
from crmlab.service.surveys.manners import branch_of, manners


def branches(n=10, **marks):
    """Branches with `n` customers each, by name: the marks of procedure and person, which vary a little."""
    sheets, of = [], {}
    for name, (procedure, person) in marks.items():
        for i in range(n):
            customer = f"{name}{i}"
            of[customer] = name
            wobble = (i % 2) * 0.2
            sheets.append(
                sheet(
                    f"S{customer}",
                    customer,
                    {
                        ("reliability", "R1"): procedure + wobble,
                        ("responsiveness", "P1"): procedure + wobble,
                        ("assurance", "A1"): person + wobble,
                        ("empathy", "E1"): person + wobble,
                    },
                )
            )
    return sheet_means(answers(surveys(*sheets), AS_OF)), pd.Series(of)


def test_the_four_kinds_of_service():
    table = manners(*branches(north=(4, 4), east=(8, 4), south=(4, 8), west=(8, 8)), 5).set_index("branch")
    assert table["style"].to_dict() == {
        "north": "indifferent",
        "east": "by the book",
        "south": "friendly",
        "west": "quality service",
    }
    assert table.loc["east", "procedure"] == pytest.approx(0.81)
    assert (table["person_low"] < table["person"]).all()


def test_a_branch_near_the_mean_cannot_be_told():
    table = manners(*branches(north=(4, 4), middle=(6, 6), west=(8, 8)), 5).set_index("branch")
    assert table.loc["middle", "style"] == "cannot tell"
    assert table.loc["north", "style"] == "indifferent"


def test_one_branch_has_nothing_to_be_compared_with():
    assert manners(*branches(only=(3, 9)), 5)["style"].tolist() == ["cannot tell"]


def test_all_answers_equal():
    means, of = branches(a=(6, 6), b=(6, 6))
    means["perception"] = 0.6
    assert manners(means, of, 5)["style"].tolist() == ["cannot tell", "cannot tell"]


def test_small_branches_and_customers_without_one_are_left_out():
    means, of = branches(n=4, a=(6, 6))
    assert manners(means, of, 5).empty
    means, of = branches(a=(6, 6))
    assert manners(means, of.iloc[:0], 5).empty
    assert manners(means.iloc[:0], of, 5).empty


def test_the_branch_of_most_tickets_up_to_the_day():
    rows = [("C1", "A", "2026-10-31 23:59"), ("C1", "B", "2026-11-01"), ("C1", "B", "2026-11-02")]
    rows += [
        ("C2", "B", "2026-01-01"),
        ("C2", "A", "2026-01-02"),
        (None, "A", "2026-01-02"),
        ("C3", None, "2026-01-02"),
    ]
    made = [
        {"ticket_id": f"T{i}", "customer_id": customer, "branch": branch, "reported_at": at}
        for i, (customer, branch, at) in enumerate(rows)
    ]
    assert branch_of(clean("tickets", made), AS_OF).to_dict() == {"C1": "A", "C2": "A"}
    assert branch_of(clean("tickets", []), AS_OF).empty
