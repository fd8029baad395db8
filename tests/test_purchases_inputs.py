"""What cannot be fitted is refused with a count and a remedy; what has no maximum warns and says so."""

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.purchases import (
    BGNBD,
    MBGCNBD,
    MBGNBD,
    DegenerateFit,
    GammaGamma,
    InputError,
    ParetoNBD,
)
from crmlab.purchases.models.histories import Histories
from crmlab.purchases.models.simulate import simulate_purchases

MODELS = [BGNBD(), MBGNBD(), MBGCNBD(k=2), ParetoNBD()]
FREQUENCY = [2, 1, 0, 0, 5, 0, 3]
RECENCY = [30.0, 2.0, 0.0, 0.0, 36.0, 0.0, 9.0]
AGE = [39.0, 39.0, 38.0, 35.0, 39.0, 33.0, 30.0]
OBSERVED = np.tile([26.0, 39.0], 1500)
BOUGHT, LAST, _ = simulate_purchases("MBGNBD", {"r": 0.6, "alpha": 6.0, "a": 0.9, "b": 1.6}, OBSERVED, seed=1)
every_model = pytest.mark.parametrize("model", MODELS, ids=repr)


def changed(values, row, value):
    return [value if i == row else v for i, v in enumerate(values)]


@every_model
@pytest.mark.parametrize(
    ("history", "told"),
    [
        ((FREQUENCY, RECENCY, changed(AGE, 3, -35.0)), "T is negative in 1 of 7 rows .first: row 3.*leave out"),
        ((FREQUENCY, RECENCY, changed(AGE, 3, 0.0)), "T is 0 in 1 of 7 rows .first: row 3.*leave out"),
        ((FREQUENCY, changed(RECENCY, 0, 39.5), AGE), "recency exceeds T in 1 of 7 rows .*one time unit"),
        ((FREQUENCY, changed(RECENCY, 2, 4.0), AGE), "frequency is 0 but recency is not in 1 of 7 rows"),
        ((changed(FREQUENCY, 1, np.nan), RECENCY, AGE), "frequency is missing in 1 of 7 rows .*drop"),
        ((FREQUENCY, changed(RECENCY, 1, np.nan), AGE), "recency is missing in 1 of 7 rows .*drop"),
        ((FREQUENCY, RECENCY, changed(AGE, 6, np.inf)), "T is infinite in 1 of 7 rows .first: row 6"),
        ((changed(FREQUENCY, 1, -1), RECENCY, AGE), "frequency is negative in 1 of 7 rows"),
        ((changed(FREQUENCY, 1, 1.5), RECENCY, AGE), "frequency is not whole in 1 of 7 rows"),
        ((FREQUENCY, changed(RECENCY, 1, -2.0), AGE), "recency is negative in 1 of 7 rows"),
        ((FREQUENCY, RECENCY, AGE[:5]), "differ in length .frequency 7, recency 7, T 5"),
        ((["many"] * 7, RECENCY, AGE), "frequency: numbers were expected"),
        ((FREQUENCY[:1], RECENCY[:1], AGE[:1]), "1 customers; four parameters need many"),
        (([], [], []), "0 customers"),
    ],
)  # fmt: skip
def test_impossible_histories_are_refused_with_a_count_and_a_remedy(model, history, told):
    with pytest.raises(InputError, match=told) as caught:
        model.fit(*history)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, CrmlabError)


@pytest.mark.parametrize(
    ("weights", "told"),
    [([1] * 6, "weights has 6 rows"), ([1] * 6 + [-1], "negative in 1"), ([1] * 6 + [np.nan], "missing")],
)
def test_impossible_weights_are_refused(weights, told):
    with pytest.raises(InputError, match=told):
        MBGNBD().fit(FREQUENCY, RECENCY, AGE, weights)


@pytest.mark.parametrize(
    ("frequency", "monetary", "told"),
    [
        ([1, 2, 3], [10.0, 0.0, -4.0], "monetary is 0 or below in 2 of 3 rows .first: row 1.*returns"),
        ([1, 2, 3], [10.0, np.nan, 4.0], "monetary is missing or infinite in 1 of 3 rows"),
        ([1, 2, 3], [10.0, np.inf, 4.0], "monetary is missing or infinite in 1 of 3 rows"),
        ([1, -2, 3], [10.0, 5.0, 4.0], "frequency is negative or not whole in 1 of 3 rows"),
        ([0, 0, 3], [0.0, 0.0, 4.0], "1 repeat buyers of 3 rows"),
    ],
)
def test_impossible_spend_is_refused(frequency, monetary, told):
    with pytest.raises(InputError, match=told):
        GammaGamma().fit(frequency, monetary)


