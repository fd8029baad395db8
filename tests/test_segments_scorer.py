"""Scores compare customers by rank, free of size and age, and silence is called silence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_types import features_of, simulated_scores

from crmlab.segments.behaviour.catalogue import AXES, NAMES
from crmlab.segments.types.scorer import CLIP, ValueScorer, normal_scores


def table(n: int = 400, **columns: np.ndarray) -> pd.DataFrame:
    """Customers of all sizes of whom only `columns` are known, each of ten events."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"records": rng.integers(1, 100, n), "tenure_days": rng.integers(30, 3000, n)})
    for name in NAMES:
        frame[name] = columns.get(name, np.nan)
        frame[f"{name}_n"] = 10 if name in columns else 0
    return frame


def test_a_rank_becomes_its_normal_score_whatever_the_values():
    small, large = np.array([1.0, 2.0, 3.0]), np.array([1.0, 20.0, 3e9])
    assert normal_scores(small, small).tolist() == normal_scores(large, large).tolist()
    low, middle, high = normal_scores(small, small)
    assert low == pytest.approx(-high)
    assert middle == pytest.approx(0, abs=1e-12)


def test_ties_share_the_mean_of_the_ranks_they_fill():
    """Of ten, eight are 0: their ranks are the lowest eight tenths, whose normal mean is −density(z at .8) / .8."""
    values = np.array([0.0] * 8 + [0.1, 0.2])
    assert normal_scores(values, values)[:8].tolist() == pytest.approx([-0.28 / 0.8] * 8, abs=1e-3)


def test_ties_get_ranks_of_their_own_to_fit_on_and_the_same_ones_every_time():
    frame = table(promo_share=np.r_[np.zeros(340), np.linspace(0.1, 1, 60)])
    fitted = ValueScorer().fit_transform(frame)["promo_share"]
    assert fitted[:340].std() > 0.5
    assert ValueScorer().fit(frame).transform(frame)["promo_share"][:340].std() < 0.1
    pd.testing.assert_series_equal(fitted, ValueScorer().fit_transform(frame)["promo_share"])


def test_a_feature_that_is_the_same_for_all_is_silent_and_so_is_one_nobody_has():
    scorer = ValueScorer().fit(table(promo_share=np.full(400, 0.3), spend_trend=np.arange(400.0)))
    assert set(NAMES) - set(scorer.silent_) == {"spend_trend"}
    assert scorer.transform(table(promo_share=np.arange(400.0)))["promo_share"].isna().all()


def test_size_and_age_are_taken_out():
    frame = table()
    size = np.log1p(frame["records"].to_numpy(float))
    frame = table(promo_share=size + np.random.default_rng(1).normal(0, 0.3, len(size)))
    score = ValueScorer().fit(frame).transform(frame)["promo_share"]
    assert abs(np.corrcoef(score, size)[0, 1]) < 1e-6
    assert abs(np.corrcoef(frame["promo_share"], size)[0, 1]) > 0.9


def test_few_events_say_less_than_many():
    """Shares of the same kind of customer by two and by two hundred events: that of two hundred keeps more of its score."""
    rng = np.random.default_rng(2)
    n = np.where(np.arange(2000) % 2, 200, 2)
    frame = table(2000, promo_share=rng.binomial(n, rng.beta(4, 4, 2000)) / n)
    frame["promo_share_n"] = n
    score = ValueScorer().fit(frame).transform(frame)["promo_share"].abs()
    plain = ValueScorer(shrink=False).fit(frame).transform(frame)["promo_share"].abs()
    assert (score / plain)[n == 2].median() < 0.7 * (score / plain)[n == 200].median()


def test_scales_stay_as_they_were_fitted():
    """When everybody buys more in promotions, the scores of a later month say so."""
    before = table(promo_share=np.linspace(0, 0.5, 400))
    scorer = ValueScorer().fit(before)
    later = scorer.transform(before.assign(promo_share=before["promo_share"] + 0.2))
    assert later["promo_share"].mean() > 0.5
    assert later["promo_share"].max() <= CLIP


def test_missing_stays_missing_and_the_index_is_kept():
    frame = table(promo_share=np.r_[np.nan, np.arange(399.0)]).set_index(pd.RangeIndex(1000, 1400))
    scores = ValueScorer().fit(frame).transform(frame)
    assert scores.index.equals(frame.index)
    assert np.isnan(scores["promo_share"].iloc[0])
    assert scores["promo_share"].iloc[1:].notna().all()


def test_nullable_columns_are_read():
    frame = table(promo_share=np.arange(400.0))
    nullable = frame.astype(dict.fromkeys(NAMES, "Float64") | {f"{name}_n": "Int64" for name in NAMES})
    pd.testing.assert_frame_equal(
        ValueScorer().fit(nullable).transform(nullable), ValueScorer().fit(frame).transform(frame)
    )


def test_axes_are_the_means_of_what_speaks_for_them():
    scores, truth = simulated_scores()
    frame = features_of(scores)
    scorer = ValueScorer().fit(frame)
    axes = scorer.axis_scores(scorer.transform(frame))
    assert list(axes) == list(AXES)
    assert axes.std(ddof=0).tolist() == pytest.approx([1.0] * 6)
    past = truth.isin(["traditionalist", "reckoner", "nostalgic"]).to_numpy()
    assert axes.loc[past, "past"].mean() > 0.8 > -0.8 > axes.loc[past, "future"].mean()


def test_nobody_at_all_has_no_scores():
    empty = table().iloc[:0]
    assert ValueScorer().fit(empty).transform(empty).shape == (0, len(NAMES))
