"""What a complaint is about is read from its words only where nobody recorded it, and by a model only where that reads better."""

import pandas as pd
import pytest

from crmlab.files import CrmlabError
from crmlab.service.complaints.kinds import KindLexicon, agreement, kinds_of
from crmlab.service.complaints.learned import learned


def complaints(texts, kinds):
    return pd.DataFrame(
        {
            "complaint_id": [f"T{i:04d}" for i in range(len(texts))],
            "received_at": pd.date_range("2026-01-01", periods=len(texts), freq="h"),
            "text": pd.array(texts, dtype="string"),
            "kind": pd.array(kinds, dtype="string"),
        }
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("维保合同里写明免上门费，这次却收了", "contract"),
        ("账单重复扣了一次款", "contract"),
        ("the quote said 800, the invoice 1200", "contract"),
        ("运输途中进水，主机受潮", "delivery"),
        ("显示器屏幕在路上碎了", "delivery"),
        ("two of the five cartons are missing", "delivery"),
        ("修完第二天又宕机", "quality"),
        ("你们给的备用机也是坏的", "quality"),
        ("the problem came back the next morning", "quality"),
        ("热线一直占线，半小时没人接", "service"),
        ("派来的新手什么都不会", "service"),
        ("he was unfriendly and in a hurry", "service"),
    ],
)
def test_wordings_of_either_language_are_read(text, kind):
    assert KindLexicon().kinds(pd.Series([text])).tolist() == [kind]


def test_the_matter_comes_first_whatever_is_added():
    said = pd.Series(["工程师态度恶劣，发票也开错了", "发票开错了，工程师态度恶劣"])
    assert KindLexicon().kinds(said).tolist() == ["service", "contract"]


def test_full_width_and_upper_case_are_read_alike():
    assert (
        KindLexicon().kinds(pd.Series(["ＩＮＶＯＩＣＥ WRONG", "Invoice wrong"])).tolist() == ["contract"] * 2
    )


def test_what_is_recorded_stands_and_what_nobody_can_read_is_unknown():
    frame = complaints(["物流太慢", "物流太慢", "你好", None, ""], ["quality", None, None, None, None])
    found = kinds_of(frame, KindLexicon())
    assert found["kind"].tolist() == ["quality", "delivery", "unknown", "unknown", "unknown"]
    assert found["kind_from"].tolist() == ["record", "text", "none", "none", "none"]


def test_agreement_counts_what_cannot_be_read_as_misread():
    frame = complaints(
        ["物流太慢", "发票错", "你好", "工程师粗鲁", None],
        ["delivery", "contract", "service", None, "quality"],
    )
    found = agreement(frame, KindLexicon())
    assert (found["n"], found["share"]) == (3, 2 / 3)
    assert found["low"] < 2 / 3 < found["high"]
    assert agreement(frame.assign(kind=pd.NA), KindLexicon())["share"] is None


def test_a_company_edits_a_section(tmp_path):
    own = tmp_path / "kinds.yaml"
    own.write_text("matters:\n  delivery: ['蓝色']\n  quality:\n", encoding="utf-8")
    lexicon = KindLexicon(own)
    assert lexicon.kinds(pd.Series(["蓝色", "硬盘坏了", "hello"])).tolist() == [
        "delivery",
        "quality",
        "unknown",
    ]
    own.write_text("")
    assert KindLexicon(own).kinds(pd.Series(["发票错"])).tolist() == ["contract"]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("matter: {}", "'matter' is no section"),
        ("matters: [contract]", "'matters' is no section of kinds"),
        ("matters:\n  money: ['x']", "'money' is no kind of complaint"),
        ("words:\n  contract: ['(']", r"'contract': '\(' is not a regular expression"),
        ("words:\n  contract: [3]", "3 is not a regular expression"),
        ("words: {", "line 1: no YAML"),
        ("just text", "'just text' is no section"),
    ],
)
def test_a_slip_in_the_file_is_named(tmp_path, written, says):
    own = tmp_path / "kinds.yaml"
    own.write_text(written, encoding="utf-8")
    with pytest.raises(CrmlabError, match=f"kinds.yaml.*{says}"):
        KindLexicon(own)


def test_a_model_reads_only_where_it_beats_the_vocabulary():
    slang = pd.Series(["抹布 事件", "胡椒 事件"] * 150, dtype=object)
    kinds = pd.Series(["service", "quality"] * 150, dtype="string")
    nothing = pd.Series(["unknown"] * 300, dtype="string")
    model = learned(slang, kinds, nothing)
    assert model.predict(["又是 抹布"]).tolist() == ["service"]
    assert learned(slang, kinds, kinds) is None  # the vocabulary reads as well
    assert learned(slang[:150], kinds[:150], nothing[:150]) is None  # too few
    assert (
        learned(slang, pd.Series(["service"] * 300, dtype="string"), nothing) is None
    )  # nothing to tell apart


def test_the_model_fills_in_what_is_missing():
    frame = complaints(
        ["抹布 事件", "胡椒 事件"] * 150 + ["又是 抹布", ""], ["service", "quality"] * 150 + [None, None]
    )
    found = kinds_of(frame, KindLexicon()).tail(2)
    assert found["kind"].tolist() == ["service", "unknown"]
    assert found["kind_from"].tolist() == ["text", "none"]
