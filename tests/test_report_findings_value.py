"""Each branch of what needs attention on the page of customer value, and the cards."""

import pytest
from worth import CHAIN, CHANGE, EN, LOSERS, METRICS, YEAR, ZH, said, stage, table

from crmlab.report.findings import value, value_cards
from crmlab.report.findings.value_words import labelled, noted
from crmlab.report.messages import say


def attention(metrics=METRICS, language=EN, **tables):
    return said(value.attention(metrics, stage(customers=LOSERS) | tables), language)


def test_equity_with_its_limits_and_what_to_plan_with_comes_first():
    assert attention()[0] == (
        "Over 36 months 888 customers will bring CN¥9M (90 % limits: CN¥7M to CN¥11M) after CN¥10M for serving them; 37% of the margin "
        "hangs on contracts not yet signed: plan with CN¥7M, and have renewals signed early."
    )
    assert attention(language=ZH)[0] == (
        "未来 36 个月，888 位客户扣除服务成本 ¥1000万 后将带来 ¥900万（90% 区间：¥700万 至 ¥1100万）；毛利的 37% 取决于尚未签订的合同：请按 ¥700万 "
        "安排预算，并尽早签下续保。"
    )


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ({"renewals": 0}, "will bring CN¥9M (90 % limits: CN¥7M to CN¥11M) after CN¥10M for serving them: plan with CN¥7M."),
        ({"renewals": None, "low": None}, "will bring CN¥9M after CN¥10M for serving them: plan with CN¥9M."),
        ({"renewals": 0, "cost_to_come": 0}, "CN¥11M), the cost to serve not counted: plan with CN¥7M."),
        ({"renewals": 0, "low": -5_000_00}, "plan with CN¥0."),
        ({"to_come": -200_000_00, "low": -300_000_00, "high": -100_000_00}, "will cost CN¥200K more than they bring (90 % limits: CN¥100K to CN¥300K): review prices and service before more is signed."),
    ],
)  # fmt: skip
def test_equity_without_limits_cost_or_renewals(metrics, words):
    assert attention(METRICS | metrics)[0].endswith(words)


def test_losses_name_the_commonest_reason_what_to_do_and_where_to_begin():
    assert attention()[1] == (
        "3 customers will cost CN¥600 more than they bring over 36 months, the commonest reason is a low contract price (2): raise the "
        "price with the next contract. Begin with 宁波旅馆 (CN¥300)."
    )
    bare = LOSERS.assign(reason=None).astype({"reason": "string"})
    assert attention(customers=bare)[1].endswith("over 36 months: review the price or the service.")
    assert attention(METRICS | {"n_negative": 1})[1].startswith("one customer will cost")
    assert attention(METRICS | {"n_negative": 0})[1] == (
        "No customer is expected to cost more than it brings over 36 months."
    )


def test_who_is_not_on_file_is_named_apart_and_has_no_reason():
    """Its loss is in no count of loss-makers, and its reason counts for nobody."""
    strange = LOSERS.assign(known=LOSERS["customer_id"] != "b")
    first, apart = attention(METRICS | {"n_negative": 2}, customers=strange)[1].split(" Not counted: ")
    assert "a low contract price (1)" in first
    assert apart == "one customer not on the customer file (CN¥250); check the names."
    alone = LOSERS.iloc[1:2].assign(known=False)
    assert attention(METRICS | {"n_negative": 0}, customers=alone)[1] == (
        "Only names that are not on the customer file lose money, CN¥250: check them."
    )


def test_the_change_says_what_drove_it():
    assert attention()[2] == (
        "Against 30 September 2026 the value to come has fallen by CN¥1M to CN¥9M, most of it by worse renewals, and a month gone by (CN¥700K): call "
        "those whose contracts end first."
    )


def test_a_held_value_is_no_news():
    held = attention(METRICS | {"change": CHANGE | {"then": CHANGE["now"] + 1}})
    assert not any("Against" in sentence for sentence in held)
    unsure = table("equity", {"part": "renewals", "expected": 7_000_000_00, "common": 0.1001})
    assert not any("Against" in sentence for sentence in attention(equity=unsure))
    known = unsure.assign(common=0.0999)
    assert any("Against" in sentence for sentence in attention(equity=known))


def test_where_the_simple_line_wins_it_is_said():
    missed = YEAR | {"mae_open": 7_000_00}
    lost = METRICS | {"verdict": "worse", "change": None, "backtest": {"1": missed}}
    assert attention(lost)[2] == (
        "Stated a year ago, values missed by CN¥7,000 a customer that had not left, mean profit × retention only by CN¥6,400: plan sums "
        "by that line, and use the values to rank customers."
    )
    both = lost | {"backtest": {"1": missed | {"spearman": 0.3}}}
    assert attention(both)[2].endswith("plan and rank by that line.")


