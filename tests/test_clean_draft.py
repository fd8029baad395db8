"""`crmlab map`: what a stranger's export becomes, and what it must never do."""

import random
from io import BytesIO

import pytest
import yaml
from exports import run, write
from hypothesis import given, settings
from hypothesis import strategies as st

from crmlab.clean.draft import draft
from crmlab.clean.draft.exports import pattern
from crmlab.clean.draft.names import likeness
from crmlab.clean.reading.mapping import load_mapping
from crmlab.tables import CONTRACT


def stated(table) -> dict[str, str]:
    """The header that a draft states for each column."""
    return {column: header for column, (header,) in table.columns.items()}


@pytest.fixture
def drafted(tmp_path):
    """Draft a mapping for these files, and keep it beside them as a user would; returns the draft and the mapping as loaded."""

    def make(files, judge=False):
        folder = write(tmp_path / "acme", files)
        found = draft(folder, judge=judge)
        (folder / "mapping.yaml").write_text(found.text, encoding="utf-8")
        return found, load_mapping(folder)

    return make


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


def work_orders(n: int = 60, day: str = "2026-03-{:02}") -> str:
    said = [
        "pump does not start",
        "belt torn again",
        "screen stays black",
        "leaks oil at the seal",
        "no power at all",
    ]
    lines = [
        f"WO-{k:04},{day.format(1 + k % 28)},{said[k % 5]} no {k},PX-{200 + k % 7},ASSET{k % 9},{['wear', 'seal', 'board'][k % 3]}"
        for k in range(n)
    ]
    return table("Work Order No,Date Opened,Fault Description,Equipment Model,Asset No,Root Cause", *lines)


def invoices(n: int = 60) -> str:
    lines = [
        f"{10_000 + k // 3},SKU{k % 11},{1 + k % 4},2026-03-{1 + k % 28:02} 10:{k % 60:02},{5 + k % 7}.50,C{k % 8},France"
        for k in range(n)
    ]
    return table("InvoiceNumber,ItemCode,Units,InvDate,UnitPrice,ClientNo,Country", *lines)


def test_a_strangers_work_orders_become_tickets_that_pass_the_check(drafted):
    found, mapping = drafted({"wo export.csv": work_orders()}, judge=True)
    assert stated(mapping.table("tickets")) == {
        "ticket_id": "Work Order No",
        "reported_at": "Date Opened",
        "symptom": "Fault Description",
        "machine_model": "Equipment Model",
        "serial_no": "Asset No",
        "cause_actual": "Root Cause",
    }
    assert found.judged.faults == []
    assert found.judged.tables[0].rows["clean"] == 60


def test_what_is_drafted_can_be_cleaned_as_it_is(drafted, tmp_path):
    drafted({"wo.csv": work_orders(), "ledger 2026.csv": invoices()})
    done = run(tmp_path / "acme", tmp_path / "out")
    assert done.counts("tickets")["clean"] == 60
    assert done.counts("sales")["clean"] == 60
    assert done.table("sales")["amount"].iloc[0] > 0


def test_every_line_gives_its_reason_its_confidence_and_samples(drafted):
    found, _ = drafted({"wo.csv": work_orders()})
    line = next(line for line in found.text.splitlines() if "symptom:" in line)
    assert "sure (0.9" in line
    assert "like 'fault description'" in line
    assert "pump does not start no 0" in line


def test_chinese_headers_that_are_not_aliases(drafted):
    rows = [f"D{n},2026-03-{1 + n % 28:02},机器无法启动{n},X{n % 5},客户{n % 9},内存故障" for n in range(40)]
    _, mapping = drafted(
        {"维修记录.csv": table("服务单号,报障时间,故障现象描述,设备型号,使用单位,故障类别", *rows)}
    )
    assert stated(mapping.table("tickets")) == {
        "ticket_id": "服务单号",
        "reported_at": "报障时间",
        "symptom": "故障现象描述",
        "machine_model": "设备型号",
        "customer_name": "使用单位",
        "cause_actual": "故障类别",
    }


