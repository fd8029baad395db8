"""`crmlab check`: every row judged as `clean` would, nothing written, everything that stands in the way said at once."""

import io
from pathlib import Path

import pytest
from conftest import copy
from exports import run, write
from rich.cells import cell_len
from rich.console import Console

from crmlab.clean.quality.check import check
from crmlab.clean.quality.check_text import show, verdict
from crmlab.files import CrmlabError

TICKETS = """
    派单号,报修时间,故障现象,客户编号,联系人,完成时间,自编列
    T1,2026-03-01 09:00,无法开机,K1,某人甲,2026-03-02 09:00,a
    T2,2026-02-30 09:00,黄灯常亮,K1,某人乙,,b
    T3,2026-03-03 09:00,有异响,K9,某人丙,很快,c
    T1,2026-03-01 09:00,无法开机,K1,某人甲,2026-03-02 09:00,a
"""
CUSTOMERS = "客户编号,客户名\nK1,省地税局\nK2,杭州银行\n"


@pytest.fixture
def checked(tmp_path):
    """Write a company and check it."""

    def make(files, mapping="", **settings):
        return check(write(tmp_path / "acme", files, mapping), **{"max_bad_share": 0.5, **settings})

    return make


def told(found, width=120):
    """What is printed of a check."""
    out = io.StringIO()
    show(found, Console(file=out, width=width))
    return out.getvalue()


def test_every_row_has_a_fate_and_the_reasons_name_the_first(checked):
    found = checked({"tickets.csv": TICKETS, "customers.csv": CUSTOMERS})
    tickets = next(t for t in found.tables if t.name == "tickets")
    assert tickets.rows == {
        "raw": 4,
        "clean": 2,
        "quarantined": 1,
        "duplicate": 1,
        "filtered": 0,
        "unusable": 0,
    }
    [reason] = tickets.reasons
    assert (reason["column"], reason["n"]) == ("reported_at", 1)
    assert "tickets.csv:3" in reason["example"]
    assert [(column, n) for column, n, _ in tickets.unreadable] == [("closed_at", 1)]
    assert ("customer_id", "customers", 2, 1) in tickets.orphans


def test_it_says_what_clean_then_does(tmp_path, simulated):
    folder = tmp_path / "acme"
    folder.mkdir()
    for path in simulated.iterdir():
        if path.name.split(".")[0] in ("tickets", "visits", "customers", "mapping"):
            copy(path, folder / path.name)
    found = check(folder, max_bad_share=0.5)
    done = run(folder, tmp_path / "out")
    counts = done.result.metrics["tables"]
    names = {"raw": "raw", "clean": "clean", "quarantined": "quarantined", "duplicate": "duplicates"}
    for table in found.tables:
        assert {names[k]: v for k, v in table.rows.items() if k in names} == {
            k: v for k, v in counts[table.name].items() if k in names.values()
        }
    assert found.as_of == done.result.as_of
    assert found.faults == []


def test_nothing_is_written_beside_the_exports(checked, tmp_path):
    checked({"tickets.csv": TICKETS, "customers.csv": CUSTOMERS})
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["customers.csv", "tickets.csv"]


def test_a_fault_of_one_table_leaves_the_others_judged(checked):
    found = checked(
        {
            "tickets.csv": TICKETS,
            "visits.csv": "派单号,到达时间\nT1,03/04/2026\n",
            "contracts.csv": "合同号,客户编号,开始日期,结束日期\nC1,K1,2026-01-01,2026-12-31\n",
        }
    )
    assert len(found.faults) == 2
    assert any("contracts.csv" in fault and "amount" in fault for fault in found.faults)
    assert any("visits.csv" in fault and "can be" in fault for fault in found.faults)
    assert [t.rows["raw"] for t in found.tables if t.name == "tickets"] == [4]


def test_where_no_row_can_be_used_the_reasons_are_shown_all_the_same(checked):
    found = checked({"tickets.csv": "报修时间,故障现象\n昨天,无法开机\n前天,有异响\n"})
    assert any("says what day it is" in fault for fault in found.faults)
    [tickets] = found.tables
    assert tickets.rows["quarantined"] == 2
    assert tickets.reasons[0]["reason"].startswith("is not a date")


def test_too_many_bad_rows_stand_in_the_way(checked):
    found = checked({"tickets.csv": TICKETS}, max_bad_share=0.05)
    assert "max_bad_share (5%)" in found.faults[0]


