"""Faults of files stop the run and say file, line, what was expected and what to do; `crmlab check` says the same."""

import gzip
import io
import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT
from exports import cleaned, ingested, run, write

from crmlab import clean
from crmlab.files import CrmlabError

HEAD = "派单号,报修时间,故障现象\n"
ROW = "T1,2026-10-01,黄灯\n"


def fault(tmp_path, files, mapping=""):
    """The message that stops the run; `plan` must know of it as well unless rows have to be read."""
    with pytest.raises(CrmlabError) as caught:
        cleaned(tmp_path, files, mapping)
    return str(caught.value)


def test_an_empty_file(tmp_path):
    said = fault(tmp_path, {"tickets.csv": ""})
    assert "tickets.csv line 1: the file is empty; expected a line of headers" in said


def test_headers_alone_are_a_table_without_rows(tmp_path):
    done = cleaned(tmp_path, {"tickets.csv": HEAD + ROW, "sales.csv": "销售日期,客户编号,金额\n"})
    assert done.counts("sales") == dict.fromkeys(
        ("raw", "clean", "quarantined", "duplicates", "filtered", "unusable"), 0
    )
    assert len(done.table("tickets")) == 1


def test_headers_alone_are_a_fault_where_there_is_nothing_else(tmp_path):
    said = fault(tmp_path, {"tickets.csv": HEAD})
    assert said.startswith("tickets.csv: only headers, no rows")


def test_a_missing_required_column_names_the_nearest_header(tmp_path):
    said = fault(tmp_path, {"tickets.csv": "派单号,报修的时间,故障现象\nT1,2026-10-01,x\n"})
    assert "tickets.csv line 1: no column for tickets.reported_at" in said
    assert "nearest: '报修的时间'" in said
    assert "报修时间" in said
    assert "mapping.yaml" in said


def test_two_headers_for_one_column_names_both(tmp_path):
    said = fault(tmp_path, {"tickets.csv": "报修时间,故障现象,Problem\n2026-10-01,a,b\n"})
    assert "'故障现象' and 'Problem' both mean tickets.symptom" in said


def test_one_header_twice(tmp_path):
    said = fault(tmp_path, {"tickets.csv": "报修时间,故障现象,机型,机型\n2026-10-01,a,b,c\n"})
    assert "the header '机型' occurs 2 times" in said


def test_two_headers_that_differ_in_case_only(tmp_path):
    said = fault(tmp_path, {"tickets.csv": "报修时间,故障现象,foo,Foo\n2026-10-01,a,b,c\n"})
    assert "tickets.csv line 1: the headers 'foo' and 'Foo' differ in case only" in said


def test_a_comma_at_the_end_of_every_line(tmp_path):
    said = fault(tmp_path, {"tickets.csv": "报修时间,故障现象,,\n2026-10-01,a,,\n"})
    assert "tickets.csv line 1, column 3: no header; name the column or delete it" in said


def test_a_header_that_breaks_over_two_lines_is_one_header(tmp_path):
    done = cleaned(tmp_path, {"tickets.csv": '"报修\n时间",故障现象\n2026-10-01,a\n?,b\n'})
    assert done.table("tickets")["symptom"].tolist() == ["a"]
    assert list(done.quarantine("tickets")) == [4]


def test_a_ragged_row_has_its_true_line(tmp_path):
    text = HEAD + 'T1,2026-10-01,"两\n行"\n\nT2,2026-10-02\n'
    said = fault(tmp_path, {"tickets.csv": text})
    assert "tickets.csv line 5, column 3: 2 cells where the headers are 3 (no cell for '故障现象')" in said


def test_a_row_with_a_cell_too_many(tmp_path):
    said = fault(tmp_path, {"tickets.csv": HEAD + ROW + "T2,2026-10-02,黄灯,常亮\n"})
    assert "tickets.csv line 3, column 4: 4 cells where the headers are 3 (a cell after '故障现象')" in said


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.csv.gz"])
def test_bytes_that_are_not_utf_8(tmp_path, name):
    content = HEAD.encode() + b"T1,2026-10-01," + "黄灯".encode("gb18030") + b"\n"
    said = fault(tmp_path, {name: gzip.compress(content) if name.endswith("gz") else content})
    assert f"{name} line 2, column 3: byte 0xBB is not UTF-8" in said


