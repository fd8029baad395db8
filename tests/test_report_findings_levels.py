"""What the page says of promises: each branch, with its limits, and silence where nothing tells."""

import pandas as pd
import pytest

from crmlab.report.findings import gaps, levels
from crmlab.report.language import Language
from crmlab.service.promises.outputs import ATTAINMENT, FASTER, KEEPABLE
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")


def row(share, low, high, n=400):
    return {"n": n, "share": share, "low": low, "high": high}


METRICS = {
    "attainment": {
        "response": {
            "all": row(0.85, 0.83, 0.87),
            "7*24*4": row(0.80, 0.76, 0.84),
            "5*9": row(0.96, 0.93, 0.98),
        },
        "fix": {"all": row(0.97, 0.95, 0.98), "7*24*4": row(0.97, 0.95, 0.98)},
    }
}


def keepable(hours=6.0, promised=4.0, low=5.0, high=8.0):
    rows = [("response", "7*24*4", 400, promised, 0.8, hours, low, high)]
    return conform(pd.DataFrame(rows, columns=[c.name for c in KEEPABLE.columns]), KEEPABLE)


def attainment(*rows):
    """Rows (promise, of, group, n, kept, low, high)."""
    frame = pd.DataFrame(rows, columns=["promise", "of", "group", "n", "kept", "low", "high"])
    return conform(frame.assign(share=frame["kept"] / frame["n"], unknown=3), ATTAINMENT)


LEVELS = attainment(
    ("response", "all", "", 300, 240, 0.75, 0.84),
    ("response", "level", "7*24*4", 100, 60, 0.5, 0.69),
    ("response", "level", "5*9", 200, 180, 0.85, 0.93),
    ("recorded", "level", "7*24*4", 100, 90, 0.83, 0.94),
    ("response", "branch", "杭州分公司", 100, 90, 0.83, 0.94),
    ("response", "branch", "金华分公司", 100, 60, 0.5, 0.69),
    ("fix", "branch", "金华分公司", 100, 70, 0.6, 0.78),
    ("response", "tier", "vip", 100, 80, 0.71, 0.87),
)


def test_the_level_that_misses_most_comes_with_what_could_be_promised():
    said = levels.furthest(METRICS, keepable(), 0.95)
    assert said.in_language(EN) == (
        "Response under 7*24*4 was in time for 80.0% of 400 tickets (76.0% to 84.0%), the least of all: promise 6.0 hours "
        "(5.0 to 8.0), which 95% of last year's cases kept, instead of 4.0, or be faster."
    )
    assert "可改为承诺 6.0 小时" in said.in_language(ZH)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (keepable(hours=None, low=None, high=None), "too few tickets say what could be promised instead."),
        (keepable().head(0), "too few tickets say what could be promised instead."),
        (
            keepable(promised=None),
            "promise 6.0 hours (5.0 to 8.0), which 95% of last year's cases kept, or be faster.",
        ),
        (keepable(high=None), "promise 6.0 hours (at least 5.0), which"),
    ],
)
def test_what_could_be_promised_is_said_as_far_as_it_is_known(known, words):
    assert words in levels.furthest(METRICS, known, 0.95).in_language(EN)


@pytest.mark.parametrize(
    ("low", "words"),
    [
        (0.93, "No promise misses 95% beyond chance. The least kept: Response under 5*9"),
        (0.955, "Every promise was kept in at least 95%"),
    ],
)
def test_no_level_misses_its_promise(low, words):
    metrics = {"attainment": {"response": {"5*9": row(0.96, low, 0.98)}}}
    assert levels.furthest(metrics, keepable(), 0.95).in_language(EN).startswith(words)


def test_nothing_is_guessed_where_no_promise_can_be_told():
    cannot = "Cannot tell whether promises were kept"
    for metrics in ({}, {"attainment": {}}, {"attainment": {"response": {"all": row(0, 0, 1, n=0)}}}):
        assert levels.furthest(metrics, empty(KEEPABLE), 0.95).in_language(EN).startswith(cannot)
        assert levels.headline(metrics) is None
    alone = {"attainment": {"recorded": {"all": row(0.9, 0.8, 0.95)}}}
    said = levels.furthest(alone, empty(KEEPABLE), 0.95).in_language(EN)
    assert said.startswith(
        "As the desk recorded was in time for 90.0% of 400 tickets (80.0% to 95.0%); no level"
    )


@pytest.mark.parametrize("whole", ["", "all"])
def test_response_speaks_for_all_promises_then_repair(whole):
    promises = {promise: {whole: row(0.8, 0.7, 0.9)} for promise in ("recorded", "fix", "response")}
    for expected in ("response", "fix", "recorded"):
        assert levels.headline({"attainment": promises})[0] == expected
        del promises[expected]


def test_levels_are_told_apart_by_their_limits_only():
    rows = levels.by_level(LEVELS, "response")
    assert rows["group"].tolist() == ["7*24*4", "5*9"]
    assert levels.least(rows) == "7*24*4"
    said = levels.level_title(rows, "response", {}).in_language(EN)
    assert said == "Response is in time less often under 7*24*4 (60.0%) than under 5*9 (90.0%)"
    assert levels.least(rows.assign(low=0.0, high=1.0)) is None
    same = levels.level_title(rows.assign(low=0.0, high=1.0), "response", {}).in_language(EN)
    assert same == "Response in time: cannot tell service levels apart"
    alone = levels.level_title(rows.head(1), "response", {}).in_language(EN)
    assert alone == "Response under 7*24*4 was in time for 60.0% of 100 tickets (50.0% to 69.0%)"


