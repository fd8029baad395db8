"""One spelling for what looks the same, and the words a model reads in it."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmlab.faults.causes.spelling import one_spelling
from crmlab.faults.causes.text import LONGEST, SymptomTokenizer, clauses, fold, known_share

words = SymptomTokenizer()


def test_one_spelling_for_what_looks_the_same():
    said = pd.Series(["ＨＤＤ　黄灯 ", "hdd  黄灯", None])
    assert fold(said).tolist() == ["hdd 黄灯", "hdd 黄灯", ""]


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = fold(pd.Series([text]))
    assert fold(once).tolist() == once.tolist()


def test_a_pasted_log_is_read_from_its_beginning():
    assert len(fold(pd.Series(["x" * 10_000]))[0]) == LONGEST


@given(st.text())
def test_every_text_has_words_for_the_model(text):
    assert words(fold(pd.Series([text]))[0])


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("1个灯", ["#1", "个", "灯", "个灯"]),
        ("slot 7", ["slot", "#n"]),
        ("slot 8", ["slot", "#n"]),
        ("raid5 degraded", ["raid", "#n", "degraded"]),
        ("القرص معطل", ["القرص", "معطل"]),
        ("🔥!?", ["#none"]),
        ("", ["#none"]),
    ],
)
def test_one_light_is_not_four_but_slot_seven_is_slot_eight(said, read):
    assert words(said) == read


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ("硬盘黄灯，风扇很响", ["硬盘黄灯", "风扇很响"]),
        ("disk light and no display; also noise", ["disk light", "no display", "noise"]),
        ("sandy standby", ["sandy standby"]),
        ("，，", []),
        ("", []),
    ],
)
def test_a_text_is_parted_where_it_says_another_thing(said, parts):
    assert clauses(said) == parts


def test_the_share_of_words_that_were_learnt():
    known = {"hdd", "黄", "灯", "黄灯"}
    said = pd.Series(["hdd 黄灯", "hdd blinks", "klaxon", ""])
    assert known_share(said, known).tolist() == [1.0, 0.5, 0.0, 0.0]


def test_a_cause_takes_the_most_frequent_of_its_spellings():
    recorded = pd.Series(["raid卡", "RAID 卡", "ＲＡＩＤ卡", "RAID 卡", None, "网卡"], dtype="string")
    merged, given_up = one_spelling(recorded)
    assert merged.tolist()[:4] == ["RAID 卡"] * 4
    assert merged.isna().tolist() == recorded.isna().tolist()
    assert merged.dtype == recorded.dtype
    assert given_up == 2


def test_a_letter_more_is_another_cause():
    apart = pd.Series(["硬盘物理损坏", "硬盘物理损坏了", "Power/battery", "Power"])
    assert one_spelling(apart)[0].tolist() == apart.tolist()
    assert one_spelling(apart)[1] == 0


def test_no_causes_have_no_spellings():
    merged, given_up = one_spelling(pd.Series([], dtype="string"))
    assert (len(merged), given_up) == (0, 0)
