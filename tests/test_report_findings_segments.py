"""What the page on value types says first, which types there are, and why a customer is of one: each branch by its figures."""

import pandas as pd
import pytest
from typed import FIGURES, NINE, ZH, cell, customer, outcome, reason, said, table, types

from crmlab.report.findings import (
    review_types,
    segments,
    segments_calls,
    segments_cards,
    segments_method,
    segments_types,
    segments_why,
    segments_words,
)
from crmlab.report.language import catalogue
from crmlab.segments.behaviour.catalogue import FEATURES, TYPES

TABLES = {
    "types": types(pioneer=400, planner=220, undetermined=380),
    "cells": table("cells", cell("pioneer", "high", "at_risk", 7, 50_000_00)),
    "movers": table("movers"),
    "usefulness": table("usefulness", outcome("discount", "helps")),
    "evidence": table("evidence", {"feature": "promo_share", "meaning": "purchases in a promotion"}),
}


def attention(figures=None, today=None, **tables):
    return [said(m) for m in segments.attention(FIGURES | (figures or {}), TABLES | tables, today)]


def test_attention_where_types_hold():
    first, useful, stake, largest = attention()
    assert first.startswith("62% of 1,000 customers have a value type: serve them by it.")
    assert useful.startswith(
        "Types say more of the year ahead than size, purchases and profit alone: of discounts."
    )
    assert stake == (
        "Most is at stake with the pioneer, high value: CN¥50K of 7 customers at risk. effort high at_risk manner pioneer"
    )
    assert largest == (
        "The largest type is pioneer, 400 customers (40%): tries new products with advanced functions. manner pioneer"
    )


@pytest.mark.parametrize(
    ("share", "kept", "first"),
    [
        (
            0.05,
            0.9,
            "Only 5% of 1,000 customers have a value type; most records do not tell one type from another",
        ),
        (0.6, 0.4, "60% of 1,000 customers have a value type, but only 40% of these keep it on resampling"),
        (0.6, None, "60% of 1,000 customers have a value type: serve them by it"),
        (0.0, 0.4, "Only 0% of 1,000 customers"),
    ],
)
def test_the_first_sentence_says_what_types_may_be_used_for(share, kept, first):
    assert attention({"determined_share": share, "bootstrap_same_label": kept})[0].startswith(first)


def test_attention_says_what_must_not_be_rested_on():
    one = attention({"contradicts": ["promo_share"]})[3]
    assert one.startswith("One feature moves against what its type should do: purchases in a promotion.")
    many = attention({"contradicts": ["promo_share", "quote_rounds"], "drifting": ["promo_share"]})
    assert (
        "2 features move against what their type should do: purchases in a promotion, quote_rounds" in many[3]
    )
    assert many[4].startswith("Among all customers one feature has moved too far")
    both = attention({"drifting": ["promo_share", "quote_rounds"], "unknown_labels": ["Nobody", "No one"]})
    assert "Among all customers 2 features have moved too far" in both[3]
    assert (
        both[4]
        == "Labels in type_labels.csv that name nobody the exports know: 2 (Nobody, No one). Correct them."
    )


def test_attention_without_types_cells_or_moves():
    assert len(attention(types=types(undetermined=9), cells=table("cells"))) == 2
    largest = attention(cells=table("cells"))[-1]
    assert largest.endswith("tries new products with advanced functions.")


def test_attention_when_it_cannot_tell():
    assert attention({"n": 30, "em_steps": None})[0].startswith("Cannot tell: 30 customers are too few")
    assert attention({"n": 0})[0].startswith("No customer has a sale or a ticket")


def test_attention_tells_the_moves_of_the_quarter():
    rows = [
        {
            "customer_id": f"m{i}",
            "month": f"2026-{month}-28",
            "was": "reckoner",
            "type": "planner",
            "to_come": i,
        }
        for i, month in enumerate(["10", "09", "08", "08", "08", "07"])
    ]
    moved = attention(today="2026-10", movers=table("movers", *rows))[-1]
    assert (
        moved
        == "In 3 months 5 customers changed type, most of them to planner (5): serve them the new way, m4 first."
    )
    assert len(attention(today="2026-10", movers=table("movers", *rows[1:]))) == 4, "four are too few to tell"


