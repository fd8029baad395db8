"""What would have been said of contracts on earlier days: from what was known then, and scored on what was due."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from occasions import company, occasions
from test_churn_landmarks import DAY, later_changed

from crmlab.churn.backtest import backtest, told
from crmlab.churn.days import earlier_days, landmark_days
from crmlab.churn.earlier import earlier
from crmlab.churn.forecast import forecast
from crmlab.churn.scores import LINES
from crmlab.churn.settings import Settings

AS_OF = pd.Timestamp("2026-10-31")


def said_on(seen, day=DAY, as_of=AS_OF, min_contracts=50):
    return told(forecast(seen, day, min_contracts), seen.terms(as_of), as_of, 30, 180)


@pytest.fixture(scope="module")
def said():
    return said_on(occasions(company(customers=150)))


def test_what_was_said_does_not_know_what_came(said):
    made, rng = company(customers=150), np.random.default_rng(4)
    again = said_on(occasions({name: later_changed(name, frame, rng) for name, frame in made.items()}))
    pdt.assert_frame_equal(again.drop(columns="renewed"), said.drop(columns="renewed"))
    assert not again.renewed.equals(said.renewed)


def test_due_is_what_is_settled_within_the_year(said):
    settled = said.landmark + pd.to_timedelta(said.days_to_end + 30, unit="D")
    assert (said.due == (settled <= DAY + pd.Timedelta(days=365))).all()
    assert set(said.due) == {True, False}
    early = said_on(occasions(company(customers=150)), as_of=DAY)
    assert not early.due.any()


def test_what_is_not_due_is_in_force_or_not_yet_known(said):
    rest = said[~said.due]
    over = rest.landmark + pd.to_timedelta(rest.days_to_end, unit="D") < DAY + pd.Timedelta(days=365)
    assert rest.renewed[over].isna().all()
    assert (rest.renewed[~over] == 1).all()


def test_every_line_is_a_chance(said):
    assert said[list(LINES.values())].stack().between(0, 1).all()
    assert said.p_renew.nunique() > said.p_level.nunique() >= said.p_last_year.nunique() == 1
    assert said.p_inactive.nunique() <= 2


def test_chances_of_earlier_days_are_the_same_whether_the_back_test_looked_at_the_day():
    seen = occasions(company(customers=60))
    day = earlier_days(AS_OF)[1]
    again = earlier(seen, AS_OF, 50, said_on(seen, day))
    pdt.assert_frame_equal(again, earlier(seen, AS_OF, 50, said_on(seen, DAY)))
    assert set(again.landmark) == set(earlier_days(AS_OF))


def test_nothing_is_fitted_with_too_few_contracts_or_one_kind_of_end():
    few = forecast(occasions(company(customers=5)), DAY, 50)
    made = company(customers=150)
    made["contracts"] = made["contracts"].assign(outcome="renewed", end_reason=None)
    kept = forecast(occasions(made), DAY, 50)
    assert (few.why, few.model) == ("few", None)
    assert (kept.why, kept.model) == ("none lost", None)
    assert (kept.chances.p_renew == 1).all()


@pytest.mark.parametrize("as_of", ["2026-10-31", "2026-10-15", "2024-02-29", "2025-03-01"])
def test_the_year_after_every_landmark_is_over(as_of):
    days = landmark_days(pd.Timestamp(as_of), n=4)
    assert len(set(days)) == 4
    assert days == sorted(days)
    assert days[-1] + pd.Timedelta(days=365) == pd.Timestamp(as_of)


@pytest.mark.slow
def test_figures_are_of_days_with_a_model_only():
    """Two years after the first contract nothing has ended a year before the first landmarks."""
    seen = occasions(company(customers=150))
    settings = Settings(min_contracts=50, landmarks=2)
    table, figures = backtest(seen, forecast(seen, AS_OF, 50), settings)
    assert figures["landmarks"] == [d.date().isoformat() for d in landmark_days(AS_OF, 2)]
    judged = table[table.due & table.renewed.notna()]
    assert figures["n_cases"] == len(judged) > figures["n_test"] == judged.contract_id.nunique()
    assert figures["n_test_lost"] == judged.contract_id[judged.renewed == 0].nunique()
    assert sum(part["n"] for part in figures["time_left"].values()) == len(judged)
    assert figures["brier_naive"] == min(
        figures[f"brier_{name}"] for name in ("level", "last_year", "inactive")
    )
    assert 0.4 < figures["auc"] < 0.6  # nothing goes with anything in this company
    early = pd.Timestamp("2023-12-31")
    table, figures = backtest(seen, forecast(seen, early, 50), settings)
    assert (figures["landmarks"], set(table.landmark)) == ([], {early - pd.Timedelta(days=365)})
    assert "auc" not in figures
