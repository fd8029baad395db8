"""The cause model: probabilities that add up, explanations that add up, nothing learnt from the answer."""

import joblib
import numpy as np
import pandas as pd
import pytest
from calls import CAUSES, SAID, cause_of, tickets
from sklearn.base import clone

from crmlab.faults.causes.experts import KINDS
from crmlab.faults.causes.features import with_context
from crmlab.faults.causes.held_out import can_fit
from crmlab.faults.causes.incidents import number_incidents
from crmlab.faults.causes.pool import EXPERTS, FaultPool
from crmlab.faults.causes.reasons import reasons, strongest
from crmlab.files import CrmlabError

WORDINGS = {
    "硬盘物理损坏": ("硬盘黄灯亮", "HDD amber light", "一个硬盘亮黄灯"),
    "内存损坏": ("DIMM报错", "内存灯亮", "memory error"),
    "主板故障": ("开机无显", "no display", "屏幕不亮"),
}


def calls(n=120, **columns):
    """n tickets that mostly name their cause plainly: one in ten has another one. Two families."""
    frame, _ = tickets(n, 0, **columns)
    causes = pd.Series([cause_of(i if i % 10 else i + 1) for i in range(n)])
    if "symptom" not in columns:
        frame["symptom"] = [WORDINGS[cause_of(i)][i // 9 % 3] for i in range(n)]
    if "machine_family" not in columns:
        frame["machine_family"] = [("7979", "8840")[i % 2] for i in range(n)]
    return with_context(frame), causes, number_incidents(frame, 3)


@pytest.fixture(scope="module")
def pool():
    return FaultPool().fit(*calls())


def test_probabilities_sum_to_one_and_name_the_plain_cause(pool):
    frame, _, _ = calls(30)
    p = pool.predict_proba(frame)
    assert p.shape == (30, 3)
    assert (p > 0).all()
    assert p.sum(axis=1) == pytest.approx(np.ones(30))
    assert pool.predict(frame).tolist() == [cause_of(i) for i in range(30)]


def test_it_is_about_as_sure_as_it_is_right(pool):
    # nine of ten plain wordings have the plain cause
    assert pool.predict_proba(calls(30)[0]).max(axis=1).mean() == pytest.approx(0.9, abs=0.06)


def test_weights_are_not_negative_and_name_experts(pool):
    assert set(pool.weights_) <= set(EXPERTS)
    assert all(weight > 0 for weight in pool.weights_.values())
    assert all(pool.strengths_[name] in KINDS[name].strengths for name in pool.strengths_)


@pytest.mark.parametrize("columns", [["symptom"], ["symptom", "machine_family"]])
def test_fields_without_a_column_are_not_used(columns):
    frame, causes, groups = calls(60)
    some = FaultPool(experts=("both",)).fit(frame[columns], causes, groups)
    assert set(some.fields_) <= set(columns)
    assert some.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(60))


@pytest.mark.parametrize("column", ["closed_at", "cause_actual", "n_causes"])
def test_a_column_known_at_closing_is_refused(column):
    with pytest.raises(CrmlabError, match=f'tickets.{column} is known at "closed"'):
        FaultPool(fields=("machine_family", column)).fit(*calls(30))


def test_what_only_a_later_column_tells_is_not_learnt():
    frame, causes, groups = calls(90, symptom="坏了", machine_family="7979")
    frame["cause_actual"], frame["parts_requested"] = causes, causes
    p = FaultPool(experts=("prior", "both")).fit(frame, causes, groups).predict_proba(frame)
    assert p.max() < 0.5


def test_unseen_words_models_and_families_still_get_an_answer(pool):
    frame, _, _ = calls(5, symptom=["кофе", None, "日本語テスト", "🔥", "DIMM报错"], machine_family="0000")
    p = pool.predict_proba(frame.assign(machine_model="0000XXX", branch="nowhere"))
    assert p.sum(axis=1) == pytest.approx(np.ones(5))
    assert pool.classes_[p[4].argmax()] == "内存损坏"
    assert p[1].max() < 0.7, "who says nothing has no sure cause"


def test_a_wording_nobody_used_is_known_by_what_it_speaks_of(pool):
    new = pd.DataFrame({"symptom": ["an amber lamp glows on the hard drive", "screen stays blank"]})
    assert pool.predict(new).tolist() == ["硬盘物理损坏", "主板故障"]
    assert (pool.known_share(new) < 0.6).all()


def test_the_share_of_known_words(pool):
    said = pd.DataFrame({"symptom": ["HDD amber light", "HDD klaxon", "klaxon", None]})
    assert pool.known_share(said).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_no_ticket_no_answer(pool):
    assert pool.predict_proba(calls(3)[0].head(0)).shape == (0, 3)


# explanations


@pytest.mark.parametrize("symptom", ["硬盘黄灯亮", "硬盘黄灯，还有DIMM报错", "something else", None])
def test_what_speaks_for_a_cause_adds_up_exactly(pool, symptom):
    frame = calls(1, symptom=symptom)[0]
    logs = np.log(pool.predict_proba(frame)[0])
    for column, cause in enumerate(pool.classes_):
        told = pool.explain(frame, [cause])
        assert told["log_odds"].sum() == pytest.approx(logs[column] - logs.mean(), abs=1e-9)
        assert set(told["cause"]) == {cause}
        assert set(told["expert"]) == set(pool.weights_)


def test_the_words_of_a_cause_speak_for_it_and_those_of_another_against(pool):
    frame = calls(1, symptom="HDD amber light")[0]
    for cause, sign in (("硬盘物理损坏", 1), ("内存损坏", -1)):
        told = pool.explain(frame, [cause])
        said = told[told["value"].isin(["disk light", "disk", "amber"])]
        assert (sign * said["log_odds"]).sum() > 0


def test_tickets_are_explained_one_by_one_as_together(pool):
    frame = calls(4)[0]
    together = pool.explain(frame)
    for number in range(4):
        alone = pool.explain(frame.iloc[[number]])
        said = together[together["ticket"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.drop(columns="ticket"), said.drop(columns="ticket"))


def test_reasons_are_words_a_person_can_check(pool):
    (said, nothing) = reasons(pool, calls(2, symptom=["4个硬盘黄灯亮", None])[0])
    assert said.split(" +")[0] in ("disk", "several disk lights", "disk: warning light")
    assert "#" not in said + nothing
    assert reasons(pool, calls(1)[0].head(0)) == []


def test_a_field_that_is_not_stated_is_named_so():
    frame, _, groups = calls(90, symptom="坏了")
    causes = pd.Series(np.where(frame["machine_family"] == "7979", "内存损坏", "主板故障"))
    pool = FaultPool(experts=("both",)).fit(
        frame.assign(machine_family=frame["machine_family"].where(frame.index % 2 == 0)), causes, groups
    )
    told = strongest(pool, calls(1, symptom="坏了", machine_family=None)[0])
    assert told[["part", "value"]].to_numpy().tolist()[0] == ["machine_family", "not known"]


# small and odd records


@pytest.mark.slow
def test_a_cause_met_once_does_not_break_the_choice():
    frame, causes, groups = calls(60)
    causes[17] = "背板故障"
    pool = FaultPool().fit(frame, causes, groups)
    assert "背板故障" in pool.classes_
    assert pool.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(60))


def test_two_causes_are_told_apart_and_explained():
    frame, _, groups = calls(60)
    causes = pd.Series(np.where(frame["symptom"].isin(WORDINGS["内存损坏"]), "内存损坏", "主板故障"))
    pool = FaultPool().fit(frame, causes, groups)
    p = pool.predict_proba(frame)
    assert (pool.classes_[p.argmax(axis=1)] == causes).all()
    logs = np.log(p[0])
    told = pool.explain(frame.iloc[[0]], [pool.classes_[0]])["log_odds"].sum()
    assert told == pytest.approx(logs[0] - logs.mean(), abs=1e-9)


def test_one_cause_alone_is_certain_and_nothing_to_learn():
    frame, _, groups = calls(30)
    alone = pd.Series(["内存损坏"] * 30)
    assert not can_fit(alone, groups)
    assert FaultPool().fit(frame, alone, groups).predict_proba(frame).tolist() == [[1.0]] * 30


def test_too_few_incidents_are_nothing_to_choose_on():
    causes = pd.Series(["disk", "fan"] * 25)
    assert can_fit(causes, pd.Series(range(50)))
    assert not can_fit(causes, pd.Series([0] * 25 + [1] * 25)), "two storms are two observations"


def test_all_tickets_in_one_group_leave_an_expert_as_it_comes():
    frame, causes, _ = calls(30)
    pool = FaultPool(experts=("prior", "both")).fit(frame, causes, [7] * 30)
    assert pool.weights_ == {"both": 1.0}
    assert pool.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(30))


