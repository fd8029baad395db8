"""Sets that hold the right cause as often as they promise, and guesses that nobody should rely on."""

import numpy as np
import pytest

from crmlab.faults.causes.conformal import FEW, ConformalSets, abstain_reasons


def world(n, seed, causes=5, easy=0):
    """Probabilities and what happened; `easy` of the causes are told more plainly than the others."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, causes, n)
    scores = rng.normal(size=(n, causes))
    scores[np.arange(n), truth] += np.where(truth < easy, 4.0, 1.5)
    p = np.exp(scores)
    return p / p.sum(axis=1, keepdims=True), truth


def coverage(sets, p, truth):
    return sets.predict(p)[np.arange(len(truth)), truth].mean()


@pytest.mark.parametrize("promised", [0.8, 0.9, 0.99])
def test_later_tickets_are_covered_as_promised(promised):
    got = [
        coverage(ConformalSets(promised).fit(*world(1_000, seed)), *world(4_000, 100 + seed))
        for seed in range(5)
    ]
    assert np.mean(got) == pytest.approx(promised, abs=0.015)


def test_the_promise_holds_for_probabilities_that_lie():
    p, truth = world(2_000, 1)
    too_sure, later = p**3, world(4_000, 2)
    lied = later[0] ** 3
    sets = ConformalSets().fit(too_sure / too_sure.sum(axis=1, keepdims=True), truth)
    assert coverage(sets, lied / lied.sum(axis=1, keepdims=True), later[1]) == pytest.approx(0.9, abs=0.02)


def test_by_cause_the_promise_holds_for_each():
    calibration, (p, truth) = world(3_000, 3, easy=3), world(12_000, 4, easy=3)
    all_together, by_cause = (ConformalSets(by_cause=by).fit(*calibration).predict(p) for by in (False, True))
    worst_of = lambda within: min(within[truth == c, c].mean() for c in range(5))  # noqa: E731
    assert worst_of(all_together) < 0.85, "the hard causes pay for the easy ones"
    assert worst_of(by_cause) == pytest.approx(0.9, abs=0.03)


def test_a_cause_met_too_rarely_takes_the_limit_of_all():
    p, truth = world(400, 5)
    truth[truth == 4] = 0
    truth[: FEW - 1] = 4
    sets, together = ConformalSets(by_cause=True).fit(p, truth), ConformalSets().fit(p, truth)
    assert sets.limits_[4] == together.limits_[0]


@pytest.mark.parametrize("n", [0, 1, 5, 8])
def test_too_few_tickets_promise_nothing_so_the_set_is_every_cause(n):
    p, truth = world(n, 6)
    assert ConformalSets().fit(p, truth).predict(world(10, 7)[0]).all()


def test_from_nine_tickets_on_a_set_can_leave_a_cause_out():
    assert not ConformalSets().fit(*world(9, 6)).predict(world(50, 7)[0]).all()


def test_the_most_probable_cause_is_always_in():
    sets = ConformalSets(coverage=0.05).fit(*world(500, 8))
    p, _ = world(200, 9)
    within = sets.predict(p)
    assert within[np.arange(200), p.argmax(axis=1)].all()
    assert within.sum(axis=1).min() == 1


def test_a_model_that_knows_one_cause_more_can_use_the_same_sets():
    sets = ConformalSets().fit(*world(200, 10, causes=4))
    assert sets.predict(world(3, 11, causes=5)[0]).shape == (3, 5)


@pytest.mark.parametrize(
    ("text", "known", "best", "said"),
    [
        ("", 0.0, 0.9, "no_text"),
        ("klaxon", 0.0, 0.9, "unknown_words"),
        ("fan klaxon horn", 0.59, 0.9, "unknown_words"),
        ("fan klaxon", 0.6, 0.9, None),
        ("fan", 1.0, 0.34, "low_confidence"),
        ("fan", 1.0, 0.35, None),
    ],
)
def test_why_not_to_rely_on_a_guess(text, known, best, said):
    p = np.array([[best, 1 - best, 0.0] if best > 0.5 else [best, best - 0.01, 1.01 - 2 * best]])
    assert abstain_reasons(np.array([text]), np.array([known]), p, confident=0.35).tolist() == [said]


def test_no_ticket_no_reason():
    assert abstain_reasons(np.array([]), np.array([]), np.empty((0, 3)), 0.35).tolist() == []
