"""Sentences of the page on value types: each branch says what its figures say."""

import pandas as pd
import pytest

from crmlab.report.findings import segments as findings
from crmlab.report.language import Language

EN = Language("en")
AXES = ["past", "present", "future", "functional", "economic", "psychological"]
FIGURES = {
    "n": 1000,
    "em_steps": 7,
    "wandered": None,
    "share_determined": 0.62,
    "stability": 0.9,
    "stability_argmax": 0.8,
    "agreement_argmax": 0.7,
    "n_features": 18,
    "features_silent": ["promo_share", "tier_excess"],
    "reasons": {"too few records": 80, "the evidence lies between types": 300},
    "reliability": dict.fromkeys(AXES, 0.3) | {"past": 0.6, "present": 0.0},
}


def said(messages):
    return [m.in_language(EN) for m in messages]


def types(**n):
    """The ten rows of types.parquet: customers by type, 100 yuan to come from each, scores of 0 but for pioneers."""
    rows = pd.DataFrame({"type": [*findings.CLAUSES, "undetermined"]})
    rows["n"] = rows["type"].map(n).fillna(0).astype("Int64")
    rows["share"] = (rows["n"] / max(rows["n"].sum(), 1)).astype("Float64")
    rows["to_come"] = (rows["n"] * 100_00).where(rows["n"] > 0)
    for axis in AXES:
        rows[axis] = pd.array([0.0] * len(rows), dtype="Float64")
    rows.loc[rows["type"] == "pioneer", "future"] = 1.44
    return rows.assign(type=rows["type"].astype("string"))


def test_attention_with_types_that_hold():
    first, second, blind, third = said(
        findings.attention(FIGURES, types(pioneer=400, planner=220, undetermined=380))
    )
    assert first.startswith("62% of 1,000 customers have a value type")
    assert second.startswith("90% of them keep their type")
    assert "80%" in second
    assert (
        third
        == "The largest type is pioneer, 400 customers (40%): tries new products with advanced functions."
    )
    assert blind == (
        "On 1 of 6 axes the records do not agree enough to tell customers apart; they say most about the axis past."
    )


def test_attention_when_most_are_undetermined_and_labels_do_not_hold():
    figures = FIGURES | {"share_determined": 0.05, "stability": 0.4}
    first, second, *_ = said(findings.attention(figures, types(pioneer=50, undetermined=950)))
    assert first.startswith("Only 5% of 1,000 customers")
    assert second.startswith("Only 40% of them keep their type")


def test_attention_when_nobody_has_a_type():
    figures = FIGURES | {"share_determined": 0.0, "stability": None, "stability_argmax": None}
    assert len(findings.attention(figures, types(undetermined=1000))) == 2


def test_attention_when_it_cannot_tell():
    assert said(findings.attention(FIGURES | {"n": 30, "em_steps": None}, types(undetermined=30)))[
        0
    ].startswith("Cannot tell: 30 customers")
    assert said(findings.attention(FIGURES | {"n": 0}, types()))[0].startswith(
        "No customer has a sale or a ticket"
    )


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        ({"reckoner": 6, "pioneer": 4}, "60% of the customers with a type look to the past"),
        ({"pragmatist": 6, "pioneer": 4}, "60% of the customers with a type live in the present"),
        ({"planner": 6, "pragmatist": 4}, "60% of the customers with a type look to the future"),
        ({"planner": 19, "undetermined": 81}, "Only 19 of 100 customers have a determined type"),
        ({"undetermined": 9}, "No customer has a determined type"),
    ],
)
def test_title_of_the_nine(counts, title):
    assert findings.table_title(types(**counts)).in_language(EN) == title


def test_titles_of_the_undetermined():
    assert "380 customers are undetermined" in findings.undetermined_title(FIGURES).in_language(EN)
    assert "between types" in findings.undetermined_title(FIGURES).in_language(EN)
    assert (
        findings.undetermined_title(FIGURES | {"reasons": {}}).in_language(EN) == "Every customer has a type"
    )
    assert findings.reasons(FIGURES)["n"].tolist() == [300, 80]


def test_title_of_the_profile_names_the_highest_mean_score():
    said_ = findings.profile_title(types(pioneer=5, planner=5)).in_language(EN)
    assert said_ == "What sets the types apart: pioneer stands out most, 1.4 standard deviations on future"
    blank = types(undetermined=3).assign(**dict.fromkeys(AXES, float("nan")))
    assert findings.profile_title(blank).in_language(EN) == "No type has scores to compare"


def test_types_come_in_the_order_of_the_seed_and_features_axis_by_axis():
    assert findings.in_order(types().sample(frac=1, random_state=0))["type"].tolist() == [
        *findings.CLAUSES,
        "undetermined",
    ]
    evidence = pd.DataFrame({"feature": list("abc"), "axis": ["economic", "past", "past"], "n": [9, 3, 5]})
    assert findings.by_axis(evidence)["feature"].tolist() == ["c", "b", "a"]


def test_title_of_the_reliabilities():
    said_ = findings.reliability_title(FIGURES).in_language(EN)
    assert said_ == "The records say most about the axis past and least about present"
    nothing = FIGURES | {"em_steps": None, "reliability": dict.fromkeys(AXES)}
    assert findings.reliability_title(nothing).in_language(EN).startswith("Cannot tell what the records say")
    assert findings.reliability(nothing)["reliability"].isna().all()


def test_method_says_when_fitting_had_to_stop():
    assert len(findings.method(FIGURES)) == 3
    assert "component of planner" in findings.method(FIGURES | {"wandered": "planner"})[-1].in_language(EN)


def test_the_clearest_customers_are_few_per_type_and_all_have_a_name():
    customers = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "customer_name": ["A", None, "C", "D"],
            "likeliest": ["pioneer", "pioneer", "pioneer", None],
            "p": [0.3, 0.9, 0.5, None],
        }
    )
    shown = findings.clearest(customers, per_type=2)
    assert shown["customer_name"].tolist() == ["b", "C"]


def test_cards_show_the_simple_line_beside_and_survive_missing_figures():
    figures = FIGURES | {
        "share_determined": None,
        "stability": None,
        "stability_argmax": None,
        "agreement_argmax": None,
    }
    assert len(findings.cards(FIGURES)) == len(findings.cards(figures)) == 4
    assert "80%" in findings.cards(FIGURES)[1].beside.in_language(EN)
