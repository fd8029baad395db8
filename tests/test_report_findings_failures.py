"""Failures in words: what emerges, which rates are highest, how long parts live, and what was missing to tell."""

import pandas as pd
import pytest

from crmlab.faults import diagnosis
from crmlab.faults.failures import emerging, life, rates
from crmlab.report.findings import failures, gaps
from crmlab.report.language import Language

EN, ZH = Language("en"), Language("zh")


def alarm(**changes):
    row = {
        "cause": "fan",
        "machine_family": "7979",
        "serial_prefix": "99K",
        "installed_half": "2023H2",
        "first_alarm": "2024-09",
        "last_alarm": "2025-02",
        "n": 11,
        "expected": 1.3,
        "ratio": 8.3,
        "is_on": False,
    }
    return row | changes


def test_the_words_for_gaps_are_those_of_the_stage():
    assert gaps.SEEN_EARLY == emerging.SEEN_EARLY
    assert gaps.PER_YEAR == rates.PER_YEAR
    assert gaps.LIVES == life.CURVES
    assert gaps.FORECAST == diagnosis.FORECAST


@pytest.mark.parametrize(
    ("prefix", "half", "words"),
    [
        ("99K", "2023H2", "7979, serial numbers 99K…, installed in 2023H2"),
        ("99K", "all", "7979, serial numbers 99K…"),
        ("all", "2023H2", "7979, installed in 2023H2"),
        ("all", "all", "7979, all machines"),
    ],
)
def test_a_production_group_is_named_by_what_narrows_it(prefix, half, words):
    assert failures.group_of(alarm(serial_prefix=prefix, installed_half=half)).in_language(EN) == words


def test_alarms_that_are_on_come_first_and_ask_for_something():
    seen = pd.DataFrame([alarm(), alarm(cause="disk", is_on=True, n=30), alarm(cause="cpu", is_on=True)])
    assert failures.alarms(seen)["cause"].tolist()[-1] == "fan"
    assert failures.emerging_title(seen, {}).in_language(EN) == "2 emerging failures are still on, of 3 seen"
    said = failures.still_on(seen).in_language(EN)
    assert said.startswith(
        "disk on 7979, serial numbers 99K…, installed in 2023H2: 30 failures in three months"
    )
    assert "since September 2024: hold its part ready" in said


def test_alarms_that_are_over_and_none_at_all():
    over = pd.DataFrame([alarm()])
    assert failures.emerging_title(over, {}).in_language(EN) == (
        "No emerging failure is on; seen so far: 1, the last one fan on 7979, until February 2025"
    )
    assert failures.still_on(over) is None
    assert failures.emerging_title(over.head(0), {}).in_language(EN).startswith("No failure emerged")
    lacks = {"missing": [{"what": "tickets.machine_model", "adds": gaps.SEEN_EARLY}]}
    assert (
        failures.emerging_title(over.head(0), lacks).in_language(ZH)
        == "未列出：机型系列或生产批次中新出现的故障。缺少：派单的机型"
    )


def rates_of(*rows, by_cause=False):
    frame = pd.DataFrame(rows, columns=["part", "machine_family", "n", "rate", "low", "high"])
    return frame.assign(machine_years=100.0, shrunk=frame["rate"], by_cause=by_cause)


def test_the_highest_rate_is_named_only_where_it_is_surely_highest():
    apart = rates_of(
        ("硬盘", "8837", 50, 0.5, 0.45, 0.55),
        ("风扇", "4347", 40, 0.3, 0.25, 0.35),
        ("CPU", "4347", 3, 0.9, 0, 2),
    )
    assert (
        failures.rates_title(apart, {}).in_language(EN)
        == "disk on 8837 fails most often: 50.0 times in 100 machine-years"
    )
    alike = rates_of(("硬盘", "8837", 50, 0.5, 0.4, 0.6), ("风扇", "4347", 40, 0.4, 0.3, 0.5))
    assert (
        failures.rates_title(alike, {}).in_language(EN).endswith("cannot tell whether others fail more often")
    )
    assert failures.highest(apart)["part"].tolist() == ["硬盘", "风扇"]
    assert "none failed 30 times" in failures.rates_title(apart.tail(1), {}).in_language(EN)


