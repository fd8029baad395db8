"""What the page says of visits: each branch, and what is missing where nothing tells."""

import pandas as pd
import pytest

from crmlab.report.findings import gaps, visits
from crmlab.report.language import Language
from crmlab.service.visits.outputs import FIRST_FIX, REPEATS, SECOND_VISITS, STAGE_TIMES
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")


def second(*rows):
    """Rows (reason, n, low, high, cost)."""
    frame = pd.DataFrame(rows, columns=["reason", "n", "low", "high", "cost"])
    frame = frame.assign(share=frame["n"] / frame["n"].sum(), minutes=60, cost_recorded=0.5)
    return conform(frame, SECOND_VISITS)


def first_fix(*rows, basis="visits"):
    """Rows (of, group, n, fixed, low, high)."""
    frame = pd.DataFrame(rows, columns=["of", "group", "n", "fixed", "low", "high"])
    return conform(frame.assign(share=frame["fixed"] / frame["n"], basis=basis), FIRST_FIX)


SECOND = second(("no_part", 60, 0.55, 0.65, 3_000_000), ("skill", 40, 0.35, 0.45, 5_000_000))


def test_second_visits_come_with_their_cost_their_main_reason_and_what_to_do():
    said = visits.second(SECOND).in_language(EN)
    assert said == (
        "100 second visits in the last twelve months cost CN¥80K; main reason: part not carried (60%, 55% to 65%). Next: "
        "see under Fault causes which parts should travel."
    )
    assert "¥8万" in visits.second(SECOND).in_language(ZH)


def test_reasons_that_limits_do_not_tell_apart_are_both_named():
    alike = second(("no_part", 52, 0.45, 0.6, 1), ("skill", 48, 0.4, 0.55, 1))
    assert "cannot tell which reason is the most frequent, part not carried or skill." in visits.second(
        alike
    ).in_language(EN)
    alone = second(("unknown", 9, 0.7, 1.0, 1))
    assert visits.second(alone).in_language(EN).endswith("Next: have the reason recorded.")
    assert visits.second(empty(SECOND_VISITS)) is None


def test_reasons_are_ranked_by_what_they_cost():
    rows = visits.ranked(SECOND)
    assert [name.in_language(EN) for name in rows["name"]] == ["skill", "part not carried"]
    assert rows["so_far"].tolist() == [0.625, 1.0]
    assert visits.first(rows) == rows["name"].iloc[0]
    said = visits.reasons_title(rows, {}).in_language(EN)
    assert said == "100 second visits cost CN¥80K; dearest reason: skill, 62% of the cost"
    unknown = visits.ranked(second(("unknown", 9, 0.7, 1.0, 900), ("skill", 1, 0.0, 0.4, 100)))
    assert "90% of it without a reason on record" in visits.reasons_title(unknown, {}).in_language(EN)


def test_a_cost_that_nobody_knows_is_no_zero():
    rows = visits.ranked(second(("skill", 9, 0.7, 1.0, None)))
    assert "9 second visits cost –; dearest" in visits.reasons_title(rows, {}).in_language(EN)


def test_without_second_visits_the_page_says_whether_there_were_none_or_none_are_exported():
    none = visits.ranked(empty(SECOND_VISITS))
    assert visits.first(none) is None
    assert (
        visits.reasons_title(none, {}).in_language(EN).startswith("No second visit in the last twelve months")
    )
    missing = {"missing": [{"what": "visits", "adds": gaps.VISITED}]}
    assert visits.reasons_title(none, missing).in_language(EN).endswith("Missing: visits")


@pytest.mark.parametrize(
    ("now", "then", "words"), [(90, 80, "rose: 90.0%"), (80, 90, "fell: 80.0%"), (85, 86, "held: 85.0%")]
)
def test_first_time_fix_by_month(now, then, words):
    spans = pd.period_range("2024-11", "2026-10", freq="M").astype(str)
    rows = first_fix(*(("month", m, 100, now if m > "2025-10" else then, 0.5, 0.9) for m in spans))
    assert words in visits.month_title(rows, "2026-10", {}).in_language(EN)
    proxy = visits.month_title(rows.assign(basis="proxy"), "2026-10", {}).in_language(EN)
    assert proxy.startswith(f"First-time fix (proxy) {words}")
    assert "too few repairs" in visits.month_title(rows.head(3), "2026-10", {}).in_language(EN)


