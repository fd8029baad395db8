"""Complaints: four kinds in eight steps, the very ones that act on renewals, heard or not."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab.sample import company, complaints, contracts, remarks
from crmlab.sample.world import DAY, DAYS, NONE

pytestmark = pytest.mark.slow  # a whole company of usual size

END = pd.Timestamp("2026-11-01")


@pytest.fixture(scope="module")
def chunks() -> list[company.Chunk]:
    return simulated_company.chunks(6)


@pytest.fixture(scope="module")
def made(chunks) -> pd.DataFrame:
    return pd.concat(
        [c.office.tables["complaints"].assign(chunk=c.number) for c in chunks], ignore_index=True
    )


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


def test_four_kinds_each_common_enough_and_a_tenth_unjustified(typed):
    kinds = typed["complaints"]["kind"].value_counts(normalize=True)
    assert set(kinds.index) == {"service", "quality", "contract", "delivery"}
    assert kinds.idxmax() == "service"
    assert kinds.min() > 0.08
    judged = typed["complaints"]["valid"].dropna()
    assert 1 - judged.mean() == pytest.approx(0.1, abs=0.03)


def test_calls_that_angered_are_the_complaints_that_act_on_renewals(chunks):
    for chunk in chunks:
        made = chunk.office.tables["complaints"]
        about_calls = made[made["call"] >= 0].set_index("call")
        angry = chunk.calls[chunk.calls["complaint"]]
        assert sorted(about_calls.index) == sorted(angry.index)
        assert (about_calls.loc[angry.index, "ignored"] == angry["unsolved"]).all()
        assert (about_calls.loc[angry.index, "ticket_id"] == angry["ticket_id"]).all()


def test_who_was_ignored_renews_less_often(chunks):
    """Seen in what happened within a year of the complaint, as a service desk would count it."""
    rows = []
    for chunk in chunks:
        made = chunk.office.tables["complaints"]
        terms = chunk.terms[(chunk.terms["decides"] < DAYS) & (chunk.terms["decides"] >= 0)]
        terms = terms[~terms["end_reason"].isin(contracts.AWAY_REASONS)]
        pairs = terms[["who", "decides", "renews"]].merge(made[made["call"] >= 0], on="who")
        day = pairs["received_at"] // DAY
        rows.append(pairs[(day < pairs["decides"]) & (day > pairs["decides"] - 365)])
    seen = pd.concat(rows)
    ignored = seen["ignored"]
    assert seen["renews"][ignored].mean() < seen["renews"][~ignored].mean() - 0.03


def test_broken_promises_repeat_visits_and_rude_branches_bring_complaints(chunks):
    calls = pd.concat(c.calls.query("cause >= 0") for c in chunks)
    share = calls.groupby([calls["broken"], calls["visits"] > 1])["complaint"].mean()
    assert share[True, True] > share[True, False] > 1.5 * share[False, False]
    assert share[False, True] > 1.5 * share[False, False]
    branch = pd.concat(
        c.calls.query("cause >= 0").assign(branch=lambda t, c=c: c.people["branch"].to_numpy()[t["who"]])
        for c in chunks
    )
    by_branch = branch.groupby("branch")["complaint"].mean()
    assert by_branch.idxmax() == np.argmax(chunks[0].world.manners)


def test_some_complaints_follow_invoices_and_deliveries(made):
    orders = made[made["call"] < 0]
    assert 0.2 <= len(orders) / len(made) <= 0.45
    assert (orders["order_id"].str.len() > 0).all()
    assert set(orders["kind"]) == {"contract", "delivery", "quality"}


def test_the_eight_steps_follow_each_other_and_stop_where_a_complaint_sticks(made):
    steps = made[[f"step_{k}_at" for k in range(1, 9)]].to_numpy()
    done = steps != NONE
    for row, (times, there) in enumerate(zip(steps, done, strict=True)):
        known = times[there]
        assert (np.diff(known) >= 0).all()
        assert known[0] >= made["received_at"][row]
        stuck = made["stuck"][row]
        if stuck and not made["unjustified"][row]:
            assert there.tolist() == [k < stuck for k in range(1, 9)]
    settled = made["resolved_at"] != NONE
    assert (settled == ~made["ignored"]).all()
    assert not done[made["unjustified"]][:, 2:7].any()


@pytest.mark.parametrize("kind", complaints.KINDS)
def test_each_kind_has_its_bottleneck(made, kind):
    mine = made[(made["kind"] == kind) & ~made["unjustified"]]
    steps = mine[["received_at", *(f"step_{k}_at" for k in range(1, 8))]].to_numpy().astype(float)
    took = np.median(np.diff(steps[~mine["ignored"]], axis=1), axis=0)
    worst = complaints.BOTTLENECK[kind]
    assert took.argmax() + 1 == worst
    assert mine.loc[mine["ignored"], "stuck"].mode()[0] == worst


def test_prompt_takes_days_and_slow_takes_weeks_and_no_number_of_days_parts_them(made):
    heard = made[~made["ignored"] & ~made["unjustified"]]
    days = (heard["resolved_at"] - heard["received_at"]) / DAY
    prompt, slow = days[heard["prompt"]], days[~heard["prompt"]]
    assert prompt.median() < 3 < 7 < slow.median()
    assert prompt.max() > slow.min()
    asked = heard[heard["satisfied"] >= 0]
    share = asked.groupby("prompt")["satisfied"].mean()
    assert share[True] > share[False] + 0.15


def test_nothing_is_on_record_before_it_happened(typed):
    complaints_ = typed["complaints"]
    times = complaints_.filter(regex="_at$")
    assert (times.max() < END).all()
    unknown = complaints_["resolved_at"].isna()
    assert complaints_.loc[unknown, ["satisfied", "compensation"]].isna().all().all()
    assert complaints_.loc[complaints_["step_2_at"].isna(), "valid"].isna().all()
    assert 0.3 <= unknown.mean() <= 0.5
    known = complaints_.loc[complaints_["ticket_id"].notna(), "ticket_id"]
    assert known.isin(typed["tickets"]["ticket_id"]).all()


def test_texts_say_what_the_matter_is_and_a_few_are_english(made):
    book = remarks._book()["complaints"]
    stems = {
        reason: tuple(w.split("{")[0] for w in book[reason]["zh"] + book[reason]["en"]) for reason in book
    }
    for reason, text in zip(made["reason"], made["text"], strict=True):
        assert text.startswith(stems[remarks.REASONS[reason]])
    chinese = made["text"].str.contains("[一-鿿]")
    assert 0.02 <= 1 - chinese.mean() <= 0.15


def test_types_show_in_what_people_add(chunks):
    said = pd.concat(
        c.office.tables["complaints"][["who", "aside"]].assign(
            type=lambda t, c=c: c.people["type"].to_numpy()[t["who"]]
        )
        for c in chunks
    )
    for aside, group in (("function", 0), ("price", 1), ("manner", 2)):
        adds = said["aside"] == remarks.ASIDES.index(aside)
        mine = said["type"] % 3 == group
        assert adds[mine].mean() > 1.8 * adds[~mine].mean(), aside
    used_to = said["aside"] == remarks.ASIDES.index("used_to")
    assert used_to[said["type"] < 3].mean() > 1.8 * used_to[said["type"] >= 3].mean()