def test_another_format_names_those_that_are_read(tmp_path):
    said = fault(tmp_path, {"tickets.ods": b"PK"})
    assert "tickets.ods: this format is not read" in said
    assert "Parquet" in said


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_delimiter_is_seen_from_the_headers(tmp_path, mark):
    """Cells may hold commas then."""
    text = (HEAD + "T1,2026-10-01,黄灯\n").replace(",", mark).replace("黄灯", "黄灯, 常亮")
    assert cleaned(tmp_path, {"tickets.csv": text}).table("tickets")["symptom"].tolist() == ["黄灯, 常亮"]


def test_neither_tickets_nor_sales(tmp_path):
    said = fault(tmp_path, {"repairs.csv": HEAD + ROW})
    assert "no table at all that says what day it is" in said
    assert "found repairs.csv" in said


def test_a_company_folder_that_does_not_exist_lists_those_that_do(tmp_path):
    write(tmp_path / "raw" / "acme", {"tickets.csv": HEAD + ROW})
    with pytest.raises(CrmlabError, match=r"no such company folder; did you mean 'acme'\? there are: acme"):
        run(tmp_path / "raw" / "acm", tmp_path / "out")


def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(tmp_path):
    text = "\ufeff" + (HEAD + ROW).replace("\n", "\r\n")
    done = cleaned(tmp_path, {"tickets.csv": text.encode()})
    assert done.table("tickets")["ticket_id"].tolist() == ["T1"]
    assert done.table("tickets")["symptom"].tolist() == ["黄灯"]


@pytest.mark.parametrize("name", ["TICKETS.CSV", "Tickets.Csv.GZ", "TICKETS.PARQUET"])
def test_the_case_of_a_file_name_is_no_matter(tmp_path, name):
    content = (HEAD + ROW).encode()
    if name.endswith("GZ"):
        content = gzip.compress(content)
    if name.endswith("PARQUET"):
        content = pd.DataFrame([ROW.strip().split(",")], columns=HEAD.strip().split(",")).to_parquet()
    assert cleaned(tmp_path, {name: content}).table("tickets")["symptom"].tolist() == ["黄灯"]


def test_a_folder_of_files_is_one_table_and_may_differ_in_columns(tmp_path):
    files = {
        "tickets/2026-09.csv": HEAD + "T1,2026-09-01,a\n",
        "tickets/2026-10.csv.gz": gzip.compress(
            "故障现象,报修时间,派单号,机型\nb,2026-10-01,T2,7979Q7C\n".encode()
        ),
    }
    table = cleaned(tmp_path, files).table("tickets")
    assert table[["ticket_id", "symptom"]].values.tolist() == [["T1", "a"], ["T2", "b"]]
    assert table["machine_family"].tolist()[1] == "7979"


def test_lines_are_those_of_the_file(tmp_path):
    """Rows over several lines and empty lines between them do not shift what is said."""
    text = HEAD + '"T1",2026-10-01,"一\n二\n三"\n\nT2,N/A,x\nT3,2026-10-03,y\n'
    done = cleaned(tmp_path, {"tickets.csv": text})
    assert done.quarantine("tickets") == {6: "reported_at: 'N/A' is not a date (year-month-day)"}


def test_lines_of_the_second_file_start_again(tmp_path):
    files = {"tickets/a.csv": HEAD + ROW, "tickets/b.csv": HEAD + "T2,2026-10-02,x\nT3,?,x\n"}
    frame = cleaned(tmp_path, files).table("quarantine/tickets")
    assert frame[["file", "line"]].values.tolist() == [["tickets/b.csv", 3]]


def test_parquet_keeps_its_types(tmp_path):
    folder = tmp_path / "raw" / "acme"
    folder.mkdir(parents=True)
    pd.DataFrame(
        {
            "order_id": ["A", "B"],
            "order_line": [1, 1],
            "sold_at": pd.to_datetime(["2026-10-01 09:30", "2026-10-02 00:00"]),
            "customer_id": [13085.0, 17.0],  # numbers with gaps become floating in pandas
            "amount": [0.1 + 0.2, 1e-7],
        }
    ).to_parquet(folder / "sales.parquet")
    table = run(folder, tmp_path / "out").table("sales")
    assert table["customer_id"].tolist() == ["13085", "17"]
    assert table["amount"].tolist() == [30, 0]
    assert table["sold_at"].tolist() == [pd.Timestamp("2026-10-01 09:30"), pd.Timestamp("2026-10-02")]


