"""A dirty company: every row is clean, or set aside with a reason, and the pages' figures say so."""

import datetime

import pandas as pd
import pytest
from exports import cleaned, run, write

from crmlab import tables
from crmlab.clean.judging.dates import READ
from crmlab.clean.outputs import OUTPUTS
from crmlab.files import CrmlabError

TICKETS = """
    派单号,报修时间,故障现象,机型,客户编号,故障原因,服务类别,工程师,完成时间,收费方式,重点关注,联系人,联系电话
    T01,2026-10-01 09:30,硬盘黄灯常亮,7979Q7C,C1,硬盘物理损坏,5×9,E7,2026-10-01 12:00,保内,是,王先生,13812345678
    T02,２０２６．１０．２,请打13812345678或0571-88123456,7979R01,C1,"主板,内存皆损坏",7x24x4,E7,2026年10月3日,合同,否,,
    T03,2026/10/3 9:05, 开机无显　, 8840CFA ,C9,内存损坏,7*24*8,E8,N/A,合同,否,,
    T04,2026-10-04,,7979Q7C,C1,,5X9,E8,,以后,maybe,,
    T05,2026-02-30,蓝屏,7979Q7C,C1,,5*9,E8,,,,,
    T06,N/A,蓝屏,7979Q7C,C1,,5*9,E8,,,,,
    T07,2026-10-07 10:00,蓝屏,7979Q7C,C1,主板故障,5*9,E8,2026-10-06 10:00,,,,
    T08,2026-10-08 10:00,蓝屏,7979Q7C,C1,主板故障,5*9,E8,2026.10.08,,,,
    T09,2026-10-09,黄灯,7979Q7C,C1,,5*9,E8,,,,,
    T09,2026-10-09,黄灯,7979Q7C,C1,硬盘物理损坏,5*9,E8,2026-10-10,,,,
    T09,2026-10-09,黄灯,7979Q7C,C1,,5*9,E8,,,,,
    ,2026-10-11,蓝屏,7979Q7C,,,5*9,,,,,,
    """
SALES = """
    订单号,行号,销售日期,客户名称,产品,数量,金额,成本,类别,退货
    O1,1,2026-10-01,杭州维荣,P1,2,"¥1,706.02",1000,产品,否
    O1,2,2026-10-01,杭州维荣,P2,-1,RMB -12,,产品,是
    O2,1,2026-10-02,中萃,P1,1,(12.00),,产品,否
    O2,2,2026-10-02,中萃,P1,-1,-5,,产品,
    O3,1,2026-10-03,中萃,折扣,1,-7.5,,其他,否
    O4,1,2026-10-04,中萃,P1,1,一千,,产品,否
    O5,1,2026-10-05,中萃,P1,1,,,产品,否
    O6,1,2026-10-06,,P1,1,10,,产品,否
    O7,1,2026-10-07,中萃,P1,3,100,,产品,是
    """
CUSTOMERS = """
    客户编号,客户名称,客户级别
    C1,杭州维荣,VIP
    C2,中萃,大客户
    """
CONTRACTS = """
    合同号,客户名称,开始日期,结束日期,金额,续保结果
    K1,中萃,2026-01-01,2026-12-31,"12,000元",执行中
    K2,中萃,2026-12-31,2026-01-01,100,续保
    K3,中萃,2026-01-01,2026-12-31,-100,续保
    """


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    files = {
        "tickets.csv": TICKETS,
        "sales.csv": SALES,
        "customers.csv": CUSTOMERS,
        "contracts.csv": CONTRACTS,
    }
    return cleaned(tmp_path_factory.mktemp("dirty"), files, max_bad_share=0.7)


@pytest.fixture(scope="module")
def tickets(done):
    return done.table("tickets").set_index("ticket_id")


@pytest.fixture(scope="module")
def sales(done):
    return done.table("sales").set_index("sale_id")


