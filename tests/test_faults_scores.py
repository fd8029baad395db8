import numpy as np
import pandas as pd
import pytest

from crmlab.faults.causes.scores import (
    by_group,
    calibration,
    expected_calibration_error,
    gain,
    log_loss,
    positions,
    scores,
)

CLASSES = np.array(["card", "disk", "fan", "memory"], dtype=object)
P = np.array([[0.1, 0.7, 0.1, 0.1], [0.6, 0.2, 0.15, 0.05], [0.3, 0.1, 0.2, 0.4], [0.1, 0.8, 0.07, 0.03]])


def test_calibration_error_by_hand():
    # two guesses at .62 and .68 of which one is right, two at .9 and 1.0 which are both right
    table = calibration(np.array([0.62, 0.68, 0.9, 1.0]), np.array([1, 0, 1, 1]))
    assert table[["bin", "n"]].to_numpy().tolist() == [[7, 2], [9, 1], [10, 1]]
    assert table["predicted"].tolist() == pytest.approx([0.65, 0.9, 1.0])
    assert table["observed"].tolist() == [0.5, 1.0, 1.0]
    assert expected_calibration_error(table) == pytest.approx((2 * 0.15 + 0.1 + 0.0) / 4)


def test_scores_by_hand():
    truth = pd.Series(["disk", "card", "disk", "memory"])
    figures = scores(P, CLASSES, truth)
    assert figures["accuracy"] == 0.5
    assert figures["top3"] == 0.5  # disk is the last guess for the third, memory for the fourth
    assert figures["log_loss"] == pytest.approx(-np.log([0.7, 0.6, 0.1, 0.03]).mean())
    assert figures["macro_f1"] == pytest.approx((1.0 + 0.5 + 0.0) / 3)  # card, disk, memory


def test_a_cause_never_seen_is_a_miss_but_not_an_infinite_one():
    truth = pd.Series(["disk", "backplane", "memory", "disk"])
    assert positions(CLASSES, truth).tolist() == [1, -1, 3, 1]
    assert log_loss(P, positions(CLASSES, truth)) == pytest.approx(-np.log([0.7, 1e-6, 0.4, 0.8]).mean())
    assert scores(P, CLASSES, truth)["accuracy"] == 0.75
    assert scores(P, CLASSES, truth)["top3"] == 0.75


def test_paired_gain_by_hand():
    difference, error = gain(np.array([1, 1, 1, 0]), np.array([1, 0, 0, 1]))
    assert difference == 0.25
    assert error == pytest.approx(np.std([0, 1, 1, -1]) / 2)


def test_a_group_without_guesses_has_no_hit_rate():
    table = by_group(pd.Series(["a", "a", "b"]), {"model": [1, 0, 1], "remote": [1, np.nan, np.nan]})
    assert table["n"].tolist() == [2, 1]
    assert table["model"].tolist() == [0.5, 1.0]
    assert table["remote"].tolist()[0] == 1.0
    assert np.isnan(table["remote"].tolist()[1])
