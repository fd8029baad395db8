"""What followed a term and how it ended, from exports good and bad."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from test_churn_terms import contracts

from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import FATES, known_spells
from crmlab.engine import Engine

AS_OF = "2026-10-31"


def spells(frame, as_of=AS_OF, grace=30):
    engine = Engine(threads=1)
    found = known_spells(engine, held(engine, frame), pd.Timestamp(as_of), grace)
    return found.set_index("contract_id")


def years(outcome="renewed", **starts):
    """One-year terms of customer A from their first days; none says which followed it."""
    rows = []
    for name, start in starts.items():
        begin = pd.Timestamp(start)
        rows.append((name, "A", begin, begin + pd.DateOffset(years=1, days=-1), outcome, None, None))
    return contracts(*rows)


@pytest.mark.parametrize(
    ("second", "follows"),
    [
        ("2025-01-01", True),
        ("2025-01-31", True),  # 30 days without a contract
        ("2025-02-01", False),  # 31
        ("2024-12-02", True),  # 30 days early
        ("2024-12-01", False),  # 31 days early: two contracts at once
    ],
)
def test_a_gap_of_the_grace_days_is_closed(second, follows):
    found = spells(years(None, a="2024-01-01", b=second))
    assert (found.next_id["a"] == "b") == follows
    assert found.fate["a"] == ("renewed" if follows else "unknown")
    assert found.is_gap["a"] == follows
    assert found.relation_id["b"] == ("a" if follows else "b")


def test_who_comes_back_within_the_grace_days_was_not_lost():
    found = spells(years("lost", a="2024-01-01", b="2025-01-20"))
    assert list(found.fate) == [
        "renewed",
        "open" if pd.Timestamp(AS_OF) < pd.Timestamp("2026-02-18") else "lost",
    ]


def test_the_export_names_the_follower_before_the_gap_rule_does():
    rows = years(None, a="2024-01-01", b="2025-01-01", c="2025-01-05")
    rows.loc[rows.contract_id == "a", "renewed_contract_id"] = "c"
    found = spells(rows)
    assert (found.next_id["a"], found.is_gap["a"]) == ("c", False)
    assert found.relation_id["b"] == "b"


def test_of_two_that_could_follow_the_one_of_the_same_level_does():
    rows = years(None, a="2024-01-01", b="2025-01-01", c="2025-01-10")
    rows["service_level"] = ["7*24*4", "5*9", "7*24*4"]
    assert spells(rows).next_id["a"] == "c"


def test_two_contracts_at_once_each_have_their_own_fate():
    rows = contracts(
        ("a", "A", "2024-01-01", "2024-12-31", "lost", "left", None),
        ("b", "A", "2024-04-01", "2025-03-31", "renewed", None, "c"),
        ("c", "A", "2025-04-01", "2026-03-31", "lost", "left", None),
        ("d", "D", "2024-01-01", "2024-12-31", "lost", "left", None),
    )
    found = spells(rows)
    assert list(found.fate) == ["lost", "renewed", "lost", "lost"]
    assert list(found.overlaps) == [True, True, False, False]


def test_a_term_that_another_replaces_before_its_end_is_neither_renewed_nor_lost():
    rows = contracts(
        ("a", "A", "2024-01-01", "2024-12-31", "lost", "replaced", "b"),
        ("b", "A", "2024-07-01", "2025-06-30", "open", None, None),
    )
    assert spells(rows).fate["a"] == "superseded"
    assert spells(rows, "2024-06-30").fate["a"] == "open"  # nobody knew yet


def test_moved_closed_and_merged_are_not_lost():
    reasons = ["moved", "closed", "merged", "left", "replaced", None]
    rows = contracts(
        *((f"c{n}", f"C{n}", "2024-01-01", "2024-12-31", "lost", why, None) for n, why in enumerate(reasons))
    )
    assert list(spells(rows).fate) == ["competing"] * 3 + ["lost"] * 3


def test_a_term_that_ends_before_it_starts_is_none():
    rows = contracts(
        ("a", "A", "2024-01-01", "2023-12-31", "renewed", None, "b"),
        ("b", "A", "2024-01-01", "2024-12-31", "lost", None, None),
    )
    assert list(spells(rows).index) == ["b"]


def test_a_renewal_before_the_term_it_renews_is_no_link():
    rows = contracts(
        ("a", "A", "2025-01-01", "2025-12-31", "renewed", None, "b"),
        ("b", "A", "2023-01-01", "2023-12-31", "lost", None, None),
    )
    found = spells(rows)
    assert pd.isna(found.next_id["a"])
    assert list(found.fate) == ["renewed", "lost"]  # as recorded, without the term that followed


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_cycle_of_renewals_ends(length):
    rows = contracts(
        *(
            (f"t{n}", "A", f"{2020 + n}-01-01", f"{2020 + n}-12-31", "renewed", None, f"t{(n + 1) % length}")
            for n in range(length)
        )
    )
    found = spells(rows)
    assert list(found.relation_id) == ["t0"] * length
    assert list(found.place) == list(range(length))


def test_two_terms_renewed_by_one_make_one_chain():
    rows = contracts(
        ("a", "A", "2023-01-01", "2023-12-31", "renewed", None, "c"),
        ("b", "A", "2023-01-01", "2023-11-30", "renewed", None, "c"),
        ("c", "A", "2024-01-01", "2024-12-31", "lost", None, None),
    )
    found = spells(rows)
    assert list(found.relation_id) == ["a", "b", "a"]
    assert len(found) == 3


def test_without_half_of_the_outcomes_the_followers_still_tell():
    rows = years("renewed", a="2023-01-01", b="2024-01-01", c="2025-01-01")
    rows["outcome"] = pd.array([None, "renewed", None], dtype="string")
    assert list(spells(rows).fate) == ["renewed", "renewed", "unknown"]


def test_no_contract_makes_no_spell():
    found = spells(contracts().head(0))
    assert len(found) == 0
    assert {"fate", "relation_id", "price_change", "usual_lead"} <= set(found)


def test_nothing_signed_later_changes_what_was_known():
    rng = np.random.default_rng(5)
    rows = []
    for n in range(200):
        start, k = pd.Timestamp("2021-01-01") + pd.Timedelta(days=int(rng.integers(0, 700))), 0
        while start < pd.Timestamp(AS_OF):
            end = start + pd.Timedelta(days=364)
            rows.append((f"c{n:03d}-{k}", f"C{n}", start, end, rng.choice(["renewed", "lost"]), None, None))
            start, k = end + pd.Timedelta(days=int(rng.integers(-60, 90))), k + 1
    whole = contracts(*rows)
    day = "2024-03-15"
    before = whole[whole.start_at <= day].copy()
    over = before.end_at + pd.Timedelta(days=30) <= pd.Timestamp(day)
    before.loc[~over, "outcome"] = "open"
    said = ["fate", "next_id", "relation_id", "place", "previous_terms", "price_change"]
    pdt.assert_frame_equal(spells(whole, day)[said], spells(before, day)[said])
    assert set(spells(whole, day).fate) <= set(FATES)
    assert (spells(whole, day).is_gap).sum() > 50


def test_the_usual_lead_is_how_long_before_the_end_it_was_signed():
    rows = years("renewed", a="2024-01-01", b="2025-01-01")
    rows["signed_at"] = pd.to_datetime([None, "2024-11-21"])
    lead = spells(rows).usual_lead
    assert lead["b"] == 40
    assert np.isnan(lead["a"])


def test_why_a_term_was_lost_is_known_once_its_grace_days_are_past():
    rows = contracts(("a", "A", "2024-01-01", "2024-12-31", "lost", "moved", None))
    assert spells(rows, as_of="2025-01-30").end_reason["a"] == "moved"
    early = spells(rows, as_of="2025-01-29")
    assert (early.fate["a"], early.end_reason["a"]) == ("open", "moved")  # its fate waits for the grace days