def test_what_the_desk_recorded_is_marked_where_it_recorded_anything():
    rows = levels.by_level(LEVELS, "response")
    assert levels.mark(rows) == "recorded"
    assert rows["recorded"].iloc[0] == 0.9
    assert "what the desk itself recorded" in levels.level_note(rows).in_language(EN)
    measured = levels.by_level(LEVELS[LEVELS["promise"] != "recorded"], "response")
    assert levels.mark(measured) is None
    assert "desk" not in levels.level_note(measured).in_language(EN)


def test_a_missing_export_is_named_where_promises_would_stand():
    none = levels.by_level(empty(ATTAINMENT), "response")
    missing = {"missing": [{"what": "visits", "adds": gaps.VISITED}]}
    said = levels.level_title(none, "response", missing)
    assert said.in_language(EN).startswith("Not shown: first-time fix as seen by visits")
    assert said.in_language(ZH).endswith("缺少：上门记录")
    assert "too few tickets" in levels.level_title(none, "fix", missing).in_language(EN)
    assert levels.keepable_title(empty(KEEPABLE), 0.95, missing).in_language(EN).startswith("Not shown")
    assert "too few tickets" in levels.keepable_title(empty(KEEPABLE), 0.95, {}).in_language(EN)
    assert "too few tickets" in levels.faster_title(empty(FASTER)).in_language(EN)
    assert "too few to compare" in levels.month_title(
        levels.by_month(empty(ATTAINMENT), "2026-10"), "2026-10"
    ).in_language(EN)
    assert levels.by_group(empty(ATTAINMENT)).empty
    assert "too few to tell" in levels.group_title(empty(ATTAINMENT), {}).in_language(EN)


@pytest.mark.parametrize(
    ("now", "then", "words"), [(90, 80, "rose to"), (80, 90, "fell to"), (85, 86, "held, 85.0%")]
)
def test_promises_by_month(now, then, words):
    spans = pd.period_range("2024-11", "2026-10", freq="M").astype(str)
    rows = [("response", "month", m, 100, now if m > "2025-10" else then, 0.5, 0.9) for m in spans]
    months = levels.by_month(attainment(*rows), "2026-10")
    assert months["line"].unique().tolist() == ["response"]
    assert f"Response in time: {words}" in levels.month_title(months, "2026-10").in_language(EN)


def test_branches_and_tiers_stand_in_one_table():
    rows = levels.by_group(LEVELS)
    assert rows["group"].tolist() == ["金华分公司", "杭州分公司", "vip"]
    assert rows["fix_share"].tolist()[0] == 0.7
    said = levels.group_title(LEVELS, {}).in_language(EN)
    assert said == "Response is in time less often from 金华分公司 (60.0%) than from 杭州分公司 (90.0%)"


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (["杭州分公司"], "one branch only"),
        ([], "Promises by customer tier"),
    ],
)
def test_one_branch_is_compared_with_none(keep, words):
    kept = LEVELS[(LEVELS["of"] != "branch") | LEVELS["group"].isin(keep)]
    assert words in levels.group_title(kept, {}).in_language(EN)
    alike = LEVELS.assign(low=0.0, high=1.0)
    assert "cannot tell branches apart" in levels.group_title(alike, {}).in_language(EN)


@pytest.mark.parametrize(
    ("promised", "words"),
    [
        (4.0, "Promises shorter than what 95% of cases keep: 1 of 1"),
        (6.0, "beyond chance: none of 1"),
        (9.0, "Promises that could be shorter and still be kept in 95% of cases: 1 of 1"),
    ],
)
def test_what_could_be_promised(promised, words):
    assert words in levels.keepable_title(keepable(promised=promised), 0.95, {}).in_language(EN)


@pytest.mark.parametrize(
    ("more", "cost", "words"),
    [
        (0, None, "would have broken no promise more"),
        (12, None, "would have broken 12 promises more"),
        (12, 0, "would have broken 12 promises more"),
        (12, 1_234_500, "would have broken 12 promises more, and cost CN¥12.3K"),
    ],
)
def test_what_a_faster_promise_would_have_cost(more, cost, words):
    rows = [
        ("fix", "7*24*4", 9.0, 900, 0.7, 80, None, None, None, 5),
        ("response", "7*24*4", 2.0, 400, 0.5, 99, None, None, None, cost),
        ("response", "7*24*4", 3.0, 400, 0.7, more, None, None, None, cost),
    ]
    faster = conform(pd.DataFrame(rows, columns=[c.name for c in FASTER.columns]), FASTER)
    said = levels.faster_title(faster).in_language(EN)
    assert said == f"Response within 3.0 hours under 7*24*4 {words}"
    assert levels.promised(faster)["promised_h"].tolist() == [3.0, 2.0, 9.0]
