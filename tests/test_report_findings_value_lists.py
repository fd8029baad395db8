"""Each branch over the lists of customers, and over the review of one for the company alone."""

import pytest
from worth import LOSERS, METRICS, ZH, customer, said, table

from crmlab.report.findings import review_value, value_lists, value_losses
from crmlab.report.findings.value_reasons import REASONS, reason
from crmlab.report.findings.value_words import in_words

WORTHY = table(
    "customers",
    customer("a", 900_00, customer_name="North Bank", p_retained=0.5, at_stake=450_00, is_new=True),
    customer("b", 500_00, p_retained=0.6, at_stake=999_00, standing="left"),
    customer("c", 400_00, p_retained=0.95, at_stake=300_00, estimated_share=0.4),
    customer("d", 10_00, p_retained=0.1, at_stake=9_00),
    customer("e", -50_00, p_retained=0.1, at_stake=-45_00),
)


def test_the_first_are_worth_most():
    assert list(value_lists.worth_most(WORTHY)["customer_id"]) == ["a", "b", "c", "d", "e"]
    assert said(value_lists.worth_most_title(WORTHY)) == (
        "The first 4 are worth CN¥1,810 to come, 100% of what all 4 with a gain are"
    )
    assert said(value_lists.worth_most_title(WORTHY.tail(1))) == (
        "No customer is expected to bring more than it costs"
    )


def test_it_is_said_what_a_value_rests_on():
    rows = in_words(WORTHY).set_index("customer_id")["rests_on"]
    assert said(rows["a"]) == "known for less than a year: rests on customers like it"
    assert said(rows["c"]) == "revenue-based: 40% of its turnover"
    assert rows["b"] is None
    both = in_words(WORTHY.head(1).assign(estimated_share=1.0))["rests_on"][0]
    assert said(both, ZH) == "认识不足一年：依据相似的客户估算、按收入估算：占其营业额 100%"
    strange = in_words(WORTHY.assign(known=False))["rests_on"]
    assert said(strange[1]) == "not on the customer file: check the name"
    assert said(strange[0]).startswith("not on the customer file: check the name, known for less")


def test_who_may_leave_with_much_at_stake():
    rows = value_lists.may_leave(WORTHY, 0.7)
    assert list(rows["customer_id"]) == ["a"], "b has left, c stays, of d little is at stake, of e nothing"
    assert list(rows["at_stake"]) == [450_00], "as the stage has it: the chance to leave is in it"
    assert said(value_lists.may_leave_title(WORTHY, 0.7)) == (
        "North Bank stays a year with less than 70%, CN¥450 at stake: call there first"
    )
    both = WORTHY.assign(at_stake=[450_00, 500_00, 800_00, 9_00, 0], standing="contract")
    assert list(value_lists.may_leave(both, 0.96)["customer_id"]) == ["c", "b"], "the most at stake first"
    assert said(value_lists.may_leave_title(both, 0.96)) == (
        "2 customers stay a year with less than 96%, CN¥1,300 at stake together: call c first"
    )
    assert said(value_lists.may_leave_title(WORTHY, 0.4)) == (
        "Where much is at stake, customers stay a year with at least 40%"
    )
    unknown = WORTHY.assign(p_retained=WORTHY["p_retained"].mask(WORTHY["p_retained"] > 0))
    assert "cannot be told" in said(value_lists.may_leave_title(unknown, 0.7))
    unstaked = WORTHY.assign(at_stake=WORTHY["at_stake"].mask(WORTHY["at_stake"] < 1e9))
    assert "cannot be told" in said(value_lists.may_leave_title(unstaked, 0.7))
    assert value_lists.may_leave(unstaked, 0.7).empty


def test_the_largest_loss_is_first_with_its_reason():
    rows = value_losses.losing(LOSERS)
    assert list(rows["customer_id"]) == ["a", "b", "c"]
    assert said(list(rows["sure"])) == ["surely", "surely", "probably"]
    assert said(list(rows["why"])) == [
        "pays 50% of the mean contract price a machine at its service level: at the price of customers like it CN¥420 more",
        "pays 60% of the mean contract price a machine at its service level",
        "2.2 times as many tickets a machine as the mean",
    ]
    assert said(value_losses.title(METRICS, LOSERS)) == (
        "3 customers will cost more than they bring, 2 of them surely; the first 3 make 100% of the loss"
    )


def test_a_name_that_no_file_has_gets_no_reason_and_nothing_to_do():
    strange = LOSERS.assign(known=LOSERS["customer_id"] != "a")
    rows = value_losses.losing(strange).set_index("customer_id")
    assert rows.loc["a", "why"] is None
    assert rows.loc["a", "do"] is None
    assert said(rows.loc["b", "do"]) == "raise the price with the next contract"
    assert said(value_losses.title(METRICS, strange)) == (
        "2 customers will cost more than they bring, 1 of them surely; the first 2 make 100% of the loss; not counted: one customer not "
        "on file"
    )
    assert said(value_losses.title(METRICS, LOSERS.assign(known=False))) == (
        "Only names that are not on the customer file cost more than they bring: 3"
    )


