"""Tickets: causation as sample.md states it, seen in the typed tables and in the chunks behind them."""

import numpy as np
import pandas as pd
import pytest
import simulated_company

from crmlab.sample import company, phrasings
from crmlab.sample.causes import CAUSE, CAUSES, SYMPTOM, WRONGLY_RECORDED
from crmlab.sample.machines import in_bad_batch
from crmlab.sample.world import DAY, DAYS, FAMILIES


@pytest.fixture(scope="module")
def chunks() -> list[company.Chunk]:
    return simulated_company.chunks(3)


@pytest.fixture(scope="module")
def calls(chunks) -> pd.DataFrame:
    return pd.concat([c.calls.assign(chunk=c.number) for c in chunks], ignore_index=True)


@pytest.fixture(scope="module")
def faults(calls) -> pd.DataFrame:
    return calls[calls["cause"] >= 0]


@pytest.fixture(scope="module")
def typed() -> dict[str, pd.DataFrame]:
    return simulated_company.typed()


def test_as_many_tickets_as_promised_and_a_few_still_open(typed):
    tickets = typed["tickets"]
    assert len(tickets) == pytest.approx(20_000, rel=0.05)
    assert 0.003 <= tickets["is_open"].mean() <= 0.02
    assert tickets.loc[tickets["is_open"], "reported_at"].min() > pd.Timestamp("2026-10-01")
    assert tickets["reported_at"].between("2021-11-01", "2026-10-31 23:59").all()


def test_eight_percent_report_no_fault_and_have_no_cause(typed):
    enquiries = typed["tickets"][typed["tickets"]["service_kind"] == "咨询"]
    assert len(enquiries) / len(typed["tickets"]) == pytest.approx(0.08, abs=0.015)
    assert enquiries["cause_actual"].isna().all()
    assert not enquiries["ticket_id"].isin(typed["visits"]["ticket_id"]).any()


def test_shares_of_causes_stay_near_the_base(faults):
    """Family, age, heat and site move them; none doubles or halves."""
    share = faults["cause"].value_counts(normalize=True).reindex(range(len(CAUSES)))
    base = np.array([c.share for c in CAUSES]) / sum(c.share for c in CAUSES)
    assert (np.abs(np.log(share / base)) < np.log(2)).all()
    assert share.idxmax() == CAUSE["hdd_physical"]


