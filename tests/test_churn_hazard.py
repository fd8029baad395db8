"""The hazard of a renewal occasion: what it finds, what it must not do, and what it says with too little to go on."""

import io

import joblib
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from known_chances import simulated, world

from crmlab.churn.landmarks.features import NUMERIC, TIMING
from crmlab.churn.models import hazard
from crmlab.churn.models.design import MIN_LOSSES
from crmlab.churn.models.hazard import DEFAULT_PENALTY, PENALTIES, RenewalHazard
from crmlab.files import CrmlabError


@pytest.fixture(scope="module")
def fitted():
    X, y = world()
    return RenewalHazard().fit(X, y), X, y


def test_the_planted_odds_ratio_is_found(fitted):
    found = fitted[0].summary_.set_index("feature")
    assert found.low["complaints"] < np.exp(1.0) < found.high["complaints"]
    assert found.low["noise"] < 1 < found.high["noise"]


def test_as_many_renewals_are_expected_as_there_were(fitted):
    model, X, y = fitted
    assert model.renewal_probability(X).p_renew.mean() == pytest.approx(y.mean(), abs=1e-4)


def test_limits_know_that_three_landmarks_are_one_contract():
    X, y = world()
    alone = X.landmark + pd.Timedelta(days=20) == X.landmark + pd.to_timedelta(X.days_to_end, unit="D")
    one, three = RenewalHazard().fit(X[alone], y[alone]), RenewalHazard().fit(X, y)

    def width(model):
        row = model.summary_.set_index("feature").loc["complaints"]
        return np.log(row.high / row.low)

    assert width(three) == pytest.approx(width(one), rel=0.1)


def test_a_contract_is_in_force_until_its_end(fitted):
    model, X, _ = fitted
    chances = model.renewal_probability(X, days=(30, 150, 365))
    assert (chances.p_renew_30[X.days_to_end > 30] == 1).all()
    assert (chances.p_renew_150[X.days_to_end == 200] == 1).all()
    assert (chances.p_renew_365 == chances.p_renew).all()
    over = X.head(1).assign(days_to_end=-5)
    assert model.renewal_probability(over, days=(30,)).p_renew_30[0] < 1


def test_cases_and_weighted_controls_give_the_chances_of_all():
    X, y = world(20_000, base=4.5)
    assert y.mean() > 0.95
    sampled, whole = RenewalHazard(controls=10).fit(X, y), RenewalHazard(controls=10_000).fit(X, y)
    assert sampled.n_rows_ < 0.6 * whole.n_rows_
    assert sampled.n_lost_ == whole.n_lost_
    p, q = (m.renewal_probability(X).p_renew for m in (sampled, whole))
    assert p.mean() == pytest.approx(y.mean(), abs=0.002)
    assert (p - q).abs().max() < 0.05


def test_weights_count_as_so_many_rows():
    X, y = world(400)
    twice = RenewalHazard(penalties=(10.0,)).fit(pd.concat([X, X], ignore_index=True), np.concatenate([y, y]))
    weighted = RenewalHazard(penalties=(10.0,)).fit(X, y, np.full(len(X), 2.0))
    pdt.assert_frame_equal(weighted.renewal_probability(X), twice.renewal_probability(X))


def test_the_penalty_is_the_one_that_later_landmarks_like_best(fitted):
    model = fitted[0]
    assert set(model.losses_) == set(PENALTIES)
    assert model.penalty_ == min(model.losses_, key=model.losses_.get)


def test_noise_alone_is_shrunk_to_the_rate():
    X, y = world(effect=0.0)
    X = X.assign(**{f"n{k}": np.random.default_rng(k).normal(size=len(X)) for k in range(30)})
    model = RenewalHazard().fit(X, y)
    assert model.penalty_ == max(PENALTIES)
    assert model.renewal_probability(X).p_renew.std() < 0.03


def test_the_ridge_spares_how_late_it_is():
    X, y = world(1000)
    late = X.assign(unsigned_30=X.complaints).drop(columns="complaints")
    shrunk, spared = (RenewalHazard(penalties=(10_000.0,)).fit(X_, y) for X_ in (X, late))
    assert abs(shrunk.coefficients_[shrunk.columns_.index("complaints")]) < 0.3
    assert abs(spared.coefficients_[spared.columns_.index("unsigned_30")]) > 0.6
    assert set(TIMING) < set(NUMERIC)


def test_too_few_losses_to_hold_out_take_the_default():
    X, y = world(60)
    model = RenewalHazard().fit(X, y)
    assert (model.losses_, model.penalty_) == ({}, DEFAULT_PENALTY)


