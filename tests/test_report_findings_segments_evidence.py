"""Whether types are useful and how sure they are: each branch by its figures."""

import pytest
from typed import FIGURES, ZH, outcome, said, table

from crmlab.report.findings import segments_evidence, segments_features, segments_useful
from crmlab.segments.behaviour.catalogue import FEATURES
from crmlab.segments.outputs import OUTPUTS, REASONS


def useful(**verdicts):
    """Table usefulness of some outcomes."""
    return table("usefulness", *(outcome(name, verdict) for name, verdict in verdicts.items()))


@pytest.mark.parametrize(
    ("verdicts", "starts", "title"),
    [
        (
            {"discount": "helps", "renewal": "helps"},
            "Types say more of the year ahead than size, purchases and profit alone: of discounts, renewals. Plan",
            "Types foresee 2 of 2 outcomes",
        ),
        (
            {"renewal": "does_not", "discount": "helps", "upgrade": "cannot_tell"},
            "Types say more of the year ahead than size, purchases and profit alone: of discounts. Plan these by type as well; "
            "for the rest (upgrades, renewals) they are descriptive only.",
            "Types foresee 1 of 3 outcomes",
        ),
        (
            {"discount": "does_not", "renewal": "does_not"},
            "Descriptive only: a year ahead, types add nothing to size, purchases and profit (discounts, renewals).",
            "Types foresee none of 2 outcomes",
        ),
        (
            {"discount": "does_not", "renewal": "cannot_tell"},
            "Descriptive only: that types foresee what customers do a year ahead could not be shown.",
            "Types foresee none of 2 outcomes",
        ),
    ],
)
def test_types_are_descriptive_where_they_do_not_help(verdicts, starts, title):
    assert said(segments_useful.attention(useful(**verdicts))).startswith(starts)
    assert said(segments_useful.title(useful(**verdicts))).startswith(title)


def test_without_outcomes_nothing_is_claimed():
    for nothing in (
        table("usefulness"),
        table("usefulness", outcome("renewal", "cannot_tell", None, None, None)),
    ):
        assert said(segments_useful.attention(nothing)).startswith("Descriptive only: that types foresee")
        assert said(segments_useful.title(nothing)).startswith(
            "Whether types foresee anything cannot be told"
        )
        assert segments_useful.drawn(nothing).empty


def test_gains_stand_with_their_limits():
    rows = segments_useful.rows(useful(renewal="helps", discount="cannot_tell"))
    assert [said(name) for name in rows["name"]] == ["discounts", "renewals"]
    assert said(rows["gain_said"][0]) == "2.0% (1.0% to 3.0%)"
    assert [said(verdict) for verdict in rows["verdict_said"]] == ["cannot tell", "types help"]
    assert said(rows["measure_said"][0], ZH) == "对数损失"


def test_titles_of_the_undetermined():
    assert said(segments_evidence.reasons_title(FIGURES)) == (
        "380 customers are undetermined, most often for this reason: the evidence lies between types"
    )
    assert segments_evidence.reasons(FIGURES)["n"].tolist() == [300, 80]
    assert (
        said(segments_evidence.reasons_title({"n": 3, "reasons": {"between": 0}}))
        == "Every customer has a type"
    )
    assert said(segments_evidence.reasons_title({"n": 0})) == "No customer has a determined type"
    assert set(segments_evidence.REASONS) == set(REASONS)


@pytest.mark.parametrize(
    ("kept", "simple", "title"),
    [
        (0.9, 0.8, "90% of the types stay the same on resampling, by the simple line 80%"),
        (0.7, 0.8, "70% of the types stay the same on resampling, no more than by the simple line: 80%"),
        (0.9, None, "90% of the types stay the same on resampling"),
        (None, None, "How well the types hold cannot be told"),
    ],
)
def test_title_of_the_certainty(kept, simple, title):
    figures = {"bootstrap_same_label": kept, "bootstrap_same_label_simple": simple}
    assert said(segments_evidence.certainty_title(figures)) == title


