"""Forecasts held against what came: chosen on what was known, judged beside naive lines, honest intervals."""

import numpy as np
import pandas as pd
import pytest
from purchases import Sold, ledger, sales_table, simulated, yearly

from crmlab.files import CrmlabError
from crmlab.purchases.buyers import backtest
from crmlab.purchases.buyers.backtest import choose, origins, verdict
from crmlab.purchases.buyers.bought import bought
from crmlab.purchases.buyers.candidates import fitted, forecast
from crmlab.purchases.buyers.scores import backtest_table, deciles
from crmlab.purchases.models.named import model_named

D = pd.Timestamp
AS_OF = D("2025-12-31")
NAMES = pd.DataFrame({"customer_id": ["C00001"], "customer_name": ["甲"]}, dtype="string")


@pytest.fixture(scope="module")
def random_buyers():
    """1,500 customers who buy at random: four years, so three earlier days but for the first year."""
    return simulated(1500, 4 * 365)


@pytest.fixture(scope="module")
def seen(random_buyers):
    return origins(ledger(random_buyers), AS_OF)


@pytest.fixture(scope="module")
def answer(random_buyers):
    return bought(ledger(random_buyers), NAMES, AS_OF)


def test_days_are_a_horizon_apart_and_have_a_horizon_behind_them(seen):
    assert [o.day for o in seen] == [D("2023-01-01"), D("2024-01-01"), D("2024-12-31")]


def test_a_shuffled_future_changes_no_forecast(random_buyers):
    small = random_buyers[random_buyers.customer_id < "C00400"]
    day = AS_OF - pd.Timedelta(days=365)
    future = small.sold_at > day
    twisted = small.copy()
    twisted.loc[future, "customer_id"] = small.loc[future, "customer_id"].to_numpy()[::-1]
    changed = {"origins": 1, "models": ["MBGNBD"]}
    ours, theirs = (origins(ledger(sales, **changed), AS_OF)[-1] for sales in (small, twisted))
    assert ours.histories.equals(theirs.histories)
    assert (ours.models["MBGNBD"].expected == theirs.models["MBGNBD"].expected).all()
    assert (ours.came != theirs.came).any()


def test_what_came_is_what_the_known_customers_bought(random_buyers, seen):
    sales, last = random_buyers, seen[-1]
    after = sales[(sales.sold_at > last.day) & sales.customer_id.isin(last.histories.customer_id)]
    assert (
        last.came.sum() == after.groupby(["customer_id", after.sold_at.dt.date]).ngroups == last.steps.sum()
    )


def test_intervals_hold_what_they_promise_where_the_model_is_right(seen):
    last = seen[-1]
    assert last.chosen == "MBGNBD"
    assert 0.90 <= ((last.low <= last.came) & (last.came <= last.high)).mean() <= 0.99
    assert 0.87 <= last.models["MBGNBD"].exact.mean() <= 0.93
    assert last.total.low <= last.all_came <= last.total.high


def test_the_exact_share_of_a_certain_wrong_forecast_is_none():
    model, _ = fitted("MBGNBD", pd.DataFrame(
        {"frequency": [0, 1, 2, 3] * 50, "recency": [0, 9, 20, 30] * 50, "T": [40] * 200, "customers": [1] * 200}
    ))  # fmt: skip
    history = pd.DataFrame({"frequency": [2], "recency": [20], "T": [40]})
    assert forecast(model, "", history, 40.0, np.array([1000.0])).exact[0] == 0


def test_the_simple_model_stays_where_another_is_not_clearly_better(seen):
    assert choose(seen, ["MBGNBD", "BGNBD", "MBGCNBD-2"]) == "MBGNBD"
    assert choose([], ["MBGNBD", "BGNBD"]) == "MBGNBD"


def test_regular_buyers_get_a_model_of_regular_buyers_and_only_from_days_before():
    models = ["MBGNBD", "MBGCNBD-2", "MBGCNBD-4"]
    found = origins(ledger(simulated(1200, 4 * 365, regular=4), models=models), AS_OF)
    assert [o.chosen for o in found] == ["MBGNBD", "MBGNBD", "MBGCNBD-4"]
    assert choose(found, models) == "MBGCNBD-4"


