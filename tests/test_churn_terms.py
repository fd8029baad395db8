"""What is known of a contract on a day: fates, chains, rates."""

import pandas as pd
import pytest

from crmlab import tables
from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import known_spells
from crmlab.churn.terms import base_rates, renewal_rate, renewals_by_month
from crmlab.engine import Engine

AS_OF = pd.Timestamp("2026-10-31")


def contracts(*rows):
    """Contracts from (id, customer, start, end, outcome, end_reason, renewed id); price 1,000 a term."""
    names = [
        "contract_id",
        "customer_id",
        "start_at",
        "end_at",
        "outcome",
        "end_reason",
        "renewed_contract_id",
    ]
    frame = pd.DataFrame(rows, columns=names).assign(amount=100_000)
    for column in tables.CONTRACTS.kept:
        if column.name not in frame:
            frame[column.name] = None
    return tables.conform(frame, tables.CONTRACTS)


def known_terms(frame, as_of, grace_days):
    """The terms of a frame as known on a day."""
    engine = Engine(threads=1)
    return known_spells(engine, held(engine, frame), as_of, grace_days)


CHAIN = contracts(
    ("a1", "A", "2023-01-01", "2023-12-31", "renewed", None, "a2"),
    ("a2", "A", "2024-01-01", "2024-12-31", "renewed", None, "a3"),
    ("a3", "A", "2025-01-01", "2025-12-31", "lost", "left", None),
    ("b1", "B", "2025-01-01", "2025-12-31", "lost", "moved", None),
    ("c1", "C", "2025-01-01", "2025-12-31", "lost", None, None),
    ("d1", "D", "2025-01-01", "2025-12-31", "open", None, None),
    ("e1", "E", "2026-01-01", "2026-12-31", "open", None, None),
    ("f1", "F", "2025-10-16", "2026-10-15", "lost", "left", None),
    ("g1", "G", "2025-01-01", "2025-12-31", "lost", "replaced", None),
)


def fates(as_of, frame=CHAIN):
    terms = known_terms(frame, pd.Timestamp(as_of), 30)
    return dict(zip(terms.contract_id, terms.fate, strict=True))


def test_each_end_has_its_fate():
    assert fates(AS_OF) == {
        "a1": "renewed",
        "a2": "renewed",
        "a3": "lost",
        "b1": "competing",
        "c1": "lost",
        "d1": "unknown",
        "e1": "open",
        "f1": "open",  # 16 days over: within grace nobody knows
        "g1": "lost",
    }


def test_a_year_earlier_later_terms_and_outcomes_are_unknown():
    assert fates("2025-06-30") == {
        "a1": "renewed", "a2": "renewed", "a3": "open", "b1": "open", "c1": "open", "d1": "open", "g1": "open",
    }  # fmt: skip


def test_a_renewal_is_known_once_the_next_term_is_signed():
    early = CHAIN.copy()
    early.loc[early.contract_id == "a2", "signed_at"] = pd.Timestamp("2023-11-01")
    assert fates("2023-10-31", early)["a1"] == "open"
    assert fates("2023-11-01", early)["a1"] == "signed"
    assert fates("2024-01-29", early)["a1"] == "signed"
    assert fates("2024-01-30", early)["a1"] == "renewed"


def test_chains_of_renewals_are_one_relation():
    terms = known_terms(CHAIN, AS_OF, 30).set_index("contract_id")
    assert set(terms.relation_id[["a1", "a2", "a3"]]) == {"a1"}
    assert list(terms.previous_terms[["a1", "a2", "a3", "b1"]]) == [0, 1, 2, 0]


def test_a_loop_of_renewals_ends():
    loop = contracts(
        ("a", "A", "2024-01-01", "2024-12-31", "renewed", None, "b"),
        ("b", "A", "2025-01-01", "2025-12-31", "renewed", None, "a"),
    )
    assert len(known_terms(loop, AS_OF, 30)) == 2


def test_price_change_counts_steps_of_ten_percent():
    dearer = CHAIN.copy()
    dearer.loc[dearer.contract_id == "a2", "amount"] = 110_000
    terms = known_terms(dearer, AS_OF, 30).set_index("contract_id")
    # 2024 is a leap year: a day more for the money
    assert terms.price_change["a2"] == pytest.approx(1.0, abs=0.04)
    assert terms.price_change["a1"] == 0


def test_moved_customers_are_in_no_rate():
    terms = known_terms(CHAIN, AS_OF, 30)
    assert renewal_rate(terms) == pytest.approx(2 / 5)
    assert base_rates(terms, pd.Series(["none"])).isna().all()  # of five nobody can tell
    assert list(base_rates(pd.concat([terms] * 4), pd.Series(["none"]))) == pytest.approx([2 / 5])


def test_months_with_unsettled_terms_are_left_out():
    months = renewals_by_month(known_terms(CHAIN, AS_OF, 30))
    told = months[months.due > 0]
    assert list(told.month) == ["2024-12", "2025-12"]  # of the latest 24 months
    assert list(told.due) == [1, 3]
    assert list(told.renewed) == [1, 0]


def test_a_month_without_an_end_is_there_without_a_rate():
    months = renewals_by_month(known_terms(CHAIN, AS_OF, 30)).set_index("month")
    assert (len(months), months.index[-1]) == (24, "2025-12")
    assert (months.due["2025-06"], months.renewed["2025-06"]) == (0, 0)
    assert pd.isna(months.rate["2025-06"])
