"""mapping.yaml reads a foreign export without code, and says at once where it is mistaken."""

import io

import pandas as pd
import pytest
from exports import cleaned, write

from crmlab.clean.reading.mapping import Mapping, TableMapping, load_mapping
from crmlab.files import CrmlabError

REPAIRS = """
    id,event,problem,kind,country
    1,2026-10-01,screen black,Screen,DE
    2,?,no sound,Unknown,FR
    3,2026-10-03,slow,Poor data,DE
    """


def mistaken(tmp_path, text):
    with pytest.raises(CrmlabError) as caught:
        load_mapping(write(tmp_path, {}, text))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("companny: Acme", "no key is called 'companny'; the nearest is 'company'"),
        ("tables: {ticket: {}}", "no table is called 'ticket'; the nearest is 'tickets'"),
        (
            "tables: {tickets: {colums: {}}}",
            "tables.tickets: no key is called 'colums'; the nearest is 'columns'",
        ),
        (
            "tables: {sales: {columns: {ammount: x}}}",
            "tables.sales.columns: no column is called 'ammount'; the nearest is 'amount'",
        ),
        (
            "tables: {sales: {sql: {amonut: x}}}",
            "tables.sales.sql: no column is called 'amonut'; the nearest is 'amount'",
        ),
        (
            "tables: {sales: {columns: {qty: a}, constants: {qty: 1}}}",
            "qty is given under both columns and constants",
        ),
        ("simulated: perhaps", "simulated is 'perhaps'; expected true or false"),
        (
            "tables: {sales: {constants: {channel: [a]}}}",
            "tables.sales.constants: channel is ['a']; expected a text",
        ),
        (
            "tables: {sales: {constants: {channel: }}}",
            "tables.sales.constants: channel is ''; expected a text",
        ),
        (
            "tables: {sales: {columns: {amount: []}}}",
            "tables.sales.columns: amount is []; expected a header, or a list",
        ),
        (
            "tables: {sales: {columns: {amount: {a: b}}}}",
            "amount is {'a': 'b'}; expected a header, or a list",
        ),
        ("tables: [sales", "mapping.yaml line 1, column 15: not readable as YAML: expected ',' or ']'"),
        ("tables: " + "[" * 2000, "brackets within brackets, too deep to read"),
        ("max_bad_share: 30", "max_bad_share is '30'; expected a number from 0 to 1"),
        ("time_zone: Europe/Lodnon", "the nearest is 'Europe/London'"),
        ("tables: {tickets: {files: [5]}}", "tables.tickets: files is ['5']; expected a text"),
        ("tables: {tickets: {where: {a: b}}}", "tables.tickets: where is {'a': 'b'}; expected a text"),
        ("company: a\ncurrency: EUR\ncompany: b", "mapping.yaml line 3: company is written a second time"),
        (
            "tables:\n  sales: {files: a}\n  tickets: {}\n  sales: {files: b}",
            "mapping.yaml line 4: sales is written a second time; keep one",
        ),
        (
            "tables: {sales: {encoding: utf8000}}",
            "tables.sales: encoding 'utf8000' is not known; expected a name such",
        ),
        ("tables: {sales: {encoding: rot13}}", "tables.sales: encoding 'rot13' is not known"),
        ("tables: {sales: {header: 0}}", "tables.sales: header is '0'; expected a line number, 1 or more"),
        ("tables: {sales: {keep: {per: a}}}", "tables.sales.keep: last_by is missing; expected last_by, per"),
        (
            "tables: {surveys: {unpivot: {columns: Q*}}}",
            "tables.surveys.unpivot: columns is 'Q*'; expected a list of texts",
        ),
        (
            "tables: {surveys: {unpivot: {columns: [Q*], name: itme}}}",
            "no column is called 'itme'; the nearest is 'item'",
        ),
        ("company: [", "not readable as YAML"),
        ("just words", "expected `key: value` lines"),
    ],
)
def test_mistakes_are_named_with_what_was_meant(tmp_path, text, said):
    assert said in mistaken(tmp_path, text)


