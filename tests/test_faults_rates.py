"""Failures per machine-year: what counts, for how long, and how far to trust it."""

import numpy as np
import pandas as pd
import pytest
from desk import KEYWORDS, caused, customers, machines, tickets, used
from simulated_company import chunk, typed

from crmlab.faults.failures.installed_base import in_service
from crmlab.faults.failures.outputs import FAILING_PARTS, RATES
from crmlab.faults.failures.poisson import garwood, shrunk
from crmlab.faults.failures.rates import failure_rates
from crmlab.files import CrmlabError
from crmlab.sample.world import DAYS, YEAR
from crmlab.tables import empty

TWO = machines(
    ("a", "7979-01", "C1", "2020-01-01", None),
    ("b", "8840-01", "C2", "2024-07-01", "2025-06-30"),
)
CALLS = tickets(
    ("2024-01-01 08:00", "a", "7979-01", "C1", "disk light"),
    ("2024-09-01 09:00", "b", "8840-01", "C2", "no display"),
    ("2025-03-01 10:00", "a", "7979-01", "C1", "disk light"),
)
NOBODY = customers()


def rates(calls=CALLS, parts=None, causes=None, park=TWO, people=NOBODY, **more):
    parts = used("disk", "board", "disk") if parts is None else parts
    causes = caused("disk", "board", "disk") if causes is None else causes
    return failure_rates(calls, parts, causes, park, people, **{**KEYWORDS, **more})


def cell(found, part, family):
    return found[0]["rates"].set_index(["part", "machine_family"]).loc[(part, family)]


def test_failures_are_counted_per_year_in_service():
    found = rates()
    disk = cell(found, "disk", "7979")
    assert (disk["n"], disk["machine_years"]) == (2, pytest.approx(731 / 365.25))  # the record begins in 2024
    assert disk["rate"] == pytest.approx(2 / (731 / 365.25))
    assert cell(found, "board", "8840")["machine_years"] == pytest.approx(365 / 365.25)  # till it was retired
    assert found[1] == []


def test_a_part_that_never_failed_in_a_family_has_a_rate_of_zero_with_an_upper_limit():
    none = cell(rates(), "disk", "8840")
    assert (none["n"], none["low"]) == (0, 0)
    assert none["high"] == pytest.approx(3.689 / (365 / 365.25), rel=1e-3)
    assert 0 < none["shrunk"] < none["high"]


def test_a_machine_counts_from_the_first_contact_with_its_customer():
    met = rates(people=customers(C1="2025-01-01"))
    # but the ticket of January 2024 says that C1 was a customer by then
    assert cell(met, "disk", "7979")["machine_years"] == pytest.approx(731 / 365.25)
    later = rates(calls=CALLS.tail(2), people=customers(C1="2025-01-01", C2="2024-07-01"))
    assert cell(later, "disk", "7979")["machine_years"] == pytest.approx(365 / 365.25)


def test_sites_of_one_customer_that_report_one_event_count_once_and_two_customers_twice():
    park = machines(
        ("a", "7979-01", "C1", "2020-01-01", None),
        ("b", "7979-01", "C1", "2020-01-01", None),
        ("c", "7979-01", "C2", "2020-01-01", None),
    )
    said = [
        ("2025-03-01", serial, "7979-01", who, "disk light")
        for serial, who in zip("abc", ("C1", "C1", "C2"), strict=True)
    ]
    found = rates(tickets(*said), used(*["disk"] * 3), caused(*["disk"] * 3), park)
    assert cell(found, "disk", "7979")["n"] == 2


def test_a_part_used_twice_on_a_ticket_counts_once_and_one_only_carried_not_at_all():
    parts = pd.concat([used("disk", None, "disk"), used("disk")], ignore_index=True)
    found = rates(parts=parts)
    assert list(found[0]["rates"]["part"].unique()) == ["disk"]
    assert cell(found, "disk", "7979")["n"] == 2


def test_only_the_last_years_count_when_asked():
    found = rates(years=1)
    assert cell(found, "disk", "7979")[["n", "machine_years"]].tolist() == [1, pytest.approx(365 / 365.25)]
    assert "board" not in set(found[0]["rates"]["part"])  # failed before
    with pytest.raises(CrmlabError, match="years: 0 is not a positive number"):
        rates(years=0)


def test_years_without_a_failure_have_no_rates():
    found, _ = rates(years=0.1)
    assert found["rates"].empty
    assert found["failing_parts"].empty


def test_machines_that_nobody_registered_count_on_neither_side():
    calls = tickets(
        *CALLS[["reported_at", "serial_no", "machine_model", "customer_id", "symptom"]].to_numpy().tolist(),
        ("2025-05-01", "z", "7979-01", "C1", "smoke"),
    )
    found = rates(calls, used("disk", "board", "disk", "disk"))
    assert cell(found, "disk", "7979")["n"] == 2
    model = found[0]["failing_parts"].set_index(["machine_model", "part"]).loc[("7979-01", "disk")]
    assert (model["n"], model["rate"]) == (3, pytest.approx(2 / (731 / 365.25)))