def test_every_row_is_accounted_for(done):
    assert done.counts("tickets") == {
        "raw": 12,
        "clean": 7,
        "quarantined": 3,
        "duplicates": 2,
        "filtered": 0,
        "unusable": 0,
    }
    assert done.counts("sales") == {
        "raw": 9,
        "clean": 5,
        "quarantined": 4,
        "duplicates": 0,
        "filtered": 0,
        "unusable": 0,
    }
    assert done.result.metrics["bad_share"] == pytest.approx(9 / 26)


def test_rows_that_cannot_be_used_say_why(done):
    assert done.quarantine("tickets") == {
        6: "reported_at: '2026-02-30' is not a date (year-month-day)",
        7: "reported_at: 'N/A' is not a date (year-month-day)",
        8: "closed_at: 2026-10-06 10:00:00 is before reported_at 2026-10-07 10:00:00",
        10: "duplicate of tickets.csv:11",
        12: "duplicate of tickets.csv:11",
    }
    assert done.quarantine("sales") == {
        4: "amount: negative, but the line is no return",
        7: "amount: '一千' is not an amount",
        8: "amount: empty",
        9: "customer_id: empty",
    }
    assert done.quarantine("contracts") == {
        3: "end_at: 2026-01-01 is before start_at 2026-12-31",
        4: "amount: negative",
    }


def test_dates_of_every_form(tickets):
    assert tickets.loc["T01", "reported_at"] == pd.Timestamp("2026-10-01 09:30")
    assert tickets.loc["T02", "reported_at"] == pd.Timestamp("2026-10-02")
    assert tickets.loc["T02", "closed_at"] == pd.Timestamp("2026-10-03")
    assert tickets.loc["T03", "reported_at"] == pd.Timestamp("2026-10-03 09:05")


def test_a_closing_on_the_day_of_the_call_is_not_before_it(tickets):
    assert tickets.loc["T08", "closed_at"] == pd.Timestamp("2026-10-08 10:00")


def test_money_of_every_form_in_the_smallest_unit(sales):
    assert sales["amount"].to_dict() == {
        "O1-1": 170602,
        "O1-2": -1200,
        "O2-2": -500,
        "O3-1": -750,
        "O7-1": -10000,
    }


def test_returns_are_negative_however_they_are_marked(sales):
    assert sales["is_return"].to_dict() == {
        "O1-1": False,
        "O1-2": True,
        "O2-2": True,
        "O3-1": False,
        "O7-1": True,
    }
    assert sales.loc["O7-1", "qty"] == -3


def test_margin_follows_from_cost(sales):
    assert sales.loc["O1-1", "margin"] == 70602
    assert sales["margin"].isna().sum() == 4


def test_only_an_empty_closing_leaves_a_ticket_open(tickets):
    assert tickets["is_open"].to_dict() == {
        "T01": False,
        "T02": False,
        "T03": False,  # N/A is no closing time, but it says that somebody closed
        "T04": True,
        "T08": False,
        "T09": False,
        "tickets.csv:13": True,
    }


def test_a_cell_that_cannot_be_read_and_need_not_be_is_missing_and_counted(done, tickets):
    assert pd.isna(tickets.loc["T04", "is_focus"])
    assert pd.isna(tickets.loc["T04", "billing"])
    quality = done.table("quality").set_index(["table", "column"])
    focus = quality.loc[("tickets", "is_focus")]
    assert (focus["filled"], focus["unreadable"], focus["validity"]) == (4, 1, 0.75)
    assert focus["examples"] == "'maybe' (tickets.csv:5)"
    closed = quality.loc[("tickets", "closed_at")]
    assert (closed["unreadable"], closed["examples"]) == (1, "'N/A' (tickets.csv:4)")
    assert quality.loc[("tickets", "symptom"), "completeness"] == pytest.approx(11 / 12)
    assert not quality.loc[("tickets", "channel"), "exported"]


def test_of_tickets_with_one_number_the_one_closed_last_stays(tickets):
    assert tickets.loc["T09", "closed_at"] == pd.Timestamp("2026-10-10")


def test_a_ticket_without_a_number_is_named_by_its_line(tickets):
    assert "tickets.csv:13" in tickets.index


