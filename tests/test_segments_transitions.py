"""Moves between tracked types: how often, how sure, and who."""

import numpy as np
import pandas as pd
import pytest

from crmlab.columns import empty
from crmlab.segments.behaviour.catalogue import TYPES, UNDETERMINED, probability_column
from crmlab.segments.moves.movers import movers
from crmlab.segments.moves.transitions import agreement, changes_per_year, transitions
from crmlab.segments.outputs import MOVERS, TRANSITIONS

A, B, C, U = "reckoner", "planner", "pioneer", UNDETERMINED
NAMES = list(TYPES)


def followed(**paths):
    """Tracked types by customer, a type a month up to October 2026; None where there is no row."""
    rows = [
        (customer, month, kind)
        for customer, path in paths.items()
        for month, kind in zip(
            pd.date_range(end="2026-10-31", periods=len(path), freq="ME"), path, strict=True
        )
        if kind
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "type"])
    return frame.astype({"customer_id": "string", "type": "string"})


def cell(table, a, b):
    return table[(table.type == a) & (table.next == b)].iloc[0]


def test_moves_are_counted_within_a_month_after_the_first_determination():
    table = transitions(followed(x=[U, A, A, B], y=[B, None, C, C], z=[U, U]))
    counted = {(r.type, r.next): r.n for r in table.itertuples() if r.n}
    assert counted == {(A, A): 1, (A, B): 1, (C, C): 1}  # B to C took two months
    assert cell(table, A, C)["at"] == 2
    assert len(table) == 81


def test_shares_add_up_and_lie_within_their_limits():
    table = transitions(followed(x=[A] * 9 + [B], y=[B] * 10, z=[C] * 5 + [A] * 5))
    known = table[table["at"] > 0]
    assert known.groupby("type").share.sum().tolist() == pytest.approx([1.0] * known.type.nunique())
    assert ((known.low <= known.share) & (known.share <= known.high)).all()
    assert (known.high > 0).all()  # nobody went there yet: not impossible


def test_a_type_nobody_has_cannot_be_told():
    table = transitions(followed(x=[A, A, B]))
    assert table[table.type == C][["share", "low", "high"]].isna().all(axis=None)
    assert table[table.type == C][["n", "at"]].eq(0).all(axis=None)


def test_a_thin_row_is_drawn_to_where_all_go_and_a_full_one_is_not():
    many = {f"a{i}": [A] * 12 + [B] * 12 for i in range(30)}  # 720 months, 30 moves
    calm = {f"c{i}": [C] * 24 for i in range(30)}
    table = transitions(followed(**many, **calm, thin=["nostalgic", "nostalgic"]))
    thin, full = cell(table, "nostalgic", B), cell(table, A, B)
    assert 0 < thin.share < full.share  # nobody of its own went, but customers do
    assert thin.share > cell(table, "nostalgic", C).share
    assert full.share == pytest.approx(30 / 360, rel=0.1)
    assert thin.high - thin.low > full.high - full.low


def test_shrunk_shares_are_nearer_to_the_truth_than_raw_ones():
    """Nine types that leave at slightly different rates; what is followed is a Markov chain of known shares."""
    rng = np.random.default_rng(4)
    leave = rng.uniform(0.01, 0.03, 9)
    to = rng.dirichlet(np.ones(9) * 3)
    truth = np.where(np.eye(9, dtype=bool), 0, to)
    truth = leave[:, None] * truth / truth.sum(axis=1, keepdims=True) + np.diag(1 - leave)
    state, path = rng.integers(0, 9, 250), []
    for _ in range(25):
        path.append(state)
        state = np.array([rng.choice(9, p=truth[s]) for s in state])
    names = np.array(NAMES, dtype=object)
    tracked = pd.concat([pd.DataFrame({"customer_id": [f"C{i:03d}" for i in range(250)], "month": m, "type": names[s]})
                         for m, s in zip(pd.date_range(end="2026-10-31", periods=25, freq="ME"), path, strict=True)])  # fmt: skip
    table = transitions(tracked)
    raw = (table.n / table["at"]).to_numpy(float)
    off = (table.type != table.next).to_numpy(bool)

    def error(x):
        return np.abs(x - truth.ravel())[off].mean()

    assert error(table.share.to_numpy(float)) < 0.8 * error(raw)
    within = (table.low.to_numpy(float) <= truth.ravel()) & (truth.ravel() <= table.high.to_numpy(float))
    assert within.mean() > 0.9


def test_the_order_of_the_rows_does_not_matter():
    rows = followed(x=[A, A, B], y=[C, A, A], z=[B] * 3)
    pd.testing.assert_frame_equal(transitions(rows), transitions(rows.sample(frac=1, random_state=1)))


