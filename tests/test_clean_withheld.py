"""A table of which too many rows are bad is withheld whole; the others go on as if it were not exported."""

import pytest
from exports import cleaned, run, write

from crmlab.clean.quality.check import check
from crmlab.files import CrmlabError

TICKETS = """
    派单号,报修时间,故障现象,客户名
    A1,2026-10-01,无法开机,省地税局
    A2,2026-10-03,有异响,省地税局
    """
SALES = """
    日期,客户名,金额
    2026-09-01,省地税局,10
    2026-09-02,县医院,20
    2026-11-30,县医院,20
    昨天,市一中,30
    """
VISITS = """
    派单号,上门次数,到达时间
    A1,1,2026-10-01 09:00
    A1,1,2026-10-01 09:00
    A2,1,2026-10-04 10:00
    ,2,2026-10-05 10:00
    """


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Half of the rows of tickets and visits are fine; a quarter of those of sales is not."""
    files = {"tickets.csv": TICKETS, "sales.csv": SALES, "visits.csv": VISITS}
    return cleaned(tmp_path_factory.mktemp("withheld"), files, max_bad_share=0.2)


def test_it_has_no_clean_row_and_every_row_is_accounted_for(done):
    assert done.table("sales").empty
    assert done.counts("sales") == {
        "raw": 4, "clean": 0, "quarantined": 1, "duplicates": 0, "filtered": 0, "unusable": 3,
    }  # fmt: skip
    assert done.counts("visits") == {
        "raw": 4, "clean": 0, "quarantined": 1, "duplicates": 1, "filtered": 0, "unusable": 2,
    }  # fmt: skip
    assert done.counts("tickets")["clean"] == 2


def test_the_quarantine_has_all_of_its_rows_each_with_its_reason(done):
    said = done.quarantine("sales")
    assert sorted(said) == [2, 3, 4, 5]
    assert said[5].startswith("sold_at: '昨天' is not a date")
    assert said[2] == (
        "sales is withheld: 25% of its rows could not be used, most often sold_at is not a date (year-month-day)"
    )
    fates = done.table("quarantine/sales").set_index("line")["fate"]
    assert fates.to_dict() == {2: "unusable", 3: "unusable", 4: "unusable", 5: "quarantined"}


def test_it_neither_says_what_day_it_is_nor_names_customers(done):
    assert done.json("as_of")["as_of"] == "2026-10-03"
    assert list(done.table("customers")["customer_name"]) == ["省地税局"]


def test_stages_lack_it_as_if_it_were_not_exported(done):
    assert {"sales", "visits"} <= {what for what, _ in done.result.missing}
    assert "visits" in set(done.table("gaps").query("stage == 'service'")["what"])
    assert set(done.table("quality")["table"]) == {"tickets"}


def test_figures_say_how_much_and_why(done):
    told = done.result.metrics["withheld"]
    assert told["sales"] == {"share": 0.25, "column": "sold_at", "reason": "is not a date (year-month-day)"}
    assert list(told) == ["visits", "sales"]
    assert "sales withheld: 25% of its rows could not be used, most often sold_at" in done.result.summary
    files = done.table("files").set_index("file")
    assert files.loc["sales.csv", ["rows", "clean", "quarantined", "unusable"]].tolist() == [4, 0, 1, 3]
    assert set(done.table("quarantine_reasons")["table"]) == {"visits", "sales"}


def test_where_tickets_and_sales_are_both_bad_nothing_is_written(tmp_path):
    bad = TICKETS.replace("2026-10-03", "后天")
    with pytest.raises(CrmlabError, match=r"tickets: 1 of 2 rows \(50%\)(.|\n)*sales: 1 of 4 rows \(25%\)"):
        cleaned(tmp_path, {"tickets.csv": bad, "sales.csv": SALES, "visits.csv": VISITS}, max_bad_share=0.2)
    assert not (tmp_path / "out" / "tickets.parquet").exists()


def test_what_is_left_must_still_say_what_day_it_is(tmp_path):
    files = {"tickets.csv": TICKETS.splitlines()[1], "sales.csv": SALES}
    with pytest.raises(CrmlabError, match=r"sales: 1 of 4 rows .* Without it: tickets\.csv: only headers"):
        cleaned(tmp_path, files, max_bad_share=0.2)


@pytest.mark.parametrize(
    ("bad", "more"),
    [
        ("customers", {"customers.csv": "客户编号,客户名\nC2,县医院\n,\n", "tickets.csv": TICKETS}),
        ("sales", {"sales.csv": SALES.replace("县医院", "C2"), "tickets.csv": TICKETS}),
    ],
)
def test_an_alias_of_a_customer_that_only_it_names_stops_nothing(tmp_path, bad, more):
    folder = write(tmp_path / "acme", {**more, "customer_aliases.csv": "raw_name,customer_id\n省地税局,C2\n"})
    done = run(folder, tmp_path / "out", max_bad_share=0.2)
    assert list(done.result.metrics["withheld"]) == [bad]
    assert set(done.table("tickets")["customer_id"]) == {"C2"}
    found = check(folder, max_bad_share=0.2)
    assert (found.faults, list(found.withheld)) == ([], [bad])
    (folder / "customer_aliases.csv").write_text("raw_name,customer_id\n省地税局,C9\n")
    with pytest.raises(CrmlabError, match="no export names a customer 'C9'"):
        run(folder, tmp_path / "out", max_bad_share=0.2)


def test_it_comes_back_with_the_export_mended(tmp_path):
    folder = write(tmp_path / "acme", {"tickets.csv": TICKETS, "sales.csv": SALES})
    assert run(folder, tmp_path / "out", max_bad_share=0.2).table("sales").empty
    (folder / "sales.csv").write_text((folder / "sales.csv").read_text().replace("昨天", "2026-09-09"))
    done = run(folder, tmp_path / "out", max_bad_share=0.2)
    assert len(done.table("sales")) == 4
    assert done.result.metrics["withheld"] == {}


@pytest.mark.parametrize("name", ["customers", "parts"])
def test_a_table_without_days_is_withheld_as_well(tmp_path, name):
    bad = {"customers": "客户编号,客户名\nC1,省地税局\n,\n", "parts": "备件号,备件名\nP1,内存\n,风扇\n"}[name]
    done = cleaned(tmp_path, {"tickets.csv": TICKETS, f"{name}.csv": bad}, max_bad_share=0.2)
    assert list(done.result.metrics["withheld"]) == [name]
    assert done.counts(name)["clean"] == 0
    assert not done.table("customers")["known"].any()
