"""Who is a customer, and for how long: with a contract, without one but heard of, or gone with the last contract."""

import numpy as np
import pandas as pd
import pytest
from small_company import (
    AS_OF,
    as_known,
    books,
    buying,
    chances,
    company,
    no_chances,
    served_by,
    tables,
    term,
)

from crmlab.value.to_come.contracts import Contracts
from crmlab.value.to_come.forecast import forecast
from crmlab.value.to_come.known import known
from crmlab.value.to_come.standing import HEARD_AGAIN, standing

MONTHS = 12
ENDED = AS_OF - pd.Timedelta(days=500)


def ago(days):
    return AS_OF - pd.Timedelta(days=days)


def called(customer, days_ago):
    return {"customer_id": customer, "reported_at": ago(days_ago)}


def bought(customer, days_ago, **cells):
    return {"customer_id": customer, "sold_at": ago(days_ago), "amount": 100_00, **cells}


def ended(customer, last=ENDED):
    """A contract of a year up to `last`."""
    return term(customer, last - pd.Timedelta(days=364), last)


def stand(held=(), moved=0.0, months=MONTHS, **rows):
    """How everybody stands, and that by customer; those `held` have a contract."""
    n = len(held)
    contracts = Contracts(
        pd.Index(list(held), dtype=object, name="customer_id"),
        np.full((n, months), 0.9),
        *np.zeros((2, n, months)),
        np.zeros(n),
    )
    who = standing(known(books(tables(**rows)), AS_OF), contracts, moved, 30, months)
    return who, pd.DataFrame(
        {
            "held": who.held,
            "left": who.left,
            "ever_held": who.ever_held,
            "is_new": who.is_new,
            "in_force": who.in_force[:, -1],
        },
        index=who.customers,
    )


@pytest.fixture(scope="module")
def one_by_one():
    """Customers of whom each shows one thing, and no contract in force."""
    contracts = ("SILENT", "CALLED", "BOUGHT", "RETURNED", "IN GRACE", "PAST GRACE")
    return stand(
        contracts=[ended(who) for who in contracts],
        sales=[bought("BOUGHT", 100), bought("RETURNED", 100, amount=-100_00, is_return=True)],
        tickets=[
            called("CALLED", 100),
            called("IN GRACE", 470),
            called("PAST GRACE", 469),
            called("NAMED", 700),
        ],
        customers=[
            {"customer_id": who, "created_at": ago(days)}
            for who, days in {"OLD": 900, "YEAR": 365, "NEW": 364}.items()
        ],
        machines=[
            {"serial_no": "N1", "customer_id": "SERVED", "machine_model": "M", "installed_at": ago(900)}
        ],
    )


def test_a_silent_customer_whose_contract_ended_has_left_and_one_who_called_has_not(one_by_one):
    left = one_by_one[1].left
    assert left[["SILENT", "CALLED", "BOUGHT", "RETURNED"]].tolist() == [True, False, False, True]
    # What is heard within the 30 days of grace belongs to the contract.
    assert left[["IN GRACE", "PAST GRACE"]].tolist() == [True, False]


def test_a_customer_without_any_contract_is_there_until_the_company_knows_better(one_by_one):
    others = one_by_one[1].loc[["OLD", "NEW", "NAMED", "SERVED"]]
    assert not others[["held", "left", "ever_held"]].any(axis=None)
    assert (others.in_force == 1).all()
    assert one_by_one[1].drop(index=[*others.index, "YEAR"]).ever_held.all()


def test_of_a_few_former_customers_nothing_is_learnt(one_by_one):
    assert one_by_one[0].heard_again == HEARD_AGAIN


def test_new_is_who_was_first_known_less_than_a_year_ago(one_by_one):
    new = one_by_one[1].is_new
    assert new.index[new].tolist() == ["NEW"]


def test_customers_stay_as_their_contracts_do_and_may_move():
    _, by = stand(held=["A"], moved=0.12, tickets=[called("B", 700)])
    assert by.in_force.to_dict() == pytest.approx({"A": 0.9, "B": np.exp(-0.12 * 11.5 / 12)})


