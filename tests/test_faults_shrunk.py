"""Shares of causes by symptom and family: few tickets say little, many speak for themselves."""

import numpy as np
import pytest

from crmlab.faults.causes.shrunk import ShrunkTable


def table(*rows):
    """From (symptom, family, cause, tickets)."""
    symptom, family, cause, n = zip(*rows, strict=True)
    return ShrunkTable().fit(symptom, family, cause, n)


WORLD = [
    *(("hot", family, "fan", 80) for family in "ABCD"),
    *(("hot", family, "board", 20) for family in "ABCD"),
    *(("dark", family, "memory", 70) for family in "ABCD"),
    *(("dark", family, "board", 30) for family in "ABCD"),
]


def share(fitted, symptom, family, cause):
    return fitted.predict_proba([symptom], [family])[0, list(fitted.causes_).index(cause)]


def test_shares_add_up_whatever_is_asked():
    p = table(*WORLD).predict_proba(["hot", "dark", "unheard of", None, "hot"], ["A", "Z", "B", None, np.nan])
    assert p.sum(axis=1) == pytest.approx(np.ones(5))
    assert (p > 0).all()


def test_three_tickets_of_a_new_family_hardly_move_the_share_of_the_symptom():
    fitted = table(*WORLD, ("hot", "E", "memory", 3))
    assert share(fitted, "hot", "E", "fan") > 0.4
    alone = table(("hot", "E", "memory", 3), ("hot", "F", "fan", 1))
    assert share(alone, "hot", "E", "memory") < 1


def test_many_tickets_speak_for_themselves():
    fitted = table(*WORLD, ("hot", "E", "memory", 900), ("hot", "E", "fan", 100))
    assert share(fitted, "hot", "E", "memory") == pytest.approx(0.9, abs=0.03)


def test_a_pair_never_seen_takes_what_its_family_and_its_symptom_say():
    fitted = table(*WORLD, ("dark", "E", "board", 200), ("dark", "E", "memory", 100))
    # family E: the board more often than elsewhere; so with the other symptom too
    assert share(fitted, "hot", "E", "board") > share(fitted, "hot", "Z", "board")


def test_what_is_known_of_nothing_is_the_share_of_all():
    fitted = table(*WORLD)
    assert fitted.predict_proba([None], [None])[0] == pytest.approx(fitted.overall_)
    assert fitted.overall_ == pytest.approx([200 / 800, 320 / 800, 280 / 800], abs=1e-3)


def test_a_missing_family_is_a_family_of_its_own():
    fitted = table(*WORLD, ("hot", None, "memory", 500))
    assert share(fitted, "hot", None, "memory") == pytest.approx(share(fitted, "hot", np.nan, "memory"))
    assert share(fitted, "hot", None, "memory") > 0.9


def test_only_counts_are_needed():
    rows = [(s, f, c) for s, f, c, n in WORLD for _ in range(n)]
    one_by_one = ShrunkTable().fit(*zip(*rows, strict=True))
    asked = ["hot", "dark"], ["A", "D"]
    assert one_by_one.predict_proba(*asked) == pytest.approx(table(*WORLD).predict_proba(*asked))


def test_order_does_not_matter():
    asked = ["hot", "dark"], ["A", "D"]
    assert table(*WORLD[::-1]).predict_proba(*asked) == pytest.approx(table(*WORLD).predict_proba(*asked))


def test_one_cause_only_is_certain():
    assert table(("hot", "A", "fan", 5)).predict_proba(["hot", "dark"], ["A", "B"]).tolist() == [[1.0], [1.0]]


def test_shares_are_listed_with_their_intervals():
    listed = table(*WORLD).shares()
    assert (listed["low"] <= listed["share"]).all()
    assert (listed["share"] <= listed["high"]).all()
    row = listed.query("symptom == 'hot' and family == 'A' and cause == 'fan'").iloc[0]
    assert (row["hits"], row["n"]) == (80, 100)
    few = table(*WORLD, ("hot", "E", "fan", 4)).shares().query("symptom == 'hot' and cause == 'fan'")
    width = (few["high"] - few["low"]).set_axis(few["family"])
    assert width["E"] > width["A"]


def test_intervals_hold_the_true_share_about_as_often_as_they_say():
    """Causes of every symptom on every family scatter around what the two say together, as the table takes them to."""
    rng = np.random.default_rng(0)
    causes, held = ["board", "fan", "memory"], []
    for _ in range(4):
        of_symptom, of_family = rng.dirichlet([6, 4, 3], 4), rng.dirichlet([30, 20, 15], 12)
        truth, rows = {}, []
        for s, f in np.ndindex(4, 12):
            product = of_symptom[s] * of_family[f]
            truth[f"s{s}", f"F{f}"] = rng.dirichlet(30 * product / product.sum())
            drawn = rng.multinomial(rng.choice([3, 10, 30, 100]), truth[f"s{s}", f"F{f}"])
            rows += [(f"s{s}", f"F{f}", cause, n) for cause, n in zip(causes, drawn, strict=True) if n]
        for row in table(*rows).shares().itertuples():
            held.append(row.low <= truth[row.symptom, row.family][causes.index(row.cause)] <= row.high)
    assert 0.9 <= np.mean(held) <= 0.98


def test_a_familys_only_tickets_are_not_counted_twice():
    """Where a family has one symptom, its own tickets must not also be what they are drawn towards."""
    fitted = table(*WORLD, ("hot", "E", "memory", 3))
    row = fitted.shares().query("symptom == 'hot' and family == 'E' and cause == 'memory'").iloc[0]
    assert row["share"] < 0.5
    assert row["high"] - row["low"] > 0.15
