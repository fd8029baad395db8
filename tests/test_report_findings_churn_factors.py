"""What goes with leaving: each branch, and never as a cause."""

from renewals import ZH, said, table

from crmlab.report.findings import churn_factors
from crmlab.report.findings.churn_factors import associations_title, attention, hazard_note, hazard_title


def ratio(feature, low, high, p, ph=0.5):
    return {
        "feature": feature,
        "hazard_ratio": (low * high) ** 0.5,
        "low": low,
        "high": high,
        "p_value": p,
        "n": 9,
        "ph_p": ph,
    }


def ratios(*rows):
    return table("hazard_ratios", *rows)


LEAVE = ratio("second_visits_faded", 1.1, 1.8, 0.004), ratio("days_late", 1.2, 1.8, 0.001)
STAY = (ratio("auto_renew", 0.5, 0.8, 0.001),)
NOTHING = (ratio("amount", 0.9, 1.1, 0.5),)


def test_hazards_name_what_is_sure():
    assert said(hazard_title(ratios(*LEAVE, *STAY, *NOTHING))) == (
        "Goes with leaving: payments twice as many days late; goes with staying: renews unless cancelled"
    )
    assert said(hazard_title(ratios(*LEAVE))) == "Goes with leaving: payments twice as many days late"
    assert said(hazard_title(ratios(*STAY))) == "Goes with staying: renews unless cancelled"
    assert said(hazard_title(ratios(*NOTHING))) == "Nothing goes with leaving beyond chance"
    assert said(hazard_title(ratios())) == "What goes with leaving cannot be told without a model"


def test_the_calendar_is_no_finding():
    late = ratio("unsigned_60", 2.0, 3.0, 1e-9)
    assert said(hazard_title(ratios(late))) == "Nothing goes with leaving beyond chance"
    assert list(churn_factors.strongest(ratios(late, *LEAVE))["feature"]) == [
        "days_late",
        "second_visits_faded",
    ]


def test_the_twelve_surest_are_shown_the_largest_first():
    many = ratios(*(ratio(f"industry={i}", 0.5 + i / 10, 0.7 + i / 10, i / 100) for i in range(14)))
    shown = churn_factors.strongest(many)
    assert len(shown) == 12
    assert shown["hazard_ratio"].is_monotonic_decreasing
    assert not {"industry=12", "industry=13"} & set(shown["feature"])


def test_ratios_that_change_in_the_course_of_a_term_are_named():
    changing = ratios(ratio("days_late", 1.2, 1.8, 0.001, ph=0.003), *NOTHING)
    assert said(hazard_note(changing)).endswith(
        "In the course of a term these ratios change, and only their mean is shown: payments twice as many days late."
    )
    assert said(hazard_note(ratios(*NOTHING))).endswith(
        "No ratio changes beyond chance in the course of a term."
    )
    unknown = ratios(*NOTHING).assign(ph_p=None)
    assert said(hazard_note(unknown)).endswith(
        "Whether the ratios are the same all through a term cannot be told."
    )
    assert "Associations, not effects." in said(hazard_note(ratios(*NOTHING)))


def met(what, group, difference=None, low=None, high=None):
    return {
        "what": what,
        "group": group,
        "n": 100,
        "customers": 90,
        "renewed": 0.8,
        "low": 0.7,
        "high": 0.9,
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
    }


FEWER = met("promises", "some", -0.05, -0.085, -0.02), met("second_visits", "some", -0.03, -0.05, -0.01)
MORE = (met("complaints", "solved promptly", 0.052, 0.01, 0.08),)
EVEN = (met("complaints", "solved", -0.03, -0.1, 0.04),)
UNTOLD = (met("complaints", "ignored"),)
NONE = (met("complaints", "none", 0.0),)


def test_service_and_renewal_differ_only_beyond_chance():
    def title(*rows):
        return said(associations_title(table("associations", *NONE, *rows)))

    assert title(*FEWER, *MORE, *EVEN, *UNTOLD) == (
        "After a broken promise fewer renewed, by 5.0 points against those alike; after a complaint solved promptly more, by 5.2 points"
    )
    assert title(*FEWER) == "After a broken promise fewer renewed, by 5.0 points against those alike"
    assert (
        title(*MORE, *EVEN)
        == "After a complaint solved promptly more renewed, by 5.2 points against those alike"
    )
    assert (
        title(*EVEN) == "After broken promises, second visits and complaints, no fewer renewed beyond chance"
    )
    cannot = "Whether broken promises, second visits or complaints go with leaving cannot be told: too few contracts have met them"
    assert title(*UNTOLD) == cannot
    assert said(associations_title(table("associations"))) == cannot
    assert "Associations, not effects" in said(churn_factors.ASSOCIATIONS)


def test_the_table_says_what_cannot_be_told_and_the_chart_leaves_it_out():
    rows = churn_factors.met(table("associations", *NONE, *UNTOLD, *FEWER))
    assert said(list(rows["name"])) == [
        "a broken promise",
        "a second visit",
        "a complaint left unsolved",
        "no complaint",
    ]
    assert said(list(rows["difference_said"])) == [
        "-5.0 points (-8.5 to -2.0)",
        "-3.0 points (-5.0 to -1.0)",
        "cannot tell",
        "compared with",
    ]
    assert said(rows["renewed_said"][0]) == "80.0% (70.0%–90.0%)"
    drawn = churn_factors.compared(table("associations", *NONE, *UNTOLD, *FEWER))
    assert list(drawn["what"]) == ["promises", "second_visits"]


def test_attention_prefers_service_to_the_model_and_stays_silent_without_either():
    nobody = table("associations")
    assert attention(nobody, ratios(*NOTHING)) is None
    assert attention(table("associations", *MORE), ratios()) is None
    assert said(attention(nobody, ratios(*LEAVE)), ZH) == (
        "与流失相伴最确定的因素：付款逾期天数翻一倍。联系客户时请问及此事；它未必是流失的原因。"
    )
    for what, group, do in (
        ("second_visits", "some", "prepare the visits"),
        ("complaints", "ignored", "answer the complaints"),
        ("promises", "some", "keep the promises"),
    ):
        found = attention(table("associations", met(what, group, -0.2, -0.3, -0.1)), ratios(*LEAVE))
        assert "20 in a hundred contracts fewer" in said(found)
        assert do in said(found)


def test_names_are_in_the_language_of_the_page():
    assert said(list(churn_factors.strongest(ratios(*LEAVE))["name"]), ZH) == [
        "付款逾期天数翻一倍",
        "近期二次上门多一次",
    ]
