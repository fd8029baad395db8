"""Remote support and the model are judged on the same tickets, in groups, and no group is a person."""

import numpy as np
import pandas as pd
import pytest

from crmlab.faults.desk.outputs import SCORECARD
from crmlab.faults.desk.scorecard import first_named, scorecard


def desk(n=40, **columns):
    """Tickets on which remote support is right every second time, and the model three times of four."""
    frame = pd.DataFrame(
        {
            "symptom_tag": ["disk light", "no display"] * (n // 2),
            "machine_family": "7979",
            "branch": "杭州",
            "engineer_id": [f"e{i % 6}" for i in range(n)],
            "reported_at": pd.date_range("2026-01-01", periods=n, freq="2D"),
            "cause_predicted": ["disk", "fan"] * (n // 2),
        },
        index=range(100, 100 + n),
    ).assign(**columns)
    truth = pd.Series("disk", index=frame.index, dtype=object)
    guess = pd.Series(["disk", "disk", "disk", "fan"] * (n // 4), index=frame.index, dtype=object)
    return frame, truth, guess


def row(card, by, group="all"):
    return card[(card["by"] == by) & (card["group"] == group)].iloc[0]


def test_both_are_judged_on_the_same_tickets():
    card = scorecard(*desk())
    assert list(card.columns) == [c.name for c in SCORECARD.kept]
    assert not card.duplicated(list(SCORECARD.key)).any()
    whole = row(card, "all")
    assert (whole["n"], whole["remote"], whole["model"], whole["difference"]) == (40, 0.5, 0.75, 0.25)
    # +1 on a quarter of the tickets, 0 on the others
    assert whole["error"] == pytest.approx(np.sqrt(0.25 * 0.75 / 40))
    assert whole["remote_low"] < 0.5 < whole["remote_high"]
    assert row(card, "symptom", "disk light")["remote"] == 1.0
    assert row(card, "symptom", "no display")["model"] == 0.5
    assert card.loc[card["by"] == "month", "group"].tolist() == ["2026-01", "2026-02", "2026-03"]
    assert not card["withheld"].any()


def test_tickets_without_a_named_cause_count_for_neither():
    frame, truth, guess = desk()
    frame.loc[frame.index[::2], "cause_predicted"] = None
    whole = row(scorecard(frame, truth, guess), "all")
    assert (whole["n"], whole["remote"], whole["model"]) == (20, 0.0, 0.5)


def test_the_first_of_several_causes_counts():
    assert first_named(pd.Series(["disk、fan", "fan；disk", " disk ", "", None])).tolist()[:3] == [
        "disk",
        "fan",
        "disk",
    ]
    assert first_named(pd.Series(["", None])).isna().all()


def test_an_office_of_few_engineers_is_withheld():
    branch = ["杭州"] * 20 + ["宁波"] * 12 + ["金华"] * 8
    engineers = [f"h{i % 9}" for i in range(20)] + [f"n{i % 6}" for i in range(12)] + ["j1", "j2"] * 4
    card = scorecard(*desk(branch=branch, engineer_id=engineers))
    hidden = card[card["withheld"]]
    # 金华 alone would follow from the total less the rest: the smallest other office goes with it
    assert sorted(hidden["group"]) == ["宁波", "金华"]
    assert hidden[["n", "remote", "model", "model_low", "difference", "error"]].isna().all().all()
    assert row(card, "branch", "杭州")["n"] == 20


def test_several_small_offices_hide_each_other():
    branch = ["杭州"] * 20 + ["宁波"] * 12 + ["金华"] * 8
    engineers = [f"h{i % 9}" for i in range(20)] + [f"n{i % 3}" for i in range(12)] + ["j1", "j2"] * 4
    card = scorecard(*desk(branch=branch, engineer_id=engineers))
    assert sorted(card.loc[card["withheld"], "group"]) == ["宁波", "金华"]
    assert not row(card, "branch", "杭州")["withheld"]


def test_where_nobody_says_who_was_there_offices_are_withheld():
    card = scorecard(*desk(engineer_id=None))
    assert row(card, "branch", "杭州")["withheld"]
    assert not row(card, "all")["withheld"]


def test_no_group_is_a_person():
    assert set(scorecard(*desk())["by"]) <= {"all", "symptom", "machine_family", "branch", "month"}
    assert "engineer_id" not in scorecard(*desk()).columns


@pytest.mark.parametrize("missing", ["branch", "machine_family"])
def test_a_column_nobody_filled_has_no_rows(missing):
    card = scorecard(*desk(**{missing: None}))
    assert missing not in set(card["by"])
    assert row(card, "all")["n"] == 40


def test_where_remote_support_names_nothing_there_is_no_card():
    assert scorecard(*desk(cause_predicted=None)).empty
    frame, truth, guess = desk()
    assert scorecard(frame.head(0), truth.head(0), guess.head(0)).empty
