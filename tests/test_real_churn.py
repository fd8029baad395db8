"""US life policies and IBM Telco through `clean` and the models of `churn`; the figures are those of benchmarks/churn.py."""

import runpy

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

DATA = ROOT / "../shared/data"
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def real():
    """The functions of the benchmark's part."""
    return runpy.run_path(str(ROOT / "benchmarks/churn_parts/real.py"))


def there(name):
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"../shared/data/{name} is not here")
    return folder


@pytest.fixture(scope="module")
def exported():
    """The policies of the file, with the day on which each ended; `duration` counts quarters of 91 days."""
    policies = pd.read_csv(there("us_life_lapse") / "uslapseagent.csv.gz", parse_dates=["issue.date"])
    days = np.floor(91 * policies.duration + 0.5)
    return policies.assign(end=policies["issue.date"] + pd.to_timedelta(days, unit="D"))


@pytest.fixture(scope="module")
def lapse(real):
    return real["life_lapse"](there("us_life_lapse"))


@pytest.fixture(scope="module")
def contracts(real):
    return real["cleaned"](there("us_life_lapse"))


def test_every_policy_in_force_was_seen_on_one_day(exported, real):
    in_force = exported[exported["termination.cause"] == "in-force"]
    assert set(in_force.end) == {real["SEEN"]}
    assert exported.end.max() == real["LAST_END"]


def test_each_policy_is_one_term_with_the_fate_of_the_file(lapse, exported):
    causes = exported["termination.cause"].value_counts()
    assert lapse["policies"] == len(exported) == 29_317
    assert lapse["fates"] == {
        "open": causes["in-force"],
        "lost": causes["surrender"],
        "competing": causes["death"] + causes["other"],
    }
    assert lapse["competing"] == {"death": causes["death"], "other": causes["other"]}


def test_in_the_middle_of_the_record_later_ends_and_policies_are_unknown(contracts, exported, real):
    day, grace = pd.Timestamp("2005-12-31"), 30
    terms = real["spells"](contracts, day, grace)
    issued = exported[exported["issue.date"] <= day]
    settled = issued[
        (issued["termination.cause"] != "in-force") & (issued.end + pd.Timedelta(days=grace) <= day)
    ]
    causes = settled["termination.cause"].value_counts()
    assert len(terms) == len(issued)
    assert terms.fate.value_counts().to_dict() == {
        "open": len(issued) - len(settled),
        "lost": causes["surrender"],
        "competing": causes["death"] + causes["other"],
    }


def test_what_cox_tells_of_policies_and_how_much_the_leak_would_add(lapse):
    cox = lapse["cox"]
    assert cox["leak"] == "DJIA"
    assert np.mean(cox["concordance_of_samples"]) == pytest.approx(0.584, abs=0.015)
    assert min(cox["concordance_of_samples"]) < 0.59  # one of the five is as low as the one published
    assert cox["concordance"] == pytest.approx(0.593, abs=0.002)
    assert cox["concordance_with_leak"] > cox["concordance"] + 0.12
    assert min(cox["concordance_of_samples_with_leak"]) > max(cox["concordance_of_samples"]) + 0.1


def test_the_change_of_shares_is_the_same_for_all_that_are_in_force(exported):
    values = exported.groupby("termination.cause").DJIA.nunique()
    assert values["in-force"] == 1
    assert values.drop("in-force").min() > 20


def test_policy_years_are_those_that_were_over_when_the_record_ended(contracts, exported, real):
    years = real["policy_years"](real["spells"](contracts, real["SEEN"]), real["SEEN"])
    lasted = (exported.end - exported["issue.date"]).dt.days
    observed = (real["SEEN"] - exported["issue.date"]).dt.days
    lapsed, other = (exported["termination.cause"].isin(c) for c in (["surrender"], ["death", "other"]))
    at_risk, lapses = [], []
    for year in range(1, 17):
        begin, end = round(365.25 * (year - 1)), round(365.25 * year)
        over = (observed >= end) & (lasted >= begin) & ~(other & (lasted < end))
        at_risk.append(over.sum())
        lapses.append((over & lapsed & (lasted < end)).sum())
    counted = years.groupby("year").stayed.agg(["size", lambda stayed: (stayed == 0).sum()])
    n = real["LATE"] - 1  # later years are told apart no more
    assert counted.iloc[:, 0].tolist() == [*at_risk[:n], sum(at_risk[n:])]
    assert counted.iloc[:, 1].tolist() == [*lapses[:n], sum(lapses[n:])]
    assert not years.duplicated(["contract_id", "landmark"]).any()


@pytest.mark.parametrize("split", ["others_held_out", "later_years_held_out"])
def test_the_hazard_tells_more_than_the_rate_of_the_year(lapse, split):
    found = lapse["hazard"][split]
    hazard, rate = found["hazard"], found["kaplan_meier"]
    assert found["brier_gain"] > 5 * found["brier_gain_error"]
    assert hazard["brier"] < rate["brier"]
    assert hazard["auc"] > rate["auc"] + 0.04
    assert hazard["auc"] > 0.61
    assert hazard["lapse_predicted"] == pytest.approx(found["lapse_observed"], abs=0.003)
    assert found["ece"] < 0.01


def test_the_leak_and_what_was_known_at_the_end_only_are_no_features(real):
    named = {name.lower() for name in [*real["LABELS"], *real["YEARS"]]}
    assert not named & {"djia", "duration", "surrender", "death", "other", "allcause", "termination_cause"}


def test_telco_is_told_as_well_as_published(real):
    found = real["telco"](there("telco_ibm"))
    assert (found["customers"], found["left"]) == (7043, 1869)
    assert found["auc"] == pytest.approx(0.845, abs=0.005)
    assert (
        0.83 < found["auc_ridge"] < found["auc"]
    )  # with no later day to choose it by, the ridge costs this much
