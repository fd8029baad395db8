"""The stage as a whole, on tickets that a reader can see, and on all that can be wrong with them."""

import copy
import io
import json
from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest
from calls import CAUSES, PARTS, ask, cause_of, one, parts_used, table, tickets

from crmlab.faults.causes.incidents import number_incidents, split_by_time
from crmlab.faults.causes.pool import FaultPool
from crmlab.faults.causes.text import LONGEST
from crmlab.faults.failures.count import failures
from crmlab.faults.outputs import OUTPUTS
from crmlab.files import CrmlabError
from crmlab.tables import TICKET_CAUSES, TICKETS, conform, empty


@pytest.fixture(scope="module")
def found():
    return ask(*tickets(), parts=PARTS)


MUTE = tickets(symptom="坏了", cause_predicted=[cause_of(i) for i in range(95)])
"""Callers say nothing, so the model can only guess; remote support knows."""


@pytest.fixture(scope="module")
def mute():
    return ask(*MUTE)


def test_every_table_keeps_its_contract(found):
    for name, contract in OUTPUTS.items():
        frame = found.tables[name]
        assert list(frame.columns) == [c.name for c in contract.kept]
        assert not frame.duplicated(list(contract.key)).any()


def test_the_tables_of_a_forecast_are_filled(found):
    filled = {name for name, frame in found.tables.items() if len(frame)}
    assert filled >= {
        *("shares", "family_shares", "predictions", "calibration", "causes", "symptoms"),
        *("needs", "check_minutes", "scorecard", "drift"),
    }


def test_plain_wordings_are_recognised_and_remote_support_is_scored_beside(found):
    m = found.metrics
    assert (m["n_labelled"], m["n_train"], m["n_test"], m["n_open"]) == (90, 72, 18, 5)
    assert m["accuracy"] == m["by_symptom_accuracy"] == m["top3"] == 1.0
    assert m["majority_accuracy"] == m["remote_support_accuracy"] == pytest.approx(1 / 3)
    assert m["gain_over_remote_support"] == pytest.approx(2 / 3)
    assert m["log_loss"] < m["majority_log_loss"] == pytest.approx(1.0986, abs=1e-3)
    assert found.summary.startswith("90 tickets with a cause, 5 open; ")


def test_the_symptom_on_which_remote_support_is_ahead(found, mute):
    ahead = mute.metrics["remote_support_ahead_on"]
    assert (ahead["symptom"], ahead["n"], ahead["remote_support"]) == ("other wording", 18, 1.0)
    assert found.metrics["remote_support_ahead_on"] is None


def test_open_tickets_get_three_guesses_in_order(found):
    guesses = found.tables["predictions"]
    assert guesses["ticket_id"].tolist() == ["T090", "T091", "T092", "T093", "T094"]
    assert guesses["cause_1"].tolist() == [cause_of(i) for i in range(5)]
    assert (guesses["p_1"] >= guesses["p_2"]).all()
    assert (guesses["p_2"] >= guesses["p_3"]).all()
    assert (guesses["p_1"] + guesses["p_2"] + guesses["p_3"]).tolist() == pytest.approx([1.0] * 5)
    assert guesses["abstain"].isna().all()


def test_an_open_ticket_says_what_to_carry_and_what_to_check_first(found):
    disk = found.tables["predictions"].iloc[0]
    assert "HDD" in disk["parts"]
    assert disk["first_time_fix"] >= disk["p_1"] - 1e-9
    assert disk["check_order"].split("、")[0] == "硬盘物理损坏"
    # every check takes 30 minutes: one for the first, two for the second, three for the third
    assert disk["minutes"] == pytest.approx(30 * (disk["p_1"] + 2 * disk["p_2"] + 3 * disk["p_3"]))
    assert "disk" in disk["reasons"]
    assert list(json.loads(disk["probabilities"])) == [disk["cause_1"], disk["cause_2"], disk["cause_3"]]
    assert disk["cause_1"] in disk["causes_90"].split("、")


def test_the_symptoms_of_open_tickets_do_not_enter_the_shares(found):
    shares = found.tables["shares"].set_index("symptom")
    assert shares.loc["disk light", "n"] == 30


@pytest.mark.slow
def test_calls_of_a_kind_that_never_has_a_cause_get_no_forecast():
    calls, causes = tickets(service_kind=["维修"] * 92 + ["咨询"] * 3)
    assert ask(calls, causes).metrics["n_open"] == 2


