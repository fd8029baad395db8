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
}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """Clean one of the sets; each only once."""
    done = {}

    def clean(name):
        source = DATA / FILES[name]
        if not source.is_file():
            pytest.skip(f"{source} is not there")
        if name not in done:
            folder = tmp_path_factory.mktemp(name) / name
            shutil.copytree(MAPPINGS / name, folder)
            (folder / source.name).symlink_to(source.resolve())
            done[name] = run(folder, folder.parent / "out", max_bad_share=0.05)
        return done[name]

    return clean


def test_every_open_repair_is_a_ticket_and_what_was_judged_has_a_cause(real):
    done = real("open_repair")
    assert done.counts("tickets") == {
        "raw": 7430,
        "clean": 7430,
        "quarantined": 0,
        "duplicates": 0,
        "filtered": 0,
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
