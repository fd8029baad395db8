import pandas as pd
import pytest

from crmlab.report.findings import faults, guesses, symptoms
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
    "model": "pool",
    "weights": {"both": 0.6, "shares": 0.4},
    "fields": ["machine_family", "month"],
    "simple_log_loss": 1.3,
    "simple_accuracy": 0.58,
    "gain_over_simple": 0.066,
    "gain_over_simple_error": 0.01,
    "coverage90": 0.9,
    "coverage90_size": 3.4,
    "coverage90_by_cause": 0.91,
    "coverage90_by_cause_size": 4.0,
    "worst_class_coverage90": 0.67,
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


def test_probabilities_that_are_off():
    assert "off by 8% on average" in said(faults.attention(JUDGED | {"ece": 0.08}))[2]
    assert "off by 8% on average" in said(guesses.calibration_title({"ece": 0.08}))
    assert said(guesses.calibration_title({"ece": 0.02})) == "A stated probability can be taken at its word"
    assert said(guesses.calibration_title({})) == "No forecast was judged yet"


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
    assert said(symptoms.shares_title(frame, "disk light")) == title


def test_a_figure_shows_the_eight_most_frequent_causes():
    frame = shares(*((f"c{i}", i, 0, 1) for i in range(12)))
    assert symptoms.causes_of(frame, "disk light")["cause"].tolist() == [f"c{i}" for i in range(11, 3, -1)]


def by_symptom(*rows):
    return pd.DataFrame(rows, columns=["symptom", "n", "accuracy", "low", "high"])


def test_easiest_and_hardest_symptom():
    apart = by_symptom(
        ("fan", 50, 0.8, 0.7, 0.9), ("noise", 50, 0.3, 0.2, 0.4), ("no text", 3, 0.0, 0.0, 0.6)
    )
    assert said(guesses.symptoms_title(apart)) == "Easiest to judge is fan (80% right), hardest noise (30%)"
    assert guesses.judged(apart)["symptom"].tolist() == ["fan", "noise"]
    alike = by_symptom(("fan", 50, 0.5, 0.4, 0.6), ("noise", 50, 0.45, 0.35, 0.55))
    for frame in (alike, alike.head(1), alike.head(0)):
        assert said(guesses.symptoms_title(frame)).endswith("cannot tell symptoms apart")


def test_a_rare_cause_is_not_drawn():
    frame = shares(("hdd", 999, 0, 1), ("fan", 1, 0, 1), n=1000)
    assert symptoms.causes_of(frame, "disk light")["cause"].tolist() == ["hdd"]


def test_the_most_confused_cause():
    columns = ["cause", "n", "mistaken_for", "mistaken_share"]
    frame = pd.DataFrame(
        [["card", 40, "hdd", 0.5], ["fan", 40, None, 0.0], ["cpu", 2, "board", 1.0]], columns=columns
    )
    assert said(guesses.causes_title(frame)) == "Most confused: card, taken for hdd in 50% of its tickets"
    assert said(guesses.causes_title(frame.tail(2))).endswith("cannot tell yet")


def test_the_method_states_the_scores_only_when_there_are_some():
    assert len(guesses.method({"n_labelled": 10})) == 1
    _, model, judged, scores, sets = said(guesses.method(JUDGED))
    assert "words with concepts 0.60, shares by symptom and family 0.40" in model
    assert "Fields used: machine_family, month" in model
    assert "log-loss 1.300 and is right in 58.0%; the pool's log-loss is 0.066 ± 0.010 less" in model
    assert judged.startswith("Learnt from 800 tickets, judged on 200")
    assert "Log-loss 1.234 (shares of the causes alone: 2.500)" in scores
    assert "held 90.0% with 3.4 causes on average" in sets


def test_the_method_says_why_one_regression_was_enough_and_what_kits_can_claim():
    alone = JUDGED | {"model": "logistic regression", "gain_over_simple": 0.001, "fields": []}
    kits = {"ftf_model": 0.8, "parts_per_visit_model": 2.0, "thwarted": 0.04, "second_visit_cost": 43_344}
    said_of = said(guesses.method(alone | kits | {"lives_left_out": ["网卡"]}))
    assert "a pool of several experts was not better" in said_of[1]
    assert "Fields used: none" in said_of[1]
    assert "claim differences only. A second visit costs CN¥433" in said_of[5]
    assert said_of[6].startswith("Left out of the lives")


@pytest.mark.parametrize("merged", [1, 4])
def test_spellings_given_up_are_told(merged):
    told = guesses.method({"n_labelled": 10, "merged_spellings": merged})[1]
    assert told.in_language(EN).endswith(f"by spaces, full-width letters or case: {merged}.")
    assert told.in_language(Language("zh")).endswith(f"原因写法：{merged}种。")
    assert len(guesses.method({"n_labelled": 10, "merged_spellings": 0})) == 1


def test_the_card_of_open_tickets_says_why_an_earlier_day_counts_fewer():
    known, unknown = (
        faults.cards(JUDGED | {"abstained": 0.1, "confident": 0.35, "closing_times_known": said_when})[-1]
        for said_when in (True, False)
    )
    assert "already knows closing times entered since and counts fewer" in known.definition.in_language(EN)
    assert unknown.definition.in_language(EN).endswith("nor have a recorded cause.")


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


def test_at_most_five_sentences_need_attention_and_what_changed_comes_first():
    emerging = pd.DataFrame(
        {
            "cause": ["fan"],
            "machine_family": ["7979"],
            "serial_prefix": ["all"],
            "installed_half": ["all"],
            "first_alarm": ["2026-08"],
            "last_alarm": ["2026-10"],
            "n": [11],
            "expected": [1.3],
            "ratio": [8.3],
            "is_on": [True],
        }
    )
    rise = moved(("内存损坏", 0.1, 0.2, 4.0))
    all_of_it = JUDGED | {"drift_alarms": ["power supply"], "gain_over_by_symptom": 0.0, "ece": 0.09}
    found = said(faults.attention(all_of_it, rise, emerging))
    assert len(found) == faults.TOLD
    assert [sentence.split()[0] for sentence in found[:4]] == ["fan", "The", "memory", "40"]


def test_a_figure_that_is_not_known_has_no_value_on_its_card():
    assert all(card.value.missing for card in faults.cards({}))
    kept = {card.key for card in faults.cards({})}
    assert {"accuracy", "top3", "by_symptom", "remote_support", "open"} <= kept, "the history knows these"
    minutes = {card.key: card for card in faults.cards({"minutes_model": 45.0}, timed=False)}["minutes"]
    assert minutes.value.missing, "nobody timed a check"
    best, fix = faults.cards(JUDGED | {"ftf_model": 0.8189, "ftf_predicted": 0.808, "ftf_history": 0.754})[:2]
    assert (best.value.text(EN), fix.value.text(EN)) == ("60.0%", "81.9%")
    assert fix.beside.in_language(EN) == "predicted 80.8%, as recorded 75.4%"


def test_causes_that_come_together():
    columns = ["cause", "with_cause", "together", "n", "share", "low", "high"]
    frame = pd.DataFrame(
        [["card", "hdd", 289, 1205, 0.24, 0.217, 0.265], ["fan", "hdd", 1, 500, 0.002, 0, 0.01]],
        columns=columns,
    )
    assert said(symptoms.together_title(frame)) == "Look for both: 24% of tickets with card also have hdd"
    assert symptoms.together(frame)["cause"].tolist() == ["card"]
    assert said(symptoms.together_title(frame.tail(1))) == "No cause brings another with it often"
