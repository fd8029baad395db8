"""Each branch over what service adds, how good values were, whether the books add up, and the method."""

import pytest
from worth import CHAIN, METRICS, YEAR, said, table

from crmlab.report.findings import (
    value_books,
    value_chain,
    value_definitions,
    value_lines,
    value_links,
    value_method,
    value_scores,
    value_tenths,
)
from crmlab.report.findings.churn_factors import MET
from crmlab.report.messages import say

FLIPPED = CHAIN.assign(
    **{name: -CHAIN[name] for name in ("money", "difference")},
    **{"money_low": -CHAIN["money_high"], "money_high": -CHAIN["money_low"]},
    **{"low": -CHAIN["high"], "high": -CHAIN["low"]},
    verdict=CHAIN["verdict"].replace({"less": "more", "more": "less"}),
)


def test_the_chain_is_told_in_money_where_it_is_beyond_chance():
    assert said(value_chain.money_title(CHAIN)) == (
        "Contracts that met a broken promise were renewed less often: each is worth CN¥400 less (CN¥200 to CN¥600), CN¥40 a year on "
        "average over all customers with a contract"
    )
    assert said(value_chain.money_title(FLIPPED)) == (
        "Contracts that met a broken promise were renewed more often: each is worth CN¥400 more (CN¥200 to CN¥600), CN¥40 a year on "
        "average over all customers with a contract"
    )
    assert said(value_chain.money_title(CHAIN.iloc[:4])) == (
        "What service adds to value cannot be told yet: all limits hold zero"
    )
    assert "too few customers" in said(value_chain.money_title(table("chain")))
    assert value_chain.attention(CHAIN.iloc[:4]) is None
    assert value_chain.attention(FLIPPED) is None


def test_value_is_told_before_profit_and_profit_where_there_is_no_value():
    sure = CHAIN.assign(verdict=CHAIN["verdict"].mask(CHAIN["link"] == "profit", "less"))
    assert "were renewed less often" in said(value_chain.money_title(sure))
    assert said(value_chain.money_title(sure.iloc[:4])).startswith(
        "Customers that met a broken promise brought CN¥900 less each in the year after"
    )
    more = FLIPPED.assign(verdict=FLIPPED["verdict"].mask(FLIPPED["link"] == "profit", "more"))
    assert "brought CN¥900 more each" in said(value_chain.money_title(more.iloc[:4]))


@pytest.mark.parametrize(("chain", "words"), [(CHAIN, "CN¥400 less each"), (FLIPPED, "CN¥400 more each")])
def test_renewals_are_named_only_where_they_say_the_same(chain, words):
    """A renewal may be worth less than nothing: then more of them are no gain."""
    assert said(value_chain.money_title(chain.iloc[3:])).startswith(
        f"Contracts that met a broken promise are worth {words}"
    )
    against = chain.assign(
        difference=chain["difference"].where(chain["link"] != "renewal", -chain["difference"])
    )
    assert words in said(value_chain.money_title(against))


@pytest.mark.parametrize("link", ["value", "profit"])
@pytest.mark.parametrize(("what", "group"), [k for k in MET if k[1] != "none"])
def test_each_cause_has_its_words_at_the_beginning_of_a_sentence(what, group, link):
    row = CHAIN.iloc[4:].assign(what=what, group=group, link=link)
    assert said(value_chain.money_title(row)).startswith(("Contracts", "Customers"))


def test_links_before_money_are_told_in_points():
    assert said(value_chain.links_title(CHAIN)) == (
        "2 of 2 links are beyond chance; the strongest: a broken promise: the contract is renewed, 6.0 points less often"
    )
    assert said(value_chain.links_title(CHAIN.head(1))).endswith("a complaint follows, 4.0 points more often")
    even = CHAIN.assign(verdict="cannot_tell")
    assert said(value_chain.links_title(even)).endswith("of 2 links none can be told from chance")
    assert said(value_chain.links_title(table("chain"))).endswith("cannot be told")


def test_every_row_of_the_chain_has_its_words():
    rows = value_links.links(CHAIN)
    assert said(list(rows["verdict_said"])) == ["more", "less", "cannot tell", "cannot tell", "less"]
    assert said(rows["difference_said"][1]) == "-6.0 points (-10.0 to -2.0)"
    assert rows["difference_said"][2] is None
    assert said(rows["money_said"][4]) == "-CN¥40 (-CN¥60 to -CN¥20)"
    assert len(value_links.in_money(CHAIN)) == 2
    assert len(value_links.in_points(CHAIN)) == 2


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("better", "Stated a year ago, values missed by CN¥4,200 a customer that had not left; mean profit × retention missed by more, CN¥6,400"),
        ("worse", "Stated a year ago, values missed by CN¥4,200 a customer that had not left, mean profit × retention by CN¥6,400: cannot tell which is better"),
        ("even", "Stated a year ago, values missed by CN¥4,200 a customer that had not left, mean profit × retention by CN¥6,400: cannot tell which is better"),
    ],
)  # fmt: skip
def test_the_tenths_are_judged_beside_the_best_line(verdict, words):
    assert said(value_scores.title(METRICS | {"verdict": verdict}, 1)) == words


