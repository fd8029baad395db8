"""A Cox model that loses as many as were lost, and ratios that stay finite whatever the features are."""

import io
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter

from crmlab import tables
from crmlab.churn.outputs import HAZARD_RATIOS
from crmlab.churn.survival import cox
from crmlab.churn.survival.cox import RenewalCox, clocked, hazard_ratios
from crmlab.files import CrmlabError


def occasions(n=600, seed=4, **more):
    """Terms of one and two years that tickets make customers leave: each adds 0.7 to the log hazard. Two for each customer."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {"contract_id": [f"K{i}" for i in range(n)], "customer_id": [f"C{i // 2}" for i in range(n)]}
    )
    X["landmark"] = pd.Timestamp("2025-01-31")
    X["days_to_end"] = rng.integers(1, 300, n)
    X["tickets"] = rng.integers(0, 4, n).astype(float)
    X = X.assign(**more)
    years = pd.Series(rng.choice([1, 2], n, p=[0.7, 0.3]), index=X.contract_id)
    y = (rng.random(n) < np.exp(-0.1 * np.exp(0.7 * X.tickets))).astype(int)
    return X, y, years


@pytest.fixture(scope="module")
def fitted():
    X, y, years = occasions()
    rows = clocked(X, y, years)
    return RenewalCox(penalizer=0.01).fit(X, rows), X, rows


def fit(X, y, years, **settings):
    """Fitted without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return RenewalCox(**settings).fit(X, clocked(X, y, years))


def ratios(*args, **settings):
    return hazard_ratios(fit(*args, **settings)).set_index("feature")


def test_occasions_are_at_risk_from_the_landmark_to_the_day_after_the_last():
    X = pd.DataFrame({"contract_id": ["a", "b", "b"], "customer_id": "A", "days_to_end": [0, 700, -5]})
    rows = clocked(X, np.array([1, 0, 0]), pd.Series({"a": 1, "b": 2}))
    assert rows[["entry", "duration", "lost"]].to_numpy().tolist() == [
        [365, 366, False],
        [30, 731, True],
        [730, 731, True],
    ]
    assert not clocked(X, None, pd.Series({"a": 1, "b": 2})).lost.any()


def test_a_contract_without_a_length_is_named():
    X = pd.DataFrame({"contract_id": ["a"], "customer_id": "A", "days_to_end": [0]})
    with pytest.raises(CrmlabError, match="contract a has no length"):
        clocked(X, None, pd.Series({"b": 1}))


def test_the_planted_hazard_ratio_is_found(fitted):
    model, X, _ = fitted
    found = hazard_ratios(model).set_index("feature").loc["tickets"]
    assert found.low < np.exp(0.7) < found.high
    assert found.p_value < 0.001
    assert found.n == (X.tickets > 0).sum()
    assert found.ph_p > 0.05


def test_the_ridge_for_chances_does_not_shrink_the_ratios():
    weak, strong = (ratios(*occasions(), penalizer=p).hazard_ratio["tickets"] for p in (0.01, 10.0))
    assert strong == pytest.approx(weak)


def test_keys_are_no_features(fitted):
    assert list(fitted[0].coefficients_) == ["tickets"]


def test_rows_of_one_customer_are_no_independent_witnesses():
    X, y, years = occasions(200)
    once = ratios(X, y, years).loc["tickets"]
    again = X.assign(contract_id="again " + X.contract_id)
    twice = ratios(
        pd.concat([X, again], ignore_index=True),
        np.tile(y, 2),
        pd.concat([years, years.set_axis(again.contract_id)]),
    )
    width = np.log(once.high / once.low)
    assert np.log(twice.loc["tickets"].high / twice.loc["tickets"].low) == pytest.approx(width, rel=0.05)


def test_as_many_are_foreseen_as_were_lost(fitted):
    model, X, rows = fitted
    foreseen = 1 - model.renewal_probability(X, rows.set_index("contract_id").years)
    for years in (1, 2):
        own = (rows.years == years).to_numpy()
        assert foreseen[own].sum() == pytest.approx(rows.lost[own].sum(), rel=1e-6)