def test_headers_that_are_known_need_no_line(drafted):
    found, mapping = drafted({"tickets.csv": table("派单号,报修时间,故障现象", "T1,2026-03-01,无法开机")})
    assert mapping.tables == {}
    assert "tickets: tickets.csv needs no lines" in found.text


def test_an_amount_is_pieces_times_price_where_no_column_has_it(drafted):
    _, mapping = drafted({"orders.csv": invoices()})
    sales = mapping.table("sales")
    assert '"Units"' in sales.sql["amount"]
    assert '"UnitPrice"' in sales.sql["amount"]


def test_cancelled_invoices_are_returns(drafted, tmp_path):
    text = (
        invoices()
        + "C10001,SKU1,-2,2026-03-30 11:00,6.50,C1,France\nC10004,SKU4,-1,2026-03-30 12:00,7.50,C2,France\n"
    )
    found, mapping = drafted({"orders.csv": text}, judge=True)
    assert mapping.table("sales").sql["is_return"] == "\"InvoiceNumber\" like 'C%'"
    done = run(tmp_path / "acme", tmp_path / "out")
    assert done.table("sales")["is_return"].sum() == 2
    assert found.judged.faults == []


def test_negative_amounts_without_a_mark_are_returns_by_their_sign(drafted, tmp_path):
    text = invoices() + "10090,SKU1,-2,2026-03-30 11:00,6.50,C1,France\n"
    drafted({"orders.csv": text})
    assert run(tmp_path / "acme", tmp_path / "out").table("sales")["is_return"].sum() == 1


def test_copies_are_dropped_where_an_order_number_and_a_time_tell_them(drafted):
    text = invoices() + invoices().splitlines()[1] + "\n"
    _, mapping = drafted({"orders.csv": text})
    assert mapping.table("sales").drop_duplicates


def test_like_purchases_of_a_day_are_kept_without_an_order_number(drafted):
    rows = [f"C{n % 9},2026-03-{1 + n % 28:02},{n % 9 + 1}.50" for n in range(60)]
    found, mapping = drafted({"purchases.csv": table("client no,purchase date,total", *rows, rows[0])})
    assert not mapping.table("sales").drop_duplicates
    assert "drop_duplicates: true" in found.text, "but it says how"


def event_log() -> str:
    """Three events per incident, in any order; opening stays, the state moves."""
    rows = []
    for n in range(40):
        for step, state in enumerate(("New", "Active", "Closed")):
            rows.append(
                f"INC{n:05},{state},{1 + n % 20}/3/2026 08:00,{1 + n % 20 + step * 3}/3/2026 {9 + step}:30,printer jams on tray {n},code {n % 4}"
            )
    random.Random(1).shuffle(rows)
    return table("incident no,state,opened at,last updated,short description,close code", *rows)


def test_an_event_log_keeps_the_last_event_of_each_ticket(drafted, tmp_path):
    found, mapping = drafted({"audit.csv": event_log()})
    keep = mapping.table("tickets").keep
    assert (keep.per, keep.last_by) == ("incident no", "last updated")
    assert mapping.table("tickets").dates == ("%d/%m/%Y %H:%M",)
    done = run(tmp_path / "acme", tmp_path / "out")
    assert done.counts("tickets")["clean"] == 40
    assert set(done.table("tickets")["x_state"]) == {"Closed"}
    assert "3.0 rows per incident no" in found.text


def test_a_log_without_an_opening_takes_the_first_event_for_it(drafted, tmp_path):
    lines = [line.split(",") for line in event_log().splitlines()]
    _, mapping = drafted({"audit.csv": "\n".join(",".join((*c[:2], *c[3:])) for c in lines) + "\n"})
    assert "over (partition by" in mapping.table("tickets").sql["reported_at"]
    done = run(tmp_path / "acme", tmp_path / "out")
    first = done.table("tickets").set_index("ticket_id")["reported_at"]["INC00000"]
    assert str(first) == "2026-03-01 09:30:00"


