"""Customers spelled two ways: what is proposed, what is never proposed, and what joins once somebody has confirmed it."""

import csv
import io
import time

import pandas as pd
import pytest
import simulated_company
from exports import cleaned
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.clean.customers.aliases import LIKELY, as_csv, propose, read_confirmed
from crmlab.clean.customers.likeness import likeness
from crmlab.clean.judging.kinds import read
from crmlab.engine import Engine
from crmlab.files import CrmlabError

CUSTOMERS = """
    客户编号,客户名
    K1,中国电子口岸数据中心
    K2,中国农业银行杭州分行
    K3,Siemens AG
    007,衢州华辉数据中心
    """
TICKETS = """
    报修时间,故障现象,客户编号,客户名
    2026-10-01,a,,中国电子口岸数据分析中心
    2026-10-02,b,,中国电子口岸数据分析中心
    2026-10-03,c,,中国农业银行湖州分行
    2026-10-04,d,,ＳＩＥＭＥＮＳ
    2026-10-05,e,K9,中国农业银行杭州分行
    2026-10-06,f,,=华辉数据中心
    """
FILES = {"customers.csv": CUSTOMERS, "tickets.csv": TICKETS}


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("中国电子口岸数据分析中心", "中国电子口岸数据中心"),
        ("杭州华辉医院", "华辉医院"),
        ("杭州市华辉医院", "杭州华辉医院"),
        ("华辉机械（集团）股份有限公司", "华辉机械有限责任公司"),
        ("第3人民医院", "第三人民医院"),
        ("杭州川华行有限公司", "杭州川华银行"),
        ("中国工商银行", "工商银行"),
        ("Siemens AG", "SIMENS"),
        ("Müller GmbH", "MULLER"),
        ("Bank of China, Hangzhou", "hangzhou bank of china ltd"),
    ],
)
def test_other_spellings_are_likely(a, b):
    assert likeness(a, b) == likeness(b, a) >= LIKELY


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("中国农业银行杭州分行", "中国农业银行湖州分行"),
        ("中国农业银行龙井支行", "中国农业银行龙游支行"),
        ("中国农业银行杭州分行", "中国农业银行杭州分行营业部"),
        ("中国银行", "中国建设银行"),
        ("杭州第一人民医院", "杭州第二人民医院"),
        ("三号变电站", "4号变电站"),
        ("华辉东厂", "华辉西厂"),
        ("Plant A", "Plant B"),
        ("North Mill", "South Mill"),
        ("中国移动", "中国移动通信集团浙江有限公司杭州分公司"),
    ],
)
def test_other_places_numbers_and_branches_are_not(a, b):
    assert likeness(a, b) == likeness(b, a) < LIKELY


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_names_have_a_likeness(a, b):
    assert 0 <= likeness(a, b) == likeness(b, a) <= 100
    assert likeness(a, a) == 100


def test_proposals_say_who_how_and_how_often_and_join_nothing(tmp_path):
    done = cleaned(tmp_path, FILES)
    found = done.table("customer_aliases").set_index("raw_name")
    assert found.loc["中国电子口岸数据分析中心"].tolist() == ["K1", "中国电子口岸数据中心", "similar", 91, 2]
    assert found.loc["SIEMENS"].tolist() == ["K3", "Siemens AG", "other company form", 98, 1]
    assert found.loc["K9"].tolist() == ["K2", "中国农业银行杭州分行", "same name", 99, 1]
    assert found.loc["=华辉数据中心", "customer_id"] == "007"
    assert "中国农业银行湖州分行" not in found.index
    customers = done.table("customers").set_index("customer_id")
    assert customers.loc["中国电子口岸数据分析中心", "known"] == False  # noqa: E712


