"""Shares of the causes of an end, by hand and beside lifelines."""

import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter

from crmlab.churn.survival.incidence import incidence

CODES = {"left": 1, "moved": 2, "closed": 3, "merged": 4}


def chains(*rows):
    return pd.DataFrame(rows, columns=["days", "cause"])


def drawn(n=300, seed=3, whole=False):
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 8, n) if whole else rng.permutation(n) + 1
    cause = np.where(days == days.max(), None, rng.choice([None, *CODES], n))
    return pd.DataFrame({"days": days, "cause": cause})


def test_shares_by_hand():
    found = incidence(
        chains((1, "left"), (1, "moved"), (2, None), (3, "left"), (4, "closed"), (4, None))
    ).set_index(["cause", "day"])
    # day 1: 1/6 each, 4/6 alive; day 3: three at risk, 4/6 × 1/3; day 4: two at risk, 4/6 × 2/3 × 1/2
    assert found.share.to_dict() == pytest.approx(
        {
            ("closed", 4): 2 / 9,
            ("left", 1): 1 / 6,
            ("left", 3): 1 / 6 + 2 / 9,
            ("left", 4): 1 / 6 + 2 / 9,
            ("moved", 1): 1 / 6,
            ("moved", 4): 1 / 6,
        }
    )
    assert found.at_risk["left"].tolist() == [6, 3, 2]


def test_shares_of_all_causes_and_of_those_alive_are_one():
    ends = drawn(whole=True)
    at_the_end = incidence(ends).groupby("cause").share.last().sum()
    alive = 1.0
    for day in np.unique(ends.days):
        alive *= 1 - (ends.cause.notna() & (ends.days == day)).sum() / (ends.days >= day).sum()
    assert 0 < alive < 1
    assert at_the_end + alive == pytest.approx(1)


def test_agrees_with_lifelines_where_no_days_are_tied():
    ends = drawn()
    found = incidence(ends)
    codes = ends.cause.map(CODES).fillna(0).astype(int)
    for cause, code in CODES.items():
        theirs = AalenJohansenFitter().fit(ends.days, codes, event_of_interest=code)
        own = found[found.cause == cause].set_index("day")
        assert own.share.to_numpy() == pytest.approx(theirs.cumulative_density_.loc[own.index].iloc[:, 0])
        limits = theirs.confidence_interval_.loc[own.index].to_numpy()
        assert own.high.to_numpy() == pytest.approx(limits.max(axis=1))
        assert own.low.to_numpy() == pytest.approx(limits.min(axis=1))


def test_without_censoring_a_share_is_a_count():
    """And its limits are those of a binomial share, on the scale of log(-log)."""
    ends = chains(*[(1, "left")] * 30, *[(2, "moved")] * 20, *[(3, None)] * 50)
    left = incidence(ends).set_index(["cause", "day"]).loc[("left", 1)]
    assert left.share == pytest.approx(0.3)
    error = np.sqrt(0.3 * 0.7 / 100) / abs(0.3 * np.log(0.3))
    assert left.low == pytest.approx(0.3 ** np.exp(1.96 * error), abs=1e-5)
    assert left.high == pytest.approx(0.3 ** np.exp(-1.96 * error), abs=1e-5)


def test_the_order_of_ends_on_one_day_does_not_matter():
    ends = drawn(whole=True)
    pd.testing.assert_frame_equal(incidence(ends), incidence(ends[::-1].reset_index(drop=True)))


def test_a_cause_that_nobody_had_has_no_rows():
    assert set(incidence(chains((1, "left"), (2, None))).cause) == {"left"}
    assert incidence(chains((1, None), (2, None))).empty
    assert incidence(chains()).empty


def test_all_may_have_left():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = incidence(chains((1, "left"), (1, "left")))
    assert found[["share", "low", "high"]].to_numpy().tolist() == [[1, 1, 1]]