def test_a_model_without_a_maximum_is_never_chosen(seen):
    import dataclasses

    winner = dataclasses.replace(seen[0].models["MBGNBD"], surprise=np.zeros(len(seen[0].came)), reason="")
    flawed = dataclasses.replace(winner, reason="r runs away")
    for model, name in ((winner, "BGNBD"), (flawed, "MBGNBD")):
        one = dataclasses.replace(seen[0], models={**seen[0].models, "BGNBD": model})
        assert choose([one], ["MBGNBD", "BGNBD"]) == name


def test_the_model_beats_the_naive_lines_where_customers_leave(seen, answer):
    said = verdict(seen)
    assert (said.said, said.gain > 2 * said.error) == ("better", True)
    _, figures, _ = answer
    assert figures["verdict"] == "better"
    assert figures["backtest"]["mae"] < figures["backtest"]["mae_naive"]
    assert figures["backtest"]["coverage90_total"]["n"] == 3


def test_a_model_that_loses_is_not_used_and_nothing_is_said_of_who_is_alive():
    tables, figures, models = bought(ledger(yearly(300, 4)), NAMES, AS_OF)
    assert (figures["verdict"], figures["why"]) == ("worse", "naive is clearly better")
    assert (figures["model"], figures["line"]) == (None, "last_year_again")
    told = tables["customers"]
    assert told.p_alive.isna().all()
    assert told.state.eq("cannot_tell").all()
    assert told.at_stake.isna().all()
    assert told.set_index("customer_id").expected["C00003"] == 4
    assert models["purchases"] is None
    assert figures["alive"] is None
    assert figures["at_stake"] is None


def test_few_repeat_buyers_get_no_model():
    sales = sales_table(
        [Sold(f"{year}-03-0{1 + i % 9}", 100, customer=f"C{i}") for i in range(40) for year in (2024, 2025)]
    )
    tables, figures, _ = bought(ledger(sales), NAMES, AS_OF)
    assert (figures["why"], figures["line"]) == ("too few repeat buyers", "last_year_again")
    assert tables["customers"].expected.eq(1).all()


def test_all_one_time_buyers_get_no_model():
    sales = sales_table([Sold("2024-03-01", 100, customer=f"C{i}") for i in range(400)])
    _, figures, _ = bought(ledger(sales), NAMES, AS_OF)
    assert (figures["why"], figures["n_repeat"], figures["expected"]) == ("too few repeat buyers", 0, 0.0)


def test_a_short_ledger_gives_no_forecast_and_says_why():
    sales = sales_table(
        [Sold(f"2025-{month:02d}-05", 100, customer=f"C{i}") for i in range(150) for month in (6, 9, 11)]
    )
    tables, figures, _ = bought(ledger(sales), NAMES, AS_OF)
    assert (figures["why"], figures["line"], figures["expected"]) == ("history too short", None, None)
    assert tables["customers"].purchases.eq(3).all()
    assert tables["tracking"].empty
    assert tables["backtest"].empty


def test_customers_all_alike_have_no_model_but_a_forecast():
    sales = sales_table(
        [
            Sold(f"{year}-{month:02d}-05", 100, customer=f"C{i:03d}")
            for i in range(150)
            for year in (2024, 2025)
            for month in (3, 9)
        ]
    )
    _, figures, _ = bought(ledger(sales, origins=0), NAMES, AS_OF)
    assert (figures["why"], figures["model"], figures["line"]) == ("no maximum", None, "last_year_again")
    assert figures["expected"] == pytest.approx(300)


def test_without_an_earlier_day_the_first_model_is_used_unjudged():
    _, figures, _ = bought(ledger(simulated(600, 2 * 365), origins=0), NAMES, D("2023-12-31"))
    assert (figures["model"], figures["why"]) == ("MBGNBD", "default")
    assert "verdict" not in figures
    assert "backtest" not in figures