def test_heat_brings_power_and_fan_failures(faults):
    regular = faults[faults["planted"] == ""]
    month = (np.datetime64("2021-11-01") + (regular["reported"] // DAY).to_numpy()).astype("M8[M]").astype(
        int
    ) % 12 + 1
    hot = regular["cause"].isin([CAUSE["power_supply"], CAUSE["fan"]])
    assert hot[np.isin(month, [6, 7, 8])].mean() > 1.2 * hot[np.isin(month, [12, 1, 2])].mean()


def test_second_causes_and_wrong_records_are_as_rare_as_stated(faults):
    assert (faults["cause_2"] >= 0).mean() == pytest.approx(0.035, abs=0.006)
    assert (faults["recorded"] != faults["cause"]).mean() == pytest.approx(WRONGLY_RECORDED, abs=0.006)
    wrong = faults[faults["recorded"] != faults["cause"]]
    pairs = {("hdd_physical", "hdd_logical"), ("memory", "slot_loose"), ("pci_card", "network_card")}
    pairs |= {(b, a) for a, b in pairs}
    names = [c.name for c in CAUSES]
    assert {(names[a], names[b]) for a, b in zip(wrong["cause"], wrong["recorded"], strict=True)} <= pairs


def test_the_desk_is_right_about_half_the_time_and_worse_without_a_display(faults):
    right = faults["guess"] == faults["cause"]
    dark = faults["topic"] == SYMPTOM["no_display"]
    assert right.mean() == pytest.approx(0.5, abs=0.03)
    assert right[dark].mean() < right[~dark].mean() - 0.1


def test_one_part_or_two_never_more(typed):
    parts = typed["tickets"]["parts_requested"].dropna().str.split("、").str.len()
    assert set(parts) == {1, 2}
    assert (parts == 2).mean() == pytest.approx(0.5, abs=0.03)


def test_families_without_a_light_panel_report_behaviour(chunks):
    lights = [SYMPTOM["amber_one"], SYMPTOM["dimm_error"], SYMPTOM["board_error"]]
    panel = np.array([f.has_light_panel for f in FAMILIES])
    seen = {False: [], True: []}
    for chunk in chunks:
        faults = chunk.calls[chunk.calls["cause"] >= 0]
        has = panel[chunk.machines["family"].to_numpy()[faults["machine"]]]
        for which in (False, True):
            seen[which].append(faults["topic"].isin(lights)[has == which])
    assert pd.concat(seen[False]).mean() < 0.5 * pd.concat(seen[True]).mean()


def test_sites_that_report_one_incident_say_the_same_within_two_days(faults):
    """On other machines of the same customer and family."""
    groups = faults[faults.duplicated(["chunk", "incident"], keep=False)].groupby(["chunk", "incident"])
    assert groups.ngroups > 20
    assert (groups["symptom"].nunique() <= groups.size()).all()
    assert (groups["machine"].nunique() == groups.size()).all()
    assert (groups["who"].nunique() == 1).all()
    assert (groups["cause"].nunique() == 1).all()
    assert (groups["reported"].max() - groups["reported"].min() <= 2 * DAY).all()


def test_new_wordings_appear_only_in_the_last_year(calls):
    later = calls["held_out"]
    assert (calls.loc[later, "reported"] >= (DAYS - 365 - 3) * DAY).all()
    last = calls["reported"] >= (DAYS - 365) * DAY
    assert later[last].mean() == pytest.approx(phrasings.HELD_OUT_SHARE, abs=0.04)


def test_every_symptom_has_eight_to_twelve_wordings_and_some_kept_for_later():
    book = phrasings._book()
    for topic in phrasings.TOPICS:
        wordings = (book["symptoms"] | book["enquiries"])[topic]
        assert 8 <= len(wordings["now"]) <= 12, topic
        assert len(wordings["later"]) >= 2, topic
        assert not set(wordings["now"]) & set(wordings["later"]), topic


def test_the_planted_batch_breaks_disks_of_one_plant(chunks):
    rates = {True: [0, 0.0], False: [0, 0.0]}
    for chunk in chunks:
        hit, park = in_bad_batch(chunk.machines), chunk.machines
        disks = chunk.calls[chunk.calls["cause"] == CAUSE["hdd_physical"]]
        years = (np.minimum(park["retired"], DAYS) - np.maximum(park["installed"], 0)).to_numpy() / 365.25
        for which in (True, False):
            rates[which][0] += int((hit[disks["machine"]] == which).sum())
            rates[which][1] += years[hit == which].sum()
    (bad, bad_years), (rest, rest_years) = rates[True], rates[False]
    assert bad / bad_years > 2.5 * rest / rest_years


def test_a_visit_fixes_when_the_parts_are_there(typed):
    visits, parts = typed["visits"], typed["ticket_parts"]
    first = visits[visits["visit_no"] == 1].set_index("ticket_id")
    assert 0.65 <= (first["outcome"] == "fixed").mean() <= 0.80
    assert first.loc[first["outcome"] == "not_fixed", "repeat_reason"].notna().all()
    thwarted = first["repeat_reason"].isin(["skill", "customer", "other"])
    assert thwarted.mean() == pytest.approx(0.04, abs=0.01)
    assert (parts["qty_used"] <= parts["qty_carried"]).all()
    last = visits.drop_duplicates("ticket_id", keep="last")
    assert (last["outcome"] == "fixed").all()


def test_times_follow_each_other(typed):
    closed = typed["tickets"][~typed["tickets"]["is_open"] & (typed["tickets"]["service_kind"] == "维修")]
    first = typed["visits"][typed["visits"]["visit_no"] == 1].set_index("ticket_id")["arrived_at"]
    arrived = first.reindex(closed["ticket_id"]).to_numpy()
    assert (closed["reported_at"] <= closed["dispatched_at"]).all()
    assert (closed["dispatched_at"] <= closed["appointed_at"]).all()
    assert (closed["dispatched_at"].to_numpy() < arrived).all()
    assert (arrived < closed["closed_at"].to_numpy()).all()


def test_promises_are_broken_more_in_summer_and_far_away(chunks):
    faults = pd.concat(
        c.calls.assign(km=c.people["distance_km"].to_numpy()[c.calls["who"]]).query("cause >= 0")
        for c in chunks
    )
    month = ((faults["reported"] // DAY + 304) % 365.25 // 30.44 + 1).to_numpy()
    assert faults["broken"][(month >= 6) & (month <= 8)].mean() > 1.4 * faults["broken"][month <= 3].mean()
    assert faults["broken"][faults["km"] > 100].mean() > 1.1 * faults["broken"][faults["km"] < 50].mean()
