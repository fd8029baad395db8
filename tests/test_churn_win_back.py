"""Who was lost lately and holds nothing now, and what they were worth."""

import pandas as pd
import pytest
from test_churn_terms import contracts, known_terms

from crmlab import tables
from crmlab.churn.outputs import WIN_BACK
from crmlab.churn.win_back import win_back
from crmlab.purchases.outputs import OUTPUTS

AS_OF = pd.Timestamp("2026-10-31")
BOUGHT = OUTPUTS["customers"]
NO_CHANCES = pd.DataFrame(columns=["contract_id", "p_renew", "reason", "reason_value"])


def listed(*rows, as_of=AS_OF, bought=None, chances=NO_CHANCES, names=None, amounts=None):
    """The list made of these contracts."""
    frame = contracts(*rows)
    if amounts:
        frame["amount"] = pd.array(amounts, dtype="Int64")
    customers = tables.empty(tables.CUSTOMERS)
    if names:
        customers = tables.conform(
            pd.DataFrame({"customer_id": list(names), "customer_name": list(names.values())}).reindex(
                columns=tables.empty(tables.CUSTOMERS).columns
            ),
            tables.CUSTOMERS,
        )
    return win_back(
        known_terms(frame, as_of, 30),
        as_of,
        customers,
        tables.empty(BOUGHT) if bought is None else bought,
        chances,
        months=24,
    )


LOST = ("a2", "A", "2025-01-01", "2025-12-31", "lost", "left", None)


def test_a_lost_customer_with_what_it_was_worth():
    row = listed(
        ("a1", "A", "2023-01-01", "2024-12-31", "renewed", None, "a2"),
        LOST,
        amounts=[200_000, 120_000],
        names={"A": "华安"},
        bought=tables.conform(
            pd.DataFrame({"customer_id": ["A"], "amount": [5_000], "p_alive": [0.3], "last_at": pd.Timestamp("2026-02-01")}).reindex(
                columns=tables.empty(BOUGHT).columns
            ),
            BOUGHT,
        ),
        chances=pd.DataFrame({"contract_id": ["a2"], "p_renew": [0.4], "reason": ["tickets_90"], "reason_value": [3.0]}),
    ).iloc[0]  # fmt: skip
    assert (row.contract_id, row.customer_name, row.end_at) == ("a2", "华安", pd.Timestamp("2025-12-31"))
    assert (row.yearly_amount, row.contract_income) == (120_000, 320_000)
    assert (row.purchases_amount, row.p_alive, row.last_bought_at) == (5_000, 0.3, pd.Timestamp("2026-02-01"))
    assert (row.p_renew, row.reason, row.reason_value) == (0.4, "tickets_90", 3.0)


def test_a_price_of_two_years_is_halved():
    row = listed(("a", "A", "2024-01-01", "2025-12-31", "lost", None, None), amounts=[300_000]).iloc[0]
    assert (row.yearly_amount, row.contract_income) == (150_000, 300_000)


@pytest.mark.parametrize(
    ("other", "is_listed"),
    [
        pytest.param(("b", "A", "2025-07-01", "2026-12-31", "open", None, None), False, id="another runs"),
        pytest.param(("b", "A", "2026-06-01", "2027-05-31", "open", None, None), False, id="came back"),
        pytest.param(("b", "A", "2027-01-01", "2027-12-31", "open", None, None), True, id="not known yet"),
        pytest.param(("b", "A", "2025-10-16", "2026-10-15", "lost", None, None), False, id="in grace"),
        pytest.param(("b", "A", "2025-04-01", "2026-03-31", "lost", "closed", None), False, id="has closed"),
        pytest.param(("b", "A", "2024-10-01", "2025-09-30", "lost", "moved", None), False, id="moved since"),
        pytest.param(("b", "A", "2023-01-01", "2023-12-31", "lost", "moved", None), True, id="moved before"),
        pytest.param(
            ("b", "A", "2025-04-01", "2026-03-31", None, None, None), False, id="latest end unknown"
        ),
        pytest.param(
            ("b", "A", "2024-01-01", "2024-12-31", None, None, None), True, id="earlier end unknown"
        ),
        pytest.param(("b", "A", "2024-07-01", "2025-12-31", None, None, None), False, id="same last day"),
        pytest.param(
            ("b", "A", "2024-12-01", "2025-11-30", "renewed", None, None), False, id="renewal without a term"
        ),
        pytest.param(
            ("b", "A", "2023-12-01", "2024-11-30", "renewed", None, None), True, id="and that is over too"
        ),
    ],
)
def test_who_holds_or_ended_otherwise_is_not_listed(other, is_listed):
    assert list(listed(LOST, other).customer_id) == (["A"] if is_listed else [])


@pytest.mark.parametrize(
    ("end", "is_listed"), [("2024-10-31", False), ("2024-11-01", True), ("2026-10-01", True), ("2026-10-02", False)]
)  # fmt: skip
def test_the_last_two_years_count_once_the_grace_days_are_past(end, is_listed):
    start = pd.Timestamp(end) - pd.Timedelta(days=364)
    assert len(listed(("a", "A", start, end, "lost", "left", None))) == is_listed


@pytest.mark.parametrize(("end", "is_listed"), [("2026-10-30", True), ("2026-10-31", False)])
def test_a_contract_that_another_took_the_place_of_is_held_to_its_last_day(end, is_listed):
    replaced = ("a1", "A", "2024-01-01", end, "renewed", None, "a2")
    assert list(listed(replaced, LOST).contract_id) == (["a2"] if is_listed else [])


def test_nothing_later_than_the_day_is_known():
    back = ("a3", "A", "2026-06-01", "2027-05-31", "open", None, None)
    then = pd.Timestamp("2026-04-30")
    assert list(listed(LOST, back, as_of=then).contract_id) == ["a2"]
    assert listed(LOST, as_of=pd.Timestamp("2025-12-31")).empty


def test_the_largest_comes_first_and_each_customer_once():
    told = listed(
        ("a", "A", "2025-01-01", "2025-12-31", "lost", None, None),
        ("b", "B", "2025-01-01", "2025-12-31", "lost", None, None),
        ("c", "C", "2025-01-01", "2025-12-31", "lost", None, None),
        ("d", "C", "2025-03-01", "2026-02-28", "lost", None, None),
        amounts=[100_000, 300_000, 100_000, 100_000],
    )
    assert list(told.contract_id) == ["b", "a", "d"]


def test_outcomes_missing_for_half():
    told = listed(
        *[(f"k{n}", f"C{n}", "2025-01-01", "2025-12-31", "lost" if n % 2 else None, None, None) for n in range(10)]
    )  # fmt: skip
    assert list(told.customer_id) == ["C1", "C3", "C5", "C7", "C9"]


def test_without_other_tables_their_columns_are_missing():
    told = listed(LOST)
    assert list(told.columns) == list(tables.empty(WIN_BACK).columns)
    unknown = ["customer_name", "purchases_amount", "last_bought_at", "p_alive", "p_renew", "reason", "reason_value"]  # fmt: skip
    assert told[unknown].isna().all(axis=None)
    assert told[["yearly_amount", "contract_income"]].notna().all(axis=None)


def test_without_contracts_there_is_nobody():
    told = listed()
    assert told.empty
    assert list(told.columns) == list(tables.empty(WIN_BACK).columns)
