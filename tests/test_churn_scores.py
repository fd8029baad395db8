"""Scores of what was said of renewals, by hand."""

import numpy as np
import pandas as pd
import pytest

from crmlab.churn.scores import calibration, decile_error, error_by_chance, score_table, scores

DAY = pd.Timestamp("2025-06-30")


def scored(p, renewed, **columns):
    n = len(p)
    naive = dict.fromkeys(("p_cox", "p_level", "p_last_year", "p_inactive"), 0.5)
    frame = pd.DataFrame({"p_renew": p, "renewed": renewed, "due": True}).assign(**naive)
    return frame.assign(landmark=DAY, customer_id=[f"C{k}" for k in range(n)], **columns)


def test_scores_by_hand():
    found = scores(scored([0.9, 0.8, 0.3, 0.6], [1.0, 1.0, 0.0, 0.0]))
    assert found["model"]["auc"] == 1.0
    assert found["model"]["brier"] == pytest.approx((0.01 + 0.04 + 0.09 + 0.36) / 4)
    assert (found["model"]["predicted"], found["model"]["observed"]) == (pytest.approx(0.65), 0.5)
    assert found["level"]["gain"] == pytest.approx(0.25 - 0.125)
    assert found["model"]["gain"] == 0


def test_what_was_not_due_or_is_not_known_is_not_scored():
    frame = scored([0.9, 0.8, 0.3, 0.6, 0.1], [1.0, 0.0, 0.0, np.nan, 1.0]).assign(due=[True] * 4 + [False])
    assert scores(frame)["model"]["observed"] == pytest.approx(1 / 3)


def test_landmarks_are_compared_within_themselves():
    one = scored([0.9, 0.8], [1.0, 0.0])
    other = scored([0.4, 0.3], [1.0, 0.0]).assign(landmark=DAY + pd.Timedelta(days=90))
    assert scores(pd.concat([one, other], ignore_index=True))["model"]["auc"] == 1.0


def test_nothing_due_gives_no_figure():
    found = scores(scored([0.9], [1.0]).assign(due=False))
    assert found["model"]["auc"] is None
    assert np.isnan([found["model"]["brier"], found["model"]["ece"], found["model"]["gain"]]).all()


def test_tenths_cancel_only_within_themselves():
    p = np.repeat(np.arange(1, 11) / 10 - 0.05, 100)
    y = np.concatenate([np.arange(100) < 10 * k + 5 for k in range(10)]).astype(float)
    assert decile_error(p, y) == pytest.approx(0)
    assert decile_error(p, y[::-1]) > 0.4
    assert np.isnan(decile_error(np.zeros(0), np.zeros(0)))


def test_the_table_has_a_row_per_day_and_line():
    frame = pd.concat(
        [
            scored([0.9, 0.2], [1.0, 0.0]),
            scored(
                [0.9, 0.2],
                [0.0, 1.0],
            ).assign(landmark=DAY + pd.Timedelta(days=90)),
        ]
    )
    table = score_table(frame).set_index(["landmark", "line"])
    assert len(table) == 2 * 5
    assert list(table.xs("model", level="line").auc) == [1.0, 0.0]
    assert set(table.n) == {2}
    assert set(table.lost) == {1}


def test_one_kind_of_end_has_no_area():
    assert np.isnan(score_table(scored([0.9, 0.2], [1.0, 1.0])).auc).all()


def test_calibration_counts_a_customer_once():
    """Twenty contracts of one customer in a tenth witness less than twenty customers."""
    renewed = [1.0, 0.0] * 100
    apart = calibration(scored([0.5] * 200, renewed))
    together = calibration(
        scored([0.5] * 200, renewed).assign(customer_id=[f"C{k // 2 % 3}" for k in range(200)])
    )
    assert list(apart.n) == [20] * 10
    assert (apart.observed == 0.5).all()
    assert ((apart.low < 0.5) & (apart.high > 0.5)).all()
    assert not together.equals(apart)


def test_error_by_chance_shrinks_with_contracts_and_not_with_rows():
    few, rows = np.full(200, 0.8), np.full(2000, 0.8)
    alone = error_by_chance(few, np.arange(200))
    assert error_by_chance(rows, np.arange(2000)) < 0.6 * alone
    assert error_by_chance(rows, np.repeat(np.arange(200), 10)) == pytest.approx(alone, rel=0.25)