def test_nobody_followed_for_a_month():
    for rows in (followed(x=[A], y=[U, U]), followed(x=[A]).iloc[:0]):
        assert transitions(rows).equals(empty(TRANSITIONS))
        assert np.isnan(changes_per_year(rows))


def test_changes_per_customer_year():
    assert changes_per_year(followed(x=[A] * 7 + [B] * 6, y=[B] * 13)) == 0.5
    assert changes_per_year(followed(x=[U] * 6 + [A] * 13)) == 0
    assert changes_per_year(followed(x=[A] + [None] * 11 + [B])) == 1


def test_agreement_of_the_determined():
    before = pd.Series({"a": A, "b": A, "c": U, "d": B, "e": None, "f": B})
    after = pd.Series({"a": A, "b": B, "c": A, "d": U, "e": A, "g": B})
    assert agreement(before, after) == (0.5, 2)
    share, n = agreement(before[["c"]], after)
    assert np.isnan(share)
    assert n == 0


FEATURES = ("promo_share", "spend_trend", "prepaid_horizon")
WEIGHTS = pd.DataFrame(0.0, index=NAMES, columns=FEATURES)
WEIGHTS.loc[A] = [2.0, 0.0, 0.0]
WEIGHTS.loc[B] = [0.0, 0.5, 1.0]


def explain(table, towards, against):
    """Contributions of a linear model with the weights above, and a constant."""
    weights = WEIGHTS.loc[towards].to_numpy() - WEIGHTS.loc[against].to_numpy()
    return (table[list(FEATURES)].astype(float).fillna(0.0) * weights).assign(constant=5.0)


def features(**rows):
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=FEATURES).rename_axis("customer_id")
    return frame.reset_index().assign(records=9)


def about(*customers):
    frame = pd.DataFrame(
        {"customer_id": list(customers), "customer_name": "华安", "stage": "retention", "to_come": 900}
    )
    return frame.assign(**{probability_column(name): 0.3 if name == A else 0.1 for name in TYPES})


def told(then, now, **paths):
    return movers(followed(**paths), about(*paths), then, now, explain)


def test_the_feature_whose_change_speaks_most_for_the_new_type():
    then = features(x=[0.0, 0.0, 0.0], y=[0.9, 0.0, 1.0])
    now = features(x=[0.0, 1.0, 0.6], y=[0.1, 0.0, 1.2])
    table = told(then, now, x=[A] * 5 + [B] * 2, y=[A] * 4 + [B] * 3)
    assert table.customer_id.tolist() == ["x", "y"]  # latest first
    x, y = table.iloc[0], table.iloc[1]
    assert (x.was, x.type, x.month) == (A, B, pd.Timestamp("2026-09-30"))
    assert (x.feature, x.then, x.now) == ("prepaid_horizon", 0.0, 0.6)
    assert (y.feature, y.then, y.now) == ("promo_share", 0.9, 0.1)  # it speaks for the new type by falling
    assert (x.customer_name, x.stage, x.to_come, x.p) == ("华安", "retention", 900, pytest.approx(0.1))


def test_a_customer_or_feature_not_known_a_year_ago():
    now = features(x=[0.0, 1.0, 0.6], y=[0.0, 3.0, 1.0])
    table = told(features(y=[0.0, None, 1.0]), now, x=[A, B], y=[A, B])
    assert table.feature.tolist() == ["prepaid_horizon", "spend_trend"]
    assert table.then.isna().all()
    assert table.now.tolist() == [0.6, 3.0]


def test_no_feature_is_named_where_none_speaks_for_the_change():
    same = features(x=[0.5, 0.5, 0.5])
    row = told(same, same, x=[A, B]).iloc[0]
    assert pd.isna(row.feature)
    assert pd.isna(row.now)


def test_only_the_latest_change_within_a_year_and_no_first_determination():
    paths = {"twice": [A, B, C, C, A, A], "old": [A] + [B] * 13, "first": [U, A], "year": [A] + [B] * 12}
    same = features(**{customer: [0.0, 0.0, 0.0] for customer in paths})
    table = told(same, same, **paths).set_index("customer_id")
    assert set(table.index) == {"twice", "year"}
    assert (table.was["twice"], table.type["twice"], table.month["twice"]) == (
        C,
        A,
        pd.Timestamp("2026-09-30"),
    )


def test_nobody_moved():
    same = features(x=[0.0, 0.0, 0.0])
    assert told(same, same, x=[A, A]).equals(empty(MOVERS))
    assert movers(followed(x=[A]).iloc[:0], about("x"), same, same, explain).equals(empty(MOVERS))
