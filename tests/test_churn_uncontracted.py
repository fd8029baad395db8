"""Who buys without a contract."""

import pandas as pd
import pytest
from test_churn_terms import contracts, known_terms

from crmlab import tables
from crmlab.churn.outputs import UNCONTRACTED
from crmlab.churn.uncontracted import uncontracted
from crmlab.purchases.outputs import OUTPUTS

AS_OF = pd.Timestamp("2026-10-31")


def buyers(*who, p_alive=0.8):
    frame = pd.DataFrame({"customer_id": who, "customer_name": "华安", "purchases": 3, "amount": 5_000, "p_alive": p_alive,
                          "state": "buying", "expected_amount": 900, "at_stake": 100, "last_at": pd.Timestamp("2026-05-01")})  # fmt: skip
    table = OUTPUTS["customers"]
    return tables.conform(frame.reindex(columns=tables.empty(table).columns), table)


def without(*rows, bought, as_of=AS_OF):
    return uncontracted(bought, known_terms(contracts(*rows), as_of, 30), as_of)


TERMS = (
    ("a", "open", "2026-01-01", "2026-12-31", "open", None, None),
    ("b", "grace", "2025-10-16", "2026-10-15", "lost", None, None),
    ("c", "lost", "2025-01-01", "2025-12-31", "lost", None, None),
    ("d", "moved", "2025-01-01", "2025-12-31", "lost", "moved", None),
    ("e", "unknown", "2025-01-01", "2025-12-31", None, None, None),
    ("f", "two", "2025-01-01", "2025-12-31", "lost", None, None),
    ("g", "two", "2025-06-01", "2026-11-30", "open", None, None),
    ("h", "unseen", "2025-01-01", "2025-12-31", "renewed", None, None),
    ("i", "later", "2027-01-01", "2027-12-31", "open", None, None),
)
ALL = ("never", *dict.fromkeys(row[1] for row in TERMS))


def test_those_without_a_contract_and_whether_they_had_one():
    told = without(*TERMS, bought=buyers(*ALL))
    assert dict(zip(told.customer_id, told.former, strict=True)) == {
        "later": False,
        "lost": True,
        "moved": True,
        "never": False,
        "unknown": True,
    }
    assert list(told.columns) == list(tables.empty(UNCONTRACTED).columns)
    assert "p_renew" not in told


def test_what_purchases_says_is_passed_on():
    row = without(bought=buyers("x")).iloc[0]
    assert (row.customer_name, row.purchases, row.amount, row.p_alive) == ("华安", 3, 5_000, 0.8)
    assert (row.state, row.expected_amount, row.at_stake) == ("buying", 900, 100)


def test_a_contract_signed_for_later_is_held():
    rows = contracts(("k", "later", "2027-01-01", "2027-12-31", "open", None, None))
    rows["signed_at"] = pd.to_datetime(["2026-10-20"])
    for day, without_one in (("2026-10-19", True), ("2026-10-20", False)):
        as_of = pd.Timestamp(day)
        assert len(uncontracted(buyers("later"), known_terms(rows, as_of, 30), as_of)) == without_one


def test_as_of_in_the_middle_of_the_data():
    told = without(*TERMS, bought=buyers(*ALL), as_of=pd.Timestamp("2025-03-31"))
    assert list(told.customer_id[told.former]) == []
    assert {"lost", "two", "unseen"}.isdisjoint(told.customer_id)
    assert {"open", "grace", "never"} <= set(told.customer_id)


@pytest.mark.parametrize(("end", "is_held"), [("2026-10-30", False), ("2026-10-31", True)])
def test_a_contract_that_another_took_the_place_of_is_held_to_its_last_day(end, is_held):
    told = without(
        ("a", "x", "2024-01-01", end, "renewed", None, "b"),
        ("b", "x", "2025-01-01", "2025-12-31", "lost", None, None),
        bought=buyers("x"),
    )
    assert told.empty == is_held


@pytest.mark.parametrize("model", [0.8, None])
def test_a_missing_chance_stays_missing(model):
    told = without(bought=buyers("x", p_alive=model))
    assert told.p_alive.isna().all() == (model is None)


def test_without_buyers_there_is_nobody():
    told = without(*TERMS, bought=tables.empty(OUTPUTS["customers"]))
    assert told.empty
    assert list(told.columns) == list(tables.empty(UNCONTRACTED).columns)