@pytest.mark.parametrize(
    ("came", "words"), [(4_400_000_00, "may be too low"), (3_400_000_00, "may be too high")]
)
def test_a_sum_outside_its_limits_a_year_ago_is_said(came, words):
    off = METRICS | {"change": None, "backtest": {"1": YEAR | {"actual": came}}}
    assert words in attention(off)[2]


def test_it_is_said_what_the_figures_rest_on():
    plain = METRICS | {"change": None, "revenue_based_share": 0.4}
    assert attention(plain)[2].startswith("Revenue-based: for 40.0% of the turnover")
    free = plain | {"service_cost": 0, "cost_to_come": 0, "n_negative": 0}
    assert [s[:20] for s in attention(free)] == [
        "Over 36 months 888 c",
        "No cost to serve is ",
        "Revenue-based: for 4",
        "A fifth of the custo",
    ]


def test_books_that_do_not_add_up_come_before_all():
    assert attention(METRICS | {"ledger_difference": -12_00})[0] == (
        "The customers' books and the ledger differ by CN¥12: use no sum of this page before that is explained."
    )


def test_service_and_the_best_fifth_come_last_and_five_are_enough():
    assert attention(chain=CHAIN)[3] == (
        "Contracts that met a broken promise were renewed less often: each is worth CN¥400 less (CN¥200 to CN¥600), CN¥40 a year on "
        "average over all customers with a contract. That does not prove it to be the cause; still, keep the promises to those worth "
        "most before all others."
    )
    assert attention(chain=CHAIN, language=ZH)[3] == (
        "遇到承诺未兑现的合同，续保较少：每份少值 ¥400（¥200 至 ¥600），摊到所有有合同的客户，平均每位每年少 ¥40。这未必是起因；"
        "即便如此，请优先兑现对高价值客户的承诺。"
    )
    assert attention()[3].startswith("A fifth of the customers brought 85%")
    assert (
        len(
            attention(
                METRICS | {"ledger_difference": 1, "revenue_based_share": 0.1, "verdict": "worse"},
                chain=CHAIN,
            )
        )
        == 5
    )


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ({}, "There are no sales and no contracts: nobody can be valued."),
        ({"n_customers": 0, "n_valued": 0, "backtest": {}}, "There are no sales and no contracts"),
        (
            METRICS | {"n_valued": 0, "nobody": 5_00},
            "The exported lines name no customer: nobody can be valued.",
        ),
    ],
)
def test_nobody_to_value_and_why(metrics, words):
    (only,) = attention(metrics, customers=table("customers"))
    assert only.startswith(words)
    assert value_cards.cards(metrics) == []
    assert value_cards.value_card(metrics) is None


def test_the_cards_have_their_limits_and_change_beside_them():
    made = value_cards.cards(METRICS)
    assert [(said(c.label), c.value.text(EN), said(c.beside)) for c in made] == [
        ("Value to come", "CN¥9M", "90 % limits: CN¥7M to CN¥11M; CN¥10M on 30 September 2026"),
        ("Profit to date", "CN¥18M", "margin CN¥41M, cost to serve CN¥23M"),
        ("Cost to serve to come", "CN¥10M", "53% of the margin to come"),
        ("Customers that lose money", "7.5%", "3 of 888 customers, 1 of them surely"),
    ]
    assert [(card.key, card.better) for card in made] == [
        ("to_come", "higher"),
        ("historical", "higher"),
        ("cost_to_come", "lower"),
        ("share_negative", "lower"),
    ]
    assert "Below zero" in said(made[0].definition)


@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ({"change": None}, "90 % limits: CN¥7M to CN¥11M"),
        (
            {"change": CHANGE | {"since": None, "then": 8_000_000_00}, "low": None},
            "CN¥8M a month ago",
        ),
        ({"low": None}, "CN¥10M on 30 September 2026"),
        ({"change": None, "low": None}, "888 customers over 36 months"),
        ({"change": None, "low": None, "n_to_come": None}, "892 customers over 36 months"),
    ],
)
def test_the_value_card_says_what_is_known(more, beside):
    assert said(value_cards.value_card(METRICS | more).beside) == beside


def test_what_cannot_be_told_has_no_card():
    bare = {"n_valued": 3, "horizon_months": 36, "to_come": 5_00}
    assert [card.key for card in value_cards.cards(bare)] == ["to_come"]
    assert said(value_cards.cards(METRICS | {"n_surely_negative": None})[-1].beside) == "3 of 888 customers"
    assert value_cards.cards(METRICS | {"potential": 0, "current": 0})[2].beside is None


def test_figures_on_a_configured_margin_are_labelled():
    based = METRICS | {"revenue_based_share": 0.125}
    assert [said(c.label) for c in value_cards.cards(based)[:2]] == [
        "Value to come (revenue-based)",
        "Profit to date (revenue-based)",
    ]
    assert said(labelled(say("Value to come"), METRICS)) == "Value to come"
    assert said(noted(say("Customers"), based), ZH).endswith("按收入估算：12.5% 的营业额采用设定的毛利率。")