def test_labels_are_folded_and_trimmed(tickets):
    assert tickets["service_level"].tolist()[:4] == ["5*9", "7*24*4", "7*24*8", "5*9"]
    assert tickets.loc["T03", ["symptom", "machine_model", "machine_family"]].tolist() == [
        "开机无显",
        "8840CFA",
        "8840",
    ]
    assert tickets["billing"].dropna().tolist() == ["warranty", "contract", "contract"]


def test_several_causes_are_split(done, tickets):
    causes = done.table("ticket_causes")
    assert causes[causes["ticket_id"] == "T02"]["cause"].tolist() == ["主板损坏", "内存损坏"]
    assert causes[causes["ticket_id"] == "T02"]["cause_no"].tolist() == [1, 2]
    assert tickets["n_causes"].tolist() == [1, 2, 1, 0, 1, 1, 0]


def test_customers_whom_only_other_tables_name_are_added(done):
    customers = done.table("customers").set_index("customer_id")
    assert customers["known"].to_dict() == {"C1": True, "C2": True, "C9": False}
    assert customers["tier"].tolist()[:2] == ["vip", "large"]
    orphans = done.table("orphans").set_index(["table", "column"])
    assert orphans.loc[("tickets", "customer_id"), ["rows", "orphans"]].tolist() == [6, 1]


def test_a_customer_given_by_name_is_found_in_the_customer_file(sales, done):
    assert sales["customer_id"].tolist() == ["C1", "C1", "C2", "C2", "C2"]
    assert done.table("contracts")["customer_id"].tolist() == ["C2"]


def test_a_name_that_is_the_number_of_another_customer_moves_no_row(tmp_path):
    files = {
        "customers.csv": "客户编号,客户名称\nA,甲\nA2,A\nB,B\n",
        "sales.csv": "销售日期,客户编号,客户名称,金额\n2026-10-01,A,,5\n2026-10-02,,甲,6\n2026-10-03,B,,7\n",
    }
    assert cleaned(tmp_path, files).table("sales")["customer_id"].tolist() == ["A", "A", "B"]


def test_people_are_hashed_phones_dropped_and_scrubbed(done, tickets):
    assert tickets.loc["T02", "symptom"] == "请打[phone]或[phone]"
    assert tickets.loc["T01", "engineer_id"] == tickets.loc["T02", "engineer_id"]
    assert tickets["engineer_id"].dropna().str.fullmatch("[0-9a-f]{16}").all()
    assert not {"contact", "contact_phone"} & set(tickets.columns)
    everything = b"".join(p.read_bytes() for p in done.out.rglob("*") if p.is_file())
    for hidden in ("13812345678", "王先生", "E7,"):
        assert hidden.encode() not in everything


def test_rows_set_aside_keep_their_cells_without_people(done):
    row = done.table("quarantine/tickets").iloc[0]
    assert "symptom: 蓝屏" in row["row"]
    assert "reported_at: 2026-02-30" in row["row"]
    assert "engineer_id" not in row["row"]


def test_reasons_are_counted_without_their_values(done):
    reasons = done.table("quarantine_reasons").set_index(["table", "column", "reason"])
    assert reasons.loc[("tickets", "reported_at", "is not a date (year-month-day)"), "n"] == 2
    assert reasons.loc[("tickets", "closed_at", "is before reported_at"), "n"] == 1
    assert reasons.loc[("tickets", "reported_at", "is not a date (year-month-day)"), "example"].startswith(
        "tickets.csv:6 reported_at: "
    )


def test_months_are_counted(done):
    volume = done.table("volume").set_index(["table", "month"])["rows"]
    assert volume[("tickets", "2026-10")] == 7


def test_the_day_is_that_of_the_last_ticket_or_sale(done):
    assert done.json("as_of") == {
        "as_of": "2026-10-11",
        "report_month": "2026-09",
        "stated": False,
        "gap": None,
    }


@pytest.mark.parametrize("name", [*tables.CLEAN, *OUTPUTS])
def test_what_is_written_has_the_types_of_the_contract(done, name):
    table = {**tables.CLEAN, **OUTPUTS}[name]
    written, expected = done.table(name), tables.empty(table)
    assert written.dtypes.to_dict() == expected.dtypes.to_dict()
    assert not written.duplicated(list(table.key)).any()
    assert written.equals(written.sort_values(list(table.key), ignore_index=True)) or name == "quality"


