"""What else the office keeps: payments, quotes, plans, leads, contacts and claims, as the events that caused them."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab.sample import company, interactions, payments
from crmlab.sample.causes import PARTS
from crmlab.sample.world import DAYS, NONE


@pytest.fixture(scope="module")
def chunks() -> list[company.Chunk]:
    return simulated_company.chunks(4)


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


def all_of(chunks: list[company.Chunk], name: str) -> pd.DataFrame:
    """A table of the office over chunks, with the type and branch of each row's customer."""
    rows = []
    for c in chunks:
        frame = c.office.tables[name]
        who = frame["who"]
        rows.append(
            frame.assign(
                chunk=c.number,
                type=c.people["type"].to_numpy()[who],
                branch=c.people["branch"].to_numpy()[who],
            )
        )
    return pd.concat(rows, ignore_index=True)


def test_every_invoice_is_due_once(typed):
    sales, paid = typed["sales"], typed["payments"]
    total = sales.groupby("order_id")["amount"].sum()
    assert paid["payment_id"].is_unique
    assert set(paid["payment_id"]) == set(total.index[total > 0])
    assert (total[paid["payment_id"]].to_numpy() == paid["amount"].to_numpy()).all()
    sold = sales.groupby("order_id")["sold_at"].min().dt.normalize()
    days = (paid["due_at"].to_numpy() - sold[paid["payment_id"]].to_numpy()).astype("m8[D]").astype(int)
    assert set(days) == set(payments.TERMS.values())


def test_customers_pay_as_late_as_their_habit_says(chunks):
    """The stated mean and tail against what happened, by customers with many invoices."""
    rows = []
    for c in chunks:
        mean, tail = payments.expected(c.office.habits)
        due = c.office.tables["payments"].query("paid_at != @NONE and not disputed")
        late = due["paid_at"] - due["due_at"]
        rows.append(
            pd.DataFrame(
                {
                    "late": late,
                    "over": late > 30,
                    "mean": mean[due["who"]],
                    "tail": tail[due["who"]],
                    "sold": due["due_at"],
                }
            )
        )
    seen = pd.concat(rows)
    for _, group in seen.groupby(pd.qcut(seen["mean"], 4), observed=True):
        assert group["late"].mean() == pytest.approx(group["mean"].mean(), abs=1.5)
        assert group["over"].mean() == pytest.approx(group["tail"].mean(), abs=0.03)


def test_a_disputed_invoice_waits(chunks):
    paid = all_of(chunks, "payments").query("paid_at != @NONE")
    late = paid["paid_at"] - paid["due_at"]
    assert late[paid["disputed"]].mean() > late[~paid["disputed"]].mean() + 10


def test_those_who_reckon_bargain_longer_and_those_who_remember_lock_the_price(chunks):
    made = all_of(chunks, "quotes")
    reckons, remembers = made["type"] % 3 == 1, made["type"] < 3
    assert made["revisions"][reckons].mean() > 1.7 * made["revisions"][~reckons].mean()
    assert made["price_lock"][reckons & remembers].mean() > 2 * made["price_lock"][~reckons].mean()


def test_renewals_machines_and_larger_orders_are_quoted_before(chunks):
    made = all_of(chunks, "quotes")
    won = made[made["won"]]
    assert (won["quoted_at"] <= won["sold"]).all()
    assert 0.55 <= made["won"].mean() <= 0.85
    for c in chunks:
        terms = c.terms[(c.terms["decides"] < DAYS) & c.terms["end_reason"].isin(["", "left"])]
        asked = c.office.tables["quotes"].groupby("who")["amount"].agg(set)
        offered = terms[terms["decides"] > 60]
        there = [o in asked.get(w, set()) for w, o in zip(offered["who"], offered["offered"], strict=True)]
        assert np.mean(there) == 1


