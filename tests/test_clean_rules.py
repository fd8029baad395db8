"""Every table of the contract: what is kept, what is set aside and why, and what a stated day empties."""

import pandas as pd
import pytest
from exports import cleaned

from crmlab.clean.judging.reasons import LATE, LONGEST, contradictions, of_cells
from crmlab.clean.judging.repeated_hours import repeated_hours
from crmlab.files import CrmlabError
from crmlab.report.language import catalogue
from crmlab.tables import CONTRACT

LONG = "T" * 201

TICKETS = """
    派单号,报修时间,故障现象,故障原因,派单时间,预测原因,工程师,预约时间,完成时间,服务类别,联系人,联系电话
    T1,2026-10-01 09:00,黄灯,内存损坏,2026-10-01 10:00,主板故障,E1,2026-10-03 09:00,2026-10-02,7×24×4,王小明,
    T2,39722.378472,蓝屏,,,,,,,5x9,,
    """
TABLES = {
    "tickets.csv": TICKETS,
    "visits.csv": """
        派单号,上门次数,到达时间,离开时间,结果,工程师,费用
        T1,,2026-10-02 10:00,2026-10-02 09:00,,E1,1
        T1,2,2026-10-02 10:00,2026-10-02,已修复,E1,"1,200元"
        T1,2,2026-10-02 10:00,2026-10-02 12:00,fixed,E1,12
        T1,,2026-10-04 10:00,,未修复,E1,-5
        T1,,2026-10-05 10:00,,未修复,E1,
        """,
    "ticket_parts.csv": """
        派单号,上门次数,备件号,备件,携带数量,更换数量,单价
        T1,2,P1,内存,2,1,100
        T1,2,P1,内存,2,2,100
        T1,,,硬盘,1,,
        T1,1,,,1,,
        T1,1,P2,,1,,-3
        """,
    "machines.csv": """
        序列号,机型,客户,装机日期,保修截止,报废日期
        S1,7979Q7C,C1,2020-01-01,2030-01-01,2026-10-05
        S2,7979Q7C,C1,2020-01-02,,2020-01-01
        S3,,C1,2027-01-01,,
        ,7979Q7C,C1,,,
        """,
    "products.csv": "产品,停产,目录价,代次\nP1,是,100,2\nP2,,-1,\nP1,否,200,x\n",
    "parts.csv": "备件号,备件,单价,库存\nP1,内存,100,7\nP2,硬盘,-1,\nP3,,1e16,1.5\n",
    "complaints.csv": """
        投诉号,客户,投诉时间,投诉内容,投诉类型,是否成立,责任部门,判定时间,转办时间,解决时间,赔偿金额,是否满意,派单号
        K1,C1,2026-10-01 09:00,太慢 13812345678,服务,是,售后,2026-10-02,2026-10-04,2026-10-05,100,是,T1
        K2,C1,2026-10-01 09:00,,质量,,,,,2026-09-30,,,
        K3,C1,2026-10-01 09:00,,态度,,,,,2026-10-01,-5,,
        K4,C1,2026-10-09 09:00,,,,,,,,,,T1
        """,
    "surveys.csv": f"""
        问卷号,客户,答卷时间,题目,维度,类型,分数,满分,意见
        Q1,C1,2026-10-01,整洁,有形性,期望,5,5,
        Q1,C1,2026-10-01,整洁,有形性,感知,4,5,
        Q1,C1,2026-10-01,守时,可靠性,,3,5,先
        Q1,C1,2026-10-01,守时,可靠性,,2,5,后
        Q1,C1,2026-10-01,响应,响应性,,6,5,
        Q1,C1,2026-10-01,,响应性,,4,5,
        Q1,C1,2026-10-01,热情,热情,感知,很好,5,
        Q1,C1,2026-10-01,专业,保证性,感知,4,,
        Q1,C1,2026-10-01,负,,,-1.5,5,
        {LONG},C1,2026-10-01,整洁,,,1,5,
        ,C1,2026-10-01,整洁,,,1,5,
        """,
    "interactions.csv": """
        客户,回访时间,方式,目的,是否应答,费用
        C1,2026-10-01 10:00,电话,回访,是,1
        C1,20261001,微信,节日问候,否,
        C1,2026-10-03,微信,Lead,,-1
        C1,,微信,,,
        """,
    "payments.csv": """
        回款号,客户,金额,应付日期,付款日期
        M1,C1,100,2026-12-31,2026-10-03
        M2,C1,100-,2026-10-01,2026-10-02
        ,C1,,46300,
        M4,C1,1,9999-12-31,
        """,
    "quotes.csv": "报价号,客户,报价日期,金额,修改次数,锁价\nN1,C1,2026-10-01,1,2,是\nN2,C1,2026-10-03,-1,,\nN3,C1,2026-10-03,1,-2,\n",
    "service_plan.csv": "客户,计划日期,活动,完成日期\nC1,2027-03-01,巡检,\nC1,2026-10-01,聚餐,2026-10-05\n,2026-10-01,,\n",
    "opportunities.csv": """
        商机号,客户,发现日期,来源,金额,是否成交,关闭日期
        O1,C1,2026-10-01,工程师,100,是,2026-10-05
        O2,C1,2026-10-02,展会,100,否,2026-10-01
        ,C1,2026-10-03,,1234567890123456,,
        """,
    "warranty_claims.csv": """
        索赔号,序列号,提交日期,备件号,是否批准,金额
        W1,S1,2026-10-01,P1,是,10
        W2,,2026-10-01,P1,是,10
        W3,S1,2026-10-01,P1,是,-10
        """,
}  # tickets, sales, customers and contracts have a file of tests of their own: test_clean_company.py


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return cleaned(tmp_path_factory.mktemp("tables"), TABLES, max_bad_share=1)