@pytest.mark.slow
def test_the_first_of_several_guesses_of_remote_support_counts():
    calls, causes = tickets(cause_predicted="内存损坏、主板故障")
    assert ask(calls, causes).metrics["remote_support_accuracy"] == pytest.approx(1 / 3)


def test_what_remote_support_says_is_used_only_at_dispatch(mute):
    assert mute.metrics["accuracy"] < 0.7
    assert ask(*MUTE, at="dispatch").metrics["accuracy"] == 1.0


def test_few_recorded_causes_give_shares_only_and_say_so():
    found = ask(*tickets(), min_labelled=200)
    assert found.desk is None
    assert len(found.tables["shares"]) == 3
    assert found.tables["predictions"].empty
    assert ("more tickets with a cause", "a forecast of the cause of every open ticket") in found.lacks
    assert "accuracy" not in found.metrics
    assert found.summary == "90 tickets with a cause, no model"
    assert not found.is_empty


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"symptom": None}, marks=pytest.mark.slow),
        {"machine_family": None, "machine_model": None, "symptom": None},
        {"reported_at": pd.Timestamp("2026-01-01")},
        pytest.param({"closed_at": None, "is_open": None, "cause_predicted": None}, marks=pytest.mark.slow),
    ],
    ids=["no text", "nothing but dates", "all on one day", "no closing times"],
)
def test_missing_columns_narrow_but_do_not_stop(changes):
    found = ask(*tickets(**changes))
    assert len(found.tables["shares"])
    assert found.lacks


def test_no_tickets_at_all_is_an_empty_stage():
    found = ask(empty(TICKETS), empty(TICKET_CAUSES))
    assert found.is_empty
    assert all(frame.empty for frame in found.tables.values())


@pytest.mark.slow
def test_two_runs_agree(found):
    again = ask(*tickets(), parts=PARTS)
    for name in OUTPUTS:
        pd.testing.assert_frame_equal(found.tables[name], again.tables[name])
    assert again.metrics == found.metrics


def test_a_stored_desk_answers_alike_and_holds_no_ticket(found):
    stored = io.BytesIO()
    joblib.dump(found.desk, stored)
    assert b"T001" not in stored.getvalue(), "the number of a ticket"
    again = joblib.load(io.BytesIO(stored.getvalue()))
    pd.testing.assert_frame_equal(again.answer(one("DIMM报错")), found.desk.answer(one("DIMM报错")))
    twice = io.BytesIO()
    joblib.dump(again, twice)
    assert joblib.hash(again.answer(one("开机"))) == joblib.hash(
        joblib.load(io.BytesIO(twice.getvalue())).answer(one("开机"))
    )


# what callers say


@pytest.mark.parametrize(
    ("symptom", "abstain"),
    [
        (None, "no_text"),
        ("", "no_text"),
        (" 　\n\t", "no_text"),
        ("🔥🔥🔥", "unknown_words"),
        ("القرص الصلب معطل", "unknown_words"),
        ("диск не работает", "unknown_words"),
        ("ดิสก์เสีย", "unknown_words"),
        ("\x00\ufeff\u200b", "unknown_words"),
        ("q" * 10_000, "unknown_words"),
        ("硬盘黄灯亮" * 2_000, None),
        ("<script>alert(1)</script>'; drop table tickets; --", "unknown_words"),
    ],
    ids=[
        *("missing", "empty", "blank", "emoji", "Arabic", "Russian", "Thai", "controls", "one long word"),
        *("10,000 characters", "code"),
    ],
)
def test_whatever_is_said_there_is_an_answer_and_a_warning_where_it_rests_on_nothing(found, symptom, abstain):
    said = found.desk.answer(one(symptom)).iloc[0]
    chances = json.loads(said["probabilities"])
    assert sum(chances.values()) == pytest.approx(1, abs=1e-3)
    assert (None if pd.isna(said["abstain"]) else said["abstain"]) == abstain
    assert said["parts"] == "" or set(said["parts"].split("、")) <= {"HDD", "DIMM", "MB"}


def test_what_comes_after_the_readable_part_of_a_text_changes_nothing(found):
    said = found.desk.answer(one("开机无显 " + "x " * LONGEST))
    longer = found.desk.answer(one("开机无显 " + "x " * 5_000 + "硬盘黄灯亮"))
    assert said["p_1"].tolist() == longer["p_1"].tolist()


@pytest.mark.slow
def test_tickets_with_such_texts_are_learnt_from_as_well():
    odd = [None, "", "🔥", "القرص الصلب معطل", "q" * 10_000] * 19
    found = ask(*tickets(symptom=odd))
    assert found.metrics["n_test"] > 0
    assert 0 <= found.metrics["accuracy"] <= 1