def test_questions_side_by_side_become_answers(drafted, tmp_path):
    people = [
        f"R{n},C{n % 5},2026-03-{1 + n % 28:02}," + ",".join(str(1 + (n * k) % 7) for k in range(1, 9))
        for n in range(60)
    ]
    header = "respondent,customer no,survey date," + ",".join(f"Q{k}" for k in range(1, 9))
    _, mapping = drafted({"wo.csv": work_orders(), "csat 2026.csv": table(header, *people)})
    surveys = mapping.table("surveys")
    assert surveys.unpivot.columns == ("Q*",)
    assert surveys.constants["scale_max"] == "7"
    assert stated(surveys) == {
        "survey_id": "respondent",
        "customer_id": "customer no",
        "answered_at": "survey date",
    }
    assert run(tmp_path / "acme", tmp_path / "out").counts("surveys")["clean"] == 480


def test_days_first_is_stated_where_a_cell_tells(drafted):
    _, mapping = drafted({"wo.csv": work_orders(day="{:02}/03/2026")})
    assert mapping.table("tickets").dates == ("%d/%m/%Y",)


def test_months_first_is_stated_where_a_cell_tells(drafted):
    _, mapping = drafted({"wo.csv": work_orders(day="03/{:02}/2026")})
    assert mapping.table("tickets").dates == ("%m/%d/%Y",)


def test_a_day_that_could_be_a_month_is_not_guessed(drafted):
    text = work_orders(12, day="{:02}/03/2026").replace("/03/", "/04/")
    found, mapping = drafted({"wo.csv": text}, judge=True)
    assert mapping.table("tickets").dates == ()
    assert "day first or month first?" in " ".join(found.text.replace("#", " ").split())
    assert "can be" in found.judged.faults[0]


def test_months_by_name_are_stated(drafted):
    _, mapping = drafted({"wo.csv": work_orders(day="{:02}-Mar-2026")})
    assert mapping.table("tickets").dates == ("%d-%b-%Y",)


def test_a_time_with_its_zone_becomes_wall_time(drafted, tmp_path):
    drafted({"wo.csv": work_orders(day="2026-03-{:02}T20:30:00Z")})
    done = run(tmp_path / "acme", tmp_path / "out")
    assert str(done.table("tickets")["reported_at"].min()) == "2026-03-02 04:30:00", "in Shanghai"


def test_months_in_full_are_read_by_an_expression(drafted, tmp_path):
    _, mapping = drafted({"wo.csv": work_orders(day="{:02} March 2026")})
    assert mapping.table("tickets").sql == {"reported_at": "try_strptime(\"Date Opened\", '%d %B %Y')"}
    done = run(tmp_path / "acme", tmp_path / "out")
    assert done.counts("tickets")["clean"] == 60


def test_a_title_above_the_headers_a_semicolon_and_a_decimal_comma(drafted, tmp_path):
    rows = [f"R{n};K{n % 7};{1 + n % 28:02}.03.2026;{n + 1}.204,50" for n in range(40)]
    text = "Umsatzliste März\n\n" + table("Invoice No;Client No;Invoice Date;Net Amount", *rows)
    _, mapping = drafted({"export.csv": text.encode("cp1252")})
    sales = mapping.table("sales")
    assert (sales.header, sales.decimal, sales.encoding) == (3, ",", "cp1252")
    done = run(tmp_path / "acme", tmp_path / "out")
    assert done.table("sales")["amount"].min() == 120_450


def test_no_line_of_headers_is_said_not_guessed(drafted):
    text = "".join(f"{n},{n % 7},199701{1 + n % 28:02},{n % 30}.50\n" for n in range(50))
    found, mapping = drafted({"dump.csv": text})
    assert mapping.tables == {}
    assert "no line of headers" in found.apart["dump.csv"]


def test_months_in_files_of_their_own_are_one_table(drafted, tmp_path):
    found, mapping = drafted(
        {"orders_2026-01.csv": invoices(), "orders_2026-02.csv": invoices(30), "wo.csv": work_orders()},
        judge=True,
    )
    assert mapping.table("sales").files == "orders_*.csv"
    assert {t.name: t.rows["raw"] for t in found.judged.tables} == {"tickets": 60, "sales": 90}


def test_a_pattern_never_takes_other_files_along():
    assert pattern(["a_1.csv", "a_2.csv"], ["a_notes.csv"]) is None
    assert pattern(["a_1.csv", "a_2.csv"], ["b.csv"]) == "a_*.csv"
    assert pattern(["x[1].csv"], []) == "x[[]1].csv"


