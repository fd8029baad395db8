"""Which model of renewals is taken: boosted trees only where they foretold a year better, with enough losses to tell."""

import numpy as np
import pandas as pd
import pytest
from known_chances import simulated, world

from crmlab.churn.models import choice
from crmlab.churn.models.boosted import BoostedHazard
from crmlab.churn.models.choice import ENOUGH, choose
from crmlab.churn.models.hazard import RenewalHazard
from crmlab.churn.models.held_out import earlier_and_later
from crmlab.files import CrmlabError


def apart(n=4000):
    """Contracts seen once, of which one of two causes alone does harm."""
    rng = np.random.default_rng(5)
    X, _, _ = simulated(n, 3, effects=(0.0,), landmarks=(20,))
    X["quiet"], X["young"] = rng.integers(0, 2, n).astype(float), rng.integers(0, 2, n).astype(float)
    return X, (rng.random(n) < np.where(X.quiet != X.young, 0.5, 0.95)).astype(int)


def test_trees_are_taken_where_they_foretell_better():
    X, y = apart()
    found = choose(X, y)
    assert (found.name, found.why) == ("boosted", "better")
    assert found.gain > 2 * found.error > 0
    assert found.n_lost >= ENOUGH
    assert isinstance(found.model, BoostedHazard)
    assert found.model.n_rows_ == len(X)


def test_the_hazard_stays_where_it_is_right():
    X, y, _ = simulated(4000, 3, landmarks=(20,))
    found = choose(X, y)
    assert (found.name, found.why) == ("hazard", "no_better")
    assert found.gain < 2 * found.error
    assert isinstance(found.model, RenewalHazard)
    assert found.model.n_lost_ == (y == 0).sum()


@pytest.fixture
def no_trees(monkeypatch):
    def fit(*_):
        raise AssertionError("trees were tried")

    monkeypatch.setattr(choice.BoostedHazard, "fit", fit)


@pytest.mark.usefixtures("no_trees")
def test_few_losses_are_not_worth_trying():
    X, y = world(600)
    found = choose(X, y)
    assert (found.name, found.why, found.n_lost < ENOUGH) == ("hazard", "few", True)
    assert np.isnan([found.gain, found.error]).all()
    pd.testing.assert_frame_equal(found.model.limits(X), RenewalHazard().fit(X, y).limits(X))


@pytest.mark.usefixtures("no_trees")
def test_many_losses_of_which_none_is_a_year_old_cannot_be_held_out():
    X, y, _ = simulated(3000, 3, landmarks=(100,))
    recent = X.assign(landmark=X.landmark.max() - pd.to_timedelta(np.arange(len(X)) % 300, unit="D"))
    found = choose(recent, y)
    assert (found.why, found.n_lost > ENOUGH) == ("few", True)


@pytest.mark.usefixtures("no_trees")
def test_landmarks_of_one_contract_are_one_loss():
    X, y, _ = simulated(1200, 3, landmarks=tuple(range(1, 13)))
    found = choose(X, y)
    assert (found.why, found.n_lost < ENOUGH) == ("few", True)
    assert found.n == X.contract_id[X.landmark > _cut(X)].nunique()
    assert 12 * found.n_lost > ENOUGH


def _cut(X):
    return (X.landmark + pd.to_timedelta(X.days_to_end, unit="D")).max() - pd.Timedelta(days=365)


def test_no_contract_is_fitted_and_judged():
    X, _ = world(1500)
    end = X.landmark + pd.to_timedelta(X.days_to_end, unit="D")
    grace = X.assign(landmark=end + pd.Timedelta(days=15), days_to_end=-15)
    X = pd.concat([X, grace], ignore_index=True)
    cut = _cut(X)
    before, after = earlier_and_later(X, cut, X.landmark.max())
    assert not set(X.contract_id[before]) & set(X.contract_id[after])
    assert (X.landmark[before] <= cut).all()
    assert (X.landmark[after] > cut).all()


def test_what_cannot_be_fitted_is_refused():
    X, y = world(50)
    with pytest.raises(CrmlabError, match="one outcome per row"):
        choose(X, y[:-1])
    with pytest.raises(CrmlabError, match="every contract had the same end"):
        choose(X, np.ones(len(X)))
