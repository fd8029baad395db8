"""Chains of renewals, Kaplan-Meier by hand, and what a segment without losses says."""

import warnings

import numpy as np
import pandas as pd
import pytest
from test_churn_terms import AS_OF, CHAIN, contracts

from crmlab import tables
from crmlab.churn.outputs import CURVES, SEGMENT_TESTS, SEGMENTS
from crmlab.churn.spells.frames import held
from crmlab.churn.spells.known import known_spells
from crmlab.churn.survival.relations import curves, relations
from crmlab.engine import Engine


def chained(frame=CHAIN, as_of=AS_OF, **customers):
    engine = Engine(threads=1)
    file = pd.DataFrame({"customer_id": ["A", "B"], "tier": ["vip", None]} | customers)
    for column in tables.CLEAN["customers"].kept:
        if column.name not in file:
            file[column.name] = None
    file = tables.conform(file, tables.CLEAN["customers"])
    return relations(known_spells(engine, held(engine, frame), as_of, 30), as_of, file)


def observed(*rows, **segments):
    """Chains from (days, lost); every segment has one value but those given."""
    frame = pd.DataFrame(rows, columns=["days", "lost"])
    return frame.assign(**dict.fromkeys(SEGMENTS, "all") | segments)


def test_a_chain_runs_through_renewals_to_the_day_after_its_last():
    a = chained().loc["a1"]
    assert (a.days, a.lost, a.cause) == (1096, True, "left")


def test_a_customer_that_moved_ends_without_leaving():
    b = chained().loc["b1"]
    assert (b.days, b.lost, b.cause) == (364, False, "moved")


@pytest.mark.parametrize(("chain", "days"), [("e1", 303), ("d1", 364), ("f1", 364)])
def test_what_runs_or_is_unknown_or_in_its_grace_days_has_no_cause(chain, days):
    found = chained().loc[chain]
    assert (found.days, found.lost) == (days, False)
    assert pd.isna(found.cause)


def test_the_cause_is_that_of_the_last_term():
    frame = contracts(
        ("a1", "A", "2023-01-01", "2023-12-31", "lost", "moved", "a2"),  # and yet it was renewed
        ("a2", "A", "2024-01-01", "2024-12-31", None, None, None),
    )
    assert chained(frame).cause.isna().all()


def test_on_an_earlier_day_nobody_knows_of_the_end():
    found = chained(as_of=pd.Timestamp("2025-12-30"))
    assert not found.lost.any()
    assert found.cause.isna().all()


def test_segments_are_of_the_first_term_and_the_customer_file():
    frame = CHAIN.assign(service_level=pd.array(["5*9", "7*24*4", "7*24*4"] + ["none"] * 6, dtype="string"))
    found = chained(frame)
    assert list(found.loc["a1", list(SEGMENTS)]) == ["5*9", "vip", "unknown", "unknown"]
    assert list(found.loc["b1", list(SEGMENTS)]) == ["unknown"] * 4  # its tier is empty
    assert found.tier["c1"] == "unknown"  # not in the file at all


def test_kaplan_meier_by_hand():
    table, tests = curves(observed((1, True), (2, True), (2, False), (3, True), (4, False)), min_size=5)
    tier = table[table.segment == "tier"]
    # at risk 5, 4, 2: 1 − 1/5, × (1 − 1/4), × (1 − 1/2)
    assert list(tier.day) == [0, 1, 2, 3, 4]
    assert list(tier.at_risk) == [5, 5, 4, 2, 1]
    assert list(tier.survival) == pytest.approx([1, 0.8, 0.6, 0.3, 0.3])
    assert tests.log_rank_p.isna().all()
    assert tests.loc[0, ["values", "relations", "lost"]].tolist() == [1, 5, 3]


def test_numbers_at_risk_stand_at_every_year():
    table, _ = curves(observed((400, True), (800, False), (1000, False)), min_size=3)
    tier = table[table.segment == "tier"]
    assert dict(zip(tier.day, tier.at_risk, strict=True)) == {0: 3, 365: 3, 400: 3, 730: 2, 1000: 1}


def test_the_log_rank_test_by_hand():
    chains = observed((1, True), (2, True), (3, True), (4, True), tier=["a", "a", "b", "b"])
    tests = curves(chains, min_size=2)[1].set_index("segment")
    # lost of a: 2; expected 2/4 + 1/3 = 5/6; variance 1/4 + 2/9; 49/36 / (17/36) = 49/17
    assert tests.log_rank_p["tier"] == pytest.approx(0.0896, abs=1e-4)
    assert tests["values"]["tier"] == 2


def test_small_values_are_left_out():
    chains = observed(*[(5, True)] * 19, *[(6, True)] * 20, tier=["few"] * 19 + ["many"] * 20)
    table, tests = curves(chains)
    assert set(table[table.segment == "tier"].value) == {"many"}
    tier = tests.set_index("segment").loc["tier"]
    assert (tier["values"], tier.relations, tier.lost) == (1, 20, 20)


def test_a_segment_in_which_nobody_was_lost_stays_at_one():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table, tests = curves(observed((5, False), (6, False), tier=["a", "b"]), min_size=1)
    assert (table[["survival", "low", "high"]] == 1).all(axis=None)
    assert tests.log_rank_p.isna().all()


def test_nothing_is_compared_where_one_value_alone_was_there_at_the_losses():
    """b was seen for one day only, before anybody of a was lost."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tests = curves(observed((5, True), (6, True), (1, False), tier=["a", "a", "b"]), min_size=1)[1]
    assert np.isnan(tests.set_index("segment").log_rank_p.astype(float)["tier"])


def test_no_contract_makes_no_curve():
    chains = chained(CHAIN.head(0))
    table, tests = curves(chains)
    assert table.empty
    assert list(table) == [c.name for c in CURVES.columns]
    assert list(tests) == [c.name for c in SEGMENT_TESTS.columns]
    assert list(tests.relations) == [0] * len(SEGMENTS)
