"""Types of a company: honest about too few customers, indifferent to size, the same every time."""

import numpy as np
import pandas as pd
import pytest

from crmlab import tables
from crmlab.segments.assign import (
    NO_SCORES,
    SOME_SCORES,
    TOO_FEW,
    assign,
    evidence,
    summary,
    type_table,
    with_names_and_value,
)
from crmlab.segments.features import AXES, FEATURES
from crmlab.segments.nine_types import TYPES, UNDETERMINED, prototypes
from crmlab.segments.outputs import ADDS, OUTPUTS


def company(per_type=30, spread=1.0, seed=0):
    """Features of customers of each type: high on the features of their two axes."""
    draw = np.random.default_rng(seed)
    truth = np.repeat(list(TYPES), per_type)
    table = pd.DataFrame({"customer_id": [f"c{i:04d}" for i in range(len(truth))]})
    for feature in FEATURES:
        pull = prototypes().loc[truth, feature.axis].to_numpy()
        table[feature.name] = 1.5 * pull + draw.normal(scale=spread, size=len(truth))
        table[f"{feature.name}_n"] = 3
    table["records"] = draw.integers(1, 60, len(truth))
    table["tenure_days"] = draw.integers(200, 1800, len(truth))
    return table, pd.Series(truth)


@pytest.fixture(scope="module")
def known():
    table, truth = company()
    return table, truth, assign(table, 0.6, replicates=2)


def presented(found):
    names = pd.DataFrame({"customer_id": ["c0000"], "customer_name": ["Bank One"]})
    value = pd.DataFrame({"customer_id": ["c0000", "c0001"], "historical": [500, 700], "to_come": [100, -40]})
    return with_names_and_value(found.customers, names, value)


def test_types_that_are_there_are_found_and_kept_on_resampling(known):
    _, truth, found = known
    named = found.customers["type"] != UNDETERMINED
    assert (found.customers["type"] == truth)[named].mean() > 0.85
    assert found.figures["stability"] > 0.8
    assert found.figures["share_determined"] == pytest.approx(named.mean())
    assert sum(found.figures["counts"].values()) == found.figures["n"] == len(truth)


def test_where_there_are_no_types_nearly_nobody_gets_one():
    draw = np.random.default_rng(3)
    noise = company()[0]
    noise[[f.name for f in FEATURES]] = draw.normal(size=(len(noise), len(FEATURES)))
    figures = assign(noise, 0.6, replicates=1).figures
    assert figures["share_determined"] < 0.05
    assert max(figures["reliability"].values()) < 0.5


def test_every_undetermined_customer_has_a_reason_and_a_best_guess(known):
    table, _, _ = known
    table = table.copy()
    table.loc[0, [f.name for f in FEATURES]] = np.nan
    table.loc[1, [f.name for f in FEATURES if f.axis in ("functional", "economic", "psychological")]] = np.nan
    customers = assign(table, 0.6, replicates=1).customers
    assert customers.loc[0, ["type", "reason"]].tolist() == [UNDETERMINED, NO_SCORES]
    assert pd.isna(customers.loc[0, "likeliest"])
    assert customers.loc[1, ["type", "reason"]].tolist() == [UNDETERMINED, SOME_SCORES]
    open_ = customers["type"] == UNDETERMINED
    assert (customers.loc[open_, "reason"] != "").all()
    assert (customers.loc[~open_, "reason"] == "").all()
    assert (customers.loc[~open_, "type"] == customers.loc[~open_, "likeliest"]).all()


def test_fewer_than_fifty_customers_cannot_be_told_apart():
    found = assign(company(per_type=5)[0], 0.6)
    assert found.mixture is None
    assert set(found.customers["type"]) == {UNDETERMINED}
    assert set(found.customers["reason"]) == {TOO_FEW}
    assert "too few" in summary(found.figures)


def test_one_kind_of_record_alone_leaves_many_undetermined_but_runs(known):
    table, _ = company()
    from_sales = [f.name for f in FEATURES if "tickets" not in f.tables]
    table[[f.name for f in FEATURES if f.name not in from_sales]] = np.nan
    found = assign(table, 0.6, replicates=1)
    assert found.figures["share_determined"] < known[2].figures["share_determined"]


def test_the_same_features_give_the_same_answer(known):
    table, _, found = known
    again = assign(table, 0.6, replicates=2)
    pd.testing.assert_frame_equal(again.customers, found.customers)
    assert again.figures == found.figures


def test_no_customers_at_all_give_empty_tables_and_a_summary():
    nothing = company()[0].iloc[:0]
    found = assign(nothing, 0.6)
    assert found.customers.empty
    assert summary(found.figures) == "no customer with a sale or a ticket"
    assert (type_table(presented(found))["n"] == 0).all()


def test_types_table_sums_money_per_type_and_counts_everybody(known):
    _, _, found = known
    customers = presented(found)
    rows = type_table(customers).set_index("type")
    assert list(rows.index) == [*TYPES, UNDETERMINED]
    assert rows["n"].sum() == len(customers)
    assert rows["share"].sum() == pytest.approx(1)
    assert rows["to_come"].sum() == 60
    assert rows["expected"].sum() == pytest.approx(len(customers))
    weight = customers["p_pioneer"]
    assert rows.loc["pioneer", "future"] == pytest.approx((customers["future"] * weight).sum() / weight.sum())


def test_outputs_have_the_columns_they_promise(known):
    table, _, found = known
    customers = presented(found)
    written = {
        "customers": customers,
        "types": type_table(customers),
        "features": table,
        "evidence": evidence(table),
    }
    for name, frame in written.items():
        stored = tables.conform(frame, OUTPUTS[name])
        assert not stored.duplicated(list(OUTPUTS[name].key)).any()
    assert set(ADDS) == {t for f in FEATURES for t in f.tables}
    assert set(AXES) <= set(customers.columns)


def test_records_that_tell_nobody_apart_type_nobody():
    table, _ = company()
    table[[f.name for f in FEATURES]] = 1.0
    found = assign(table, 0.6)
    assert (found.customers["type"] == UNDETERMINED).all()
    assert set(found.customers["reason"]) == {TOO_FEW}
    assert found.mixture is None
