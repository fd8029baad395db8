"""Chances of open contracts, their reasons and limits, the lists, and what happens with too little to go on."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from occasions import filled, nothing
from test_churn_terms import contracts

from crmlab import tables
from crmlab.churn.outputs import OUTPUTS
from crmlab.churn.results import CLEAN, results
from crmlab.churn.settings import Settings
from crmlab.engine import Engine
from crmlab.files import CrmlabError
from crmlab.purchases.outputs import OUTPUTS as PURCHASES

AS_OF = pd.Timestamp("2026-10-31")
SECTION = {
    "grace_days": 30, "horizons": [30, 90, 180, 365], "min_contracts": 100, "at_risk": 0.7, "half_life_days": 180,
    "offer_days": 180, "landmarks": 1, "inactive_days": 180, "win_back_months": 24,
}  # fmt: skip


def world(n=300, seed=2):
    """Yearly contracts begun from 2019 on in which many tickets (planted) and nothing else make customers leave."""
    rng = np.random.default_rng(seed)
    terms, calls = [], []
    for i in range(n):
        busy = i % 2
        day, k = pd.Timestamp("2019-01-01") + pd.Timedelta(days=int(rng.integers(0, 2400))), 0
        while True:
            end = day + pd.DateOffset(years=1) - pd.Timedelta(days=1)
            calls += [(f"C{i}", day + pd.Timedelta(days=int(d))) for d in rng.integers(0, 365, 8 * busy)]
            lost = rng.random() < (0.5 if busy else 0.05)
            over = end < AS_OF
            outcome = ("lost" if lost else "renewed") if over else "open"
            follower = f"C{i:03d}-{k + 1}" if outcome == "renewed" else None
            terms.append(
                (f"C{i:03d}-{k}", f"C{i}", day, end, outcome, "left" if outcome == "lost" else None, follower)
            )
            if not over or lost:
                break
            day, k = end + pd.Timedelta(days=1), k + 1
    calls = pd.DataFrame(calls, columns=["customer_id", "reported_at"])
    calls = calls[calls.reported_at <= AS_OF]
    tickets = filled("tickets", ticket_id=[f"t{j}" for j in range(len(calls))], **calls)
    who = [f"C{i}" for i in range(n)]
    days = pd.date_range("2019-01-01", AS_OF, freq="60D")
    orders = pd.MultiIndex.from_product([who, days], names=["customer_id", "sold_at"]).to_frame(index=False)
    sales = filled("sales", order_id=[f"o{j}" for j in range(len(orders))], amount=100, **orders)
    customers = filled("customers", customer_id=who, customer_name=[f"Customer {c}" for c in who])
    return nothing() | {
        "contracts": contracts(*terms),
        "tickets": tickets,
        "customers": customers,
        "sales": sales,
    }


def answered(folder, made, purchases=None, as_of=AS_OF, **settings):
    """What the stage says of these tables."""
    paths = {}
    for name, frame in made.items():
        paths[name] = folder / f"{name}.parquet"
        frame.to_parquet(paths[name])
    return results(
        Engine(threads=1),
        {name: paths[name] for name in CLEAN},
        {name: paths[name] for name in ("promises", "complaints")},
        tables.empty(PURCHASES["customers"]) if purchases is None else purchases,
        dataclasses.replace(Settings.read(SECTION, {"ignored_days": 30}), **settings),
        as_of,
    )


@pytest.fixture(scope="module")
def made():
    return world()


@pytest.fixture(scope="module")
def found(made, tmp_path_factory):
    return answered(tmp_path_factory.mktemp("churn"), made)


def test_every_open_contract_has_its_chances(made, found):
    table = found.tables["contracts"]
    open_now = made["contracts"][made["contracts"].outcome == "open"]
    assert set(table.contract_id) == set(open_now.contract_id)
    chances = table[["p_renew_30", "p_renew_90", "p_renew_180", "p_renew_365"]].astype(float)
    assert (chances.diff(axis=1).iloc[:, 1:] <= 1e-12).all(axis=None)
    assert (chances.p_renew_90[table.days_to_end >= 90] == 1).all()
    assert (chances.p_renew_90[table.days_to_end < 90] < 1).all()
    assert (table.low <= table.p_renew).all()
    assert (table.p_renew <= table.high).all()
    assert (table.high - table.low).between(0.001, 0.5).all()


def test_the_planted_reason_is_found_with_its_number(made, found):
    table = found.tables["contracts"].set_index("customer_id")
    busy = table.index.str[1:].astype(int) % 2 == 1
    assert 0.4 < table.p_renew[busy].mean() < 0.65
    assert table.p_renew[~busy].mean() > 0.85
    assert table.reason[busy].str.startswith("tickets").mean() > 0.8
    called = table[table.reason == "tickets_faded"]
    tickets = made["tickets"]
    a_year = tickets[tickets.reported_at > AS_OF - pd.Timedelta(days=365)].groupby("customer_id").size()
    assert (called.reason_value == called.index.map(a_year)).all()


def test_the_model_beats_the_naive_lines_here(found):
    metrics = found.metrics
    assert metrics["auc"] > 0.7
    assert metrics["auc_naive"] == pytest.approx(0.5, abs=0.1)
    assert metrics["brier_gain"] > metrics["brier_gain_se"] > 0  # a company this small cannot tell more
    assert metrics["due_predicted"] == pytest.approx(metrics["due_observed"], abs=0.06)
    assert metrics["naive"] in ("level", "last_year", "inactive")


def test_the_lists_hold_the_lost_and_the_others_apart(made, found):
    lost = found.tables["win_back"]
    living = set(found.tables["contracts"].customer_id)
    assert len(lost) > 10
    assert not set(lost.customer_id) & living
    assert (pd.to_datetime(lost.end_at) > AS_OF - pd.DateOffset(months=24)).all()
    assert lost.p_renew.between(0, 1).all()
    assert found.metrics["win_back"] == {"n": len(lost), "yearly_amount": lost.yearly_amount.sum()}
    assert found.tables["uncontracted"].empty


@pytest.mark.slow
@pytest.mark.parametrize(("reason", "listed"), [("left", True), ("closed", False)])
def test_who_is_recorded_as_lost_within_the_grace_days_is_on_the_list_of_the_lost(
    made, found, tmp_path, reason, listed
):
    terms = made["contracts"].copy()
    ending = terms.index[(terms.outcome == "open")][0]
    terms.loc[ending, ["end_at", "outcome", "end_reason"]] = [AS_OF - pd.Timedelta(days=5), "lost", reason]
    again = answered(tmp_path, made | {"contracts": terms})
    who = terms.customer_id[ending]
    assert who not in set(again.tables["contracts"].customer_id)
    assert (who in set(again.tables["win_back"].customer_id)) == listed
    assert again.metrics["n_lost"] == found.metrics["n_lost"]  # rates wait for the grace days


def test_customers_that_only_buy_are_told_by_their_purchases(tmp_path):
    bought = pd.DataFrame(
        {"customer_id": ["B1", "B2"], "purchases": [5, 1], "p_alive": [0.9, 0.1], "state": ["buying", "gone"]}
    )
    for column in PURCHASES["customers"].columns:
        if column.name not in bought:
            bought[column.name] = None
    found = answered(tmp_path, nothing(), tables.conform(bought, PURCHASES["customers"]))
    assert not found.is_empty
    assert list(found.tables["uncontracted"].p_alive) == [0.9, 0.1]
    assert found.tables["contracts"].empty
    assert found.metrics["uncontracted"]["buying"] == 1
    assert "no contracts, 2 customers without one" in found.summary


def test_no_contracts_and_no_customers_make_nothing(tmp_path):
    found = answered(tmp_path, nothing())
    assert found.is_empty
    assert found.model is None
    assert {name: len(frame) for name, frame in found.tables.items()} == dict.fromkeys(OUTPUTS, 0)
    assert ("contracts or sales", "who leaves, and who renews") in found.lacks


def some(made, ended):
    """The open contracts, and so many that have ended."""
    terms = made["contracts"]
    over = terms[terms.outcome != "open"].head(ended)
    return made | {"contracts": pd.concat([over, terms[terms.outcome == "open"].head(30)])}


def test_below_enough_contracts_the_open_ones_have_the_rate_of_all(made, tmp_path):
    found = answered(tmp_path, some(made, 50))
    table = found.tables["contracts"]
    assert (found.model, found.metrics["no_model"]) == (None, "few")
    assert list(table.p_renew) == pytest.approx([found.metrics["renewal_rate"]] * 30)
    assert list(table.p_renew_90) == [
        pytest.approx(found.metrics["renewal_rate"]) if days < 90 else 1 for days in table.days_to_end
    ]
    assert found.metrics["due"]["365"]["expected_loss"] == pytest.approx(table.expected_loss.sum(), abs=30)
    assert table.low.isna().all()
    assert "auc" not in found.metrics


@pytest.mark.slow
def test_with_hardly_any_ended_the_open_ones_have_their_end_and_no_chance(made, tmp_path):
    found = answered(tmp_path, some(made, 10))
    assert found.tables["contracts"].p_renew.isna().all()
    assert found.tables["contracts"].end_at.notna().all()
    assert "due" not in found.metrics


@pytest.mark.parametrize("missing", ["lost", "renewed"])
def test_without_any_loss_or_renewal_there_is_nothing_to_fit(made, tmp_path, missing):
    kept = made["contracts"][made["contracts"].outcome != missing]
    found = answered(tmp_path, made | {"contracts": kept.assign(renewed_contract_id=pd.NA)})
    assert (found.model, found.metrics["no_model"]) == (None, f"none {missing}")
    assert found.metrics["n_ended"] > 100
    assert (found.tables["contracts"].p_renew == (0 if missing == "renewed" else 1)).all()


@pytest.mark.slow
@pytest.mark.parametrize("lost", [1, 3])
def test_few_losses_still_run_to_the_end(made, tmp_path, lost):
    terms = made["contracts"].copy()
    others = terms.index[terms.outcome == "lost"][lost:]
    terms.loc[others, ["outcome", "end_reason"]] = ["renewed", None]
    found = answered(tmp_path, made | {"contracts": terms})
    assert found.tables["contracts"].p_renew.between(0, 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("missing", [2, 1])
def test_where_renewals_are_on_record_as_terms_silence_says_that_a_contract_was_lost(
    made, found, tmp_path, missing
):
    """Outcomes missing for half, or for all: followers show who renewed, and leaving is to have none."""
    terms = made["contracts"].copy()
    terms.loc[terms.index % missing == 0, ["outcome", "end_reason", "renewed_contract_id"]] = None
    again = answered(tmp_path, made | {"contracts": terms})
    assert again.metrics["n_unknown"] == 0
    assert again.metrics["renewal_rate"] == pytest.approx(found.metrics["renewal_rate"], abs=0.01)
    assert again.tables["contracts"].p_renew.mean() == pytest.approx(
        found.tables["contracts"].p_renew.mean(), abs=0.02
    )


@pytest.mark.slow
def test_where_renewals_are_not_on_record_as_terms_a_missing_outcome_stays_unknown(made, tmp_path):
    terms = made["contracts"].drop_duplicates("customer_id").assign(renewed_contract_id=None)
    silent = terms.index % 2 == 0
    terms.loc[silent, "outcome"] = None
    over = terms.end_at + pd.Timedelta(days=30) <= AS_OF
    again = answered(tmp_path, made | {"contracts": terms})
    assert again.metrics["n_unknown"] == (silent & over).sum()


@pytest.mark.slow
def test_renewals_signed_before_any_month_end_are_too_few_to_learn_from(made, tmp_path):
    """Framework contracts: whoever renews has signed long before, so that only the lost are ever seen at risk."""
    terms = made["contracts"].copy()
    terms["signed_at"] = terms.start_at - pd.Timedelta(days=400)
    found = answered(tmp_path, made | {"contracts": terms})
    assert (found.metrics["no_model"], found.model) == ("few", None)
    assert found.metrics["n_renewed"] > 100


@pytest.mark.slow
def test_a_single_customer_with_many_contracts_is_still_told(made, tmp_path):
    terms = made["contracts"].assign(customer_id="C1")
    found = answered(tmp_path, made | {"contracts": terms})
    assert found.metrics["model"] in ("hazard", None)


@pytest.mark.slow
def test_without_prices_nothing_is_said_of_money(made, tmp_path):
    found = answered(tmp_path, made | {"contracts": made["contracts"].assign(amount=pd.NA)})
    assert found.metrics["due"]["365"]["expected_loss"] is None
    assert found.metrics["due"]["365"]["n"] > 0
    assert found.metrics["win_back"]["yearly_amount"] is None
    assert found.tables["expiry"].expected_loss[found.tables["expiry"].contracts > 0].isna().all()
    assert found.tables["contracts"].p_renew.between(0, 1).all()


def test_a_day_in_the_middle_of_the_data_knows_nothing_later(made, tmp_path):
    """The record of a day cut off there gives the same answer as the whole one."""
    day = pd.Timestamp("2024-06-30")
    terms = made["contracts"]
    cut = terms[terms.start_at <= day].copy()
    later = cut.end_at + pd.Timedelta(days=30) > day
    cut.loc[later, ["outcome", "end_reason", "renewed_contract_id"]] = ["open", None, None]
    calls = made["tickets"]
    before = made | {"contracts": cut, "tickets": calls[calls.reported_at < day + pd.Timedelta(days=1)]}
    whole, apart = answered(tmp_path, made, as_of=day), answered(tmp_path, before, as_of=day)
    said = ["contract_id", "p_renew", "low", "high", "reason", "reason_value"]
    recorded = set(terms.contract_id[terms.outcome.isin(["lost", "renewed"])])
    shown = apart.tables["contracts"]
    over = shown.contract_id.isin(recorded) & (
        shown.days_to_end < 0
    )  # an outcome carries no date: the whole record has it already
    pd.testing.assert_frame_equal(
        shown.loc[~over, said].reset_index(drop=True), whole.tables["contracts"][said].reset_index(drop=True)
    )
    for figure in ("n_contracts", "n_lost", "n_renewed", "renewal_rate", "auc", "brier"):
        assert whole.metrics[figure] == apart.metrics[figure], figure


@pytest.mark.slow
def test_without_tickets_it_still_answers(made, tmp_path):
    found = answered(tmp_path, made | {"tickets": tables.empty(tables.TICKETS)})
    assert len(found.tables["contracts"]) > 0
    assert "tickets" in dict(found.lacks)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"horizons": [60]}, r"churn\.horizons: \[60\]"),
        ({"grace_days": -1}, r"churn\.grace_days: -1"),
        ({"at_risk": 1.5}, r"churn\.at_risk: 1.5"),
        ({"landmark": 4}, r"churn: landmark missing or unknown"),
    ],
)
def test_settings_out_of_range_are_refused(changed, said):
    with pytest.raises(CrmlabError, match=said):
        Settings.read(SECTION | changed, {"ignored_days": 30})