def test_an_unseen_model_and_family_get_the_causes_of_the_symptom(found):
    seen, unseen = (
        found.desk.answer(one("DIMM报错", machine_model=model, machine_family=model and model[:4])).iloc[0]
        for model in ("7979Q7C", "0000XXX")
    )
    none = found.desk.answer(one("DIMM报错", machine_model=None, machine_family=None)).iloc[0]
    assert seen["cause_1"] == unseen["cause_1"] == none["cause_1"] == "内存损坏"
    assert pd.isna(unseen["abstain"])


def test_no_call_no_answer(found):
    assert found.desk.answer(one("x").head(0)).empty


# what engineers record


@pytest.mark.slow
def test_a_cause_met_once_is_kept_and_stays_improbable():
    calls, causes = tickets()
    causes.loc[40, "cause"] = "背板故障"
    found = ask(calls, causes)
    chances = json.loads(found.desk.answer(one("DIMM报错"))["probabilities"].iloc[0])
    assert len(chances) == 4
    assert chances["背板故障"] < 0.1


@pytest.mark.slow
def test_a_cause_met_only_in_the_test_counts_as_missed():
    calls, causes = tickets()
    causes.loc[89, "cause"] = "背板故障"
    found = ask(calls, causes)
    assert found.metrics["accuracy"] == pytest.approx(17 / 18)
    assert found.metrics["n_causes"] == 3
    assert "背板故障" in found.desk.model.classes_, "the model for the open tickets knows it"


def test_one_cause_only_gives_no_model():
    calls, causes = tickets()
    causes["cause"] = "硬盘物理损坏"
    found = ask(calls, causes)
    assert found.desk is None
    assert found.tables["shares"]["share"].tolist() == [1.0, 1.0, 1.0]


def test_one_cause_only_in_the_part_learnt_from_gives_no_model():
    calls, causes = tickets()
    causes.loc[:75, "cause"] = "硬盘物理损坏"
    assert ask(calls, causes).desk is None


@pytest.mark.slow
def test_two_causes_leave_the_third_guess_open():
    calls, causes = tickets()
    causes["cause"] = causes["cause"].replace("主板故障", "内存损坏")
    guesses = ask(calls, causes).tables["predictions"]
    assert guesses["cause_3"].isna().all()
    assert guesses["p_3"].isna().all()
    assert (guesses["p_1"] + guesses["p_2"]).tolist() == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("labels", ["none", "missing"])
def test_all_labels_missing_is_an_empty_stage(labels):
    calls, causes = tickets()
    causes = causes.head(0) if labels == "none" else causes.assign(cause=None).astype({"cause": "string"})
    found = ask(calls, causes)
    assert found.is_empty
    assert found.tables["shares"].empty
    assert ("tickets.cause_actual", "a forecast of the cause of every open ticket") in found.lacks


@pytest.mark.slow
def test_labels_that_look_alike_are_one_cause_and_their_number_is_told(found):
    calls, causes = tickets()
    causes["cause"] = causes["cause"].replace("主板故障", "RAID卡故障")
    board = causes.index[causes["cause"] == "RAID卡故障"]
    causes.loc[board[:4], "cause"] = ["ＲＡＩＤ卡故障", "raid卡故障", "Raid 卡故障", "RAID卡故障\u3000"]
    merged = ask(calls, causes)
    assert (found.metrics["merged_spellings"], merged.metrics["merged_spellings"]) == (0, 4)
    assert set(merged.desk.model.classes_) == {"硬盘物理损坏", "内存损坏", "RAID卡故障"}
    assert merged.tables["shares"][["hits", "n"]].equals(found.tables["shares"][["hits", "n"]])


# a storm of duplicates


def storm(n=200):
    """The usual tickets, and in their middle one fault that `n` sites of one customer report within two days."""
    calls, causes = tickets(customer_id="C1")
    sites = pd.DataFrame({c.name: None for c in TICKETS.kept}, index=range(n)).assign(
        ticket_id=[f"S{i:03}" for i in range(n)],
        reported_at=pd.date_range("2025-12-19", periods=n, freq="14min"),
        symptom="全网终端无法登录",
        machine_family="8840",
        machine_model="8840ABC",
        customer_id="C2",
        is_open=False,
    )
    sites["closed_at"] = sites["reported_at"] + pd.Timedelta(days=1)
    recorded = pd.DataFrame({"ticket_id": sites["ticket_id"], "cause_no": 1, "cause": "微码问题"})
    everything = pd.concat([calls.astype(object), sites.astype(object)], ignore_index=True)
    return conform(everything, TICKETS), conform(
        pd.concat([causes, recorded], ignore_index=True), TICKET_CAUSES
    )


