"""What would have been said of contracts on earlier days: from what was known then, and scored on what was due."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from occasions import company, occasions
from test_churn_landmarks import DAY, later_changed

from crmlab.churn.hazard import RenewalHazard
from crmlab.churn.rolling import LINES, decile_error, landmark_days, last_years_rate, scores, told

AS_OF = pd.Timestamp("2026-10-31")


@pytest.fixture(scope="module")
def said():
    return told(occasions(company(customers=150)), DAY, AS_OF, min_contracts=50)


def test_what_was_said_does_not_know_what_came(said):
    made, rng = company(customers=150), np.random.default_rng(4)
    changed = occasions({name: later_changed(name, frame, rng) for name, frame in made.items()})
    again = told(changed, DAY, AS_OF, min_contracts=50)
    pdt.assert_frame_equal(again.drop(columns="renewed"), said.drop(columns="renewed"))
    assert not again.renewed.equals(said.renewed)


def test_due_is_what_is_settled_within_the_year(said):
    settled = said.landmark + pd.to_timedelta(said.days_to_end + 30, unit="D")
    assert (said.due == (settled <= DAY + pd.Timedelta(days=365))).all()
    assert set(said.due) == {True, False}
    early = told(occasions(company(customers=150)), DAY, DAY, min_contracts=50)
    assert not early.due.any()
    assert early.renewed.isna().all()


def test_every_line_is_a_chance(said):
    assert said[list(LINES)].stack().between(0, 1).all()
    assert said.p.nunique() > said.p_level.nunique() >= said.p_last_year.nunique() == 1


def test_with_too_few_contracts_nothing_is_said():
    assert len(told(occasions(company(customers=5)), DAY, AS_OF)) == 0


def test_all_renewed_says_nothing():
    made = company(customers=150)
    made["contracts"] = made["contracts"].assign(outcome="renewed", end_reason=None)
    assert len(told(occasions(made), DAY, AS_OF, min_contracts=50)) == 0


def test_the_model_handed_in_is_used(said):
    shrunk = RenewalHazard(penalties=(1e7,), timing=())
    other = told(occasions(company(customers=150)), DAY, AS_OF, shrunk, min_contracts=50)
    assert other.p.std() < said.p.std()


def scored(p, renewed, **columns):
    n = len(p)
    frame = pd.DataFrame({"p": p, "p_level": 0.5, "p_last_year": 0.5, "renewed": renewed, "due": True})
    return frame.assign(landmark=DAY, customer_id=[f"C{k}" for k in range(n)], **columns)


def test_scores_by_hand():
    found = scores(scored([0.9, 0.8, 0.3, 0.6], [1.0, 1.0, 0.0, 0.0]))
    assert found["p"]["auc"] == 1.0
    assert found["p"]["brier"] == pytest.approx((0.01 + 0.04 + 0.09 + 0.36) / 4)
    assert (found["p"]["predicted"], found["p"]["observed"]) == (pytest.approx(0.65), 0.5)
    assert found["p_level"]["gain"] == pytest.approx(0.25 - 0.125)
    assert found["p"]["gain"] == 0


def test_what_was_not_due_or_is_not_known_is_not_scored():
    frame = scored([0.9, 0.8, 0.3, 0.6, 0.1], [1.0, 0.0, 0.0, np.nan, 1.0]).assign(due=[True] * 4 + [False])
    assert scores(frame)["p"]["observed"] == pytest.approx(1 / 3)


def test_landmarks_are_compared_within_themselves():
    one = scored([0.9, 0.8], [1.0, 0.0])
    other = scored([0.4, 0.3], [1.0, 0.0]).assign(landmark=DAY + pd.Timedelta(days=90))
    assert scores(pd.concat([one, other], ignore_index=True))["p"]["auc"] == 1.0


def test_nothing_due_gives_no_figure():
    found = scores(scored([0.9], [1.0]).assign(due=False))
    assert found["p"]["auc"] is None
    assert np.isnan([found["p"]["brier"], found["p"]["ece"], found["p"]["gain"]]).all()


def test_tenths_cancel_only_within_themselves():
    p = np.repeat(np.arange(1, 11) / 10 - 0.05, 100)
    y = np.concatenate([np.arange(100) < 10 * k + 5 for k in range(10)]).astype(float)
    assert decile_error(p, y) == pytest.approx(0)
    assert decile_error(p, y[::-1]) > 0.4
    assert np.isnan(decile_error(np.zeros(0), np.zeros(0)))


def test_last_years_rate_is_of_what_was_settled_in_the_year():
    ends = pd.to_datetime(["2025-03-01"] * 30 + ["2024-01-01"] * 30)
    terms = pd.DataFrame({"end_at": ends, "fate": (["renewed"] * 20 + ["lost"] * 10) + ["lost"] * 30})
    assert last_years_rate(terms, DAY, 30) == pytest.approx(2 / 3)
    assert np.isnan(last_years_rate(terms.head(19), DAY, 30))


@pytest.mark.parametrize("as_of", ["2026-10-31", "2026-10-15", "2024-02-29", "2025-03-01"])
def test_the_year_after_every_landmark_is_over(as_of):
    days = landmark_days(pd.Timestamp(as_of), n=4, every_months=3)
    assert len(set(days)) == 4
    assert days[-1] + pd.Timedelta(days=365) <= pd.Timestamp(as_of)
    assert all(day.is_month_end for day in days)
    assert pd.Timestamp(as_of) - days[-1] < pd.Timedelta(days=365 + 32)
