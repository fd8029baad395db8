"""Surveys: a third answers, more often the unhappy; two kinds of answers on two scales."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab.sample import surveys
from crmlab.sample.world import DAYS


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


@pytest.fixture(scope="module")
def answers(typed) -> pd.DataFrame:
    made = typed["surveys"]
    low = np.where(made["scale_max"] == 5, 1, 0)
    return made.assign(felt=(made["score"] - low) / (made["scale_max"] - low))


def test_a_third_of_the_customers_ever_answers_the_questionnaire(typed, answers):
    asked = answers[answers["dimension"].notna()]
    share = asked["customer_id"].nunique() / len(typed["customers"])
    assert share == pytest.approx(1 / 3, abs=0.06)


def test_the_unhappy_answer_more_often():
    mine, theirs = [], []
    for number in range(3):
        c = simulated_company.chunk(number)
        mind, n = c.office.mind, len(c.people)
        found = surveys.perceived(
            c.people, c.calls, c.world, mind.base, np.arange(n), np.minimum(c.leaves, DAYS)
        )
        gap = found.mean(1) - mind.expected.mean(1)
        mine.append(gap[mind.takes_part])
        theirs.append(gap[~mind.takes_part])
    assert np.concatenate(mine).mean() < np.concatenate(theirs).mean() - 0.03


def test_fifteen_items_of_five_dimensions_expected_and_perceived(answers):
    asked = answers[answers["dimension"].notna()]
    assert asked.groupby("dimension")["item"].nunique().to_dict() == dict.fromkeys(surveys.DIMENSIONS, 3)
    sheets = asked.groupby("survey_id").size()
    assert sheets.between(24, 30).all()
    assert sheets.mean() == pytest.approx(30 * (1 - surveys.LEFT_OUT), abs=0.4)
    mean = asked.groupby(["dimension", "kind"])["felt"].mean().unstack()
    assert (mean["expectation"] > mean["perception"] + 0.03).all()


def test_both_scales_occur_and_every_answer_lies_on_its_own(answers):
    assert set(answers["scale_max"]) == {5, 10}
    assert answers.groupby("survey_id")["scale_max"].nunique().max() == 1
    five = answers["scale_max"] == 5
    assert answers.loc[five, "score"].between(1, 5).all()
    assert answers.loc[~five, "score"].between(0, 10).all()
    assert (answers["score"] % 1 == 0).all()


def test_items_of_a_dimension_agree(answers):
    """Cronbach's alpha of what was perceived."""
    found = answers[(answers["kind"] == "perception") & answers["dimension"].notna()]
    for dimension, rows in found.groupby("dimension"):
        wide = rows.pivot(index="survey_id", columns="item", values="felt").dropna().astype(float)
        alpha = 3 / 2 * (1 - wide.var().sum() / wide.sum(axis=1).var())
        assert 0.6 <= alpha <= 0.95, dimension


def test_some_rate_a_repair_with_one_score_within_two_days(typed, answers):
    single = answers[answers["dimension"].isna()]
    assert set(single["item"]) == {surveys.OVERALL}
    assert single["survey_id"].is_unique
    assert 0.04 <= len(single) / len(typed["tickets"]) <= 0.1
    closed = typed["tickets"].set_index("ticket_id")["closed_at"].reindex(single["ticket_id"]).to_numpy()
    late = single["answered_at"].to_numpy() - closed
    late = late[~np.isnat(late)]
    assert (late > np.timedelta64(0)).all()
    assert (late <= np.timedelta64(48, "h")).all()


def test_a_broken_promise_lowers_the_score_of_a_repair(answers):
    """Over six chunks, by what the desk knows."""
    rows = []
    for number in range(6):
        c = simulated_company.chunk(number)
        single = c.office.tables["surveys"].query("ticket_id != ''")
        felt = (single["score"] - (single["scale_max"] == 5)) / (
            single["scale_max"] - (single["scale_max"] == 5)
        )
        broken = c.calls.set_index("ticket_id")["broken"].reindex(single["ticket_id"]).to_numpy()
        rows.append(pd.DataFrame({"felt": felt.to_numpy(), "broken": broken}))
    seen = pd.concat(rows)
    assert seen["felt"][seen["broken"]].mean() < seen["felt"][~seen["broken"]].mean() - 0.04


def test_one_comment_per_sheet_in_two_languages(answers):
    comments = answers[answers["comment"].notna()]
    assert comments["survey_id"].is_unique
    assert 0.2 <= len(comments) / answers["survey_id"].nunique() <= 0.5
    chinese = comments["comment"].str.contains("[一-鿿]")
    assert 0.01 <= 1 - chinese.mean() <= 0.15
