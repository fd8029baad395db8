import pandas as pd
import pytest

from crmlab.faults.diagnosis import diagnose
from crmlab.faults.outputs import OUTPUTS
from crmlab.tables import TICKET_CAUSES, TICKETS, conform, empty

SETTINGS = {"until": "2026-01", "at": "call", "incident_days": 3, "test_share": 0.2, "min_labelled": 40}
SAID = {"硬盘物理损坏": "硬盘黄灯亮", "内存损坏": "DIMM报错", "主板故障": "开机无显"}


def desk(n=90, n_open=5, **columns):
    """A desk with `n` closed tickets, one every four days, and `n_open` open ones after them."""
    total = n + n_open
    causes = [list(SAID)[i % 3] for i in range(total)]
    frame = pd.DataFrame({c.name: None for c in TICKETS.kept}, index=range(total))
    frame["ticket_id"] = [f"T{i:03}" for i in range(total)]
    frame["reported_at"] = pd.date_range("2025-01-01", periods=total, freq="4D")
    frame["closed_at"] = (frame["reported_at"] + pd.Timedelta(days=1)).where(frame.index < n)
    frame["is_open"] = frame.index >= n
    frame["symptom"] = [SAID[cause] for cause in causes]
    frame["machine_family"] = "7979"
    frame["cause_predicted"] = "内存损坏"
    frame = frame.assign(**columns)
    recorded = pd.DataFrame({"ticket_id": frame["ticket_id"][:n], "cause_no": 1, "cause": causes[:n]})
    return conform(frame, TICKETS), conform(recorded, TICKET_CAUSES)


@pytest.fixture(scope="module")
def found():
    return diagnose(*desk(), **SETTINGS)


def test_every_table_keeps_its_contract(found):
    for name, table in OUTPUTS.items():
        frame = found.tables[name]
        assert list(frame.columns) == [c.name for c in table.kept]
        assert len(frame)
        assert not frame.duplicated(list(table.key)).any()


def test_plain_wordings_are_recognised_and_remote_support_is_scored_beside(found):
    m = found.metrics
    assert (m["n_labelled"], m["n_train"], m["n_test"], m["n_open"]) == (90, 72, 18, 5)
    assert m["accuracy"] == m["by_symptom_accuracy"] == m["top3"] == 1.0
    assert m["majority_accuracy"] == m["remote_support_accuracy"] == pytest.approx(1 / 3)
    assert m["gain_over_remote_support"] == pytest.approx(2 / 3)
    assert m["log_loss"] < m["majority_log_loss"] == pytest.approx(1.0986, abs=1e-3)


def test_the_symptom_on_which_remote_support_is_ahead():
    # the wording says nothing, so the model can only guess; remote support knows
    tickets, causes = desk(symptom="坏了", cause_predicted=[list(SAID)[i % 3] for i in range(95)])
    ahead = diagnose(tickets, causes, **SETTINGS).metrics["remote_support_ahead_on"]
    assert (ahead["symptom"], ahead["n"], ahead["remote_support"]) == ("other wording", 18, 1.0)
    assert diagnose(*desk(), **SETTINGS).metrics["remote_support_ahead_on"] is None


def test_open_tickets_get_three_guesses_in_order(found):
    guesses = found.tables["predictions"]
    assert guesses["ticket_id"].tolist() == ["T090", "T091", "T092", "T093", "T094"]
    assert guesses["cause_1"].tolist() == [list(SAID)[i % 3] for i in range(5)]
    assert (guesses["p_1"] >= guesses["p_2"]).all()
    assert (guesses["p_2"] >= guesses["p_3"]).all()
    assert (guesses["p_1"] + guesses["p_2"] + guesses["p_3"]).tolist() == pytest.approx([1.0] * 5)


def test_the_symptoms_of_open_tickets_do_not_enter_the_shares(found):
    shares = found.tables["shares"].set_index("symptom")
    assert shares.loc["disk light", "n"] == 30


def test_calls_of_a_kind_that_never_has_a_cause_get_no_forecast():
    tickets, causes = desk(service_kind=["维修"] * 92 + ["咨询"] * 3)
    found = diagnose(tickets, causes, **SETTINGS)
    assert found.metrics["n_open"] == 2


def test_the_first_of_several_guesses_of_remote_support_counts():
    tickets, causes = desk(cause_predicted="内存损坏、主板故障")
    assert diagnose(tickets, causes, **SETTINGS).metrics["remote_support_accuracy"] == pytest.approx(1 / 3)


def test_what_remote_support_says_is_used_only_at_dispatch():
    hint = [list(SAID)[i % 3] for i in range(95)]
    tickets, causes = desk(symptom="坏了", cause_predicted=hint)
    assert diagnose(tickets, causes, **SETTINGS).metrics["accuracy"] < 0.7
    assert diagnose(tickets, causes, **{**SETTINGS, "at": "dispatch"}).metrics["accuracy"] == 1.0


def test_few_recorded_causes_give_shares_only_and_say_so():
    found = diagnose(*desk(), **{**SETTINGS, "min_labelled": 200})
    assert found.model is None
    assert len(found.tables["shares"]) == 3
    assert found.tables["predictions"].empty
    assert ("more tickets with a cause", "a forecast of the cause of every open ticket") in found.lacks
    assert "accuracy" not in found.metrics
    assert not found.is_empty


@pytest.mark.parametrize(
    "changes",
    [
        {"symptom": None},
        {"machine_family": None, "symptom": None},
        {"reported_at": pd.Timestamp("2026-01-01")},
        {"closed_at": None, "is_open": None, "cause_predicted": None},
    ],
    ids=["no text", "nothing but dates", "all on one day", "no closing times"],
)
def test_missing_columns_narrow_but_do_not_stop(changes):
    found = diagnose(*desk(**changes), **SETTINGS)
    assert len(found.tables["shares"])
    assert found.lacks


def test_one_cause_only_gives_no_model():
    tickets, causes = desk()
    causes["cause"] = "硬盘物理损坏"
    found = diagnose(tickets, causes, **SETTINGS)
    assert found.model is None
    assert found.tables["shares"]["share"].tolist() == [1.0, 1.0, 1.0]


def test_two_causes_leave_the_third_guess_open():
    tickets, causes = desk()
    causes["cause"] = causes["cause"].replace("主板故障", "内存损坏")
    guesses = diagnose(tickets, causes, **SETTINGS).tables["predictions"]
    assert guesses["cause_3"].isna().all()
    assert guesses["p_3"].isna().all()


def test_no_tickets_at_all_is_an_empty_stage():
    found = diagnose(empty(TICKETS), empty(TICKET_CAUSES), **SETTINGS)
    assert found.is_empty
    assert all(table.empty for table in found.tables.values())


def test_two_runs_agree(found):
    again = diagnose(*desk(), **SETTINGS)
    for name in OUTPUTS:
        pd.testing.assert_frame_equal(found.tables[name], again.tables[name])
    assert again.metrics == found.metrics
