"""Reasons are the features that speak most for the likeliest type, with the values people know."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_types import features_of, simulated_scores

from crmlab.segments.outputs import WHY
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.reasons import why
from crmlab.segments.types.scorer import ValueScorer


@pytest.fixture(scope="module")
def company():
    scores, truth = simulated_scores(300)
    table = features_of(scores.mask(np.random.default_rng(1).random(scores.shape) < 0.2))
    scorer = ValueScorer()
    model = NineTypeMixture(belief=1.0).fit(scorer.fit_transform(table.set_index("customer_id")))
    scores = scorer.transform(table.set_index("customer_id"))
    told = model.labels(model.predict_proba(scores))
    return table, scores, model, told.rename_axis("customer_id").reset_index(), truth


def test_at_most_three_per_customer_strongest_first(company):
    found = why(*company[:4])
    assert list(found) == [c.name for c in WHY.columns]
    assert not found.duplicated(["customer_id", "rank"]).any()
    assert found["rank"].max() == 3
    assert (found["log_odds"] > 0).all()
    falls = found.groupby("customer_id")["log_odds"].diff().dropna()
    assert (falls <= 0).all()


def test_they_are_the_exact_contributions_and_the_customers_own_values(company):
    table, scores, model, told, _ = company
    found = why(table, scores, model, told)
    row = found.iloc[0]
    own = told.set_index("customer_id").loc[row.customer_id]
    adds = model.explain(scores.loc[[row.customer_id]], [own.likeliest], [own.runner_up])
    assert row.log_odds == pytest.approx(adds.iloc[0].drop("constant").max())
    assert row.value == table.set_index("customer_id").loc[row.customer_id, row.feature]
    assert row.typical == table[row.feature].median()


def test_a_missing_feature_is_no_reason(company):
    table, scores, model, told, _ = company
    assert why(table, scores, model, told)["value"].notna().all()


def test_planners_are_told_by_what_speaks_for_planners(company):
    table, scores, model, told, truth = company
    planners = told[(told["likeliest"] == "planner") & (told["customer_id"].map(truth) == "planner")]
    first = why(table, scores, model, planners).query("rank == 1")
    assert len(first) > 10
    assert first["above"].mean() > 0.5


def test_a_customer_without_a_guess_has_no_reason(company):
    table, scores, model, told, _ = company
    nothing = told.assign(likeliest=None, runner_up=None)
    assert why(table, scores, model, nothing).empty
    half = told.assign(likeliest=told["likeliest"].where(told.index > 0, None))
    assert told.loc[0, "customer_id"] not in set(why(table, scores, model, pd.DataFrame(half))["customer_id"])
