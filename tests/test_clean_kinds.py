"""How a cell is read, against readers written a second time in plain Python."""

import datetime
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.clean.judging.dates import READ
from crmlab.clean.judging.typed import read
from crmlab.engine import Engine

ENGINE = Engine(threads=1)


def as_read(kind: str, cells: list[str | None]) -> list:
    """The cells as `kind` reads them after folding (free text: after trimming)."""
    folded = read("trim" if kind == "scrub" else "fold", "x")
    text = ENGINE.make({"n": list(range(len(cells))), "x": cells}, {"n": "bigint"})
    sql = f"select {read(kind, 'x')} as y from (select n, {folded} as x from t) order by n"
    result = [y for (y,) in ENGINE.rows(sql, {"t": text})]
    ENGINE.drop(text)
    return result


def test_every_form_that_messages_name_is_read():
    forms = re.split(", | and ", READ)
    assert len(forms) == 7
    assert {moment.date() for moment in as_read("time", forms)} == {datetime.date(2009, 1, 8)}


def test_dates_of_the_contract():
    day = datetime.datetime(2009, 1, 8)
    written = ["2009.01.08", "2009-1-8", "2009/1/8", "2009年1月8日", "２００９－０１－０８", " 2009-01-08　"]
    assert as_read("time", written) == [day] * 6
    moment = datetime.datetime(2009, 1, 8, 9, 5)
    written = [
        "2009/1/8 9:05",
        "2009-01-08T09:05:00",
        "2009年1月8日 9:05",
        "2009年1月8日9:05",
        "2009.1.8　９：０５",
        "2009-01-08 09:05",
    ]
    assert as_read("time", written) == [moment] * 6


@pytest.mark.parametrize(
    "cell",
    [
        "2009-02-30",
        "2009-13-01",
        "N/A",
        "08/01/2009",
        "2009",
        "2009-01",
        "2009018",
        "20090230",
        "200901080",
        "18263",
        "73051",
        "39821,5",
        "0039821",
        "9999-12-31",
        "0001-01-01",
        "2009-01-08T09:05:07Z",
        "2009-01-08T09:05:07+08:00",
        "2009-1.8",
        "2009-01-08 24:00",
        "2009-01-08 9",
        "0209-01-08",
        "1e3",
        "-",
        "2009-01-08 x",
    ],
)
def test_what_is_no_date(cell):
    assert as_read("time", [cell]) == [None]


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


FORMS = [
    "{y}-{m:02}-{d:02}",
    "{y}-{m}-{d}",
    "{y}.{m:02}.{d:02}",
    "{y}.{m}.{d}",
    "{y}/{m}/{d}",
    "{y}/{m:02}/{d:02}",
    "{y}年{m}月{d}日",
]
CLOCKS = ["", " {h}:{n:02}", " {h:02}:{n:02}", " {h:02}:{n:02}:{s:02}", "T{h:02}:{n:02}:{s:02}"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1890, 2110), st.integers(0, 13), st.integers(0, 32), st.integers(0, 25), st.integers(0, 60), st.integers(0, 60),
            st.sampled_from(FORMS), st.sampled_from(CLOCKS), st.booleans(),
        ),
        min_size=1, max_size=60,
    )
)  # fmt: skip
def test_any_date_is_read_as_its_parts_say_or_not_at_all(parts):
    cells, expected = [], []
    for y, m, d, h, n, s, form, clock, wide in parts:
        text = form.format(y=y, m=m, d=d) + clock.format(h=h, n=n, s=s)
        cells.append(full_width(text) if wide else text)
        try:
            moment = datetime.datetime(y, m, d, *([h, n] if clock else []), *([s] if "{s" in clock else []))
        except ValueError:
            moment = None
        expected.append(moment if moment and 1900 <= y <= 2099 else None)
    assert as_read("time", cells) == expected


def test_money_of_the_contract():
    written = [
        "¥1,706.02",
        "1,706.02元",
        "RMB -12",
        "(12.00)",
        "￥１，７０６．０２",
        "€ 5",
        "$0.5",
        "-£3.999",
        "12-",
        "¥-7",
        "1234567",
        "999999999999999",
        "¥999,999,999,999,999.99",
        "-999999999999999.994",
    ]
    assert as_read("money", written) == [
        170602,
        170602,
        -1200,
        -1200,
        170602,
        500,
        50,
        -400,
        -1200,
        -700,
        123456700,
        99999999999999900,
        99999999999999999,
        -99999999999999999,
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "1.706,02",
        "1,70",
        "一千",
        "N/A",
        "--5",
        "-(5)",
        "1e3",
        "0x1F",
        "1_000",
        "12 13",
        "",
        "¥",
        "5%",
        "-5-",
        "1.2.3",
        "万",
        "9999999999999999",
        "¥1,000,000,000,000,000",
        "999999999999999.999",
    ],
)
def test_what_is_no_amount(cell):
    assert as_read("money", [cell]) == [None]


