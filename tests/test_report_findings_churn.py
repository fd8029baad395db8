"""Each branch of the sentences on renewals."""

import pandas as pd
import pytest

from crmlab.churn.features import LABELS, NUMERIC
from crmlab.report.findings import churn
from crmlab.report.language import Language

EN = Language("en")
DUE = {
    "n": 70,
    "amount": 130_000_000,
    "n_at_risk": 6,
    "amount_at_risk": 5_000_000,
    "expected_loss": 20_000_000,
}
METRICS = {
    "n_ended": 900,
    "n_competing": 60,
    "n_competing_due": 11,
    "n_test": 400,
    "n_not_due": 140,
    "at_risk": 0.7,
    "auc": 0.62,
    "auc_naive": 0.48,
    "brier": 0.138,
    "brier_naive": 0.145,
    "brier_gain": 0.007,
    "brier_gain_se": 0.002,
    "calibration_error": 0.06,
    "predicted_due": 0.863,
    "predicted_due_naive": 0.869,
    "observed_due": 0.827,
    "predicted_not_due": 1.0,
    "observed_not_due": 1.0,
    "log_rank_p": 0.3,
    "due": {"90": DUE, "365": DUE | {"n": 440, "amount": 540_000_000}},
}


def ratios(*rows):
    return pd.DataFrame(rows, columns=["feature", "hazard_ratio", "low", "high", "p_value"])


NOTHING = ratios(("amount", 1.02, 0.9, 1.1, 0.5))
LEAVE = ratios(("tickets_365", 1.5, 1.2, 1.8, 0.001), ("second_visits_365", 1.4, 1.1, 1.8, 0.004))
STAY = ratios(("auto_renew", 0.6, 0.5, 0.8, 0.001))


def english(messages):
    return [m.in_language(EN) for m in (messages if isinstance(messages, list) else [messages])]


def test_attention_names_the_contracts_to_call():
    first, second, third = english(churn.attention(METRICS, LEAVE))
    assert first == (
        "CN¥200K may be lost within 90 days, when 70 contracts worth CN¥1.3M end: call the largest first."
    )
    assert second == "Of CN¥5.4M in 440 contracts that end within a year, CN¥200K is expected to be lost."
    assert third == (
        "Beyond chance, contracts leave sooner with: tickets per machine in a year, doubled (hazard × 1.50)."
    )


def test_attention_names_the_customer_to_call_first():
    contracts = pd.DataFrame(
        {
            "contract_id": ["a", "b"],
            "customer_name": ["宁波旅馆", None],
            "days_to_end": [10, 80],
            "expected_loss": [90_000_00, 100_00],
        }
    )
    assert english(churn.attention(METRICS, NOTHING, contracts))[0].endswith(
        "call 宁波旅馆 first, for CN¥90K of it."
    )
    assert "call b first" in english(churn.attention(METRICS, NOTHING, contracts.tail(1)))[0]
    assert "call the largest" in english(churn.attention(METRICS, NOTHING, contracts.head(0)))[0]


def test_attention_without_contracts_at_risk():
    quiet = METRICS | {"due": {"90": DUE | {"n_at_risk": 0}, "365": DUE | {"n": 0}}}
    assert english(churn.attention(quiet, NOTHING)) == [
        "70 contracts worth CN¥1.3M end within 90 days; each of them renews with at least 70%."
    ]
    none = METRICS | {"due": {"90": DUE | {"n": 0}, "365": DUE | {"n": 0}}}
    assert english(churn.attention(none, NOTHING)) == ["No contract ends within 90 days."]


def test_attention_says_when_the_model_loses_and_when_there_is_none():
    assert (
        "service level alone foresaw"
        in english(churn.attention(METRICS | {"brier_gain": -0.01}, NOTHING))[-1]
    )


@pytest.mark.parametrize(
    ("no_model", "words"),
    [
        ("few", "400 contracts have ended with a known outcome: too few to say who will renew."),
        ("none lost", "400 contracts have ended and none was lost: nothing to learn leaving from."),
        ("none renewed", "400 contracts have ended and none was renewed: nothing to learn staying from."),
    ],
)
def test_attention_says_why_there_is_no_model_and_still_who_ends(no_model, words):
    without = {"n_ended": 400, "no_model": no_model}
    assert english(churn.attention(without, NOTHING)) == [words]
    said = english(churn.attention(METRICS | without, NOTHING))
    assert said[0] == words
    assert said[1].startswith("CN¥200K may be lost within 90 days")
    assert "No model is fitted" in english(churn.method(METRICS | without))[1]


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (0.007, "Contract by contract (Brier score) the model was closer"),
        (0.003, "Contract by contract (Brier score), cannot tell which is closer"),
        (-0.003, "Contract by contract (Brier score), cannot tell which is closer"),
        (-0.007, "Contract by contract (Brier score) the service level alone was closer"),
    ],
)
def test_the_score_says_what_was_foreseen_and_what_was_judged(gain, words):
    (said,) = english(churn.score_title(METRICS | {"brier_gain": gain}))
    assert said == (
        "Of 400 contracts due, 82.7% renewed; foreseen were 86.3% by the model and 86.9% by the service level alone. "
        + words
    )