def test_certainty_shows_only_what_is_known():
    rows = segments_evidence.certainty(FIGURES | {"labelled": 3}, 24)
    assert [x.value for x in rows["value"]] == [0.92, 0.7, 0.1, 0.2, 3]
    assert said(rows["name"][1]) == (
        "The same type 24 months apart (300 customers); machines, long contracts and rhythm share records"
    )
    assert segments_evidence.certainty({}, 24).empty


def feature(name, verdict, effect=0.5, axis="past", **known):
    """A feature with its effect."""
    return {
        "feature": name,
        "meaning": f"meaning of {name}",
        "axis": axis,
        "n": 10,
        "share": 0.5,
        "effect": effect,
        "low": None if effect is None else effect - 0.1,
        "high": None if effect is None else effect + 0.1,
        "verdict": verdict,
        **known,
    }


def test_features_come_axis_by_axis_and_say_where_they_go_against_their_prototype():
    found = table(
        "evidence",
        feature("price_lock_share", "agrees", axis="planner"),
        feature("quote_rounds", "contradicts", -0.4, axis="economic", shift=0.3, drifts=True),
        feature("used_to_share", "agrees", n=5, shift=0.1, drifts=False),
        feature("generation_lag", "silent", None),
    )
    rows = segments_features.features(found)
    assert rows["feature"].tolist() == ["generation_lag", "used_to_share", "quote_rounds", "price_lock_share"]
    assert [said(axis, ZH) for axis in rows["axis_said"]] == ["过去", "过去", "经济", "远见型"]
    assert said(rows["effect_said"][2]) == "-0.40 (-0.50 to -0.30)"
    assert said(rows["shift_said"][2]) == "0.30: drifts"
    assert segments_features.drawn(found)["label"].map(said).tolist() == [
        "how it used to be",
        "rounds of quotation",
        "prices locked",
    ]
    assert said(segments_features.features_title(found)) == (
        "2 of 3 features move with the types as expected, 1 against it"
    )
    assert said(segments_features.features_title(found.head(1))).endswith(
        "1 features move with the types as expected, none against it"
    )
    assert said(segments_features.features_title(found.tail(1))) == "No feature tells customers apart"


def test_every_feature_has_a_short_name_and_every_verdict_a_word():
    assert set(segments_features.NAMES) == {x.name for x in FEATURES}
    verdicts = {c.name: c.choices for c in OUTPUTS["evidence"].kept}["verdict"]
    assert set(segments_features.VERDICTS) == set(verdicts)


def test_what_nobody_exported_is_named_with_the_features_it_would_bring():
    figures = {"absent": {"quotes": ["quote_rounds", "price_lock_share"], "sales.promo": ["promo_share"]}}
    rows = segments_features.absent(figures)
    assert rows["what"].tolist() == ["quotes", "sales.promo"]
    assert said(rows["features"][0]) == "rounds of quotation, prices locked"
    assert said(segments_features.absent_title(figures)) == "3 of 27 features are missing for want of data"
    assert segments_features.absent({}).empty


def test_topics_end_with_what_was_not_recognised():
    found = table(
        "topics",
        {"source": "surveys", "topic": "price", "n": 4, "share": 0.4},
        {"source": "tickets", "topic": "unrecognised", "n": 90, "share": 0.9},
        {"source": "tickets", "topic": "howto", "n": 10, "share": 0.1},
    )
    rows = segments_evidence.topics(found)
    assert [said(name) for name in rows["name"]] == ["how to use a function", "no topic recognised", "prices"]
    assert said(segments_evidence.topics_title(FIGURES)) == (
        "Topics of survey remarks are recognised least: 70% of the texts name none"
    )
    assert said(segments_evidence.topics_title({"unrecognised": {"tickets": None}})).startswith(
        "There are no texts"
    )
