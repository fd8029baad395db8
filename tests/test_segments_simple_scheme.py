"""The seed's simpler scheme beside the nine types: profit × loyalty × satisfaction."""

import numpy as np
import pandas as pd

from crmlab.segments.use.simple_scheme import overlap, scheme, simple_scheme
from crmlab.tables import CLEAN, empty

DAY = pd.Timestamp("2026-10-31")
VALUE = pd.DataFrame(
    {
        "customer_id": ["A", "B", "C", "D"],
        "historical": pd.array([100, 300, 200, 0], dtype="Int64"),
        "p_retained": pd.array([0.9, 0.9, None, 0.1], dtype="Float64"),
    }
)


def answered(*rows):
    """Answers: customer, day, kind, score of 5."""
    frame = pd.DataFrame(rows, columns=["customer_id", "answered_at", "kind", "score"])
    frame["answered_at"] = pd.to_datetime(frame["answered_at"])
    frame = frame.assign(scale_max=5.0, item="Q", survey_id=[f"S{n}" for n in range(len(frame))])
    return frame.reindex(columns=empty(CLEAN["surveys"]).columns)


SURVEYS = answered(
    ("A", "2026-01-01", "perception", 5),
    ("A", "2026-02-01", "perception", 4),
    ("B", "2026-01-01", "perception", 2),
    ("C", "2026-01-01", "expectation", 5),
    ("B", "2026-11-01", "perception", 5),
)


def test_each_part_is_split_at_its_median_and_unknown_where_nothing_is_known():
    found = scheme(VALUE, SURVEYS, DAY)
    assert found["profit"].tolist() == ["low", "high", "high", "low"]
    assert found["loyalty"].tolist() == ["high", "high", "unknown", "low"]
    assert found["satisfaction"].tolist() == ["high", "low", "unknown", "unknown"]


def test_without_surveys_nobody_is_known_to_be_content():
    found = scheme(VALUE, empty(CLEAN["surveys"]), DAY)
    assert set(found["satisfaction"]) == {"unknown"}
    assert found["profit"].tolist() == ["low", "high", "high", "low"]


def standing(*cells):
    frame = pd.DataFrame(cells, columns=["profit", "loyalty", "satisfaction"])
    return frame.set_index(pd.Index([f"C{n}" for n in range(len(cells))], name="customer_id"))


def test_the_commonest_type_of_each_combination_with_its_share():
    where = standing(*[("high", "high", "low")] * 4, ("low", "low", "unknown"), ("low", "low", "low"))
    guess = pd.Series(
        ["planner", "pioneer", "planner", None, "pioneer", "planner"], index=where.index, dtype="string"
    )
    to_come = pd.Series([1, 2, 3, 4, 5, None], index=where.index, dtype="Int64")
    found = simple_scheme(where, guess, to_come).set_index(["profit", "loyalty", "satisfaction"])
    top = found.loc[("high", "high", "low")]
    assert (top["n"], top["to_come"], top["commonest"]) == (3, 6, "planner")
    assert np.isclose(top["commonest_share"], 2 / 3)
    assert found.index.tolist()[1:] == [("low", "low", "low"), ("low", "low", "unknown")]


def test_equally_common_types_are_named_in_one_order_however_customers_are_sorted():
    where = standing(*[("high", "high", "high")] * 2)
    guess = pd.Series(["planner", "pioneer"], index=where.index)
    none = pd.Series([0, 0], index=where.index, dtype="Int64")
    assert {simple_scheme(w, guess, none)["commonest"].item() for w in (where, where.iloc[::-1])} == {
        "pioneer"
    }


def test_nobody_with_a_guess():
    where = standing(("high", "high", "high"))
    nobody = pd.Series([None], index=where.index, dtype="string")
    assert simple_scheme(where, nobody, pd.Series([1], index=where.index)).empty
    assert np.isnan(overlap(where, nobody))


def test_overlap_is_one_for_two_names_of_the_same_and_none_for_chance():
    rng = np.random.default_rng(0)
    where = standing(*[(p, "high", s) for p in ("high", "low") for s in ("high", "low")] * 250)
    same = (where["profit"] + where["satisfaction"]).map(
        dict(zip(["highhigh", "highlow", "lowhigh", "lowlow"], ["a", "b", "c", "d"], strict=True))
    )
    by_chance = pd.Series(rng.choice(list("abcd"), len(where)), index=where.index)
    assert np.isclose(overlap(where, same), 1)
    assert abs(overlap(where, by_chance)) < 0.01
    assert np.isnan(overlap(where, pd.Series("a", index=where.index)))
