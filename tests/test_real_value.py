"""Online Retail through `clean`, `purchases`, `churn`, `value` and `segments`: no tickets, no contracts, no costs, and it still ends well."""

import html
import re

import pytest
from conftest import ROOT, new_project, run_notebook, run_stage

from crmlab import files

DATA = ROOT / "../shared/data/online_retail"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/online_retail is not here"),
]
POUND = 100


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> files.Project:
    made = new_project(tmp_path_factory.mktemp("retail"), {"company": "online_retail"})
    raw = made.raw("online_retail")
    raw.mkdir(parents=True)
    (raw / "mapping.yaml").write_bytes((ROOT / "tests/real/online_retail/mapping.yaml").read_bytes())
    for export in DATA.glob("*.parquet"):
        (raw / export.name).symlink_to(export.resolve())
    for stage in ("clean", "service", "purchases", "churn", "value", "segments"):
        run_stage(made, stage)
    return made


def test_the_stages_say_what_they_lack(project):
    churn = files.read_json(project.processed("churn") / "status.json")
    assert churn["state"] == "narrowed"  # customers without a contract are told by their purchases
    assert "contracts with outcomes" in [m["what"] for m in churn["missing"]]
    value = files.read_json(project.processed("value") / "status.json")
    assert value["state"] == "narrowed"
    assert {"tickets", "contracts", "machines", "sales.cost or sales.margin", "two years of sales"} <= {
        m["what"] for m in value["missing"]
    }


def test_every_line_of_a_known_customer_is_valued(project):
    sales = files.read_table(project.processed("clean") / "sales.parquet")
    bought = sales[sales.customer_id.notna()]
    found = files.read_json(project.metrics("value"))
    assert found["n_lines"] == len(bought)
    assert found["n_returns"] == (bought.amount < 0).sum() > 9_000
    assert found["returns"] == bought.amount[bought.amount < 0].sum()
    assert found["revenue"] == bought.amount.sum()
    assert found["revenue"] == pytest.approx(8_011_454 * POUND, rel=0.01)
    assert found["n_valued"] == bought.customer_id.nunique()
    assert found["ledger_difference"] == 0
    books = files.read_table(project.processed("value") / "reconciliation.parquet")
    assert (books.difference == 0).all()
    assert books.ledger[books.side == "income"].sum() == found["margin"] + found["nobody"]


def test_margins_are_configured_and_said_to_be(project):
    sales = files.read_table(project.processed("clean") / "sales.parquet")
    found = files.read_json(project.metrics("value"))
    product = sales.line_kind.fillna("product") == "product"
    expected = (sales.amount[product & sales.customer_id.notna()].astype(float) * 0.18).sum()
    assert found["margin"] == pytest.approx(expected, rel=0.001)  # rounded line by line
    assert found["revenue_based_share"] == 1
    assert found["service_cost"] == 0
    assert found["historical"] == found["margin"]


def test_silence_costs_value(project):
    customers = files.read_table(project.processed("value") / "customers.parquet").set_index("customer_id")
    sales = files.read_table(project.processed("clean") / "sales.parquet")
    bought = sales[sales.amount > 0].groupby("customer_id")
    last, days = bought.sold_at.max(), bought.sold_at.agg(lambda at: at.dt.normalize().nunique())
    silent = (last.max() - last).dt.days
    often = days[days >= 5].index  # who bought so often is missed sooner
    retained = customers.p_retained.astype(float)
    short, long = (often.intersection(silent.index[those]) for those in (silent < 30, silent > 180))
    assert len(long) >= 10
    assert retained[short].mean() > retained[long].mean() + 0.1
    a_purchase = customers.purchases.astype(float) / customers.revenue.astype(float).clip(lower=1)
    assert a_purchase[short].median() > 1.1 * a_purchase[long].median()


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("churn", ["0 contracts have ended with a known outcome: too few to say who will renew."]),
        (
            "value",
            [
                "No cost to serve is known: who costs more than it brings cannot be told.",
                "Revenue-based: for 100.0% of the turnover neither cost nor margin is exported",
            ],
        ),
        ("segments", ["Only 0% of 4,266 customers have a value type"]),
    ],
)
def test_the_pages_open_without_the_missing_parts(project, name, sentences):
    blocks = run_notebook(project, name, root="..", company="online_retail")
    text = "".join(page for block in blocks for page in block.html.values())
    read = html.unescape(re.sub(r"<[^>]+>", "", text))
    assert [said for said in sentences if said not in read] == []
    assert ">nan<" not in text.lower()


def test_sales_alone_tell_no_type_and_say_so(project):
    """Two of 27 features are left, the repeat of a product and the evenness of purchases: they lean to an axis, and name nobody."""
    found = files.read_json(project.metrics("segments"))
    assert found["n_features"] == 2
    assert found["counts"]["undetermined"] == found["n"] > 4_000
    assert 0 < found["axis_share"] < 0.2
    assert set(found["reasons"]) == {"between", "no_records"}
    assert {"tickets", "products", "contracts", "quotes"} <= set(found["absent"])
    assert found["frozen"] is False, "a year of records has no December with two years behind it"
    status = files.read_json(project.processed("segments") / "status.json")
    assert status["state"] == "narrowed"
