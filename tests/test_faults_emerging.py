"""What emerges is seen when it could have been, and what does not emerge is left in peace."""

import numpy as np
import pandas as pd
import pytest
from desk import KEYWORDS, TEXT, caused, customers, machines, tickets
from simulated_company import typed

from crmlab.faults.failures.emerging import emerging_failures
from crmlab.faults.failures.outputs import ALL, EMERGING
from crmlab.faults.failures.watch import _q_values
from crmlab.files import CrmlabError
from crmlab.tables import empty

NOBODY = customers()
FAMILIES = ("1111", "2222", "3333", "4444")
CAUSES = ("disk", "fan", "board", "memory", "power", "cable")


def fleet(each: int = 200) -> pd.DataFrame:
    """Four families of `each` machines since 2020; every other serial number is of plant K, else of plant M."""
    rows = [
        (f"99{'KM'[k % 2]}{f}{k:04d}", f"{family}-01", f"C{k}", "2020-01-01", None)
        for f, family in enumerate(FAMILIES)
        for k in range(each)
    ]
    return machines(*rows)


def calls(park: pd.DataFrame, monthly=lambda month, family, plant, cause: 0.02, seed=1) -> tuple:
    """Tickets and causes of 27 months up to 2025: Poisson failures of each machine, `monthly` a month."""
    draw = np.random.default_rng(seed)
    kind = park["machine_family"] + park["serial_no"].str[2]
    code, kinds = pd.factorize(kind)
    frames = []
    for month in pd.period_range("2023-10", "2025-12", freq="M"):
        for cause in CAUSES:
            chance = np.array([monthly(str(month), k[:4], k[4], cause) for k in kinds])[code]
            rows = park[draw.random(len(park)) < chance]
            at = month.start_time + pd.to_timedelta(draw.integers(0, 28 * 24, len(rows)), unit="h")
            frames.append(rows.assign(reported_at=at, cause=cause))
    made = pd.concat(frames).sort_values("reported_at", ignore_index=True)
    made["ticket_id"] = pd.Series([f"t{k}" for k in range(len(made))], dtype=TEXT)
    made["symptom"] = pd.Series([f"call {k}" for k in range(len(made))], dtype=TEXT)
    made["closed_at"] = made["reported_at"]
    return made, made[["ticket_id", "cause"]].assign(cause_no=1)


def burst(month, family, plant, cause):
    hit = family == "1111" and plant == "K" and cause == "disk" and "2024-07" <= month <= "2024-12"
    return 0.2 if hit else 0.02


@pytest.fixture(scope="module")
def park():
    return fleet()


@pytest.fixture(scope="module")
def burst_calls(park):
    return calls(park, burst)


def test_a_burst_of_one_plant_is_seen_in_its_first_months_and_named_by_the_plant(park, burst_calls):
    found, lacks = emerging_failures(*burst_calls, park, NOBODY, **KEYWORDS)
    assert lacks == []
    alarm = found.squeeze()
    assert alarm[["cause", "machine_family", "serial_prefix"]].tolist() == ["disk", "1111", "99K"]
    assert alarm["first_alarm"] in ("2024-07", "2024-08")
    assert alarm["last_alarm"] in ("2024-12", "2025-01", "2025-02")
    assert not alarm["is_on"]
    assert alarm["low"] > 2
    assert alarm["low"] < alarm["ratio"] < alarm["high"]
    assert alarm["n_machines"] <= alarm["n"]


def test_what_befalls_a_whole_family_is_one_alarm_of_the_family(park):
    made = calls(park, lambda m, f, p, c: 0.15 if (f, c) == ("2222", "fan") and m >= "2025-08" else 0.02)
    found, _ = emerging_failures(*made, park, NOBODY, **KEYWORDS)
    alarm = found[found["cause"] == "fan"].squeeze()
    assert alarm[["machine_family", "serial_prefix", "installed_half"]].tolist() == ["2222", ALL, ALL]
    assert alarm["is_on"]


