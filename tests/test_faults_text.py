import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER, read_lexicon, tag_symptoms
from crmlab.faults.causes.text import fold, tokens
from crmlab.files import CrmlabError


def test_one_spelling_for_what_looks_the_same():
    said = pd.Series(["ＨＤＤ　黄灯 ", "hdd  黄灯", None])
    assert fold(said).tolist() == ["hdd 黄灯", "hdd 黄灯", ""]


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = fold(pd.Series([text]))
    assert fold(once).tolist() == once.tolist()


@given(st.text())
def test_every_text_has_words_for_the_model(text):
    assert tokens(text)


def test_one_light_is_not_four_but_slot_seven_is_slot_eight():
    assert tokens("1个灯") != tokens("4个灯")
    assert tokens("slot 7") == tokens("slot 8") == ["slot", "#n"]


@pytest.mark.parametrize(
    ("said", "symptom"),
    [
        # the wordings of the seed's table 4-1
        ("4个HDD黄灯常亮", "several disk lights"),
        ("硬盘在X3400的ctrl+a无法识别到", "disk not found"),
        ("机器开机加电无显示", "no display"),
        ("开机无显", "no display"),
        ("RAID卡自检不过", "RAID self-test"),
        ("报DIMM1错,光通路MEM黄灯亮", "DIMM error"),
        ("开机即蓝屏", "blue screen"),
        ("BOARD报错", "BOARD error"),
        ("硬盘黄灯常亮", "disk light"),
        # one of each other kind
        ("RAID5 degraded", "array degraded"),
        ("服务器自动重启", "restarts"),
        ("server hangs every day", "hangs"),
        ("电源灯报警", "power light"),
        ("按电源键没反应，不加电", "no power"),
        ("FAN 3 error", "fan"),
        ("机房里噪音很大", "noise"),
        ("温度过高报警", "overheating"),
        ("网络不通", "network down"),
        ("system does not boot", "does not boot"),
        ("CPU灯亮", "CPU light"),
        ("firmware mismatch message", "firmware message"),
        ("坏了", OTHER),
        (None, NO_TEXT),
    ],
)
def test_wordings_are_tagged(said, symptom):
    assert tag_symptoms(pd.Series([said], dtype="string"), read_lexicon()).tolist() == [symptom]


def test_a_pattern_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "lexicon.yaml").write_text("fan:\n  - '(fan'\n", encoding="utf-8")
    with pytest.raises(CrmlabError, match=r"lexicon.yaml, 'fan': '\(fan'"):
        read_lexicon(tmp_path / "lexicon.yaml")