def test_limits_hold_the_true_chance_of_nineteen_contracts_in_twenty():
    held = []
    for seed in range(20):
        X, y, true = simulated(1000, seed)
        limits = RenewalHazard(penalties=(1.0,)).fit(X, y).limits(X)
        held.append(((limits.low <= true) & (true <= limits.high)).mean())
    assert 0.90 < np.mean(held) < 0.99


def test_limits_lie_about_the_chance_and_close_in_on_it(fitted):
    model, X, _ = fitted
    rows = X.tail(5)
    p, limits = model.renewal_probability(rows).p_renew, model.limits(rows)
    assert limits.index.equals(rows.index)
    assert ((limits.low >= 0) & (limits.low < p) & (p < limits.high) & (limits.high <= 1)).all()
    pdt.assert_series_equal(model.limits(rows, z=0).low, p, check_names=False)


def test_weights_of_controls_widen_the_limits_little():
    X, y = world(20_000, base=4.5)
    sampled, whole = (RenewalHazard(controls=c, penalties=(100.0,)).fit(X, y) for c in (10, 10_000))
    wide, narrow = ((limits := m.limits(X)).high - limits.low for m in (sampled, whole))
    assert 1.0 < wide.mean() / narrow.mean() < 1.5


def test_penalties_are_compared_on_some_customers_where_there_are_many_rows(monkeypatch):
    X, y = world(2000)
    whole = RenewalHazard().fit(X, y)
    monkeypatch.setattr(hazard, "MOST_ROWS", 3000)
    some, again = RenewalHazard().fit(X, y), RenewalHazard().fit(X, y)
    assert some.losses_ != whole.losses_
    assert some.losses_ == again.losses_
    assert some.losses_[100.0] == pytest.approx(whole.losses_[100.0], rel=0.1)
    assert some.n_rows_ == whole.n_rows_


def test_the_reason_is_what_lowers_the_chance_and_only_what_is_sure(fitted):
    model, X, _ = fitted
    rows = X.head(3).assign(complaints=[4.0, 0.0, 0.0], noise=[0.0, 4.0, -4.0])
    assert list(model.reason(rows).fillna("")) == ["complaints", "", ""]


def test_a_perfectly_separating_feature_stays_finite():
    X, y = world(600)
    model = RenewalHazard().fit(X.assign(told=1.0 - y), y)
    assert np.isfinite(model.summary_.drop(columns="feature").to_numpy(float)).all()
    p = model.renewal_probability(X.assign(told=1.0 - y)).p_renew
    assert p.between(0, 1, inclusive="neither").all()
    assert p[y == 0].max() < p[y == 1].min()


@pytest.mark.parametrize("value", [1.0, np.nan])
def test_a_constant_or_missing_feature_has_no_coefficient(value):
    X, y = world(400)
    model, without = RenewalHazard().fit(X.assign(more=value), y), RenewalHazard().fit(X, y)
    assert "more" not in model.columns_
    pdt.assert_frame_equal(model.renewal_probability(X.assign(more=value)), without.renewal_probability(X))


def test_a_missing_value_stands_at_the_median(fitted):
    model, X, _ = fitted
    rows = X.head(2).assign(complaints=[np.nan, X.complaints.median()], noise=0.0, service_level="5*9")
    assert model.renewal_probability(rows).p_renew.nunique() == 1


def test_a_label_with_few_losses_or_never_seen_counts_as_the_commonest():
    X, y = world(1000)
    rare = X.service_level.where(X.contract_id > "K00010", "rare")
    model = RenewalHazard().fit(X.assign(service_level=rare), y)
    assert "service_level=rare" not in model.columns_
    common = X.service_level.value_counts().index[0]
    rows = X.head(2).assign(service_level=["unheard of", common], complaints=0.0, noise=0.0)
    assert model.renewal_probability(rows).p_renew.nunique() == 1
    assert MIN_LOSSES == 20


def test_an_infinite_number_of_deviations_says_no_more_than_four(fitted):
    model, X, _ = fitted
    rows = X.head(2).assign(complaints=[50.0, 5000.0], noise=0.0, service_level="5*9")
    assert model.renewal_probability(rows).p_renew.nunique() == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda X, y: (X.drop(columns="landmark"), y), "no column landmark"),
        (lambda X, y: (X, y[:-1]), "one outcome per row"),
        (lambda X, y: (X, np.ones(len(y))), "every contract had the same end"),
    ],
)
def test_what_cannot_be_fitted_is_refused(wrong, said):
    X, y = world(50)
    with pytest.raises(CrmlabError, match=said):
        RenewalHazard().fit(*wrong(X, y))


def test_the_stored_model_has_the_same_bytes_each_time():
    stored = []
    for _ in range(2):
        buffer = io.BytesIO()
        joblib.dump(RenewalHazard().fit(*world(300)), buffer)
        stored.append(buffer.getvalue())
    assert stored[0] == stored[1]