def test_who_left_counts_by_the_share_that_is_heard_of_again_of_those_who_had_a_year_for_it():
    gone, back, late = (
        [f"G{n}" for n in range(15)],
        [f"B{n}" for n in range(10)],
        [f"L{n}" for n in range(30)],
    )
    contracts = [*map(ended, gone + back), *(ended(c, ago(100)) for c in late)]
    who, by = stand(contracts=contracts, tickets=[called(c, 110) for c in back])
    assert who.heard_again == 0.4
    assert by.in_force[gone + late].unique() == pytest.approx([0.4])
    assert (who.gone_at[gone] == ENDED).all()
    assert who.gone_at[back].isna().all()


def test_nobody_is_new_in_a_company_that_is():
    _, by = stand(
        customers=[{"customer_id": "A", "created_at": ago(30)}, {"customer_id": "B"}],
        tickets=[called("B", 20)],
    )
    assert not by.is_new.any()


def test_whoever_falls_silent_among_many_who_do_not_is_less_likely_there():
    """A hundred and fifty customers that call every month; one of them has not for three years."""
    tickets = [called(f"C{n:03d}", d) for n in range(150) for d in range(n % 30, 1200, 30 + n % 7)]
    tickets += [called("S", 1200 - d) for d in range(0, 100, 30)]
    _, by = stand(tickets=tickets)
    assert by.in_force["S"] < 0.2
    assert by.in_force.drop("S").min() > 0.7


def test_a_former_customer_is_worth_nothing_where_none_ever_came_back_and_one_who_called_is_worth_something():
    """Twenty customers left with their contracts, never to be heard of again; the twenty-first called since."""
    gone = [f"G{n:02d}" for n in range(20)]
    clean = tables(
        contracts=[*map(ended, gone), ended("CALLED", ago(300))],
        sales=[
            bought(c, 1000 + 9 * d, product_id="P", line_kind="product")
            for c in [*gone, "CALLED"]
            for d in range(3)
        ],
        tickets=[called("CALLED", 100)],
    )
    told = forecast(books(clean), no_chances(), buying(), AS_OF, 36, 0.1).customers
    assert (told.to_come[gone] == 0).all()
    assert (told.high[gone] == 0).all()
    assert told.left[gone].all()
    assert not told.left["CALLED"]
    assert told.to_come["CALLED"] > 0


# What was known


def test_nothing_dated_later_changes_what_is_said_of_a_day():
    """A third of the company is yet to come, and half of the calls: an export of that evening gives the same values."""
    clean, day = company(customers=30), pd.Timestamp("2024-06-30")
    then = as_known(clean, day)
    assert len(then["customers"]) < len(clean["customers"])
    assert len(then["machines"]) < len(clean["machines"])
    told, told_then = (
        forecast(books(c), chances(c, day), buying(min_repeat_buyers=5), day, 36, 0.1) for c in (clean, then)
    )
    pd.testing.assert_frame_equal(told.customers, told_then.customers)
    pd.testing.assert_series_equal(told.first_seen, told_then.first_seen)
    assert told.common == told_then.common


def test_the_order_of_rows_is_of_no_account():
    clean = company(customers=20)
    mixed = {
        name: frame.sample(frac=1, random_state=4).reset_index(drop=True) for name, frame in clean.items()
    }
    told, other = (
        forecast(books(c), chances(clean), buying(min_repeat_buyers=5), AS_OF, 36, 0.1).customers
        for c in (clean, mixed)
    )
    pd.testing.assert_frame_equal(told, other, rtol=1e-9)


def test_a_machine_is_served_from_the_day_on_which_its_customer_is_known():
    """TYPED IN was entered late, when the desk changed its system: its calls are older than its entry."""
    entered = {"A": 300, "TYPED IN": 100, "LATER": -5}
    machines = {
        "OLD": ("A", 2000),
        "NEW": ("A", 10),
        "NOT YET": ("A", -5),
        "CALLED": ("TYPED IN", 2000),
        "ELSEWHERE": ("LATER", 2000),
        "ALONE": ("NOBODY", 800),
    }
    made = [{"serial_no": n, "customer_id": c, "installed_at": ago(d)} for n, (c, d) in machines.items()]
    made.append({"serial_no": "UNDATED", "customer_id": "A"})
    since = served_by(
        customers=[{"customer_id": c, "created_at": ago(d)} for c, d in entered.items()],
        tickets=[called("TYPED IN", 1500)],
        machines=[{"machine_model": "M", **machine} for machine in made],
    )
    days = {"OLD": 300, "NEW": 10, "CALLED": 1500, "ALONE": 800, "UNDATED": 300}
    assert since == {serial: ago(d) for serial, d in days.items()}
