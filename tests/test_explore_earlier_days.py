"""The views of an earlier day give what the stages learn from, and nothing that became known later."""

import shutil

import duckdb
import pandas.testing as pdt
import pytest
from pyarrow import parquet

import crmlab
from crmlab import files
from crmlab.files import CrmlabError, Project
from crmlab.tables import CLEAN


def test_the_day_is_that_of_the_run(small, tmp_path):
    assert (
        str(crmlab.as_of(small).date()) == files.read_json(small.processed("clean") / "as_of.json")["as_of"]
    )
    with pytest.raises(CrmlabError, match=r"as_of\.json is not there: run `make` first"):
        crmlab.as_of(Project(tmp_path))


def test_diagnosed_tickets_are_those_the_cause_model_learns_from(small):
    tickets = crmlab.diagnosed(small)
    assert len(tickets) == files.read_json(small.metrics("faults"))["n_labelled"]
    assert tickets["reported_at"].is_monotonic_increasing
    assert tickets["cause"].notna().all()
    counted = crmlab.load("faults/shares", small).drop_duplicates("symptom").set_index("symptom")["n"]
    pdt.assert_series_equal(
        tickets["symptom_tag"].value_counts().sort_index(),
        counted.sort_index(),
        check_names=False,
        check_index_type=False,
        check_dtype=False,
    )


def test_contracts_at_risk_today_are_those_of_the_stage(small):
    at_risk = crmlab.occasions(small).at_risk(crmlab.as_of(small))
    said = crmlab.load("churn/contracts", small)
    assert set(said["contract_id"]) <= set(at_risk["contract_id"])
    left = at_risk.set_index("contract_id")["days_to_end"].reindex(said["contract_id"])
    assert left.tolist() == said["days_to_end"].tolist()


@pytest.fixture(scope="module")
def month_end(small):
    """About a year ago."""
    return crmlab.behaviour(small).months[-13]


@pytest.fixture(scope="module")
def then(small, month_end, tmp_path_factory):
    """The project without any row that is dated after `month_end`, and without what became known of the others later."""
    project = Project(tmp_path_factory.mktemp("then"))
    shutil.copy(small.root / "params.yaml", project.root)
    for stage in ("clean", "service"):
        shutil.copytree(small.processed(stage), project.processed(stage))
    dated = {name: f'"{table.dated}"' for name, table in CLEAN.items() if table.dated}
    dated |= {"contracts": "coalesce(signed_at, start_at)", "payments": "due_at"}
    dated |= {"service/tickets": "reported_at", "service/complaints": "received_at"}
    lost = {name for name, column in dated.items() if cut(project, name, column, month_end)}
    assert lost >= {"tickets", "visits", "sales", "contracts", "quotes", "surveys", "service/tickets"}
    return project


def cut(project, name, dated, day):
    """Leave out the rows of a table after `day`, and the cells known only later; how many rows they were."""
    path = crmlab.path_of(name, project)
    rows = parquet.read_table(path)
    later = f"coalesce({{}}::date > date '{day:%Y-%m-%d}', false)"
    columns = CLEAN[name].columns if name in CLEAN else ()
    known = {c.name: c.known_on for c in columns if c.known_on in rows.column_names}
    cells = [
        f'case when not {later.format(known[c])} then "{c}" end as "{c}"' if c in known else f'"{c}"'
        for c in rows.column_names
    ]
    kept = duckdb.sql(f"select {', '.join(cells)} from rows where not {later.format(dated)}").to_arrow_table()
    parquet.write_table(kept.cast(rows.schema), path)
    return len(rows) - len(kept)


def test_an_earlier_day_knows_nothing_of_later_ones(small, then, month_end):
    """Every feature of that day is the same whether or not the rows of later days are there."""
    now, before = crmlab.occasions(small), crmlab.occasions(then)
    pdt.assert_frame_equal(now.at_risk(month_end), before.at_risk(month_end))
    (X, renewed), (X_then, renewed_then) = now.ended(month_end), before.ended(month_end)
    pdt.assert_frame_equal(X, X_then)
    assert renewed.tolist() == renewed_then.tolist()
    assert set(renewed) == {0, 1}
    pdt.assert_frame_equal(
        crmlab.ledger(small).histories(month_end), crmlab.ledger(then).histories(month_end)
    )
    pdt.assert_frame_equal(crmlab.behaviour(small).at(month_end), crmlab.behaviour(then).at(month_end))


def test_what_is_learnt_from_an_earlier_day_was_known_then(small, then, month_end):
    learnt, _ = crmlab.occasions(small).ended(crmlab.as_of(small))
    learnt = learnt[learnt["landmark"] == month_end].reset_index(drop=True)
    known = crmlab.occasions(then).at_risk(month_end)
    known = known[known["contract_id"].isin(learnt["contract_id"])].reset_index(drop=True)
    assert len(learnt) > 20
    pdt.assert_frame_equal(learnt, known)


def test_purchase_histories_are_those_of_the_stage(small):
    histories = crmlab.ledger(small).histories(crmlab.as_of(small)).set_index("customer_id")
    told = crmlab.load("purchases/customers", small).set_index("customer_id")
    assert histories["frequency"].to_dict() == told["frequency"].to_dict()


def test_behaviour_is_that_of_the_stage(small):
    history = crmlab.behaviour(small)
    today = history.at(history.months[-1]).set_index("customer_id")
    told = crmlab.load("segments/features", small).set_index("customer_id")
    assert today.index.tolist() == told.index.tolist()
    assert today["discount_share"].fillna(-1).tolist() == pytest.approx(
        told["discount_share"].astype(float).fillna(-1).tolist()
    )
