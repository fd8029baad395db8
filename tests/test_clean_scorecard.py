"""The figures of the quality page, on a company whose faults the reader can see."""

from datetime import date, timedelta

import pandas as pd
import pytest
from exports import cleaned

from crmlab.clean.quality.freshness import freshness
from crmlab.clean.quality.scorecard import REFERENCES
from crmlab.tables import CONTRACT

SEPTEMBER = """
    派单号,报修时间,故障现象,客户编号,序列号
    T1,2026-09-01,蓝屏,C1,S1
    T2,2026-09-15,黄灯,C9,S9
    T3,N/A,黄灯,C1,S1
    """
OCTOBER = """
    派单号,报修时间,故障现象,客户编号,序列号
    T2,2026-09-15,黄灯,C9,S9
    T4,2026-10-30,蓝屏,C1,S1
    T4,2026-10-30,黄灯,C1,S1
    ,2026-10-31,黄灯,C1,S1
    """
OTHERS = {
    "customers.csv": "客户编号,客户名称,上级客户\nC1,杭州维荣,C0\nC2,中萃,C1\n",
    "machines.csv": "序列号,机型,客户编号,装机日期\nS1,7979Q7C,C1,2020-01-01\n",
    "complaints.csv": "投诉号,客户编号,投诉时间,派单号\nX1,C1,2026-10-02,T1\nX2,C8,2026-10-03,T7\n",
    "interactions.csv": "客户编号,回访时间\nC1,2026-10-05\nC1,2026-10-06\n",
    "warranty_claims.csv": "索赔号,序列号,提交日期,备件号\nW1,S1,2026-10-07,P1\n",
    "contracts.csv": "合同号,客户编号,开始日期,结束日期,金额,续保合同号\nK1,C1,2026-01-01,2026-12-31,100,K2\n",
    "quotes.csv": "客户编号,报价日期,金额\n",
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    files = {"tickets/2026-09.csv": SEPTEMBER, "tickets/2026-10.csv": OCTOBER, **OTHERS}
    return cleaned(tmp_path_factory.mktemp("scored"), files)


def table(done, name: str, *key: str) -> pd.DataFrame:
    return done.table(name).set_index(list(key))


def test_copies_are_told_from_rows_that_share_a_key(done):
    found = table(done, "uniqueness", "table")
    assert found.loc["tickets", ["key", "repeated", "copies", "unnumbered"]].tolist() == [
        "ticket_id",
        2,
        1,
        1,
    ]
    assert found.loc["tickets", "example"].startswith("tickets/2026-09.csv:3 ")
    assert found.loc["complaints", ["repeated", "copies", "unnumbered"]].tolist() == [0, 0, 0]


def test_contacts_that_nobody_numbers_are_no_fault(done):
    assert table(done, "uniqueness", "table").loc["interactions", "unnumbered"] == 0


def test_sales_lines_without_an_order_have_no_key(tmp_path):
    sales = "订单号,行号,销售日期,客户编号,金额\nO1,1,2026-10-01,C1,5\n,,2026-10-02,C1,5\n"
    found = table(cleaned(tmp_path, {"sales.csv": sales}), "uniqueness", "table")
    assert found.loc["sales", ["key", "unnumbered"]].tolist() == ["order_id + order_line", 1]


def test_each_file_says_what_became_of_its_rows(done):
    found = table(done, "files", "file")
    counts = ["rows", "clean", "quarantined", "duplicates", "filtered"]
    assert found.loc["tickets/2026-09.csv", counts].tolist() == [3, 1, 1, 1, 0]
    assert found.loc["tickets/2026-10.csv", counts].tolist() == [4, 3, 0, 1, 0]
    assert found.loc["tickets/2026-10.csv", "last_day"] == pd.Timestamp("2026-10-31")
    assert found.loc["quotes.csv", counts].tolist() == [0, 0, 0, 0, 0]
    total = done.table("files").groupby("table")[counts].sum()
    assert total.loc["tickets", "rows"] == done.counts("tickets")["raw"]


def test_references_that_lead_nowhere_are_counted_with_an_example(done):
    found = table(done, "orphans", "table", "column")
    columns = ["refers_to", "rows", "orphans", "example"]
    assert found.loc[("tickets", "customer_id"), columns].tolist() == ["customers", 4, 1, "C9"]
    assert found.loc[("tickets", "serial_no"), columns].tolist() == ["machines", 4, 1, "S9"]
    assert found.loc[("complaints", "ticket_id"), columns].tolist() == ["tickets", 2, 1, "T7"]
    assert found.loc[("complaints", "customer_id"), "orphans"] == 1
    assert found.loc[("customers", "parent_id"), columns].tolist() == ["customers", 2, 1, "C0"]
    assert found.loc[("contracts", "renewed_contract_id"), "example"] == "K2"
    assert ("warranty_claims", "part_no") not in found.index, "parts are not exported"


def test_every_reference_names_columns_of_the_contract():
    for name, column, to in REFERENCES:
        assert CONTRACT[name].column(column).kind == "id"
        assert CONTRACT[to].column(CONTRACT[to].key[0]).kind == "id"
    named = {
        (n, c.name)
        for n, t in CONTRACT.items()
        for c in t.columns
        if c.name == "customer_id" and n != "customers"
    }
    assert named <= {(n, c) for n, c, _ in REFERENCES}


def test_freshness_counts_days_up_to_the_as_of_day(done):
    found = table(done, "freshness", "table")
    assert found.loc["tickets", ["column", "behind"]].tolist() == ["reported_at", 0]
    assert found.loc["complaints", "behind"] == 28
    assert found.loc["contracts", ["column", "behind"]].tolist() == ["start_at", 303]
    assert pd.isna(found.loc["complaints", "late"]), "two days are too few to tell"
    assert pd.isna(found.loc["quotes", "last_day"])


def test_gaps_say_what_each_stage_lacks(done):
    found = done.table("gaps")
    assert {"n", "stage", "what", "effect", "adds", "without"} == set(found.columns)
    assert "sales" in set(found.loc[found["stage"] == "clean", "what"])
    assert set(found["effect"]) <= {"stops", "narrows"}


def test_the_metrics_hold_four_figures_of_each_exported_table(done):
    found = done.result.metrics["quality"]
    assert set(found) == {
        "tickets",
        "customers",
        "machines",
        "complaints",
        "interactions",
        "warranty_claims",
        "contracts",
        "quotes",
    }
    assert found["tickets"]["behind"] == 0
    assert found["tickets"]["breaks"] == 0
    assert found["tickets"]["completeness"] == pytest.approx(34 / 35)
    assert found["tickets"]["validity"] == pytest.approx(33 / 34)
    assert found["quotes"] == {"completeness": None, "validity": None, "behind": None, "breaks": 0}


def weekdays(last: date, n: int) -> dict[date, int]:
    days = (last - timedelta(days=back) for back in range(n))
    return {day: 3 for day in days if day.weekday() < 5}


FRIDAY = date(2026, 10, 30)


@pytest.mark.parametrize(
    ("behind", "at_once", "late"),
    [(0, True, False), (7, True, False), (8, True, True), (8, False, False), (10, False, True)],
)
def test_a_table_is_late_beyond_a_week_and_its_longest_pause(behind, at_once, late):
    found = freshness(weekdays(FRIDAY, 200), FRIDAY + timedelta(days=behind), at_once)
    assert (found.behind, found.pause, found.late) == (behind, 3, late)


def test_a_table_with_long_holidays_is_not_late_within_them():
    rows = weekdays(FRIDAY, 200)
    rows = {day: n for day, n in rows.items() if not date(2026, 7, 1) <= day < date(2026, 7, 20)}
    assert freshness(rows, FRIDAY + timedelta(days=20)).late is False
    assert freshness(rows, FRIDAY + timedelta(days=40)).late is True


def test_days_to_come_say_nothing():
    found = freshness({**weekdays(FRIDAY, 100), date(2027, 5, 1): 1}, FRIDAY)
    assert (found.last_day, found.behind) == (FRIDAY, 0)
    assert freshness({date(2027, 5, 1): 1}, FRIDAY).last_day is None
