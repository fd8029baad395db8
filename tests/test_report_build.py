"""Notebooks become pages: offline, in two languages, the same bytes again, and yesterday's page when one fails."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import page_rules
import pytest

from crmlab.files import CrmlabError, Project
from crmlab.report.build import build
from crmlab.report.notebook import check_parameters

PARAMETERS = 'root = ".."\ncompany = "demo"\nas_of = "auto"\n'

CLEAN = (
    """
import pandas as pd
from crmlab import report
from crmlab.report import Card, charts, count, money, percent, say
page = report.open_page("clean", root, company, as_of)
frame = pd.DataFrame({
    "customer": ["<script>alert(1)</script>", '=HYPERLINK("http://evil.example","x")', '"><img src=x onerror=alert(2)>'],
    "share": [0.4, 0.3, None],
    "worth": [138901200, 62505200, None],
})
shown = {"customer": (say("Customer"), "text"), "share": (say("Share"), "percent1"), "worth": (say("Value"), "money")}
types = pd.DataFrame({"type": ["reckoner", "planner", "undetermined"], "n": [6, 3, 1], "to_come": [500, None, -7]})
""",
    "frame.head()",
    'page.header(say("Data quality"), say("Of {name}", name=frame["customer"][0]))',
    'page.attention([say("{n} customers, worth {v}", n=count(48), v=money(817_800_000)), say("{x} first", x=frame["customer"][2])])',
    'page.cards([Card(say("Customers"), count(1403), say("Share"), say("Value")), Card(say("Share"), percent(float("nan")))])',
    'page.section(say("Value"))',
    'page.figure(say("Share"), charts.bars(frame, "customer", "share"), None, frame, shown)',
    'page.figure(say("Share"), charts.bars(frame.head(0), "customer", "share"))',
    'page.table(say("Customer"), frame, shown)',
    'page.table(say("Customer"), frame.head(0), shown)',
    'page.nine_types(say("Value types"), types)',
    """
from crmlab.report.history import Meaning
page.changes({"share": 0.4, "rows": 1403}, lambda name: Meaning(say("Share"), "percent1", "higher", 0.01))
""",
    'page.closing([say("Share")])',
)
FAULTS = (
    """
import pandas as pd
from crmlab import report
from crmlab.report import say
page = report.open_page("faults", root, company, as_of)
""",
    'page.header(say("Fault causes"))',
    'page.attention([say("No ticket has a recorded cause: record what was found, and this page can say what to expect.")])',
    'page.section(say("Value"))',
    'page.table(say("Customer"), pd.DataFrame({"x": []}), {"x": (say("Value"), "text")})',
    'page.cards([report.Card(say("Rows used"), report.count(0))])',
    "page.closing([say('Share')])",
)


def write_notebook(path: Path, cells: tuple[str, ...]) -> None:
    """A notebook whose first cell is tagged parameters."""
    texts = [("parameters", PARAMETERS), *((f"cell{i}", text) for i, text in enumerate(cells))]
    content = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": name,
                "metadata": {"tags": ["parameters"]} if name == "parameters" else {},
                "outputs": [],
                "source": text.strip(),
            }
            for name, text in texts
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def write_project(root: Path) -> Project:
    """A project with processed data of a company that has a hostile name, and no rows."""
    files = {
        "dvc.yaml": "",
        "params.yaml": "company: demo\nas_of: auto\nlanguages: [en, zh]\nclean: {max_bad_share: 0.05}\n",
        "data/processed/clean/as_of.json": '{"as_of": "2026-10-31", "report_month": "2026-10"}',
        "data/processed/clean/company.json": '{"company": "demo", "name": "<b>Evil</b> & Co", "simulated": true, "currency": "CNY"}',
        "data/processed/clean/status.json": '{"state": "narrowed", "missing": [{"what": "visits", "adds": "<i>more</i>"}]}',
        "data/processed/faults/status.json": json.dumps(
            {
                "state": "empty",
                "missing": [{"what": f"visits.{c}", "adds": "everything"} for c in ("arrived_at", "left_at")],
            }
        ),
        "reports/history/demo/2026-09-30.json": json.dumps(
            {
                "pages": {
                    "clean": {
                        "share": {"value": 0.5, "better": "higher"},
                        "rows": {"value": 1403, "better": ""},
                    }
                }
            }
        ),
        "reports/metrics/clean.json": json.dumps(
            {
                "tables": {
                    "tickets": {"raw": 1000, "clean": 950, "quarantined": 40, "duplicates": 10, "filtered": 0}
                }
            }
        ),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Project(root)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Two runs in one project: one that succeeds, then one in which the notebook of faults fails."""
    project = write_project(tmp_path_factory.mktemp("built"))
    write_notebook(project.notebooks / "clean.ipynb", CLEAN)
    write_notebook(project.notebooks / "faults.ipynb", FAULTS)
    pages = project.reports / "pages"
    for stale in (pages / "fr/clean.html", pages / "en/gone.html"):
        stale.parent.mkdir(parents=True, exist_ok=True)
        stale.write_text("an old page")

    def run() -> tuple[dict[str, str], str]:
        try:
            build(project, "demo", "auto", ["en", "zh"], ["clean", "faults"])
            error = ""
        except CrmlabError as failure:
            error = str(failure)
        written = {
            p.relative_to(project.reports).as_posix(): p.read_text() for p in project.reports.rglob("*.html")
        }
        return written, error

    first, error = run()
    assert not error
    write_notebook(
        project.notebooks / "faults.ipynb", (*FAULTS[:2], 'raise KeyError("no_such_column")', FAULTS[-1])
    )
    (pages / "en/gone.html").write_text("an old page")
    second, error = run()
    return SimpleNamespace(project=project, first=first, second=second, error=error)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", ["clean", "faults"])
