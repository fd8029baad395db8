"""The analyst's door: names that are nearly right are answered, money is in whole units, columns are explained."""

import subprocess
import sys

import pandas as pd
import pytest
from pandera.errors import SchemaError

import crmlab
from crmlab import tables
from crmlab.files import CrmlabError, Project


@pytest.fixture
def project(tmp_path):
    """A project in which `clean` wrote two sales lines."""
    lines = pd.DataFrame({c.name: [None, None] for c in tables.SALES.kept})
    lines["sale_id"], lines["customer_id"] = ["s1", "s2"], ["c1", "c2"]
    lines["amount"], lines["cost"] = [1706_02, -50], [100_00, None]
    lines["qty"] = [2, 1]
    path = Project(tmp_path).processed("clean") / "sales.parquet"
    path.parent.mkdir(parents=True)
    tables.conform(lines, tables.SALES).to_parquet(path)
    return Project(tmp_path)


def test_money_comes_in_whole_units_and_missing_stays_missing(project):
    sales = crmlab.load("sales", project)
    assert sales["amount"].tolist() == [1706.02, -0.5]
    assert sales["cost"].isna().tolist() == [False, True]
    assert sales["qty"].tolist() == [2, 1]  # no money, no change


def test_a_table_of_clean_needs_no_stage_before_its_name(project):
    pd.testing.assert_frame_equal(crmlab.load("sales", project), crmlab.load("clean/sales", project))


def test_loaded_columns_carry_their_meaning(project):
    sales = crmlab.load("sales", project)
    assert set(sales.attrs["columns"]) == set(sales.columns)
    assert sales.attrs["columns"]["amount"] == "price of the line"


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("ticket", "clean/tickets"),
        ("segment/customers", "segments/customers"),
        ("faults/prediction", "faults/predictions"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(project, typed, nearest):
    with pytest.raises(CrmlabError, match=f"no table called '{typed}'; the nearest is '{nearest}'"):
        crmlab.load(typed, project)


def test_a_table_not_yet_written_says_what_to_run(project):
    with pytest.raises(CrmlabError, match=r"tickets\.parquet is not there: run `make` first"):
        crmlab.load("tickets", project)


def test_a_path_leads_to_the_file_that_load_reads(project):
    assert len(pd.read_parquet(crmlab.path_of("sales", project))) == len(crmlab.load("sales", project))
    with pytest.raises(CrmlabError, match="run `make` first"):
        crmlab.path_of("visits", project)


def test_explain_says_kind_unit_and_when_a_column_is_known():
    columns = crmlab.explain("tickets")
    assert columns.loc["symptom", "known_at"] == "call"
    assert columns.loc["cause_actual", "known_at"] == "closed"
    assert crmlab.explain("visits").loc["travel_min", "unit"] == "min"
    assert "contact_phone" not in columns.index  # never kept


def test_every_column_of_every_table_is_explained():
    for name in ("sales", "value/customers", "segments/customers", "segments/features", "churn/contracts"):
        columns = crmlab.explain(name)
        assert columns.index.is_unique, name
        assert (columns["meaning"].str.len() > 0).all(), name


def test_what_is_loaded_holds_to_its_schema(small):
    for name in (
        "tickets",
        "sales",
        "visits",
        "contracts",
        "ticket_causes",
        "value/customers",
        "faults/predictions",
    ):
        frame = crmlab.load(name, small)
        assert len(crmlab.schema(name).validate(frame)) == len(frame), name


def test_a_schema_says_what_an_analyst_broke(project):
    sales = crmlab.load("sales", project)
    with pytest.raises(SchemaError, match=r"non-nullable series 'sold_at' contains null values"):
        crmlab.schema("sales").validate(sales)
    with pytest.raises(CrmlabError, match="no table called 'sale'; the nearest is 'clean/sales'"):
        crmlab.schema("sale")


def test_importing_crmlab_costs_neither_pandas_nor_pandera():
    code = (
        "import sys, crmlab; sys.exit(bool({'pandas', 'pandera', 'rapidfuzz', 'pyarrow'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