def test_cards_show_the_simple_line_beside_and_survive_missing_figures():
    cards = segments_cards.cards(FIGURES)
    assert [said(c.beside) for c in cards] == [
        "of 1,000 customers; of 10% more one axis is certain",
        "highest axes: 80%",
        "of 100 customers 20.0 change in a year",
        "120 of 1,000 customers",
    ]
    assert said(segments_cards.cards(FIGURES | {"changes_per_year": 0})[2].beside) == "no change seen"
    bare = segments_cards.cards({"n": 9, "determined_share": 0.5, "bootstrap_same_label": 0.9})
    assert [c.beside and said(c.beside) for c in bare] == ["of 9 customers with a record in the window", None]
    assert segments_cards.cards({"n": 0}) == segments_cards.cards({"n": 9, "determined_share": None}) == []


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
    assert said(segments_types.title(types(**counts))) == title


def test_medians_of_few_are_not_told():
    few = types(reckoner=4, pioneer=5, planner=6)
    assert segments_types.shaded(few).dropna(subset=["median_to_come"])["type"].tolist() == [
        "pioneer",
        "planner",
    ]
    assert said(segments_types.worth_title(few)) == (
        "What each type wants; worth most to come is the planner, least the pioneer"
    )
    assert said(segments_types.worth_title(types(reckoner=4))) == "What each type wants"


def test_title_of_the_profile_names_the_highest_mean_score():
    assert said(segments_types.profile_title(types(pioneer=5, planner=5))) == (
        "What sets the types apart: pioneer stands out most, 1.4 standard deviations on future"
    )
    blank = types(undetermined=3).assign(**dict.fromkeys(segments_types.AXES, pd.NA))
    assert said(
        segments_types.profile_title(blank.astype(dict.fromkeys(segments_types.AXES, "Float64")))
    ) == ("No type has scores to compare")


def test_types_come_in_the_order_of_the_seed_with_their_clauses():
    mixed = types(planner=3).sample(frac=1, random_state=0)
    assert segments_words.in_order(mixed)["type"].tolist() == [*NINE, "undetermined"]
    assert segments_types.meanings(mixed)["clause"].notna().all()
    assert list(segments_words.CLAUSES) == list(TYPES)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda f: f.name)
def test_every_feature_has_words_in_both_languages(feature):
    words = catalogue("zh")
    assert words.get(feature.meaning, "feature").string
    fact = segments_words.fact(feature.name, 0.5)
    assert said(fact) != said(fact, ZH)


def test_a_fact_is_told_beside_what_is_typical():
    told = segments_why.told
    assert (
        said(told("renewal_lead", True, 41.2, 22)) == "signs renewals 41 days before they start (typical 22)"
    )
    assert said(told("promo_share", False, 0.0, 0.0)).endswith("in a promotion (below the mean)")
    assert said(told("promo_share", True, 0.101, 0.099)).endswith("(above the mean)")
    assert said(told("adoption_rank", True, 0.5, 1.0)) == (
        "takes up products 365 days after their launch (typical 0)"
    )
    assert told("promo_share", True, None, 0.1) is None
    assert told("a feature of later", True, 0.2, 0.1) is None


def test_one_sentence_says_why_this_type_and_not_the_next():
    why = table("why", reason("a", 2, "price_lock_share", 0.3, 0.0), reason("a", 1, "renewal_lead", 41, 22))
    sentence = segments_why.sentences(why)["a"]
    assert said(sentence) == (
        "More like a planner than a bargain-seeker: signs renewals 41 days before they start (typical 22); "
        "30% of its quotations lock the price (typical 0%)"
    )
    assert (
        said(sentence, ZH)
        == "更像远见型而非实惠型：续保提前 41 天签订（通常 22）；30% 的报价锁定价格（通常 0%）"
    )
    assert segments_why.sentences(table("why")) == {}