def test_those_that_had_not_left_decide_what_may_be_said():
    """Where all customers say one thing and those that had not left the other, which is better cannot be told."""
    lost = METRICS | {"verdict": "worse", "backtest": {"1": YEAR | {"mae_open": 7_000_00}}}
    assert said(value_scores.title(lost, 1)) == (
        "Stated a year ago, values missed by CN¥7,000 a customer that had not left, more than mean profit × retention (CN¥6,400)"
    )
    assert "cannot tell" in said(value_scores.title(lost | {"verdict": "better"}, 1))
    of_all = YEAR | {"mae_open_mean_retained": None}
    assert said(value_scores.title(METRICS | {"backtest": {"1": of_all}}, 1)) == (
        "Stated a year ago, values missed by CN¥3,200 a customer; mean profit × retention missed by more, CN¥4,900"
    )


@pytest.mark.parametrize(
    ("gain", "word"), [(900_00, "missed by more"), (-900_00, "more than"), (100_00, "cannot tell")]
)
def test_two_years_back_are_judged_by_two_standard_errors(gain, word):
    metrics = {"backtest": {"2": YEAR | {"gain": gain, "best_line": None, "mae_open": None}}}
    assert said(value_scores.title(metrics, 2)).startswith("Stated two years ago, values missed by")
    assert word in said(value_scores.title(metrics, 2))
    assert value_scores.best_line(metrics, 2) == "mean_retained"


def test_without_a_backtest_or_a_line_it_is_said():
    assert said(value_scores.title({}, 1)) == (
        "How good values stated a year ago were cannot be told: too little was known then"
    )
    assert value_scores.attention({}) is None
    alone = {"backtest": {"1": {"n": 9, "mae": 5_00}}}
    assert said(value_scores.title(alone, 1)).endswith("there is no simple line to compare with")
    assert value_scores.attention(alone) is None


@pytest.mark.parametrize(
    ("came", "words"), [(4_400_000_00, "more than the limits"), (3_000_000_00, "less than the limits"), (4_000_000_00, "within the limits")]
)  # fmt: skip
def test_managers_read_what_was_stated_and_what_came(came, words):
    metrics = {"backtest": {"1": YEAR | {"actual": came}}}
    note = said(value_tenths.note(metrics, table("backtest"), 1))
    assert words in note
    assert "Of 1,200 customers known then 300 had left and were stated at nothing." in note
    assert "Of the 900 that had not left 88% ended within their 90 % limits." in note


def test_errors_of_the_lines_come_from_the_scores():
    scores = table(
        "scores",
        {"years": 1, "line": "value", "mae_open": 1_00},
        {"years": 1, "line": "mean_retained", "mae_open": 9_000_00},
        {"years": 1, "line": "last_year"},
        {"years": 9, "line": "last_year", "mae_open": 1_00},
    )
    metrics = {"backtest": {"1": {k: x for k, x in YEAR.items() if not k.startswith("mae_open_")}}}
    told = value_scores.with_open(metrics, scores)
    assert said(value_scores.title(told, 1)).endswith("mean profit × retention missed by more, CN¥9,000")
    assert told["backtest"].keys() == {"1"}
    assert "mae_open_last_year" not in told["backtest"]["1"]
    assert value_scores.with_open({"n_valued": 0}, scores)["backtest"] == {}


def test_who_had_left_is_told_where_it_is_known():
    told = {"backtest": {"1": YEAR | {"n_open": None}}}
    note = said(value_tenths.note(told, table("backtest"), 1))
    assert "stated at nothing" not in note
    assert "Of those that had not left 88% ended" in note
    nobody = {"backtest": {"1": YEAR | {"n_open": 1200, "coverage": None}}}
    note = said(value_tenths.note(nobody, table("backtest"), 1))
    assert "had left" not in note
    assert "ended within" not in note


def test_the_picture_of_tenths_has_all_that_a_page_draws():
    rows = table(
        "backtest",
        *({"years": y, "decile": d, "n": 9, "stated": d, "actual": d, "actual_low": 0, "actual_high": 9} for y in (1, 2) for d in (2, 1)),
    )  # fmt: skip
    drawn = value_tenths.figure(METRICS, rows, 2)
    assert list(drawn["data"]["tenth"]) == ["1", "2"]
    assert set(drawn["columns"]) <= set(drawn["data"])
    assert said(drawn["title"]).startswith("Stated two years ago")