def test_engineers_see_only_what_stands_where_they_went(chunks):
    for c in chunks:
        made = c.office.tables["opportunities"].query("source == 'engineer'")
        arrived = (c.visits["arrived"] // 1440).to_numpy()
        who = c.calls["who"].to_numpy()[c.visits["call"]]
        for customer, opened in zip(made["who"].tolist()[:60], made["opened_at"].tolist()[:60], strict=True):
            visits = arrived[(who == customer) & (arrived <= opened)]
            assert opened - visits.max() <= 90


def test_leads_of_engineers_win_most_and_campaigns_least(chunks):
    made = all_of(chunks, "opportunities")
    share = made.groupby("source")["won"].mean()
    assert share.idxmax() == "engineer"
    assert share.idxmin() == "campaign"
    assert 0.35 <= made["won"].mean() <= 0.65


def test_open_opportunities_are_undecided_at_the_end_of_the_record(typed):
    made = typed["opportunities"]
    undecided = made["closed_at"].isna()
    assert 0 < undecided.mean() < 0.1
    assert made.loc[undecided, "won"].isna().all()
    assert made.loc[~undecided, "won"].notna().all()
    assert (made["closed_at"].dropna() <= pd.Timestamp("2026-10-31")).all()


def test_plans_reach_beyond_today_and_what_is_done_depends_on_the_branch(chunks, typed):
    plan = typed["service_plan"]
    today = pd.Timestamp("2026-10-31")
    assert plan["planned_for"].max() > today >= plan["done_at"].max()
    assert plan["planned_for"].max() <= pd.Timestamp("2026-12-31")
    past = all_of(chunks, "service_plan").query("planned_for < @DAYS - 90")
    share = (past["done_at"] != NONE).groupby(past["branch"]).mean()
    assert share.idxmax() == np.argmin(chunks[0].world.manners)
    assert 0.6 <= (past["done_at"] != NONE).mean() <= 0.85
    on_demand = past["type"].between(3, 5)  # the present types call when something breaks
    assert (past["done_at"] != NONE)[on_demand].mean() < (past["done_at"] != NONE)[~on_demand].mean() - 0.05
    assert set(plan["activity"]) == {"inspection", "review", "training", "firmware"}


def test_reviews_and_inspections_that_took_place_are_contacts(typed):
    plan, contacts = typed["service_plan"], typed["interactions"]
    done = plan[(plan["activity"] == "inspection") & (plan["done_at"] >= "2022-01-01")]
    seen = contacts[contacts["purpose"] == "inspection"]
    met = set(zip(seen["customer_id"], seen["at"].dt.normalize(), strict=True))
    share = np.mean([pair in met for pair in zip(done["customer_id"], done["done_at"], strict=True)])
    assert share > 0.99


def test_contacts_are_answered_by_channel_and_cost_what_it_costs(typed):
    contacts = typed["interactions"]
    assert set(contacts["purpose"]) == {
        "follow_up",
        "review",
        "inspection",
        "lead",
        "training",
        "billing",
    }
    share = contacts.groupby("channel")["answered"].mean()
    assert share["上门"] > 0.9 > share["电话"] > share["微信"] > share["短信"]
    cost = contacts.groupby("channel")["cost"].unique()
    assert {channel: fen.tolist() for channel, fen in cost.items()} == {
        channel: [fen] for channel, (fen, _) in interactions.CHANNELS.items()
    }


def test_some_messages_go_out_twice_over_two_channels(typed):
    sent = typed["interactions"].query("message_key.str.startswith('HD')", engine="python")
    twice = sent.duplicated(["customer_id", "message_key"], keep=False)
    assert 0.1 <= twice.mean() <= 0.3
    channels = sent[twice].groupby(["customer_id", "message_key"])["channel"].nunique()
    assert (channels == 2).all()


def test_claims_name_parts_and_machines_under_warranty(typed):
    claims = typed["warranty_claims"]
    assert claims["serial_no"].isin(typed["machines"]["serial_no"]).all()
    assert set(claims["part_no"]) <= set(PARTS) == set(typed["parts"]["part_no"])
    assert 0.75 <= claims["approved"].mean() <= 0.92
    machine = typed["machines"].set_index("serial_no").loc[claims["serial_no"]]
    assert (claims["submitted_at"].to_numpy() >= machine["installed_at"].to_numpy()).all()
    other = machine["nonstandard_parts"].to_numpy(bool)
    approved = claims["approved"].to_numpy(bool)
    assert approved[other].mean() < approved[~other].mean() - 0.3