def test_rates_that_could_not_be_told_say_what_was_missing():
    none = rates_of()
    lacks = {"missing": [{"what": "machines", "adds": gaps.PER_YEAR}]}
    assert failures.rates_title(none, lacks).in_language(EN).endswith("Missing: machines")
    assert failures.rates_title(none, {}).in_language(EN).startswith("No failure is recorded on a machine")
    assert failures.largest(none).empty
    assert failures.vocabulary(none) == "part"
    assert failures.vocabulary(rates_of(("fan", "1", 50, 0.5, 0.4, 0.6), by_cause=True)) == "cause"


def failing(*rows):
    return pd.DataFrame(
        rows, columns=["machine_model", "rank", "part", "n", "share", "machine_years", "rate"]
    ).assign(by_cause=False)


def test_the_model_that_fails_most_often():
    seen = failing(
        ("A", 1, "硬盘", 60, 0.6, 100.0, 0.6),
        ("A", 2, "风扇", 40, 0.4, 100.0, 0.4),
        ("B", 1, "风扇", 200, 1.0, 400.0, 0.5),
    )
    assert failures.models(seen)["machine_model"].tolist() == ["B", "A"]
    assert failures.models_title(seen).in_language(EN) == (
        "A fails most often, 100 times in 100 machine-years, first of all disk 60%"
    )
    unknown = seen.assign(machine_years=None, rate=None)
    assert (
        failures.models_title(unknown).in_language(EN) == "Most failures are on B: 200, first of all fan 100%"
    )
    assert (
        failures.models_title(seen.head(0)).in_language(EN) == "No failure is recorded with a machine model"
    )


def lives(*rows):
    frame = pd.DataFrame(rows, columns=["part", "years", "survival", "low", "high"])
    return frame.assign(machine_family="all", at_risk=10, n_failures=50, n_lives=90, by_cause=False)


def test_the_part_that_fails_soonest():
    apart = lives(("硬盘", 3, 0.5, 0.45, 0.55), ("风扇", 3, 0.8, 0.75, 0.85))
    assert (
        failures.life_title(apart, {}).in_language(EN)
        == "disk fails soonest: on 50% of machines within 3 years"
    )
    alike = lives(("硬盘", 3, 0.5, 0.4, 0.6), ("风扇", 3, 0.55, 0.5, 0.6))
    assert failures.life_title(alike, {}).in_language(EN).endswith("others may fail as soon")
    young = lives(("硬盘", 1, 0.9, 0.8, 0.95))
    assert "no machine has been observed for 3 years" in failures.life_title(young, {}).in_language(EN)
    assert failures.life_title(apart.head(0), {}).in_language(EN).startswith("No part failed often enough")
    lacks = {"missing": [{"what": "tickets.serial_no", "adds": gaps.LIVES}]}
    assert (
        failures.life_title(apart.head(0), lacks).in_language(EN)
        == "Not shown: how long parts last. Missing: tickets.serial_no"
    )


def test_a_long_curve_is_thinned_and_keeps_both_ends():
    table = lives(("硬盘", 3, 0.5, 0.45, 0.55))
    days = range(0, 4000, 100)
    long = pd.DataFrame(
        {"part": "硬盘", "machine_family": "all", "day": days, "survival": 0.5, "low": 0.4, "high": 0.6}
    )
    drawn = failures.curves(long, table)
    assert len(drawn) <= 22
    assert (drawn["day"].iloc[0], drawn["day"].iloc[-1]) == (0, 3900)
    assert drawn["years"].iloc[-1] == pytest.approx(3900 / 365.25)
    assert failures.curves(long.head(0), table.head(0)).empty
