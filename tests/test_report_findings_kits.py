"""What parts would have fixed, in words: each verdict, and silence where nothing tells."""

import pandas as pd
import pytest

from crmlab.report.findings import gaps, kits
from crmlab.report.language import Language

EN, ZH = Language("en"), Language("zh")
METRICS = {
    "n_looked_back": 1000,
    "ftf_model": 0.819,
    "ftf_frequency": 0.796,
    "gain_over_frequency": 0.023,
    "gain_over_frequency_error": 0.004,
    "saved_over_frequency": 969.5,
    "saved_over_frequency_error": 188.0,
    "ftf_model_equal": 0.742,
    "ftf_remote": 0.754,
    "gain_over_remote_equal": -0.012,
    "gain_over_remote_equal_error": 0.0076,
    "saved_over_remote_equal": -505.0,
    "saved_over_remote_equal_error": 331.0,
    "parts_per_visit_remote": 1.5,
    "minutes_model": 55.6,
    "minutes_likely_first": 60.3,
    "minutes_table": 65.9,
    "minutes_saved_over_likely_first": 0.077,
    "minutes_saved_over_likely_first_error": 0.01,
}
TIMED = pd.DataFrame({"cause": ["fan"], "n": [40], "minutes": [13.6]})
WAYS = pd.DataFrame(
    {
        "way": ["frequency", "frequency_equal", "model", "model_equal", "remote"],
        "n": [1000] * 5,
        "parts_per_visit": [2.0, 1.5, 2.0, 1.5, 1.5],
        "first_time_fix": [0.796, 0.721, 0.819, 0.742, 0.754],
        "low": [0.7] * 5,
        "high": [0.85] * 5,
        "predicted": [None, None, 0.808, 0.736, None],
        "gain": [0.042, -0.033, 0.065, -0.012, 0.0],
        "gain_error": [0.0077, 0.0077, 0.0076, 0.0076, 0.0],
        "saved": [1834, -1437, 2804, -505, 0],
        "saved_error": [332, 333, 330, 331, 0],
    }
)


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        (0.023, "Pack the model's kits"),
        (0.004, "Cannot tell whether the model's kits"),
        (-0.023, "Pack the symptom's most used parts"),
    ],
)
def test_kits_beside_the_most_used_parts(gain, words):
    assert kits.worth(METRICS | {"gain_over_frequency": gain}).in_language(EN).startswith(words)


def test_what_kits_are_worth_stands_in_points_and_money_with_their_errors():
    said = kits.worth(METRICS).in_language(EN)
    assert "on 1,000 later tickets they would have fixed 81.9%" in said
    assert "2.3 ± 0.4 points and CN¥10 ± CN¥2 of second visits a ticket, CN¥9,695 in all" in said
    assert "¥10 ± ¥2" in kits.worth(METRICS).in_language(ZH)


@pytest.mark.parametrize(
    ("gain", "words", "title"),
    [
        (0.05, "let the model choose.", "fix more than remote support's choice: 5.0 ± 0.8 points"),
        (
            -0.012,
            "cannot tell which is better, remote support's choice is as good.",
            "cannot tell the model's kits",
        ),
        (
            -0.05,
            "leave the choice to remote support.",
            "fix less than remote support's choice: -5.0 ± 0.8 points",
        ),
    ],
)
def test_kits_beside_remote_support_at_equal_parts(gain, words, title):
    metrics = METRICS | {"gain_over_remote_equal": gain}
    said = kits.beside_remote(metrics).in_language(EN)
    assert said.endswith(words)
    assert "(1.5 a visit)" in said
    assert title in kits.ways_title(metrics, WAYS, {}).in_language(EN)


def test_nothing_is_said_of_kits_where_nothing_tells():
    assert kits.worth({}) is None
    assert kits.beside_remote({}) is None
    assert kits.fuller(WAYS.head(0)) is None
    assert kits.ways_title({}, WAYS, {}).in_language(EN) == "What other parts would have fixed"
    missing = {"missing": [{"what": "ticket_parts, or faults.parts in params.yaml", "adds": gaps.TRAVEL}]}
    said = kits.ways_title({}, WAYS.head(0), missing)
    assert said.in_language(EN).startswith("Not shown: which parts should travel. Missing: ticket_parts")
    assert said.in_language(ZH) == "未列出：该带哪些备件。缺少：备件记录，或 params.yaml 中的 faults.parts"
    assert "no later ticket says what was carried" in kits.ways_title({}, WAYS.head(0), {}).in_language(EN)


def test_the_ways_start_with_what_was_carried_and_say_what_they_save_in_all():
    rows = kits.ways(WAYS)
    assert [name.in_language(EN) for name in rows["name"]] == [
        "As carried",
        "Model, equal",
        "Most used, equal",
        "Model's kits",
        "Most used",
    ]
    assert rows["total"].tolist()[3] == 2_804_000
    assert "2.0 parts a visit instead of 1.5 bring 6.5 ± 0.8 points" in kits.ways_note(WAYS).in_language(EN)


@pytest.mark.parametrize(
    ("saved", "words"),
    [
        (0.077, "56 minutes, most likely first in 60: 7.7 ± 1.0 % sooner"),
        (0.01, "cannot tell which is sooner"),
        (-0.077, "Check the most likely cause first"),
    ],
)
def test_the_order_of_checks(saved, words):
    metrics = METRICS | {"minutes_saved_over_likely_first": saved}
    assert words in kits.checks_title(metrics, TIMED).in_language(EN)


def test_an_order_that_was_never_timed_is_not_drawn():
    assert kits.checks(METRICS, TIMED)["minutes"].tolist() == [55.6, 60.3, 65.9]
    assert kits.checks({}, TIMED).empty
    assert kits.checks_title({}, TIMED).in_language(EN).endswith("cannot tell yet")
    untimed = TIMED.assign(n=0)
    assert kits.checks(METRICS, untimed).empty
    assert (
        kits.checks_title(METRICS, untimed).in_language(EN).startswith("No visit says how long a check takes")
    )


def test_parts_are_called_by_their_names():
    parts = pd.DataFrame({"part_no": ["HDD", "MB"], "part_name": ["硬盘", None]})
    known = kits.names(parts)
    assert kits.kit("HDD、MB", known).in_language(EN) == "disk, MB"
    assert kits.kit("HDD、MB", known).in_language(ZH) == "硬盘、MB"
    assert kits.kit("", known).in_language(EN) == "none"
    assert kits.kit(None, known) is None
