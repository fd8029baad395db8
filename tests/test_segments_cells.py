"""Types × value × risk: everybody is in one cell, and each cell says what it gets."""

import pandas as pd

from crmlab.segments.outputs import CELLS
from crmlab.segments.use.cells import cells, risk_bands, value_bands
from crmlab.segments.use.policy import Policy


def test_the_top_fifth_is_high_and_losses_do_not_count_among_those_worth_something():
    bands = value_bands(pd.Series([*range(1, 11), 0, -50], dtype="Int64"))
    assert bands.tolist() == ["low"] * 5 + ["middle"] * 3 + ["high"] * 2 + ["loss"] * 2


def test_customers_worth_the_same_are_in_one_band():
    assert value_bands(pd.Series([7, 7, 7, 1], dtype="Int64")).tolist() == ["high"] * 3 + ["low"]
    assert value_bands(pd.Series([5])).tolist() == ["high"]
    assert value_bands(pd.Series([None], dtype="Int64")).isna().all()
    assert value_bands(pd.Series([], dtype="Int64")).empty


def test_a_contract_tells_of_risk_before_silence_does():
    p_renew = pd.Series([0.9, 0.69, 0.7, None, None, None], dtype="Float64", index=list("abcdef"))
    silent = pd.Series([True, None, None, True, False, None], dtype="boolean", index=list("abcdef"))
    expected = {"a": "safe", "b": "at_risk", "c": "safe", "d": "at_risk", "e": "safe", "f": "unknown"}
    assert risk_bands(p_renew, silent, 0.7).to_dict() == expected


CUSTOMERS = pd.DataFrame(
    {
        "customer_id": ["A", "B", "C", "D", "E"],
        "type": ["planner", "undetermined", "pioneer", "undetermined", "planner"],
        "likeliest": ["planner", "planner", "pioneer", None, "planner"],
        "value_band": ["high", "high", "low", "low", None],
        "risk": ["at_risk", "at_risk", "unknown", "safe", "safe"],
        "to_come": pd.array([500, 300, 10, 9, None], dtype="Int64"),
        "at_stake": pd.array([50, None, None, 1, None], dtype="Int64"),
    }
)


def test_each_cell_says_who_is_in_it_and_what_it_gets():
    policy = Policy.read()
    found = cells(CUSTOMERS, policy)
    pioneers, planners = (found[found["type"] == t].iloc[0] for t in ("pioneer", "planner"))
    assert len(found) == 2
    assert (planners["n"], planners["n_determined"]) == (2, 1)
    assert (planners["to_come"], planners["at_stake"]) == (800, 50)
    assert (pioneers["n"], pioneers["risk"]) == (1, "unknown")
    assert pd.isna(pioneers["at_stake"]), "what nobody knows is not nothing"
    assert planners["manner"] == policy.manner("planner")
    assert planners["effort"] == policy.effort("high", "at_risk")


def test_nobody_in_any_cell():
    found = cells(CUSTOMERS.iloc[:0], Policy.read())
    assert found.empty
    assert found.columns.tolist() == [c.name for c in CELLS.columns]