def test_a_storm_is_one_incident_on_one_side_of_the_split():
    calls, _ = storm()
    calls = calls.sort_values(["reported_at", "ticket_id"], ignore_index=True)
    incidents = number_incidents(calls, 3)
    one_fault = calls["machine_family"].eq("8840")
    assert incidents[one_fault].nunique() == 1
    for share in (0.1, 0.2, 0.3, 0.5, 0.68, 0.8):
        split = split_by_time(calls, incidents, share)
        sides = {
            (bool(t), bool(u)) for t, u in zip(split.train[one_fault], split.test[one_fault], strict=True)
        }
        assert len(sides) == 1, f"torn at {share}"


@pytest.mark.slow
def test_a_storm_is_not_torn_across_folds():
    calls, causes = storm()
    calls = calls[calls["closed_at"].notna()].sort_values(["reported_at", "ticket_id"], ignore_index=True)
    cause = calls["ticket_id"].map(causes.set_index("ticket_id")["cause"])
    pool = FaultPool(experts=("prior", "both")).fit(calls, cause, number_incidents(calls, 3))
    given = pool.cross_validated_[calls["machine_family"].eq("8840")]
    firmware = pool.classes_.tolist().index("微码问题")
    assert np.nanmax(given[:, firmware]) < 0.5, "no fold had learnt the answer from another site"


def test_a_storm_counts_once_as_a_failure():
    calls, causes = storm()
    failed = failures(calls, causes[["ticket_id", "cause"]].astype(object), 3)
    assert failed["cause"].value_counts().to_dict() == dict.fromkeys(CAUSES, 30) | {"微码问题": 1}


@pytest.mark.slow
def test_a_storm_is_judged_whole_and_raises_no_alarm():
    found = ask(*storm())
    assert found.metrics["n_test"] > 200
    assert found.metrics["n_train"] <= 90
    assert found.tables["emerging"].empty
    known = found.desk.answer(one("全网终端无法登录", machine_model="8840ABC", machine_family="8840"))
    assert known["cause_1"].tolist() == ["微码问题"], "what came of it is learnt"


# parts


@pytest.mark.slow
def test_no_part_may_travel():
    found = ask(*tickets(), {"ticket_parts": parts_used()}, max_parts=0)
    guesses = found.tables["predictions"]
    assert guesses["parts"].tolist() == [""] * 5
    assert guesses["first_time_fix"].tolist() == pytest.approx([0] * 5, abs=0.05)
    assert guesses["one_more"].tolist() == pytest.approx(guesses["p_1"].tolist(), abs=0.05)


def test_a_part_without_a_price_stops_a_kit_by_cost_and_is_named(found):
    plan = copy.copy(found.desk.plan)
    plan.optimizer = copy.copy(plan.optimizer)
    plan.optimizer.objective, plan.optimizer.part_costs = "cost", {"HDD": 100, "DIMM": 100}
    with pytest.raises(CrmlabError, match=r"no unit_cost for MB; add it to parts.csv"):
        replace(found.desk, plan=plan).answer(one("DIMM报错"))


@pytest.mark.slow
def test_the_stage_stops_there_too():
    prices = table("parts", {"part_no": ["HDD", "DIMM"], "unit_cost": 100})
    with pytest.raises(CrmlabError, match=r"no unit_cost for MB; add it to parts.csv"):
        ask(*tickets(), {"ticket_parts": parts_used(), "parts": prices}, objective="cost")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"at": "visit"}, "faults.at: 'visit' is unknown"),
        ({"parts": {"硬盘物理损坏": ["HDD"]}}, "faults.parts: no line for 主板故障, 内存损坏"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(settings, said):
    parts = {} if "parts" in settings else {"ticket_parts": parts_used()}
    with pytest.raises(CrmlabError, match=said):
        ask(*tickets(), parts, **settings)


@pytest.mark.slow
def test_where_nothing_tells_the_causes_apart_their_shares_are_the_answer():
    calls, causes = tickets(symptom="坏了")
    causes["cause"] = np.where(causes.index % 5 == 0, "主板故障", "内存损坏")
    said = ask(calls, causes).tables["predictions"]
    assert said["p_1"].tolist() == pytest.approx([0.8] * 5, abs=0.05)


def test_without_parts_it_says_what_would_tell_them(mute):
    assert mute.tables["predictions"]["parts"].isna().all()
    assert ("ticket_parts.qty_used", "which parts should travel") in mute.lacks