def test_sheets_of_one_workbook_become_tables(drafted):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Repairs"
    for sheet, text in ((book.active, work_orders()), (book.create_sheet("Ledger"), invoices())):
        for line in text.splitlines():
            sheet.append(line.split(","))
    raw = BytesIO()
    book.save(raw)
    found, mapping = drafted({"service.xlsx": raw.getvalue()}, judge=True)
    assert (mapping.table("tickets").files, mapping.table("tickets").sheet) == ("service.xlsx", "Repairs")
    assert mapping.table("sales").sheet == "Ledger"
    assert [t.rows["clean"] for t in found.judged.tables] == [60, 60]


def test_cells_that_say_nothing_are_null_markers(drafted):
    text = work_orders().replace("PX-201", "?").replace("board", "N/A")
    _, mapping = drafted({"wo.csv": text})
    assert set(mapping.null_markers) == {"?", "N/A"}


def test_people_are_neither_proposed_nor_shown(drafted):
    rows = [
        f"{line},Ann{n} Example,ann{n}@example.org,+49 170 55512{n:02},Tech {n % 4}"
        for n, line in enumerate(work_orders().splitlines()[1:])
    ]
    header = work_orders().splitlines()[0] + ",Caller Name,Reply To,Reach,Assigned Technician"
    found, mapping = drafted({"wo.csv": table(header, *rows)})
    assert mapping.table("tickets").columns["engineer_id"] == ("Assigned Technician",)
    for secret in ("Ann1", "example.org", "55512", "Tech 1"):
        assert secret not in found.text
    assert {"Caller Name", "Reply To", "Reach"}.isdisjoint(mapping.table("tickets").stated)


def test_a_phone_number_in_a_sample_is_scrubbed(drafted):
    text = work_orders().replace("pump does not start no 0", "call 13812345678 pump")
    found, _ = drafted({"wo.csv": text})
    assert "13812345678" not in found.text


def test_rows_that_cannot_be_used_are_foreseen(drafted):
    lines = invoices(100).splitlines()
    lines = [line.replace(",C", ",", 1) if n % 5 == 1 else line for n, line in enumerate(lines)]
    lines = [line.replace(f",C{n % 8},", ",,") if n and n % 5 == 0 else line for n, line in enumerate(lines)]
    emptied = [
        ",".join((*c[:5], "", c[6])) if n % 5 == 1 else ",".join(c)
        for n, c in enumerate(x.split(",") for x in invoices(100).splitlines())
    ]
    found, mapping = drafted({"orders.csv": "\n".join(emptied) + "\n"}, judge=True)
    assert mapping.max_bad_share == 0.25
    assert "20% of sales cannot be used, mostly customer_id empty" in found.text


def test_a_file_that_lacks_what_a_table_needs_is_shown_but_not_read(drafted):
    rows = [f"{n % 5},blue,{n}" for n in range(40)]
    found, mapping = drafted(
        {"wo.csv": work_orders(), "odd.csv": table("policy number,colour,annual premium", *rows)}
    )
    assert set(mapping.tables) == {"tickets"}
    assert "odd.csv comes nearest to contracts" in found.text
    assert "end_at (last day) is missing" in " ".join(found.text.replace("#", " ").split())


def test_a_word_that_is_no_choice_is_said_with_what_to_write(drafted):
    rows = [
        f"P{n},K{n % 9},2025-01-{1 + n % 28:02},2026-01-{1 + n % 28:02},{n + 100}.50,{('lapsed', 'matured')[n % 2]}"
        for n in range(40)
    ]
    header = "Contract Number,Customer No,Start Date,End Date,Contract Value,Renewal Status"
    found, mapping = drafted({"wo.csv": work_orders(), "policies.csv": table(header, *rows)})
    assert "outcome" not in mapping.table("contracts").columns
    assert "Renewal Status is named like outcome" in " ".join(found.text.split())


