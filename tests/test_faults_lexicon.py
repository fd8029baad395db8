"""The vocabulary: which symptom a wording speaks of, what it names and notices."""

import pandas as pd
import pytest

from crmlab.faults.causes.lexicon import NO_TEXT, OTHER, SymptomLexicon
from crmlab.files import CrmlabError


@pytest.fixture(scope="module")
def lexicon():
    return SymptomLexicon()


def written(folder, text):
    path = folder / "lexicon.yaml"
    path.write_text(text, encoding="utf-8")
    return SymptomLexicon(path)


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
        ("القرص الصلب معطل", OTHER),
        ("🔥", OTHER),
        (" ", NO_TEXT),
        (None, NO_TEXT),
    ],
)
def test_wordings_are_tagged(lexicon, said, symptom):
    assert lexicon.tags(pd.Series([said], dtype="string")).tolist() == [symptom]


@pytest.mark.parametrize(
    ("said", "symptoms"),
    [
        ("蓝屏，还有风扇很响", ("blue screen", "noise")),
        ("disk light and no display", ("disk light", "no display")),
        ("急！开机无显，请尽快", ("no display",)),
        ("急！坏了", (OTHER,)),
        (None, (NO_TEXT,)),
    ],
)
def test_a_text_may_speak_of_several_symptoms(lexicon, said, symptoms):
    assert lexicon.all_tags(pd.Series([said], dtype="string")).tolist() == [symptoms]


def test_the_one_tag_is_among_them_all(lexicon):
    said = pd.Series(["4个HDD黄灯常亮", "RAID5 degraded，网络不通", "坏了", None])
    assert all(tag in tags for tag, tags in zip(lexicon.tags(said), lexicon.all_tags(said), strict=True))


def test_a_new_wording_still_speaks_of_known_things(lexicon):
    new, usual = lexicon.concepts(
        pd.Series(["an amber lamp is glowing on the second hard drive", "硬盘黄灯"])
    )
    assert {"disk", "warning light", "disk: warning light"} <= set(new) & set(usual)


def test_a_component_and_a_sign_pair_only_within_a_clause(lexicon):
    apart, together = lexicon.concepts(pd.Series(["硬盘没事，风扇黄灯", "硬盘黄灯"]))
    assert "disk" in apart
    assert "disk: warning light" not in apart
    assert "disk: warning light" in together


def test_nothing_said_speaks_of_nothing(lexicon):
    assert lexicon.concepts(pd.Series([None, "", "🔥"], dtype="string")).tolist() == [[], [], []]


def test_tags_keep_the_index_of_the_tickets(lexicon):
    said = pd.Series(["蓝屏", "蓝屏"], index=[7, 3])
    assert lexicon.tags(said).index.tolist() == [7, 3]


def test_a_vocabulary_of_ones_own(tmp_path):
    own = written(tmp_path, "symptoms:\n  torn belt: [belt, 皮带]\n  leak: [oil]\n")
    assert own.tags(pd.Series(["皮带断了", "OIL everywhere, belt too", "x"])).tolist() == [
        "torn belt",
        "torn belt",  # the first of the vocabulary, not of the text
        OTHER,
    ]
    assert own.concepts(pd.Series(["belt"])).tolist() == [[]]


@pytest.mark.parametrize("section", ["symptoms", "components", "signs"])
def test_a_pattern_that_cannot_be_read_is_named(tmp_path, section):
    with pytest.raises(CrmlabError, match=r"lexicon.yaml, 'fan': '\(fan' is not a regular expression"):
        written(tmp_path, f"{section}:\n  fan:\n    - '(fan'\n")


@pytest.mark.parametrize("text", ["fan: [fan]\n", "- fan\n", "just words\n"])
def test_a_section_of_another_name_is_refused(tmp_path, text):
    with pytest.raises(
        CrmlabError, match=r"lexicon.yaml: .* is no section; write symptoms, components, signs"
    ):
        written(tmp_path, text)


def test_a_file_that_is_no_yaml_says_where(tmp_path):
    with pytest.raises(CrmlabError, match=r"lexicon.yaml line \d: no YAML"):
        written(tmp_path, "symptoms:\n  fan: [fan\nsigns: }")


@pytest.mark.parametrize("text", ["", "symptoms:\n  purring: [purrs]\n"])
def test_a_section_that_a_company_does_not_write_is_the_embedded_one(tmp_path, text):
    lexicon = written(tmp_path, text)
    assert lexicon.concepts(pd.Series(["hdd amber light"]))[0] == [
        "disk",
        "disk: warning light",
        "warning light",
    ]
    known = lexicon.tags(pd.Series(["it purrs", "no display"])).tolist()
    assert known == (["purring", OTHER] if text else [OTHER, "no display"])