def test_keys_without_a_value_state_nothing(tmp_path):
    text = "company:\nsimulated:\ncurrency:\ntime_zone:\nnull_markers:\nmax_bad_share:\ntables:\n"
    assert load_mapping(write(tmp_path, {}, text)) == Mapping(company=tmp_path.name)
    text = "tables: {sales: {files: , columns: , constants: , sql: , where: , drop_duplicates: , dates: }, tickets: }"
    assert load_mapping(write(tmp_path, {}, text)).tables == {
        "sales": TableMapping(),
        "tickets": TableMapping(),
    }


def test_a_foreign_export_is_read(tmp_path):
    mapping = """
        company: Repair café
        currency: EUR
        time_zone: Europe/Berlin
        null_markers: ["?", "Unknown"]
        tables:
          tickets:
            files: rep*.csv
            columns: {ticket_id: id, reported_at: event, cause_actual: kind}
            constants: {service_level: none}
            sql: {branch: "upper(country) || '-' || id"}
            where: "kind <> 'Poor data'"
    """
    done = cleaned(tmp_path, {"repairs.csv": REPAIRS}, mapping)
    assert done.counts("tickets") == {
        "raw": 3,
        "clean": 1,
        "quarantined": 1,
        "duplicates": 0,
        "filtered": 1,
        "unusable": 0,
    }
    assert done.quarantine("tickets") == {3: "reported_at: empty"}
    ticket = done.table("tickets").iloc[0]
    assert ticket[["ticket_id", "symptom", "cause_actual", "service_level", "branch"]].tolist() == [
        "1",
        "screen black",
        "Screen",
        "none",
        "DE-1",
    ]
    assert ticket["x_country"] == "DE"
    company = done.json("company")
    assert (company["company"], company["name"], company["currency"]) == ("acme", "Repair café", "EUR")


def test_cells_of_a_csv_are_text_so_numbers_are_cast(tmp_path):
    mapping = 'tables: {sales: {where: "cast(amount as double) > 9"}}'
    text = "销售日期,客户,amount\n2026-10-01,A,10\n2026-10-01,B,9\n"
    assert cleaned(tmp_path, {"sales.csv": text}, mapping).table("sales")["customer_id"].tolist() == ["A"]


def test_an_expression_that_does_not_run_is_named(tmp_path):
    mapping = 'tables: {sales: {sql: {qty: "no_such * 2"}}}'
    with pytest.raises(CrmlabError, match=r"mapping.yaml, tables.sales.sql.qty: no_such \* 2 does not run"):
        cleaned(tmp_path, {"sales.csv": "销售日期,客户,金额\n2026-10-01,A,10\n"}, mapping)