def test_without_losses_it_is_said_whether_that_can_be_known():
    rich = LOSERS.tail(1)
    assert said(value_losses.title(METRICS, rich)) == "No customer is expected to cost more than it brings"
    assert said(value_losses.title({}, rich)).endswith("no cost to serve is known")
    assert value_losses.attention({"n_negative": 0}, rich) is None
    assert value_losses.attention({}, rich) is None


@pytest.mark.parametrize("name", REASONS)
def test_each_reason_is_told_with_its_ratio_and_without(name):
    told, bare = said(reason(name, 0.3)), said(reason(name, None))
    if name == "no_contract":
        assert told == bare == "machines without a contract"
    else:
        assert told != bare
        assert any(figure in told for figure in ("30%", "0.3"))
    assert said(reason(name, 1.01)) == bare, "a ratio of one tells nothing"
    assert reason(None, 2.0) is None
    assert said(reason("many_tickets", 12.4)).startswith("12 times")
    money = said(reason(name, 0.3, 4_200_00)).removeprefix(told)
    if name == "no_income":
        assert money == "", "its amount is the loss itself"
    else:
        assert money.endswith("CN¥4,200 more")
    assert said(reason(name, 0.3, 0)) == told


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(5_00, 9_00, "and brought CN¥7"), (-9_00, -5_00, "and lost CN¥7"), (-9_00, 9_00, "cannot be told")],
)
def test_the_list_says_whether_stated_losses_came_true(low, high, words):
    backtest = table(
        "backtest",
        {"years": 1, "decile": 1, "n": 9, "stated": -20_00, "actual": (low + high) // 2, "actual_low": low, "actual_high": high},
    )  # fmt: skip
    note = said(value_losses.note(backtest))
    assert words in note
    assert said(value_losses.note(backtest.assign(stated=1))) == said(value_losses.LOSSES)


ONE = table(
    "customers",
    customer("a", -200_00, historical=-80_00, margin=20_00, service_cost=100_00, earned=20_00, visit_cost=100_00, current=50_00,
             ticket_cost=250_00, potential=0, cost_to_come=250_00, cost_low=100_00, cost_high=400_00, reason="dear_tickets",
             reason_ratio=3.0, is_new=True),
    customer("b", 500_00, historical=10_00, margin=10_00, service_cost=0),
)  # fmt: skip


@pytest.fixture
def path(tmp_path):
    ONE.to_parquet(tmp_path / "customers.parquet")
    return tmp_path / "customers.parquet"


def test_a_review_that_goes_to_the_customer_reads_nothing_of_value(tmp_path):
    row = review_value.of_customer(tmp_path / "there is no such file", "a", inside=False)
    assert row.empty
    assert review_value.to_date(row).empty
    assert review_value.ahead(row).empty
    assert review_value.note(row) is None
    assert "alone" not in said(review_value.lead(inside=False))


def test_a_review_for_the_company_says_what_the_customer_brought_and_is_worth(path):
    row = review_value.of_customer(path, "a", inside=True)
    assert said(review_value.to_date_title(row, METRICS)) == (
        "Lost to date: -CN¥80, from a margin of CN¥20 and CN¥100 for serving"
    )
    assert review_value.to_date(row)["amount"].sum() == -80_00
    assert said(review_value.ahead_title(row, METRICS)) == (
        "Costs more than it brings over 36 months: -CN¥200, 90 % limits -CN¥300 to -CN¥100 (a ticket costs 3.0 times the mean)"
    )
    assert review_value.ahead(row)["amount"].sum() == -200_00
    sums = review_value.sums(row)
    assert list(sums["low"])[2:] == [-400_00, -300_00]
    assert (sums["low"].dropna() <= sums["high"].dropna()).all()
    assert said(review_value.note(row)).endswith(
        "It is known for less than a year: rests on customers like it."
    )
    assert "alone" in said(review_value.lead(inside=True))


def test_a_customer_with_a_gain_or_without_a_record(path):
    good = review_value.of_customer(path, "b", inside=True)
    assert said(review_value.to_date_title(good, METRICS)).startswith("Earned to date: CN¥10")
    assert said(review_value.ahead_title(good, METRICS)) == (
        "Worth CN¥500 over 36 months, 90 % limits CN¥400 to CN¥600"
    )
    dull = good.assign(to_come=-1_00)
    assert said(review_value.ahead_title(dull, METRICS)).endswith("to CN¥600")
    nobody = review_value.of_customer(path, "z", inside=True)
    assert said(review_value.to_date_title(nobody, METRICS)).startswith("Nothing is on record")
    assert said(review_value.ahead_title(nobody, METRICS)) == "What this customer is worth cannot be told"
