"""Groups are told apart, years by more than chance does."""

import pandas as pd
import pytest

from crmlab.report.findings import groups
from crmlab.report.language import Language

EN, ZH = Language("en"), Language("zh")


def shares(*rows):
    """Rows (of, group, n, hits, low, high) as a room writes them, with nullable numbers."""
    frame = pd.DataFrame(rows, columns=["of", "group", "n", "kept", "low", "high"]).convert_dtypes()
    return frame.assign(share=(frame["kept"] / frame["n"]).astype("Float64"))


def months(now, then, n=100):
    """Two years up to 2026-10 with `now` and `then` of n kept in each month."""
    spans = pd.period_range("2024-11", "2026-10", freq="M").astype(str)
    return shares(*(("month", m, n, now if m > "2025-10" else then, 0.0, 1.0) for m in spans))


def test_groups_are_apart_beyond_what_chance_does():
    rows = shares(("branch", "A", 100, 60, 0.5, 0.69), ("branch", "B", 100, 80, 0.71, 0.87))
    least, most = groups.apart(groups.plain(rows))
    assert (least["group"], most["group"]) == ("A", "B")
    assert groups.apart(groups.plain(rows.assign(low=0.4, high=1.0))) is None
    assert groups.apart(groups.plain(rows.head(1))) is None
    assert groups.apart(groups.plain(rows.assign(low=[0.5, None]))) is None


def test_of_many_groups_two_always_lie_far_apart():
    many = shares(
        *(
            ("family", str(i), 100, k, k / 100 - 0.1, k / 100 + 0.1)
            for i, k in enumerate((60, 64, 67, 70, 75))
        )
    )
    assert groups.apart(groups.plain(many.iloc[[0, 4]])) is not None
    assert groups.apart(groups.plain(many)) is None


def test_a_small_group_at_the_end_does_not_hide_a_sure_difference():
    rows = shares(
        ("family", "A", 10, 5, 0.2, 0.8),
        ("family", "B", 400, 240, 0.55, 0.65),
        ("family", "C", 400, 320, 0.76, 0.84),
    )
    assert [row["group"] for row in groups.apart(groups.plain(rows))] == ["B", "C"]


@pytest.mark.parametrize(("now", "then", "said"), [(90, 80, "rose"), (80, 90, "fell"), (85, 86, "held")])
def test_a_year_against_the_year_before(now, then, said):
    moved, *both = groups.year_on_year(groups.plain(months(now, then)), "kept", "2026-10")
    assert (moved, both) == (said, [now / 100, then / 100])


def test_too_few_cases_are_not_compared():
    assert groups.year_on_year(groups.plain(months(1, 1, n=2)), "kept", "2026-10") is None
    assert groups.year_on_year(groups.plain(months(9, 9).head(0)), "kept", "2026-10") is None


def test_months_stop_at_the_reporting_month_and_the_oldest_is_left_out():
    shown = groups.last_months(months(9, 9), "2026-09", 12)
    assert (shown["group"].iloc[0], shown["group"].iloc[-1], len(shown)) == ("2025-10", "2026-09", 12)


def test_groups_are_named_in_words_one_kind_after_the_other():
    rows = shares(
        ("tier", "vip", 9, 8, 0.5, 1.0), ("branch", "杭州分公司", 9, 8, 0.5, 1.0), ("all", "", 9, 8, 0.5, 1.0)
    )
    named = groups.named(rows, ("branch", "tier"))
    assert named["group"].tolist() == ["杭州分公司", "vip"]
    assert named["name"].iloc[1].in_language(ZH) == "VIP"
    assert [kind.in_language(EN) for kind in named["kind"]] == ["Branch", "Customer tier"]
    assert groups.named(rows.head(0), ("branch",)).empty
    assert groups.whole(rows)["n"] == 9
    assert groups.whole(rows.head(1)) is None
