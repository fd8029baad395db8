"""The whole line, from raw exports to what the pages would show, for whole and for partial companies."""

import re
import shutil

import pandas.testing as pdt
import pytest
from conftest import STAGES, new_project, run_notebook, run_stage

from crmlab import explore, files
from crmlab.explore.tables import described
from crmlab.report import term
from crmlab.report.language import Language
from crmlab.report.page import TITLES

PAGES = tuple(TITLES)


def html_of(blocks, language="en"):
    return "\n".join(
        block._repr_mimebundle_()["application/vnd.crmlab+json"]["html"][language] for block in blocks
    )


def state(project, stage):
    return files.read_json(project.processed(stage) / "status.json")["state"]


def test_every_stage_runs_on_a_whole_company(small):
    assert {stage: state(small, stage) for stage in STAGES} == dict.fromkeys(STAGES, "ran")


def test_every_row_read_is_accounted_for(small):
    tables = files.read_json(small.metrics("clean"))["tables"]
    assert tables["tickets"]["raw"] > 1000
    for name, t in tables.items():
        assert t["raw"] == t["clean"] + t["quarantined"] + t["duplicates"] + t["filtered"] + t["unusable"], (
            name
        )


def test_every_model_stands_beside_its_naive_line(small):
    faults, churn, value = (files.read_json(small.metrics(s)) for s in ("faults", "churn", "value"))
    assert faults["accuracy"] > faults["majority_accuracy"]
    assert {"brier", "brier_naive"} <= set(churn)
    assert {"mae", "mae_last_year", "mae_mean_retained"} <= set(value["backtest"]["1"])


def test_every_written_table_is_described_and_loads(small):
    for name in described():
        frame = explore.load(name, small)
        assert set(frame.attrs["columns"]) == set(frame.columns), name
    written = {
        str(p.relative_to(small.root / "data/processed"))[:-8] for p in small.processed("").rglob("*.parquet")
    }
    assert written == set(described())


@pytest.mark.parametrize("page", PAGES)
def test_every_notebook_runs(small, page):
    blocks = run_notebook(small, page)
    html = html_of(blocks)
    assert html.count("<h1") == 1
    assert "simulated" in html
    assert "模拟" in html_of(blocks, "zh")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tables", "answered", "unanswered"),
    [
        (("tickets",), {"clean", "faults", "service"}, {"churn", "value"}),
        (("sales",), {"clean", "churn", "value"}, {"faults", "service"}),
        (("sales", "contracts", "customers"), {"clean", "churn", "value"}, {"faults", "service"}),
        (("contracts",), {"clean", "churn", "value"}, {"faults", "service", "segments"}),
        (("surveys",), {"clean", "service"}, {"faults", "churn", "value", "segments"}),
    ],
    ids=lambda x: "+".join(sorted(x)) if isinstance(x, tuple) else None,
)
def test_a_missing_table_narrows_a_page_and_never_stops_the_run(company, tables, answered, unanswered):
    project = company(*tables)
    for stage in STAGES:
        run_stage(project, stage)
    assert all(state(project, s) in ("ran", "narrowed") for s in answered)
    assert all(state(project, s) == "empty" for s in unanswered)
    chinese = Language("zh")
    for stage in STAGES:
        missing = files.read_json(project.processed(stage) / "status.json")["missing"]
        assert missing or stage in answered
        for words in (word for entry in missing for word in entry.values()):
            assert re.search("[\u4e00-\u9fff]", term("lacks", words).in_language(chinese)), (
                f"no Chinese for {words!r}"
            )
    for page in PAGES:
        html = html_of(run_notebook(project, page))
        assert "NaN" not in html
        assert "None" not in html
    for name in described():
        explore.load(name, project)


@pytest.mark.parametrize(
    "customer", ["", pytest.param(",客户名", marks=pytest.mark.slow)], ids=["nobody", "customers"]
)
def test_the_barest_tickets_reach_every_page(tmp_path, customer):
    project = new_project(tmp_path)
    rows = [
        f"2026-{1 + n % 9:02d}-{1 + n % 28:02d},{'开机无显' if n % 3 else '硬盘黄灯常亮'},{'内存损坏' if n % 2 else '主板故障'}"
        + (f",客户{n % 60}" if customer else "")
        for n in range(300)
    ]
    project.raw("demo").mkdir(parents=True)
    (project.raw("demo") / "tickets.csv").write_text(
        f"报修时间,故障现象,故障原因{customer}\n" + "\n".join(rows) + "\n"
    )
    for stage in STAGES:
        run_stage(project, stage)
    for page in PAGES:
        html_of(run_notebook(project, page))


def test_an_earlier_as_of_leaves_later_rows_out_and_counts_them(company):
    project = company("tickets", "sales", as_of='"2025-06-30"')
    run_stage(project, "clean")
    tickets = explore.load("tickets", project)
    assert str(tickets["reported_at"].max()) < "2025-07-01"
    assert files.read_json(project.metrics("clean"))["tables"]["tickets"]["filtered"] > 0
    when = files.read_json(project.processed("clean") / "as_of.json")
    assert (when["as_of"], when["report_month"]) == ("2025-06-30", "2025-06")


@pytest.mark.slow
def test_what_the_service_record_knew_of_a_month_is_the_same_whenever_it_is_asked(company):
    project = company("tickets", "visits", "contracts", "complaints", "customers")
    params, known = (project.root / "params.yaml").read_text(), []
    for as_of in ("auto", '"2025-12-31"'):
        (project.root / "params.yaml").write_text(params.replace("as_of: auto", f"as_of: {as_of}"))
        for stage in ("clean", "service"):
            run_stage(project, stage)
        months = explore.load("service/months", project)
        known.append(months[months["month"] <= "2025-10"].reset_index(drop=True))  # sheets come in for weeks
    assert len(known[0]) > 500
    pdt.assert_frame_equal(*known)


def test_a_company_folder_that_does_not_exist_is_named_with_those_that_do(tmp_path, capsys):
    project = new_project(tmp_path, {"company": "acme"})
    (project.raw("demo")).mkdir(parents=True)
    with pytest.raises(SystemExit):
        run_stage(project, "clean")
    said = capsys.readouterr().err
    assert "acme" in said
    assert "demo" in said


@pytest.mark.slow
def test_two_runs_write_the_same_bytes(small, tmp_path):
    again = new_project(tmp_path)
    shutil.copytree(small.raw("demo"), again.raw("demo"))
    for stage in STAGES:
        run_stage(again, stage)
    for folder in ("data/processed", "models", "reports/metrics"):
        first = sorted(p for p in (small.root / folder).rglob("*") if p.is_file())
        assert first
        for path in first:
            assert path.read_bytes() == (again.root / path.relative_to(small.root)).read_bytes(), path.name