@pytest.mark.slow
def test_a_spreadsheet_opens_the_proposals_and_gives_them_back(tmp_path):
    done = cleaned(tmp_path, FILES)
    written = (done.out / "customer_aliases.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbfraw_name,customer_id,customer_name,method,score,rows\r\n")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
    assert [r["raw_name"] for r in rows] == ["'=华辉数据中心", "K9", "SIEMENS", "中国电子口岸数据分析中心"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    for encoding in ("utf-8-sig", "gb18030"):
        text = written.decode("utf-8-sig").encode(encoding)
        again = cleaned(tmp_path / encoding, {**FILES, "customer_aliases.csv": text})
        assert again.table("customer_aliases").empty
        assert again.table("tickets")["customer_id"].tolist() == [
            "K1",
            "K1",
            "中国农业银行湖州分行",
            "K3",
            "K2",
            "007",
        ]
        assert set(again.table("customers").query("~known")["customer_id"]) == {"中国农业银行湖州分行"}


def test_without_a_customer_file_the_spelling_with_most_rows_stands_for_the_others(tmp_path):
    sales = "订单号,销售日期,客户名,金额\n" + "".join(
        f"S{n},2026-10-01,{name},1\n"
        for n, name in enumerate(
            ["华辉医院"] * 3 + ["杭州华辉医院"] * 2 + ["杭州市华辉医院", "17850", "17851"]
        )
    )
    found = cleaned(tmp_path, {"sales.csv": sales}).table("customer_aliases")
    assert found[["raw_name", "customer_id"]].values.tolist() == [
        ["杭州华辉医院", "华辉医院"],
        ["杭州市华辉医院", "华辉医院"],
    ]
    confirmed = "raw_name,customer_id\n杭州华辉医院,华辉医院\n杭州市华辉医院,华辉医院\n"
    again = cleaned(tmp_path / "again", {"sales.csv": sales, "customer_aliases.csv": confirmed})
    assert sorted(again.table("customers")["customer_id"]) == ["17850", "17851", "华辉医院"]


def test_where_two_customers_fit_equally_well_none_is_proposed():
    known = [("K1", "杭州华辉医院"), ("K2", "宁波华辉医院"), ("K3", "华辉酒店"), ("K4", "华辉酒店")]
    unknown = [
        ("华辉医院", "华辉医院", 5),
        ("华辉酒店有限公司", "华辉酒店有限公司", 1),
        ("X7", "华辉酒店", 1),
    ]
    assert propose(known, unknown) == []


def test_no_chain_is_proposed():
    found = propose(
        [], [(n, n, rows) for n, rows in (("华辉医院", 3), ("杭州华辉医院", 2), ("杭州市华辉医院", 9))]
    )
    standing = {p.customer_id for p in found}
    assert standing
    assert not standing & {p.raw_name for p in found}


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        ("name,customer_id\na,K1\n", "customer_aliases.csv line 1: no column raw_name; expected raw_name and customer_id"),
        ("raw_name,customer_id\n电子口岸,\n", "customer_aliases.csv line 2, customer_id: empty; fill it in or delete the line"),
        (
            "raw_name,customer_id\n电子口岸,K1\n农行,K2\n电子口岸 ,K2\n",
            "customer_aliases.csv line 4: '电子口岸' is 'K2' here and 'K1' in line 2; keep one",
        ),
        (
            "raw_name,customer_id\na,b\nb,K1\n",
            "customer_aliases.csv line 2: 'a' is 'b', which line 3 calls 'K1'; write 'K1' in both",
        ),
        (
            "raw_name,customer_id\n电子口岸,7\n",
            "customer_aliases.csv line 2, customer_id: no export names a customer '7'; the nearest is '007' (a spreadsheet drops leading zeros)",
        ),
        ("raw_name,customer_id\nK1,K2\n", "customer_aliases.csv line 2: 'K1' is customer 'K1' of the customer file, not 'K2'; merge"),
        (
            "raw_name,customer_id\nSiemens AG,K2\n",
            "customer_aliases.csv line 2: 'Siemens AG' is customer 'K3' of the customer file, not 'K2'; merge",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_confirmed_aliases_is_said(tmp_path, aliases, message):
    with pytest.raises(CrmlabError) as error:
        cleaned(tmp_path, {**FILES, "customer_aliases.csv": aliases})
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_a_name_of_two_customers_can_be_given_to_one(tmp_path):
    files = {
        "customers.csv": "客户编号,客户名\nK1,华辉\nK2,华辉\n",
        "tickets.csv": "报修时间,故障现象,客户名\n2026-10-01,a,华辉\n",
    }
    assert cleaned(tmp_path, files).table("tickets")["customer_id"].tolist() == ["华辉"]
    files["customer_aliases.csv"] = "raw_name,customer_id\n华辉,K2\n"
    assert cleaned(tmp_path / "b", files).table("tickets")["customer_id"].tolist() == ["K2"]


@settings(max_examples=40, deadline=None)
@given(st.text(alphabet=st.sampled_from("ＡＢ１２（），－　−\xa0 ab12華\t'=+-@'")))
def test_confirmed_names_are_folded_as_cells_are(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("aliases")
    engine = Engine(threads=1)
    [(folded,)] = engine.rows(f"select {read('fold', 'x')} as y from t", {"t": engine.make({"x": [text]})})
    line = io.StringIO()
    csv.writer(line).writerows([["raw_name", "customer_id"], [text, "K1"]])
    (folder / "customer_aliases.csv").write_text(line.getvalue(), newline="")
    if folded is None:
        with pytest.raises(CrmlabError, match="raw_name: empty"):
            read_confirmed(folder)
    elif not folded.startswith("'"):
        assert [a.raw_name for a in read_confirmed(folder)] == [folded]


def test_thousands_of_names_are_compared_in_seconds():
    syllables = "华安海川辉明达信通德润泽丰瑞恒远盛嘉宏宇"
    names = [
        f"杭州{a}{b}{c}{kind}"
        for kind in ("医院", "机械厂")
        for a in syllables
        for b in syllables
        for c in syllables[:2]
    ]
    began = time.process_time()
    found = propose([(f"K{n}", name) for n, name in enumerate(names)], [(n[2:], n[2:], 1) for n in names])
    assert time.process_time() - began < 5
    assert len(found) == len(names) == 1600
    assert all(names[int(p.customer_id[1:])] == "杭州" + p.raw_name for p in found)
    assert as_csv(found).count("\r\n") == len(found) + 1


def test_the_simulated_second_spellings_are_proposed_and_no_other_names(small):
    """2 % of the simulated customers have a second spelling, which the desk types in; the truth says whose each is."""
    out = small.processed("clean")
    found = pd.read_parquet(out / "customer_aliases.parquet")
    customers = pd.read_parquet(out / "customers.parquet")
    people = simulated_company.chunk(0).people
    theirs = dict(zip(people["variant"], people["customer_id"], strict=True))
    typed = set(customers.loc[~customers["known"], "customer_id"]) & set(theirs) - {""}
    right = {r.raw_name for r in found.itertuples() if theirs.get(r.raw_name) == r.customer_id}
    assert typed
    assert right >= typed  # recall
    by_name = found[found["method"] != "same name"]
    assert set(by_name["raw_name"]) == right  # precision


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'raw_name,customer_id\n"中萃,C1\n',
            r"customer_aliases.csv line \d: not readable as CSV .*a quote that is not closed",
        ),
        (
            "raw_name,customer_id\n" + "x" * 200_000 + ",C1\n",
            r"customer_aliases.csv line \d: not readable as CSV \(field larger",
        ),
    ],
    ids=["an open quote", "an endless cell"],
)
def test_a_broken_file_is_said_with_its_line(tmp_path, text, said):
    with pytest.raises(CrmlabError, match=said) as found:
        cleaned(tmp_path, {"tickets.csv": TICKETS, "customer_aliases.csv": text})
    assert "\n" not in str(found.value)
