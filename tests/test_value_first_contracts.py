"""First contracts: how many sign how long after they became customers, and at what price."""

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, no_chances, tables, term

from crmlab.value.to_come.contracts import MONTH, Habits
from crmlab.value.to_come.first_contracts import MIN_SIGNED, MOST_MONTHS, first_contracts, hazard_by_age
from crmlab.value.to_come.forecast import forecast
from crmlab.value.to_come.known import known

KEPT = Habits(rise=1.0, years=1.0, rate=1.0, n=100, moved=0.0)


def young(signed, others, months=12, amount=1_200_00, machines=()):
    """Customers first known `months` ago: some signed three and a half months later, others did not; one has bought for longer."""
    joined = AS_OF - pd.Timedelta(days=round(months * MONTH))
    start = joined + pd.Timedelta(days=round(3.5 * MONTH))
    who = [f"S{n:02d}" for n in range(signed)] + [f"N{n:02d}" for n in range(others)]
    return tables(
        customers=[{"customer_id": c, "created_at": joined} for c in who],
        contracts=[term(c, start, start + pd.Timedelta(days=364), amount) for c in who[:signed]],
        sales=[{"customer_id": "OLD", "sold_at": AS_OF - pd.Timedelta(days=900), "amount": 100}],
        machines=[
            {"serial_no": f"{c}-{k}", "customer_id": c, "machine_model": "M", "installed_at": joined}
            for c, n in machines
            for k in range(n)
        ],
    )


def known_of(clean):
    """What is known where N74 has just come, of the others without a contract."""
    clean["customers"].loc[len(clean["customers"]) - 1, "created_at"] = AS_OF
    return known(books(clean), AS_OF)


@pytest.fixture(scope="module")
def some():
    """Of 100 customers of a year, and an old one, 25 have signed."""
    return known_of(young(signed=25, others=75))


def told(k, who="N74", habits=KEPT, share=1.0, months=12):
    """First contracts of one customer that has none."""
    return first_contracts(k, pd.Index([who]), np.array([True]), habits, share, months)


def test_the_chance_is_that_of_those_who_had_not_signed_at_that_age(some):
    hazard, signed = hazard_by_age(some, some.terms.drop_duplicates("customer_id").set_index("customer_id"))
    assert signed == 25
    assert hazard[3] == 0.25  # N74 has not been at that age
    assert np.delete(hazard, 3).sum() == 0


def test_a_customer_signs_at_the_age_at_which_others_did_and_pays_from_then_on(some):
    found = told(some)
    assert found.chance[0] == 0.25
    assert found.signed[0] == pytest.approx([0] * 3 + [0.25] * 9)
    assert found.income[0] == pytest.approx([0] * 3 + [25_00] * 9)


def test_who_is_past_that_age_signs_no_more(some):
    assert told(some, "N00").chance[0] == 0


def test_first_contracts_end_like_others(some):
    found = told(some, habits=KEPT._replace(rate=0.5), months=24)
    assert found.income[0] == pytest.approx([0] * 3 + [25_00] * 12 + [12_50] * 9)
    assert (found.signed[0, 3:] == 0.25).all()


def test_a_few_first_contracts_promise_none():
    found = told(known_of(young(signed=MIN_SIGNED - 1, others=75)))
    assert found.chance.tolist() == [0]
    assert found.income.sum() == 0


def test_who_has_one_or_has_left_signs_no_first_contract(some):
    found = first_contracts(some, pd.Index(["N74", "S00"]), np.array([False, False]), KEPT, 1.0, 12)
    assert found.signed.sum() == 0


def test_more_machines_cost_more():
    k = known_of(young(25, 75, machines=[(f"S{n:02d}", 2) for n in range(25)] + [("N74", 6)]))
    assert told(k).income[0, -1] == pytest.approx(0.25 * 300_00)  # 50 a machine and month
    assert told(k, share=0.6).income[0, -1] == pytest.approx(0.6 * 0.25 * 300_00)


def test_the_ages_of_old_customers_are_one():
    """A thousand customers sign at a rate that falls after two years; the last age holds all that is later."""
    rng = np.random.default_rng(5)
    joined = AS_OF - pd.to_timedelta(rng.integers(900, 1500, 1000), unit="D")
    waits = np.where(rng.random(1000) < 0.5, rng.exponential(6 * MONTH, 1000), np.inf)
    who = [f"C{n:04d}" for n in range(1000)]
    starts = [
        (c, j + pd.Timedelta(days=int(w))) for c, j, w in zip(who, joined, waits, strict=True) if w < 800
    ]
    k = known(
        books(
            tables(
                customers=[{"customer_id": c, "created_at": j} for c, j in zip(who, joined, strict=True)],
                contracts=[term(c, s, s + pd.Timedelta(days=364)) for c, s in starts],
                sales=[{"customer_id": "OLD", "sold_at": AS_OF - pd.Timedelta(days=2000), "amount": 100}],
            )
        ),
        AS_OF,
    )
    hazard, signed = hazard_by_age(k, k.terms.drop_duplicates("customer_id").set_index("customer_id"))
    assert signed == len(starts)
    assert len(hazard) == MOST_MONTHS + 1
    assert hazard[:3].mean() == pytest.approx(0.5 / 6, rel=0.2)  # half of them, six months on average
    assert hazard[-1] < 0.01


@pytest.mark.parametrize("months", [1, 25])
def test_any_horizon_has_its_years(months):
    clean = young(signed=25, others=75)
    found = forecast(books(clean), no_chances(), buying(), AS_OF, months, 0.1)
    assert np.isfinite(found.customers.to_come).all()