@pytest.fixture(scope="module")
def on_the_second(tmp_path_factory):
    """As the company looked on 2 October."""
    return cleaned(tmp_path_factory.mktemp("earlier"), TABLES, max_bad_share=1, as_of="2026-10-02")


QUARANTINED = {
    "tickets": {},
    "visits": {
        2: "left_at: 2026-10-02 09:00:00 is before arrived_at 2026-10-02 10:00:00",
        5: "cost: negative",
    },
    "ticket_parts": {5: "part_no: empty", 6: "unit_cost: negative"},
    "machines": {3: "retired_at: 2020-01-01 is before installed_at 2020-01-02", 5: "serial_no: empty"},
    "products": {3: "list_price: negative"},
    "parts": {3: "unit_cost: negative"},
    "complaints": {
        3: "resolved_at: 2026-09-30 00:00:00 is before received_at 2026-10-01 09:00:00",
        4: "compensation: negative",
    },
    "surveys": {
        6: "score: 6 is above scale_max 5",
        7: "item: empty",
        8: "score: '很好' is not a number",
        9: "scale_max: empty",
        10: "score: negative",
        11: f"survey_id: '{LONG[:40]}' is longer than 200 characters",
    },
    "interactions": {4: "cost: negative", 5: "at: empty"},
    "payments": {5: "due_at: '9999-12-31' is not in 1900 to 2099, the years that are read"},
    "quotes": {3: "amount: negative", 4: "revisions: negative"},
    "service_plan": {4: "customer_id: empty"},
    "opportunities": {3: "closed_at: 2026-10-01 is before opened_at 2026-10-02"},
    "warranty_claims": {3: "serial_no: empty", 4: "amount: negative"},
}
DUPLICATES = {
    "visits": {3: "duplicate of visits.csv:4"},
    "ticket_parts": {2: "duplicate of ticket_parts.csv:3"},
    "products": {2: "duplicate of products.csv:4"},
    "surveys": {4: "duplicate of surveys.csv:5"},
}


@pytest.mark.parametrize("name", QUARANTINED)
def test_rows_set_aside_say_why(done, name):
    assert done.quarantine(name) == QUARANTINED[name] | DUPLICATES.get(name, {})


def test_every_table_is_judged_and_every_row_accounted_for(done):
    for name in CONTRACT:
        counts = done.counts(name) if f"{name}.csv" in TABLES else {}
        assert counts.get("raw", 0) == sum(n for fate, n in counts.items() if fate != "raw"), name
    assert set(QUARANTINED) == {name.removesuffix(".csv") for name in TABLES}


