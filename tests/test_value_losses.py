"""Why a customer costs more than it brings."""

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, chances, said, tables, term

from crmlab.value.losses import MIN_LEVEL, at_mean_price, reasons
from crmlab.value.to_come.forecast import prospects

USUAL = {
    "held": True,
    "machines": 2,
    "tickets_a_year": 4,
    "cost_of_ticket": 100,
    "contract_price": 60,
    "price_level": 1.0,
    "current": 900,
    "renewals": 600,
    "ticket_cost": 1000,
}
NO_CONTRACT = {"held": False, "contract_price": 0, "current": 0, "renewals": 0}


def why(odd, n=50, others=(), levels=None, at_mean=0.0):
    """Reason, ratio and money of one customer X among n usual ones and others, who all have none."""
    usual = {f"C{k}": USUAL for k in range(n)} | {f"O{k}": USUAL | other for k, other in enumerate(others)}
    told = said(usual | {"X": USUAL | odd}).customers
    more = pd.Series(0.0, told.index)
    more["X"] = at_mean
    found = reasons(told, pd.Series(levels, dtype=object).reindex(told.index), more)
    assert found.drop("X").reason.isna().all()
    assert (found.reason.isna() == found.reason_money.isna()).all()
    x = found.loc["X"]
    return (x.reason, pytest.approx(x.reason_ratio, nan_ok=True), x.reason_money) if x.notna().any() else None


def test_who_brings_more_than_it_costs_has_none():
    assert why({}) is None
    assert why({"tickets_a_year": 40}) is None  # as long as it pays for them


def test_many_tickets_a_machine_cost_what_those_above_the_mean_cost():
    mean = (4 * 50 + 40) / (2 * 51)
    money = round(10_000 * (1 - mean / 20))
    assert why({"tickets_a_year": 40, "ticket_cost": 10_000}) == ("many_tickets", 20 / mean, money)


def test_paid_repairs_would_go_with_the_tickets():
    mean = (4 * 50 + 40) / (2 * 51)
    found = why({"tickets_a_year": 40, "ticket_cost": 10_000, "paid_repairs": 2_000})
    assert found[2] == round(8_000 * (1 - mean / 20))


def test_tickets_and_prices_are_compared_a_machine_among_those_who_have_one_and_are_there():
    mean = (4 * 50 + 40) / (2 * 51)
    without = {"machines": 0, "tickets_a_year": 400, "contract_price": 9_000}
    gone = {"held": False, "left": True, "tickets_a_year": 400, "cost_of_ticket": 9_000}
    odd = {"tickets_a_year": 40, "ticket_cost": 10_000}
    assert why(odd, others=[without, gone] * 20)[:2] == ("many_tickets", 20 / mean)


def test_dear_tickets():
    mean = (200 * 100 + 4 * 500) / 204
    money = round(5_000 * (1 - mean / 500))
    assert why({"cost_of_ticket": 500, "ticket_cost": 5_000}) == ("dear_tickets", 500 / mean, money)


def test_a_cheap_contract_would_bring_more_at_the_mean_price():
    mean = (50 * 60 + 6) / (2 * 51)
    odd = {"contract_price": 6, "current": 100, "renewals": 50}
    assert why(odd) == ("low_price", 3 / mean, round(150 * (mean / 3 - 1)))


def test_prices_are_compared_among_customers_of_the_same_level():
    """X pays half of what most pay, and what its own level does: it costs more than it brings because it calls a bit more often."""
    cheap = [{"contract_price": 30}] * MIN_LEVEL
    odd = {"contract_price": 30, "current": 300, "renewals": 200, "tickets_a_year": 5}
    levels = {f"C{k}": "7*24*4" for k in range(50)} | {f"O{k}": "5*9" for k in range(MIN_LEVEL)}
    assert why(odd, others=cheap, levels=levels | {"X": "5*9"})[0] == "many_tickets"
    few = levels | {f"O{k}": None for k in range(5)}
    mean = (50 * 60 + 31 * 30) / (2 * 81)
    of_all = ("low_price", 15 / mean, round(500 * (mean / 15 - 1)))
    assert why(odd, others=cheap, levels=few | {"X": "5*9"}) == of_all
    assert why(odd, others=cheap, levels=levels) == of_all  # the level of X is not known


