import pandas as pd
import pytest

from crmlab.report.findings import faults
from crmlab.report.language import Language

EN = Language("en")
JUDGED = {
    "n_labelled": 1000,
    "n_open": 40,
    "closing_times_known": True,
    "n_open_sure": 12,
    "sure": 0.7,
    "accuracy": 0.6,
    "by_symptom_accuracy": 0.5,
    "gain_over_by_symptom": 0.1,
    "gain_over_by_symptom_error": 0.02,
    "remote_support_n": 200,
    "remote_support_accuracy": 0.5,
    "gain_over_remote_support": 0.1,
    "gain_over_remote_support_error": 0.02,
    "ece": 0.02,
    "log_loss": 1.234,
    "majority_log_loss": 2.5,
    "macro_f1": 0.4,
    "n_causes": 16,
    "chosen_c": 3.0,
    "n_train": 800,
    "n_test": 200,
    "test_from": "2025-08-12",
}


def said(messages):
    return [m.in_language(EN) for m in messages] if isinstance(messages, list) else messages.in_language(EN)


def test_a_desk_that_records_no_cause_is_told_to():
    assert said(faults.attention({"n_labelled": 0}))[0].startswith("No ticket has a recorded cause")


def test_too_few_causes_for_a_forecast():
    assert said(faults.attention({"n_labelled": 60}))[0].startswith(
        "60 tickets have a recorded cause: too few"
    )


def test_the_open_tickets_come_first():
    first, second = said(faults.attention(JUDGED))
    assert first.startswith("40 tickets are open; on 12 of them the cause is at least 70% sure")
    assert second.startswith(
        "Remote support named the cause of 50% of 200 later tickets, the model of 60%: show"
    )


def test_without_closing_times_nobody_knows_which_tickets_are_open():
    first = said(faults.attention(JUDGED | {"closing_times_known": False}))[0]
    assert first.startswith("40 tickets have no recorded cause, and no closing times say which are open")


def test_open_tickets_of_which_none_is_sure_or_none_at_all():
    assert "on none is the cause" in said(faults.attention(JUDGED | {"n_open_sure": 0}))[0]
    assert said(faults.attention(JUDGED | {"n_open": 0, "n_open_sure": 0}))[0] == "No ticket is open."


@pytest.mark.parametrize(
    ("gain", "words"),
    [(0.1, "show the model's guess"), (0.01, "cannot tell which is better"), (-0.1, "go by remote support")],
)
def test_remote_support_beside_the_model(gain, words):
    assert words in said(faults.attention(JUDGED | {"gain_over_remote_support": gain}))[1]


def test_no_word_on_remote_support_that_never_guessed():
    silent = {"remote_support_n": 0, "remote_support_accuracy": None, "gain_over_remote_support": None}
    assert len(faults.attention(JUDGED | silent)) == 1


@pytest.mark.parametrize("gain", [0.03, -0.1])
def test_a_model_no_better_than_the_table_says_so(gain):
    assert said(faults.attention(JUDGED | {"gain_over_by_symptom": gain}))[2].endswith(
        "the tables below serve as well."
    )


def test_where_remote_support_is_ahead():
    ahead = {"symptom": "network down", "n": 62, "accuracy": 0.29, "remote_support": 0.63}
    assert said(faults.attention(JUDGED | {"remote_support_ahead_on": ahead}))[2] == (
        "On network down remote support is right in 63% of 62 tickets, the model in 29%: go by remote support there."
    )


def test_probabilities_that_are_off():
    assert "off by 8% on average" in said(faults.attention(JUDGED | {"ece": 0.08}))[2]
    assert "off by 8% on average" in said(faults.calibration_title({"ece": 0.08}))
    assert said(faults.calibration_title({"ece": 0.02})) == "A stated probability can be taken at its word"
    assert said(faults.calibration_title({})) == "No forecast was judged yet"


def shares(*rows, n=100):
    frame = pd.DataFrame(rows, columns=["cause", "hits", "low", "high"])
    return frame.assign(symptom="disk light", n=n, share=frame["hits"] / n)


