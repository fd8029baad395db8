"""Delimiter and line of the headers are seen from the first lines; what cannot be seen is asked for."""

import pytest
from exports import ingested
from hypothesis import given
from hypothesis import strategies as st

from crmlab.clean.reading.dialect import DELIMITERS
from crmlab.clean.reading.plan import peek
from crmlab.files import CrmlabError

HEAD = "派单号,报修时间,故障现象\n"
ROW = "T1,2026-10-01,黄灯\n"


def fault(tmp_path, text, mapping="", name="tickets.csv"):
    with pytest.raises(CrmlabError) as caught:
        ingested(tmp_path, {name: text}, mapping)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.txt", "tickets.tsv"])
@pytest.mark.parametrize("mark", DELIMITERS)
def test_the_delimiter_is_the_one_under_which_headers_are_known(tmp_path, name, mark):
    """Cells may hold the other marks."""
    others = "".join(set(DELIMITERS) - {mark})
    text = (
        f"派单号{mark}报修时间{mark}故障现象{mark}a,b;c\nT1{mark}2026-10-01{mark}{others}{mark}x\n".replace(
            "a,b;c", '"a,b;c"' if mark in ",;" else "a,b;c"
        )
    )
    assert ingested(tmp_path, {name: text})[0]["symptom"] == others


def test_headers_that_only_the_mapping_knows_tell_the_delimiter_too(tmp_path):
    mapping = "tables: {tickets: {columns: {reported_at: when, symptom: 'what, in words'}}}"
    rows = ingested(tmp_path, {"tickets.csv": "no;when;what, in words\n1;2026-10-01;x\n"}, mapping)
    assert rows[0]["symptom"] == "x"


def test_the_line_that_tells_excel_the_delimiter(tmp_path):
    rows = ingested(tmp_path, {"tickets.csv": "sep=;\n" + (HEAD + ROW).replace(",", ";")})
    assert (rows[0]["symptom"], rows[0]["_line"]) == ("黄灯", 3)


def test_titles_above_the_headers_are_pointed_out(tmp_path):
    said = fault(tmp_path, "2026年派单表,,\n制表：客服部\n\n" + HEAD + ROW)
    assert said == (
        "tickets.csv line 1: the headers are on line 4 (派单号, 报修时间, 故障现象); "
        "say so in mapping.yaml: tables: {tickets: {header: 4}}"
    )


@pytest.mark.parametrize("title", ["2026年派单表,,\n", '"2026年\n派单表",,\n', '3.5" 硬盘\n', "a;b\n", "\n"])
@pytest.mark.parametrize("mark", [",", ";"])
def test_headers_below_titles_are_read_where_the_mapping_says_so(tmp_path, title, mark):
    line = 1 + title.count("\n")
    text = title + (HEAD + ROW + "?,?,?\n" + 'T2,2026-10-02,"a\nb"\nT3,2026-10-03,c').replace(",", mark)
    rows = ingested(tmp_path, {"tickets.csv": text.encode()}, f"tables: {{tickets: {{header: {line}}}}}")
    assert [(r["_line"], r["ticket_id"], r["symptom"]) for r in rows] == [
        (line + 1, "T1", "黄灯"),
        (line + 2, "?", "?"),
        (line + 3, "T2", "a\nb"),
        (line + 5, "T3", "c"),
    ]


def test_a_stated_line_beyond_the_end(tmp_path):
    said = fault(tmp_path, HEAD + ROW, "tables: {tickets: {header: 9}}")
    assert "tickets.csv: mapping.yaml says header: 9, but the file has 2 lines" in said


def test_a_stated_line_that_is_wrong_names_the_right_one(tmp_path):
    said = fault(tmp_path, HEAD + ROW, "tables: {tickets: {header: 2}}")
    assert "tickets.csv line 2: the headers are on line 1" in said


def test_headers_in_two_lines_are_pointed_out(tmp_path):
    text = "派单号,时间,,客户\n,报修时间,完成时间,客户名称\nT1,2026-10-01,,A\n"
    said = fault(tmp_path, text)
    assert said == "tickets.csv line 1: the headers stand in two lines, 1 and 2; write them in one"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04rest", "a workbook or a .zip"),
        (b"\x1f\x8brest", "a .gz"),
        (b"PAR1rest", "Parquet"),
        (b"\xd0\xcf\x11\xe0rest", "an old or encrypted Office file"),
        (b"<!DOCTYPE html>", "a web page"),
        (b"<HTML>", "a web page"),
    ],
)
def test_another_format_under_the_name_of_a_text(tmp_path, content, what):
    assert f"tickets.csv: this is {what} under the name of a text file" in fault(tmp_path, content)


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_nothing_in_a_file(tmp_path, content):
    assert "tickets.csv line 1: the file is empty" in fault(tmp_path, content.encode())


def test_headers_that_never_end(tmp_path):
    said = fault(tmp_path, '派单号,"报修时间,故障现象\n' + ROW * 20_000)
    assert (
        "tickets.csv line 1: the headers do not end within 262,144 bytes; look for a quote that is not closed"
        in said
    )


def test_a_header_with_a_control_character(tmp_path):
    said = fault(tmp_path, HEAD.replace("派单号", "派单\x00号") + ROW)
    assert "tickets.csv line 1, column 1: the header '派单\\x00号' holds a control character" in said


@given(
    headers=st.lists(
        st.text("abcdé机型 _-", min_size=1, max_size=8).filter(str.strip), min_size=2, max_size=6
    ),
    mark=st.sampled_from(DELIMITERS),
    titles=st.integers(0, 3),
)
def test_peek_shows_what_a_person_sees(tmp_path_factory, headers, mark, titles):
    """Also where no header is known: below titles, headers are the first line as wide as the rows."""
    folder = tmp_path_factory.mktemp("peek")
    rows = [[f"r{n}c{m}" for m in range(len(headers))] for n in range(3)]
    text = "title\n" * titles + "\n".join(mark.join(row) for row in [headers, *rows]) + "\n"
    (folder / "x.csv").write_text(text, encoding="utf-8")
    if titles and len(headers) > 1:
        mark_seen = peek(folder / "x.csv").delimiter
        assert mark_seen == mark
    found = peek(folder / "x.csv", rows=2)
    assert (found.headers, found.rows, found.header) == (headers, rows[:2], titles + 1)
