"""What a notebook needs: missing tables and columns are named once, and nothing else stops it."""

import pandas as pd
import pytest

import crmlab
from crmlab import tables
from crmlab.files import CrmlabError, Project


@pytest.fixture
def project(tmp_path):
    """A project with one ticket that says no symptom, and no contracts."""
    project = Project(tmp_path)
    rows = {"tickets": 1, "contracts": 0}
    for name, n in rows.items():
        frame = pd.DataFrame({c.name: [None] * n for c in tables.CLEAN[name].kept})
        if n:
            frame["ticket_id"], frame["cause_actual"] = "T1", "fan"
        path = project.processed("clean") / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        tables.conform(frame, tables.CLEAN[name]).to_parquet(path)
    return project


def lacks(project, *names):
    with pytest.raises(crmlab.MissingData) as told:
        crmlab.needs(*names, adds="see more", project=project)
    return str(told.value).partition(";")[0].removeprefix("This company's exports lack ")


def test_nothing_is_said_where_all_is_there(project):
    assert crmlab.needs("tickets", "tickets.cause_actual", adds="see more", project=project) is None


def test_a_table_without_rows_and_a_column_without_values_are_missing(project):
    assert lacks(project, "contracts", "tickets.symptom", "tickets") == "`contracts` and `tickets.symptom`"


def test_of_a_missing_table_no_column_is_named(project):
    assert lacks(project, "contracts.outcome", "contracts") == "`contracts`"


def test_a_misspelt_column_is_no_missing_one(project):
    with pytest.raises(
        CrmlabError, match=r"tickets\.symptoms: table 'tickets' has no such column; it has .*symptom"
    ):
        crmlab.needs("tickets.symptoms", adds="see more", project=project)