def test_reasons_are_counted_without_their_values(done):
    found = done.table("quarantine_reasons").groupby(["table", "column"])["reason"].agg(list)
    assert found[("surveys", "score")] == ["is above scale_max", "is not a number", "negative"]
    assert found[("surveys", "survey_id")] == ["is longer than 200 characters"]
    assert found[("visits", "left_at")] == ["is before arrived_at"]
    assert found[("payments", "due_at")] == ["is not in 1900 to 2099, the years that are read"]


def test_rows_without_a_number_go_by_their_line(done):
    assert done.table("payments")["payment_id"].tolist() == ["M1", "M2", "payments.csv:4"]
    assert done.table("surveys")["survey_id"].iloc[-1] == "surveys.csv:12"
    assert done.table("interactions")["interaction_id"].tolist() == [
        "interactions.csv:2",
        "interactions.csv:3",
    ]
    assert done.table("service_plan")["plan_id"].tolist() == ["service_plan.csv:2", "service_plan.csv:3"]


def test_a_label_with_choices_keeps_other_words(done):
    assert done.table("interactions")["purpose"].tolist() == ["follow_up", "节日问候"]
    assert done.table("service_plan")["activity"].tolist() == ["inspection", "聚餐"]
    quality = done.table("quality").set_index(["table", "column"])["unreadable"]
    assert quality[("interactions", "purpose")] == 0
    assert quality[("complaints", "kind")] == 1, "态度 is none of the kinds of complaints"


def test_cells_of_the_other_tables(done):
    assert done.table("tickets").set_index("ticket_id").loc["T2", "reported_at"] == pd.Timestamp(
        "2008-10-01 09:05"
    )
    assert done.table("tickets")["service_level"].tolist() == ["7*24*4", "5*9"]
    assert done.table("payments")["amount"].tolist()[:2] == [10000, -10000]
    assert done.table("payments")["due_at"].iloc[-1] == pd.Timestamp("2026-10-05")
    assert done.table("opportunities")["amount"].isna().tolist() == [False, True], "sixteen digits"
    assert done.table("complaints")["text"].iloc[0] == "太慢 [phone]"
    visits = done.table("visits")
    assert visits[["visit_no", "outcome"]].values.tolist() == [[2, "fixed"], [5, "not_fixed"]]


def test_customers_come_from_every_table(done):
    customers = done.table("customers")
    assert customers["customer_id"].tolist() == ["C1"]
    assert not customers["known"].any()


def test_a_moment_that_is_only_a_day_counts_as_any_of_that_day(done):
    """Closed on the day of the complaint at no stated time."""
    assert "K3" not in done.table("complaints")["complaint_id"].tolist()  # for its compensation
    assert done.quarantine("visits").get(3) == "duplicate of visits.csv:4"


FILTERED = {
    "visits": 2,
    "machines": 1,
    "complaints": 1,
    "interactions": 1,
    "quotes": 2,
    "opportunities": 1,
}


def test_a_stated_day_leaves_out_later_rows_in_every_table(on_the_second):
    found = {n: on_the_second.counts(n)["filtered"] for n in QUARANTINED}
    assert {name: n for name, n in found.items() if n} == FILTERED


def test_a_stated_day_empties_what_was_learnt_later_in_every_table(on_the_second):
    machine = on_the_second.table("machines").iloc[0]
    assert (machine["warranty_end"], pd.isna(machine["retired_at"])) == (pd.Timestamp("2030-01-01"), True)
    complaint = on_the_second.table("complaints").iloc[0]
    assert (complaint["valid"], complaint["step_2_at"]) == (True, pd.Timestamp("2026-10-02"))
    learnt = ["dept", "step_3_at", "resolved_at", "compensation", "satisfied"]
    assert complaint[learnt].isna().all()
    payments = on_the_second.table("payments").set_index("payment_id")
    assert payments["paid_at"].notna().to_dict() == {"M1": False, "M2": True, "payments.csv:4": False}
    assert payments["due_at"].notna().all()
    assert on_the_second.table("service_plan")["done_at"].isna().all()
    assert on_the_second.table("opportunities").iloc[0][["won", "closed_at"]].isna().all()


