"""Why a customer costs more than it brings."""

import pytest
from small_company import said

from crmlab.value.losses import reasons

USUAL = {
    "held": True,
    "machines": 2,
    "tickets_a_year": 4,
    "cost_of_ticket": 100,
    "contract_price": 60,
    "price_level": 1.0,
}
USUAL |= {"current": 1500, "ticket_cost": 1000}


def why(odd, n=50, others=()):
    """Reason and ratio of one customer among n usual ones and others."""
    usual = {f"C{k}": USUAL for k in range(n)} | {f"O{k}": USUAL | other for k, other in enumerate(others)}
    told = reasons(said(usual | {"X": USUAL | odd}).customers)
    assert told.drop("X").isna().all(axis=None)
    found = told.loc["X"]
    return (found.reason, pytest.approx(found.reason_ratio)) if isinstance(found.reason, str) else None


def test_who_brings_more_than_it_costs_has_none():
    assert why({}) is None
    assert why({"tickets_a_year": 40}) is None  # as long as it pays for them


def test_many_tickets_a_machine():
    mean = (4 * 50 + 40) / (2 * 51)
    assert why({"tickets_a_year": 40, "ticket_cost": 10_000}) == ("many_tickets", 20 / mean)


def test_tickets_and_prices_are_compared_a_machine_among_those_who_have_one():
    mean = (4 * 50 + 40) / (2 * 51)
    without = {"machines": 0, "tickets_a_year": 400, "contract_price": 9_000}
    found = why({"tickets_a_year": 40, "ticket_cost": 10_000}, others=[without] * 20)
    assert found == ("many_tickets", 20 / mean)


def test_dear_tickets():
    mean = (200 * 100 + 4 * 500) / 204
    assert why({"cost_of_ticket": 500, "ticket_cost": 5_000}) == ("dear_tickets", 500 / mean)


def test_a_cheap_contract():
    mean = (50 * 60 + 6) / (2 * 51)
    assert why({"contract_price": 6, "current": 200}) == ("low_price", 3 / mean)


def test_discounts_of_who_buys():
    assert why({"price_level": 0.7, "current": 0, "purchases": 500}) == ("low_margin", 0.7)
    assert (
        why({"price_level": 0.7, "current": 500}) is None
    )  # who buys nothing gets no discount, and nothing else is odd


def test_what_is_farthest_off_is_the_reason():
    found = why({"tickets_a_year": 8, "contract_price": 6, "current": 250, "ticket_cost": 2_000})
    assert found[0] == "low_price"


def test_hardly_any_income_is_a_reason_of_its_own():
    assert why({"current": 0, "tickets_a_year": 40, "ticket_cost": 10_000}) == ("no_income", 0)
    assert why({"current": 500, "ticket_cost": 10_000, "tickets_a_year": 40}) == ("no_income", 0.05)
    assert why({"current": -500, "ticket_cost": 1_000}) == (
        "no_income",
        0,
    )  # goods sold below cost are no income


def test_a_customer_without_machines_or_contract_is_judged_by_what_it_has():
    odd = {"held": False, "machines": 0, "contract_price": 0, "cost_of_ticket": 900, "ticket_cost": 9_000}
    assert why(odd)[0] == "dear_tickets"


def test_nobody_loses_where_nobody_is():
    assert reasons(said({"A": USUAL}).customers.iloc[:0]).empty


def test_where_nothing_can_be_compared_no_reason_is_given():
    """Goods sold below cost in a company without machines, contracts and tickets."""
    assert reasons(said({"A": {"purchases": -50}, "B": {"purchases": 10}}).customers).reason.isna().all()
