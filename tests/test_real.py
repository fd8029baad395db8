"""Real exports that nobody here made, read with a mapping only; skipped where ../shared/data is absent."""

import shutil
from pathlib import Path

import pandas as pd
import pytest
from exports import run

pytestmark = pytest.mark.real
DATA = Path(__file__).parents[1] / "../shared/data"
MAPPINGS = Path(__file__).parent / "real"
FILES = {
    "open_repair": "open_repair/repairs.csv.gz",
    "online_retail": "online_retail/online_retail_2010.parquet",
    "table_4_1": "table_4_1.csv",
    "uci_incident_log": "uci_incident_log/incident_event_log.csv.gz",
    "cdnow": "cdnow/cdnow_master.csv.gz",
    "excavator_mwo": "excavator_mwo/excavators_raw.csv.gz",
    "ecsi_mobile": "ecsi_mobile/ecsi_mobile_DEV.csv",
}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Clean one of the sets; each only once."""
    done = {}

    def clean(name, as_of="auto"):
        source = DATA / FILES[name]
        if not source.is_file():
            pytest.skip(f"{source} is not there")
        if (name, as_of) not in done:
            folder = tmp_path_factory.mktemp(name) / name
            shutil.copytree(MAPPINGS / name, folder)
            (folder / source.name).symlink_to(source.resolve())
            done[name, as_of] = run(folder, folder.parent / "out", max_bad_share=0.05, as_of=as_of)
        return done[name, as_of]

    return clean


def test_every_open_repair_is_a_ticket_and_what_was_judged_has_a_cause(real):
    done = real("open_repair")
    assert done.counts("tickets") == {
        "raw": 7430,
        "clean": 7430,
        "quarantined": 0,
        "duplicates": 0,
        "filtered": 0,
        "unusable": 0,
    }
    tickets = done.table("tickets")
    assert tickets["cause_actual"].notna().sum() == 7430 - 1833 - 131
    assert tickets["is_open"].sum() == 1833 + 131
    causes = done.table("ticket_causes")["cause"]
    assert causes.nunique() == 56
    assert {"Power/battery", "Ports/slots/connectors"} <= set(causes), "one cause each, slash or not"
    exported = pd.read_csv(DATA / FILES["open_repair"], dtype=str, keep_default_na=False)
    assert tickets["symptom"].isna().sum() == (exported["problem"].str.strip() == "").sum()


def test_online_retail_counts_returns_fees_nobody_and_copies(real):
    done = real("online_retail")
    counts = done.counts("sales")
    assert counts["raw"] == 502_938
    assert counts["duplicates"] == 6_544
    assert counts["quarantined"] == 100_114
    assert counts["clean"] == 396_280
    reasons = done.table("quarantine_reasons").set_index(["column", "reason"])["n"]
    assert reasons.to_dict() == {("customer_id", "empty"): 100_114}
    sales = done.table("sales")
    exported = pd.read_parquet(DATA / FILES["online_retail"]).drop_duplicates().dropna(subset="Customer ID")
    assert sales["customer_id"].nunique() == exported["Customer ID"].nunique() == 4_336
    assert sales["is_return"].sum() == exported["Invoice"].str.startswith("C").sum()
    assert (sales.loc[sales["is_return"], "amount"] <= 0).all()
    assert sales["amount"].sum() == (exported["Quantity"] * exported["Price"] * 100).round().sum()
    fees = sales[sales["line_kind"] == "other"]
    assert {"POST", "M", "D", "BANK CHARGES"} <= set(fees["product_id"])
    assert set(sales.loc[~sales["product_id"].str.match("[0-9]{5}"), "product_id"]) - set(
        fees["product_id"]
    ) == {
        *("PADS", "SP1002"),
        *sales.loc[sales["product_id"].str.startswith("DCGS"), "product_id"],
    }, "codes without a number that are goods all the same"


def test_table_4_1_of_the_thesis(real):
    done = real("table_4_1")
    assert done.counts("tickets")["clean"] == 10
    causes = done.table("ticket_causes")
    assert len(causes) == 11
    assert {"主板损坏", "内存损坏"} <= set(causes["cause"])
    tickets = done.table("tickets").sort_values("reported_at")
    assert tickets["reported_at"].dt.strftime("%Y-%m-%d").tolist()[0] == "2008-07-16"
    assert tickets["customer_id"].nunique() == 10
    assert done.json("as_of")["as_of"] == "2009-03-18"


def test_an_event_log_becomes_one_ticket_per_incident_in_its_last_state(real):
    done = real("uci_incident_log")
    assert done.counts("tickets") == {
        "raw": 141_712,
        "clean": 24_918,
        "quarantined": 0,
        "duplicates": 0,
        "filtered": 141_712 - 24_918,
        "unusable": 0,
    }
    log = pd.read_csv(DATA / FILES["uci_incident_log"], dtype=str, keep_default_na=False)
    log["at"] = pd.to_datetime(log["sys_updated_at"], format="%d/%m/%Y %H:%M")
    last = log.sort_values("at", kind="stable").groupby("number").tail(1).set_index("number")
    by_text = log.sort_values("sys_updated_at", kind="stable").groupby("number").tail(1).set_index("number")
    tickets = done.table("tickets").set_index("ticket_id")
    assert tickets["x_sys_mod_count"].eq(last["sys_mod_count"].reindex(tickets.index)).all()
    assert tickets["x_sys_updated_at"].eq(last["sys_updated_at"].reindex(tickets.index)).all()
    wrong = last["sys_updated_at"].ne(by_text["sys_updated_at"].reindex(last.index))
    assert wrong.sum() == 8_539, "what sorting the times as text would get wrong"
    assert tickets["customer_id"].nunique() == 5_244, "5,245 with the question mark"
    assert tickets["cause_actual"].notna().sum() == (last["closed_code"] != "?").sum()
    assert tickets["closed_at"].equals(
        pd.to_datetime(last["closed_at"], format="%d/%m/%Y %H:%M")
        .reindex(tickets.index)
        .astype(tickets["closed_at"].dtype)
    )
    assert not tickets["is_open"].any()


def test_purchases_without_a_number_are_all_kept(real):
    done = real("cdnow")
    counts = done.counts("sales")
    assert (counts["raw"], counts["clean"]) == (69_659, 69_659)
    sales = done.table("sales")
    assert sales["customer_id"].nunique() == 23_570
    assert sales.duplicated(["customer_id", "sold_at", "qty", "amount"]).sum() == 255, "same-day repeats"
    assert (sales["sold_at"].min(), sales["sold_at"].max()) == (
        pd.Timestamp("1997-01-01"),
        pd.Timestamp("1998-06-30"),
    )
    exported = pd.read_csv(DATA / FILES["cdnow"])
    assert sales["amount"].sum() == (exported["amount"] * 100).round().sum()


def test_work_orders_with_costs_as_dirty_text(real):
    done = real("excavator_mwo", as_of="2012-12-31")
    assert done.counts("tickets")["clean"] == 5_485
    assert done.table("tickets")["serial_no"].nunique() == 5
    exported = pd.read_csv(DATA / FILES["excavator_mwo"], dtype=str, keep_default_na=False)
    cost = pd.to_numeric(exported["Cost"], errors="coerce")
    counts = done.counts("visits")
    assert (counts["raw"], counts["clean"], counts["quarantined"]) == (5_485, 5_479, 6)
    assert (cost < 0).sum() == 6, "credits are no cost of a visit"
    quality = done.table("quality").set_index(["table", "column"])
    assert quality.loc[("visits", "cost"), "unreadable"] == cost.isna().sum() == 1
    assert done.table("visits")["cost"].sum() == (cost[cost >= 0] * 100).round().sum()


def test_one_order_dated_a_year_after_all_others_waits_for_a_stated_day(real):
    done = real("excavator_mwo")
    counts = done.counts("tickets")
    assert (counts["raw"], counts["clean"], counts["quarantined"]) == (5_485, 5_484, 1)
    [reason] = done.quarantine("tickets").values()
    assert reason == "reported_at: 2012-12-13 lies more than a year after every other day"


def test_a_wide_questionnaire_becomes_answers(real):
    done = real("ecsi_mobile")
    exported = pd.read_csv(DATA / FILES["ecsi_mobile"])
    counts = done.counts("surveys")
    assert (counts["raw"], counts["clean"]) == (250 * 24, 250 * 24)
    surveys = done.table("surveys")
    assert surveys["survey_id"].nunique() == surveys["customer_id"].nunique() == 250
    means = surveys.groupby("item")["score"].mean()
    assert means.round(9).to_dict() == exported.mean().round(9).to_dict()
