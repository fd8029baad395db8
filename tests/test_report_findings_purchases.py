"""The page of purchases as a whole: what stands on top, what the method admits, and a page without any purchase."""

import pandas as pd

from crmlab.purchases.buyers.spend import spend
from crmlab.purchases.outputs import OUTPUTS
from crmlab.report.findings import overview, purchases, purchases_method
from crmlab.report.language import Language, catalogue
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
NOTHING = {name: empty(OUTPUTS[name]) for name in purchases.TABLES}
SETTINGS = {
    "counts": ["product", "part"],
    "unit": "day",
    "models": ["MBGNBD", "BGNBD"],
    "min_repeat_buyers": 100,
    "alive": [0.3, 0.7],
}
METRICS = {
    "n_customers": 1142,
    "n_repeat": 993,
    "alive": 844.4,
    "model": "MBGNBD",
    "line": "MBGNBD",
    "why": "default",
    "verdict": "better",
    "naive": "last_year_again",
    "gain": 0.073,
    "gain_se": 0.0196,
    "params": {"r": 1.319, "alpha": 188.4},
    "standard_errors": {"r": 0.0886, "alpha": None},
    "log_likelihood": -49613.49,
    "horizon_days": 365,
    "shock": 0.038,
    "expected": 1774.6,
    "expected_low": 1678.4,
    "expected_high": 1870.7,
    "expected_amount": 2_854_907_705,
    "at_stake": 809_163_027,
    "spend": {"model": "GammaGamma", "correlation": -0.132, "params": {"p": 1.166}, "standard_errors": {"p": 0.132}},
    "backtest": {
        "origins": 3, "mae": 1.305, "mae_naive": 1.378, "bias": 0.0477, "bias_naive": 0.118, "spearman": 0.578,
        "spearman_naive": 0.544, "coverage90": 0.96, "coverage90_exact": 0.894, "coverage90_total": {"n": 3, "inside": 2},
    },
    "returns_without_purchase": {"n": 2, "amount": -357_900},
    "excluded": {"other_kinds": 2444, "no_customer": 5},
    "sales": {"amount": 90_000_00, "before": 100_000_00, "months_before": 12, "margin_known": 0.8},
}  # fmt: skip
NO_MODEL = METRICS | {
    "model": None,
    "line": "last_year_again",
    "why": "naive is clearly better",
    "alive": None,
    "at_stake": None,
    "expected_low": None,
    "expected_high": None,
}


def filled(table, *rows):
    """Rows of a declared table; what is not named is missing."""
    names = [column.name for column in OUTPUTS[table].columns]
    return conform(pd.DataFrame(rows).reindex(columns=names), OUTPUTS[table])


QUIET = {"customer_id": "A", "state": "quiet", "p_alive": 0.5, "at_stake": 5_000_00, "lately": 1000}
LOST = {"customer_id": "B", "state": "gone", "p_alive": 0.01, "at_stake": 9_000_00, "lately": 1000}
TABLES = NOTHING | {
    "customers": filled("customers", QUIET, LOST),
    "change": filled("change", {"of": "customers", "part": "less", "amount": -10_000_00}),
    "pareto": filled(
        "pareto",
        *({"of": "customer", "share_of": x, "share_amount": y} for x, y in ((0, 0), (0.2, 0.683), (1, 1))),
    ),
}


def said(messages):
    return [message.in_language(EN) for message in messages]


def method(metrics, **settings):
    return " ".join(said(purchases_method.method(metrics, SETTINGS | settings)))


def test_attention_goes_from_whom_to_call_to_who_is_lost():
    found = said(purchases.attention(METRICS, TABLES, SETTINGS))
    assert [sentence.split()[0] for sentence in found] == ["One", "Sales", "1,775", "1"]
    assert found[1] == (
        "Sales fell by 10.0% to CN¥90K in the last twelve months. Largest part of the fall: customers who bought less, CN¥10K. "
        "Next: ask those who bought less why."
    )


def test_a_model_that_loses_is_not_used_and_the_page_says_so():
    untold = filled("customers", {"customer_id": "A", "state": "cannot_tell", "lately": 3})
    found = said(purchases.attention(NO_MODEL, TABLES | {"customers": untold}, SETTINGS))
    assert found[1].startswith("No customer-base model is used: on earlier days a simple line")
    assert "who still is a customer cannot be told" in found[1]