def test_no_score_is_said_to_be_none():
    assert english(churn.score_title({})) == [
        "How good the chances are cannot be told: no model a year ago, or too few contracts due since"
    ]


def curves(**left):
    rows = [
        (level, day, share)
        for level, share in left.items()
        for day, share in ((0, 1.0), (700, share), (800, share / 2))
    ]
    return pd.DataFrame(rows, columns=["service_level", "day", "survival"])


def test_curves_differ_only_beyond_chance():
    two = curves(**{"5*9": 0.6, "7*24*4": 0.8})
    assert english(churn.curves_title(two, 0.01)) == [
        "5*9 leaves soonest: 60% are left after 2 years, against 80% of 7*24*4"
    ]
    assert english(churn.curves_title(two, 0.2)) == [
        "Service levels do not differ beyond chance in how long contracts last"
    ]
    cannot = ["How long contracts last: cannot tell service levels apart"]
    assert english(churn.curves_title(two, None)) == cannot
    assert english(churn.curves_title(curves(one=0.5), 0.01)) == cannot
    assert english(churn.curves_title(two[two.day == 0], 0.01)) == cannot


def test_hazards_name_what_is_sure():
    both = pd.concat([LEAVE, STAY])
    assert english(churn.hazard_title(both)) == [
        "Goes with leaving: tickets per machine in a year, doubled; goes with staying: renews unless cancelled"
    ]
    assert english(churn.hazard_title(LEAVE)) == ["Goes with leaving: tickets per machine in a year, doubled"]
    assert english(churn.hazard_title(STAY)) == ["Goes with staying: renews unless cancelled"]
    assert english(churn.hazard_title(NOTHING)) == ["Nothing goes with leaving beyond chance"]
    assert english(churn.hazard_title(ratios())) == ["What goes with leaving cannot be told without a model"]


@pytest.mark.parametrize(
    ("then", "now", "word"), [(80, 95, "rose"), (95, 80, "fell"), (88, 89, "held"), (90, 90, "held")]
)
def test_renewals_by_month_compare_two_years(then, now, word):
    rows = [(f"20{24 + i // 12}-{i % 12 + 1:02d}", 100, then if i < 12 else now) for i in range(24)]
    months = pd.DataFrame(rows, columns=["month", "due", "renewed"])
    assert english(churn.renewals_title(months)) == [
        f"Renewals {word}: {now}.0% of contracts due in the last year, {then}.0% in the year before"
    ]
    assert "too few" in english(churn.renewals_title(months.assign(due=2, renewed=1)))[0]
    assert "too few" in english(churn.renewals_title(months.head(0)))[0]


def test_every_feature_has_a_name():
    assert set(churn.FEATURES) == set(NUMERIC)
    for label in LABELS:
        assert english(churn.feature_name(f"{label}=x"))[0].endswith(": x")


def test_the_method_carries_the_scores():
    said = english(churn.method(METRICS))
    assert "AUC 0.620 (service level alone 0.480)" in said[-1]
    assert "11 that moved, closed or merged are left out" in said[-1]
    assert "merged (60) are no churn" in said[0]
    assert len(english(churn.method({"n_ended": 3, "n_competing": 0}))) == 3


def test_whom_to_call_first_names_the_largest_losses_of_the_next_weeks():
    contracts = pd.DataFrame(
        {
            "contract_id": ["a", "b", "c"],
            "days_to_end": [10, 80, 200],
            "expected_loss": [100_00, 900_00, 5000_00],
        }
    )
    assert list(churn.to_call(contracts)["contract_id"]) == ["b", "a"]
    assert churn.to_call_title(contracts).in_language(EN) == (
        "CN¥1,000 may be lost within 90 days, CN¥1,000 of it in the first 2 of 2 contracts"
    )
    assert churn.to_call_title(contracts.tail(1)).in_language(EN) == "No contract ends within 90 days"
