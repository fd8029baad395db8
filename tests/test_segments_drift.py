"""An alarm when the same customers' scores have moved too far for the frozen scales."""

import numpy as np
import pandas as pd
import pytest

from crmlab.segments.moves.drift import shift

MONTHS = pd.date_range("2026-06-30", periods=5, freq="ME")
rng = np.random.default_rng(0)
THEN = pd.DataFrame(
    rng.normal(size=(400, 2)), columns=["promo_share", "spend_trend"], index=[f"C{i:03d}" for i in range(400)]
)
NOISE = [rng.normal(0, 0.5, 400) for _ in MONTHS]


def moved(*by, who=slice(None)):
    """What is told after months in which promo_share had moved by `by` of its standard deviations."""
    sd = THEN.promo_share.std()
    later = {m: THEN.assign(promo_share=THEN.promo_share + x * sd + e)[who] for m, x, e in zip(MONTHS, by, NOISE, strict=False)}  # fmt: skip
    return shift(THEN, later).set_index("feature")


@pytest.mark.parametrize(
    ("by", "drifts"),
    [
        ((0.5, 0.5), True),
        ((0.5, 0.1), False),  # it went back
        ((0.1, 0.5), False),  # a month alone
        ((0.5, -0.5), False),  # to either side
        ((-0.5, -0.5), True),
        ((0.2, 0.2), False),  # surely, but not far: 8 standard errors
        ((0.5,), False),
        ((0.1, 0.1, 0.4, 0.4), True),
    ],
)
def test_two_months_running_too_far_to_one_side(by, drifts):
    told = moved(*by)
    assert told.drifts.to_dict() == {"promo_share": drifts, "spend_trend": False}
    assert told["shift"]["promo_share"] == pytest.approx(by[-1], abs=0.07)


def test_far_but_unsure_is_no_drift():
    told = moved(0.5, 0.5, who=slice(0, 6))
    assert abs(told["shift"]["promo_share"]) > 0.25
    assert not told.drifts["promo_share"]


def test_customers_who_come_and_go_move_nothing():
    high = pd.DataFrame({"promo_share": 3.0, "spend_trend": 3.0}, index=[f"N{i}" for i in range(400)])
    later = pd.concat([THEN.iloc[200:], high])
    told = shift(THEN, dict.fromkeys(MONTHS[:2], later))
    assert told["shift"].tolist() == [0, 0]
    assert not told.drifts.any()


@pytest.mark.parametrize("value", [np.nan, 0.7])
def test_a_feature_nobody_has_or_that_is_equal_for_all_cannot_be_told(value):
    told = shift(THEN.assign(promo_share=value), dict.fromkeys(MONTHS[:2], THEN)).set_index("feature")
    assert told["shift"].isna()["promo_share"]
    assert not told.drifts["promo_share"]


def test_without_months_nothing_is_told():
    told = shift(THEN, {})
    assert told.feature.tolist() == ["promo_share", "spend_trend"]
    assert told["shift"].isna().all()
    assert not told.drifts.any()
