"""Kaplan-Meier by hand, and a Cox model that loses as many as were lost."""

import io

import joblib
import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from test_churn_terms import AS_OF, CHAIN

from crmlab.churn.features import NUMERIC
from crmlab.churn.survival import RenewalCox, kaplan_meier, relations
from crmlab.churn.terms import known_terms


def test_relations_run_through_renewals_and_stop_when_a_customer_moves():
    chains = relations(known_terms(CHAIN, AS_OF, 30), AS_OF)
    assert tuple(chains.loc["a1", ["days", "lost"]]) == (1096, True)  # three years, lost on the day after
    assert tuple(chains.loc["b1", ["days", "lost"]]) == (364, False)
    assert tuple(chains.loc["e1", ["days", "lost"]]) == (303, False)  # open: until the as-of day


def test_kaplan_meier_by_hand():
    chains = pd.DataFrame(
        {"service_level": "5*9", "days": [1, 2, 2, 3, 4], "lost": [True, True, False, True, False]}
    )
    curves, p_value = kaplan_meier(chains, min_size=5)
    # at risk 5, 4, 2: 1 − 1/5, × (1 − 1/4), × (1 − 1/2)
    assert list(curves.day) == [0, 1, 2, 3, 4]
    assert list(curves.survival) == pytest.approx([1, 0.8, 0.6, 0.3, 0.3])
    assert np.isnan(p_value)


def test_small_levels_are_left_out():
    chains = pd.DataFrame({"service_level": "5*9", "days": [5] * 19, "lost": [True] * 19})
    assert kaplan_meier(chains)[0].empty


def observations(n=600, seed=4):
    """Terms of one and two years in which tickets make customers leave: each doubling adds 0.7 to the log hazard."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame(dict.fromkeys(NUMERIC, 0.0), index=range(n))
    features["tickets_365"] = rng.integers(0, 4, n).astype(float)
    features["auto_renew"] = np.nan
    for label in ("service_level", "tier", "industry"):
        features[label] = "one"
    years = rng.choice([1, 2], n, p=[0.7, 0.3])
    lost = rng.random(n) < 1 - np.exp(-0.1 * np.exp(0.7 * features.tickets_365))
    rows = pd.DataFrame({"contract_id": [f"c{i}" for i in range(n)], "years": years, "lost": lost})
    rows["entry"] = years * 365 - rng.integers(1, 300, n)
    rows["duration"] = years * 365 + 1
    return features, rows


@pytest.fixture(scope="module")
def fitted():
    features, rows = observations()
    return RenewalCox().fit(features, rows), features, rows


def test_the_planted_hazard_ratio_is_found(fitted):
    found = fitted[0].summary_.set_index("feature").loc["tickets_365"]
    assert found.low < np.exp(0.7) < found.high
    assert found.n == (observations()[0].tickets_365 > 0).sum()


def test_as_many_are_foreseen_as_were_lost(fitted):
    model, features, rows = fitted
    end = rows.years.to_numpy() * 365 + 1
    foreseen = 1 - model.survival(features, rows, end, rows.entry.to_numpy())
    for years in (1, 2):
        own = (rows.years == years).to_numpy()
        assert foreseen[own].sum() == pytest.approx(rows.lost[own].sum(), rel=1e-6)


def test_survival_so_far_is_given(fitted):
    model, features, rows = fitted
    end = rows.years.to_numpy() * 365
    assert (
        model.survival(features, rows, end, end - 100) == 1
    ).all()  # losses fall on the day after the last
    after = model.survival(features, rows, end + 30, end + 1)
    assert (after == 1).all()


def test_a_term_length_without_losses_borrows_the_nearest_baseline(fitted):
    model, features, rows = fitted
    five = rows.head(1).assign(years=5)
    two = rows.head(1).assign(years=2)
    chance = model.survival(features.head(1), five, np.array([5 * 365 + 1]), np.array([5 * 365 - 50]))
    assert chance == pytest.approx(model.survival(features.head(1), two, np.array([731]), np.array([680])))


def test_agrees_with_lifelines_where_nobody_enters_late_and_ties_are_few():
    features, rows = observations(400)
    rng = np.random.default_rng(1)
    rows = rows.assign(years=1, entry=0, duration=rng.permutation(400) + 1)
    model = RenewalCox().fit(features, rows)
    theirs = CoxPHFitter(penalizer=0.01).fit(
        rows[["duration", "lost"]].assign(tickets_365=features.tickets_365), "duration", "lost"
    )
    new = features.head(20)
    expected = theirs.predict_survival_function(
        new[["tickets_365"]], times=[200], conditional_after=[100] * 20
    )
    ours = model.survival(new, rows.head(20), np.full(20, 300), np.full(20, 100))
    assert ours == pytest.approx(expected.to_numpy()[0], abs=0.01)


def test_terms_that_all_were_lost_on_one_day_make_no_pair_to_rank():
    features, rows = observations(60)
    model = RenewalCox().fit(features, rows.assign(years=1, entry=0, duration=366, lost=True))
    assert np.isnan(model.concordance_)


def test_the_reason_is_what_lies_above_the_mean(fitted):
    model, features, _ = fitted
    many = features.head(2).assign(tickets_365=[3.0, 0.0])
    assert list(model.reason(many).fillna("")) == ["tickets_365", ""]


def test_the_stored_model_has_the_same_bytes_each_time():
    stored = []
    for _ in range(2):
        buffer = io.BytesIO()
        joblib.dump(RenewalCox().fit(*observations(200)), buffer)
        stored.append(buffer.getvalue())
    assert stored[0] == stored[1]