def test_a_contract_whose_price_nobody_noted_is_neither_cheap_nor_in_the_mean():
    unknown = [{"contract_price": 0}] * 50
    mean = (50 * 60 + 6) / (2 * 51)
    odd = {"contract_price": 6, "current": 100, "renewals": 50}
    assert why(odd, others=unknown)[1] == 3 / mean
    assert why({"contract_price": 0, "current": 0, "renewals": 0})[0] == "no_income"


def test_discounts_cost_what_would_come_at_the_mean_price():
    odd = {"price_level": 0.7, "current": 0, "renewals": 0, "purchases": 500}
    assert why(odd, at_mean=300.4) == ("low_margin", 0.7, 300)
    assert why(odd | {"price_level": 1.1}, at_mean=300) is None


def test_the_reason_is_what_costs_most_not_what_is_farthest_off():
    """Its contract is at a tenth of the mean and costs little; its tickets are half as many again and cost much."""
    odd = {"contract_price": 6, "current": 10, "renewals": 10, "tickets_a_year": 6, "ticket_cost": 6_000}
    reason, ratio, money = why(odd)
    assert (reason, money > 1_900) == ("many_tickets", True)
    assert ratio == pytest.approx(1.5, rel=0.02)


def test_machines_without_a_contract_cost_what_their_repairs_do_not_bring():
    odd = NO_CONTRACT | {"ticket_cost": 3_000, "paid_repairs": 800, "tickets_a_year": 8}
    assert why(odd) == ("no_contract", np.nan, 2_200)
    assert why(odd | {"left": True})[0] == "many_tickets"
    assert (
        why(odd | {"machines": 0}) is None
    )  # it brings a quarter of its cost, and its tickets are like others


def test_paid_repairs_that_bring_more_than_they_cost_are_no_reason():
    odd = NO_CONTRACT | {"tickets_a_year": 40, "ticket_cost": 1_000, "paid_repairs": 1_200, "care_cost": 500}
    assert why(odd) is None


def test_hardly_any_income_is_the_reason_where_nothing_else_is():
    odd = NO_CONTRACT | {"machines": 0, "purchases": 50}
    assert why(odd) == ("no_income", 0.05, 950)
    assert why(odd | {"purchases": -500}) == ("no_income", 0, 1_500)  # goods sold below cost are no income
    assert why(odd | {"purchases": 150}) is None
    assert why(odd | {"cost_of_ticket": 900, "ticket_cost": 9_000})[0] == "dear_tickets"


def test_nobody_loses_where_nobody_is():
    nobody = said({"A": USUAL}).customers.iloc[:0]
    assert reasons(nobody, pd.Series(dtype=object), pd.Series(dtype=float)).empty


def test_where_nothing_can_be_compared_no_reason_is_given():
    """Goods sold below cost in a company without machines, contracts and tickets."""
    told = said({"A": {"purchases": -50}, "B": {"purchases": 10}}).customers
    found = reasons(told, pd.Series(dtype=object), pd.Series(0.0, told.index))
    assert found.isna().all(axis=None)


def test_the_same_goods_at_the_mean_price():
    """A pays 80 % of the list price of 100 and B all of it; both cost 60, and each buys once a month."""
    months = pd.date_range("2024-11-05", AS_OF, freq="MS") + pd.Timedelta(days=4)
    lines = [
        {"customer_id": c, "sold_at": m, "amount": paid, "cost": 60_00, "qty": 1.0}
        | {"product_id": "P", "line_kind": "product"}
        for c, paid in (("A", 80_00), ("B", 100_00))
        for m in months
    ]
    clean = tables(
        customers=[{"customer_id": c, "created_at": months[0]} for c in "AB"],
        contracts=[term(c, "2026-01-01", "2027-12-31", signed_at=pd.Timestamp("2026-01-01")) for c in "AB"],
        products=[{"product_id": "P", "list_price": 100_00}],
        sales=lines,
    )
    ahead = prospects(books(clean), chances(clean), buying(), AS_OF, 24)
    told = ahead.valued(0.1)
    more = at_mean_price(ahead, told, 0.1)
    stated, level = told.customers.purchases, ahead.facts.price_level
    assert level["A"] == pytest.approx(8 / 9, rel=0.01)
    assert more["A"] > 0 > more["B"]
    # At 90 of which a third is margin, not at 80 of which a quarter is.
    assert (stated + more)["A"] / stated["A"] == pytest.approx(30 / 20, rel=0.05)
