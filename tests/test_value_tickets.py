"""Tickets to come: how many machines and customers of a kind have, who pays for them, and what one costs."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, no_chances, tables, term

from crmlab.value.to_come.forecast import forecast, prospects
from crmlab.value.to_come.park import OLDEST, YEAR, Park
from crmlab.value.to_come.tickets import cost_of_one, paid_share, shape_of, ticket_rates


def ago(days):
    return AS_OF - pd.Timedelta(days=days)


def machine(serial, customer, age=2.0, **cells):
    """Installed so many years ago."""
    at = ago(round(age * YEAR))
    return {"serial_no": serial, "customer_id": customer, "machine_model": "M", "installed_at": at, **cells}


def call(customer, days_ago, serial=None, billing="contract", n=0, **cells):
    """Closed on the day after; its id is of customer, day and `n`."""
    return {
        "ticket_id": f"{customer}-{days_ago}-{n}",
        "customer_id": customer,
        "serial_no": serial,
        "reported_at": ago(days_ago),
        "closed_at": ago(days_ago - 1),
        "billing": billing,
        **cells,
    }


def every(customer, days, serial=None, since=1090, **cells):
    """A call every so many days."""
    return [call(customer, d, serial, **cells) for d in range(since, 1, -days)]


def known_since(*customers, days=1500):
    return [{"customer_id": c, "created_at": ago(days)} for c in customers]


def told(months=12, discount=0.0, **rows):
    return forecast(books(tables(**rows)), no_chances(), buying(), AS_OF, months, discount).customers


def a_year(**rows):
    """Tickets expected in the next year, by customer."""
    return told(**rows).tickets_a_year


# How many


def test_customers_without_machines_on_file_call_as_before_and_few_calls_are_drawn_to_the_mean():
    customers = [*known_since("OFTEN", "SELDOM", "QUIET"), *known_since("NEW", days=30)]
    calls = a_year(customers=customers, tickets=[*every("OFTEN", 30), *every("SELDOM", 300), call("NEW", 10)])
    assert calls["OFTEN"] == pytest.approx(12.2, rel=0.1)
    assert calls["SELDOM"] == pytest.approx(1.3, rel=0.35)
    assert 0 < calls["QUIET"] < calls["SELDOM"]  # who never called may yet
    assert calls["NEW"] < 10  # a call in a month is not twelve a year


def test_machines_call_by_their_own_record_drawn_to_that_of_all():
    """Thirty machines with a call a year, one of them with ten; four more of one customer, and one that retired."""
    machines = [machine(f"N{n}", f"C{n}", 4.0) for n in range(30)]
    machines += [machine(f"F{n}", "FOUR", 4.0) for n in range(4)]
    machines += [machine("R", "RETIRED", 4.0, retired_at=ago(200))]
    tickets = [t for n in range(1, 30) for t in every(f"C{n}", 365, f"N{n}")] + every("C0", 36, "N0")
    tickets += [t for n in range(4) for t in every("FOUR", 365, f"F{n}", n=n)]
    tickets += [t for t in every("RETIRED", 91, "R") if t["reported_at"] < ago(200)]
    who = [*(f"C{n}" for n in range(30)), "FOUR", "RETIRED"]
    calls = a_year(customers=known_since(*who), machines=machines, tickets=tickets)
    assert 3 < calls["C0"] < 10.1
    assert calls[[f"C{n}" for n in range(1, 30)]].max() < 2
    assert calls["FOUR"] == pytest.approx(4 * calls["C1"], rel=0.05)
    assert calls["RETIRED"] < 0.5
    # The calls of the retired machine are rates of all others, too.
    assert calls.sum() == pytest.approx(10 + 29 + 4, rel=0.15)


def test_the_last_year_says_whether_a_burst_is_over():
    machines = [machine(f"N{n}", f"C{n}", 4.0) for n in range(50)]
    customers = known_since(*(f"C{n}" for n in range(50)))

    def calls(days):
        return [call(f"C{n}", d, f"N{n}") for n in range(50) for d in days]

    burst = a_year(customers=customers, machines=machines, tickets=calls(range(400, 1090, 70))).sum()
    assert burst < 0.8 * 50 * 10 / 3  # ten calls of each in three years, and none in the last one


def park(seed=2, n=3000):
    """Machines of one year of age each, watched for a year; family F breaks twice as often as G, and more with age."""
    rng = np.random.default_rng(seed)
    age, family = rng.integers(0, OLDEST + 1, n), rng.choice(["F", "G"], n)
    truth = (0.5 + 0.1 * age) * np.where(family == "F", 4 / 3, 2 / 3)
    cells = pd.DataFrame({"row": np.arange(n), "age": age, "ended": 0, "years": 1.0})
    calls = pd.DataFrame({"age": age, "family": family, "n": rng.poisson(truth)})
    return Park(pd.DataFrame({"family": family}), cells, 1), calls[calls.n > 0]


def test_rates_by_age_and_family_are_recovered():
    told = ticket_rates(*park())
    ages = np.arange(OLDEST + 1)
    assert told.by_age == pytest.approx(0.5 + 0.1 * ages, rel=0.2)
    assert told.by_family["F"] / told.by_family["G"] == pytest.approx(2, rel=0.1)
    assert told.of(pd.Series(["F", "NEW"]), np.array([3.7, 3.7])).tolist() == pytest.approx(
        [told.by_age[3] * told.by_family["F"], told.by_age[3]]
    )


def test_tickets_that_name_no_machine_raise_all_rates_alike():
    machines, calls = park()
    unnamed = pd.DataFrame({"age": [np.nan], "family": [""], "n": [calls.n.sum()]})
    twice = ticket_rates(machines, pd.concat([calls, unnamed]))
    assert twice.by_age == pytest.approx(2 * ticket_rates(machines, calls).by_age)


def test_how_far_machines_differ_is_recovered():
    rng = np.random.default_rng(1)
    expected = rng.uniform(0.2, 6, 4000)
    assert shape_of(
        rng.poisson(rng.gamma(2, 1 / 2, 4000) * expected).astype(float), expected
    ) == pytest.approx(2, rel=0.15)
    assert shape_of(rng.poisson(expected).astype(float), expected) > 30
    assert shape_of(np.empty(0), np.empty(0)) > 30


# Who pays


def paying():
    """Customers H (with a contract) and N (without); tickets were paid for outside contract and warranty only."""
    covered = term("H", ago(1200), AS_OF + pd.Timedelta(days=700), signed_at=ago(1200))
    tickets = [*every("H", 30, "NH"), *every("N", 30, "NN", billing="paid")]
    machines = [machine("NH", "H", 4.0), machine("NN", "N", 4.0)]
    bills = [
        {
            "customer_id": "N",
            "sold_at": t["closed_at"],
            "amount": 500_00,
            "cost": 100_00,
            "line_kind": "service",
        }
        for t in tickets
        if t["customer_id"] == "N"
    ]
    return {
        "customers": known_since("H", "N"),
        "contracts": [covered],
        "tickets": tickets,
        "machines": machines,
        "sales": bills,
    }


def test_repairs_are_paid_for_by_who_has_no_contract():
    rows = paying()
    found = forecast(
        books(tables(**rows)),
        pd.DataFrame({"contract_id": ["contracts-00000"], "p_renew": [1.0]}),
        buying(),
        AS_OF,
        12,
        0.0,
    )
    paid = found.customers.paid_repairs
    assert paid["H"] == 0
    assert paid["N"] == pytest.approx(found.customers.tickets_a_year["N"] * 400_00, rel=0.02)


def shares(warranty_days=None, held=False, replaced=(0, 0, 0), gone=(0, 0, 0), installed_days_ago=1000):
    """Share of the tickets of one machine that is paid for, by year: four in five without contract and warranty, one in ten with one."""
    cover = pd.DataFrame(
        {
            "in_contract": [0, 0, 1],
            "in_warranty": [False, True, False],
            "n": [100, 50, 100],
            "paid": [80, 0, 10],
        }
    )
    ends = pd.NaT if warranty_days is None else AS_OF + pd.Timedelta(days=warranty_days)
    now = pd.DataFrame({"customer": [0], "warranty_end": [ends], "installed": [ago(installed_days_ago)]})
    k, standing = SimpleNamespace(cover=cover, day=AS_OF), SimpleNamespace(held=np.array([held]))
    return paid_share(k, standing, now, np.array([replaced], float), np.array([gone], float))[0]


def test_who_pays_is_as_it_was_under_contract_and_under_warranty():
    assert shares() == pytest.approx([0.8] * 3)
    assert shares(held=True) == pytest.approx([0.1] * 3)
    assert shares(warranty_days=round(1.5 * YEAR)) == pytest.approx([0, 0.4, 0.8], abs=0.001)
    assert shares(warranty_days=-10) == pytest.approx([0.8] * 3)


def test_what_replaces_a_machine_comes_with_its_warranty():
    """Warranties last two years; the machine is replaced in the first year, in its middle on average."""
    lasts_two = {"warranty_days": round(2 * YEAR) - 1000, "installed_days_ago": 1000}
    assert shares(**lasts_two, replaced=(1, 0, 0), gone=(0.5, 1, 1)) == pytest.approx([0.4, 0, 0.4], abs=0.01)


# What one costs


def spent(*customers):
    """A row per customer of call_costs.sql: tickets, of which covered, trips, parts of covered ones and of others."""
    rows = pd.DataFrame(
        customers, columns=["n", "n_covered", "trips", "parts_covered", "parts_other"], dtype=float
    )
    return rows.assign(
        cost_squared=(rows.trips + rows.parts_covered + rows.parts_other) ** 2 / rows.n.clip(lower=1)
    )


def nobody(n):
    """How customers stand: all of them without a contract."""
    return SimpleNamespace(held=np.zeros(n, dtype=bool), left=np.zeros(n, dtype=bool))


def test_the_trips_of_a_customer_that_lives_far_away_cost_more_than_those_of_one_nobody_has_been_to():
    costs = spent((400, 400, 400 * 100.0, 0, 0), (100, 100, 100 * 300.0, 0, 0), (0, 0, 0, 0, 0))
    cost, spread, n = cost_of_one(costs, nobody(3), np.zeros(3))
    mean = (400 * 100 + 100 * 300) / 500
    assert cost == pytest.approx([100, 300, mean], rel=0.05)
    assert n == 500
    assert spread == pytest.approx((400 * 100**2 + 100 * 300**2) / 500 / mean**2 - 1)


def test_parts_that_a_customer_pays_for_are_its_own():
    costs = spent((500, 500, 0, 500 * 40.0, 0), (500, 0, 0, 0, 0))
    assert cost_of_one(costs, nobody(2), np.array([0.0, 1.0]))[0] == pytest.approx([40, 0])


def test_where_no_ticket_was_closed_a_ticket_costs_nothing_that_anybody_knows():
    cost, spread, n = cost_of_one(spent((0, 0, 0, 0, 0)), nobody(1), np.zeros(1))
    assert (cost.tolist(), spread, n) == ([0], 0, 0)


def test_the_cost_to_come_is_tickets_times_what_one_costs_and_contacts_as_last_year():
    """A visit of 120 and an hour of 90 yuan each time; open tickets have no cost yet and lower no mean. C is written to at 10 yuan."""
    tickets = every("A", 30)
    visits = [
        {"ticket_id": t["ticket_id"], "visit_no": 1, "arrived_at": t["reported_at"], "work_min": 60.0}
        for t in tickets
    ]
    waiting = [call("A", n, n=n, closed_at=None) for n in range(2, 12)]
    contacts = [{"customer_id": "C", "at": ago(d), "cost": 10_00} for d in (400, 300, 200, 100)]
    found = told(
        customers=known_since("A", "C"),
        tickets=tickets + waiting,
        visits=visits,
        interactions=contacts,
        months=24,
    )
    assert found.cost_of_ticket["A"] == pytest.approx(210_00)
    assert found.ticket_cost["A"] == pytest.approx(2 * found.tickets_a_year["A"] * 210_00)
    assert found.to_come["A"] == pytest.approx(-found.ticket_cost["A"])
    assert 0 <= found.cost_low["A"] < found.cost_to_come["A"] < found.cost_high["A"]
    assert found.care_cost["C"] == pytest.approx(2 * 30_00)


def test_no_tickets_no_cost():
    found = told(customers=known_since("A"), machines=[machine("N", "A")])
    assert found.cost_to_come["A"] == found.tickets_a_year["A"] == 0


def test_limits_of_all_know_that_a_mean_of_few_tickets_is_uncertain():
    """Ten tickets, all alike: they tell what one costs and what is reported to a third, and the level of the year is drawn to 100."""
    made = books(tables(customers=known_since("A"), tickets=[call("A", 2 + d, n=d) for d in range(10)]))
    common = prospects(made, no_chances(), buying(), AS_OF, 12).common
    assert common["ticket_cost"] == pytest.approx(np.sqrt(2 / 10 + 1 / 110))
