"""How good the chances were, and how the page came to its figures."""

import pytest
from renewals import METRICS, ZH, said, table

from crmlab.churn.outputs import LINES
from crmlab.report.findings import churn_method, churn_scores
from crmlab.report.findings.churn_scores import score_title


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (
            0.007,
            "The model beats the rate by activity: in 400 cases 82.7% were renewed, 86.3% foreseen, and "
            "case by case it was closer",
        ),
        (
            0.003,
            "Whether the model beats the rate by activity cannot be told: in 400 cases 82.7% were renewed, "
            "foreseen were 86.3% and 86.9%",
        ),
        (
            -0.003,
            "Whether the model beats the rate by activity cannot be told: in 400 cases 82.7% were renewed, "
            "foreseen were 86.3% and 86.9%",
        ),
        (
            -0.007,
            "The model loses to the rate by activity: in 400 cases 82.7% were renewed, foreseen were 86.3%, and "
            "86.9% by the simple line",
        ),
        (
            None,
            "In 400 cases 82.7% were renewed, 86.3% foreseen; there is no simple line to compare with",
        ),
    ],
)
def test_two_standard_errors_decide_whether_the_model_beats_the_simple_line(gain, words):
    assert said(score_title(METRICS | {"brier_gain": gain})) == words


def test_no_score_is_said_to_be_none():
    cannot = (
        "How good the chances are cannot be told: no model on earlier days, or too few contracts due since"
    )
    assert said(score_title({})) == cannot
    assert said(score_title({"due_predicted": float("nan")})) == cannot
    assert said(churn_scores.line_name("no such line")) == "the simple line"
    assert set(churn_scores.LINES) == set(LINES)


def scores(**brier):
    """Per line its Brier score on each of two days."""
    return table(
        "scores",
        *({"landmark": day, "line": line, "brier": x[i], "auc": 0.6} for line, x in brier.items() for i, day in enumerate(("2025-07-31", "2025-10-31"))),
    )  # fmt: skip


def test_stability_counts_the_days_on_which_the_model_was_best():
    assert said(churn_scores.stability_title(scores(model=(0.1, 0.3), cox=(0.2, 0.2)))) == (
        "On 1 of 2 earlier days the model had the smallest error (Brier score)"
    )
    none = "No earlier day on which the model could be judged"
    assert said(churn_scores.stability_title(scores(level=(0.1, 0.2)))) == none
    assert said(churn_scores.stability_title(scores())) == none


def test_scores_stand_by_day_the_latest_first():
    rows = churn_scores.by_day(scores(model=(0.1, 0.3), cox=(0.2, 0.2)))
    assert list(rows["line"]) == ["cox", "model", "model", "cox"]
    assert [value.plain for value in rows["brier_said"]] == ["0.200", "0.300", "0.100", "0.200"]
    assert said(rows["name"][1]) == "the model"


def test_the_definitions_carry_the_settings_of_the_run():
    rows = churn_method.definitions(METRICS)
    words = dict(zip(said(list(rows["word"])), said(list(rows["meaning"])), strict=True))
    assert words["Leaving"].startswith(
        "A contract ends, no other begins within 30 days, and no record says that it was renewed."
    )
    assert words["At risk"] == "The chance of renewal is below 70%."
    assert words["To win back"].startswith("Lost within 24 months")
    assert "180 days" in words["Of late"]
    assert "150 days" in words["Price offered"]
    assert "200 days" in words["Inactive"]
    assert churn_method.definitions({}).empty


def method(metrics, language=None):
    return "\n".join(said(churn_method.method(metrics), *([language] if language else [])))


def test_the_method_carries_the_scores_of_every_line():
    words = method(METRICS)
    assert "Of 1,300 contracts 780 were renewed, 120 lost and 60 ended because" in words
    assert "Back-test on 2 earlier days, each with only what was known then: 300 contracts due" in words
    assert "AUC: the model 0.620, Cox model 0.610, the rate of the service level 0.480." in words
    assert (
        "Brier score of Cox model less that of the model: 0.0020 ± 0.0015 (standard error): cannot tell which is better."
        in words
    )
    assert "0.0070 ± 0.0020 (standard error): the model is better." in words
    assert "0.0070" in method(METRICS | {"cox_gain": None})
    assert "the model is worse" in method(METRICS | {"cox_gain": -0.1})
    assert "Calibration error over tenths: 0.021; chance alone would make 0.018." in words
    assert (
        "AUC by the time left when it was said: over, within the grace days 0.90 (20 cases), less than 90 days 0.70 (130 cases)."
        in words
    )
    assert "concordance 0.640" in words
    assert "一致性指数 0.640" in method(METRICS, ZH)


def test_the_method_tells_which_model_is_used():
    assert "a discrete-time hazard" in method(METRICS)
    assert "Boosted trees" not in method(METRICS)
    tried = METRICS | {"model_gain": -0.001, "model_gain_se": 0.002}
    assert "theirs, held out: -0.0010 ± 0.0020" in method(tried)
    boosted = method(tried | {"model": "boosted", "model_gain": 0.01})
    assert "Chances: boosted trees, calibrated" in boosted
    assert "Boosted trees were tried" not in boosted
    none = method(METRICS | {"no_model": "few", "model": None})
    assert "No model is fitted" in none
    assert "Limits of a chance" not in none


def test_a_stage_without_contracts_has_a_short_method():
    words = method({"n_contracts": 0, "no_model": "few"})
    assert "There is no back-test" in words
    assert "concordance" not in words
    assert "–" not in words
