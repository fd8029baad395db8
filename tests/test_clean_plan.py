"""Which file is which table, which is nobody's, and which is there twice."""

import gzip
import io
import subprocess
import sys

import pandas as pd
import pytest
from exports import cleaned, ingested, write

from crmlab.clean.reading.plan import plan
from crmlab.tables import CONTRACT

HEAD = "派单号,报修时间,故障现象\n"
ROW = "T1,2026-10-01,黄灯\n"
SEPTEMBER = HEAD + "T1,2026-09-01,a\nT2,?,b\n"


@pytest.mark.parametrize("name", [n for t in CONTRACT.values() for n in (t.name, t.zh, *t.also)])
def test_a_table_is_known_by_every_name_of_its_file(tmp_path, name):
    found = plan(write(tmp_path, {f"{name.upper()}.csv": "a,b\n1,2\n"}))
    assert found.unused == []


def test_files_of_people_and_of_the_system_are_no_exports(tmp_path):
    own = (
        *("customer_aliases.csv", "rules.py", "lexicon.yaml", "topics.yaml", "policy.csv", "effort.csv"),
        *("type_labels.csv", "README.md"),
    )
    system = (
        "~$tickets.xlsx",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "__pycache__/rules.pyc",
        "tickets/~$10.xlsx",
    )
    files = {"tickets/10.csv": HEAD + ROW, "photo.jpg": b"", **dict.fromkeys((*own, *system), "x")}
    found = plan(write(tmp_path, files, "company: Acme"))
    assert found.unused == ["photo.jpg"]
    assert found.faults == []
    found = plan(write(tmp_path, {}, 'tables: {tickets: {files: "*.csv"}}'))
    assert [s.name for s in found.sources["tickets"]] == ["tickets/10.csv"]


def test_a_folder_may_mix_formats_and_a_column_may_change_its_type(tmp_path):
    """A number in Parquet and in a workbook, text elsewhere; a column that only some months have."""
    import openpyxl

    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in (["派单号", "报修时间", "故障现象", "优先级"], [3, "2026-09-01", "c", 1.0]):
        book.active.append(row)
    book.save(made)
    columnar = pd.DataFrame(
        {
            "派单号": [1, 2],
            "报修时间": pd.to_datetime(["2026-07-01", "2026-07-02"]),
            "故障现象": ["a", "b"],
            "优先级": [1.5, None],
        }
    )
    files = {
        "tickets/2026-07.parquet": columnar.to_parquet(),
        "tickets/2026-09.xlsx": made.getvalue(),
        "tickets/2026-10.csv.gz": gzip.compress((HEAD + "P4,2026-10-01,d\n").encode("gb18030")),
        "tickets/2026-11.txt": "故障现象\t报修时间\t机型\t优先级\nd\t2026年11月1日\t7979\t高\n",
    }
    done = cleaned(tmp_path, files)
    tickets = done.table("tickets").sort_values("reported_at")
    assert tickets["ticket_id"].tolist() == ["1", "2", "3", "P4", "tickets/2026-11.txt:2"]
    assert tickets["priority"].astype(object).where(tickets["priority"].notna(), None).tolist() == [
        "1.5",
        None,
        "1",
        None,
        "高",
    ]
    assert done.counts("tickets")["clean"] == 5


def test_a_file_with_the_content_of_another_is_counted_as_duplicates(tmp_path):
    files = {
        "tickets/2026-09 copy.csv": SEPTEMBER,
        "tickets/2026-09.csv.gz": gzip.compress(SEPTEMBER.encode()),
        "tickets/2026-10.csv": HEAD + ROW.replace("1,", "3,", 1),
    }
    layout = plan(write(tmp_path / "look", files))
    assert layout.copies == {"tickets/2026-09.csv.gz": "tickets/2026-09 copy.csv"}
    done = cleaned(tmp_path, files)
    assert done.counts("tickets") == {
        "raw": 5,
        "clean": 2,
        "quarantined": 1,
        "duplicates": 2,
        "filtered": 0,
        "unusable": 0,
    }
    reasons = done.table("quarantine/tickets").set_index(["file", "line"])["reason"]
    assert reasons[("tickets/2026-09.csv.gz", 2)] == "copy of tickets/2026-09 copy.csv:2"
    assert reasons[("tickets/2026-09.csv.gz", 3)] == "copy of tickets/2026-09 copy.csv:3"


