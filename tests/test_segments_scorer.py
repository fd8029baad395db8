"""Scores: ties share the mean of their ranks, missing stays missing, size is taken out."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from crmlab.segments.features import AXES, FEATURES
from crmlab.segments.scorer import ValueScorer, normal_scores


def customers(n=200, seed=0, **columns):
    """Random features of `n` customers, `columns` replacing some."""
    draw = np.random.default_rng(seed)
    table = pd.DataFrame({f.name: draw.normal(size=n) for f in FEATURES})
    table["records"], table["tenure_days"] = draw.integers(1, 50, n), draw.integers(100, 1500, n)
    return table.assign(**columns)


def test_ties_take_the_mean_over_the_interval_they_fill():
    values = np.array([0.0, 0.0, 0.0, 1.0])
    scores = normal_scores(values, values)
    draws = norm.ppf((np.arange(100_000) + 0.5) / 100_000)
    assert scores[:3] == pytest.approx(draws[:75_000].mean(), abs=1e-3)
    assert scores[3] == pytest.approx(draws[75_000:].mean(), abs=1e-3)
    assert scores.mean() == pytest.approx(0, abs=1e-9)


def test_a_value_never_seen_lies_between_its_neighbours():
    reference = np.array([1.0, 2.0, 3.0, 4.0])
    below, between, above = normal_scores(np.array([-9.0, 2.5, 99.0]), reference)
    assert below < between < above
    assert np.isfinite([below, above]).all()
    assert between == pytest.approx(0, abs=1e-9)


def test_missing_stays_missing():
    assert np.isnan(normal_scores(np.array([np.nan]), np.array([1.0, 2.0]))).all()
    assert np.isnan(normal_scores(np.array([1.0]), np.array([]))).all()


def test_scores_are_standard_and_free_of_size_and_age():
    records = np.arange(1, 401)
    table = customers(400, records=records)
    table["promo_share"] = np.log(records) + np.random.default_rng(1).normal(size=400)
    scorer = ValueScorer().fit(table)
    assert abs(np.corrcoef(scorer.feature_scores(table)["promo_share"], np.log1p(records))[0, 1]) < 0.02
    scores = scorer.transform(table)
    assert scores.std(ddof=0).round(6).tolist() == [1.0] * len(AXES)
    assert scores.mean().abs().max() < 1e-9


def test_fewer_than_half_of_the_features_leave_the_axis_missing():
    table = customers()
    economic = [f.name for f in FEATURES if f.axis == "economic"]
    table.loc[0, economic[:1]] = np.nan
    table.loc[1, economic[:2]] = np.nan
    scores = ValueScorer().fit(table).transform(table)
    assert np.isfinite(scores.loc[0, "economic"])
    assert np.isnan(scores.loc[1, "economic"])
    assert np.isfinite(scores.loc[1, "functional"])


def test_a_feature_that_nobody_has_or_all_share_counts_for_nothing():
    table = customers(promo_share=0.0, billing_ticket_share=np.nan)
    scores = ValueScorer().fit(table).transform(table)
    alone = normal_scores(table["discount_share"].to_numpy(), table["discount_share"].to_numpy())
    assert np.corrcoef(scores["economic"], alone)[0, 1] > 0.97


def test_ranks_are_frozen_so_that_a_shift_of_the_market_shows():
    table = customers()
    scorer = ValueScorer().fit(table)
    moved = scorer.transform(table.assign(discount_share=table["discount_share"] + 1))
    assert moved["economic"].mean() > scorer.transform(table)["economic"].mean() + 0.3


def test_an_axis_is_as_reliable_as_its_features_agree():
    table = customers(400)
    common = np.random.default_rng(5).normal(size=400)
    for name in ("discount_share", "promo_share", "billing_ticket_share"):
        table[name] += 2 * common
    reliability = ValueScorer().fit(table).reliability_
    assert reliability["economic"] > 0.85  # three features, correlated at .8: alpha is .92
    assert reliability.drop("economic").max() < 0.35
    assert reliability.between(0, 1).all()
