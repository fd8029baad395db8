"""A type followed over the months changes when the evidence has turned, and not before."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED
from crmlab.segments.moves.tracker import TypeTracker

A, B, C = "reckoner", "planner", "pioneer"


def months(*rows, customer="K", start="2025-01-31"):
    """Rows of one customer from their probabilities, {type: p}; the rest goes to the first type. None is a month without a row."""
    ends = pd.date_range(start, periods=len(rows), freq="ME")
    frame = pd.DataFrame([{TYPES_0: 1 - sum((r or {}).values()), **(r or {})} for r in rows])
    frame = frame.reindex(columns=list(TYPES)).fillna(0.0)
    frame.insert(0, "month", ends)
    frame.insert(0, "customer_id", customer)
    return frame[[r is not None for r in rows]]


TYPES_0 = next(iter(TYPES))


def types(*rows, **how):
    return TypeTracker(**({"margin": 0.4} | how)).track(months(*rows)).type.tolist()


def test_undetermined_until_a_type_reaches_the_least_probability():
    assert types({A: 0.5}, {A: 0.59, B: 0.3}, {A: 0.6}, {A: 0.3, B: 0.3}) == [
        UNDETERMINED,
        UNDETERMINED,
        A,
        A,
    ]


def test_a_change_takes_the_margin_for_two_months_running():
    assert types({A: 0.9}, {B: 0.9}, {B: 0.9}) == [A, A, B]
    assert types({A: 0.9}, {B: 0.9}, {A: 0.5, B: 0.5}, {B: 0.9}, {B: 0.9}) == [A, A, A, A, B]
    assert types({A: 0.9}, *[{B: 0.69, A: 0.31}] * 6) == [A] * 7
    assert types({A: 0.9}, *[{B: 0.7, A: 0.3}] * 2) == [A, A, B]  # .4, as floats have it


def test_the_margin_counts_from_the_type_held_not_from_the_second_likeliest():
    assert types({A: 0.9}, *[{B: 0.5, C: 0.45, A: 0.05}] * 2) == [A, A, B]


def test_two_rivals_in_turn_do_not_add_up():
    assert types({A: 0.9}, {B: 0.8}, {C: 0.8}, {B: 0.8}, {B: 0.8}) == [A, A, A, A, B]


def test_after_a_change_the_next_takes_as_long():
    assert types({A: 0.9}, {B: 0.9}, {B: 0.9}, {A: 0.9}, {A: 0.9}) == [A, A, B, B, A]


def test_a_month_without_a_row_or_without_probabilities_leaves_everything_as_it_is():
    assert types({A: 0.9}, None, {B: 0.9}, None, {B: 0.9}) == [A, A, B]
    rows = months({A: 0.9}, {B: 0.9}, {A: 0.9}, {B: 0.9})
    rows.loc[rows.index[2], list(TYPES)] = np.nan
    told = TypeTracker().track(rows)
    assert told.type.tolist() == [A, A, A, B]
    assert told.likeliest.isna().tolist() == [False, False, True, False]
    assert told.p.isna().tolist() == [False, False, True, False]


def test_likeliest_and_p_are_of_the_month_alone():
    told = TypeTracker().track(months({A: 0.9}, {B: 0.8, A: 0.2}))
    assert told.likeliest.tolist() == [A, B]
    assert told.p.tolist() == pytest.approx([0.9, 0.8])


def test_two_rows_of_one_month_are_refused():
    rows = months({A: 0.9})
    with pytest.raises(ValueError, match="customer K has two rows of 2025-01-31"):
        TypeTracker().track(pd.concat([rows, rows]))


def test_nobody():
    told = TypeTracker().track(months({A: 0.9}).iloc[:0])
    assert told.empty
    assert list(told.columns) == ["customer_id", "month", "type", "likeliest", "p"]


@st.composite
def histories(draw):
    """A few customers over a year; each wanders among three types, and lacks some months."""
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(1, 6))
    rng = np.random.default_rng(seed)
    logits = np.cumsum(rng.normal(0, draw(st.sampled_from([0.2, 1.0, 3.0])), (n, 12, 3)), axis=1)
    p = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
    made = [
        months(*[dict(zip((A, B, C), row, strict=True)) for row in p[i]], customer=f"K{i}") for i in range(n)
    ]
    rows = pd.concat(made, ignore_index=True)
    return rows[rng.random(len(rows)) < 0.8]


quick = settings(max_examples=40, deadline=None)


@quick
@given(histories(), st.integers(0, 100))
def test_customers_do_not_depend_on_each_other_or_on_their_order(rows, seed):
    told = TypeTracker().track(rows)
    pdt.assert_frame_equal(told, TypeTracker().track(rows.sample(frac=1, random_state=seed)))
    one = rows[rows.customer_id == "K0"]
    pdt.assert_frame_equal(told[told.customer_id == "K0"].reset_index(drop=True), TypeTracker().track(one))


@quick
@given(histories(), st.integers(1, 11))
def test_later_months_change_no_earlier_label(rows, k):
    cut = rows[rows.month <= pd.date_range("2025-01-31", periods=12, freq="ME")[k]]
    told = TypeTracker().track(rows)
    pdt.assert_frame_equal(
        told[told.month <= cut.month.max()].reset_index(drop=True), TypeTracker().track(cut)
    )


@quick
@given(histories(), st.floats(0, 0.9), st.integers(1, 4))
def test_every_change_has_its_margin_in_that_month(rows, margin, patience):
    """So that nothing flickers inside it; and a second change never comes within the patience."""
    told = TypeTracker(margin, patience).track(rows)
    p = told.merge(rows, on=["customer_id", "month"])
    for _, path in p.groupby("customer_id"):
        path = path[path.type != UNDETERMINED].reset_index(drop=True)
        at = np.flatnonzero(path.type[1:].to_numpy() != path.type[:-1].to_numpy()) + 1
        for i in at:
            assert path[path.type[i]][i] - path[path.type[i - 1]][i] >= margin - 1e-6
        assert (np.diff(at) >= patience).all()


@quick
@given(histories(), st.floats(0, 0.5), st.floats(0, 0.4), st.integers(1, 3), st.integers(0, 2))
def test_more_margin_or_patience_never_tells_the_first_change_earlier(rows, margin, more, patience, longer):
    def first_change(tracker):
        told = tracker.track(rows)
        told = told[told.type != UNDETERMINED]
        was = told.groupby("customer_id").type.shift()
        return told[was.notna() & (was != told.type)].groupby("customer_id").month.min()

    soon, late = (
        first_change(t)
        for t in (TypeTracker(margin, patience), TypeTracker(margin + more, patience + longer))
    )
    assert (late >= soon.reindex(late.index)).all()