@pytest.mark.parametrize("exact", ["false", "true"])
def test_a_copied_file_beside_rows_that_repeat_within_it(tmp_path, exact):
    """Sales have no key here, so that only the copied file, and exact copies where asked for, are set aside."""
    text = "销售日期,客户,金额\n2026-10-01,A,5\n2026-10-01,A,5\n2026-10-02,B,-1\n"
    mapping = f"tables: {{sales: {{drop_duplicates: {exact}}}}}"
    done = cleaned(tmp_path, {"sales/a.csv": text, "sales/b.csv": text, "sales/c.csv": text}, mapping)
    assert done.counts("sales") == {
        "raw": 9, "clean": 1 if exact == "true" else 2, "quarantined": 1, "duplicates": 7 if exact == "true" else 6, "filtered": 0, "unusable": 0,
    }  # fmt: skip
    reasons = done.table("quarantine/sales")
    assert set(reasons.loc[reasons["file"] == "sales/c.csv", "reason"]) == {
        f"copy of sales/a.csv:{n}" for n in (2, 3, 4)
    }


def test_files_of_one_size_need_not_be_copies(tmp_path):
    files = {"tickets/a.csv": HEAD + ROW, "tickets/b.csv": HEAD + ROW.replace("黄", "红")}
    assert plan(write(tmp_path, files)).copies == {}
    assert len(ingested(tmp_path / "all", files)) == 2


def test_a_copied_questionnaire(tmp_path):
    text = "客户,答卷时间,Q1,Q2\nA,2026-10-01,1,\nB,2026-10-01,2,3\n"
    mapping = 'tables: {surveys: {unpivot: {columns: ["Q*"]}, constants: {scale_max: "5", kind: perception}, sql: {survey_id: row_number() over ()}}}'
    done = cleaned(
        tmp_path, {"tickets.csv": HEAD + ROW, "surveys/a.csv": text, "surveys/b.csv": text}, mapping
    )
    assert done.counts("surveys") == {
        "raw": 6,
        "clean": 3,
        "quarantined": 0,
        "duplicates": 3,
        "filtered": 0,
        "unusable": 0,
    }
    reasons = done.table("quarantine/surveys")
    assert reasons["reason"].tolist() == [
        "copy of surveys/a.csv:2",
        "copy of surveys/a.csv:3",
        "copy of surveys/a.csv:3",
    ]


def test_looking_at_text_and_workbooks_imports_nothing_heavy(tmp_path):
    """Every `make` looks at the headers of all files."""
    import openpyxl

    book, made = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["产品编号", "系列"])
    book.save(made)
    files = {"tickets.csv": HEAD + ROW, "products.xlsx": made.getvalue()}
    code = """
import sys
from pathlib import Path
from crmlab.clean.reading.plan import plan
assert set(plan(Path(sys.argv[1])).sources) == {"tickets", "products"}
print([m for m in ("pandas", "duckdb", "pyarrow", "openpyxl", "numpy") if m in sys.modules])
"""
    folder = write(tmp_path, files)
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_links_are_followed_and_a_broken_one_is_a_fault(tmp_path):
    elsewhere = write(tmp_path / "elsewhere", {"01.csv": "派单号,报修时间,故障现象\nT1,2026-10-01,a\n"})
    folder = write(tmp_path / "raw" / "acme", {"sales.csv": "销售日期,金额\n2026-10-01,1\n"})
    (folder / "tickets").symlink_to(elsewhere)
    (elsewhere / "back").symlink_to(folder)
    found = plan(folder)
    assert [s.name for s in found.sources["tickets"]] == ["tickets/01.csv"]
    (folder / "visits.csv").symlink_to(tmp_path / "gone.csv")
    said = [f for f in plan(folder).faults if f.startswith("visits.csv")]
    assert said == [
        f"visits.csv: a link to {tmp_path / 'gone.csv'}, which is not there; mend the link or remove it"
    ]


def test_an_unknown_header_has_one_name_in_all_files(tmp_path):
    head = "派单号,报修时间,故障现象,"
    files = {
        "tickets/1.csv": head + "Cost (EUR) x,Cost EUR x,a-b\nT1,2026-09-01,x,paren,plain,hyphen\n",
        "tickets/2.csv": head + "Cost EUR x,Cost (EUR) x,A b\nT2,2026-09-02,y,plain,paren,space\n",
        "tickets/3.csv": head + "cost EUR x\nT3,2026-09-03,z,plain\n",
    }
    rows = ingested(tmp_path, files)
    assert [r.get("x_cost_eur_x") for r in rows] == ["paren", "paren", None]
    assert [r.get("x_cost_eur_x_2") for r in rows] == ["plain"] * 3
    assert [r.get("x_a_b") for r in rows] == ["hyphen", "space", None]