def test_parts_follow_a_visit_and_visits_a_ticket_that_are_left_out(tmp_path):
    """A complaint only names a ticket, so it stays by its own day. A ticket of which an earlier row is left stays, too."""
    files = {
        "tickets.csv": """
            派单号,报修时间,故障现象
            T1,2026-10-01,a
            T2,2026-10-03,b
            T3,2026-10-01,c
            T3,2026-10-04,c
            """,
        "visits.csv": "派单号,上门次数,到达时间\nT1,1,2026-10-01\nT1,2,2026-10-03\nT2,1,\nT3,1,2026-10-02\n",
        "ticket_parts.csv": "派单号,上门次数,备件号\nT1,1,P1\nT1,2,P1\nT2,1,P1\nT3,1,P1\n",
        "complaints.csv": "投诉号,客户,投诉时间,派单号\nK1,C1,2026-10-01,T2\n",
    }
    done = cleaned(tmp_path, files, as_of="2026-10-02")
    for name in ("visits", "ticket_parts"):
        kept = done.table(name)[["ticket_id", "visit_no"]].values.tolist()
        assert (kept, done.counts(name)["filtered"]) == ([["T1", 1], ["T3", 1]], 2), name
    assert len(done.table("complaints")) == 1


def test_visits_follow_a_ticket_that_the_mapping_leaves_out(tmp_path):
    """Not one of which another row is kept: an event log leaves out all but the last row of each."""
    files = {
        "tickets.csv": "派单号,报修时间,故障现象,国家\nT1,2026-10-01,a,DE\nＴ2 ,2026-10-01,b,FR\nT3,2026-10-01,c,FR\nT3,2026-10-01,c,DE\n",
        "visits.csv": "派单号,到达时间\nT1,2026-10-02\nT2,2026-10-02\nT3,2026-10-02\nT9,2026-10-02\n",
        "ticket_parts.csv": "派单号,备件\nT2,HDD\n",
    }
    done = cleaned(tmp_path, files, "tables: {tickets: {where: \"国家 = 'DE'\"}}")
    assert done.table("visits")["ticket_id"].tolist() == ["T1", "T3", "T9"]
    assert done.counts("visits")["filtered"] == done.counts("ticket_parts")["filtered"] == 1


def test_a_visit_that_leaves_later_than_the_stated_day_is_not_over(tmp_path):
    files = {
        "tickets.csv": "派单号,报修时间,故障现象\nT1,2026-10-01,a\n",
        "visits.csv": "派单号,到达时间,离开时间,结果,路程时间\nT1,2026-10-02 23:00,2026-10-03 01:00,已修复,30\n",
    }
    visit = cleaned(tmp_path, files, as_of="2026-10-02").table("visits").iloc[0]
    assert visit[["left_at", "outcome"]].isna().all()
    assert visit["travel_min"] == 30


def test_an_amount_that_cannot_be_kept_exactly_says_why(tmp_path):
    why = {
        "1234567890123456": "has more than 15 digits",
        "¥1,234,567,890,123,456.00": "has more than 15 digits",
        "999999999999999.999": "has more than 15 digits",
        "1e15": "is in powers of ten",
        "1.23457E+15": "is in powers of ten",
        "dear": "is not an amount",
        "1,70": 'is not an amount unless mapping.yaml states decimal: ","',
    }
    lines = "".join(f'2026-10-01,A,"{cell}"\n' for cell in [*why, "999999999999999"])
    done = cleaned(tmp_path, {"sales.csv": "销售日期,客户,金额\n" + lines}, max_bad_share=1)
    said = [f"amount: '{cell}' {words}" for cell, words in why.items()]
    assert list(done.quarantine("sales").values()) == said
    assert done.table("sales")["amount"].tolist() == [99999999999999900]


def test_two_currencies_in_one_ledger_are_never_added_up(tmp_path):
    files = {
        "sales.csv": "销售日期,客户,金额,成本\n"
        + "".join(f"2026-10-01,A,{cell}\n" for cell in ("¥5,¥1", "$6,1", "EUR 7,1", "8,£2"))
    }
    words = "is in another currency than the books (mapping.yaml: currency)"
    done = cleaned(tmp_path, files, max_bad_share=1)
    assert done.table("sales")["amount"].tolist() == [500, 800]
    assert list(done.quarantine("sales").values()) == [f"amount: '$6' {words}", f"amount: 'EUR 7' {words}"]
    assert done.table("sales")["cost"].isna().tolist() == [False, True]
    euros = cleaned(tmp_path / "euros", files, "currency: EUR", max_bad_share=1)
    assert euros.table("sales")["amount"].tolist() == [700, 800]


