"""Components: what they show, and how a page is opened."""

import json
from dataclasses import replace

import pandas as pd
import pytest
from test_report_build import write_project

from crmlab.files import CrmlabError
from crmlab.report import Card, count, history, money, open_page, percent, say
from crmlab.report.badge import Quality, lack, lacking, read_status
from crmlab.report.blocks import MIME, grid, nine_cells
from crmlab.report.language import Language


@pytest.fixture
def page(tmp_path):
    return open_page("clean", write_project(tmp_path).root)


def opened_after(tmp_path, **earlier):
    """The page of a company whose earlier runs, the last of them as of 30 September, kept these figures."""
    project = write_project(tmp_path)
    runs = max(len(values) for values in earlier.values())
    for n in range(runs):
        figures = {name: {"value": values[n], "better": ""} for name, values in earlier.items()}
        history.write(project.history("demo"), f"2026-{10 - runs + n:02}-30", {}, {"clean": figures}, {})
    return open_page("clean", project.root)


def test_block_holds_every_language_and_shows_the_first(page):
    bundle = page.section(say("Data quality"))._repr_mimebundle_()
    assert "Data quality" in bundle["text/html"]
    assert "数据质量" in bundle[MIME]["html"]["zh"]


def test_same_title_twice_has_two_anchors(page):
    first, second = (page.section(say("Data")).notes["sections"][0]["anchor"] for _ in range(2))
    assert (first, second) == ("data", "data-2")


def test_a_section_that_is_not_shown_leaves_no_heading_and_no_link(page):
    hidden = page.section(say("Inside"), shown=False)
    assert hidden.html["en"] == ""
    assert "sections" not in hidden.notes


def test_table_shows_200_rows_and_says_so(page):
    frame = pd.DataFrame({"n": range(250)})
    html = page.table(say("Data"), frame, {"n": (say("Data"), "count")}).html["en"]
    assert html.count("<tr>") == 201
    assert "The first <data value='200'>200</data> of <data value='250'>250</data> rows." in html


def test_the_rows_that_a_page_leaves_out_are_in_a_file_beside_it(page):
    names = ["=1+1", *(f"customer {n}" for n in range(249))]
    frame = pd.DataFrame({"name": names, "amount": [123_456, *range(249)]})
    columns = {"name": (say("Customer"), "text"), "amount": (say("Data"), "money")}
    made = page.table(say("All customers"), frame, columns)
    assert made.notes["file"]["name"] == "clean-all-customers.csv"
    lines = made.notes["file"]["text"]["zh"].split("\r\n")
    assert lines[:2] == ["\ufeff客户,数据", "'=1+1,123456"]
    assert len(lines) == 252
    assert 'href="clean-all-customers.csv"' in made.html["en"]
    assert "file" not in page.table(say("Some"), frame.head(200), columns).notes


def test_a_card_tells_how_its_figure_moved_and_keeps_it(tmp_path):
    page = opened_after(tmp_path, open=[30, 20, 10])
    worse = Card(say("Open tickets"), count(12), key="open", better="lower")
    html = page.cards([worse]).html["en"]
    assert '<p class="change worse">▲ up' in html
    assert '<polyline points="0,2 33.33,12 66.67,22 100,20"/>' in html
    same = page.cards([replace(worse, value=count(10))])
    assert "as before" in same.html["en"]
    assert same.notes["figures"] == {"open": {"value": 10, "better": "lower"}}
    alone = page.cards([Card(say("Open tickets"), count(12))])
    assert not alone.notes["figures"]
    assert 'class="change' not in alone.html["en"]


def test_an_amount_that_moved_by_less_than_a_hundredth_is_as_before(tmp_path):
    page = opened_after(tmp_path, loss=[100_000])
    card = Card(say("Expected loss"), money(100_900), key="loss", better="lower")
    assert "as before" in page.cards([card]).html["en"]
    assert "worse" in page.cards([replace(card, value=money(102_000))]).html["en"]


def test_the_figures_of_cards_are_what_a_page_compares(tmp_path):
    page = opened_after(tmp_path, open=[10], gone=[3])
    page.cards([Card(say("Open tickets"), count(12), key="open", better="lower")])
    html = page.changes().html["en"]
    assert "Open tickets" in html
    assert "up <data value='2'>2</data>: worse" in html


def test_a_block_in_a_notebook_brings_its_style_and_touches_nothing_else(page):
    html = page.section(say("Data"))._repr_mimebundle_()["text/html"]
    assert html.startswith('<div class="crmlab"><style>@scope {')
    assert ":root" not in html


def test_missing_cells_are_dashes():
    frame = pd.DataFrame(
        {"x": [None, "a"], "y": pd.array([1, None], "Int64"), "z": [pd.NaT, pd.Timestamp("2026-10-31")]}
    )
    cells = grid(
        frame, {"x": (say("Data"), "text"), "y": (say("Data"), "count"), "z": (say("Data"), "day")}
    ).rows
    assert cells[0][0] == "–"
    assert cells[1][1] == "–"
    assert cells[0][2] == "–"


def test_unknown_column_is_an_error():
    with pytest.raises(KeyError):
        grid(pd.DataFrame({"x": []}), {"y": (say("Data"), "text")})


def test_nine_cells_sum_to_all_customers():
    frame = pd.DataFrame(
        {"type": ["planner", "reckoner", "undetermined"], "n": [3, 5, 2], "to_come": [700, None, -10]}
    )
    rows, undetermined = nine_cells(frame)
    cells = {cell.name: cell for _, row in rows for cell in row}
    assert len(cells) == 9
    assert sum(cell.n for cell in cells.values()) + undetermined.n == 10
    assert cells["planner"].share == 0.3
    assert cells["planner"].to_come == 700
    assert cells["reckoner"].to_come is None
    assert undetermined.to_come == -10


