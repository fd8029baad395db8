"""Who has a say in a pool of experts: the good ones, as much as they are right; nobody who tells no more than chance."""

import numpy as np
import pytest

from crmlab.faults.causes.weights import best_weights, heard


def logs(*rows):
    return np.log(np.array(rows, float))


def test_a_good_expert_gets_the_say_and_a_contrary_one_none():
    truth = np.array([0, 1, 0, 1] * 25)
    good = logs([0.8, 0.2], [0.2, 0.8], [0.8, 0.2], [0.2, 0.8])[np.arange(100) % 4]
    weights, _ = best_weights([good, -good], truth)
    assert weights[0] > 0.5
    assert weights[1] == 0


def test_an_expert_that_is_too_sure_is_calmed():
    rng = np.random.default_rng(2)
    truth = (rng.random(2_000) < 0.7).astype(int)
    too_sure = np.tile(logs([0.02, 0.98]), (2_000, 1))
    (weight,), loss = best_weights([too_sure], truth)
    p = 0.98**weight / (0.98**weight + 0.02**weight)
    assert p == pytest.approx(truth.mean(), abs=0.01)
    assert loss < -(too_sure[np.arange(2_000), truth]).mean()


def test_who_has_next_to_no_say_is_left_out():
    truth = np.array([0, 1] * 50)
    good = logs([0.8, 0.2], [0.2, 0.8])[np.arange(100) % 2]
    assert list(heard({"good": good, "contrary": -good}, truth)) == ["good"]


def test_where_nobody_tells_more_than_chance_nobody_is_heard():
    assert heard({"contrary": logs([0.2, 0.8], [0.8, 0.2])[np.arange(100) % 2]}, np.array([0, 1] * 50)) == {}
