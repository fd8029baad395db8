"""Machines that will be replaced: how soon by age and end of support, how many are, and what one brings."""

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, no_chances, tables

from crmlab.value.to_come.forecast import forecast
from crmlab.value.to_come.known import known
from crmlab.value.to_come.park import OLDEST, YEAR, Park, watched
from crmlab.value.to_come.replacements import (
    PLAIN_SPREAD,
    Rates,
    expected_replacements,
    followed,
    margin_of_one,
    replacement_rates,
    rising,
)

AGES = OLDEST + 1
FLAT = np.full(AGES, 0.1)


def rates(before=FLAT, after=FLAT, young=FLAT):
    return Rates(np.array([before, after]), young, 50)


def replaced(told, age=3.0, support=np.nan, years=3):
    """Replacements expected of one machine by year."""
    return expected_replacements(told, np.array([age]), np.array([support]), years)[0]


# How soon


def test_a_machine_is_replaced_at_its_rate_and_what_replaces_it_too():
    once = 1 - np.exp(-0.1)
    first, second = replaced(rates(young=np.zeros(AGES)), years=2)
    assert (first, second) == pytest.approx((once, (1 - once) * once))
    again = replaced(rates(), years=2)
    assert again[0] == pytest.approx(once * 1.05)  # on average half a year at a tenth a year
    assert again[1] == pytest.approx((1 - once) * once * 1.05 + once * 1.05 * 0.1, rel=0.01)


def test_a_machine_past_the_end_of_its_support_is_replaced_sooner():
    told = rates(after=np.full(AGES, 0.5))
    supported, ended, ends_in_a_year, unknown = (replaced(told, support=s) for s in (9.0, -1.0, 1.0, np.nan))
    assert ended[0] > 3 * supported[0]
    assert ends_in_a_year[0] == pytest.approx(supported[0])
    assert ends_in_a_year[1] > 3 * supported[1]
    assert unknown == pytest.approx(supported)


def test_support_that_ends_in_the_middle_of_a_year_counts_for_half_of_it():
    told = rates(before=np.zeros(AGES), after=FLAT, young=np.zeros(AGES))
    assert replaced(told, support=0.5, years=1)[0] == pytest.approx(1 - np.exp(-0.05))


def test_old_machines_are_replaced_sooner():
    told = rates(before=np.linspace(0, 0.6, AGES))
    assert replaced(told, age=9.0)[0] > replaced(told, age=2.0)[0]
    assert replaced(told, age=40.0)[0] == pytest.approx(replaced(told, age=12.0)[0])


# Rates


def park(n=6000, seed=1, hazard=lambda age, ended: 0.05 + 0.25 * ended):
    """Machines of one customer that retire by a hazard, watched for three years; support ends after six."""
    rng = np.random.default_rng(seed)
    installed = AS_OF - pd.to_timedelta(rng.integers(30, 3600, n), unit="D")
    support = installed + pd.Timedelta(days=6 * 365)
    retired = np.full(n, np.nan)
    for month in range(160):
        age = (month + 0.5) / 12
        goes = np.isnan(retired) & (rng.random(n) < hazard(age, age > 6) / 12)
        retired[goes] = age
    gone = installed + pd.to_timedelta(pd.Series(retired * 365.25).round(), unit="D")
    machines = pd.DataFrame(
        {
            "installed": installed,
            "since": installed,
            "retired": gone.where(gone <= AS_OF),
            "support_end": support,
        }
    )
    machines = machines.assign(customer=0, left=pd.NaT, list_price=np.nan)
    since = AS_OF - pd.Timedelta(days=3 * 365)
    # Who had retired before was never watched.
    machines = machines[~(machines.retired <= since)].reset_index(drop=True)
    return Park(machines, watched(machines, since, AS_OF), 1), known(books(tables()), AS_OF)


def test_the_rates_of_retirement_are_recovered():
    told = replacement_rates(*park())
    before, after = told.by_support[0], told.by_support[1]
    assert before[:6] == pytest.approx([0.05] * 6, abs=0.03)
    assert after[6:9] == pytest.approx([0.30] * 3, abs=0.06)
    assert told.events > 100


def test_rates_rise_with_age_as_they_do():
    told = replacement_rates(*park(hazard=lambda age, ended: 0.02 * age))
    assert told.young[[1, 4, 8]] == pytest.approx([0.03, 0.09, 0.17], abs=0.04)


def test_rates_never_fall_and_empty_ages_take_their_neighbours():
    assert rising(pd.Series([3, 0, 2, 0]), pd.Series([10.0, 0.0, 5.0, 0.0])).tolist() == [
        0.3,
        0.3 + 0.05,
        0.4,
        0.4,
    ]
    assert rising(pd.Series([4, 0]), pd.Series([10.0, 10.0])).tolist() == [0.2, 0.2]
    assert rising(pd.Series([0, 0]), pd.Series([0.0, 0.0])).tolist() == [0, 0]


def test_before_any_support_ended_both_rates_are_one():
    machines, k = park(n=300)
    machines.machines["support_end"] = pd.NaT
    cells = watched(machines.machines, k.since, AS_OF)
    told = replacement_rates(Park(machines.machines, cells, 1), k)
    assert (told.by_support[0] == told.by_support[1]).all()


