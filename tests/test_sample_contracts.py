"""Contracts, sales and types: who renews, who stops, what is sold to whom."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab.sample import company, contracts
from crmlab.sample.world import DAYS

END = pd.Timestamp("2026-10-31")


@pytest.fixture(scope="module")
def chunks() -> list[company.Chunk]:
    return simulated_company.chunks(5)


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


def test_most_ended_terms_are_renewed_and_living_ones_are_open(typed):
    terms = typed["contracts"]
    ended = terms[terms["outcome"] != "open"]
    assert 0.82 <= (ended["outcome"] == "renewed").mean() <= 0.88
    assert (terms["outcome"] == "open").sum() > 300
    assert (terms.loc[terms["outcome"] == "lost", "end_at"] <= END).all()
    assert terms.loc[terms["outcome"] == "lost", "end_reason"].notna().all()
    assert {"left", "moved", "closed", "merged"} == set(terms["end_reason"].dropna())


def test_a_renewal_is_the_next_term(typed):
    terms = typed["contracts"].set_index("contract_id")
    renewed = terms[terms["outcome"] == "renewed"]
    following = terms.loc[renewed["renewed_contract_id"]]
    assert (following["customer_id"].to_numpy() == renewed["customer_id"].to_numpy()).all()
    assert (following["start_at"].to_numpy() == (renewed["end_at"] + pd.Timedelta(days=1)).to_numpy()).all()
    assert (following["amount"].to_numpy() == renewed["offered_amount"].to_numpy()).all()
    assert terms.loc[terms["outcome"] != "renewed", "renewed_contract_id"].isna().all()


def test_renewal_falls_with_broken_promises_and_price_rises(chunks):
    """Measured on what happened, not on the formula."""
    rows = []
    for chunk in chunks:
        terms = chunk.terms[(chunk.terms["decides"] < DAYS) & (chunk.terms["decides"] >= 0)]
        broken = contracts.remembered(
            terms, chunk.calls, chunk.calls["broken"].to_numpy() * 1.0, contracts.FADING
        )
        broken = broken / np.sqrt(chunk.people["machines"].to_numpy()[terms["who"]])
        rows.append(terms.assign(felt=broken))
    terms = pd.concat(rows)
    often, rise = terms["felt"] > terms["felt"].quantile(0.85), terms["next_rise"] > 0.09
    assert terms["renews"][often].mean() < terms["renews"][terms["felt"] == 0].mean() - 0.03
    assert terms["renews"][rise].mean() < terms["renews"][~rise].mean() - 0.03


def test_the_stated_chance_is_the_share_that_renews(chunks):
    terms = pd.concat(c.terms for c in chunks)
    terms = terms[
        (terms["decides"] >= 0)
        & (terms["decides"] < DAYS)
        & ~terms["end_reason"].isin(contracts.AWAY_REASONS)
    ]
    for _, group in terms.groupby(pd.qcut(terms["p_renew"], 4), observed=True):
        error = np.sqrt(group["p_renew"].mean() * (1 - group["p_renew"].mean()) / len(group))
        assert group["renews"].mean() == pytest.approx(group["p_renew"].mean(), abs=3.5 * error)


def test_a_memory_fades():
    terms = pd.DataFrame({"who": [0, 0, 1], "decides": [100, 370, 100]})
    calls = pd.DataFrame({"who": [0, 0, 1], "reported": [100 * 1440 - 1440, 99 * 1440, 200 * 1440]})
    felt = contracts.remembered(terms, calls, np.ones(3), 270.0)
    assert felt == pytest.approx([2 * np.exp(-1 / 270), 2 * np.exp(-271 / 270), 0])


def test_lost_customers_stop_buying_and_calling(typed):
    lost = typed["contracts"][typed["contracts"]["outcome"] == "lost"].set_index("customer_id")["end_at"]
    for name, when in (("tickets", "reported_at"), ("sales", "sold_at")):
        rows = typed[name][typed[name]["customer_id"].isin(lost.index)]
        days_late = (rows[when].dt.normalize() - rows["customer_id"].map(lost)).dt.days
        assert days_late.max() <= 1, name


def test_nobody_calls_buys_or_signs_before_being_known(typed):
    created = typed["customers"].set_index("customer_id")["created_at"]
    for name, when in (("tickets", "reported_at"), ("sales", "sold_at"), ("contracts", "signed_at")):
        rows = typed[name]
        assert (rows[when] >= rows["customer_id"].map(created)).all(), name


def test_every_term_is_sold_once(typed):
    terms, sales = typed["contracts"], typed["sales"]
    lines = sales[sales["line_kind"] == "contract"]
    billed = terms[terms[["signed_at", "start_at"]].max(axis=1).between("2021-11-01", END)]
    billed = billed[billed["start_at"] <= END]
    assert len(lines) == pytest.approx(len(billed), abs=0.01 * len(billed))
    assert set(lines["amount"]) <= set(terms["amount"])
    assert (lines["qty"] > 0).all()


def test_five_percent_of_the_lines_come_back_negative(typed):
    sales = typed["sales"]
    assert len(sales) == pytest.approx(20_000, rel=0.12)
    assert sales["is_return"].mean() == pytest.approx(0.05, abs=0.01)
    assert (sales.loc[sales["is_return"], ["qty", "amount"]] < 0).all().all()
    assert (sales.loc[~sales["is_return"], ["qty", "amount"]] > 0).all().all()
    assert sales[["cost", "list_price", "unit_price", "rate", "line_kind", "channel"]].notna().all().all()
    assert set(sales["line_kind"]) == {"product", "service", "part", "contract"}


def test_budget_season_buyers_order_in_december(chunks):
    months = {}
    for kind in (0, 2):
        lines = pd.concat(
            c.sales[(c.sales["order"] < 10**6) & (c.people["buyer"].to_numpy()[c.sales["who"]] == kind)]
            for c in chunks
        )
        days = np.datetime64("2021-11-01") + (lines["sold"] // 1440).to_numpy()
        months[kind] = (days.astype("M8[M]").astype(int) % 12 == 11).mean()
    assert months[2] > 0.4 > 0.15 > months[0]


def test_regular_buyers_come_at_steadier_gaps_than_random_ones(chunks):
    spread = {}
    for kind in (0, 1):
        gaps = []
        for c in chunks:
            lines = c.sales[(c.sales["order"] < 10**6) & ~c.sales["is_return"]]
            days = lines[c.people["buyer"].to_numpy()[lines["who"]] == kind].drop_duplicates(["who", "order"])
            often = days.groupby("who")["sold"].transform("size") >= 6
            gap = days[often].groupby("who")["sold"].diff().dropna()
            gaps.append(gap / gap.groupby(days["who"]).transform("mean"))
        spread[kind] = pd.concat(gaps).std()
    assert spread[1] < 0.75 * spread[0]


def test_products_name_all_that_is_sold_and_machines_follow_their_launch(typed):
    products = typed["products"].set_index("product_id")
    assert set(typed["sales"]["product_id"]) <= set(products.index)
    machines = typed["machines"]
    assert set(machines["machine_model"]) <= set(products.index)
    assert machines["machine_model"].str.fullmatch("[0-9]{4}[0-9A-Z]{3}").all()
    assert machines["machine_family"].nunique() == 14
    launched = machines["machine_model"].map(products["launch_at"])
    assert (machines["installed_at"] >= launched).all()


def test_types_differ_in_what_a_ledger_and_a_desk_would_record(chunks):
    """Reckoners and their kin ask about bills, traditionalists run older generations than pioneers."""
    people = pd.concat(c.people.assign(chunk=c.number) for c in chunks)
    stable = people[(people["lean"] == 0) & (people["changes"] > DAYS)]
    asked, lag = [], []
    for c in chunks:
        mine = c.calls[c.calls["cause"] < 0]
        asked.append(
            pd.DataFrame(
                {"type": c.people["type"].to_numpy()[mine["who"]], "topic": mine["topic"].to_numpy()}
            )
        )
        new = c.machines[c.machines["installed"] > 0]
        lag.append(
            pd.DataFrame({"type": c.people["type"].to_numpy()[new["who"]], "launch": _age_of_design(new)})
        )
    asked, lag = pd.concat(asked), pd.concat(lag)
    billing = asked["topic"] == asked["topic"].min() + 1
    economic, past, future = asked["type"] % 3 == 1, lag["type"] < 3, lag["type"] >= 6
    assert billing[economic].mean() > 1.4 * billing[~economic].mean()
    assert lag["launch"][past].mean() > 1.3 * lag["launch"][future].mean()
    assert len(stable) > 0.7 * len(people)


def _age_of_design(machines: pd.DataFrame) -> np.ndarray:
    from crmlab.sample.world import FAMILIES

    launch = np.array([f.launch for f in FAMILIES])
    return machines["installed"].to_numpy() - launch[machines["family"]]
