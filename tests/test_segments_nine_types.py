"""The mixture finds the types it is shown, keeps their names, and owns up where it cannot tell."""

import numpy as np
import pandas as pd
import pytest

from crmlab.segments.features import AXES
from crmlab.segments.nine_types import (
    TYPES,
    UNDETERMINED,
    NineTypeMixture,
    argmax_types,
    label,
    prototypes,
)


def world(per_type=60, spread=0.35, seed=0):
    """Customers scattered around pure examples of each type: scores and the true types."""
    draw = np.random.default_rng(seed)
    truth = np.repeat(list(TYPES), per_type)
    points = prototypes().loc[truth].to_numpy() * 1.2
    scores = pd.DataFrame(points + draw.normal(scale=spread, size=points.shape), columns=list(AXES))
    return scores, pd.Series(truth)


def test_types_are_recovered_under_their_own_names():
    scores, truth = world()
    found = NineTypeMixture().fit(scores).predict(scores)
    named = found != UNDETERMINED
    assert named.mean() > 0.9
    assert (found == truth)[named].mean() > 0.95


def test_probabilities_sum_to_one_and_the_label_needs_min_prob():
    scores, _ = world(spread=0.6)
    mixture = NineTypeMixture(min_prob=0.6).fit(scores)
    probability = mixture.predict_proba(scores)
    assert probability.sum(axis=1).round(9).eq(1).all()
    found = mixture.predict(scores)
    assert (probability.max(axis=1)[found != UNDETERMINED] >= 0.6).all()
    assert (probability.max(axis=1)[found == UNDETERMINED] < 0.6).all()
    assert (found == UNDETERMINED).any()


def test_label_is_undetermined_just_below_the_threshold():
    probability = pd.DataFrame({"pioneer": [0.6, 0.59, np.nan], "planner": [0.4, 0.41, np.nan]})
    assert label(probability, 0.6).tolist() == ["pioneer", UNDETERMINED, UNDETERMINED]


def test_a_missing_score_is_integrated_out_and_makes_the_answer_weaker():
    scores, _ = world()
    mixture = NineTypeMixture().fit(scores)
    pure = prototypes() * 1.2
    known = mixture.predict_proba(pure)
    blind = mixture.predict_proba(pure.assign(functional=np.nan, economic=np.nan, psychological=np.nan))
    assert known.loc["pioneer", "pioneer"] > 0.9
    future = blind.loc["pioneer", ["pioneer", "planner", "perfectionist"]]
    assert future.sum() > 0.9  # the time is still known
    assert future.max() < 0.6  # the value is not
    nothing = mixture.predict_proba(pure * np.nan)
    assert nothing.isna().all().all()


def test_components_stay_in_their_cells():
    scores, truth = world(spread=0.5)
    lopsided = scores[(truth != "nostalgic") & (truth != "perfectionist")]  # two types absent
    mixture = NineTypeMixture().fit(lopsided)
    means, pure = mixture.means_.to_numpy(), prototypes().to_numpy()
    nearest = ((means @ pure.T) / np.linalg.norm(pure, axis=1)).argmax(axis=1)
    assert nearest.tolist() == list(range(len(TYPES)))


def test_fitting_twice_gives_the_same_numbers():
    scores, _ = world(per_type=20)
    first, second = NineTypeMixture().fit(scores), NineTypeMixture().fit(scores)
    assert first.means_.equals(second.means_)
    assert (first.covariance_ == second.covariance_).all()


def test_too_few_full_scores_are_refused():
    scores, _ = world(per_type=5)
    with pytest.raises(ValueError, match="45 customers"):
        NineTypeMixture().fit(scores)


def test_argmax_crosses_the_highest_time_with_the_highest_value():
    scores = pd.DataFrame(
        [[2, 0, 0, 1, 0, 0], [0, 1, 0, 0, 2, 1], [0, 0, 1, 0, 0, 1], [np.nan, 0, 1, 0, 0, 1]],
        columns=list(AXES),
    )
    assert argmax_types(scores).tolist() == [
        "traditionalist",
        "bargain-seeker",
        "perfectionist",
        UNDETERMINED,
    ]
