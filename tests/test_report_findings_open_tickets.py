"""The list of open tickets reads in both languages, and holds only what is known."""

import pandas as pd
import pytest

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER, SymptomLexicon
from crmlab.report.findings import gaps, open_tickets
from crmlab.report.language import Language, catalogue

EN, ZH = Language("en"), Language("zh")
FIELDS = ("machine_family", "machine_age", "billing", "month")


@pytest.mark.parametrize(
    ("cell", "english", "chinese"),
    [
        (
            "disk: warning light +1.2; no power +0.4",
            "disk: warning light +1.2, no power +0.4",
            "硬盘：报警灯 +1.2、不加电 +0.4",
        ),
        (
            "power light +3.4; other wording +0.4",
            "power light +3.4, other wording +0.4",
            "电源灯报警 +3.4、其他说法 +0.4",
        ),
        ("blue screen, restarts +2.3", "blue screen, restarts together +2.3", "蓝屏、重启同时出现 +2.3"),
        ("machine_family 7978 +0.8", "machine_family 7978 +0.8", "机型系列 7978 +0.8"),
        ("machine_age 6 to 8 years +0.1", "machine_age 6 to 8 years +0.1", "机龄 6至8年 +0.1"),
        ("machine_age under 0.5 years +0.1", "machine_age under 0.5 years +0.1", "机龄 不到0.5年 +0.1"),
        ("machine_age 8 years and more +0.1", "machine_age 8 years and more +0.1", "机龄 8年及以上 +0.1"),
        ("billing contract +0.2", "billing contract +0.2", "收费方式 合同 +0.2"),
        ("month 10 +0.1; 蓝了吧唧 +0.3", "month 10 +0.1, 蓝了吧唧 +0.3", "月份 10 +0.1、蓝了吧唧 +0.3"),
        ("nothing of the kind", "nothing of the kind", "nothing of the kind"),
    ],
)
def test_reasons_are_told_in_words(cell, english, chinese):
    from crmlab.report.messages import as_text

    told = open_tickets.reasons(cell, FIELDS)
    assert as_text(told, EN) == english
    assert as_text(told, ZH) == chinese


def test_no_reason_is_no_cell():
    assert open_tickets.reasons("", FIELDS) is None
    assert open_tickets.reasons(None, FIELDS) is None


def test_every_name_of_the_vocabulary_has_its_chinese():
    lexicon, words = SymptomLexicon(), catalogue("zh")
    named = [*lexicon.symptoms, *lexicon.components, *lexicon.signs, OTHER, NO_TEXT]
    assert [name for name in named if not words.get(name, "concept")] == []
    assert [name for name in lexicon.symptoms if not words.get(name, "symptom")] == []


def tickets(**changes):
    row = {
        "ticket_id": "T1",
        "p_1": 0.8,
        "parts": "HDD、MB",
        "cause_predicted": "fan",
        "machine_model": "79791",
        "branch": "A",
        "check_order": "fan、cpu、memory、cable",
        "abstain": None,
        "reasons": "disk +1.0",
    }
    return pd.DataFrame([row | changes])


def test_a_row_says_what_to_carry_to_check_and_whether_to_rely_on_it():
    row = open_tickets.rows(tickets(), {"HDD": "硬盘"}, FIELDS).iloc[0]
    assert row["carry"].in_language(EN) == "disk, MB"
    assert row["checks"].in_language(EN) == "fan, cpu, memory"
    assert row["relied_on"].in_language(ZH) == "可信"


@pytest.mark.parametrize("reason", ["no_text", "unknown_words", "low_confidence"])
def test_why_a_guess_should_not_be_relied_on(reason):
    row = open_tickets.rows(tickets(abstain=reason), {}, FIELDS).iloc[0]
    assert row["relied_on"].in_language(EN).startswith("no: ")
    assert row["relied_on"].in_language(ZH).startswith("不可信：")


def test_the_list_holds_only_columns_that_something_fills():
    full = open_tickets.columns(tickets())
    assert {"carry", "first_time_fix", "cause_predicted", "machine_model", "branch"} <= set(full)
    bare = tickets(parts=None, cause_predicted=None, machine_model=None, branch=None)
    assert not {"carry", "first_time_fix", "cause_predicted", "machine_model", "branch"} & set(
        open_tickets.columns(bare)
    )
    assert "minutes" in full
    assert "minutes" not in open_tickets.columns(tickets(), timed=False)
    assert "First-time fix" in open_tickets.note(tickets()).in_language(EN)
    assert open_tickets.note(bare, timed=False).in_language(EN).endswith("0.7 doubles the odds.")
    assert "what to carry" in open_tickets.title(tickets(), None).in_language(EN)
    assert "what to carry" not in open_tickets.title(bare, None).in_language(EN)


def test_an_empty_list_says_why():
    none = tickets().head(0)
    assert open_tickets.title(none, None).in_language(EN) == "No ticket is open"
    lacks = {"missing": [{"what": "more tickets with a cause", "adds": gaps.FORECAST}]}
    said = open_tickets.title(none, gaps.gap(lacks, gaps.FORECAST))
    assert said.in_language(EN).endswith("Missing: more tickets with a cause")
