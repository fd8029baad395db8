"""A text is read in the encoding it is written in, or refused with the place of the first byte that cannot be read."""

import gzip

import pytest
from exports import ingested

from crmlab.clean.reading.encoding import guess
from crmlab.files import CrmlabError

HEAD = "派单号,报修时间,故障现象,客户名称\n"
ROWS = HEAD + "T1,2026-10-01,硬盘黄灯常亮,杭州维荣\nT2,2026-10-02,开机无显，5声报警,中萃😀\n"
LATIN = (
    "ticket,reported_at,symptom\nT1,2026-10-01,écran cassé\nT2,2026-10-02,Lüfter läuft, très fort\n".replace(
        ", t", " t"
    )
)


def fault(tmp_path, files, mapping=""):
    with pytest.raises(CrmlabError) as caught:
        ingested(tmp_path, files, mapping)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "gbk"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_an_encoding_is_seen_from_the_bytes(tmp_path, encoding, ends):
    text = ROWS.replace("😀", "") if encoding == "gbk" else ROWS
    rows = ingested(tmp_path, {"tickets.csv": text.replace("\n", ends).encode(encoding)})
    assert [r["symptom"] for r in rows] == ["硬盘黄灯常亮", "开机无显，5声报警"]
    assert rows[1]["customer_name"] == ("中萃" if encoding == "gbk" else "中萃😀")
    assert [r["_line"] for r in rows] == [2, 3]


def test_what_excel_saves_as_unicode_text(tmp_path):
    text = 'ticket\treported_at\tsymptom\r\nT1\t2026-10-01\t"a ""b""\tc\nd"\r\nT2\t2026-10-02\tx\r\n'
    rows = ingested(tmp_path, {"tickets.txt": text.encode("utf-16")})
    assert rows[0]["symptom"] == 'a "b"\tc\nd'
    assert [r["_line"] for r in rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (LATIN, "latin-1"),
        ("ticket,symptom\n1,Größe der Lüfter\n", "cp1252"),
        ("派單號,報修時間,故障現象\n1,2026-10-01,硬碟黃燈\n", "big5"),
        ("番号,日時,症状\n1,2026-10-01,電源が入らない\n", "shift-jis"),
        ("番号,日時,症状\n1,2026-10-01,電源が入らないので交換をお願いします\n", "euc-jp"),
        ("번호,시간,증상\n1,2026-10-01,전원이 켜지지 않음 하드 디스크 고장 수리 요청\n", "euc-kr"),
        ("номер,дата,симптом\n1,2026-10-01,не включается диск\n", "cp1251"),
        ("номер,дата,симптом\n1,2026-10-01,не включается диск\n", "koi8-r"),
    ],
    ids=lambda x: x if len(x) < 12 else "",
)
def test_other_languages_are_not_taken_for_chinese(text, encoding):
    assert guess(text.encode(encoding), whole=True) is None


def test_latin_text_is_refused_with_its_first_byte_and_the_way_out(tmp_path):
    said = fault(tmp_path, {"tickets.csv": LATIN.encode("latin-1")})
    assert "tickets.csv line 2, column 3: byte 0xE9 is not UTF-8" in said
    assert "tables: {tickets: {encoding: cp1252}}" in said


@pytest.mark.parametrize("rows", [1, 20_000], ids=["at once", "far into the file"])
def test_one_latin_letter_in_utf_8_does_not_make_the_rest_chinese(tmp_path, rows):
    """As GB18030 the whole could be decoded, é being 茅 and è 猫."""
    text = "ticket,reported_at,symptom\n" + "T1,2026-10-01,écran cassé; très éteint\n" * rows
    said = fault(tmp_path, {"tickets.csv": text.encode() + "T2,2026-10-02,régler\n".encode("latin-1")})
    assert f"tickets.csv line {rows + 2}, column 3: byte 0xE9 is not UTF-8" in said


def test_a_stated_encoding_is_used(tmp_path):
    mapping = "tables: {tickets: {encoding: cp1252}}"
    rows = ingested(tmp_path, {"tickets.csv": LATIN.encode("cp1252")}, mapping)
    assert [r["symptom"] for r in rows] == ["écran cassé", "Lüfter läuft très fort"]


