"""Boosted trees of renewals beside the logistic hazard: the same questions, and the same bad input to either."""

import io

import joblib
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from known_chances import simulated, world

from crmlab.churn.models.boosted import GROUPS, BoostedHazard, calibration
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.files import CrmlabError

EITHER = pytest.mark.parametrize(
    "model", [RenewalHazard(), BoostedHazard(iterations=4)], ids=["hazard", "boosted"]
)


def said(model, X):
    """Chance and limits of each row, which must be in order."""
    found = model.renewal_probability(X, days=()).join(model.limits(X))
    assert ((found.low >= 0) & (found.low <= found.p_renew)).all()
    assert ((found.p_renew <= found.high) & (found.high <= 1)).all()
    return found


@pytest.fixture(scope="module")
def apart():
    """Two causes of which one alone does harm: no sum of them tells who leaves."""
    rng = np.random.default_rng(5)
    X, _ = world(1500)
    quiet, young, luck = rng.integers(0, 2, 1500), rng.integers(0, 2, 1500), rng.random(1500)
    X["quiet"], X["young"] = np.repeat(quiet, 3).astype(float), np.repeat(young, 3).astype(float)
    true = np.where(X.quiet != X.young, 0.5, 0.95)
    y = (np.repeat(luck, 3) < true).astype(int)
    return BoostedHazard().fit(X, y), X, true


def test_trees_find_what_no_sum_of_features_tells(apart):
    model, X, true = apart
    trees, sums = (m.renewal_probability(X).p_renew for m in (model, model.logistic_))
    assert np.abs(trees - true).mean() < 0.06
    assert np.abs(sums - true).mean() > 0.15


def test_chances_by_day_are_as_those_of_the_hazard(apart):
    model, X, _ = apart
    rows = X.sample(9, random_state=1)
    chances, peer = (m.renewal_probability(rows, days=(30, 150)) for m in (model, model.logistic_))
    assert chances.index.equals(peer.index)
    assert list(chances) == list(peer) == ["p_renew_30", "p_renew_150", "p_renew"]
    assert (chances.p_renew_30[rows.days_to_end > 30] == 1).all()
    assert (chances.p_renew_150[rows.days_to_end < 150] == chances.p_renew[rows.days_to_end < 150]).all()


def test_reasons_and_odds_are_those_of_the_hazard_beside_it(apart):
    model, X, _ = apart
    pdt.assert_frame_equal(model.summary_, model.logistic_.summary_)
    pdt.assert_series_equal(model.reason(X), model.logistic_.reason(X))


def test_limits_hold_the_true_chance_of_most_contracts():
    X, y, true = simulated(4000, 1, landmarks=(100,))
    found = said(BoostedHazard().fit(X, y), X)
    assert 0.85 < ((found.low <= true) & (true <= found.high)).mean() < 1.0


def test_each_fit_misses_a_tenth_of_the_customers_and_no_contract_twice():
    X, y = world(300)
    split = BoostedHazard()._groups(X, y)
    assert len(split) == GROUPS
    for seen, unseen in split:
        assert not set(X.customer_id.iloc[seen]) & set(X.customer_id.iloc[unseen])
    assert sorted(np.concatenate([unseen for _, unseen in split])) == list(range(len(X)))


def test_trees_that_know_nothing_say_the_rate():
    X, y = world(600, effect=0.0)
    p = BoostedHazard(iterations=5).fit(X, y).renewal_probability(X).p_renew
    assert p.mean() == pytest.approx(y.mean(), abs=0.02)
    assert p.std() < 0.03


def test_calibration_turns_nothing_round():
    y = np.array([1, 1, 1, 0] * 20)
    intercept, slope = calibration(1.0 - 2 * y, y, np.ones(80))
    assert (round(intercept, 6), slope) == (round(np.log(3), 6), 0.0)


def test_the_order_of_rows_makes_no_difference_and_the_bytes_are_the_same():
    X, y = world(300)
    turned = np.random.default_rng(0).permutation(len(X))
    stored = []
    for rows in (np.arange(len(X)), turned):
        buffer = io.BytesIO()
        joblib.dump(BoostedHazard(iterations=5).fit(X.iloc[rows], y[rows]), buffer)
        stored.append(buffer.getvalue())
    assert stored[0] == stored[1]
    again = joblib.load(io.BytesIO(stored[0]))
    assert again.limits(X).notna().all(axis=None)