def test_a_hot_summer_in_all_families_is_no_alarm(park):
    summer = ("06", "07", "08")
    made = calls(park, lambda m, f, p, c: 0.08 if c == "fan" and m[5:] in summer else 0.02)
    assert emerging_failures(*made, park, NOBODY, **KEYWORDS)[0].empty


def test_a_family_that_always_fails_more_is_no_alarm(park):
    made = calls(park, lambda m, f, p, c: 0.08 if (f, c) == ("3333", "board") else 0.02)
    found, _ = emerging_failures(*made, park, NOBODY, **KEYWORDS)
    assert found.empty


def test_one_machine_that_fails_over_and_over_is_no_alarm(park):
    made, causes = calls(park)
    days = pd.date_range("2025-01-01", "2025-06-30", freq="5D")
    lemon = park.iloc[[0] * len(days)].assign(reported_at=days, closed_at=days, cause="disk")
    lemon["ticket_id"] = pd.Series([f"x{k}" for k in range(len(days))], lemon.index, dtype=TEXT)
    lemon["symptom"] = lemon["ticket_id"]
    both = pd.concat([made, lemon], ignore_index=True)
    again = pd.concat([causes, lemon[["ticket_id", "cause"]].assign(cause_no=1)], ignore_index=True)
    assert emerging_failures(both, again, park, NOBODY, **KEYWORDS)[0].empty


@pytest.mark.slow
def test_chance_rarely_makes_an_alarm():
    park = fleet(60)
    alarms = [len(emerging_failures(*calls(park, seed=s), park, NOBODY, **KEYWORDS)[0]) for s in range(3)]
    assert sum(alarms) <= 1


def test_a_cause_is_counted_only_once_its_ticket_is_closed(park, burst_calls):
    made, causes = burst_calls
    late = made.assign(closed_at=made["reported_at"] + pd.Timedelta(days=150))
    soon = emerging_failures(made, causes, park, NOBODY, **KEYWORDS)[0]["first_alarm"].min()
    slow = emerging_failures(late, causes, park, NOBODY, **KEYWORDS)[0]["first_alarm"]
    assert slow.empty or slow.min() > soon


def test_the_bad_batch_and_the_firmware_bug_are_found_and_nothing_else():
    made = typed()
    found, lacks = simulated(made, "2026-10-31")
    assert lacks == []
    disk, bug = (found[found["cause"] == cause].squeeze() for cause in ("硬盘物理损坏", "微码问题"))
    assert len(found) == 2
    assert (disk["machine_family"], disk["serial_prefix"], disk["installed_half"]) == (
        "7979",
        "99K",
        "2023H2",
    )
    assert (
        disk["first_alarm"] <= "2024-10"
    )  # its machines fail from March 2024 on, the first ticket is of May
    assert bug[["machine_family", "serial_prefix", "first_alarm"]].tolist() == ["7978", ALL, "2024-03"]
    assert not found["is_on"].any()


@pytest.mark.slow
def test_what_was_seen_by_a_day_does_not_depend_on_what_came_later():
    made, day = typed(), pd.Timestamp("2024-12-31 23:59")
    calls, park = made["tickets"], made["machines"]
    calls = calls[calls["reported_at"] <= day]
    closed = calls["closed_at"] <= day
    causes = made["ticket_causes"][made["ticket_causes"]["ticket_id"].isin(calls.loc[closed, "ticket_id"])]
    park = park[park["installed_at"] <= day]
    park = park.assign(retired_at=park["retired_at"].where(park["retired_at"] <= day))
    then = {"tickets": calls, "ticket_causes": causes, "machines": park, "customers": made["customers"]}
    columns = ["cause", "machine_family", "first_alarm"]
    whole = simulated(made, "2026-10-31")[0]
    whole = whole[whole["first_alarm"] <= "2024-12"]
    pd.testing.assert_frame_equal(
        simulated(then, "2024-12-31")[0][columns], whole[columns].reset_index(drop=True)
    )