def test_two_headers_for_one_column_get_a_line(drafted):
    rows = [
        f"T{n},2026-03-{1 + n % 28:02} 08:00,2026-03-{1 + n % 28:02} 09:00,stuck {n},{'' if n % 3 else '2026-03-29 09:00'},2026-03-30 10:00"
        for n in range(40)
    ]
    found, mapping = drafted(
        {"tickets.csv": table("ticket no,opened_at,created_at,problem,resolved_at,closed_at", *rows)},
        judge=True,
    )
    assert mapping.table("tickets").columns["closed_at"] == ("closed_at",)
    assert found.judged.faults == []


def test_a_time_before_the_opening_closes_nothing(drafted):
    rows = [
        f"T{n},2026-03-{10 + n % 18:02},broken belt number {n},2026-02-{1 + n % 28:02}" for n in range(40)
    ]
    _, mapping = drafted({"wo.csv": table("case no,opened,short description,finish date", *rows)})
    assert "closed_at" not in mapping.table("tickets").columns


@pytest.mark.parametrize(
    ("header", "in_table", "column"),
    [
        ("CustNo", "sales", "customer_id"),
        ("cust_nm", "sales", "customer_name"),
        ("Txn Date", "sales", "sold_at"),
        ("QtyOrdered", "sales", "qty"),
        ("shortdescription", "tickets", "symptom"),
        ("Date Closed", "tickets", "closed_at"),
        ("technicianAssigned", "tickets", "engineer_id"),
        ("设备序列号码", "tickets", "serial_no"),
        ("合同到期日期", "contracts", "end_at"),
    ],
)
def test_headers_read_like_their_column(header, in_table, column):
    contract = CONTRACT[in_table]
    best = max(contract.columns, key=lambda c: likeness(header, contract, c).score)
    assert best.name == column
    assert likeness(header, contract, best).score >= 0.6


@pytest.mark.parametrize(
    ("header", "in_table", "column"),
    [
        ("customer age", "sales", "customer_id"),
        ("order status", "sales", "order_id"),
        ("product weight", "sales", "product_id"),
        ("price currency", "sales", "unit_price"),
        ("客户地址", "sales", "customer_name"),
        ("opened by", "tickets", "reported_at"),
    ],
)
def test_a_last_word_can_make_it_another_thing(header, in_table, column):
    contract = CONTRACT[in_table]
    assert likeness(header, contract, contract.column(column)).score < 0.6


def test_an_empty_folder_says_that_nothing_can_run(drafted):
    found, mapping = drafted({"README.md": "nothing yet"})
    assert found.tables == []
    assert mapping.tables == {}
    assert "nothing can run yet" in found.text


_CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "?",
            "N/A",
            "-",
            "yes",
            "0",
            "1",
            "13/02/2026",
            "2026-02-30",
            "45 000,50",
            "¥1,706.02",
            "派单",
            "'",
            '"',
            "#",
            ": x",
            "- y",
        ]
    ),
    st.integers(-(10**16), 10**16).map(str),
    st.floats().map(str),
    st.dates().map(str),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)


@settings(max_examples=15, deadline=None)
@given(
    headers=st.lists(
        st.one_of(
            st.sampled_from(["客户", "date", "amount", "Problem: ", "id", "#", "? x", "Q1", "Q2"]),
            st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10),
        ),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    data=st.data(),
)
def test_whatever_lies_there_a_draft_loads(tmp_path_factory, headers, data):
    import csv
    import io

    rows = data.draw(st.lists(st.lists(_CELLS, min_size=len(headers), max_size=len(headers)), max_size=8))
    text = io.StringIO()
    csv.writer(text).writerows([headers, *rows])
    folder = write(tmp_path_factory.mktemp("any") / "acme", {"export.csv": text.getvalue().encode()})
    found = draft(folder, judge=False)
    (folder / "mapping.yaml").write_text(found.text, encoding="utf-8")
    load_mapping(folder)


def test_the_words_name_columns_of_the_contract():
    from crmlab.clean.draft import names

    content = yaml.safe_load((names.Path(names.__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    columns = {c.name for t in CONTRACT.values() for c in t.columns}
    assert set(content["columns"]) <= columns
    assert set(content["files"]) == set(CONTRACT)
    for name, own in content["tables"].items():
        assert set(own) <= {c.name for c in CONTRACT[name].columns}