def test_two_runs_write_the_same_bytes(tmp_path, done):
    folder = done.out.parent / "raw" / "acme"
    again = run(folder, tmp_path / "again", max_bad_share=0.7, key_file=done.out.parent / "salt")
    for path in sorted(done.out.rglob("*.*")):
        assert path.read_bytes() == (again.out / path.relative_to(done.out)).read_bytes(), path.name


def test_too_many_bad_rows_in_the_only_table_stop_the_run_with_the_top_reasons(tmp_path):
    folder = write(tmp_path / "acme", {"tickets.csv": TICKETS})
    with pytest.raises(CrmlabError) as caught:
        run(folder, tmp_path / "out", max_bad_share=0.2)
    said = str(caught.value)
    assert "tickets: 3 of 12 rows (25%) cannot be used, more than max_bad_share (20%)" in said
    assert (
        "2 × reported_at is not a date (year-month-day) (first: tickets.csv:6 reported_at: '2026-02-30' is not a date (year-month-day))"
        in said
    )
    assert f"Dates are read as {READ}, others as `dates` in mapping.yaml says." in said
    assert not (tmp_path / "out" / "tickets.parquet").exists()


@pytest.mark.slow
def test_a_company_can_allow_more_bad_rows(tmp_path):
    done = cleaned(tmp_path, {"tickets.csv": TICKETS}, "max_bad_share: 0.3", max_bad_share=0.2)
    assert done.counts("tickets")["quarantined"] == 3
    assert done.json("company")["max_bad_share"] == 0.3


def test_figures_name_no_version_that_differs_between_machines(done):
    assert list(done.result.metrics["versions"]) == ["crmlab", "duckdb", "pyarrow"]


def test_absent_tables_are_written_without_rows_and_named(tmp_path):
    done = cleaned(tmp_path, {"tickets.csv": "报修时间,故障现象,客户名\n2026-10-01,a,省地税局\n"})
    assert done.table("visits").dtypes.to_dict() == tables.empty(tables.VISITS).dtypes.to_dict()
    assert [what for what, _ in done.result.missing] == [t for t in tables.CONTRACT if t != "tickets"]
    assert done.table("customers")[["customer_id", "customer_name", "known"]].values.tolist() == [
        ["省地税局", "省地税局", False]
    ]


def test_without_a_closing_column_a_ticket_without_a_cause_is_open(tmp_path):
    text = "报修时间,故障现象,故障原因\n2026-10-01,a,内存损坏\n2026-10-02,b,\n"
    assert cleaned(tmp_path, {"tickets.csv": text}).table("tickets")["is_open"].tolist() == [False, True]


@pytest.mark.parametrize("as_of", ["2026-10-02", datetime.date(2026, 10, 2)], ids=["quoted", "unquoted"])
def test_a_stated_day_leaves_out_what_came_later(tmp_path, as_of):
    """Quoted or not in the parameters, which YAML reads as a text or a date."""
    files = {
        "tickets.csv": """
            派单号,报修时间,故障现象,故障原因,派单时间,预测原因,完成时间
            T1,2026-10-01,a,内存损坏,2026-10-01,主板故障,2026-10-02 23:00
            T2,2026-10-02 18:00,b,内存损坏,2026-10-03,主板故障,2026-10-04
            T3,2026-10-03,c,内存损坏,2026-10-03,主板故障,2026-10-04
            """,
        "visits.csv": "派单号,到达时间\nT1,2026-10-02\nT2,2026-10-03\n",
        "ticket_parts.csv": "派单号,备件\nT1,DIMM\nT3,MB\n",
        "contracts.csv": """
            合同号,客户号,开始日期,结束日期,金额,签订日期,续保结果,续保合同号
            K1,A,2026-01-01,2026-10-31,1,2026-01-01,已续保,K2
            K2,A,2026-11-01,2027-10-31,1,2026-10-02,执行中,
            K3,B,2026-01-01,2026-10-31,1,2026-01-01,已续保,K4
            K4,B,2026-11-01,2027-10-31,1,2026-10-03,执行中,
            """,
    }
    done = cleaned(tmp_path, files, as_of=as_of)
    assert done.json("as_of") == {
        "as_of": "2026-10-02",
        "report_month": "2026-09",
        "stated": True,
        "gap": None,
    }
    assert {t: done.counts(t)["filtered"] for t in ("tickets", "visits", "ticket_parts", "contracts")} == {
        "tickets": 1,
        "visits": 1,
        "ticket_parts": 1,
        "contracts": 1,
    }
    ticket = done.table("tickets").set_index("ticket_id").loc["T2"]
    assert ticket["is_open"]
    assert ticket[["cause_actual", "closed_at", "cause_predicted", "n_causes"]].isna().tolist() == [
        True,
        True,
        True,
        False,
    ]
    contracts = done.table("contracts").set_index("contract_id")
    assert contracts["outcome"].to_dict() == {"K1": "renewed", "K2": "open", "K3": "open"}


