"""What customers say is told by words that a company can edit, and what no word fits is counted, not hidden."""

import re
import unicodedata

import pandas as pd
import pytest
from customers_records import Records, answer, complaint, ticket
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab import tables
from crmlab.engine import Engine
from crmlab.files import CrmlabError
from crmlab.segments.behaviour.topics import TopicLexicon, pattern, topic_shares
from crmlab.segments.outputs import TOPICS

LAST = pd.Timestamp("2026-10-31")


@pytest.fixture(scope="module")
def engine():
    return Engine(threads=1)


@pytest.fixture(scope="module")
def table(engine, tmp_path_factory):
    """The table of a company with the records given."""
    records = Records(tmp_path_factory.mktemp("clean"))
    return lambda lexicon=None, **given: topic_shares(
        engine, records(**given), lexicon or TopicLexicon(), LAST, 24
    )


@pytest.fixture
def shares(table):
    """The same as (source, topic) → (n, share)."""
    return lambda *lexicon, **given: {
        (r.source, r.topic): (r.n, round(r.share, 3)) for r in table(*lexicon, **given).itertuples()
    }


def test_a_ticket_has_the_first_topic_that_fits_and_what_fits_none_is_counted(shares):
    said = ["发票金额不对", "咨询续保报价", "旧版系统还能继续用吗", "下一代什么时候出", "怎么加内存", "你好"]
    found = shares(tickets=[ticket("2026-03-01", text) for text in said])
    assert found["tickets", "billing"] == (2, 0.333)  # an enquiry about money is about money
    assert found["tickets", "unrecognised"] == (1, 0.167)
    assert sum(n for (source, _), (n, _) in found.items() if source == "tickets") == 6


def test_a_repair_is_no_topic_and_not_unrecognised_either(shares):
    repair = ticket("2026-03-01", "开机无显", cause_actual="主板故障")
    waiting = ticket("2026-10-30", "风扇噪音大", is_open=True)
    found = shares(tickets=[repair, waiting, ticket("2026-03-01", "如何设置阵列")])
    assert found["tickets", "howto"] == (1, 1.0)
    assert found["tickets", "unrecognised"] == (0, 0.0)


def test_a_remark_may_speak_of_several_topics_and_a_comment_counts_once(shares):
    comment = "以前更便宜，态度也好"
    found = shares(
        surveys=[answer("2026-03-01", comment, item=item) for item in ("Q1", "Q2")]
        + [answer("2026-03-01", None, survey="f2"), answer("2026-03-01", " 　", survey="f3")],
        complaints=[complaint("2026-03-01", "not what it used to be"), complaint("2024-10-31", "太贵")],
    )
    assert found["surveys", "price"] == found["surveys", "manner"] == found["surveys", "used_to"] == (1, 1.0)
    assert found["surveys", "next"] == (0, 0.0)
    assert found["complaints", "used_to"] == (1, 1.0)  # the other was before the window
    assert found["complaints", "price"] == (0, 0.0)


def test_without_texts_there_are_no_shares(table):
    pd.testing.assert_frame_equal(table(), tables.empty(TOPICS))


def test_words_of_faults_are_in_no_topic_of_tickets():
    faults = [
        "硬盘黄灯报警",
        "开机无显",
        "one disk light amber",
        "RAID self-test fails",
        "server down",
        "电源老化",  # not an old machine
        "仍旧死机",
        "不知道怎么回事",
        "cold start fails, feed error",
    ]
    topics = TopicLexicon().words["tickets"]
    found = {t: [f for f in faults if re.search(pattern(words), f.lower())] for t, words in topics.items()}
    assert found == {topic: [] for topic in topics}


@pytest.mark.parametrize(
    ("word", "fits", "does_not"),
    [
        ("fee", ["visit fee", "fee?", "收fee吗", "a fee\n"], ["feedback", "coffee", "fees"]),
        ("compatib*", ["compatible", "in compatibility"], ["incompatible"]),
        ("升级", ["如何升级bios"], ["升 级"]),
        ("ＵＳＢ", ["usb"], ["usbc"]),
        ("c++", ["c++", "in c++!"], ["c", "ccc"]),
    ],
)
def test_latin_words_are_found_whole_and_others_anywhere(engine, word, fits, does_not):
    def found(text):
        return engine.rows("select regexp_matches($text, $p)", args={"text": text, "p": pattern([word])})[0][
            0
        ]

    assert [t for t in fits + does_not if found(t)] == fits


@settings(max_examples=60, deadline=None)
@given(word=st.text(st.characters(codec="utf-8")), text=st.text(st.characters(codec="utf-8")))
def test_any_word_is_found_as_it_stands_and_breaks_no_pattern(engine, word, text):
    [(whole, anywhere, nothing)] = engine.rows(
        "select regexp_matches($whole, $p), regexp_matches($text, $p), regexp_matches($text, $none)",
        args={"whole": f" {word} ", "text": text, "p": pattern([word.lower()]), "none": pattern([])},
    )
    spelt = unicodedata.normalize("NFKC", word).strip().lower()
    if spelt.removesuffix("*") and spelt in f" {word} ":
        assert whole
    assert anywhere == bool(re.search(pattern([word.lower()]), text))
    assert not nothing


def test_a_company_s_own_words_stand_in_for_those_of_the_topic(tmp_path, shares):
    own = tmp_path / "topics.yaml"
    own.write_text("tickets:\n  billing: [Rechnung]\n  legacy: []\n", encoding="utf-8")
    said = [ticket("2026-03-01", text) for text in ("Frage zur Rechnung", "invoice", "旧系统", "roadmap?")]
    found = shares(TopicLexicon(own), tickets=said)
    assert found["tickets", "billing"] == (1, 0.25)
    assert found["tickets", "legacy"] == (0, 0.0)
    assert found["tickets", "roadmap"] == (1, 0.25)
    own.write_text("", encoding="utf-8")
    assert TopicLexicon(own).words == TopicLexicon().words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tickets: [", "topics.yaml line 1: no YAML"),
        ("- billing", "topics.yaml: ['billing'] is no section; write tickets, remarks"),
        (
            "surveys: {price: [x]}",
            "topics.yaml: 'surveys' is no section; write tickets, remarks, each with its words",
        ),
        ("tickets: {price: [x]}", "topics.yaml, tickets: 'price' is no topic; write billing, legacy"),
        ("tickets: {billing: 发票}", "topics.yaml, tickets, billing: '发票' is no list of words"),
        ("remarks: {price: [钱, 300]}", "topics.yaml, remarks, price: 300 is no word"),
        ("remarks: {price: ['*']}", "topics.yaml, remarks, price: '*' is no word"),
        ("remarks: {price: ['']}", "topics.yaml, remarks, price: '' is no word"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path, text, said):
    own = tmp_path / "topics.yaml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(CrmlabError, match=re.escape(said)):
        TopicLexicon(own)
