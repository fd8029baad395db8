"""Whom to call, whom to win back, who buys without a contract, and what ends in which month."""

from renewals import METRICS, ZH, contract, said, table

from crmlab.report.findings import churn_expiry, churn_lists

CONTRACTS = table(
    "contracts",
    contract("a", 10, 100_00, p=0.9),
    contract(
        "b",
        80,
        900_00,
        p=0.82,
        low=0.74,
        high=0.88,
        reason="days_late",
        reason_value=14,
        customer_name="宁波旅馆",
    ),
    contract("c", 364, 5000_00),
    contract("d", 365, 9000_00),
)


def test_the_list_begins_with_the_largest_loss_and_says_why():
    rows = churn_lists.ending(CONTRACTS)
    assert list(rows["contract_id"]) == ["c", "b", "a"]
    assert list(rows["name"]) == ["C-c", "宁波旅馆", "C-a"]
    assert said(rows["chance"][1]) == "82% (74%–88%)"
    assert said(rows["chance"][1], ZH) == "82%（74%–88%）"
    assert rows["chance"][2].plain == "0.90"
    assert said(rows["why"][1]) == "payments 14 days late on average"
    assert rows["why"][0] is None


def test_without_chances_the_dearest_stands_first():
    plain = CONTRACTS.assign(
        expected_loss=float("nan"), p_renew=float("nan"), amount=[1_00, 7_00, 3_00, 9_00]
    )
    rows = churn_lists.ending(plain)
    assert list(rows["contract_id"]) == ["b", "c", "a"]
    assert list(rows["chance"]) == [None, None, None]


def test_the_title_says_how_few_hold_half_of_the_loss():
    assert said(churn_lists.ending_title(CONTRACTS)) == (
        "Half of the CN¥6,000 that may be lost within a year is in 1 of 3 contracts"
    )
    assert said(churn_lists.ending_title(CONTRACTS.assign(expected_loss=float("nan")))) == (
        "3 contracts worth CN¥300K end within a year; what may be lost cannot be told"
    )
    assert said(churn_lists.ending_title(CONTRACTS.tail(1))) == "No open contract ends within a year"


def test_the_overview_names_the_losses_of_the_next_weeks():
    assert list(churn_lists.to_call(CONTRACTS)["contract_id"]) == ["b", "a"]
    assert said(churn_lists.to_call_title(CONTRACTS)) == (
        "CN¥1,000 may be lost within 90 days, CN¥1,000 of it in the first 2 of 2 contracts"
    )
    assert said(churn_lists.to_call_title(CONTRACTS.assign(expected_loss=float("nan")))) == (
        "2 contracts worth CN¥200K end within 90 days; what may be lost cannot be told"
    )
    assert said(churn_lists.to_call_title(CONTRACTS.tail(1))) == "No contract ends within 90 days"
    assert churn_lists.to_call(table("contracts")).empty


def test_the_dearest_of_the_lost_stand_first():
    lost = table(
        "win_back",
        {"customer_id": "C1", "yearly_amount": 10_00},
        {"customer_id": "C2", "yearly_amount": 30_00, "reason": "overdue", "reason_value": 1},
    )
    rows = churn_lists.to_win_back(lost)
    assert list(rows["name"]) == ["C2", "C1"]
    assert said(rows["why"][0]) == "one payment overdue"
    assert said(churn_lists.win_back_title(lost, METRICS)) == (
        "2 customers lost within 24 months paid CN¥40 a year, the first 2 of them CN¥40"
    )
    assert said(churn_lists.win_back_title(lost.head(0), METRICS)) == (
        "No customer without a contract now was lost within 24 months"
    )


UNCONTRACTED = table(
    "uncontracted",
    {"customer_id": "C1", "state": "gone", "former": True, "amount": 900_00, "expected_amount": 1_00},
    {"customer_id": "C2", "state": "buying", "former": False, "amount": 100_00, "expected_amount": 80_00},
    {"customer_id": "C3", "state": "quiet", "former": False, "amount": 500_00, "expected_amount": 20_00},
)


def test_who_buys_without_a_contract_is_told_apart_from_renewals():
    rows = churn_lists.without_contract(UNCONTRACTED)
    assert list(rows["customer_id"]) == ["C2", "C3", "C1"]
    assert said(list(rows["state_said"])) == ["still buying", "gone quiet", "probably lost"]
    assert [former and said(former) for former in rows["former_said"]] == [None, None, "had a contract"]
    assert said(churn_lists.without_contract_title(UNCONTRACTED)) == (
        "Of 3 customers without a contract 1 still buy, 1 have gone quiet and 1 are probably lost"
    )
    assert "It is no chance of a renewal" in said(churn_lists.WITHOUT_CONTRACT)
    assert "rather too high than too low" in said(churn_lists.WITHOUT_CONTRACT)


def test_who_still_buys_without_a_model_cannot_be_told():
    untold = UNCONTRACTED.assign(state="cannot_tell", expected_amount=float("nan"))
    assert said(churn_lists.without_contract_title(untold)) == (
        "Who of 3 customers without a contract still buys cannot be told"
    )
    assert list(churn_lists.without_contract(untold)["customer_id"]) == ["C1", "C3", "C2"]
    assert said(churn_lists.without_contract_title(UNCONTRACTED.head(0))) == (
        "No customer buys without a contract in force"
    )


def month(name, contracts, amount, loss):
    kept = None if loss is None else amount - loss
    return {
        "month": name,
        "contracts": contracts,
        "amount": amount,
        "expected_loss": loss,
        "expected_renewed": kept,
    }


EXPIRY = table(
    "expiry", month("2026-11", 2, 100_00, 10_00), month("2026-12", 0, 0, 0), month("2027-01", 1, 80_00, 30_00)
)


def test_the_month_in_which_most_may_be_lost_is_the_finding():
    assert (
        said(churn_expiry.title(EXPIRY))
        == "Most may be lost in January 2027: CN¥30 of CN¥80, in 1 of 3 contracts that end within a year"
    )
    assert said(churn_expiry.title(EXPIRY.assign(expected_loss=0))) == (
        "Most ends in November 2026: CN¥100, in 2 of 3 contracts that end within a year; nothing is expected to be lost"
    )
    assert said(churn_expiry.title(EXPIRY.assign(expected_loss=float("nan")))) == (
        "Most ends in November 2026: CN¥100, in 2 of 3 contracts that end within a year; how much may be lost cannot be told"
    )
    assert said(churn_expiry.title(EXPIRY.iloc[1:2])) == "No open contract ends within a year"
    assert said(churn_expiry.title(table("expiry"))) == "No open contract ends within a year"


def test_columns_are_what_may_be_lost_and_what_is_renewed_and_what_cannot_be_told():
    def drawn(expiry):
        rows = churn_expiry.parts(expiry)
        return rows.pivot_table("amount", "month", "part", sort=False).to_dict("list")

    assert drawn(EXPIRY) == {"probably lost": [10_00, 0, 30_00], "probably renewed": [90_00, 0, 50_00]}
    partly = table("expiry", month("2026-11", 2, 100_00, 10_00), month("2026-12", 1, 50_00, None))
    assert drawn(partly) == {
        "probably lost": [10_00, 0],
        "probably renewed": [90_00, 0],
        "cannot tell": [0, 50_00],
    }
    assert churn_expiry.parts(EXPIRY.iloc[1:2]).empty
    assert churn_expiry.parts(table("expiry")).empty