def test_a_cell_that_goes_on_and_on_is_shown_cut(tmp_path):
    endless = '"' + "2026-10-01\n" * 5000 + '"'
    text = f"派单号,报修时间,故障现象\nT1,{endless},a\n{LONG},2026-10-01,b\nT3,2026-10-01,c\n"
    done = cleaned(tmp_path, {"tickets.csv": text}, max_bad_share=1)
    first, second = done.quarantine("tickets").values()
    assert first.startswith("reported_at: '2026-10-01\n2026-10-01\n")
    assert len(first) < 100
    assert second == f"ticket_id: '{LONG[:40]}' is longer than {LONGEST} characters"
    assert done.table("quarantine_reasons")["reason"].tolist() == [
        "is not a date (year-month-day)",
        "is longer than 200 characters",
    ]


def test_nuls_are_not_part_of_a_cell(tmp_path):
    text = "派单号,报修时间,故障现象\nT1\0,2026-10-01\0,a\0b\n\0T1,2026-10-02,c\n\0,2026-10-03,\0\n"
    done = cleaned(tmp_path, {"tickets.csv": text.encode()})
    tickets = done.table("tickets")
    assert tickets["ticket_id"].tolist() == ["T1", "tickets.csv:4"]
    assert tickets["symptom"].isna().tolist() == [False, True]
    assert done.quarantine("tickets") == {2: "duplicate of tickets.csv:3"}


def test_decimal_commas(tmp_path):
    text = (
        """
        销售日期;客户;金额;数量;行号;折扣率
        2026-10-01;A;1.706,02;2,5;1.200;12,5%
        2026-10-01;A;-1.000.000 €;-1;2;0,15
        2026-10-01;A;12,00-;-1;;
        2026-10-01;A;1,706.02;1;;
        """.replace(",", "\0")
        .replace(";", ",")
        .replace("\0", "，")
    )
    done = cleaned(tmp_path, {"sales.csv": text}, 'currency: EUR\ntables: {sales: {decimal: ","}}')
    sales = done.table("sales")
    assert sales["amount"].tolist() == [170602, -100000000, -1200]
    assert sales["qty"].tolist() == [2.5, -1, -1]
    assert sales["order_line"].tolist()[:2] == [1200, 2]
    assert sales["rate"].tolist()[:2] == [0.125, 0.15]
    assert list(done.quarantine("sales").values()) == ["amount: '1,706.02' is not an amount"]


