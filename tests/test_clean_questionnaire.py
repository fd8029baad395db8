"""Answers that stand side by side become rows of their own, and each still knows its line."""

import pytest
from exports import ingested
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.clean.reading.plan import plan
from crmlab.files import CrmlabError

WIDE = "客户,答卷时间,Q1,Q2,mood,Q10\n"
MAPPING = """
tables:
  surveys:
    unpivot: {columns: ["Q*"]}
    constants: {scale_max: "10"}
"""


def answers(tmp_path, text, mapping=MAPPING):
    return ingested(tmp_path, {"surveys.csv": text}, mapping, table="surveys")


def test_every_answer_is_a_row_with_the_line_of_its_questionnaire(tmp_path):
    rows = answers(tmp_path, WIDE + 'A,2026-10-01,1,,"so\nso",3\nB,2026-10-02, ,,,\n\nC,2026-10-03,4,5,,6\n')
    assert [(r["_line"], r["customer_id"], r["item"], r["score"]) for r in rows] == [
        (2, "A", "Q1", "1"),
        (2, "A", "Q10", "3"),
        (6, "C", "Q1", "4"),
        (6, "C", "Q2", "5"),
        (6, "C", "Q10", "6"),
    ]
    assert [r.get("x_mood") for r in rows] == ["so\nso", "so\nso", None, None, None]
    assert {r["scale_max"] for r in rows} == {"10"}


def test_texts_that_mean_nothing_are_no_answers(tmp_path):
    rows = answers(tmp_path, WIDE + "A,2026-10-01,n/a,2,,\u3000\n", "null_markers: [n/a]\n" + MAPPING)
    assert [r["item"] for r in rows] == ["Q2"]


def test_expressions_see_the_questionnaire(tmp_path):
    more = '    sql: {survey_id: "\'R\' || row_number() over ()", comment: "mood || Q1"}\n    where: "mood <> \'x\'"\n'
    text = WIDE.replace("客户", "customer") + "".join(
        f"C{n},2026-10-01,{n},2,{'x' if n == 3 else 'm'},3\n" for n in range(1, 5000)
    )
    rows = answers(tmp_path, text, MAPPING + more)
    assert len(rows) == 3 * 4998
    assert all(
        r["survey_id"] == "R" + r["customer_id"][1:] and r["comment"] == "m" + r["customer_id"][1:]
        for r in rows
    )


def test_headers_that_become_rows_are_no_columns(tmp_path):
    answers(tmp_path, WIDE + "A,2026-10-01,1,2,,3\n")
    layout = plan(tmp_path / "raw" / "acme")
    assert layout.unknown("surveys") == ["x_mood"]
    assert {"item", "score", "scale_max"} <= layout.present("surveys")


def test_other_columns_may_be_named(tmp_path):
    mapping = 'tables: {surveys: {unpivot: {columns: ["[ab]"], name: comment, value: survey_id}, constants: {scale_max: "5", item: x, score: "1"}}}'
    rows = answers(tmp_path, "客户,答卷时间,a,b\nA,2026-10-01,1,2\n", mapping)
    assert [(r["comment"], r["survey_id"]) for r in rows] == [("a", "1"), ("b", "2")]


def test_a_pattern_that_no_header_matches(tmp_path):
    with pytest.raises(
        CrmlabError,
        match=r"surveys.csv line 1: no header matches unpivot of mapping.yaml \(P\*\); the file has '客户'",
    ):
        answers(tmp_path, WIDE + "A,2026-10-01,1,2,,3\n", MAPPING.replace("Q*", "P*"))


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["", " ", "1", "2", "10"]), min_size=4, max_size=4), max_size=30))
def test_rows_are_the_answers_given(tmp_path_factory, sheets):
    text = "客户,答卷时间,Qa,Qb,Qc,Qd\n" + "".join(
        f"C{n},2026-10-01,{','.join(s)}\n" for n, s in enumerate(sheets)
    )
    rows = answers(tmp_path_factory.mktemp("wide"), text)
    expected = [
        (n + 2, f"C{n}", q, a)
        for n, s in enumerate(sheets)
        for q, a in zip(("Qa", "Qb", "Qc", "Qd"), s, strict=True)
        if a.strip()
    ]
    assert [(r["_line"], r["customer_id"], r["item"], r["score"]) for r in rows] == expected
