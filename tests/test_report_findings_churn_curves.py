"""Renewals by month, curves by segment and causes of the end: each branch of their titles."""

import pandas as pd
import pytest
from renewals import said, table

from crmlab.report.findings import churn_curves


@pytest.mark.parametrize(
    ("then", "now", "word"), [(80, 95, "rose"), (95, 80, "fell"), (88, 89, "held"), (90, 90, "held")]
)
def test_renewals_by_month_compare_two_years(then, now, word):
    rows = [(f"20{24 + i // 12}-{i % 12 + 1:02d}", 100, then if i < 12 else now) for i in range(24)]
    months = pd.DataFrame(rows, columns=["month", "due", "renewed"])
    assert said(churn_curves.renewals_title(months)) == (
        f"Renewals {word}: {now}.0% of contracts due in the last year, {then}.0% in the year before"
    )
    assert "too few" in said(churn_curves.renewals_title(months.assign(due=2, renewed=1)))
    assert "too few" in said(churn_curves.renewals_title(months.head(0)))


def curve(segment, **shares):
    """Values of a segment and the share left after two years, observed for three."""
    return [
        {"segment": segment, "value": value, "day": day, "at_risk": n - day // 10, "survival": left, "low": left - 0.1, "high": left}
        for n, (value, share) in enumerate(shares.items(), 200)
        for day, left in ((0, 1.0), (365, (1 + share) / 2), (400, (1 + share) / 2), (730, share), (1095, share / 2))
    ]  # fmt: skip


CURVES = table(
    "curves", *curve("service_level", **{"5*9": 0.6, "7*24*4": 0.8}), *curve("tier", small=0.5, large=0.9)
)


def log_rank(**p):
    return table(
        "segment_tests",
        *({"segment": s, "values": 2, "relations": 90, "lost": 9, "log_rank_p": x} for s, x in p.items()),
    )


def test_groups_differ_only_beyond_chance():
    def title(p, curves=CURVES, segment="service_level"):
        return said(churn_curves.curves_title(curves, log_rank(**{segment: p}), segment))

    assert title(0.01) == "Groups differ: after 2 years 60% of 5*9 are left, fewest of all, and 80% of 7*24*4"
    assert (
        title(0.01, segment="tier")
        == "Groups differ: after 2 years 50% of small are left, fewest of all, and 90% of large"
    )
    assert title(0.2) == "How long contracts last does not differ beyond chance by service level"
    cannot = "How long contracts last by service level: groups cannot be told apart"
    assert title(None) == cannot
    assert title(0.01, CURVES[CURVES["value"] == "5*9"]) == cannot
    assert title(0.01, CURVES[CURVES["day"] < 730]) == cannot
    assert said(churn_curves.curves_title(table("curves"), table("segment_tests"), "service_level")) == cannot


def test_several_tests_share_one_chance_of_a_false_finding():
    one, three = log_rank(tier=0.03), log_rank(service_level=0.5, tier=0.03, industry=0.4)
    assert churn_curves.most_different(one) == "tier"
    assert churn_curves.most_different(three) is None
    assert (
        churn_curves.most_different(log_rank(service_level=0.001, tier=0.004, industry=0.002)) == "industry"
    )
    assert churn_curves.most_different(log_rank(service_level=0.001)) is None, "it is shown anyway"
    assert churn_curves.most_different(table("segment_tests")) is None


def test_the_surest_difference_is_named():
    some = log_rank(service_level=0.2, tier=0.0004, industry=None)
    assert said(churn_curves.segments_title(some)) == (
        "How long contracts last differs most surely by customer tier"
    )
    rows = churn_curves.segments(some)
    assert [said(x) if hasattr(x, "in_language") else x.plain for x in rows["p"]] == [
        "below 0.001",
        "0.200",
        "",
    ]
    assert said(churn_curves.segments_title(log_rank(service_level=0.2, tier=0.04))) == (
        "By none of 2 groupings do contracts differ beyond chance in how long they last"
    )
    cannot = "By what contracts differ in how long they last cannot be told"
    assert said(churn_curves.segments_title(log_rank(tier=None))) == cannot
    assert said(churn_curves.segments_title(table("segment_tests"))) == cannot


def test_numbers_observed_stand_year_by_year():
    rows = churn_curves.by_year(CURVES, "service_level")
    assert rows[rows["value"] == "5*9"][["years", "at_risk", "survival"]].to_numpy().tolist() == [
        [0, 200, 1],
        [1, 164, 0.8],
        [2, 127, 0.6],
        [3, 91, 0.3],
    ]
    assert churn_curves.by_year(CURVES, None).empty


def test_no_more_curves_are_drawn_than_can_be_followed():
    many = table("curves", *curve("region", **dict.fromkeys("abcdefgh", 0.5)))
    drawn = churn_curves.of_segment(many, "region")
    assert sorted(drawn["value"].unique()) == list("cdefgh"), "the largest"
    assert drawn["low"].isna().all()
    assert churn_curves.of_segment(CURVES, "tier")["low"].notna().all()
    assert len(churn_curves.by_year(many, "region")["value"].unique()) == 8


def ended(cause, *steps):
    return [{"cause": cause, "day": day, "share": share, "low": share, "high": share} for day, share in steps]


INCIDENCE = table(
    "incidence",
    *ended("left", (366, 0.1), (740, 0.2), (1500, 0.3)),
    *ended("moved", (800, 0.02), (1500, 0.02)),
    *ended("closed", (1095, 0.01), (1500, 0.05)),
)


def test_other_causes_are_told_apart_from_leaving():
    assert said(churn_curves.causes_title(INCIDENCE)) == (
        "By the end of year 3 20.0% have left; another 3.0% moved, closed or merged, which is no leaving"
    )
    left = INCIDENCE[INCIDENCE["cause"] == "left"]
    assert said(churn_curves.causes_title(left)) == (
        "By the end of year 3 20.0% have left; none moved, closed or merged"
    )
    short = table("incidence", *ended("left", (366, 0.1), (400, 0.15)))
    assert said(churn_curves.causes_title(short)).startswith("By the end of year 1 0.0% have left")
    cannot = "How contracts end cannot be told: none has ended, or none is a year old"
    assert said(churn_curves.causes_title(table("incidence"))) == cannot
    assert said(churn_curves.causes_title(table("incidence", *ended("left", (30, 0.1))))) == cannot


def test_causes_begin_at_nothing():
    rows = churn_curves.causes(INCIDENCE)
    assert rows.groupby("cause")["share"].first().tolist() == [0, 0, 0]
    assert churn_curves.causes_by_year(INCIDENCE).query("cause == 'left'")["share"].tolist() == [
        0,
        0.1,
        0.2,
        0.2,
    ]
