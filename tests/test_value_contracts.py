"""Contracts to come: what is signed, what is renewed by chance, and what the renewals of the last years say of both."""

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, term, terms

from crmlab.value.to_come.contracts import Habits, contracts, habits

PLAIN = Habits(rise=1.0, years=1.0, rate=0.5, n=100, moved=0.0)
"""Prices stay, terms last a year, half of all are renewed, nobody moves."""
HALF_A_YEAR = term("A", "2026-05-01", "2027-04-30")
"""Ends 181 days after the day: within the sixth month."""


def said(*rows, p=None, told=PLAIN, share=1.0, months=12):
    """Contracts of these terms, K0, K1, …; `p`: chances of those at risk by id."""
    chances = pd.DataFrame({"contract_id": list(p or {}), "p_renew": list((p or {}).values())}, dtype=object)
    return contracts(terms(*rows), chances, told, share, AS_OF, months)


def expected(found):
    """Margin expected of the first customer, signed and renewed together, by month, in yuan."""
    return (found.sure + found.in_force * found.renewed)[0] / 100


def test_a_contract_earns_to_its_end_and_by_the_chance_of_renewal_after_it():
    found = said(HALF_A_YEAR, p={"K0": 0.5})
    assert expected(found) == pytest.approx([100] * 5 + [97.33] + [50] * 6, abs=0.01)
    assert found.in_force[0] == pytest.approx([1] * 6 + [0.5] * 6)
    assert found.price.tolist() == [100_00]


def test_only_the_margin_of_a_price_counts():
    assert expected(said(HALF_A_YEAR, p={"K0": 0.5}, share=0.6))[[0, 11]] == pytest.approx([60, 30])


def test_a_renewal_costs_more_by_the_usual_rise_and_again_at_each_end():
    found = said(HALF_A_YEAR, p={"K0": 1.0}, told=PLAIN._replace(rise=1.1, rate=1.0), months=24)
    assert expected(found)[[0, 11, 23]] == pytest.approx([100, 110, 121])


def test_what_sets_a_contract_apart_fades_with_every_end():
    found = said(HALF_A_YEAR, p={"K0": 0.9}, months=36)
    assert found.in_force[0, [0, 11, 23, 35]] == pytest.approx([1, 0.9, 0.9 * 0.7, 0.9 * 0.7**2])


def test_terms_of_two_years_end_half_as_often():
    found = said(HALF_A_YEAR, p={"K0": 0.5}, told=PLAIN._replace(years=2.0), months=30)
    assert found.in_force[0, [11, 23, 29]] == pytest.approx([0.5, 0.5, 0.5])


def test_a_next_term_that_is_signed_needs_no_luck():
    following = term("A", "2027-05-01", "2028-04-30", 2_400_00, signed_at=pd.Timestamp("2026-10-01"))
    found = said(HALF_A_YEAR, following, p={"K1": 0.5})
    assert expected(found)[[0, 4, 6, 11]] == pytest.approx([100, 100, 200, 200])
    assert found.in_force[0] == pytest.approx(1)


def test_without_a_chance_of_its_own_a_contract_gets_the_usual_rate():
    assert said(HALF_A_YEAR, p={"K0": None}).in_force[0, 11] == 0.5


def test_where_no_rate_is_known_nothing_is_counted_after_the_end():
    found = said(HALF_A_YEAR, p={"K0": None}, told=PLAIN._replace(rate=np.nan, n=0))
    assert expected(found)[[0, 4, 6, 11]].tolist() == [100, 100, 0, 0]


def test_a_contract_in_its_days_of_grace_waits_for_its_renewal_and_one_past_them_is_none():
    late = term("A", "2025-10-10", "2026-10-09")
    assert expected(said(late, p={"K0": 0.5})) == pytest.approx([50] * 12)
    assert said(late).customers.empty


def test_a_contract_at_risk_counts_however_long_the_days_of_grace_are():
    late = term("A", "2025-09-15", "2026-09-14")
    assert expected(said(late, p={"K0": 0.5})) == pytest.approx([50] * 12)


def test_a_contract_whose_price_nobody_noted_is_in_force_all_the_same():
    found = said(HALF_A_YEAR | {"amount": None}, p={"K0": 0.5})
    assert found.customers.tolist() == ["A"]
    assert found.in_force[0, [0, 11]] == pytest.approx([1, 0.5])
    assert expected(found).tolist() == [0] * 12


def test_a_customer_stays_by_the_weight_of_its_contracts():
    dear = term("A", "2026-05-01", "2027-04-30", 3_600_00)
    found = said(HALF_A_YEAR, dear, p={"K0": 0.0, "K1": 1.0})
    assert found.in_force[0, 11] == pytest.approx(0.75)
    assert expected(found)[[0, 11]] == pytest.approx([400, 300])


def test_who_moves_in_the_middle_of_a_term_has_paid_for_it():
    moving = PLAIN._replace(moved=0.12)
    found = said(HALF_A_YEAR, p={"K0": 1.0}, told=moving)
    assert expected(found)[0] == pytest.approx(100)
    # Renewed with everybody who has not moved by its end, half a year from now; in force only while nobody moves.
    assert expected(found)[11] == pytest.approx(100 * np.exp(-0.12 * 181 / 365.25))
    assert found.in_force[0, 11] == pytest.approx(np.exp(-0.12 * 11.5 / 12))


# What renewals were like


def renewed(n, price=1_000_00, next_price=1_030_00, days=364, who="C"):
    """n customers whose term ended half a year ago and was renewed."""
    rows = []
    for k in range(n):
        rows.append(term(f"{who}{k}", "2025-05-01", "2026-04-30", price, outcome="renewed"))
        last = pd.Timestamp("2026-05-01") + pd.Timedelta(days=days)
        rows.append(term(f"{who}{k}", "2026-05-01", last, next_price))
    return rows


def lost(n, **cells):
    return [term(f"L{k}", "2025-05-01", "2026-04-30", outcome="lost", **cells) for k in range(n)]


def test_habits_are_those_of_the_renewals_on_record():
    told = habits(terms(*renewed(30), *lost(10)), AS_OF)
    assert (told.rise, told.years, told.rate, told.n) == (pytest.approx(1.03), 1.0, 0.75, 40)
    assert told.moved == 0


def test_longer_renewals_are_seen():
    assert habits(terms(*renewed(30, days=729, next_price=2_000_00)), AS_OF).years == 2.0


def test_another_size_of_contract_is_no_rise():
    grown = renewed(30, next_price=5_000_00, who="D")
    assert habits(terms(*renewed(30), *grown), AS_OF).rise == pytest.approx(1.03)


def test_a_few_ends_say_nothing():
    told = habits(terms(*renewed(3), *lost(2)), AS_OF)
    assert (told.rise, told.years) == (1.0, 1.0)
    assert np.isnan(told.rate)


def test_moving_is_counted_by_the_year_of_contract_and_is_no_loss():
    told = habits(terms(*renewed(20), *lost(2, end_reason="moved")), AS_OF)
    assert told.rate == 1.0
    assert told.moved == pytest.approx(2 / (22 * 1 + 20 * 0.5), rel=0.01)


def test_no_contracts_no_habits():
    told = habits(terms(), AS_OF)
    assert (told.rise, told.years, told.n, told.moved) == (1.0, 1.0, 0, 0.0)
    found = said()
    assert found.customers.empty
    assert found.in_force.shape == (0, 12)