def test_customers_add_up_and_are_told_in_words(answer):
    tables, figures, _ = answer
    told = tables["customers"]
    assert figures["n_customers"] == len(told) == tables["matrix"].n.sum()
    assert sum(figures["states"].values()) == len(told)
    assert figures["expected_low"] < figures["expected"] < figures["expected_high"]
    assert (told.state == "gone").equals(told.p_alive < 0.3)
    assert (told.low <= told.high).all()
    assert (told.expected_amount >= 0).all()
    assert (told.at_stake >= 0).all()
    assert told.customer_name[told.customer_id == "C00001"].tolist() == ["甲"]
    assert tables["matrix"].amount.sum() == told.amount.sum()
    once = told[told.purchases == 1]
    assert once.gap.isna().all()
    assert (once.since == once["T"]).all()


def test_who_has_been_silent_for_longer_is_less_likely_alive(answer):
    told = answer[0]["customers"]
    several = told[told.purchases.between(8, 12)]
    quiet, fresh = several[several.since > 400], several[several.since < 60]
    assert len(quiet)
    assert len(fresh)
    assert quiet.p_alive.mean() < 0.5 < fresh.p_alive.mean()


def test_tracking_sums_up_to_the_forecast_and_to_what_came(seen, answer):
    tables, figures, _ = answer
    held_out = tables["tracking"].query("part == 'held_out'")
    ahead = tables["tracking"].query("part == 'ahead'")
    assert held_out.actual.iloc[-1] == seen[-1].came.sum()
    assert held_out.actual.is_monotonic_increasing
    assert ahead.actual.isna().all()
    assert ahead.expected.iloc[-1] == pytest.approx(figures["expected"], rel=0.01)
    assert ahead.until.iloc[-1] == AS_OF + pd.Timedelta(days=365)


def test_tenths_hold_all_customers_and_rise(seen):
    found = deciles(seen[-1])
    assert found.n.sum() == len(seen[-1].came)
    assert found.expected.is_monotonic_increasing
    assert (found.low <= found.actual).all()
    assert (found.actual <= found.high).all()


def test_every_forecast_of_every_day_has_its_row(seen):
    table = backtest_table(seen)
    assert len(table) == 3 * 7
    assert table.groupby("origin").chosen.sum().eq(1).all()
    assert table[table.forecast == "last_year_again"].log_score.isna().all()


def test_weeks_forecast_nearly_what_days_do():
    sales, changed = simulated(500, 3 * 365), {"models": ["MBGNBD"], "origins": 0}
    by_day = bought(ledger(sales, **changed), NAMES, D("2024-12-31"))[1]
    by_week = bought(ledger(sales, unit="week", **changed), NAMES, D("2024-12-31"))[1]
    assert by_week["expected"] == pytest.approx(by_day["expected"], rel=0.05)
    assert by_week["alive"] == pytest.approx(by_day["alive"], rel=0.05)


def test_a_large_company_is_judged_on_an_even_sample_and_summed_up_whole(monkeypatch, random_buyers, seen):
    monkeypatch.setattr(backtest, "JUDGED", 400)
    (few,) = origins(ledger(random_buyers, models=["MBGNBD"], origins=1), AS_OF)
    assert len(few.histories) == len(few.came) == 375
    assert (few.all_came, few.said) == (seen[-1].all_came, seen[-1].said)
    whole = pd.Series(seen[-1].came, index=seen[-1].histories.customer_id)
    assert (whole[few.histories.customer_id].to_numpy() == few.came).all()


def test_spend_that_came_back_whole_is_said():
    from crmlab.purchases.buyers.spend import spend

    found = spend(pd.DataFrame({"frequency": [1, 2, 0, 4], "amount": [400, 900, -50, 1000]}))
    assert found.no_spend == 1
    assert found.amount[2] == pytest.approx((200 + 300 + 200) / 3, rel=0.3)
    nothing = spend(pd.DataFrame({"frequency": [1], "amount": [0]}))
    assert (nothing.basis, np.isnan(nothing.amount).all()) == ("none", True)


def test_names_of_models():
    assert model_named("MBGCNBD-3").k == 3
    with pytest.raises(CrmlabError, match="'MBGCNBD-0' is not one of"):
        model_named("MBGCNBD-0")