def test_page_keeps_every_rule(built, lang, page):
    html = built.first[f"pages/{lang}/{page}.html"]
    assert page_rules.broken_rules(html, {"zh": "zh-CN"}.get(lang, lang)) == []


def test_index_keeps_every_rule(built):
    assert page_rules.broken_rules(built.first["index.html"], "en", is_index=True) == []


def test_links_between_pages_lead_somewhere(built):
    for name, html in built.first.items():
        here = built.project.reports / name
        targets = [v for _, a, v in page_rules.read(html).attributes if a == "href" and not v.startswith("#")]
        assert targets
        assert [t for t in targets if not (here.parent / t).resolve().is_file()] == [], name


def test_hostile_names_are_text(built):
    text = page_rules.read(built.first["pages/en/clean.html"]).text
    for name in (
        "<script>alert(1)</script>",
        '=HYPERLINK("http://evil.example","x")',
        "<b>Evil</b> & Co",
        "<i>more</i>",
    ):
        assert name in text


def test_only_marked_outputs_reach_the_page(built):
    assert "dataframe" not in built.first["pages/en/clean.html"]


def test_both_languages_hold_the_same_figures(built):
    english, chinese = (page_rules.read(built.first[f"pages/{lang}/clean.html"]) for lang in ("en", "zh"))
    assert sorted(english.values) == sorted(chinese.values)
    assert {"1403", "817800000", "0.400", "138901200", "2026-10-31"} <= set(english.values)
    assert "CN¥8.2M" in english.text
    assert "¥817.8万" in chinese.text


def test_page_says_whose_data_it_shows_and_how_good_they_are(built):
    text = page_rules.read(built.first["pages/en/clean.html"]).text
    for part in (
        "simulated data",
        "October 2026",
        "31 October 2026",
        "4.0% of rows set aside",
        "max_bad_share",
    ):
        assert part in text


def test_a_page_tells_what_changed_since_the_previous_day(built):
    text = page_rules.read(built.first["pages/en/clean.html"]).text
    for part in (
        "Changes since the previous run",
        "30 September 2026",
        "down 10.0 points: worse",
        "1 of 2 figures",
    ):
        assert part in text
    assert "Compared with" in text


def test_a_run_is_kept_for_the_next_one(built):
    kept = json.loads((built.project.history("demo") / "2026-10-31.json").read_text())
    assert kept["pages"] == {
        "clean": {"rows": {"better": "higher", "value": 1403}, "share": {"better": "higher", "value": 0.4}}
    }
    assert kept["stages"]["clean"]["state"] == "narrowed"
    assert kept["stages"]["clean"]["metrics"]["tables"]["tickets"]["raw"] == 1000
    assert (kept["as_of"], kept["company"], kept["simulated"]) == ("2026-10-31", "demo", True)
    assert f"run {kept['run']}" in page_rules.read(built.first["pages/en/clean.html"]).text


def test_a_page_that_cannot_answer_says_why_and_shows_no_empty_panels(built):
    html = built.first["pages/en/faults.html"]
    text = page_rules.read(html).text
    assert "No ticket has a recorded cause" in text
    assert '<div class="panel">' not in html
    assert "Rows used" not in text
    assert text.count("everything") == 1, "two columns of a table that is not exported are one gap"


def test_index_repeats_the_headline_of_each_page(built):
    text = page_rules.read(built.first["index.html"]).text
    assert "1,403" in text
    assert "故障原因" in text


def test_pages_that_are_no_longer_written_go_when_all_succeeded(built):
    assert sorted(built.first) == [
        "index.html",
        *(f"pages/{x}/{p}.html" for x in ("en", "zh") for p in ("clean", "faults")),
    ]
    assert not (built.project.reports / "pages/fr").exists()


def test_rebuild_is_byte_identical(built):
    for name in ("pages/en/clean.html", "pages/zh/clean.html"):
        assert built.second[name] == built.first[name]


def test_failing_notebook_leaves_yesterdays_pages(built):
    for name in ("index.html", "pages/en/faults.html", "pages/zh/faults.html"):
        assert built.second[name] == built.first[name]
    assert built.second["pages/en/gone.html"] == "an old page"


def test_failing_notebook_is_named_in_one_line(built):
    copy = built.project.reports / "executed" / "faults.ipynb"
    assert (
        built.error
        == f"notebooks/faults.ipynb, cell 'cell2': KeyError: 'no_such_column' (executed copy: {copy})"
    )
    assert copy.is_file()


def test_unknown_and_missing_parameters_are_refused(tmp_path):
    write_notebook(tmp_path / "x.ipynb", ())
    with pytest.raises(CrmlabError, match=r"company is unknown to the pipeline, horizon is missing"):
        check_parameters(tmp_path / "x.ipynb", {"root": "..", "as_of": "auto", "horizon": 3})
