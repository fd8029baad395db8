"""The mixture finds the nine types where they are, says how sure that is, and keeps its head on bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal
from simulated_types import features_of, simulated_scores

from crmlab.segments.behaviour.catalogue import AXES, FEATURES, NAMES, TYPES, UNDETERMINED
from crmlab.segments.types.doubt import doubted, granted, scaled_to
from crmlab.segments.types.mixture import NineTypeMixture
from crmlab.segments.types.scorer import ValueScorer

OF_TICKETS = [f.name for f in FEATURES if f.source == "tickets"]


def mixture(**changed) -> NineTypeMixture:
    """One that believes its own log-odds, which saves the replicates."""
    return NineTypeMixture(belief=1.0, **changed)


def right(told: pd.DataFrame, truth: pd.Series) -> float:
    return float((told.idxmax(axis=1) == truth).mean())


@pytest.fixture(scope="module")
def whole() -> tuple[NineTypeMixture, pd.DataFrame, pd.Series]:
    scores, truth = simulated_scores(600)
    return mixture().fit(scores), scores, truth


@pytest.fixture(scope="module")
def patchy() -> tuple[NineTypeMixture, pd.DataFrame]:
    """Whole sources are missing of some customers, single features of others."""
    scores, _ = simulated_scores(400, seed=3)
    rng = np.random.default_rng(3)
    for source in ("sales", "quotes", "remarks", "contracts"):
        scores.loc[rng.random(400) < 0.3, [f.name for f in FEATURES if f.source == source]] = np.nan
    for name in ("renewal_lead", "sku_repeat_share", "on_demand_share"):
        scores.loc[rng.random(400) < 0.3, name] = np.nan
    return mixture().fit(scores), scores


def test_without_a_label_it_finds_nearly_as_much_as_with_all_of_them(whole):
    model, scores, truth = whole
    limit = right(mixture().fit(scores, truth).predict_proba(scores), truth)
    assert right(model.predict_proba(scores), truth) > limit - 0.05 > 0.75


def test_probabilities_sum_to_one_and_those_of_axes_over_their_types(whole):
    model, scores, _ = whole
    proba, axes = model.predict_proba(scores), model.axis_proba(scores)
    assert list(proba) == list(TYPES)
    assert list(axes) == list(AXES)
    assert proba.sum(axis=1).to_numpy() == pytest.approx(np.ones(len(scores)))
    assert axes["past"].to_numpy() == pytest.approx(
        proba[["traditionalist", "reckoner", "nostalgic"]].sum(axis=1)
    )


def test_what_is_missing_is_integrated_out_exactly(patchy):
    """The probabilities are those of the density of what is known, feature by feature of the whole covariance."""
    model, scores = patchy
    covariance = pd.DataFrame(0.0, index=list(NAMES), columns=list(NAMES))
    for block in model.covariances_.values():
        covariance.loc[block.index, block.columns] = block
    proba = model.predict_proba(scores)
    for customer in scores.index[:12]:
        x = scores.loc[customer].dropna()
        at = covariance.loc[x.index, x.index]
        log = [multivariate_normal.logpdf(x, model.means_.loc[t, x.index], at) for t in TYPES]
        logit = model.temper_ * np.array(log) + np.log(model.weights_.to_numpy())
        wanted = np.exp(logit - logit.max()) / np.exp(logit - logit.max()).sum()
        assert proba.loc[customer].to_numpy() == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("belief", [1.0, 0.6])
def test_reasons_sum_to_the_log_odds_exactly_with_missing_values_too(patchy, belief):
    _, scores = patchy
    model = NineTypeMixture(belief=belief).fit(scores)
    proba = model.predict_proba(scores)
    told = model.labels(proba).dropna(subset=["likeliest"])
    proba, scores = proba.loc[told.index], scores.loc[told.index]
    adds = model.explain(scores, told["likeliest"], told["runner_up"])
    top = np.sort(proba.to_numpy(), axis=1)
    assert adds.sum(axis=1).to_numpy() == pytest.approx(np.log(top[:, -1] / top[:, -2]), abs=1e-8)
    assert (adds[list(NAMES)].where(scores.isna(), 0.0) == 0).all(axis=None)


def test_no_reason_where_there_is_no_type(whole):
    model, scores, _ = whole
    assert model.explain(scores.iloc[:1], [None], ["planner"]).isna().all(axis=None)


def test_of_few_customers_time_and_value_add_up():
    """Fewer than a thousand keep cells tied: what past and present differ by is the same whatever the value."""
    model = mixture().fit(simulated_scores(500)[0])
    assert not model.relaxed_
    m = model.means_.drop(columns="price_lock_share")
    past = m.loc["traditionalist"] - m.loc["reckoner"]
    present = m.loc["pragmatist"] - m.loc["bargain-seeker"]
    assert past.to_numpy() == pytest.approx(present.to_numpy(), abs=1e-6)


def test_of_many_customers_a_cell_may_depart():
    """Nostalgics, and they alone, ask how things work."""
    scores, truth = simulated_scores(2500)
    scores.loc[truth == "nostalgic", "howto_ticket_share"] += 2
    assert mixture().fit(scores).relaxed_
    free = mixture().fit(scores).means_["howto_ticket_share"]
    tied = mixture(cell_resistance=1e6).fit(scores).means_["howto_ticket_share"]
    interaction = {
        name: m["nostalgic"] - m["reckoner"] - m["perfectionist"] + m["planner"]
        for name, m in {"free": free, "tied": tied}.items()
    }
    assert interaction["free"] > 0.5
    assert abs(interaction["tied"]) < 0.05


def test_a_type_nobody_has_is_given_to_nobody():
    scores, truth = simulated_scores(1500, absent=("nostalgic", "pioneer"))
    model = mixture().fit(scores)
    told = model.predict_proba(scores)
    assert told.idxmax(axis=1).isin(["nostalgic", "pioneer"]).mean() <= 0.01
    assert model.weights_[["nostalgic", "pioneer"]].max() < 0.02
    assert right(told, truth) > 0.8


def test_an_analysts_label_is_kept_in_the_fit_and_teaches():
    """Where prototypes are all but silent, labels of a third move the rest."""
    scores, truth = simulated_scores(600, loudness=0.45, seed=5)
    named = truth.where(np.arange(600) % 3 == 0, None)
    rest = named.isna().to_numpy()
    alone = mixture().fit(scores).predict_proba(scores)[rest]
    taught = mixture().fit(scores, named).predict_proba(scores)[rest]
    assert right(taught, truth[rest]) > right(alone, truth[rest]) + 0.02


def test_a_label_that_is_no_type_is_named(whole):
    _, scores, truth = whole
    with pytest.raises(ValueError, match="'plannner' is no value type"):
        mixture().fit(scores, truth.replace("planner", "plannner"))


def test_labels_say_type_or_axis_or_nothing():
    proba = pd.DataFrame(0.0, index=list("ABCD"), columns=list(TYPES))
    proba.loc["A", ["planner", "pioneer"]] = 0.7, 0.3
    proba.loc["B", ["planner", "pioneer", "reckoner"]] = 0.5, 0.3, 0.2
    proba.loc["C", ["planner", "pragmatist", "reckoner"]] = 0.4, 0.35, 0.25
    proba.loc["D"] = np.nan
    told = NineTypeMixture().labels(proba)
    assert told["type"].tolist() == ["planner", UNDETERMINED, UNDETERMINED, UNDETERMINED]
    assert told["axis"].tolist() == ["", "future", "", ""]
    assert told["likeliest"].tolist() == ["planner"] * 3 + [None]
    assert told["runner_up"].tolist() == ["pioneer", "pioneer", "pragmatist", None]
    assert told["p"].tolist()[:3] == [0.7, 0.5, 0.4]


def test_customers_with_tickets_only_are_told_with_less_certainty(whole):
    model, scores, truth = whole
    tickets = scores[OF_TICKETS].reindex(columns=list(NAMES))
    proba = model.predict_proba(tickets)
    assert proba.notna().all(axis=None)
    assert proba.max(axis=1).mean() < model.predict_proba(scores).max(axis=1).mean() - 0.1
    assert right(proba, truth) > 0.3


def test_a_company_with_tickets_only_is_told_what_tickets_tell():
    scores, truth = simulated_scores(600, loudness=1.5)
    tickets = scores[OF_TICKETS].reindex(columns=list(NAMES))
    assert right(mixture().fit(tickets).predict_proba(tickets), truth) > 0.4


def test_a_customer_of_whom_nothing_is_known_is_undetermined(whole):
    model, scores, _ = whole
    some = scores.iloc[:3].copy()
    some.iloc[1] = np.nan
    assert model.predict_proba(some).isna().all(axis=1).tolist() == [False, True, False]
    assert model.predict(some).iloc[1] == UNDETERMINED


def test_duplicated_customers_change_nothing_much(whole):
    model, scores, _ = whole
    twice = pd.concat([scores, scores.iloc[:200]])
    proba = mixture().fit(twice).predict_proba(scores)
    assert (proba.idxmax(axis=1) == model.predict_proba(scores).idxmax(axis=1)).mean() > 0.97


def test_twenty_features_of_noise_do_not_drown_seven():
    scores, truth = simulated_scores(1200, loudness=2.5, noise=20)
    without = scores.copy()
    without.iloc[:, -20:] = np.nan
    told, bare = (mixture().fit(x).predict_proba(x) for x in (scores, without))
    assert right(told, truth) > right(bare, truth) - 0.05


def test_a_feature_that_is_nearly_always_zero_does_not_take_over():
    """One in ten bills something, whoever it is: types are told as well as if nobody did."""
    scores, truth = simulated_scores(800)
    table = features_of(scores)
    table["billing_ticket_share"] = np.where(np.random.default_rng(9).random(800) < 0.1, 0.4, 0.0)
    told = {}
    for name, frame in {"with": table, "without": table.assign(billing_ticket_share=np.nan)}.items():
        scorer = ValueScorer()
        model = mixture().fit(scorer.fit_transform(frame))
        told[name] = right(model.predict_proba(scorer.transform(frame)).set_index(truth.index), truth)
    assert told["with"] > told["without"] - 0.02
    assert told["without"] > 0.75


def test_too_few_customers_are_refused():
    for n in (2, 30):
        with pytest.raises(ValueError, match=f"{n} customers with any score; 50 are needed"):
            mixture().fit(simulated_scores(n)[0])


def test_customers_who_are_all_alike_are_refused():
    scores, _ = simulated_scores(100)
    table = features_of(scores)
    table[list(NAMES)] = 0.5
    with pytest.raises(ValueError, match="no feature tells these customers apart"):
        mixture().fit(ValueScorer().fit_transform(table))
    with pytest.raises(ValueError, match="no feature tells these customers apart"):
        mixture().fit(scores * np.nan)


def test_two_fits_are_the_same(patchy):
    model, scores = patchy
    pd.testing.assert_frame_equal(mixture().fit(scores).predict_proba(scores), model.predict_proba(scores))


def test_sources_that_agree_for_another_reason_count_less():
    """One hidden cause moves every feature to the side its prototype of the future says: half of the evidence is no evidence."""
    scores, _ = simulated_scores(800)
    future = np.array(
        [1.0 if f.speaks_for == "future" else -1.0 if f.against == "future" else 0.0 for f in FEATURES]
    )
    cause = np.random.default_rng(4).normal(size=(800, 1))
    assert mixture().fit(scores).temper_ > 0.9
    assert mixture().fit(scores + 0.8 * cause * future).temper_ < 0.9


def test_it_claims_no_more_than_its_replicates_grant(whole):
    _, scores, _ = whole
    few = scores.iloc[:80]
    model = NineTypeMixture().fit(few)
    assert 0 < model.belief_ < 1
    own = mixture().fit(few)
    believed, claimed = (m.predict_proba(few) for m in (model, own))
    assert believed.max(axis=1).mean() < claimed.max(axis=1).mean()
    assert (believed.idxmax(axis=1) == claimed.idxmax(axis=1)).all()


def test_the_claim_is_scaled_to_what_is_granted():
    log_odds = np.log(np.array([[0.9, 0.1], [0.2, 0.8]]))
    best = np.array([0, 1])
    factor = scaled_to(log_odds, best, 0.7)
    share = np.exp(factor * log_odds)
    share /= share.sum(axis=1, keepdims=True)
    assert share.max(axis=1).mean() == pytest.approx(0.7)
    assert scaled_to(log_odds, best, 0.99) == 1.0


def test_replicates_that_agree_grant_everything():
    best = np.array([0, 1, 2])
    assert granted(lambda rows, pure: np.eye(9)[best], 3, best) == 1.0


def test_a_share_of_the_prototypes_is_doubted():
    rng = np.random.default_rng(0)
    pure = doubted(rng, wrong=0.0)
    changed = np.mean([(doubted(rng, wrong=0.2) != pure).any().mean() for _ in range(12)])
    assert (pure == doubted(rng, wrong=0.0)).all(axis=None)
    assert 0.08 < changed < 0.3


@pytest.mark.slow
def test_a_customer_known_only_by_what_a_replicate_lacks_takes_nobodys_type_away():
    scores, _ = simulated_scores(120, seed=5)
    scores["quote_rounds"] = np.nan
    scores.iloc[1, scores.columns.get_loc("quote_rounds")] = 1.0
    alone = pd.DataFrame(np.nan, index=[len(scores)], columns=scores.columns).assign(quote_rounds=-1.0)
    model = NineTypeMixture().fit(pd.concat([scores, alone]))
    assert model.belief_ > 0.05
    assert model.predict_proba(scores).max(axis=1).mean() > 0.3


def test_a_source_that_nobody_in_the_sample_is_known_by_tells_nothing(monkeypatch):
    monkeypatch.setattr("crmlab.segments.types.mixture.MAX_ROWS", 300)
    scores, _ = simulated_scores(400, seed=5)
    sample = np.random.default_rng(0).choice(np.arange(400), 300, replace=False)
    others = np.setdiff1d(np.arange(400), sample)
    scores.loc[~scores.index.isin(scores.index[others[:2]]), OF_TICKETS] = np.nan
    fitted = mixture().fit(scores)
    assert fitted.means_[OF_TICKETS].isna().all(axis=None)
    assert fitted.predict_proba(scores).notna().all(axis=None)
