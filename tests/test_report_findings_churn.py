"""Each branch of what needs attention on the page of renewals, and the cards."""

import pytest
from renewals import DUE, EN, METRICS, ZH, contract, said, stage, table

from crmlab.report.findings import churn, churn_cards

CONTRACTS = table(
    "contracts",
    contract("a", 10, 90_000_00, customer_name="宁波旅馆", reason="broken_promises_faded", reason_value=2),
    contract("b", 80, 100_00),
    contract("c", 300, 900_000_00),
)
EXPIRY = table(
    "expiry",
    {"month": "2026-11", "contracts": 1, "amount": 100_000_00, "expected_loss": 90_000_00},
    {"month": "2027-08", "contracts": 1, "amount": 100_000_00, "expected_loss": 95_000_00},
)
PROMISES = table(
    "associations",
    {"what": "promises", "group": "none", "difference": 0},
    {
        "what": "promises",
        "group": "some",
        "difference": -0.05,
        "difference_low": -0.08,
        "difference_high": -0.02,
    },
)
LOST = table(
    "win_back",
    {"customer_id": "C1", "customer_name": "杭州银行", "yearly_amount": 200_000_00},
    {"customer_id": "C2", "yearly_amount": 100_000_00},
)


def attention(metrics=METRICS, language=EN, **tables):
    return said(churn.attention(metrics, stage(contracts=CONTRACTS) | tables), language)


def test_the_first_sentence_says_whom_to_call_and_why():
    assert attention()[0] == (
        "CN¥200K may be lost within 90 days, when 70 contracts worth CN¥1.3M end: call 宁波旅馆 first, for CN¥90K of it "
        "(2 promises broken within a year)."
    )
    assert attention(language=ZH)[0] == (
        "90 天内到期合同 70 份，合计 ¥130万，可能流失 ¥20万：请先联系宁波旅馆，其中占 ¥9万（一年内 2 次承诺未兑现）。"
    )
    without = table("contracts", contract("b", 80, 100_00))
    assert attention(contracts=without)[0].endswith("call C-b first, for CN¥100 of it.")


def test_contracts_that_are_safe_or_far_off_are_said_to_be():
    safe = METRICS | {"due": {"90": DUE | {"n_at_risk": 0}, "365": DUE}}
    assert attention(safe)[0] == (
        "70 contracts worth CN¥1.3M end within 90 days; each of them renews with at least 70%: remind them in good time, 宁波旅馆 first."
    )
    none = METRICS | {"due": {"90": DUE | {"n": 0}, "365": DUE | {"n": 0}}}
    assert attention(none, contracts=CONTRACTS.tail(1)) == [
        "No contract ends within 90 days: use the time for those that end later."
    ]


def test_the_year_names_the_month_in_which_most_may_be_lost():
    assert attention(expiry=EXPIRY)[1] == (
        "Of CN¥5.4M in 440 contracts that end within a year, CN¥600K is expected to be lost, most of it in August 2027 (CN¥95K): have "
        "the offers for that month out early."
    )
    assert attention()[1].endswith("CN¥600K is expected to be lost: plan the calls by last day.")


def test_what_goes_with_leaving_comes_from_service_first_and_is_no_cause():
    (sentence,) = attention(associations=PROMISES)[2:]
    assert sentence == (
        "After a broken promise 5 in a hundred contracts fewer were renewed than of those alike: keep the promises to customers whose "
        "contract ends soon. It goes with leaving, which does not prove it to be the cause."
    )
    ratios = table(
        "hazard_ratios",
        {"feature": "days_late", "hazard_ratio": 1.5, "low": 1.2, "high": 1.8, "p_value": 0.001},
    )
    (sentence,) = attention(hazard_ratios=ratios)[2:]
    assert sentence.startswith("What goes with leaving most surely: payments twice as many days late.")
    assert "1.5" not in sentence, "numbers of Cox stay below"


def test_a_model_that_loses_is_said_to():
    worse = METRICS | {"brier_gain": -0.01}
    assert attention(worse)[2] == (
        "On earlier days the rate by activity foresaw renewals better than the model: go by its rates instead."
    )


def test_the_largest_of_the_lost_is_named():
    assert attention(win_back=LOST)[-1] == (
        "2 customers lost within 24 months paid CN¥300K a year: win back 杭州银行 first, worth CN¥200K a year."
    )
    assert attention(win_back=LOST.tail(1))[-1] == (
        "One customer was lost within 24 months and has no contract now: win back C2, worth CN¥100K a year."
    )


def test_at_most_five_sentences_and_the_calls_come_first():
    full = attention(METRICS | {"brier_gain": -0.01}, expiry=EXPIRY, associations=PROMISES, win_back=LOST)
    assert len(full) == 5
    full = attention(
        METRICS | {"brier_gain": -0.01, "no_model": "few"},
        expiry=EXPIRY,
        associations=PROMISES,
        win_back=LOST,
    )
    assert len(full) == 5
    assert [full[0][:3], full[1][:5]] == ["900", "CN¥20"]


@pytest.mark.parametrize(
    ("no_model", "words"),
    [
        ("few", "too few to say who will renew. Record how each contract ends."),
        ("none lost", "and none was lost: nothing to learn leaving from. Call by price and last day."),
        ("none renewed", "nothing to learn staying from. Ask first whether renewals are recorded."),
    ],
)
def test_without_a_model_it_is_said_why_and_the_dearest_are_called(no_model, words):
    without = {"n_ended": 40, "no_model": no_model}
    plain = CONTRACTS.assign(
        p_renew=float("nan"), expected_loss=float("nan"), amount=[300_000_00, 200_000_00, 1]
    )
    first, second = attention(without, contracts=plain)
    assert first.startswith("40 contracts have ended")
    assert first.endswith(words)
    assert second == (
        "2 contracts worth CN¥500K end within 90 days: call 宁波旅馆 first, whose contract is the dearest (CN¥300K)."
    )
    assert len(attention(without, contracts=table("contracts"))) == 1


MONTHS = table(
    "renewals_by_month",
    *({"month": f"20{24 + i // 12}-{i % 12 + 1:02d}", "due": 10, "renewed": 8 + i // 12, "rate": 0.8 + i // 12 / 10} for i in range(24)),
)  # fmt: skip


def test_the_cards_carry_a_simple_line_or_a_number_beside_the_figure():
    made = churn_cards.cards(METRICS, stage(renewals_by_month=MONTHS))
    assert [(c.label.in_language(EN), c.value.text(EN), c.beside.in_language(EN)) for c in made] == [
        ("Ending within 90 days", "CN¥1.3M", "70 contracts"),
        ("Expected loss within a year", "CN¥600K", "of CN¥5.4M in 440 contracts that end"),
        ("Renewal rate, 12 months", "90.0%", "80.0% in the twelve months before"),
        ("Who renews: model", "0.62", "the rate by activity: 0.55"),
        ("Lost, to win back", "CN¥300K", "2 customers"),
    ]
    assert list(made[2].line)[-1] == pytest.approx(0.9)
    assert len({card.key for card in made}) == 5


def test_what_cannot_be_told_has_no_card():
    assert churn_cards.cards({"win_back": {"n": 0}}, stage()) == []
    first_year = churn_cards.cards({}, stage(renewals_by_month=MONTHS.tail(3)))
    assert [card.beside for card in first_year] == [None]
    (auc,) = churn_cards.cards({"auc": 0.6}, stage())
    assert auc.beside is None
