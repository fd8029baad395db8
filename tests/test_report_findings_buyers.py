"""Who still buys and whom to call: every branch of each sentence, and which customers stand in which list."""

import pandas as pd

from crmlab.purchases.buyers.outputs import CUSTOMERS
from crmlab.report.findings import buyers, gaps
from crmlab.report.language import Language
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
NOBODY = empty(CUSTOMERS)
HORIZON = {"horizon_days": 365}
ALIVE = (0.3, 0.7)


def customers(*rows, model=True):
    """Rows of (id, purchases, gap, since, lately, amount, p_alive, at_stake); without a model the last two are missing."""
    names = ["customer_id", "purchases", "gap", "since", "lately", "amount", "p_alive", "at_stake"]
    frame = pd.DataFrame(rows, columns=names).assign(last_at=pd.Timestamp("2026-05-18"))
    frame["frequency"] = frame["purchases"] - 1
    frame["customer_name"] = frame["customer_id"].map({"A": "North Bank", "B": "Hotel"})
    if model:
        words = pd.cut(frame["p_alive"], [0, *ALIVE, 1], labels=["gone", "quiet", "buying"]).astype(str)
        frame = frame.assign(state=words, expected=1.2, low=0, high=3, expected_amount=100_00)
    else:
        frame = frame.assign(state="cannot_tell", expected=1.0, p_alive=None, at_stake=None)
    return conform(frame.reindex(columns=[c.name for c in CUSTOMERS.columns]), CUSTOMERS)


FOUR = customers(
    ("A", 15, 35, 166, 3, 9_000_00, 0.62, 57_000_00),
    ("B", 44, 38, 189, 9, 8_000_00, 0.55, 50_000_00),
    ("C", 20, 17, 900, 0, 7_000_00, 0.001, 90_000_00),
    ("D", 9, 60, 20, 4, 6_000_00, 0.95, 4_000_00),
)
UNTOLD = customers(
    ("A", 15, 35, 166, 3, 9_000_00, None, None),
    ("B", 44, 38, 60, 9, 8_000_00, None, None),
    ("C", 20, 17, 900, 0, 7_000_00, None, None),
    ("D", 1, None, 20, 1, 6_000_00, None, None),
    model=False,
)


def en(message):
    return message.in_language(EN)


def test_to_call_are_the_quiet_by_what_is_at_stake_and_the_lost_are_a_list_of_their_own():
    assert buyers.to_call(FOUR)["name"].tolist() == ["North Bank", "Hotel"]
    assert buyers.to_win_back(FOUR)["name"].tolist() == ["C"], "a customer without a name is called by its id"
    assert len(buyers.everybody(FOUR)) == 4
    assert en(buyers.to_call(FOUR)["limits"].iloc[0]) == "0–3"


def test_without_a_model_the_overdue_of_the_last_horizon_are_to_call():
    assert buyers.to_call(UNTOLD)["name"].tolist() == ["North Bank"], "C left long ago, B is within its gaps"
    assert buyers.to_win_back(UNTOLD).empty
    assert "p_alive" in buyers.columns(FOUR)
    assert {"p_alive", "low", "at_stake"}.isdisjoint(buyers.columns(UNTOLD))


def test_attention_names_who_to_call_first():
    assert en(buyers.attention(HORIZON, FOUR)) == (
        "2 customers have gone quiet, and CN¥107K of their purchases within 365 days is at stake: call North Bank first, for "
        "CN¥57K of it."
    )
    assert en(buyers.attention(HORIZON, FOUR.head(1))).startswith(
        "One customer has gone quiet: North Bank. CN¥57K of purchases within 365 days is at stake"
    )
    assert en(buyers.attention(HORIZON, UNTOLD)) == (
        "1 repeat customers of the last 365 days have been silent for more than 2 of their usual gaps between purchases: call North "
        "Bank first, who spent CN¥9,000 to date."
    )
    assert buyers.attention(HORIZON, FOUR.tail(1)) is None
    assert buyers.attention(HORIZON, NOBODY) is None


def test_the_lost_are_counted_where_there_are_any():
    assert en(buyers.lost(FOUR)).startswith(
        "1 of 4 customers have probably been lost; they would buy for CN¥90K"
    )
    assert buyers.lost(FOUR.tail(1)) is None
    assert buyers.lost(UNTOLD) is None
    assert en(buyers.back_title(FOUR)) == (
        "Probably lost: 1 customers, who would buy for CN¥90K if they were won back"
    )


def test_the_list_to_call_says_what_is_at_stake():
    assert en(buyers.call_title(FOUR, HORIZON)) == (
        "At stake with 2 customers who have gone quiet: CN¥107K, CN¥107K of it with the first 2"
    )
    assert en(buyers.call_title(FOUR.tail(1), HORIZON)) == "No customer has gone quiet"
    assert en(buyers.call_title(UNTOLD, HORIZON)) == (
        "Overdue: 1 of 2 repeat customers of the last 365 days, silent for more than 2 of their usual gaps"
    )
    assert en(buyers.call_title(NOBODY, {})) == "No purchase of a customer is on record"
    assert "with a chance of 30% to 70%" in en(buyers.call_note(FOUR, HORIZON, ALIVE))
    assert "No model is used" in en(buyers.call_note(UNTOLD, HORIZON, ALIVE))


def test_states_add_up_and_are_named():
    rows = buyers.states(FOUR)
    assert [(en(name), n) for name, n in zip(rows["name"], rows["n"], strict=True)] == [
        ("still buying", 1),
        ("gone quiet", 2),
        ("probably lost", 1),
    ]
    assert rows["share"].sum() == 1
    assert buyers.states(NOBODY).empty
    assert en(buyers.states(UNTOLD)["name"].iloc[0]) == "cannot tell"


def test_how_many_still_are_customers():
    assert en(buyers.states_title({"alive": 2.121}, FOUR, {})) == (
        "Of 4 customers about 2 still are ones; 2 have gone quiet and 1 are probably lost"
    )
    assert buyers.states_title({"alive": 2.121}, FOUR, {}).in_language(ZH) == (
        "4位客户中约2位仍是客户；2位静默，1位可能已流失"
    )
    assert en(buyers.states_title({"alive": None}, UNTOLD, {})).endswith("cannot be told: no model is used")
    lacks = {"missing": [{"what": "more repeat buyers", "adds": gaps.CHANCES}]}
    assert en(buyers.states_title({}, UNTOLD, lacks)).endswith("Missing: more repeat buyers")
    assert en(buyers.states_title({}, NOBODY, {})) == "No purchase of a customer is on record"
    assert "below 30% probably lost" in en(buyers.states_note(FOUR, ALIVE))
    assert buyers.states_note(UNTOLD, ALIVE) is None
