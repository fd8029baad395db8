"""The views of an earlier day give what the stages learn from, and nothing that became known later."""

import pandas as pd
import pandas.testing as pdt
import pytest

import crmlab
from crmlab import files
from crmlab.files import CrmlabError, Project


@pytest.fixture(scope="module")
def a_year_ago(small):
    return crmlab.as_of(small) - pd.DateOffset(years=1)


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


def test_occasions_of_an_earlier_day_know_nothing_of_later_ones(small, a_year_ago):
    X, renewed = crmlab.occasions(small).ended(a_year_ago)
    assert X["landmark"].max() <= a_year_ago
    assert set(renewed) == {0, 1}


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
