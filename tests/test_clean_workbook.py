"""Workbooks are read as people see them: dates as dates, numbers with their value, and nothing that only Excel could know."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
from exports import cleaned, ingested
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import Font

from crmlab.clean.reading import sheets, workbook
from crmlab.clean.reading.plan import peek
from crmlab.files import CrmlabError

HEAD = ["派单号", "报修时间", "故障现象", "机型"]


def book(*rows, sheets=None, change=None) -> bytes:
    """A workbook of one sheet with `rows`, or of several `sheets`; `change` gets the first sheet before it is saved."""
    made, out = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for title, content in (sheets or {"派单": rows}).items():
        sheet = made.create_sheet(title)
        for number, row in enumerate(content, 1):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column, value)
    if change:
        change(made.worksheets[0])
    made.save(out)
    return out.getvalue()


def rewritten(raw: bytes, change) -> bytes:
    """The workbook with its sheets' XML changed, as programs other than ours write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.startswith("xl/worksheets/") else content)
    return out.getvalue()


def fault(tmp_path, raw, mapping=""):
    with pytest.raises(CrmlabError) as caught:
        ingested(tmp_path, {"tickets.xlsx": raw}, mapping)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_values_are_those_that_people_see(tmp_path):
    raw = book(
        HEAD,
        ["0012", dt.datetime(2026, 10, 1, 9, 30), "黄灯\n常亮", 7979],
        [12.0, dt.date(2026, 10, 2), " a ", 0.1],
        [1e15, dt.datetime(2026, 10, 3), "#N/A", 1e-7],
        ["007", "2026.10.4", True, 123456789012345],
    )
    rows = ingested(tmp_path, {"tickets.xlsx": raw})
    assert [(r["ticket_id"], r["reported_at"], r["symptom"], r["machine_model"]) for r in rows] == [
        ("0012", "2026-10-01 09:30:00", "黄灯\n常亮", "7979"),
        ("12", "2026-10-02", " a ", "0.1"),
        ("1000000000000000", "2026-10-03", "#N/A", "0.0000001"),
        ("007", "2026.10.4", "TRUE", "123456789012345"),
    ]


def test_lines_are_the_rows_of_the_sheet(tmp_path):
    """Empty rows, rows and columns that were once used and formatted, and columns without a header that are empty."""

    def change(sheet):
        for cell in ("G1", "H9", "A40"):
            sheet[cell].font = Font(bold=True)

    raw = book(HEAD, ["T1", "2026-10-01", "a"], [], [None, None], ["T2", "?", "b"], [], change=change)
    done = cleaned(tmp_path, {"tickets.xlsx": raw})
    assert done.counts("tickets")["raw"] == 2
    assert list(done.quarantine("tickets")) == [5]


def test_headers_may_break_over_lines_and_stand_below_titles(tmp_path):
    rows = (["2026年派单表"], [], ["派单号", "报修\n时间", "故障\n现象"], ["T1", "2026-10-01", "a"])
    assert "tickets.xlsx line 1: the headers are on line 3 (派单号" in fault(tmp_path, book(*rows))
    found = ingested(tmp_path, {"tickets.xlsx": book(*rows)}, "tables: {tickets: {header: 3}}")
    assert found == [
        {"_file": "tickets.xlsx", "_line": 4, "ticket_id": "T1", "reported_at": "2026-10-01", "symptom": "a"}
    ]
    seen = peek(tmp_path / "raw/acme/tickets.xlsx")
    assert (seen.header, seen.headers, seen.sheet) == (3, ["派单号", "报修\n时间", "故障\n现象"], "派单")


def test_the_only_sheet_that_holds_something_is_read(tmp_path):
    rows = [HEAD, ["T1", "2026-10-01", "a"]]

    def hide(sheet):
        sheet.parent["字典"].sheet_state = "hidden"

    raw = book(sheets={"空": [], "派单": rows, "字典": [["是"], ["否"]]}, change=hide)
    assert len(ingested(tmp_path, {"tickets.xlsx": raw})) == 1


def test_of_several_sheets_one_is_to_be_named(tmp_path):
    raw = book(sheets={"一月": [HEAD, ["T1", "2026-01-01", "a"]], "二月": [HEAD, ["T2", "2026-02-01", "b"]]})
    said = fault(tmp_path, raw)
    assert "tickets.xlsx: 2 sheets hold something: '一月', '二月'; say which in mapping.yaml" in said
    assert "tables: {tickets: {sheet: 一月}}" in said
    rows = ingested(tmp_path, {"tickets.xlsx": raw}, "tables: {tickets: {sheet: 二月}}")
    assert [r["ticket_id"] for r in rows] == ["T2"]
    assert "no sheet is called '三月'; it has '一月', '二月'" in fault(
        tmp_path, raw, "tables: {tickets: {sheet: 三月}}"
    )


def test_a_formula_without_its_value(tmp_path):
    raw = book(HEAD, ["T1", "2026-10-01", "a"], ["T2", "=B2+1", "b"])
    assert fault(tmp_path, raw) == (
        "tickets.xlsx sheet '派单' row 3, column B: a formula without a stored value; "
        "open the workbook in Excel and save it, then its values are in the file"
    )