MARKS = [
    ("", ""),
    ("¥", ""),
    ("￥", ""),
    ("RMB ", ""),
    ("", "元"),
    ("$", ""),
    ("€", ""),
    ("£", ""),
    ("", " USD"),
    ("CNY", ""),
]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.decimals(0, 10**12, allow_nan=False, places=3),
            st.sampled_from(["", "-", "()"]),
            st.sampled_from(MARKS),
            st.booleans(),
            st.booleans(),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_any_amount_is_read_to_the_cent(amounts):
    cells, expected = [], []
    for amount, sign, (before, after), grouped, wide in amounts:
        digits = f"{amount:,}" if grouped else f"{amount}"
        text = f"({before}{digits}{after})" if sign == "()" else f"{sign}{before}{digits}{after}"
        cells.append(full_width(text) if wide else text)
        cents = int(amount.quantize(Decimal("0.01"), ROUND_HALF_UP) * 100)
        expected.append(-cents if sign else cents)
    assert as_read("money", cells) == expected


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="0123456789.,-()¥元 ％%eExR１年/:T", max_size=14), min_size=1, max_size=40))
def test_nothing_is_read_that_does_not_look_like_it(cells):
    """Whatever is read as money, number or date holds a digit and nothing but the marks of that kind; nothing fails."""
    marks = {"money": r"[0-9.,\-()¥元 R]+", "number": r"[0-9.,\-+eE%]+", "time": r"[0-9.\-/:年 T]+"}
    for kind, allowed in marks.items():
        for cell, value in zip(cells, as_read(kind, cells), strict=True):
            folded = unicodedata.normalize("NFKC", cell).strip()
            if value is not None:
                assert re.fullmatch(allowed, folded), (kind, cell, value)
                assert re.search("[0-9]", folded), (kind, cell, value)


def test_numbers_counts_and_flags():
    assert as_read("number", ["12", "-0.5", "1,706.02", "1.5e3", "15%", "1,70", "x"]) == [
        12,
        -0.5,
        1706.02,
        1500,
        0.15,
        None,
        None,
    ]
    assert as_read("count", ["12", "1,200", "3.0", "-4", "3.5", "1e3", "x"]) == [
        12,
        1200,
        3,
        -4,
        None,
        None,
        None,
    ]
    assert as_read("flag", ["是", "Y", "1", "TRUE", "否", "no", "0", "maybe"]) == [True] * 4 + [False] * 3 + [
        None
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet=" 　\u00a0\t\nＡａ１－−，aé主", max_size=8), min_size=1, max_size=40))
def test_folding_is_trimmed_nfkc(cells):
    """Against Python's NFKC, on what the width of a letter can change."""
    expected = [unicodedata.normalize("NFKC", c).replace("−", "-").strip(" \t\r\n") or None for c in cells]
    assert as_read("fold", cells) == expected


@pytest.mark.parametrize(
    ("written", "scrubbed"),
    [
        ("请致电13812345678谢谢", "请致电[phone]谢谢"),
        ("call 138-1234-5678", "call [phone]"),
        ("电话0571-88123456", "电话[phone]"),
        ("(010)8812 3456", "[phone]"),
        ("１３８１２３４５６７８", "[phone]"),
        ("+86 138 1234 5678", "[phone]"),
        ("400-820-8888", "[phone]"),
        ("call (555) 123-4567 or 212 555 0123", "call [phone] or [phone]"),
        ("致电07700 900123。(07700) 900 123", "致电[phone]。[phone]"),
        ("020 7946 0958, 01632 960 123, 0171 1234567, 06 12 34 56 78", "[phone], [phone], [phone], [phone]"),
        ("身份证33010619800101123X的王", "身份证[id]的王"),
        ("write to li.wei@example.com, please", "write to [email], please"),
        ("报DIMM1错,光通路MEM黄灯亮", "报DIMM1错,光通路MEM黄灯亮"),
        ("7979Q7C SN 99M000000006", "7979Q7C SN 99M000000006"),
        ("2026-10-01 09:30 restarted 3 times", "2026-10-01 09:30 restarted 3 times"),
        (
            "20201231 090512, 20260731 090512123, 2026.07.31 09 05 07",
            "20201231 090512, 20260731 090512123, 2026.07.31 09 05 07",
        ),
        (
            "X3850 (2009) 123456, FRU 46M-0829, 1 234 567,50 + 12 345 678",
            "X3850 (2009) 123456, FRU 46M-0829, 1 234 567,50 + 12 345 678",
        ),
        (
            "firmware 01.02.03.04.05, 100 200 3000 h, (128) 512-GB",
            "firmware 01.02.03.04.05, 100 200 3000 h, (128) 512-GB",
        ),
        ("error 0x80070057 at 192.168.1.100", "error 0x80070057 at 192.168.1.100"),
    ],
)
def test_free_text_is_scrubbed_of_people_and_of_nothing_else(written, scrubbed):
    assert as_read("scrub", [written]) == [scrubbed]