def test_sales_without_a_purchase_are_told_all_the_same():
    found = said(purchases.attention({"n_customers": 0, "sales": METRICS["sales"]}, NOTHING, SETTINGS))
    assert found[0].startswith("No sales line counts as a purchase of a customer")
    assert found[1].startswith("Sales fell")
    assert len(purchases.attention({"n_customers": 0}, NOTHING, SETTINGS)) == 1


def test_cards_show_what_the_stage_could_tell():
    cards = purchases.cards(METRICS, TABLES)
    assert [(card.label.in_language(EN), card.value.text(EN)) for card in cards] == [
        ("Still customers", "844"),
        ("Sales of the last twelve months", "CN¥90K"),
        ("Purchases expected", "1,775"),
        ("At stake with quiet customers", "CN¥5,000"),
        ("Brought by a fifth of the customers", "68.3%"),
    ]
    assert cards[2].beside.in_language(EN) == "1,678 to 1,871, worth CN¥28.5M"
    assert len({card.key for card in cards}) == len(cards)
    assert cards[0].label.in_language(ZH) == "仍为客户"


def test_a_figure_without_a_model_has_no_card_and_no_limits():
    cards = purchases.cards(NO_MODEL, NOTHING)
    assert [card.key for card in cards] == ["sales", "expected"]
    assert cards[1].beside.in_language(EN) == "worth CN¥28.5M"
    assert purchases.cards({}, NOTHING) == []
    plain = purchases.cards(NO_MODEL | {"expected_amount": None}, NOTHING)[1]
    assert not plain.beside


def test_the_method_tells_the_model_its_parameters_and_its_test():
    told = method(METRICS)
    assert "what is bought on one day is one purchase" in told
    assert "Counted are products, spare parts" in told
    assert "MBG/NBD is used, the first of purchases.models" in told
    assert "r 1.319 ± 0.089, alpha 188.400" in told
    assert "Log-likelihood: -49,613.5" in told
    assert "their correlation is -0.13" in told
    assert "p 1.166 ± 0.132" in told
    assert "Back-test on 3 earlier days, 365 days apart" in told
    assert "held 96.0% of customers; where a count at the edge counts by its part inside, 89.4%" in told
    assert "a standard deviation of 3.8% of the total" in told
    assert "Totals within their limits: 2 of 3 earlier days" in told
    assert "2,444 lines of other kinds and 5 without a customer" in told
    assert "Returns of customers with no purchase on record: 2, worth CN¥3,579" in told
    assert "A margin is on record for 80% of sales" in told


def test_the_method_tells_why_another_model_or_none_is_used():
    assert "forecast clearly better than the first" in method(
        METRICS | {"model": "BGNBD", "why": "clearly better"}
    )
    assert "as the first of purchases.models does not fit" in method(METRICS | {"model": "BGNBD"})
    assert "No customer-base model is used" in method(NO_MODEL)
    one = spend(pd.DataFrame({"frequency": [1], "amount": [400]})).figures
    assert "Its parameters" not in method(NO_MODEL | {"spend": one})
    assert "the mean of the customer's purchases" in method(METRICS | {"spend": one})
    assert "Gamma-Gamma model." in method(METRICS | {"spend": {"model": "GammaGamma"}})
    assert "bought on one week" in method(METRICS, unit="week")


def test_a_stage_without_purchases_has_a_short_method():
    found = said(purchases_method.method({"n_customers": 0}, SETTINGS))
    assert [sentence.split(":")[0] for sentence in found] == ["Purchases", "Sales statistics"]


def test_the_overview_has_a_card_of_sales():
    volume = pd.DataFrame({"table": ["sales"], "month": ["2026-10"], "rows": [1]})
    (card,) = overview.cards({"purchases": METRICS}, volume, "2026-10")
    assert (card.label.in_language(ZH), card.value.text(ZH)) == ("过去十二个月销售额", "¥9万")
    assert card.beside.in_language(ZH) == "减少 10.0%（上年 ¥10万）"


def test_every_setting_of_the_stage_has_a_name():
    words = catalogue("zh")
    names = (
        "counts",
        "unit",
        "horizon_days",
        "origins",
        "models",
        "min_repeat_buyers",
        "alive",
        "rate_bands",
    )
    assert [name for name in names if not words.get(name, "parameter")] == []