def test_survival_so_far_is_given(fitted):
    model, X, rows = fitted
    end = rows.years.to_numpy() * 365
    assert (model.survival(X, rows, end, end - 100) == 1).all()  # losses fall on the day after the last
    assert (model.survival(X, rows, end + 30, end + 1) == 1).all()


def test_a_term_length_without_losses_borrows_the_nearest_baseline(fitted):
    model, X, _ = fitted
    one = X.head(1)
    five, two = (model.renewal_probability(one, pd.Series({"K0": years})) for years in (5, 2))
    assert five == pytest.approx(two)


def test_agrees_with_lifelines_where_nobody_enters_late_and_ties_are_few():
    X, y, _ = occasions(400)
    rows = clocked(X, y, pd.Series(1, index=X.contract_id))
    rows = rows.assign(entry=0, duration=np.random.default_rng(1).permutation(400) + 1)
    model = RenewalCox(penalizer=0.01).fit(X, rows)
    theirs = CoxPHFitter(penalizer=0.01).fit(rows[["duration", "lost"]].join(X.tickets), "duration", "lost")
    expected = theirs.predict_survival_function(X.head(20), times=[200], conditional_after=[100] * 20)
    ours = model.survival(X.head(20), rows.head(20), np.full(20, 300), np.full(20, 100))
    assert ours == pytest.approx(expected.to_numpy()[0], abs=0.01)


@pytest.mark.parametrize(
    "nothing", [1.0, np.nan, pd.NA, "one", True], ids=["constant", "missing", "no value", "one label", "flag"]
)
def test_a_feature_that_tells_nothing_has_no_ratio(nothing):
    X, y, years = occasions(200)
    assert list(ratios(X.assign(nothing=nothing), y, years).index) == ["tickets"]


def test_without_any_feature_all_have_the_chance_of_their_term_length():
    X, y, years = occasions(200)
    model = fit(X.drop(columns="tickets"), y, years)
    assert hazard_ratios(model).empty
    assert np.isnan(model.concordance_)
    kept = years[years == 1].index
    chance = model.renewal_probability(X[X.contract_id.isin(kept)], years)
    assert chance == pytest.approx(y[X.contract_id.isin(kept)].mean())


@pytest.mark.parametrize("n", [60, 600])
def test_a_feature_that_parts_the_lost_from_the_others_has_a_finite_ratio(n):
    X, y, years = occasions(n)
    model = fit(X.assign(gone=(y == 0).astype(float)), y, years)
    gone = hazard_ratios(model).set_index("feature").loc["gone"]
    assert gone.low > 1
    assert np.isfinite([gone.hazard_ratio, gone.low, gone.high]).all()
    assert np.isfinite(model.renewal_probability(X.assign(gone=1.0), years)).all()


def test_a_label_that_is_gone_in_all_lost_ones_has_a_finite_ratio():
    X, y, years = occasions(600)
    found = ratios(X.assign(level=np.where(y == 0, "cheap", "dear")), y, years)
    assert np.isfinite(found[["hazard_ratio", "low", "high"]].to_numpy(float)).all()
    assert "level=cheap" in found.index


def test_missing_numbers_stand_at_the_median():
    X, y, years = occasions(400)
    gap = X.assign(tickets=X.tickets.astype("Float64").mask(X.index < 50))
    filled = gap.assign(tickets=gap.tickets.fillna(gap.tickets.median()))
    assert ratios(gap, y, years).hazard_ratio["tickets"] == pytest.approx(
        ratios(filled, y, years).hazard_ratio["tickets"]
    )


def test_labels_stand_against_the_commonest_where_enough_contracts_were_lost():
    """Of thirty rare ones fifteen were lost: on thirty rows, but contracts are counted."""
    X, y, years = occasions(600)
    level = np.where(X.index < 400, "a", np.where(X.index < 570, "b", "rare"))
    X, y = X.assign(level=pd.array(level, dtype="string")), np.where(level == "rare", X.index % 2, y)
    seen_twice = pd.concat([X, X.assign(days_to_end=X.days_to_end - 1)], ignore_index=True)
    assert list(ratios(seen_twice, np.tile(y, 2), years).index) == ["level=b", "tickets"]