def test_a_stated_encoding_that_is_wrong_names_the_byte(tmp_path):
    said = fault(
        tmp_path,
        {"tickets.csv": b"\n".join([LATIN.encode("cp1252"), b"T3,2026-10-03,\x81"])},
        "tables: {tickets: {encoding: cp1252}}",
    )
    assert "tickets.csv line 5, column 3: byte 0x81 is not CP1252" in said


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.csv.gz"])
def test_one_bad_byte_far_into_a_file(tmp_path, name):
    """Beyond what is looked at to tell the encoding, and after a cell that spans lines."""
    body = ROWS + '"T3\n",2026-10-03,x,y\n' * 20_000
    content = body.encode() + b'T4,"2026-10-04",a\xffb,c\n'
    said = fault(tmp_path, {name: gzip.compress(content) if name.endswith("gz") else content})
    assert f"{name} line 40004, column 3: byte 0xFF is not UTF-8" in said


def test_one_bad_byte_in_a_gb18030_file(tmp_path):
    content = (ROWS + "T3,2026-10-03,硬盘,x\n" * 20_000).encode("gb18030") + b"T4,2026-10-04,\xff,x\n"
    said = fault(tmp_path, {"tickets.csv": content})
    assert "tickets.csv line 20004, column 3: byte 0xFF is not GB18030" in said
    said = fault(tmp_path, {"tickets.csv": ROWS.encode("gb18030") + b"T4,2026-10-04,\xff,x\n"})
    assert "tickets.csv line 4, column 3: byte 0xFF is not GB18030" in said


@pytest.mark.parametrize("name", ["tickets.csv", "tickets.zip"])
def test_a_long_start_in_ascii_may_go_on_in_gb18030(tmp_path, name):
    import io
    import zipfile

    content = (
        "ticket,reported_at,symptom\n" + "T1,2026-10-01,no power\n" * 20_000 + "T2,2026-10-02,硬盘黄灯常亮\n"
    ).encode("gb18030")
    if name.endswith("zip"):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("tickets.csv", content)
        content = packed.getvalue()
    rows = ingested(tmp_path, {name: content})
    assert len(rows) == 20_001
    assert rows[-1]["symptom"] == "硬盘黄灯常亮"
    assert rows[-1]["_line"] == 20_002


def test_months_in_several_encodings_and_delimiters_are_one_table(tmp_path):
    files = {
        "tickets/2026-07.csv": ROWS.encode("gb18030"),
        "tickets/2026-08.csv": ("\ufeff" + ROWS).encode(),
        "tickets/2026-09.txt": ROWS.replace(",", "\t").encode("utf-16"),
        "tickets/2026-10.csv": ROWS.replace(",", ";").encode(),
    }
    rows = ingested(tmp_path, files)
    assert [r["symptom"] for r in rows] == ["硬盘黄灯常亮", "开机无显，5声报警"] * 4
    assert [r["_file"] for r in rows[::2]] == list(files)


def test_a_text_cut_within_a_character(tmp_path):
    said = fault(tmp_path, {"tickets.csv": ROWS.encode()[:-3]})
    assert "tickets.csv line 3, column 4: byte 0xF0 is not UTF-8" in said
    said = fault(tmp_path, {"tickets.csv": (ROWS * 20_000).encode("utf-16")[:-1]})
    assert "tickets.csv: not UTF-16 to its end; it was copied only in part" in said


@pytest.mark.parametrize(
    ("text", "encoding", "advice"),
    [
        ("Gerät defekt", "cp1252", "{encoding: cp1252}"),
        ("硬碟黃燈", "big5", "{encoding: big5}"),
        ("Łódź Zażółć", "cp1250", "{encoding: <its encoding>}"),
        ("не включается", "cp1251", "{encoding: <its encoding>}"),
    ],
)
def test_the_advice_names_the_encoding_that_the_bytes_look_like(tmp_path, text, encoding, advice):
    said = fault(
        tmp_path,
        {"tickets.csv": ("ticket,reported_at,symptom\nT1,2026-10-01," + text + "\n").encode(encoding)},
    )
    assert advice in said


def test_two_encodings_in_one_file_are_called_so(tmp_path):
    head = "ticket,reported_at,symptom\nT1,2026-10-01,坏\n".encode()
    said = fault(tmp_path, {"tickets.csv": head + "T2,2026-10-02,坏了\n".encode("gb18030")})
    assert "tickets.csv line 3, column 3: byte 0xBB is not UTF-8" in said
    assert "two encodings in one file, from here on perhaps gb18030" in said
    assert "mapping.yaml" not in said
