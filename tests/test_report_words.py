"""A new language: its catalogue is made from the others, and what has words keeps them."""

import pytest

from crmlab.files import CrmlabError
from crmlab.report import words

OTHER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"

msgid "Open \\"now\\""
msgstr "现在打开"

msgctxt "type"
msgid "planner"
msgstr "远见型"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "zh.po").write_text(OTHER, encoding="utf-8")
    return tmp_path


def test_a_new_catalogue_holds_what_the_others_have(folder):
    path, added, empty = words.add_words("de", folder)
    assert (path.name, added, empty) == ("de.po", 2, 2)
    assert 'msgid "Open \\"now\\""\nmsgstr ""' in path.read_text()
    assert 'msgctxt "type"\nmsgid "planner"' in path.read_text()


def test_words_that_are_there_stay(folder):
    path, *_ = words.add_words("de", folder)
    path.write_text(
        path.read_text().replace('msgid "planner"\nmsgstr ""', 'msgid "planner"\nmsgstr "Planer"')
    )
    before = path.read_text()
    assert words.add_words("de", folder)[1:] == (0, 1)
    assert path.read_text() == before


def test_a_tag_in_capitals_is_the_same_language(folder):
    assert words.add_words("ZH", folder)[0].name == "zh.po"
    assert [p.name for p in folder.iterdir()] == ["zh.po"]


@pytest.mark.parametrize(
    ("tag", "said"),
    [("en", "it needs no catalogue"), ("EN", "it needs no catalogue"), ("xx", "'xx' is no language")],
)
def test_what_needs_no_catalogue_gets_none(folder, tag, said):
    with pytest.raises(CrmlabError, match=said):
        words.add_words(tag, folder)
    assert not (folder / f"{tag}.po").exists()
