"""How a model is judged: on later incidents, beside what anyone could say, and shipped only where it wins."""

import numpy as np
import pandas as pd
import pytest
from calls import cause_of, tickets
from threadpoolctl import threadpool_limits

from crmlab.faults.causes.features import with_context
from crmlab.faults.causes.incidents import number_incidents
from crmlab.faults.causes.judged import judge
from crmlab.faults.causes.lexicon import SymptomLexicon

LEXICON = SymptomLexicon()


def judged(n=90, causes=None, **columns):
    """A judgement of n closed tickets, by default of plain wordings."""
    frame, _ = tickets(n, 0, **columns)
    frame["symptom_tag"] = LEXICON.tags(frame["symptom"])
    causes = pd.Series([cause_of(i) for i in range(n)] if causes is None else causes, dtype=object)
    with threadpool_limits(1):
        return judge(
            with_context(frame),
            causes,
            number_incidents(frame, 3),
            at="call",
            test_share=0.2,
            confident=0.35,
            lexicon=LEXICON,
        )


@pytest.fixture(scope="module")
def plain():
    return judged()


def test_the_last_fifth_is_judged_by_what_came_before(plain):
    m = plain.metrics
    assert (m["n_train"], m["n_test"], m["n_causes"]) == (72, 18, 3)
    assert m["test_from"] == str(plain.split.cut.date())
    assert plain.probabilities.shape == (18, 3)
    assert plain.guess.tolist() == [cause_of(i) for i in range(72, 90)]


def test_a_ticket_closed_after_the_cut_was_not_known_then():
    late = pd.Series(pd.NaT, index=range(90)).where(lambda t: t.index != 70, pd.Timestamp("2026-02-01"))
    m = judged(closed_at=late.where(late.notna(), pd.date_range("2025-01-02", periods=90, freq="4D"))).metrics
    assert (m["n_train"], m["n_test"]) == (71, 18)


def test_the_lines_beside_the_score_are_what_anyone_could_say(plain):
    m = plain.metrics
    assert m["majority_accuracy"] == pytest.approx(1 / 3)
    assert m["majority_log_loss"] == pytest.approx(np.log(3))
    assert m["by_symptom_accuracy"] == 1.0
    assert (m["gain_over_by_symptom"], m["remote_support_n"]) == (0.0, 18)


def test_remote_support_that_never_speaks_is_no_line():
    m = judged(cause_predicted=None).metrics
    assert m["remote_support_n"] == 0
    assert m["remote_support_accuracy"] is None
    assert m["gain_over_remote_support"] is None


def test_what_does_not_win_clearly_is_not_shipped():
    # every text its own, no field: nothing is to be learnt beyond the shares
    rng = np.random.default_rng(0)
    noise = judged(
        120, rng.choice(["disk", "fan"], 120), symptom=[f"x{'abcdefgh'[i % 8]}" for i in range(120)]
    )
    assert noise.metrics["model"] == "logistic regression"
    assert noise.metrics["log_loss"] == pytest.approx(noise.metrics["simple_log_loss"], abs=0.1)
    assert noise.metrics["log_loss"] < 0.8, "no worse than a coin by more than noise"


def test_sets_and_abstentions_are_published_with_what_came_of_them(plain):
    m = plain.metrics
    assert 0.9 <= m["coverage90"] <= 1
    assert 1 <= m["coverage90_size"] <= 3
    assert m["worst_class_coverage90"] is None, "six tickets of a cause tell nothing"
    assert m["abstained"] == sum(m["abstained_by_reason"].values()) == 0
    assert m["accuracy_abstained"] is None
    assert m["accuracy_relied_on"] == m["accuracy"] == 1.0


def test_tickets_without_text_are_abstained_from():
    said = [
        None if i % 2 else {"硬盘物理损坏": "硬盘黄灯", "内存损坏": "DIMM报错"}.get(cause_of(i), "无显")
        for i in range(90)
    ]
    m = judged(symptom=said).metrics
    assert m["abstained_by_reason"]["no_text"] == 0.5
    assert m["accuracy_relied_on"] > m["accuracy_abstained"]


def test_the_table_of_causes_says_what_each_is_mistaken_for():
    causes = [cause_of(i) for i in range(90)]
    causes[80] = causes[83] = "主板故障"  # said otherwise
    table = judged(causes=causes).tables["causes"].set_index("cause")
    missed = table.loc["主板故障"]
    assert missed["recall"] < 1
    assert missed["mistaken_for"] in ("硬盘物理损坏", "内存损坏")
    assert table["mistaken_for"].isna().sum() == 2
    assert ((table["low"] <= table["recall"]) & (table["recall"] <= table["high"])).all()


@pytest.mark.parametrize(
    ("n", "causes"),
    [(90, ["disk"] * 90), (90, ["disk"] * 80 + ["fan"] * 10), (6, None), (1, ["disk"])],
    ids=["one cause", "one cause before the cut", "six tickets", "one ticket"],
)
def test_where_there_is_nothing_to_tell_apart_there_is_no_judgement(n, causes):
    assert judged(n, causes) is None


def test_everything_on_one_day_leaves_nothing_to_learn_from():
    assert judged(reported_at=pd.Timestamp("2026-01-01")) is None