def test_first_time_fix_says_when_it_is_a_proxy_or_cannot_be_told():
    seen, proxy = (
        first_fix(("all", "", 9, 8, 0.5, 1.0)),
        first_fix(("all", "", 9, 8, 0.5, 1.0), basis="proxy"),
    )
    assert (
        visits.fix_note(seen, 14)
        .in_language(EN)
        .startswith("Share of closed repairs that the first visit fixed")
    )
    assert visits.fix_note(proxy, 14).in_language(EN).startswith("Proxy, as no visits are exported")
    assert "within 14 days" in visits.fix_note(proxy, 14).in_language(EN)
    assert (
        visits.month_title(empty(FIRST_FIX), "2026-10", {})
        .in_language(EN)
        .startswith("First-time fix: cannot tell")
    )
    missing = {"missing": [{"what": "tickets.closed_at", "adds": gaps.CLOSED}]}
    assert "tickets.closed_at" in visits.month_title(empty(FIRST_FIX), "2026-10", missing).in_language(EN)


def test_families_and_branches_are_told_apart_by_their_limits_only():
    rows = first_fix(
        ("family", "8840", 100, 60, 0.5, 0.69),
        ("family", "7978", 100, 90, 0.83, 0.94),
        ("branch", "A", 100, 60, 0.5, 0.69),
        ("branch", "B", 100, 90, 0.83, 0.94),
    )
    assert visits.family_title(rows).in_language(EN) == (
        "First-time fix: lower for machines 8840 (60.0%) than for 7978 (90.0%)"
    )
    assert (
        visits.group_title(rows).in_language(EN) == "First-time fix: lower from A (60.0%) than from B (90.0%)"
    )
    alike = rows.assign(low=0.0, high=1.0)
    assert visits.family_title(alike).in_language(EN) == "First-time fix: cannot tell machine families apart"
    assert visits.group_title(alike).in_language(EN) == "First-time fix: cannot tell branches apart"
    assert "too few repairs" in visits.family_title(rows.tail(2)).in_language(EN)
    assert (
        visits.group_title(rows.head(2)).in_language(EN) == "First-time fix by branch, service level and tier"
    )


def test_where_a_repair_waits():
    rows = [
        ("", "arrive", 50, 0, 4.0, 3.0, 9.0, 0.4),
        ("", "dispatch", 50, 0, 1.0, 1.0, 2.0, 0.1),
        ("", "leave", 50, 2, 5.0, 4.0, 9.0, 0.5),
        ("7*24*4", "arrive", 50, 0, 4.0, 3.0, 9.0, 0.9),
    ]
    times = conform(pd.DataFrame(rows, columns=[c.name for c in STAGE_TIMES.columns]), STAGE_TIMES)
    assert visits.all_steps(times)["step"].tolist() == ["dispatch", "arrive", "leave"]
    assert visits.steps_title(times, {}).in_language(EN) == (
        "The longest step of a repair: to the end of the first visit, 50% of the hours from report to close"
    )
    assert visits.steps(times)["level_name"].iloc[0].in_language(EN) == "all"
    for none in (times.head(0), times.assign(share=None).astype({"share": "Float64"})):
        assert visits.steps_title(none, {}).in_language(EN).startswith("Where a repair waits: cannot tell")


def test_machines_reported_again():
    columns = [c.name for c in REPEATS.columns]
    rows = conform(pd.DataFrame([("all", "", 200, 10, 0.05, 0.03, 0.09)], columns=columns), REPEATS)
    said = visits.again_title(rows, 14, {}).in_language(EN)
    assert said == "After 5.0% of 200 repairs the machine was reported again within 14 days (3.0% to 9.0%)"
    assert visits.again_title(empty(REPEATS), 14, {}).in_language(EN).endswith("too few repairs to tell")
    missing = {"missing": [{"what": "tickets.serial_no", "adds": gaps.AGAIN}]}
    assert visits.again_title(empty(REPEATS), 14, missing).in_language(ZH).endswith("缺少：派单的序列号")