@pytest.mark.parametrize("as_of", ["yesterday", "2026-13-01", 31])
def test_a_day_that_is_none_is_refused(tmp_path, as_of):
    with pytest.raises(CrmlabError, match=r"is not a day; expected auto or a quoted day"):
        cleaned(tmp_path, {"tickets.csv": "报修时间,故障现象\n2026-10-01,a\n"}, as_of=as_of)


def test_a_row_in_the_far_future_does_not_become_today(tmp_path):
    rows = "".join(f"2026-10-{1 + n % 28:02},a\n" for n in range(300))
    done = cleaned(tmp_path, {"tickets.csv": "报修时间,故障现象\n" + rows + "2062-10-01,a\n"})
    assert done.json("as_of")["as_of"] == "2026-10-28"
    assert done.quarantine("tickets") == {
        302: "reported_at: 2062-10-01 lies more than a year after every other day"
    }


def test_among_few_rows_one_in_the_far_future_is_today_and_the_run_says_so(tmp_path):
    text = "报修时间,故障现象\n" + "".join(f"2026-10-{n:02},a\n" for n in range(1, 29))
    done = cleaned(tmp_path, {"tickets.csv": text + "2099-01-01,a\n"})
    assert done.json("as_of")["as_of"] == "2099-01-01"
    assert done.json("as_of")["gap"] == {"after": "2026-10-28", "rows": 1}
    assert (
        "as of 2099-01-01, more than a year after all but 1 rows (until 2026-10-28): state as_of"
        in done.result.summary
    )


def test_exact_copies_are_set_aside_where_the_mapping_says_so(tmp_path):
    text = "销售日期,客户,金额\n2026-10-01,A,1\n2026-10-01,A,1\n2026-10-01,A,2\n"
    done = cleaned(tmp_path, {"sales.csv": text}, "tables: {sales: {drop_duplicates: true}}")
    assert done.counts("sales")["duplicates"] == 1
    assert done.quarantine("sales") == {3: "copy of sales.csv:2"}
    assert done.table("sales")["sale_id"].tolist() == ["sales.csv:2", "sales.csv:4"]


def test_visits_without_numbers_are_numbered_by_arrival(tmp_path):
    files = {
        "tickets.csv": "派单号,报修时间,故障现象\nT1,2026-10-01,a\n",
        "visits.csv": "派单号,到达时间,结果\nT1,2026-10-03,已修复\nT1,2026-10-02,未修复\n",
    }
    visits = cleaned(tmp_path, files).table("visits")
    assert visits[["visit_no", "outcome"]].values.tolist() == [[1, "not_fixed"], [2, "fixed"]]


def test_what_people_wrote_for_later_stages_is_passed_on_as_they_wrote_it(tmp_path):
    policy = "类型,阶段,行动\n落伍型,维系,先寄备件清单。\n".encode("gb18030")
    done = cleaned(tmp_path, {"tickets.csv": TICKETS, "policy.csv": policy})
    assert (done.out / "policy.csv").read_bytes() == policy
    for name in ("lexicon.yaml", "topics.yaml", "effort.csv", "type_labels.csv"):
        assert (done.out / name).read_bytes() == b"", name