@pytest.mark.slow
def test_without_any_text_the_fields_speak():
    frame, _, groups = calls(symptom=None)
    causes = frame["machine_family"].map({"7979": "硬盘物理损坏", "8840": "内存损坏"}).astype(object)
    assert (FaultPool().fit(frame, causes, groups).predict(frame) == causes).all()


@pytest.mark.slow
def test_without_text_and_fields_it_knows_the_shares():
    frame, _, groups = calls(100, symptom=None, machine_family=None)
    causes = pd.Series(["硬盘物理损坏", *["内存损坏"] * 4] * 20)
    p = FaultPool(fields=()).fit(frame, causes, groups).predict_proba(frame)
    assert p[:, 0] == pytest.approx([0.8] * 100, abs=0.02), "of 内存损坏"


# groups


def test_no_group_is_torn_so_copies_of_one_call_teach_nothing_about_each_other():
    # every text has its own cause, drawn at random, and comes ten times: who sees a copy knows, who does not cannot
    rng = np.random.default_rng(0)
    fault = np.repeat(np.arange(12), 10)
    frame = pd.DataFrame({"symptom": [f"{'abcdefghijkl'[k] * 5} {'mnopqrstuvwx'[k] * 5}" for k in fault]})
    causes = np.array(CAUSES)[rng.permutation(np.repeat(np.arange(3), 4))][fault]
    pool = FaultPool(fields=()).fit(frame, causes)
    own = pool.cross_validated_[np.arange(120), pd.Index(pool.classes_).get_indexer(causes)]
    assert own.mean() < 0.45
    torn = FaultPool(fields=()).fit(frame, causes, np.arange(120))
    own = torn.cross_validated_[np.arange(120), pd.Index(torn.classes_).get_indexer(causes)]
    assert own.mean() > 0.6, "a split that tears the copies apart would flatter"