@pytest.mark.parametrize(
    ("frame", "title"),
    [
        (
            shares(("hdd", 70, 0.6, 0.78), ("card", 20, 0.13, 0.29)),
            "Behind disk light: mostly hdd, 70% of tickets",
        ),
        (
            shares(("hdd", 40, 0.31, 0.5), ("card", 20, 0.13, 0.29)),
            "Behind disk light: hdd leads with 40%, before card with 20%: none surely explains half",
        ),
        (
            shares(("hdd", 40, 0.31, 0.5), ("card", 35, 0.26, 0.45)),
            "Behind disk light: hdd (40%) or card (35%), cannot tell which is more frequent",
        ),
        (shares(("hdd", 100, 0.96, 1.0)), "Behind disk light: always hdd"),
        (
            shares(("hdd", 20, 0.7, 0.97), ("card", 3, 0.05, 0.3), n=23),
            "Behind disk light: cannot tell, only 23 tickets with a recorded cause",
        ),
        (shares(), "Behind disk light: cannot tell, only 0 tickets with a recorded cause"),
    ],
)
def test_what_is_behind_a_symptom(frame, title):
    assert said(faults.shares_title(frame, "disk light")) == title


def test_a_figure_shows_the_eight_most_frequent_causes():
    frame = shares(*((f"c{i}", i, 0, 1) for i in range(12)))
    assert faults.causes_of(frame, "disk light")["cause"].tolist() == [f"c{i}" for i in range(11, 3, -1)]


def symptoms(*rows):
    return pd.DataFrame(rows, columns=["symptom", "n", "accuracy", "low", "high"])


def test_easiest_and_hardest_symptom():
    apart = symptoms(("fan", 50, 0.8, 0.7, 0.9), ("noise", 50, 0.3, 0.2, 0.4), ("no text", 3, 0.0, 0.0, 0.6))
    assert said(faults.symptoms_title(apart)) == "Easiest to judge is fan (80% right), hardest noise (30%)"
    assert faults.judged(apart)["symptom"].tolist() == ["fan", "noise"]
    alike = symptoms(("fan", 50, 0.5, 0.4, 0.6), ("noise", 50, 0.45, 0.35, 0.55))
    for frame in (alike, alike.head(1), alike.head(0)):
        assert said(faults.symptoms_title(frame)).endswith("cannot tell symptoms apart")


def test_a_rare_cause_is_not_drawn():
    frame = shares(("hdd", 999, 0, 1), ("fan", 1, 0, 1), n=1000)
    assert faults.causes_of(frame, "disk light")["cause"].tolist() == ["hdd"]


def test_the_most_confused_cause():
    columns = ["cause", "n", "mistaken_for", "mistaken_share"]
    frame = pd.DataFrame(
        [["card", 40, "hdd", 0.5], ["fan", 40, None, 0.0], ["cpu", 2, "board", 1.0]], columns=columns
    )
    assert said(faults.causes_title(frame)) == "Most confused: card, taken for hdd in 50% of its tickets"
    assert said(faults.causes_title(frame.tail(2))).endswith("cannot tell yet")


def test_the_method_states_the_scores_only_when_there_are_some():
    assert len(faults.method({"n_labelled": 10})) == 1
    assert "Log-loss 1.234 (shares of the causes alone: 2.500)" in said(faults.method(JUDGED))[2]


def moved(*rows: tuple[str, float, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["cause", "share_before", "share_now", "z"])
    return frame.assign(n_now=10, n_before=10)


def test_a_cause_that_grew_stands_first_and_in_the_title():
    rise = moved(("风扇故障", 0.1, 0.2, 4.0), ("内存损坏", 0.3, 0.2, -4.0))
    assert faults.growth_title(rise).in_language(EN) == "fan grew to 20.0% of tickets, from 10.0% a year ago"
    first = said(faults.attention({"n_labelled": 0}, rise))[0]
    assert first.startswith("fan grew to 20.0%")
    assert "stock of its part" in first


def test_no_growth_is_said_and_needs_no_attention():
    calm = moved(("风扇故障", 0.1, 0.12, 1.0))
    assert faults.growth_title(calm).in_language(EN) == "No cause grew beyond chance since a year ago"
    assert len(faults.attention({"n_labelled": 0}, calm)) == 1
    assert faults.growth_title(calm.head(0)).in_language(EN).startswith("No causes are recorded")
    assert len(faults.attention({"n_labelled": 0}, calm.head(0))) == 1


def test_the_cause_that_grew_is_shown_however_rare_it_is():
    rows = [(f"c{n}", 0.1, 0.1, 0.0) for n in range(9)] + [("rare", 0.001, 0.01, 5.0)]
    shown = list(faults.most_frequent(moved(*rows))["cause"])
    assert "rare" in shown
    assert len(shown) == faults.SHOWN + 1