def test_without_sums_the_share_that_came_is_told():
    metrics = {"backtest": {"1": {"n": 9, "mae": 5_00, "bias": 0.25}}}
    assert said(value_tenths.note(metrics, table("backtest"), 1)).startswith("For every 100 stated, 80 came.")
    assert said(value_tenths.note({}, table("backtest"), 1)) == said(value_tenths.TENTHS)


def test_scores_stand_by_horizon_with_the_value_first():
    scores = table(
        "scores",
        {"years": 2, "line": "value", "n": 9, "mae": 5_00},
        {"years": 1, "line": "last_year", "n": 9, "mae": 8_00, "gain": 3_00, "gain_error": 1_00},
        {"years": 1, "line": "value", "n": 9, "mae": 5_00, "gain": 0, "gain_error": 0},
    )
    rows = value_lines.by_line(scores)
    assert said(list(rows["name"])) == ["the stated value", "last year's profit again", "the stated value"]
    assert said(rows["gain_said"][1]) == "CN¥3 ± CN¥1"
    assert rows["gain_said"][0] is None
    assert said(value_lines.by_line_title(METRICS)).startswith("On 2 of 2 horizons")
    assert said(value_lines.by_line_title({"backtest": {"1": YEAR}, "verdict": "worse"})).startswith(
        "On 0 of 1"
    )


BOOKS = table(
    "reconciliation",
    {"component": "visits", "side": "cost", "lines": 5, "ledger": 50_00, "customers": 50_00, "nobody": 0, "unearned": 0, "difference": 0},
    {"component": "contracts", "side": "income", "lines": 9, "ledger": 90_00, "customers": 60_00, "nobody": 0, "unearned": 30_00, "difference": 0},
    {"component": "other_sales", "side": "income", "lines": 0, "ledger": 0, "customers": 0, "nobody": 0, "unearned": 0, "difference": 0},
)  # fmt: skip


def test_books_say_whether_they_add_up():
    assert said(list(value_books.books(BOOKS)["name"])) == ["contracts, as far as earned", "visits"]
    assert said(value_books.title(BOOKS)) == (
        "The books add up: 14 lines, each with a customer, no difference to the ledger"
    )
    assert said(value_books.title(BOOKS.assign(nobody=[7_00, 0, 0]))).endswith(
        "CN¥7 of cost belongs to no named customer"
    )
    assert said(value_books.title(BOOKS.assign(nobody=[0, 7_00, 0]))).endswith(
        "CN¥7 of profit belongs to no named customer"
    )
    assert said(value_books.title(table("reconciliation"))) == "There are no lines to reconcile"


def test_books_that_are_off_name_the_worst_component():
    off = BOOKS.assign(difference=[1_00, -2_00, 0])
    assert said(value_books.title(off)) == (
        "The books do not add up: contracts, as far as earned differ by -CN¥2; 2 of 2 components are off"
    )
    assert "other lines" in said(list(value_books.books(BOOKS.assign(difference=[0, 0, 4_00]))["name"]))


def test_the_method_tells_as_much_as_is_known():
    told = said(value_method.method(METRICS))
    assert len(told) == 15
    assert told[6] == (
        "By the back-test, lower limits are 1.39 times as far away as the model has them, upper ones 1.00 times."
    )
    assert told[7] == (
        "They are meant to hold for 90 % of the customers; those stated a year ago held for 88% of the 900 that had not left."
    )
    assert "stated value CN¥3,200, 0.520, -2.5%" in told[8]
    assert told[9].startswith(
        "Mean error of the 900 of them that had not left: the stated value CN¥4,200, last year"
    )
    assert any("without a contract: mean rate of each customer" in sentence for sentence in told)
    assert len(said(value_method.method({"n_valued": 3, "stretch_below": 1.0, "stretch_above": 1.0}))) == 4
    assert value_method.method({}) == []


def test_what_is_meant_explains_negative_values():
    rows = value_definitions.definitions(METRICS)
    assert "Negative value" in said(list(rows["word"]))
    assert "over 36 months" in said(rows["meaning"][1])
    assert value_definitions.definitions({}).empty


def test_limits_are_claimed_with_what_the_back_test_measured():
    for metrics, words in ((METRICS, "held for 88% of the 900"), ({"n_valued": 3}, "could not be measured")):
        rows = value_definitions.definitions(metrics)
        assert words in said(rows.loc[rows["word"] == say("Limits of 90 %"), "meaning"].iloc[0])