def test_probabilities_of_tickets_not_learnt_from_are_kept_for_the_sets(pool):
    assert pool.cross_validated_.shape == (120, 3)
    assert pool.cross_validated_.sum(axis=1) == pytest.approx(np.ones(120))


# one expert, the same again, storage


@pytest.mark.parametrize("expert", EXPERTS)
def test_a_pool_of_one_expert_is_that_expert(expert):
    frame, causes, groups = calls(60)
    alone = FaultPool(experts=(expert,)).fit(frame, causes, groups)
    assert list(alone.weights_) == [expert]
    assert alone.predict_proba(frame).sum(axis=1) == pytest.approx(np.ones(60))


def test_like_takes_penalties_and_weights_from_another_pool(pool):
    frame, causes, groups = calls(60)
    again = FaultPool(experts=tuple(pool.weights_), like=pool).fit(frame, causes, groups)
    assert again.weights_ == pool.weights_
    assert again.strengths_ == pool.strengths_
    assert again.predict(frame).tolist() == [cause_of(i) for i in range(60)]


def test_the_simple_line_is_kept_where_it_is_asked_for(pool):
    frame, causes, groups = calls(60)
    with_line = FaultPool(experts=("prior", "wording"), keep_simple=True).fit(frame, causes, groups)
    assert with_line.simple_proba(frame).sum(axis=1) == pytest.approx(np.ones(60))


def test_two_fits_and_a_round_trip_give_the_same_bytes(tmp_path, pool):
    joblib.dump(pool, tmp_path / "one")
    joblib.dump(FaultPool().fit(*calls()), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    joblib.dump(joblib.load(tmp_path / "one"), tmp_path / "three")
    again = joblib.load(tmp_path / "three")
    frame = calls(9)[0]
    assert (again.predict_proba(frame) == pool.predict_proba(frame)).all()
    assert not hasattr(again, "cross_validated_"), "the tickets it was weighed on are not stored"


def test_it_can_be_cloned_as_any_classifier(pool):
    assert clone(pool).get_params()["experts"] == EXPERTS


def test_plain_wordings_of_the_tests_are_the_ones_of_the_desk():
    assert {cause: texts[0] for cause, texts in WORDINGS.items()} == SAID