@pytest.mark.parametrize(
    ("key", "expression", "why"),
    [
        ("where", "cast(qty as int) > 3", "where: cast(qty as int) > 3 does not run: Conversion Error: Could not"),
        ("sql: {product_id", "cast(qty as int)", "sql.product_id: cast(qty as int) does not run: Conversion Error"),
        ("sql: {product_id", "count(*)", "sql.product_id: count(*) does not run: Binder Error"),
        ("where", "'9e9'::double::int = 1", "where: '9e9'::double::int = 1 does not run: Conversion Error"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_an_expression_that_fails_on_a_row_is_named_and_not_the_file(tmp_path, kind, key, expression, why):
    text = "销售日期,客户,金额,qty\n2026-10-01,A,10,5\n2026-10-01,B,9,five\n"
    content = text
    if kind == "parquet":
        content = pd.read_csv(io.StringIO(text), dtype=str).to_parquet()
    mapping = f'tables: {{sales: {{{key}: "{expression}"{"}" if "{" in key else ""}}}}}'
    with pytest.raises(CrmlabError) as caught:
        cleaned(tmp_path, {f"sales.{kind}": content}, mapping)
    assert f"mapping.yaml, tables.sales.{why}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_ragged_row_is_the_fault_of_the_file_though_there_are_expressions(tmp_path):
    text = "销售日期,客户,金额\n2026-10-01,A,10\n2026-10-01,B\n"
    with pytest.raises(CrmlabError, match=r"sales.csv line 3, column 3: 2 cells where the headers are 3"):
        cleaned(tmp_path, {"sales.csv": text}, "tables: {sales: {where: \"金额 > '1'\"}}")


def test_a_header_that_is_not_there_names_the_nearest(tmp_path):
    mapping = "tables: {tickets: {columns: {reported_at: evnt}, files: repairs.csv}}"
    with pytest.raises(
        CrmlabError, match=r"tickets.reported_at is in 'evnt', but there is no such header; nearest: 'event'"
    ):
        cleaned(tmp_path, {"repairs.csv": REPAIRS}, mapping)


def test_a_pattern_that_matches_nothing(tmp_path):
    with pytest.raises(CrmlabError, match=r"nothing matches 'x\*.csv'.*it holds repairs.csv"):
        cleaned(tmp_path, {"repairs.csv": REPAIRS}, 'tables: {tickets: {files: "x*.csv"}}')


def test_days_and_months_that_cannot_be_told_apart_are_asked_for(tmp_path):
    files = {"tickets.csv": "报修时间,故障现象\n2026-10-01,a\n08/01/2009 9:05,b\n"}
    with pytest.raises(CrmlabError) as caught:
        cleaned(tmp_path, files)
    said = str(caught.value)
    assert (
        "tickets.csv line 3, reported_at: '08/01/2009 9:05' can be 2009-01-08 (day first) or 2009-08-01 (month first)"
        in said
    )
    assert 'dates: ["%d/%m/%Y %H:%M"]' in said
    assert 'dates: ["%m/%d/%Y %H:%M"]' in said


def test_stated_dates_are_read_as_stated(tmp_path):
    files = {"tickets.csv": "报修时间,故障现象\n2026-10-01,a\n08/01/2026 9:05,b\n8/2/2026,c\n31/02/2026,d\n"}
    mapping = 'tables: {tickets: {dates: ["%d/%m/%Y %H:%M", "%d/%m/%Y"]}}'
    done = cleaned(tmp_path, files, mapping)
    assert sorted(done.table("tickets")["reported_at"]) == [
        pd.Timestamp("2026-01-08 09:05"),
        pd.Timestamp("2026-02-08"),
        pd.Timestamp("2026-10-01"),
    ]
    assert done.quarantine("tickets") == {5: "reported_at: '31/02/2026' is not a date"}


@pytest.mark.parametrize(
    ("stated", "said"),
    [("%d/%j/%Y", "%j in '%d/%j/%Y' is not read"), ("%d/%m", "has no year"), ("%d/%d/%Y", "occurs twice")],
)
def test_a_date_format_that_is_not_read(tmp_path, stated, said):
    with pytest.raises(CrmlabError, match=said.replace("/", ".")):
        cleaned(
            tmp_path,
            {"tickets.csv": "报修时间,故障现象\n1,a\n"},
            f'tables: {{tickets: {{dates: ["{stated}"]}}}}',
        )


def test_words_that_yaml_takes_for_something_else_stay_words(tmp_path):
    done = cleaned(
        tmp_path,
        {"tickets.csv": "ticket_id,reported_at,symptom\n1,2026-01-01,NO\n2,2026-01-02,noise\n"},
        "null_markers: [NO]\ntables: {tickets: {constants: {branch: 007, priority: 2026-02-30}}}",
    )
    tickets = done.table("tickets")
    assert tickets["symptom"].isna().tolist() == [True, False]
    assert (tickets["branch"] == "007").all()
    assert (tickets["priority"] == "2026-02-30").all()


def test_a_column_may_go_by_another_header_each_month(tmp_path):
    files = {
        "sales/2026-01.csv": "日子,客户编号,金额\n2026-01-05,C1,10\n",
        "sales/2026-02.csv": "开单日,客户编号,金额\n2026-02-05,C1,20\n",
    }
    mapping = "tables: {sales: {columns: {sold_at: [日子, 开单日]}}}"
    assert cleaned(tmp_path, files, mapping).table("sales")["amount"].tolist() == [1000, 2000]
    both = {"sales/2026-03.csv": "日子,开单日,客户编号,金额\n2026-03-05,2026-03-06,C1,30\n"}
    with pytest.raises(CrmlabError, match="'日子' and '开单日' are both there; keep one"):
        cleaned(tmp_path / "both", both, mapping)
    neither = {"sales/2026-03.csv": "天,客户编号,金额\n2026-03-05,C1,30\n"}
    with pytest.raises(CrmlabError, match="sold_at is in '日子' or '开单日', but there is no such header"):
        cleaned(tmp_path / "neither", neither, mapping)