def test_numbers_that_are_numbers_are_no_text_with_decimal_commas(tmp_path):
    """A workbook, a Parquet file or an expression of mapping.yaml gives numbers, whatever the text beside them looks like."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["销售日期", "客户", "金额", "成本"])
    book.active.append([39821.378472, "A", 1706.125, "1.706,02"])
    (tmp_path / "raw" / "acme").mkdir(parents=True)
    book.save(tmp_path / "raw" / "acme" / "sales.xlsx")
    frame = pd.DataFrame({"客户": ["A"], "回访时间": ["2009-10-01"], "费用": [12.125]})
    frame.to_parquet(tmp_path / "raw" / "acme" / "interactions.parquet")
    mapping = """
        tables:
          sales: {decimal: ",", sql: {list_price: "0.125 * 1000.5::double"}}
          interactions: {decimal: ","}
        """
    done = cleaned(tmp_path, {}, mapping)
    sale = done.table("sales").iloc[0]
    assert sale[["amount", "cost", "list_price"]].tolist() == [170613, 170602, 12506]
    assert sale["sold_at"] == pd.Timestamp("2009-01-08 09:05")
    assert done.table("interactions")["cost"].tolist() == [1213]


def test_every_reason_has_its_chinese():
    words = {LATE, "negative, but the line is no return"}
    for table in CONTRACT.values():
        words |= {r.words for stated in (True, False) for r in of_cells(table, stated)[0]}
        words |= {r.words for r in contradictions(table)}
    chinese = catalogue("zh")
    missing = {w for w in words if not (found := chinese.get(w, context="fault")) or not found.string}
    assert missing == set()


def test_known_on_names_a_date_of_the_same_table():
    for table in CONTRACT.values():
        for column in table.columns:
            if column.known_on:
                assert table.column(column.known_on).kind in ("date", "time"), (table.name, column.name)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["01/02/2026", "03/04/2026"], "'01/02/2026' can be 2026-02-01 (day first) or 2026-01-02 (month first)"),
        (["13/01/2026", "01/02/2026"], "'13/01/2026' (tickets.csv line 3) is day first, but one cell fixes the order for no other"),
        (["01/13/2026", "01/02/2026"], "'01/13/2026' (tickets.csv line 3) is month first, but"),
        (["13/01/2026", "14/01/2026"], "'13/01/2026' (tickets.csv line 3, and 1 more) is day first; say which"),
        (["13/01/2026", "01/14/2026"], "the column mixes both orders"),
        (["05.05.26"], "'05.05.26' can be 2026-05-05 (day first) or 2026-05-05 (month first)"),
        (["1/2/2026 3:04 PM"], 'dates: ["%m/%d/%Y %H:%M"]'.replace("%H:%M", "%I:%M %p")),
    ],
    ids=lambda x: "+".join(x) if isinstance(x, list) else "",
)  # fmt: skip
def test_an_order_of_day_and_month_is_asked_for_with_the_evidence(tmp_path, cells, said):
    text = "报修时间,故障现象\n2026-10-01,a\n" + "".join(f"{cell},b\n" for cell in cells)
    with pytest.raises(CrmlabError) as caught:
        cleaned(tmp_path, {"tickets.csv": text}, max_bad_share=1)
    assert said in str(caught.value)
    assert "mapping.yaml" in str(caught.value)


def test_what_the_question_about_dates_proposes_is_read(tmp_path):
    text = "报修时间,故障现象\n1/2/26 12:04 AM,a\n13/2/26 3:04 PM,b\n"
    mapping = 'tables: {tickets: {dates: ["%d/%m/%y %I:%M %p"]}}'
    found = cleaned(tmp_path, {"tickets.csv": text}, mapping).table("tickets")["reported_at"].tolist()
    assert found == [pd.Timestamp("2026-02-01 00:04"), pd.Timestamp("2026-02-13 15:04")]


def test_names_of_the_row_are_removed_from_its_text(tmp_path):
    text = """
        派单号,报修时间,故障现象,工程师,联系人,联系电话,备注
        T1,2026-10-01,请找王小明 电话 8812345,E1,王小明,8812345,王小明在
        T2,2026-10-01,王小明不在 李,E1,李,12,
        T3,2026-10-01,Ask Li Wei about E1,E1, Li Wei 13812345678,,
        T4,someday,王小明 8812345,王小明,王小明,8812345,王小明
        T5,王小明,x,E1,王小明,,
        """
    done = cleaned(tmp_path, {"tickets.csv": text}, max_bad_share=1)
    tickets = done.table("tickets").set_index("ticket_id")
    assert tickets["symptom"].tolist() == ["请找[name] 电话 [phone]", "王小明不在 李", "Ask [name] about E1"]
    assert tickets.loc["T1", "x_备注"] == "[name]在"
    aside = done.table("quarantine/tickets")
    assert "symptom: [name] [phone]" in aside["row"].iloc[0]
    assert not aside["row"].str.contains("王小明|8812345").any()
    assert done.quarantine("tickets")[6] == "reported_at: '[name]' is not a date (year-month-day)"


NIGHTS = {  # the zone, a moment before the clock goes back, one after it that reads earlier, one that no clock explains
    "Europe/London": ("2026-10-25 01:50", "2026-10-25 01:10", "2026-10-25 00:59"),
    "Asia/Shanghai": ("1988-09-11 01:50", "1988-09-11 01:10", "1988-09-11 00:30"),
    "America/Havana": ("2026-11-01 00:40", "2026-11-01 00:20", "2026-10-31 23:50"),
}


@pytest.mark.parametrize("zone", NIGHTS)
def test_on_the_night_the_clock_goes_back_a_step_back_is_no_contradiction(tmp_path, zone):
    reported, early, too_early = NIGHTS[zone]
    other_day = "2026-10-20 "
    text = f"""
        派单号,报修时间,故障现象,完成时间
        T1,{reported},a,{early}
        T2,{reported},b,{too_early}
        T3,{other_day}{reported[-5:]},c,{other_day}{early[-5:]}
        T4,{early},d,{reported}
        """
    done = cleaned(tmp_path, {"tickets.csv": text}, f"time_zone: {zone}", max_bad_share=1)
    closed = done.table("tickets").set_index("ticket_id")["closed_at"].astype(str).str[:16].to_dict()
    assert closed == {"T1": reported, "T4": reported}
    assert sorted(done.quarantine("tickets")) == [3, 4]
    assert done.result.metrics["clock_changes"] == 1


def test_hours_that_a_clock_leaves_out_stay_as_written(tmp_path):
    text = "派单号,报修时间,故障现象,完成时间\nT1,2026-03-29 01:30,a,2026-03-29 02:10\nT2,2026-03-29 00:50,b,2026-03-29 01:20\n"
    done = cleaned(tmp_path, {"tickets.csv": text}, "time_zone: Europe/London")
    assert done.table("tickets")["reported_at"].astype(str).tolist() == [
        "2026-03-29 01:30:00",
        "2026-03-29 00:50:00",
    ]
    assert done.result.metrics["clock_changes"] == 0


def test_what_a_clock_shows_twice():
    """Half an hour on Lord Howe Island; in China only in the summers of 1986 to 1991."""
    times = {zone: [f"{a} {b:%H:%M}" for a, b in repeated_hours(zone) if a.year == 2026] for zone in NIGHTS}
    assert times == {
        "Europe/London": ["2026-10-25 01:00:00 02:00"],
        "Asia/Shanghai": [],
        "America/Havana": ["2026-11-01 00:00:00 01:00"],
    }
    assert [a.year for a, _ in repeated_hours("Asia/Shanghai")] == list(range(1986, 1992))
    first, end = next(h for h in repeated_hours("Australia/Lord_Howe") if h[0].year == 2026)
    assert (end - first).seconds == 30 * 60


def test_a_zone_without_summer_time_has_no_hour_twice(tmp_path):
    assert repeated_hours("UTC") == ()
    text = "派单号,报修时间,故障现象,完成时间\nT1,2026-10-25 01:50,a,2026-10-25 01:10\nT2,2026-10-25,a,\n"
    assert list(cleaned(tmp_path, {"tickets.csv": text}, "time_zone: UTC").quarantine("tickets")) == [2]


ONLY = {
    "visits": ("visits.csv", "派单号,到达时间\nT1,2026-10-01\nT1,2026-10-03\n", "2026-10-03"),
    "surveys": ("surveys.csv", "客户,答卷时间,题目,分数,满分\nA,2026-10-02,a,1,5\n", "2026-10-02"),
    "payments, not yet due": ("payments.csv", "客户,金额,应付日期,付款日期\nA,1,2027-01-01,2026-10-02\nA,1,2027-02-01,\n", "2026-10-02"),
    "plans": ("service_plan.csv", "客户,计划日期,完成日期\nA,2027-01-01,\nA,2026-10-01,2026-10-04\n", "2026-10-04"),
    "machines": ("machines.csv", "序列号,机型,客户,装机日期,保修截止\nS1,M,A,2026-10-02,2030-01-01\n", "2026-10-02"),
    "contracts, by signature": ("contracts.csv", "合同号,客户,开始日期,结束日期,金额,签订日期,续保结果\nK1,A,2025-10-01,2026-12-31,1,2025-09-01,流失\nK2,A,2026-11-01,2027-10-31,1,2026-10-02,执行中\n", "2026-10-02"),
    "contracts, by those lost": ("contracts.csv", "合同号,客户,开始日期,结束日期,金额,续保结果\nK1,A,2025-10-01,2026-09-30,1,流失\nK2,A,2026-11-01,2027-10-31,1,执行中\n", "2026-09-30"),
}  # fmt: skip


@pytest.mark.parametrize("what", ONLY)
def test_without_tickets_and_sales_other_tables_say_what_day_it_is(tmp_path, what):
    file, text, day = ONLY[what]
    done = cleaned(tmp_path, {file: text})
    assert done.json("as_of")["as_of"] == day
    assert f"{len(text.splitlines()) - 1} {file.removesuffix('.csv')}; of" in done.result.summary


def test_where_tickets_are_there_other_tables_do_not_say_what_day_it_is(tmp_path):
    files = {"tickets.csv": "报修时间,故障现象\n2026-10-01,a\n", "surveys.csv": ONLY["surveys"][1]}
    assert cleaned(tmp_path, files).json("as_of")["as_of"] == "2026-10-01"


def test_the_first_day_of_a_contract_says_nothing(tmp_path):
    text = "合同号,客户,开始日期,结束日期,金额\nK1,A,2026-11-01,2027-10-31,1\n"
    with pytest.raises(CrmlabError, match=r"the first and last day of a contract may lie ahead.*state as_of"):
        cleaned(tmp_path, {"contracts.csv": text})
    done = cleaned(tmp_path / "stated", {"contracts.csv": text}, as_of="2026-12-01")
    assert done.json("as_of")["as_of"] == "2026-12-01"


def test_a_survey_far_ahead_does_not_become_today(tmp_path):
    rows = "".join(f"A,2026-10-{1 + n % 28:02},q{n},1,5\n" for n in range(300))
    done = cleaned(tmp_path, {"surveys.csv": f"客户,答卷时间,题目,分数,满分\n{rows}A,2062-10-01,q,1,5\n"})
    assert done.json("as_of")["as_of"] == "2026-10-28"
    assert done.quarantine("surveys") == {302: f"answered_at: 2062-10-01 {LATE}"}


def test_a_return_gives_the_cost_back_and_nothing_else_has_fewer_than_no_pieces(tmp_path):
    text = """
        日期,客户编号,数量,金额,成本,毛利,退货
        2026-10-01,C1,1,-5,3,,是
        2026-10-01,C1,1,0,3,,是
        2026-10-01,C1,1,5,3,2,是
        2026-10-01,C1,1,-5,3,-8,是
        2026-10-01,C1,-1,-5,-3,-2,是
        2026-10-01,C1,1,5,3,,否
        2026-10-01,C1,-1,5,3,,否
        """
    done = cleaned(tmp_path, {"sales.csv": text})
    sales = done.table("sales")
    assert sales["qty"].tolist() == [-1, -1, -1, -1, -1, 1]
    assert sales["cost"].tolist() == [-300, -300, -300, -300, -300, 300]
    assert sales["margin"].tolist() == [-200, 300, -200, -200, -200, 200]
    assert done.quarantine("sales") == {8: "qty: negative, but the line is no return"}


def test_thousands_may_be_parted_by_spaces_where_the_comma_is_the_decimal_point(tmp_path):
    cells = ["1 234,50", "1\u202f234,50", "1\u00a0234 567,5", "-1 234,50 €", "75,10"]
    text = "日期;客户编号;金额;类别\n" + "".join(
        f"2026-10-0{n};C{n};{c};其他\n" for n, c in enumerate(cells, 1)
    )
    done = cleaned(tmp_path, {"sales.csv": text}, 'currency: EUR\ntables: {sales: {decimal: ","}}')
    assert done.table("sales")["amount"].tolist() == [123450, 123450, 123456750, -123450, 7510]


def test_an_amount_with_a_decimal_comma_says_what_to_state(tmp_path):
    text = (
        "日期;客户编号;金额\n2026-10-01;C1;5,50\n2026-10-02;C1;1.234,5\n2026-10-03;C1;viel\n2026-10-04;C1;5\n"
    )
    found = cleaned(tmp_path, {"sales.csv": text}, max_bad_share=0.9).quarantine("sales")
    hint = 'is not an amount unless mapping.yaml states decimal: ","'
    assert found == {
        2: f"amount: '5,50' {hint}",
        3: f"amount: '1.234,5' {hint}",
        4: "amount: 'viel' is not an amount",
    }