def simulated(made, as_of):
    names = ("tickets", "ticket_causes", "machines", "customers")
    return emerging_failures(*(made[n] for n in names), as_of=pd.Timestamp(as_of), incident_days=3)


def test_q_values_are_those_of_benjamini_and_hochberg():
    chance = np.array([0.001, 0.008, 0.039])
    assert _q_values(chance, chance, 10) == pytest.approx([0.01, 0.04, 0.13])
    assert _q_values(np.array([0.3]), chance, 10) == [1.0]


def test_the_share_of_false_alarms_must_be_a_share(park, burst_calls):
    with pytest.raises(CrmlabError, match="false_share: 5 is not between 0 and 1"):
        emerging_failures(*burst_calls, park, NOBODY, **KEYWORDS, false_share=5)


@pytest.mark.parametrize(
    ("without", "missing"),
    [
        ("machines", "machines.installed_at"),
        ("installed_at", "machines.installed_at"),
        ("serial_no", "tickets.serial_no"),
    ],
)
def test_what_is_missing_narrows_the_watch_and_is_named(park, burst_calls, without, missing):
    made, causes = burst_calls
    match without:
        case "machines":
            park = park.head(0)
        case "installed_at":
            park = park.assign(installed_at=pd.NaT)
        case "serial_no":
            made = made.assign(serial_no=pd.Series(pd.NA, made.index, dtype=TEXT))
    found, lacks = emerging_failures(made, causes, park, NOBODY, **KEYWORDS)
    assert [what for what, _ in lacks] == [missing]
    assert ("disk", "1111") in set(zip(found["cause"], found["machine_family"], strict=True))


def test_one_family_alone_is_watched_but_not_cleared_of_the_season(park, burst_calls):
    made, causes = burst_calls
    found, lacks = emerging_failures(
        made[made["machine_family"] == "1111"],
        causes,
        park[park["machine_family"] == "1111"],
        NOBODY,
        **KEYWORDS,
    )
    assert [what for what, _ in lacks] == ["a second machine family"]
    assert found["serial_prefix"].tolist() == ["99K"]


def test_one_month_of_data_has_nothing_to_compare_with(park):
    call = tickets(("2025-12-03", park["serial_no"][0], "1111-01", "C0", "smoke"))
    found, lacks = emerging_failures(call, caused("disk"), park, NOBODY, **KEYWORDS)
    pd.testing.assert_frame_equal(found, empty(EMERGING))
    assert lacks == [
        ("more than 6 complete months of tickets", "failures that emerge in a family or a production group")
    ]


def test_without_tickets_or_models_the_table_is_empty_and_says_why(park, burst_calls):
    made, causes = burst_calls
    found, lacks = emerging_failures(made.head(0), causes.head(0), park, NOBODY, **KEYWORDS)
    pd.testing.assert_frame_equal(found, empty(EMERGING))
    assert lacks[0][0] == "tickets.cause_actual"
    unnamed = made.assign(machine_family=pd.Series(pd.NA, made.index, dtype=TEXT))
    assert emerging_failures(unnamed, causes, park, NOBODY, **KEYWORDS)[1][0][0] == "tickets.machine_model"


def test_tickets_of_machines_that_nobody_registered_are_not_watched(park, burst_calls):
    made, causes = burst_calls
    stranger = made.assign(serial_no="x" + made["serial_no"])
    found, _ = emerging_failures(stranger, causes, park, NOBODY, **KEYWORDS)
    pd.testing.assert_frame_equal(found, empty(EMERGING))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [9, 10, 11, 12])
def test_other_companies_have_few_false_alarms_and_all_see_the_bug_at_once(seed):
    from crmlab import sample

    found, _ = simulated(sample.tables(seed=seed, dirt=False), "2026-10-31")
    bug = found[(found["cause"] == "微码问题") & (found["machine_family"] == "7978")]
    batch = found[(found["cause"] == "硬盘物理损坏") & (found["machine_family"] == "7979")]
    assert "2024-03" <= bug["first_alarm"].min() <= "2024-05"
    assert len(found) - len(bug) - len(batch) <= 3