def test_the_nine_are_darker_the_higher_their_median_or_the_more_they_are(page):
    frame = pd.DataFrame(
        {"type": ["planner", "reckoner", "pioneer"], "n": [1, 5, 3], "median_to_come": [900, 100, None]}
    )
    by_worth, by_share = nine_cells(frame), nine_cells(frame.drop(columns="median_to_come"))
    shades = [{cell.name: cell.shade for _, row in rows for cell in row} for rows, _ in (by_worth, by_share)]
    assert [{x: s[x] for x in ("planner", "reckoner", "pioneer", "nostalgic")} for s in shades] == [
        {"planner": 5, "reckoner": 1, "pioneer": 0, "nostalgic": 0},
        {"planner": 1, "reckoner": 5, "pioneer": 3, "nostalgic": 0},
    ]
    html = page.nine_types(say("Value types"), frame).html["en"]
    assert "Darker is a higher median." in html
    assert "CN¥9<" in html


def test_a_page_may_name_a_parameter_that_means_something_else_elsewhere(page):
    page.params = {page.name: {"margin": 0.4}}
    named = page.closing(words={"margin": say("Lead in probability for a change of type")}).html
    assert "<dt>Lead in probability for a change of type</dt>" in named["en"]
    assert "<dt>margin</dt>" in page.closing().html["en"]


def test_nine_types_of_nobody_are_nine_zeros(page):
    empty = pd.DataFrame({"type": [], "n": [], "to_come": []})
    html = page.nine_types(say("Value types"), empty).html["en"]
    assert html.count("<b><data value='0'>0</data></b>") == 10


def test_page_of_other_data_is_refused(tmp_path):
    root = write_project(tmp_path).root
    with pytest.raises(
        CrmlabError, match="as_of: '2026-01-01', but the processed data are as of '2026-10-31'"
    ):
        open_page("clean", root, "demo", "2026-01-01")
    with pytest.raises(CrmlabError, match="company: 'acme', but the processed data are of 'demo'"):
        open_page("clean", root, "acme")


def test_page_before_the_first_run_says_what_to_do(tmp_path):
    with pytest.raises(CrmlabError, match="run `make` first"):
        open_page("clean", tmp_path)


def test_run_id_follows_data_params_and_nothing_else(tmp_path):
    project = write_project(tmp_path)
    first = open_page("clean", project.root).run
    assert open_page("faults", project.root).run == first
    (project.root / "params.yaml").write_text("company: demo\nlanguages: [en]\n")
    other = open_page("clean", project.root).run
    assert (other.data, other.code) == (first.data, first.code)
    assert other.id != first.id
    (project.processed("clean") / "as_of.json").write_text(
        '{"as_of": "2026-11-30", "report_month": "2026-11"}'
    )
    assert open_page("clean", project.root).run.data != first.data


def test_badge_warns_when_much_was_set_aside(page):
    assert page.quality.grade == "warn"
    assert page.quality.badge == say("{share} of rows set aside", share=percent(0.04, 1))
    assert page.quality.sentence.values["aside"] == count(40)


def test_a_table_withheld_is_named_on_the_badge_and_wherever_a_stage_lacks_it(tmp_path):
    why = {"share": 0.12, "column": "arrived_at", "reason": "is not a date (year-month-day)"}
    fates = {"duplicates": 0, "filtered": 0}
    quality = Quality.of(
        {
            "tables": {
                "tickets": {"raw": 100, "clean": 100, "quarantined": 0, "unusable": 0, **fates},
                "visits": {"raw": 50, "clean": 0, "quarantined": 6, "unusable": 44, **fates},
            },
            "withheld": {"visits": why},
        }
    )
    assert (quality.grade, quality.exported) == ("warn", {"tickets"})
    assert quality.badge.in_language(Language("en")) == "withheld: visits"
    assert quality.sentence.in_language(Language("en")).startswith(
        "Of 150 rows read, 100 are used; 6 were set aside as faulty, 44 were withheld with the rest of their table, "
        "0 were duplicates and 0 were filtered out. "
    )
    assert quality.badge.in_language(Language("zh")) == "整表搁置：上门记录"
    status = {
        "stage": "service",
        "state": "narrowed",
        "missing": [{"what": "visits.arrived_at", "adds": "x"}],
    }
    (tmp_path / "status.json").write_text(json.dumps(status))
    [entry] = lacking(read_status(tmp_path / "status.json", quality)["missing"], quality.exported)
    assert lack(entry).in_language(Language("en")) == (
        "visits (withheld: 12% of its rows could not be used, most often arrived_at is not a date (year-month-day))"
    )
    assert lack({"what": "tickets"}).in_language(Language("en")) == "tickets"
    assert read_status(tmp_path / "nothing.json", quality) == {}


def test_a_run_is_compared_with_the_last_one_that_had_the_same_tables(tmp_path):
    project = write_project(tmp_path)
    for as_of, withheld in (("2026-08-31", []), ("2026-09-30", ["contracts"])):
        figures = {"value": {"worth": {"value": 7, "better": "higher"}}}
        history.write(project.history("demo"), as_of, {"withheld": withheld}, figures, {})
    page = open_page("value", project.root)
    assert page.previous_day.plain == "2026-08-31"
    assert page.vanished([Card(say("Other"), count(1), key="other")]) == 1
    assert page.vanished([Card(say("Worth"), count(9), key="worth", better="higher")]) == 0
    assert [r.as_of for r in page.records] == ["2026-08-31", "2026-09-30"]
