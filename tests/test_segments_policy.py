"""What each type gets: complete as it comes, and edited by managers line by line."""

import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.segments.behaviour.catalogue import TYPES
from crmlab.segments.outputs import RISK_BANDS, STAGES, VALUE_BANDS
from crmlab.segments.use.policy import EVERY, TYPES_ZH, Policy

KEEP = "先寄备件清单，再打电话。"


def written(tmp_path, text, name="policy.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def test_the_embedded_policy_has_a_sentence_for_everybody():
    policy = Policy.read()
    assert set(policy.by_stage) == {(t, s) for t in TYPES for s in (EVERY, *STAGES)}
    assert set(policy.by_value) == {(v, r) for v in VALUE_BANDS for r in RISK_BANDS}
    said = [*policy.by_stage.values(), *policy.by_value.values()]
    assert len(set(said)) == len(said), "two cells with one sentence would not be told apart"
    assert all(s.endswith(".") and s[0].isupper() for s in said)
    assert policy.own == 0


def test_who_has_no_type_or_no_stage_gets_no_action():
    types = pd.Series(
        ["planner", "undetermined", None, "planner", "planner"], index=list("abcde"), dtype="string"
    )
    stages = pd.Series(
        ["retention", "retention", "retention", None, "every"], index=list("abcde"), dtype="string"
    )
    found = Policy.read().action(types, stages)
    assert found["a"] == "Open the renewal half a year ahead, with the price locked for the next term."
    assert found.isna().tolist() == [False, True, True, True, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_own_lines_stand_in_for_those_they_name_and_leave_the_others(tmp_path, encoding):
    path = written(
        tmp_path, f"类型,阶段,行动\r\n落伍型,维系,{KEEP}\r\n怀旧,每个,登门。\r\n,,\r\n", encoding=encoding
    )
    policy, usual = Policy.read(path), Policy.read()
    assert policy.by_stage["traditionalist", "retention"] == KEEP
    assert policy.manner("nostalgic") == "登门。"
    same = {pair for pair, said in policy.by_stage.items() if usual.by_stage[pair] == said}
    assert len(same) == 9 * 5 - 2
    assert policy.own == 2


def test_effort_has_a_file_of_its_own_in_which_a_spreadsheet_may_write_semicolons(tmp_path):
    path = written(tmp_path, "Value;Risk;Effort;note\nHIGH;At risk;Visit, today.;x\n", "effort.csv")
    policy = Policy.read(effort=path)
    assert policy.effort("high", "at_risk") == "Visit, today."
    assert policy.effort("high", "safe") == Policy.read().effort("high", "safe")


@pytest.mark.parametrize("text", ["", "\ufeff", "type,stage,action\n", "\n\n"])
def test_a_file_without_lines_changes_nothing(tmp_path, text):
    assert Policy.read(written(tmp_path, text)) == Policy.read()


HEAD = "type,stage,action\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "planer,retention,x\n", r"policy.csv line 2, type: 'planer' is none of traditionalist, .*; is it planner\?"),
        (HEAD + "\nplanner,keeping,x\n", r"policy.csv line 3, stage: 'keeping' is none of every, selection, "),
        (HEAD + "planner,,x\n", "policy.csv line 2, stage: empty; write one of every, "),
        (
            HEAD + "planner,retention,x\n远见型,维系,y\n",
            "policy.csv line 3, type and stage: planner and retention stand in line 2 already; keep one",
        ),
        (HEAD + "planner,retention, \n", "policy.csv line 2, action: empty; say in one sentence .* or delete the line"),
        (HEAD + "planner,retention,Call, then write.\n", 'policy.csv line 2: 4 cells, but the header has 3; put .* in quotes'),
        ("type,stage\nplanner,retention\n", "policy.csv line 1: no column action; expected is the header type,stage,action"),
        ("type,类型,stage,action\n", "policy.csv line 1: '类型' is the column type a second time; keep one"),
        (HEAD + 'planner,retention,"x\n', "policy.csv line 2: not readable as CSV .*a quote that is not closed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_column(tmp_path, text, said):
    with pytest.raises(CrmlabError, match=said):
        Policy.read(written(tmp_path, text))


def test_neither_of_the_two_encodings(tmp_path):
    path = tmp_path / "policy.csv"
    path.write_bytes(b"type,stage,action\nplanner,retention,\xff\xff\n")
    with pytest.raises(CrmlabError, match=r"policy.csv: neither UTF-8 nor GB18030; save it as CSV UTF-8"):
        Policy.read(path)


def test_the_types_have_the_names_of_the_seed():
    assert list(TYPES_ZH) == list(TYPES)
    assert "".join(TYPES_ZH.values()) == "落伍型计较型怀旧型实用型实惠型实现型前卫型远见型完美型"
