import joblib
import numpy as np
import pandas as pd
import pytest

from crmlab.faults.causes import STRENGTHS, CauseModel, can_fit
from crmlab.faults.causes.features import fields_known, refuse_later
from crmlab.files import CrmlabError
from crmlab.tables import TICKETS, conform

SAID = {
    "disk": ("硬盘黄灯亮", "HDD amber light"),
    "memory": ("DIMM报错", "内存灯亮"),
    "board": ("开机无显", "no display"),
}


def tickets(n=120, **columns):
    """n tickets that name their cause plainly, one a day."""
    causes = [list(SAID)[i % 3] for i in range(n)]
    frame = pd.DataFrame({c.name: None for c in TICKETS.kept}, index=range(n))
    frame["ticket_id"] = [f"T{i:03}" for i in range(n)]
    frame["reported_at"] = pd.date_range("2026-01-01", periods=n, freq="D")
    frame["symptom"] = [SAID[cause][i // 3 % 2] for i, cause in enumerate(causes)]
    frame["machine_family"] = [("7979", "8840")[i % 2] for i in range(n)]
    frame = frame.assign(**columns)
    return conform(frame, TICKETS), pd.Series(causes), pd.Series(range(n))


@pytest.fixture(scope="module")
def model():
    return CauseModel(c=3.0).fit(*tickets())


@pytest.mark.parametrize("column", ["closed_at", "cause_actual", "n_causes"])
def test_a_column_known_at_closing_is_refused(column):
    with pytest.raises(CrmlabError, match=f'tickets.{column} is known at "closed"'):
        CauseModel(fields=("machine_family", column), c=1.0).fit(*tickets())


def test_remote_supports_guess_is_refused_at_the_call_and_taken_at_dispatch():
    refuse_later(["cause_predicted"], "dispatch")
    with pytest.raises(CrmlabError, match='cause_predicted is known at "dispatch", after the "call"'):
        refuse_later(["cause_predicted"], "call")


def test_a_column_nobody_dated_is_refused():
    with pytest.raises(CrmlabError, match=r"tickets.x_verdict: nothing says when it is known"):
        refuse_later(["x_verdict"], "dispatch")


@pytest.mark.parametrize("at", ["visit", "closed", "yesterday"])
def test_a_model_answers_at_the_call_or_at_dispatch(at):
    with pytest.raises(CrmlabError, match='write "call" or "dispatch"'):
        fields_known(at)


def test_every_field_a_model_uses_is_known_in_time():
    for at in ("call", "dispatch"):
        refuse_later(fields_known(at), at)


def test_probabilities_sum_to_one_and_name_the_plain_cause(model):
    frame, causes, _ = tickets(30)
    p = model.predict_proba(frame)
    assert p.sum(axis=1) == pytest.approx(np.ones(30))
    assert (model.classes_[p.argmax(axis=1)] == causes).all()


def test_unseen_words_and_fields_still_get_an_answer(model):
    frame, _, _ = tickets(3, symptom=["кофе", None, "日本語テスト"], machine_family=["9999", None, "0000"])
    p = model.predict_proba(frame)
    assert p.sum(axis=1) == pytest.approx(np.ones(3))


def test_no_ticket_no_answer(model):
    assert model.predict_proba(tickets()[0].head(0)).shape == (0, 3)


def test_the_penalty_is_chosen_from_the_grid():
    assert CauseModel().fit(*tickets()).c_ in STRENGTHS


def test_a_cause_met_once_does_not_break_the_choice():
    frame, causes, incidents = tickets(60)
    causes = pd.Series(["disk"] * 59 + ["backplane"])
    assert set(CauseModel().fit(frame, causes, incidents).classes_) == {"disk", "backplane"}


def test_without_any_text_the_fields_speak():
    frame, _, incidents = tickets(symptom=None)
    causes = frame["machine_family"].map({"7979": "disk", "8840": "memory"}).astype(object)
    model = CauseModel(c=10.0).fit(frame, causes, incidents)
    assert (model.classes_[model.predict_proba(frame).argmax(axis=1)] == causes).all()


def test_without_text_and_fields_it_knows_the_shares():
    frame, _, incidents = tickets(100, symptom=None, machine_family=None)
    causes = pd.Series(["disk"] * 80 + ["memory"] * 20)
    assert CauseModel(c=10.0).fit(frame, causes, incidents).predict_proba(frame)[0, 0] == pytest.approx(
        0.8, abs=0.02
    )


def test_one_cause_alone_is_nothing_to_learn():
    assert not can_fit(pd.Series(["disk"] * 50), pd.Series(range(50)))
    assert can_fit(pd.Series(["disk", "fan"] * 25), pd.Series(range(50)))


def test_two_fits_give_the_same_bytes(tmp_path, model):
    joblib.dump(model, tmp_path / "one")
    joblib.dump(CauseModel(c=3.0).fit(*tickets()), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