def test_unknown_columns_are_kept_and_listed(tmp_path):
    done = cleaned(
        tmp_path, {"tickets.csv": "报修时间,故障现象,Customer Mood!\n2026-10-01,a,call 13812345678\n"}
    )
    assert done.table("tickets")["x_customer_mood"].tolist() == ["call [phone]"]
    counts = done.table("row_counts").set_index("table")
    assert counts.loc["tickets", "unknown_columns"] == "x_customer_mood"


def test_check_says_what_a_folder_holds_and_stops_at_faults(tmp_path):
    files = {
        "派单.csv": "报修时间,故障现象,机 型,心情\n2026-10-01,a,7979Q7C,好\n",
        "sales.csv": "金额,客户\n1,A\n",
        "photo.jpg": b"",
    }
    lines = clean.check_exports(write(tmp_path / "acme", files))
    with pytest.raises(CrmlabError, match=r"sales.csv line 1: no column for sales.sold_at"):
        for line in lines:
            assert "sales:" not in line


def test_check_names_files_columns_and_what_it_does_not_know(tmp_path):
    files = {"派单.csv": "报修时间,故障现象,机 型,心情\n2026-10-01,a,7979Q7C,好\n", "photo.jpg": b""}
    said = "\n".join(clean.check_exports(write(tmp_path / "acme", files)))
    assert "tickets: 派单.csv; 3 of 25 columns: reported_at, symptom, machine_model" in said
    assert "tickets: not recognised, kept as x_心情: 心情" in said
    assert "files that belong to no table: photo.jpg" in said
    assert "not exported: visits" in said


def test_check_names_columns_about_people_and_drops_them(tmp_path):
    files = {"派单.csv": "报修时间,故障现象,工程师姓名,客户名,心情\n2026-10-01,a,李四,中萃,好\n"}
    said = "\n".join(clean.check_exports(write(tmp_path / "acme", files)))
    assert "tickets: 派单.csv; 3 of 25 columns: reported_at, symptom, customer_name" in said
    assert "tickets: about people, dropped: 工程师姓名" in said
    assert "kept as x_心情: 心情" in said


def test_check_needs_no_pandas():
    code = """
import sys
from pathlib import Path
from crmlab.clean import check_exports
list(check_exports(Path(sys.argv[1])))
print([m for m in ("pandas", "duckdb", "pyarrow") if m in sys.modules])
"""
    demo = ROOT / "data" / "raw" / "demo"
    done = subprocess.run([sys.executable, "-c", code, demo], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["export[1]", "export*", "export?"])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz", ".parquet"])
def test_a_name_that_looks_like_a_pattern_is_that_file(tmp_path, name, ending):
    def export(symptom: str) -> bytes:
        if ending == ".parquet":
            made = io.BytesIO()
            pd.DataFrame({"派单号": ["T1"], "报修时间": ["2026-10-01"], "故障现象": [symptom]}).to_parquet(
                made
            )
            return made.getvalue()
        text = f"派单号,报修时间,故障现象\nT1,2026-10-01,{symptom}\n".encode()
        return gzip.compress(text) if ending == ".csv.gz" else text

    files = {f"tickets/year=2026/{stem}{ending}": export(stem) for stem in (name, "export1")}
    rows = ingested(tmp_path, files)
    assert {r["_file"]: r["symptom"] for r in rows} == {
        f"tickets/year=2026/{stem}{ending}": stem for stem in (name, "export1")
    }


def test_a_mapping_may_name_a_file_that_looks_like_a_pattern(tmp_path):
    rows = ingested(tmp_path, {"export[1].csv": HEAD + ROW}, "tables: {tickets: {files: 'export[1].csv'}}")
    assert [r["ticket_id"] for r in rows] == ["T1"]
