"""What earlier runs said: written once per as-of day, read back from the day before, and told in words."""

import json

import pytest

from crmlab.files import CrmlabError
from crmlab.report import history
from crmlab.report.compared import changes_grid, difference, said
from crmlab.report.history import Meaning, changes, records, told, write
from crmlab.report.language import Language
from crmlab.report.messages import count, say

EN, ZH = Language("en"), Language("zh")
MEANINGS = {
    "filled": Meaning(say("Filled"), "percent1", "higher", 0.01, "rows"),
    "aside": Meaning(say("Set aside"), "percent2", "lower", 0.002),
    "rows": Meaning(say("Rows"), "count"),
    "readable": Meaning(say("Readable"), "percent1", "higher", 0.01, "filled"),
}


def keep(folder, as_of, figures):
    return write(
        folder,
        as_of,
        {"company": "acme"},
        {"clean": told(figures, MEANINGS.get)},
        {"clean": {"state": "ran"}},
    )


def test_the_earlier_days_are_read_the_latest_last(tmp_path):
    for as_of, n in (("2026-08-31", 1), ("2026-09-30", 2), ("2026-10-31", 3), ("2026-11-30", 4)):
        keep(tmp_path, as_of, {"rows": n})
    found = records(tmp_path, "2026-10-31")
    assert [r.as_of for r in found] == ["2026-08-31", "2026-09-30"]
    assert found[-1].pages == {"clean": {"rows": 2}}
    assert records(tmp_path, "2026-08-31") == []
    assert records(tmp_path / "nobody", "2026-10-31") == []


def test_a_file_is_the_same_whatever_the_order_and_holds_six_digits(tmp_path):
    first = keep(tmp_path / "a", "2026-10-31", {"rows": 7, "filled": 1 / 3, "aside": None})
    again = keep(tmp_path / "b", "2026-10-31", {"filled": 1 / 3, "rows": 7})
    assert (
        first.read_bytes()
        == again.read_bytes()
        == keep(tmp_path / "a", "2026-10-31", {"rows": 7, "filled": 1 / 3}).read_bytes()
    )
    assert json.loads(first.read_text())["pages"] == {
        "clean": {"filled": {"better": "higher", "value": 0.333333}, "rows": {"better": "", "value": 7}}
    }


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"pages": {"clean": {"rows": 3}}}', '{"pages": {"clean": {"rows": {"value": "x"}}}}'],
)
def test_a_file_that_is_no_history_is_named_with_what_to_do(tmp_path, content):
    (tmp_path / "2026-09-30.json").write_text(content)
    with pytest.raises(
        CrmlabError, match=r"2026-09-30\.json: not readable as the history of a run; restore it"
    ):
        records(tmp_path, "2026-10-31")


def test_other_files_in_the_folder_are_no_days(tmp_path):
    (tmp_path / "notes.json").write_text("{")
    assert records(tmp_path, "2026-10-31") == []


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ({"filled": 0.9}, {"filled": 0.89}, "worse"),
        ({"filled": 0.9}, {"filled": 0.91}, "better"),
        ({"filled": 0.9}, {"filled": 0.895}, None),
        ({"aside": 0.001}, {"aside": 0.004}, "worse"),
        ({"aside": 0.004}, {"aside": 0.001}, "better"),
        ({"rows": 5}, {"rows": 4}, "neutral"),
        ({"rows": 5}, {"rows": 5}, None),
        ({}, {"filled": 0.9}, "new"),
        ({"filled": 0.9}, {}, "gone"),
        ({"filled": 0.9}, {"filled": None}, "gone"),
    ],
)
def test_a_change_is_better_or_worse_by_the_meaning_of_its_figure(before, now, verdict):
    found = changes(before, now, MEANINGS.get)
    assert [c.verdict for c in found] == ([verdict] if verdict else [])


def test_a_new_table_does_not_list_each_of_its_columns():
    now = {"rows": 5, "filled": 1.0, "readable": 1.0, "aside": 0.1}
    assert [c.id for c in changes({"aside": 0.1}, now, MEANINGS.get)] == ["rows"]
    assert [c.id for c in changes({"rows": 5}, {"rows": 5, "filled": 1, "readable": 1}, MEANINGS.get)] == [
        "filled"
    ]


def test_the_worst_stands_first():
    before, now = {"rows": 1, "filled": 0.5, "aside": 0.1}, {"rows": 2, "filled": 0.9, "aside": 0.3}
    assert [c.verdict for c in changes(before, now, MEANINGS.get)] == ["worse", "better", "neutral"]


def test_changes_in_words():
    found = changes(
        {"filled": 0.9, "rows": 10, "aside": 0.0031},
        {"filled": 0.85, "rows": 1234, "readable": 0.5},
        MEANINGS.get,
    )
    words = {c.id: (said(c).in_language(EN), said(c).in_language(ZH)) for c in found}
    assert words == {
        "filled": ("down 5.0 points: worse", "下降 5.0 个百分点：变差"),
        "rows": ("up 1,224", "增加 1,224"),
        "aside": ("gone", "已消失"),
        "readable": ("new", "新增"),
    }
    assert difference(0.2, 0.25, "percent1").in_language(EN) == "up 5.0 points"
    assert difference(9, 7, "count").in_language(ZH) == "减少 2"


def test_a_table_of_changes_has_both_days():
    grid = changes_grid(changes({"rows": 1}, {"rows": 2}, MEANINGS.get), "2026-09-30", count(3))
    assert (grid.headings[1].text(EN), grid.headings[2].text(EN), grid.total) == ("30 September 2026", "3", 1)
    assert [getattr(c, "value", None) for c in grid.rows[0]][1:3] == [1, 2]


def test_the_run_id_depends_on_what_the_pages_are_compared_with(small):
    from crmlab.report.run import identify

    one, same, other = (identify(small, {"as_of": "auto"}, h) for h in ("", "", "abc"))
    assert one == same
    assert other.id != one.id
    assert (other.data, other.code) == (one.data, one.code)


def test_history_of_a_page_without_earlier_figures_is_empty(tmp_path):
    keep(tmp_path, "2026-09-30", {"rows": 2})
    assert "value" not in history.records(tmp_path, "2026-10-31")[-1].pages
