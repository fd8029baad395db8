"""Customer equity: all customers together by part, what it would be otherwise, and who brings the profit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, chances, said, settings, tables, term

from crmlab.tables import conform
from crmlab.value.equity import (
    concentration,
    equity,
    pareto,
    renewals,
    sensitivities,
    total,
)
from crmlab.value.outputs import EQUITY, PARTS, SENSITIVITIES
from crmlab.value.to_come.forecast import Z, prospects

TWO = {
    "A": {
        "current": 1000,
        "purchases": 500,
        "ticket_cost": 300,
        "sd_purchases": 30,
        "sd_ticket_cost": 30,
        "sd_to_come": 30,
    },
    "B": {"current": 200, "purchases": 0, "ticket_cost": 900, "sd_ticket_cost": 40, "sd_to_come": 40},
}


def test_chance_averages_out_and_what_all_share_does_not():
    alone = total(said(TWO), 0.0)
    assert alone.expected == 500
    assert alone.high - alone.expected == pytest.approx(Z * 50)
    shared = total(said(TWO, common=dict.fromkeys(PARTS, 0.0) | {"purchases": 0.24}), 0.0)
    assert shared.high - shared.expected == pytest.approx(Z * np.hypot(50, 0.24 * 500))


def test_misses_of_earlier_days_widen_the_limits_of_all():
    wide = total(said(TWO), 0.1)  # of gross flows: 1,200 + 500 + 1,200
    assert wide.expected - wide.low == pytest.approx(Z * np.hypot(50, 290))


def test_costs_are_negative_in_equity_and_the_parts_add_up():
    table = equity(said(TWO), 0.0).set_index("part")
    conform(table.reset_index(), EQUITY)
    assert table.expected[["current", "purchases", "ticket_cost", "to_come"]].tolist() == [
        1200,
        500,
        -1200,
        500,
    ]
    assert table.expected[list(PARTS)].sum() == table.expected["to_come"]
    cost = table.loc["ticket_cost"]
    assert (cost.low, cost.high) == (round(-1200 - Z * 50), round(-1200 + Z * 50))
    assert table.customers[["purchases", "ticket_cost"]].tolist() == [1, 2]


@pytest.fixture(scope="module")
def ahead():
    """Three contracts of 100 a month, one of which ends in half a year and the others in a year and a half; 60 % of a price is margin."""
    ends = {"A": "2027-04-30", "B": "2028-04-30", "C": "2028-04-30"}
    contracts = [term(c, pd.Timestamp(e) - pd.Timedelta(days=730), e, 2_400_00) for c, e in ends.items()]
    tickets = [
        {"customer_id": "A", "ticket_id": f"T{n}", "reported_at": AS_OF - pd.Timedelta(days=180 * n + 9)}
        | {"closed_at": AS_OF - pd.Timedelta(days=180 * n + 8)}
        for n in range(6)
    ]
    visits = [
        {"ticket_id": f"T{n}", "visit_no": 1, "arrived_at": t["reported_at"]} for n, t in enumerate(tickets)
    ]
    clean = tables(contracts=contracts, tickets=tickets, visits=visits)
    said_of = chances(clean, p_renew=0.8)
    return prospects(books(clean, margin=settings().margin | {"contract": 0.6}), said_of, buying(), AS_OF, 24)


def test_what_equity_would_be_if_one_thing_were_different(ahead):
    table = sensitivities(ahead, 0.1)
    conform(table, SENSITIVITIES)
    change = table.set_index("what").change
    stated = ahead.valued(0.1).customers
    assert (table.to_come - table.change - stated.to_come.sum()).abs().max() <= 1
    assert change["cost_minus_10"] == pytest.approx(0.1 * stated.cost_to_come.sum(), abs=1)
    # One point of the renewals, which come at 80 % now, less what the calls of that customer cost then.
    assert change["renewal_plus_1"] == pytest.approx(stated.renewals.sum() / 80, rel=0.3)
    assert change["discount_plus_1"] < 0 < change["discount_minus_1"]
    assert -change["discount_plus_1"] == pytest.approx(
        0.01 / 1.1 * stated.to_come.sum(), rel=0.3
    )  # a year away


def test_chances_stay_chances(ahead):
    sure = ahead.with_more_renewals(0.5).valued(0.0).customers
    told = ahead.valued(0.0).customers
    assert sure.renewals[["B", "C"]].tolist() == pytest.approx((told.renewals[["B", "C"]] / 0.8).tolist())
    assert (sure.current == told.current).all()


def test_a_renewal_is_worth_what_ends_with_the_contract(ahead):
    """Only A's contract ends within a year: eighteen months at 60 of margin, the last six by the renewal after it at .8, less calls."""
    found = renewals(ahead, 0.0)
    a = ahead.valued(0.0).customers.loc["A"]
    months = 24 - 181 / (365.25 / 12)
    earns = 60_00 * (12 + 0.8 * (months - 12))
    calls = a.tickets_a_year * a.cost_of_ticket * (12 + 0.8 * (months - 12)) / 12
    calls *= 0.75  # a quarter calls on without a contract
    assert (found.worth.n, found.worth.error) == (1, 0.0)
    assert found.worth.money == pytest.approx(earns - calls, rel=0.02)
    assert found.at_stake["A"] == pytest.approx(0.2 * found.worth.money, rel=0.01)


def test_without_contracts_nothing_hangs_on_a_renewal(ahead):
    found = renewals(replace(ahead, chances=ahead.chances.iloc[:0]), 0.1)
    assert found.worth is None
    assert found.at_stake.isna().all()


def test_the_best_customers_bring_most_of_the_profit():
    profit = pd.Series([600, 200, 100, 60, 40], dtype="Int64")
    curve = pareto(profit, points=5).set_index("share_customers").share_profit
    assert curve.tolist() == pytest.approx([0, 0.6, 0.8, 0.9, 0.96, 1])
    assert concentration(profit) == {"top_fifth_profit": 0.6, "share_for_80": 0.4}


def test_losses_of_some_mean_that_others_bring_more_than_all():
    profit = pd.Series([100, 50, -50], dtype="Int64")
    curve = pareto(profit, points=3).share_profit
    assert curve.tolist() == pytest.approx([0, 1, 1.5, 1])
    assert concentration(profit) == {"top_fifth_profit": 1.0, "share_for_80": pytest.approx(1 / 3)}


@pytest.mark.parametrize("profit", [[], [0, 0], [-5, 3]])
def test_without_a_profit_nobody_has_a_share_of_it(profit):
    assert pareto(pd.Series(profit, dtype="Int64")).empty
    assert set(concentration(pd.Series(profit, dtype="Int64")).values()) == {None}