def test_weights_count_as_so_many_rows():
    X, y = world(400)
    X = X.drop(columns=["noise", "service_level"])
    many = 1 + (np.arange(len(X)) // 3 % 2)
    weighted = BoostedHazard(iterations=5).fit(X, y, many)
    assert not np.allclose(
        weighted.renewal_probability(X).p_renew,
        BoostedHazard(iterations=5).fit(X, y).renewal_probability(X).p_renew,
    )
    mean = np.average(weighted.renewal_probability(X).p_renew, weights=many)
    assert mean == pytest.approx(np.average(y, weights=many), abs=0.02)


@EITHER
@pytest.mark.parametrize("value", [1.0, np.nan, pd.NA])
def test_a_constant_or_missing_feature_says_nothing(model, value):
    X, y = world(300)
    more = X.assign(more=pd.array([value] * len(X), dtype="Float64"))
    without = said(model.fit(X, y), X)
    pdt.assert_frame_equal(said(model.fit(more, y), more), without)
    pdt.assert_frame_equal(
        said(model, more.assign(more=pd.array([9.0] * len(X), dtype="Float64"))).round(9), without.round(9)
    )


@EITHER
def test_a_feature_missing_for_some_counts_for_the_others(model):
    X, y = world(1200)
    some = X.assign(complaints=X.complaints.astype("Float64").mask(X.contract_id > "K00900"))
    model.fit(some, y)
    rows = some.head(3).assign(complaints=pd.array([0.0, 4.0, pd.NA], dtype="Float64"), noise=0.0)
    few, many, unknown = said(model, rows).p_renew
    assert many < unknown
    assert many < few


@EITHER
def test_a_perfectly_separating_feature_stays_inside_0_and_1(model):
    X, y = world(600)
    told = X.assign(told=1.0 - y)
    p = said(model.fit(told, y), told).p_renew
    assert p.between(0, 1, inclusive="neither").all()
    assert p[y == 0].max() < p[y == 1].min()


@EITHER
@pytest.mark.parametrize("dtype", ["string", "object", "category"])
def test_a_label_never_seen_is_taken_in(model, dtype):
    X, y = world(400)
    labelled = X.assign(service_level=X.service_level.astype(dtype))
    model.fit(labelled, y)
    new = X.head(3).assign(service_level=pd.Series(["unheard of", None, "5*9"], dtype=dtype))
    assert said(model, new).notna().all(axis=None)
    seen = said(model, labelled)
    alone = labelled.head(2).assign(service_level=labelled.service_level.astype("object").head(2))
    pdt.assert_frame_equal(said(model, alone), seen.head(2))


@EITHER
def test_of_no_contract_nothing_is_said(model):
    X, y = world(200)
    model.fit(X, y)
    assert said(model, X.head(0)).empty
    assert model.reason(X.head(0)).empty


@EITHER
def test_customers_with_one_row_each_are_enough(model):
    X, y = world(600)
    alone = (X.days_to_end == 100).to_numpy()
    X = X[alone].assign(customer_id=lambda rows: rows.contract_id)
    found = said(model.fit(X, y[alone]), X)
    assert found.p_renew.mean() == pytest.approx(y[alone].mean(), abs=0.02)


@EITHER
@pytest.mark.parametrize("end", [0, 1])
def test_one_kind_of_end_is_refused(model, end):
    X, _ = world(50)
    with pytest.raises(CrmlabError, match=f"{type(model).__name__}: every contract had the same end"):
        model.fit(X, np.full(len(X), end))


def test_a_loss_of_one_customer_alone_is_too_little_for_trees():
    X, _ = world(50)
    lost_one = (X.customer_id != "C00003").astype(int).to_numpy()
    with pytest.raises(CrmlabError, match="more customers are needed"):
        BoostedHazard().fit(X, lost_one)
    RenewalHazard().fit(X, lost_one)