def test_machine_years_are_counted_by_age_and_support():
    """Installed 500 days ago, support ended 100 days ago, watched for a year up to the day."""
    ago = {name: AS_OF - pd.Timedelta(days=d) for name, d in {"installed": 500, "support_end": 100}.items()}
    machine = pd.DataFrame([{**ago, "since": ago["installed"], "retired": pd.NaT, "left": pd.NaT}])
    found = watched(machine, AS_OF - pd.Timedelta(days=365), AS_OF)
    days = (found.years * YEAR).round().astype(int)
    # A year old 135 days ago.
    assert list(zip(found.age, found.ended, days, strict=True)) == [(0, 0, 229), (1, 0, 35), (1, 1, 101)]
    retired = machine.assign(retired=AS_OF - pd.Timedelta(days=200))
    assert watched(retired, AS_OF - pd.Timedelta(days=365), AS_OF).years.sum() * YEAR == pytest.approx(
        364 - 200
    )


# What one brings


def sold(qty=10.0, margin=10_000, list_value=50_000.0, ratios=(0.2,) * 10):
    ratios = np.array(ratios)
    sums = {"ratios": ratios.sum(), "squares": (ratios**2).sum(), "n": len(ratios)}
    return pd.Series({"margin": margin, "qty": qty, "list_value": list_value, **sums})


def lists(*prices):
    return pd.DataFrame({"list_price": pd.array(prices, dtype="Float64")})


def test_a_machine_brings_the_mean_margin_in_proportion_to_the_list_price_of_the_old_one():
    worth, spread = margin_of_one(sold(), lists(5_000, 10_000, None), lists(5_000, 5_000))
    assert worth.tolist() == [1_000, 2_000, 1_500]
    assert spread == pytest.approx(0)


def test_without_list_prices_every_machine_brings_the_mean():
    for now, retired in ((lists(5_000, 10_000), lists()), (lists(None, None), lists(5_000, None))):
        assert margin_of_one(sold(), now, retired)[0].tolist() == [1_000, 1_000]


def test_a_company_that_sells_no_machines_earns_nothing_from_them():
    worth, spread = margin_of_one(sold(0.0, 0, 0.0, ()), lists(5_000), lists(5_000))
    assert (worth.tolist(), spread) == ([0], PLAIN_SPREAD)


def test_margins_vary_as_their_share_of_the_list_price_does():
    assert margin_of_one(sold(ratios=(0.1, 0.3) * 5), lists(5_000), lists(5_000))[1] == pytest.approx(0.25)


def test_a_machine_counts_as_replaced_where_another_came_within_two_months():
    def at(*days_ago):
        return [AS_OF - pd.Timedelta(days=d) for d in days_ago]

    retired = pd.DataFrame({"customer": [0, 0, 1], "retired": at(100, 500, 100)})
    machines = pd.DataFrame({"customer": [0, 0, 2], "installed": at(1000, 41, 100)})
    assert followed(retired, machines) == pytest.approx(1 / 3)
    assert followed(retired.iloc[:0], machines) == 1


# All of it


def served(customer, n, age, **cells):
    """Machines installed so many years ago."""
    at = AS_OF - pd.Timedelta(days=round(age * YEAR))
    return [
        {
            "serial_no": f"{customer}{k}",
            "customer_id": customer,
            "machine_model": "M",
            "installed_at": at,
            **cells,
        }
        for k in range(n)
    ]


def company(support="2030-01-01"):
    """A hundred machines of five years of which a tenth retired and was replaced in the last year; one sold for 10,000 at 20 % margin."""
    at = AS_OF - pd.Timedelta(days=180)
    old = [m | {"retired_at": at if n < 10 else None} for n, m in enumerate(served("A", 100, 5.0))]
    new = [m | {"serial_no": f"NEW{n}", "installed_at": at} for n, m in enumerate(served("A", 10, 0.5))]
    sales = [
        {
            "customer_id": "A",
            "sold_at": at,
            "amount": 10_000_00,
            "cost": 8_000_00,
            "product_id": "M",
            "qty": 1.0,
        }
        | {"line_kind": "product"}
        for _ in range(10)
    ]
    products = [{"product_id": "M", "end_of_support_at": pd.Timestamp(support)}]
    return tables(
        customers=[{"customer_id": "A", "created_at": AS_OF - pd.Timedelta(days=2000)}],
        machines=[*old, *new],
        sales=sales,
        products=products,
    )


def test_replacements_bring_as_much_as_machines_retire():
    told = forecast(books(company()), no_chances(), buying(), AS_OF, 12, 0.0).customers
    assert told.machines["A"] == 100
    # Ninety old machines, of which about one in ten retires within the year; each brings 2,000.
    assert told.replacements["A"] == pytest.approx(9 * 2_000_00, rel=0.3)
    assert told.purchases["A"] == 0


def test_nothing_known_of_a_machine_later_is_used():
    """The same a year ago: all hundred machines stand, and none had ever retired."""
    told = forecast(
        books(company()), no_chances(), buying(), AS_OF - pd.Timedelta(days=365), 12, 0.0
    ).customers
    assert told.machines["A"] == 100
    assert told.replacements["A"] == 0