def test_a_ratio_is_for_one_unit_more():
    X, y, years = occasions(400)
    tens = np.log(ratios(X.assign(tickets=X.tickets * 10), y, years)[["hazard_ratio", "low", "high"]])
    ones = np.log(ratios(X, y, years)[["hazard_ratio", "low", "high"]])
    assert (10 * tens).loc["tickets"].tolist() == pytest.approx(ones.loc["tickets"].tolist(), rel=1e-3)


def test_a_number_counts_no_more_beyond_four_deviations():
    X, y, years = occasions(300)
    model = fit(X, y, years)
    far, farther = (model.renewal_probability(X.head(1).assign(tickets=t), years) for t in (100.0, 1000.0))
    assert far == farther


def test_a_rare_flag_is_not_cut():
    X, y, years = occasions(600, rare=(np.arange(600) % 60 == 0).astype(float))
    model = fit(X, y, years)
    assert model.design_.table(X).rare.max() == 1


def test_many_losses_on_one_day_do_not_lead_the_search_astray():
    """Nearly all with the flag are lost, few of the others. From its own first step lifelines ends nowhere, with a warning only."""
    X, _, years = occasions(400)
    X = X.assign(late=(X.index % 20 == 0).astype(float))
    y = np.where(X.late == 1, X.index % 200 == 0, X.index % 20 != 1).astype(int)
    model = fit(X, y, years, penalizer=0.001)
    assert model.penalizer_ == 0.001
    assert model.coefficients_["late"] > 2
    assert model.concordance_ > 0.6


def test_a_search_without_an_end_tries_a_stronger_ridge_and_then_says_so(monkeypatch):
    class Lost(CoxPHFitter):
        def fit(self, *args, **options):
            warnings.warn(
                "Newton-Raphson failed to converge sufficiently", cox.ConvergenceWarning, stacklevel=1
            )
            return self

    class LostWithoutARidge(Lost):
        def fit(self, *args, **options):
            return CoxPHFitter.fit(self, *args, **options) if self.penalizer >= 0.01 else super().fit()

    X, y, years = occasions(200)
    monkeypatch.setattr(cox, "CoxPHFitter", LostWithoutARidge)
    assert fit(X, y, years, penalizer=0.002).penalizer_ == pytest.approx(0.02)
    monkeypatch.setattr(cox, "CoxPHFitter", Lost)
    with pytest.raises(CrmlabError, match="found no end"):
        fit(X, y, years)


def test_nobody_lost_is_said():
    X, y, years = occasions(50)
    with pytest.raises(CrmlabError, match="no contract was lost"):
        fit(X, np.ones_like(y), years)


def test_terms_that_all_were_lost_on_one_day_make_no_pair_to_rank():
    X, y, _ = occasions(60)
    model = fit(X, np.zeros_like(y), pd.Series(1, index=X.contract_id))
    assert np.isnan(model.concordance_)


def test_a_single_customer_has_no_limits():
    X, y, years = occasions(100)
    found = ratios(X.assign(customer_id="C"), y, years).loc["tickets"]
    assert found.hazard_ratio > 1
    assert found[["low", "high", "p_value", "ph_p"]].isna().all()


def test_chances_alone_have_no_ratios():
    X, y, years = occasions(200)
    model = RenewalCox().fit(X, clocked(X, y, years), with_ratios=False)
    pd.testing.assert_frame_equal(hazard_ratios(model), tables.empty(HAZARD_RATIOS))
    assert model.coefficients_ == fit(X, y, years).coefficients_


def test_the_stored_model_has_the_same_bytes_each_time():
    stored = []
    for _ in range(2):
        buffer = io.BytesIO()
        joblib.dump(fit(*occasions(200)), buffer)
        stored.append(buffer.getvalue())
    assert stored[0] == stored[1]