def test_formulas_with_their_values_are_those_values(tmp_path):
    """As Excel stores them; an empty text is a value, too."""
    raw = book(HEAD, ["T1", "2026-10-01", '=IF(1,"","x")'], ["T2", "2026-10-02", '="a"&"b"'])
    values = {b"C2": b"", b"C3": b"ab"}

    def calculated(xml):
        for cell, value in values.items():
            xml = re.sub(
                b'<c r="%s"([^>]*)><f>(.*?)</f><v ?/?>(</v>)?' % cell,
                lambda m, c=cell, v=value: b'<c r="%s" t="str"><f>%s</f><v>%s</v>' % (c, m[2], v),
                xml,
            )
        return xml

    rows = ingested(tmp_path, {"tickets.xlsx": rewritten(raw, calculated)})
    assert [r.get("symptom") for r in rows] == [None, "ab"]


def test_rows_merged_into_one_are_refused_and_titles_may_be(tmp_path):
    rows = (["派单表"], HEAD, ["T1", "2026-10-01", "a"], ["T2", "2026-10-02", None])
    mapping = "tables: {tickets: {header: 2}}"

    def merged(*areas):
        return lambda sheet: [sheet.merge_cells(a) for a in areas]

    said = fault(tmp_path, book(*rows, change=merged("A1:D1", "C3:C4")), mapping)
    assert "tickets.xlsx sheet '派单', cells C3:C4: merged" in said
    assert "unmerge and fill them in Excel" in said
    raw = book(*rows, change=merged("A1:D1", "C3:D3"))
    assert len(ingested(tmp_path, {"tickets.xlsx": raw}, mapping)) == 2


def test_a_cell_where_no_header_is(tmp_path):
    raw = book(HEAD, ["T1", "2026-10-01", "a"], ["T2", "2026-10-02", "b", "c", "", "stray"])
    assert "tickets.xlsx sheet '派单' row 3, column 6: 'stray' stands where no header is" in fault(
        tmp_path, raw
    )


def test_a_size_that_the_workbook_states_wrongly_cuts_nothing_off(tmp_path):
    raw = book(HEAD, *(["T1", "2026-10-01", "a"] for _ in range(20)))
    wrong = rewritten(raw, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', xml))
    assert len(ingested(tmp_path, {"tickets.xlsx": wrong})) == 20


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "tickets.xlsx: the file is empty"),
        (book(), "tickets.xlsx: the workbook is empty"),
        (book(HEAD)[:2000], "tickets.xlsx: not a whole workbook"),
        (b"no workbook", "tickets.xlsx: not a whole workbook"),
        (sheets.OLE + bytes(600), "tickets.xlsx: an old .xls under the name of an .xlsx"),
        (
            sheets.OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "tickets.xlsx: the workbook is encrypted; open it in Excel, take the password off",
        ),
    ],
)
def test_workbooks_that_cannot_be_read(tmp_path, raw, said):
    assert said in fault(tmp_path, raw)


def test_an_old_xls_is_to_be_saved_anew(tmp_path):
    with pytest.raises(
        CrmlabError, match=r"tickets.xls: this format is not read; open it in Excel and save it as .xlsx"
    ):
        ingested(tmp_path, {"tickets.xls": sheets.OLE})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value_and_have_no_exponent(x):
    written = workbook.as_text(x)
    assert float(written) == x
    assert re.fullmatch(r"-?[0-9]+([.][0-9]+)?", written)


def test_ordinary_sheets_are_read_once(tmp_path, monkeypatch):
    """Only formulas make us parse a sheet a second time."""
    opened = []
    original = openpyxl.worksheet._read_only.ReadOnlyWorksheet._get_source
    monkeypatch.setattr(
        openpyxl.worksheet._read_only.ReadOnlyWorksheet,
        "_get_source",
        lambda self: opened.append(self.title) or original(self),
    )
    from xml.etree import ElementTree

    monkeypatch.setattr(ElementTree, "iterparse", None)
    assert ingested(tmp_path, {"tickets.xlsx": book(HEAD, ["T1", "2026-10-01", "a <f> b"])})
    assert opened


def test_what_excel_shows_for_an_error_is_no_customer(tmp_path):
    day = dt.date(2026, 10, 1)
    raw = book(["日期", "客户编号", "金额"], [day, "#N/A", 1], [day, "C1", "#REF!"], ["#VALUE!", "C2", 3])
    rows = ingested(tmp_path, {"sales.xlsx": raw}, table="sales")
    assert [r.get("customer_id") for r in rows] == [None, "C1", "C2"]
    assert [r["amount"] for r in rows] == ["1", "#REF!", "3"]
    assert rows[2]["sold_at"] == "#VALUE!"


def test_numbers_formatted_with_zeros_have_them(tmp_path):
    def formatted(sheet):
        sheet["A2"].number_format = sheet["A3"].number_format = "00000"

    raw = book(HEAD, [42, "2026-10-01", "a", 42], [123456, "2026-10-01", "b"], change=formatted)
    rows = ingested(tmp_path, {"tickets.xlsx": raw})
    assert [(r["ticket_id"], r.get("machine_model")) for r in rows] == [("00042", "42"), ("123456", None)]


def test_day_numbers_of_a_workbook_that_counts_from_1904(tmp_path):
    def from_1904(sheet):
        sheet.parent.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    raw = book(HEAD, ["T1", 44562, "a", 44562], ["T2", dt.datetime(2026, 1, 1, 9), "b"], change=from_1904)
    rows = ingested(tmp_path, {"tickets.xlsx": raw})
    assert [r["reported_at"] for r in rows] == ["46024", "2026-01-01 09:00:00"]  # 46024 is 2026-01-02
    assert rows[0]["machine_model"] == "44562"
