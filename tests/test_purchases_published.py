"""The published tables, to all digits printed, and forecasts of the whole CDNOW cohort."""

import gzip

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from crmlab.purchases import BGNBD, MBGCNBD, MBGNBD, GammaGamma, ParetoNBD

DATA = ROOT / "../shared/data/cdnow"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data/cdnow is not here"),
]


@pytest.fixture(scope="module")
def sample():
    return pd.read_csv(DATA / "cdnow_customers_summary.csv")


@pytest.fixture(scope="module")
def cohort():
    """All 23,570 customers: histories of 39 weeks, and purchases in the 39 weeks after."""
    lines = pd.read_csv(DATA / "cdnow_master.csv.gz", usecols=["customer_id", "date"]).drop_duplicates()
    lines["date"] = pd.to_datetime(lines.date.astype(str))
    end = pd.Timestamp("1997-09-30")
    seen = lines[lines.date <= end].groupby("customer_id").date.agg(["min", "max", "size"])
    later = lines[lines.date > end].groupby("customer_id").size().reindex(seen.index).fillna(0).to_numpy()
    history = (
        seen["size"].to_numpy() - 1,
        (seen["max"] - seen["min"]).dt.days.to_numpy() / 7,
        (end - seen["min"]).dt.days.to_numpy() / 7,
    )
    return history, later


@pytest.mark.parametrize(
    ("model", "printed", "log_likelihood"),
    [
        (BGNBD(), {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.4),
        (ParetoNBD(), {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9595.0),
    ],
    ids=repr,
)
def test_purchase_models_give_the_published_tables(sample, model, printed, log_likelihood):
    model.fit(sample.frequency, sample.recency, sample["T"])
    assert {k: round(v, 3) for k, v in model.params_.items()} == pytest.approx(printed, abs=0.0011)
    assert round(model.log_likelihood_, 1) == log_likelihood
    assert model.converged_
    in_days = type(model)().fit(sample.frequency, sample.recency * 7, sample["T"] * 7)
    assert in_days.params_["alpha"] == pytest.approx(7 * model.params_["alpha"], rel=1e-6)
    assert in_days.log_likelihood_ == pytest.approx(
        model.log_likelihood_ - sample.frequency.sum() * np.log(7), abs=1e-5
    )


def test_gamma_gamma_gives_the_published_table():
    with gzip.open(DATA / "CDNOW_sample.txt.gz", "rt") as lines:
        sales = pd.read_csv(lines, sep=r"\s+", names=["master", "id", "date", "quantity", "amount"])
    sales["date"] = pd.to_datetime(sales.date.astype(str))
    days = sales[sales.date <= "1997-09-30"].groupby(["id", "date"]).amount.sum().reset_index()
    repeats = days[days.date > days.groupby("id").date.transform("min")]
    spend = repeats.groupby("id").amount.agg(["size", "mean"])
    model = GammaGamma().fit(spend["size"], spend["mean"])
    assert len(spend) == 946
    assert [round(v, 2) for v in model.params_.values()] == [6.25, 3.74, 15.44]
    assert round(model.log_likelihood_, 1) == -4055.9
    assert abs(model.correlation_) < 0.15


@pytest.mark.parametrize(
    ("model", "error"), [(BGNBD(), 0.819), (MBGNBD(), 0.795), (ParetoNBD(), 0.794)], ids=repr
)
def test_the_whole_cohort_is_forecast_as_well_as_published(cohort, model, error):
    history, later = cohort
    model.fit(*history)
    expected = model.expected_purchases(39, *history)
    assert len(later) == 23_570
    assert round(float(np.abs(expected - later).mean()), 3) == error
    assert 0.12 < 1 - expected.sum() / later.sum() < 0.20, "all forecast 13 to 19 % too few"
    low, high = model.predictive_interval(39, *history)
    assert 0.88 < ((low <= later) & (later <= high)).mean() < 0.96


def test_erlang_gaps_of_one_stage_are_the_model_without_them(sample):
    history = (sample.frequency, sample.recency, sample["T"])
    one, plain = MBGCNBD(k=1).fit(*history), MBGNBD().fit(*history)
    assert one.params_ == plain.params_
    assert one.log_likelihood_ == plain.log_likelihood_