@every_model
def test_one_time_buyers_alone_have_no_maximum(model):
    with pytest.warns(DegenerateFit, match="runs away to .*; |hardly tell"):
        model.fit([0] * 50, [0] * 50, np.linspace(20, 39, 50))
    assert not model.converged_
    assert np.isnan(list(model.standard_errors_.values())).all()
    expected = model.expected_purchases(39, [0], [0], [30])
    assert 0 <= expected[0] < 0.05


@every_model
def test_identical_customers_have_no_maximum(model):
    with pytest.warns(DegenerateFit):
        model.fit([3] * 50, [30] * 50, [39] * 50)
    assert not model.converged_
    assert np.isfinite(model.expected_purchases(39, [3], [30], [39])).all()


@pytest.mark.parametrize("monetary", [[20.0] * 30, [20.0, 20.000001] * 15])
def test_identical_spend_has_no_maximum(monetary):
    with pytest.warns(DegenerateFit, match="mean"):
        model = GammaGamma().fit([1, 2, 3] * 10, monetary)
    assert not model.converged_
    assert model.expected_value([2], [20.0])[0] == pytest.approx(20, rel=0.01)


@every_model
@pytest.mark.parametrize("unit", [1.0, 7.0, 86_400.0])
def test_a_customer_of_ten_thousand_purchases_overflows_nothing(model, unit):
    history = (
        np.append(BOUGHT, 10_000),
        np.append(LAST, 38.9) * unit,
        np.append(OBSERVED, 39.0) * unit,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", DegenerateFit)
        model.fit(*history)
        alive = model.probability_alive(*history)
        expected = model.expected_purchases(39 * unit, *history)
        low, high = model.predictive_interval(39 * unit, *history)
    assert np.isfinite(list(model.params_.values())).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    assert np.isfinite(expected).all()
    assert 0 < expected[-1] < 11_000
    assert low[-1] <= high[-1] < 12_000


@every_model
def test_nullable_columns_and_single_numbers_are_understood(model):
    table = pd.DataFrame({"f": BOUGHT, "r": LAST, "T": OBSERVED}).convert_dtypes()
    fitted = model.fit(table.f, table.r, table["T"])
    assert fitted is model
    assert model.probability_alive(2, 30, 39) == model.probability_alive(FREQUENCY, RECENCY, AGE)[0]
    table.loc[0, "f"] = pd.NA
    with pytest.raises(InputError, match="frequency is missing in 1 of 3,000"):
        model.fit(table.f, table.r, table["T"])


@every_model
def test_predictions_before_a_fit_and_odd_questions_are_refused(model):
    with pytest.raises(InputError, match="not fitted yet"):
        type(model)().probability_alive(1, 2, 3)
    model.fit(BOUGHT, LAST, OBSERVED)
    for t in (-1, np.nan, np.inf):
        with pytest.raises(InputError, match="one finite time"):
            model.expected_purchases(t, 1, 2, 3)
    with pytest.raises(InputError, match="level is 90"):
        model.predictive_interval(1, 1, 2, 3, level=90)
    with pytest.raises(InputError, match=r"rate is -0\.1"):
        model.expected_discounted_purchases(1, 1, 2, 3, rate=-0.1)
    assert model.expected_purchases(5, [], [], []).shape == (0,)


def test_settings_are_stored_and_told_as_in_scikit_learn():
    model = MBGCNBD(k=3)
    assert model.get_params() == {"k": 3}
    assert repr(model.set_params(k=2)) == "MBGCNBD(k=2)"
    with pytest.raises(InputError, match="no setting 'q'"):
        model.set_params(q=1)
    with pytest.raises(InputError, match="k is 0"):
        MBGCNBD(k=0).fit(FREQUENCY, RECENCY, AGE)


def test_equal_rows_are_counted_once_whatever_their_order():
    last = np.ceil(LAST)
    counted = Histories.count(BOUGHT, last, OBSERVED)
    kinds, customers = np.unique(np.stack([BOUGHT, last, OBSERVED]), axis=1, return_counts=True)
    assert len(counted.x) == len(customers) < 700
    assert counted.n == 3000
    assert sorted(counted.weights) == sorted(customers)
    rows, weighted = MBGNBD().fit(BOUGHT, last, OBSERVED), MBGNBD().fit(*kinds, customers)
    assert rows.params_ == pytest.approx(weighted.params_, rel=1e-9)


def test_the_models_import_in_no_time():
    code = (
        "import sys; before = set(sys.modules); import crmlab.purchases.models.bgnbd, sys; "
        "print(sorted({'sklearn', 'pandas', 'lifelines', 'matplotlib', 'scipy.stats'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
