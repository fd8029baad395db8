"""What has changed since a month ago, step by step."""

import pytest
from small_company import said

from crmlab.value.change import STEPS, changes


def steps(then, now):
    """Amount and customers of each step that is not 0."""
    table = changes(said(then), said(now))
    assert table.what.tolist() == list(STEPS)
    by = table.set_index("what")
    assert by.amount["then"] + by.amount[list(STEPS[1:-1])].sum() == by.amount["now"]
    moved = by.loc[list(STEPS[1:-1])]
    return {what: (row.amount, row.customers) for what, row in moved[moved.amount != 0].iterrows()}


A = {"held": True, "current": 100, "renewals": 200, "contract_price": 50, "purchases": 40, "ticket_cost": 30}


def test_nothing_changed():
    assert steps({"A": A}, {"A": A}) == {}


def test_a_new_customer_is_new_with_all_that_comes_with_it():
    assert steps({"A": A}, {"A": A, "B": A}) == {"new": (310, 1)}


def test_a_customer_that_lost_its_contract_is_lost_with_all_that_went_with_it():
    assert steps({"A": A}, {"A": {"purchases": 10, "ticket_cost": 4}}) == {"lost": (6 - 310, 1)}


def test_a_dearer_contract_is_a_price_and_the_rest_a_chance():
    dearer = A | {"contract_price": 55, "current": 110, "renewals": 260}
    assert steps({"A": A}, {"A": dearer}) == {"price": (30, 1), "chances": (40, 1)}


def test_another_contract_is_no_price():
    assert steps({"A": A}, {"A": A | {"contract_price": 150, "current": 300}}) == {"chances": (200, 1)}


def test_a_first_contract_is_a_chance():
    without = {"purchases": 40, "ticket_cost": 30}
    assert steps({"A": without}, {"A": A}) == {"chances": (300, 1)}


def test_every_other_part_has_its_step_and_paid_repairs_go_with_the_cost():
    now = A | {"purchases": 45, "replacements": 7, "ticket_cost": 36, "care_cost": 2, "paid_repairs": 3}
    assert steps({"A": A}, {"A": now}) == {"purchases": (5, 1), "replacements": (7, 1), "cost": (3 - 8, 1)}


def test_what_rounding_leaves_goes_with_the_chances():
    then, now = ({f"C{n}": {"purchases": share} for n in range(3)} for share in (0.3, 0.4))
    assert sum(amount for amount, _ in steps(then, now).values()) == 0  # 0.9 and 1.2 are both 1


@pytest.mark.parametrize("then", [{"A": A}, {"A": A, "B": A}])
def test_customers_are_counted(then):
    by = changes(said(then), said({"A": A, "B": A, "C": A})).set_index("what").customers
    assert by[["then", "now"]].tolist() == [len(then), 3]