def test_the_clearest_of_each_type_come_first_and_everybody_follows():
    customers = table(
        "customers",
        customer("a", p=0.7),
        customer("b", p=0.9, customer_name="Bank"),
        customer("c", p=0.4, type="undetermined", likeliest="reckoner"),
        customer("d", labelled=True, p=0.2, type="pioneer"),
        customer("e", likeliest=None, type="undetermined"),
    )
    rows = segments_why.explained(customers, table("why", reason("a", 1, "renewal_lead", 41, 22)))
    assert rows["name"].tolist() == ["c", "Bank", "a", "d"]
    assert [said(guess) for guess in rows["guess"]] == [
        "perhaps reckoner (40%)",
        "planner (90%)",
        "planner (70%)",
        "pioneer, named by an analyst",
    ]
    title = said(segments_why.title(customers, table("why", reason("a", 1, "renewal_lead", 41, 22))))
    assert title == "A type with its reasons: one customer; the clearest is a, planner with 70%"
    assert "none is determined" in said(segments_why.title(customers, table("why")))


def test_whom_to_call_is_at_risk_and_of_high_value():
    customers = table(
        "customers",
        customer("a", at_risk=True, at_stake=100_00),
        customer("b", at_risk=True, at_stake=900_00, customer_name="Bank"),
        customer("c", at_risk=True, value_band="low"),
        customer("d"),
    )
    rows = segments_calls.to_call(customers, table("why"))
    assert rows["name"].tolist() == ["Bank", "a"]
    assert said(segments_calls.title(customers)) == (
        "Of high value and at risk: 2 customers, CN¥1,000 at stake; call Bank first"
    )
    unstaked = customers.assign(at_stake=customers["at_stake"].where(customers["at_stake"] < 0))
    assert said(segments_calls.title(unstaked)) == "Of high value and at risk: 2 customers, CN¥10K to come"
    assert said(segments_calls.title(customers.tail(2))) == "No customer of high value is at risk"
    unknown = table("customers", customer("a", value_band=None, at_risk=None))
    assert "cannot be told" in said(segments_calls.title(unknown))


def test_the_method_follows_the_form_that_was_fitted():
    params = {"months": 24, "min_prob": 0.6, "min_axis": 0.7, "margin": 0.4, "patience": 2}
    plain = [said(m) for m in segments_method.method(FIGURES, params)]
    assert len(plain) == 7
    assert "may depart" in plain[2]
    assert "31 December 2025" in plain[5]
    tied = [said(m) for m in segments_method.method(FIGURES | {"tied": True, "reference": None}, params)]
    assert len(tied) == 6
    assert "stay tied" in tied[2]
    none = segments_method.method(FIGURES | {"em_steps": None}, params)
    assert "too few for a mixture" in said(none[2])
    assert segments_method.method({"n": 0}, params) == []


@pytest.fixture
def folder(tmp_path):
    """Tables customers and why of three customers."""
    table(
        "customers",
        customer("a"),
        customer("b", type="undetermined", p=0.4),
        customer("c", labelled=True, type="pioneer", likeliest="planner"),
    ).to_parquet(tmp_path / "customers.parquet")
    table("why", reason("a", 1, "renewal_lead", 41, 22)).to_parquet(tmp_path / "why.parquet")
    return tmp_path


def test_the_review_for_the_company_alone_says_how_to_serve(folder):
    rows = {x: review_types.of_customer(folder, x, inside=True) for x in ("a", "b", "c", "d")}
    assert [said(review_types.title(row)) for row in rows.values()] == [
        "Serve as planner (90%)",
        "Serve as before: no type is certain, the best guess is planner (40%)",
        "Serve as pioneer, as an analyst has named it",
        "Serve as before: no record tells how this customer wants to be served",
    ]
    lines = review_types.lines(rows["a"])
    assert [said(name) for name in lines["name"]] == ["Such a customer", "Stage", "What to do", "Why"]
    assert said(lines["value"][2], ZH) == "提前半年启动续保，并锁定下一期价格。"
    assert [said(name) for name in review_types.lines(rows["b"])["name"]] == ["Such a customer", "Stage"]
    assert review_types.lines(rows["d"]).empty


def test_the_customers_own_review_reads_nothing_of_types(tmp_path):
    assert review_types.of_customer(tmp_path / "nowhere", "a", inside=False).empty
