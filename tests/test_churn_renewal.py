"""Chances of open contracts, the back-test, and what happens with too little to go on."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest
from test_churn_terms import contracts

from crmlab import tables
from crmlab.churn.outputs import OUTPUTS
from crmlab.churn.renewal import Exports, backtest, calibration, forecast, score
from crmlab.churn.results import results
from crmlab.files import CrmlabError
from crmlab.service.promises.outputs import TICKETS as PROMISED_TICKETS

AS_OF = pd.Timestamp("2026-10-31")
SETTINGS = {"horizons": [30, 90, 180, 365], "min_contracts": 100, "grace_days": 30, "at_risk": 0.7}


def world(n=500, seed=2):
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
    tickets = pd.DataFrame(calls, columns=["customer_id", "reported_at"])
    tickets["ticket_id"] = [f"t{j}" for j in range(len(tickets))]
    for column in tables.TICKETS.kept:
        if column.name not in tickets:
            tickets[column.name] = None
    tickets = tickets[tickets.reported_at <= AS_OF]
    return Exports(
        contracts(*terms),
        tables.conform(tickets, tables.TICKETS),
        tables.empty(tables.VISITS),
        tables.empty(tables.CUSTOMERS),
        tables.empty(tables.MACHINES),
        tables.empty(PROMISED_TICKETS),
    )


@pytest.fixture(scope="module")
def exports():
    return world()


@pytest.fixture(scope="module")
def found(exports):
    return results(exports, AS_OF, SETTINGS)


def test_every_open_contract_has_its_chances(exports, found):
    table = found.tables["contracts"]
    open_now = exports.contracts[exports.contracts.outcome == "open"]
    assert set(table.contract_id) == set(open_now.contract_id)
    chances = table[["p_renew_30", "p_renew_90", "p_renew_180", "p_renew_365"]].astype(float)
    assert (chances.diff(axis=1).iloc[:, 1:] <= 1e-12).all(axis=None)
    ends_later = table.days_to_end >= 90
    assert (chances.p_renew_90[ends_later] == 1).all()
    assert (chances.p_renew_90[~ends_later] < 1).all()


def test_the_planted_reason_is_found(exports, found):
    chances = found.tables["contracts"].set_index("customer_id").p_renew.astype(float)
    busy = chances.index.str[1:].astype(int) % 2 == 1
    assert 0.4 < chances[busy].mean() < 0.65
    assert chances[~busy].mean() > 0.85
    assert (found.tables["contracts"].reason[busy].str.startswith("tickets")).mean() > 0.8


def test_the_backtest_beats_the_naive_line_here(found):
    metrics = found.metrics
    assert metrics["auc"] > 0.7
    assert metrics["auc_naive"] == pytest.approx(0.5)
    assert metrics["brier_gain"] > 2 * metrics["brier_gain_se"]
    assert metrics["predicted_due"] == pytest.approx(metrics["observed_due"], abs=0.06)


def test_the_backtest_uses_nothing_of_the_year_it_foretells(exports):
    cutoff = AS_OF - pd.Timedelta(days=365)

    def stated(given):
        return backtest(forecast(given, cutoff, [365], 30, 100), given.contracts, AS_OF, 30)[1]

    scored = stated(exports)
    late = exports.contracts.start_at > cutoff
    reversed_fates = exports.contracts.copy()
    over = (reversed_fates.end_at > cutoff) & (reversed_fates.outcome == "lost") & ~late
    reversed_fates.loc[over, ["outcome", "end_reason"]] = ["renewed", None]
    changed = exports._replace(
        contracts=reversed_fates,
        tickets=exports.tickets[exports.tickets.reported_at < cutoff + pd.Timedelta(days=1)],
    )
    again = stated(changed)
    assert over.sum() > 10
    assert (again.renewed.sum() - scored.renewed.sum()) > 10
    said = ["contract_id", "p", "p_renew", "p_naive"]
    pdt.assert_frame_equal(scored[said], again[said])


def test_what_was_said_a_year_ago_is_written_for_every_contract_then_open(exports, found):
    told = found.tables["backtest"].set_index("contract_id")
    cutoff = AS_OF - pd.Timedelta(days=365)
    given = exports.contracts.set_index("contract_id")
    next_begins = given.renewed_contract_id.map(given.start_at)
    then_open = given[(given.start_at <= cutoff) & (given.end_at + pd.Timedelta(days=30) > cutoff)]
    then_open = then_open[~(next_begins[then_open.index] <= cutoff)]
    assert set(told.index) == set(then_open.index)
    lost = then_open.outcome == "lost"
    assert (told.renewed[lost[lost].index][told.due] == 0).all()
    assert told.p_renew.between(0, 1).all()
    due = told[told.due & told.renewed.notna()]
    assert found.metrics["brier"] == pytest.approx(((due.p_renew_365 - due.renewed) ** 2).mean())


def test_score_by_hand():
    due = pd.DataFrame(
        {"due": True, "p": [0.9] * 30 + [0.4] * 30, "p_naive": 0.65, "renewed": [1.0] * 30 + [0.0] * 30}
    )
    found = score(due)
    assert found["auc"] == 1
    assert found["auc_naive"] == 0.5
    assert found["brier"] == pytest.approx((0.01 + 0.16) / 2)
    assert found["brier_naive"] == pytest.approx((0.35**2 + 0.65**2) / 2)
    assert found["calibration_error"] == pytest.approx((0.1 + 0.4) / 2)


def test_few_contracts_cannot_tell():
    few = pd.DataFrame({"due": True, "p": 0.5, "p_naive": 0.5, "renewed": [1.0, 0.0, np.nan, 0.0] * 5})
    assert score(few) == {"n_test": 15, "n_not_due": 0}
    assert len(calibration(few.head(0))) == 0


def test_no_contracts_make_nothing(exports):
    found = results(exports._replace(contracts=exports.contracts.head(0)), AS_OF, SETTINGS)
    assert found.model is None
    assert {name: len(frame) for name, frame in found.tables.items()} == dict.fromkeys(OUTPUTS, 0)
    assert "due" not in found.metrics


def some(exports, ended):
    """The open contracts, and so many that have ended."""
    contracts = exports.contracts
    over = contracts[contracts.outcome != "open"].head(ended)
    return exports._replace(contracts=pd.concat([over, contracts[contracts.outcome == "open"].head(30)]))


def test_below_enough_contracts_the_open_ones_have_the_rate_of_all(exports):
    found = results(some(exports, 50), AS_OF, SETTINGS)
    table = found.tables["contracts"]
    assert (found.model, found.metrics["no_model"]) == (None, "few")
    assert list(table.p_renew) == pytest.approx([found.metrics["renewal_rate"]] * 30)
    assert list(table.p_renew_90) == [
        pytest.approx(found.metrics["renewal_rate"]) if days < 90 else 1 for days in table.days_to_end
    ]
    assert found.metrics["due"]["365"]["expected_loss"] == pytest.approx(table.expected_loss.sum(), abs=30)
    assert "auc" not in found.metrics


def test_with_hardly_any_ended_the_open_ones_have_their_end_and_no_chance(exports):
    found = results(some(exports, 10), AS_OF, SETTINGS)
    assert found.tables["contracts"].p_renew.isna().all()
    assert found.tables["contracts"].end_at.notna().all()
    assert "due" not in found.metrics


@pytest.mark.parametrize("missing", ["lost", "renewed"])
def test_without_any_loss_or_renewal_there_is_nothing_to_fit(exports, missing):
    kept = exports.contracts[exports.contracts.outcome != missing]
    found = results(exports._replace(contracts=kept.assign(renewed_contract_id=pd.NA)), AS_OF, SETTINGS)
    assert (found.model, found.metrics["no_model"]) == (None, f"none {missing}")
    assert found.metrics["n_ended"] > 100
    assert (found.tables["contracts"].p_renew == (0 if missing == "renewed" else 1)).all()


@pytest.mark.parametrize("lost", [1, 2, 3, 10])
def test_few_losses_still_run_to_the_end(exports, lost):
    contracts = exports.contracts.copy()
    others = contracts.index[contracts.outcome == "lost"][lost:]
    contracts.loc[others, ["outcome", "end_reason"]] = ["renewed", None]
    found = results(exports._replace(contracts=contracts), AS_OF, SETTINGS)
    assert found.tables["contracts"].p_renew.between(0, 1).all()


def test_without_tickets_it_still_answers(exports):
    found = results(exports._replace(tickets=tables.empty(tables.TICKETS)), AS_OF, SETTINGS)
    assert len(found.tables["contracts"]) > 0


def test_horizons_without_a_column_are_refused(exports):
    with pytest.raises(CrmlabError, match=r"churn\.horizons: \[60\]"):
        results(exports, AS_OF, SETTINGS | {"horizons": [60]})
