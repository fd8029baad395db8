"""Remote support beside the model, and drift, in words."""

import pandas as pd
import pytest

from crmlab.report.findings import desk, gaps
from crmlab.report.language import Language

EN = Language("en")


def card(*rows):
    columns = ["by", "group", "n", "remote", "model", "difference", "error"]
    frame = pd.DataFrame(rows, columns=columns).assign(withheld=False)
    return frame.astype(
        {"n": "Int64", "remote": "Float64", "model": "Float64", "difference": "Float64", "error": "Float64"}
    )


WHOLE = ("all", "all", 900, 0.49, 0.54, 0.05, 0.01)
RESTARTS = ("symptom", "restarts", 148, 0.64, 0.36, -0.28, 0.06)
HANGS = ("symptom", "hangs", 100, 0.6, 0.4, -0.2, 0.05)
FAN = ("symptom", "fan", 48, 0.5, 0.9, 0.4, 0.09)
RARE = ("symptom", "noise", 5, 0.9, 0.1, -0.8, 0.1)


def test_where_remote_support_is_ahead_beyond_chance():
    assert desk.go_by_remote(card(WHOLE, RESTARTS, FAN, RARE)).in_language(EN) == (
        "On restarts remote support is right in 64% of 148 tickets, the model in 36%: go by remote support there."
    )
    assert (
        desk.go_by_remote(card(WHOLE, RESTARTS, HANGS, FAN))
        .in_language(EN)
        .startswith(
            "For the symptoms restarts, hangs remote support is right more often than the model (on restarts in 64%"
        )
    )
    assert desk.go_by_remote(card(WHOLE, FAN, RARE)) is None


@pytest.mark.parametrize(
    ("difference", "rows", "words"),
    [
        (
            0.05,
            (RESTARTS,),
            "The model is right in 54%, remote support in 49% (5.0 ± 1.0 points), but remote support is ahead on 1",
        ),
        (0.05, (FAN,), "The model is right in 54%, remote support in 49% (5.0 ± 1.0 points)"),
        (-0.05, (), "Remote support is right in 49%, the model in 54% (-5.0 ± 1.0 points)"),
        (0.01, (), "cannot tell which is better"),
    ],
)
def test_who_is_right_more_often(difference, rows, words):
    whole = (*WHOLE[:5], difference, 0.01)
    assert words in desk.remote_title(card(whole, *rows), {}, {}).in_language(EN)


def test_remote_support_that_never_guessed():
    none = card()
    lacks = {"missing": [{"what": "tickets.cause_predicted", "adds": gaps.BESIDE}]}
    assert desk.remote_title(none, {}, lacks).in_language(EN).endswith("Missing: tickets.cause_predicted")
    assert (
        desk.remote_title(none, {}, {}).in_language(EN) == "Remote support named no cause on a later ticket"
    )
    rows, drawn = desk.by_month(none)
    assert rows.empty
    assert drawn.empty
    assert "too few tickets" in desk.months_title(none).in_language(EN)


def test_months_are_drawn_for_both():
    seen = card(
        ("month", "2026-09", 280, 0.56, 0.55, -0.01, 0.04), ("month", "2026-10", 138, 0.5, 0.6, 0.1, 0.06)
    )
    _, drawn = desk.by_month(seen)
    assert drawn[["group", "who", "share"]].values.tolist() == [
        ["2026-09", "remote support", 0.56],
        ["2026-10", "remote support", 0.5],
        ["2026-09", "model", 0.55],
        ["2026-10", "model", 0.6],
    ]
    assert desk.months_title(seen).in_language(EN) == "The model was right more often in 1 of 2 months"


def test_families_and_offices_say_who_is_better_or_why_not():
    seen = card(
        ("branch", "A", 500, 0.4, 0.6, 0.2, 0.03),
        ("branch", "B", 40, 0.5, 0.5, 0.0, 0.1),
        ("branch", "C", pd.NA, pd.NA, pd.NA, pd.NA, pd.NA),
        ("machine_family", "7979", 60, 0.8, 0.3, -0.5, 0.1),
        ("machine_family", "8670", 6, 0.3, 0.5, 0.2, 0.3),
    )
    seen.loc[2, "withheld"] = True
    said = dict(
        zip(desk.groups(seen)["group"], [m.in_language(EN) for m in desk.groups(seen)["better"]], strict=True)
    )
    assert said == {
        "A": "model",
        "B": "cannot tell",
        "C": "withheld: too few engineers",
        "7979": "remote support",
        "8670": "too few tickets",
    }
    assert "better in 1 of 3 groups, remote support in 1" in desk.groups_title(seen).in_language(EN)


def blocks(*rows):
    return pd.DataFrame(rows, columns=["block", "cause", "z", "alarm"])


def test_drift_is_told_with_its_causes_or_with_how_far_off_the_furthest_was():
    calm = blocks((1, "fan", -3.8, False), (2, "cpu", 1.0, False))
    said = desk.drift_title(calm).in_language(EN)
    assert "over 2 blocks of time" in said
    assert "(the furthest, fan: -3.8 standard errors once)" in said
    assert desk.alarmed(calm).empty
    assert "an alarm takes two blocks of 200 tickets" in desk.drift_title(calm.head(1)).in_language(EN)
    off = blocks((1, "fan", 5.0, False), (2, "fan", 6.0, True))
    assert desk.drift_title(off).in_language(EN) == "The model no longer fits fan"
    assert (
        desk.drift_title(off.head(0)).in_language(EN).startswith("Whether the model still fits: cannot tell")
    )


def test_drift_asks_for_something():
    assert desk.drifting({}) is None
    assert desk.drifting({"drift_alarms": []}) is None
    assert (
        desk.drifting({"drift_alarms": ["fan"]})
        .in_language(EN)
        .startswith("The model no longer foretells fan as often")
    )