def test_the_parts_of_a_model_come_most_frequent_first():
    calls = tickets(*[(f"2025-0{k}-01", "a", "7979-01", "C1", f"call {k}") for k in range(1, 7)])
    found = rates(calls, used("disk", "fan", "disk", "fan", "disk", "board"), park=TWO)[0]["failing_parts"]
    assert found["part"].tolist() == ["disk", "fan", "board"]
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["share"].tolist() == pytest.approx([1 / 2, 1 / 3, 1 / 6])


def test_causes_stand_in_for_parts_and_say_so():
    found, lacks = rates(parts=used(None, None, None))
    assert found["rates"]["by_cause"].all()
    assert found["failing_parts"]["by_cause"].all()
    assert ("ticket_parts.qty_used", "failure rates of parts; those of causes stand in") in lacks


@pytest.mark.parametrize(
    ("park", "missing"),
    [
        (TWO.head(0), "machines.installed_at"),
        (TWO.assign(installed_at=pd.NaT), "machines.installed_at"),
    ],
)
def test_without_machine_years_there_are_parts_by_model_but_no_rates(park, missing):
    found, lacks = rates(park=park)
    pd.testing.assert_frame_equal(found["rates"], empty(RATES))
    assert found["failing_parts"]["n"].tolist() == [2, 1]
    assert found["failing_parts"][["machine_years", "rate", "low", "high"]].isna().all(axis=None)
    assert [what for what, _ in lacks] == [missing]


def test_without_serial_numbers_tickets_count_by_the_model_they_name():
    found = rates(CALLS.assign(serial_no=pd.Series(pd.NA, CALLS.index, dtype="string")))
    assert cell(found, "disk", "7979")["n"] == 2


def test_one_family_alone_keeps_its_own_rate():
    found = rates(CALLS.iloc[[0, 2]], park=TWO.head(1))
    assert cell(found, "disk", "7979")["shrunk"] == cell(found, "disk", "7979")["rate"]


def test_one_month_of_data_gives_wide_intervals():
    found = cell(rates(CALLS.head(1), as_of=pd.Timestamp("2024-01-31")), "disk", "7979")
    assert found["high"] / found["low"] > 100


def test_without_tickets_both_tables_are_empty_and_say_why():
    found, lacks = rates(CALLS.head(0), used(), caused())
    pd.testing.assert_frame_equal(found["rates"], empty(RATES))
    pd.testing.assert_frame_equal(found["failing_parts"], empty(FAILING_PARTS))
    assert lacks == [("tickets.cause_actual", "failure rates per machine-year by part and family")]


def test_the_exact_interval_is_that_of_the_tables():
    low, high = garwood(np.array([0, 1, 10]), np.ones(3))
    assert low == pytest.approx([0, 0.0253, 4.795], abs=1e-3)
    assert high == pytest.approx([3.689, 5.572, 18.390], abs=1e-3)
    assert np.isnan(garwood(0, 0)).all()


def test_shrunk_rates_are_nearer_the_truth_than_the_counts_alone():
    draw = np.random.default_rng(5)
    truth, years = draw.gamma(4, 0.05, 400), draw.uniform(2, 60, 400)
    n = pd.Series(draw.poisson(truth * years))
    one = pd.Series("disk", n.index)
    error = ((shrunk(n, pd.Series(years), one) - truth) ** 2).mean()
    assert error < 0.75 * ((n / years - truth) ** 2).mean()


def test_families_that_differ_by_chance_only_share_one_rate():
    n, years = pd.Series([10, 12, 8]), pd.Series([100.0, 100.0, 100.0])
    assert shrunk(n, years, pd.Series("disk", n.index)).tolist() == pytest.approx([0.1] * 3)


@pytest.mark.slow
def test_the_years_in_service_of_the_simulated_company_are_the_true_ones():
    made, park = typed(), chunk(0).machines
    base = in_service(made["machines"], made["tickets"], made["customers"], pd.Timestamp("2026-10-31"))
    base = base[base["serial_no"].isin(park["serial_no"])]
    counted = (base["until"] - base["since"]).dt.days.sum() / YEAR
    true = (park["retired"].clip(upper=DAYS) - park["since"].clip(lower=0)).clip(lower=0).sum() / YEAR
    assert counted == pytest.approx(true, rel=0.005)


def test_rows_have_one_key_each_and_are_sorted_by_it():
    made = typed()
    names = ("tickets", "ticket_parts", "ticket_causes", "machines", "customers")
    found, lacks = failure_rates(*(made[n] for n in names), as_of=pd.Timestamp("2026-10-31"), incident_days=3)
    for table in (RATES, FAILING_PARTS):
        keys = pd.MultiIndex.from_frame(found[table.name][list(table.key)])
        assert keys.is_unique
        assert keys.is_monotonic_increasing
    assert lacks == []
    disk = found["rates"][found["rates"]["part"] == "硬盘"]
    assert ((disk["low"] <= disk["rate"]) & (disk["rate"] <= disk["high"])).all()