def test_a_table_with_too_many_bad_rows_is_done_without(checked):
    sales = "日期,客户名,金额\n2026-10-02,省地税局,10\n昨天,省地税局,20\n"
    found = checked({"tickets.csv": TICKETS, "sales.csv": sales}, max_bad_share=0.3)
    assert found.faults == []
    assert "sales: 1 of 2 rows (50%) cannot be used, more than max_bad_share (30%)" in found.withheld["sales"]
    assert "sales" in {gap.what for gap in found.gaps if gap.effect == "narrows"}
    [rows] = [t.rows for t in found.tables if t.name == "sales"]
    assert rows == {"raw": 2, "clean": 0, "quarantined": 1, "duplicate": 0, "filtered": 0, "unusable": 1}
    text = " ".join(told(found).split())
    assert "withheld: sales: 1 of 2 rows (50%)" in text
    assert verdict(found).startswith("ready: as of 2026-03-03; sales withheld, ")


def test_a_folder_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(CrmlabError, match="no such company folder"):
        check(tmp_path / "nobody")


def test_the_text_names_headers_reasons_and_what_each_stage_lacks(checked):
    text = told(checked({"tickets.csv": TICKETS, "customers.csv": CUSTOMERS, "notes.csv": "a\n1\n"}))
    assert "reported_at ← 报修时间" in text
    assert "自编列 as x_自编列" in text
    assert "1 × closed_at cannot be read: '很快' (tickets.csv:4)" in text
    assert "1 of 2 customer_id are not in customers" in text
    assert "notes.csv" in text
    assert "crmlab map" in text
    assert "without sales or contracts: There is no income to value." in " ".join(text.split())


def test_a_missing_column_has_one_line_with_all_it_costs(checked):
    text = " ".join(told(checked({"tickets.csv": TICKETS.replace("联系人", "故障原因")})).split())
    assert text.count("without ticket_parts.qty_used:") == 1
    assert "(faults.parts). Failures are counted by cause, not by part. Lives are those of causes" in text


def test_people_are_dropped_and_never_shown(checked):
    text = told(checked({"tickets.csv": TICKETS}))
    assert "某人" not in text


def test_an_unknown_column_about_people_is_said_to_be_dropped(checked):
    text = told(checked({"tickets.csv": "报修时间,故障现象,客户手机\n2026-03-01,有异响,13812345678\n"}))
    assert "dropped: 客户手机" in text
    assert "13812345678" not in text


def test_columns_of_figures_stand_under_each_other_whatever_the_script(checked):
    text = told(checked({"tickets.csv": TICKETS, "customers.csv": CUSTOMERS}))
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("rows of"))
    assert len({cell_len(line.rstrip()) for line in lines[start : start + 3]}) == 1


def test_the_verdict_names_the_day_and_what_is_narrowed(checked):
    said = verdict(checked({"tickets.csv": TICKETS}))
    assert said.startswith("ready: as of 2026-03-03")
    assert "churn, faults, purchases, value cannot answer" in said


def test_only_headers_are_said_to_hold_no_row(checked):
    found = checked({"tickets.csv": "报修时间,故障现象\n"})
    assert any("no rows" in fault for fault in found.faults)


def test_a_mapping_is_judged_with_the_files(checked):
    found = checked(
        {"wo.csv": "when,what\n2026-03-01,stuck\n"},
        "tables: {tickets: {files: wo.csv, columns: {reported_at: when, symptom: what}, constants: {service_kind: repair}}}",
    )
    [tickets] = found.tables
    assert tickets.columns == {"reported_at": "when", "symptom": "what", "service_kind": ""}
    assert found.faults == []
    assert Path(found.folder).name == "acme"


def test_own_rules_are_named_and_a_slip_in_them_stands_in_the_way(checked):
    rules = "def tickets(df):\n    return df[df['branch'] != 'Test']\n"
    found = checked({"tickets.csv": TICKETS, "rules.py": rules})
    assert "rules.py has the last word on the clean rows of tickets" in told(found)
    found = checked({"tickets.csv": TICKETS, "rules.py": "def tickets(df:\n"})
    assert any(fault.startswith("rules.py") for fault in found.faults)


def test_rows_that_are_too_few_are_said_before_a_run_finds_out(checked):
    said = told(checked({"tickets.csv": TICKETS.replace("联系人", "故障原因")}))
    assert "without more tickets with a cause: There are shares of causes, but no forecast." in " ".join(
        said.split()
    )
