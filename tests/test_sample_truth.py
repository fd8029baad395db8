"""The truth: calibrated against what happened, better than what anybody sees, and never beside the data."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab import sample
from crmlab.files import CrmlabError
from crmlab.sample.causes import CAUSES

pytestmark = pytest.mark.slow  # a whole company of usual size


@pytest.fixture(scope="module")
def truth() -> dict[str, pd.DataFrame]:
    return sample.truth(customers=1200, draws=3)


@pytest.fixture(scope="module")
def actual(truth) -> pd.Series:
    return truth["tickets"].set_index("ticket_id")["cause"]


@pytest.mark.parametrize("name", ["at_call", "from_text"])
def test_cause_probabilities_are_calibrated(truth, actual, name):
    chance = truth[name].set_index("ticket_id")
    assert list(chance.columns) == [c.zh for c in CAUSES]
    assert chance.sum(axis=1).to_numpy() == pytest.approx(1)
    top, right = chance.max(axis=1), chance.idxmax(axis=1) == actual.reindex(chance.index)
    for _, rows in right.groupby(pd.qcut(top, 5), observed=True):
        assert rows.mean() == pytest.approx(top[rows.index].mean(), abs=0.035)


def test_seeing_everything_beats_the_text_alone(truth, actual):
    def log_loss(name: str) -> float:
        chance = truth[name].set_index("ticket_id")
        at = chance.columns.get_indexer(actual.reindex(chance.index))
        return -np.log(chance.to_numpy()[np.arange(len(chance)), at]).mean()

    base = (
        truth["tickets"]
        .set_index("ticket_id")["cause"]
        .reindex(truth["at_call"]["ticket_id"])
        .value_counts(normalize=True)
    )
    assert log_loss("at_call") < log_loss("from_text") < -(base * np.log(base)).sum()


def test_the_best_kit_is_no_worse_than_the_desk_s(truth):
    kits = truth["kits"]
    assert (kits["first_time_fix"] >= kits["first_time_fix_desk"] - 1e-12).all()
    assert kits["first_time_fix"].max() <= 0.96
    assert kits["part_1"].ne(kits["part_2"]).all()


def test_expected_profit_is_not_a_peek_and_agrees_with_what_comes(truth):
    customers = truth["customers"]
    error = np.sqrt((customers["profit_sd"] ** 2).sum() * (1 + 1 / 3))
    assert abs(customers["realised"].sum() - customers["profit"].sum()) < 4 * error
    staying = customers["leaves"].isna()
    assert (customers.loc[~staying, ["profit", "realised"]] == 0).all().all()
    assert customers.loc[staying, ["profit", "realised"]].corr("spearman").iloc[0, 1] > 0.4
    assert customers.loc[staying, "profit"].sum() > customers.loc[staying, "discounted"].sum()


def test_order_rates_are_those_of_the_last_year(truth):
    typed = simulated_company.typed()
    sales = typed["sales"]
    recent = sales[
        (sales["sold_at"] >= "2025-11-01") & ~sales["is_return"] & sales["product_id"].str.contains("-[0-9]$")
    ]
    orders = recent.groupby("customer_id")["order_id"].nunique().sum()
    assert truth["customers"]["orders_a_year"].sum() == pytest.approx(orders, rel=0.15)


def test_types_change_at_the_stated_pace(truth):
    types = truth["types"]
    assert types["month"].nunique() == 60
    customers = truth["customers"]
    assert 0.01 < customers["type_changes"].notna().mean() / 5 < 0.04
    assert sorted(customers["type"].value_counts(normalize=True).round(1))[-1] == 0.4


def test_complaints_are_ignored_solved_or_solved_promptly(truth):
    """The truth knows what was heard; the record knows what was settled before its end."""
    complaints = truth["complaints"].set_index("complaint_id")
    record = simulated_company.typed()["complaints"].set_index("complaint_id")
    assert sorted(complaints.index) == sorted(record.index)
    share = complaints["recovery"].value_counts(normalize=True)
    assert set(share.index) == {"ignored", "solved", "solved promptly"}
    assert share["ignored"] == pytest.approx(0.38, abs=0.05)
    assert share.min() > 0.2
    settled = record["resolved_at"].notna()
    assert not settled[complaints["recovery"].reindex(record.index) == "ignored"].any()
    assert settled[complaints["recovery"].reindex(record.index) != "ignored"].mean() > 0.95
    assert (complaints["kind"].reindex(record.index) == record["kind"]).all()


def test_what_is_felt_falls_short_of_what_is_expected(truth):
    quality = truth["quality"]
    assert len(quality) == 5 * len(truth["customers"])
    assert quality[["expected", "perceived"]].stack().between(0, 1).all()
    mean = quality.groupby("dimension")[["expected", "perceived"]].mean()
    assert (mean["expected"] > mean["perceived"]).all()


def test_what_was_answered_follows_what_is_felt(truth):
    """Customers' marks rank as the truth does, not perfectly."""
    surveys = simulated_company.typed()["surveys"].query("kind == 'perception' and dimension.notna()")
    low = (surveys["scale_max"] == 5).astype(float)
    felt = (surveys["score"] - low) / (surveys["scale_max"] - low)
    given = felt.groupby(surveys["customer_id"]).mean()
    true = truth["quality"].groupby("customer_id")["perceived"].mean().reindex(given.index)
    assert 0.4 < given.astype(float).corr(true, method="spearman") < 0.95


def test_drivers_are_the_parameters_in_force(truth):
    drivers = truth["drivers"].set_index(["outcome", "driver"])["effect"]
    assert drivers.index.is_unique
    assert drivers["renewal", "unsolved"] < 0
    assert drivers["complaint", "broken"] > drivers["complaint", "repeats"] > 0
    assert drivers["overall score"].sum() == pytest.approx(1)


def test_late_payers_are_known_to_the_truth(truth):
    payments = simulated_company.typed()["payments"].dropna(subset=["paid_at"])
    late = (
        (payments["paid_at"] - payments["due_at"])
        .dt.days.groupby(payments["customer_id"])
        .agg(["mean", "size"])
    )
    late = late[late["size"] >= 15]["mean"]
    true = truth["customers"].set_index("customer_id")["late_days"].reindex(late.index)
    assert late.corr(true, method="spearman") > 0.8


def test_truth_is_written_in_parquet_away_from_the_data(tmp_path):
    sample.write_truth(tmp_path / "truth", customers=30, draws=1)
    at_once = sample.truth(customers=30, draws=1)
    for name, frame in at_once.items():
        read = pd.read_parquet(tmp_path / "truth" / f"{name}.parquet")
        assert len(read) == len(frame), name
        assert list(read.columns) == list(frame.columns)


def test_truth_beside_the_data_is_refused(tmp_path):
    company, project = tmp_path / "company", tmp_path / "project"
    for folder, file in ((company, "mapping.yaml"), (project, "params.yaml")):
        folder.mkdir()
        (folder / file).touch()
    for folder in (company, company / "truth", project / "data" / "processed"):
        with pytest.raises(CrmlabError, match="beside the data"):
            sample.write_truth(folder, customers=5, draws=0)
