"""Evidence judges each prototype by types that were told without it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_types import features_of, simulated_scores

from crmlab.segments.behaviour.catalogue import NAMES
from crmlab.segments.outputs import EVIDENCE
from crmlab.segments.types.evidence import evidence
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer


def judged(scores: pd.DataFrame, moved: pd.DataFrame | None = None) -> pd.DataFrame:
    table = features_of(scores)
    scorer = ValueScorer()
    model = NineTypeMixture(belief=1.0).fit(scorer.fit_transform(table))
    return evidence(table, scorer, scorer.transform(table), model, moved).set_index("feature")


@pytest.fixture(scope="module")
def company() -> pd.DataFrame:
    """One prototype is upside down, one feature says nothing, one is the same for all, one is known of half."""
    scores, _ = simulated_scores(900)
    scores["renewal_lead"] *= -1
    scores["discount_share"] = np.random.default_rng(8).normal(size=900)
    scores["promo_share"] = 0.0
    scores.loc[scores.index[::2], "quote_rounds"] = np.nan
    return judged(scores)


def test_a_wrong_prototype_is_flagged_not_hidden(company):
    assert company.loc["renewal_lead", "verdict"] == "contradicts"
    assert company.loc["renewal_lead", "high"] < 0


def test_right_prototypes_agree(company):
    others = company.drop(["renewal_lead", "discount_share", "promo_share"])
    assert (others["verdict"] == "agrees").all()
    assert (others["effect"] > 0.3).all()


def test_noise_is_weak_and_what_is_the_same_for_all_is_silent(company):
    assert company.loc["discount_share", "verdict"] == "weak"
    assert company.loc["promo_share", "verdict"] == "silent"
    assert pd.isna(company.loc["promo_share", "effect"])


def test_of_how_many_it_is_known(company):
    assert company.loc["quote_rounds", "n"] == 450
    assert company.loc["quote_rounds", "share"] == 0.5
    assert len(company) == len(NAMES)


def test_limits_hold_the_effect_of_a_feature_without_any(company):
    """Of twenty features of noise most limits hold 0: they are not told from types that the feature itself made."""
    scores, _ = simulated_scores(600, loudness=2.5, noise=20, seed=2)
    found = judged(scores).loc[list(NAMES[-20:])]
    assert ((found["low"] <= 0) & (found["high"] >= 0)).mean() > 0.5
    assert found["effect"].abs().max() < 0.35


def test_drift_is_taken_from_whoever_measured_it():
    scores, _ = simulated_scores(300)
    moved = pd.DataFrame({"feature": list(NAMES), "shift": 0.1, "drifts": False})
    moved.loc[moved["feature"] == "promo_share", ["shift", "drifts"]] = 0.6, True
    found = judged(scores, moved)
    assert found.index[found["drifts"]].tolist() == ["promo_share"]
    assert found.loc["promo_share", "shift"] == 0.6


def test_without_a_mixture_nothing_is_judged():
    scores, _ = simulated_scores(30)
    table = features_of(scores)
    scorer = ValueScorer().fit(table)
    found = evidence(table, scorer, scorer.transform(table), None)
    assert list(found) == [c.name for c in EVIDENCE.columns]
    assert found["effect"].isna().all()
    assert found["n"].eq(30).all()
