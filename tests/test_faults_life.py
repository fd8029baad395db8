"""How long parts last: by hand, with machines that came late, and where the curve must stop."""

import numpy as np
import pandas as pd
import pytest
from desk import KEYWORDS, TEXT, caused, customers, machines, tickets, used
from simulated_company import typed

from crmlab.faults.failures import life
from crmlab.faults.failures.life import part_lives
from crmlab.faults.failures.outputs import ALL, LIFE, LIFE_CURVES
from crmlab.tables import empty

NOBODY = customers()
FOUR = machines(
    ("a", "7979-01", "C1", "2024-01-01", None),  # fails on days 100 and 300
    ("b", "7979-01", "C1", "2024-01-01", "2024-07-18"),  # retired on day 199, without a failure
    ("c", "7979-01", "C2", "2024-01-01", None),  # fails on day 300
    ("d", "7979-01", "C2", "2024-01-01", None),  # never fails
)
CALLS = tickets(
    ("2024-01-01", None, "7979-01", "C9", "how do I"),
    ("2024-04-10", "a", "7979-01", "C1", "disk light"),
    ("2024-10-27", "a", "7979-01", "C1", "disk gone"),
    ("2024-10-27", "c", "7979-01", "C2", "beeps"),
)
DISKS = used(None, "disk", "disk", "disk")


@pytest.fixture
def few(monkeypatch):
    """Curves from one failure and one part at risk on."""
    monkeypatch.setattr(life, "MIN_FAILURES", 1)
    monkeypatch.setattr(life, "MIN_AT_RISK", 1)


def lives(calls=CALLS, parts=DISKS, causes=None, park=FOUR, people=NOBODY, **more):
    causes = caused(*["disk"] * len(calls)) if causes is None else causes
    return part_lives(calls, parts, causes, park, people, **{**KEYWORDS, **more})


def test_kaplan_meier_by_hand(few):
    curve = lives(families=0)[0]["life_curves"].set_index("day")
    # lives: 100 failed, 200 failed, 433 not; 200 not; 300 failed, 430 not; 731 not
    assert curve.loc[100, ["at_risk", "survival"]].tolist() == [7, pytest.approx(6 / 7)]
    assert curve.loc[200, ["at_risk", "survival"]].tolist() == [6, pytest.approx(6 / 7 * 5 / 6)]
    assert curve.loc[300, ["at_risk", "survival"]].tolist() == [4, pytest.approx(6 / 7 * 5 / 6 * 3 / 4)]
    assert curve.loc[0, "survival"] == 1


def test_a_life_table_says_nothing_of_ages_that_nobody_reached(few):
    table = lives(families=0)[0]["life"].set_index("years")
    assert table.loc[1, "survival"] == pytest.approx(6 / 7 * 5 / 6 * 3 / 4)
    assert table.loc[1, "low"] < table.loc[1, "survival"] < table.loc[1, "high"]
    assert table.loc[[3, 5], ["survival", "low", "high"]].isna().all(axis=None)
    assert table["at_risk"].tolist() == [3, 1, 0, 0]
    assert table[["n_failures", "n_lives"]].drop_duplicates().to_numpy().tolist() == [[3, 7]]


def old_machines(seed=3, n=3_000) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Machines installed from 2015 on and watched from 2024 on, whose parts last 4 years in the mean."""
    draw = np.random.default_rng(seed)
    installed = pd.Timestamp("2015-01-01") + pd.to_timedelta(draw.integers(0, 3600, n), unit="D")
    fails = installed + pd.to_timedelta((draw.exponential(4 * 365.25, n)).astype(int), unit="D")
    seen = (fails >= pd.Timestamp("2024-01-01")) & (fails <= KEYWORDS["as_of"])
    serial = [f"s{k}" for k in range(n)]
    # a machine goes with its part, so those that are left to be watched are the sturdy ones
    park = [
        (s, "7979-01", "C1", str(i.date()), str(f.date()) if f <= KEYWORDS["as_of"] else None)
        for s, i, f in zip(serial, installed, fails, strict=True)
        if f >= pd.Timestamp("2024-01-01")
    ]
    calls = [
        (str(f.date()), s, "7979-01", f"C{s}", f"call of {s}")
        for s, f, there in zip(serial, fails, seen, strict=True)
        if there
    ]
    calls = tickets(("2024-01-01", None, "7979-01", "C1", "how do I"), *calls)
    return machines(*park), calls, used(None, *["disk"] * (len(calls) - 1))


def test_machines_that_came_under_observation_late_do_not_make_parts_look_sturdier():
    park, calls, parts = old_machines()
    table = lives(calls, parts, park=park, families=0)[0]["life"].set_index("years")
    for years in (1, 2, 3, 5):
        row = table.loc[years]
        assert row["low"] < np.exp(-years / 4) < row["high"]


def test_parts_that_failed_too_rarely_are_left_out_and_named():
    found, lacks, left_out = lives()
    pd.testing.assert_frame_equal(found["life"], empty(LIFE))
    assert left_out == ["disk"]
    assert lacks == [("30 failures of one part", "how long parts last")]


def test_causes_stand_in_for_parts_and_say_so(few):
    found, lacks, _ = lives(parts=DISKS.head(0))
    assert found["life"]["by_cause"].all()
    assert [what for what, _ in lacks] == ["ticket_parts.qty_used"]


@pytest.mark.parametrize(
    ("calls", "park", "missing"),
    [
        (CALLS, FOUR.head(0), "machines.installed_at"),
        (CALLS, FOUR.assign(installed_at=pd.NaT), "machines.installed_at"),
        (CALLS.assign(serial_no=pd.Series(pd.NA, CALLS.index, dtype=TEXT)), FOUR, "tickets.serial_no"),
        (CALLS.head(0), FOUR, "tickets.cause_actual"),
    ],
)
def test_what_is_missing_is_named_and_the_tables_are_empty(few, calls, park, missing):
    found, lacks, _ = lives(calls, park=park, causes=caused())
    for table in (LIFE, LIFE_CURVES):
        pd.testing.assert_frame_equal(found[table.name], empty(table))
    assert [what for what, _ in lacks] == [missing]


def test_a_month_of_data_has_a_curve_of_a_month(few):
    calls = tickets(("2024-01-01", "d", "7979-01", "C2", "how"), ("2024-01-20", "a", "7979-01", "C1", "gone"))
    found, _, _ = lives(calls, used(None, "disk"), as_of=pd.Timestamp("2024-01-31"))
    assert found["life"]["survival"].isna().all()
    assert found["life_curves"]["day"].max() == 31


def test_curves_of_the_simulated_company_have_forty_points_and_fall():
    made = typed()
    names = ("tickets", "ticket_parts", "ticket_causes", "machines", "customers")
    found, lacks, left_out = part_lives(
        *(made[n] for n in names), as_of=pd.Timestamp("2026-10-31"), incident_days=3, families=1
    )
    assert (lacks, left_out) == ([], [])
    curves = found["life_curves"]
    sizes = curves.groupby(["part", "machine_family"]).size()
    assert sizes.max() <= 40
    assert (curves.groupby(["part", "machine_family"])["survival"].diff().dropna() <= 0).all()
    for table in (LIFE, LIFE_CURVES):
        keys = pd.MultiIndex.from_frame(found[table.name][list(table.key)])
        assert keys.is_unique
        assert keys.is_monotonic_increasing
    one = found["life"][(found["life"]["machine_family"] == ALL) & (found["life"]["years"] == 1)]
    share = one.set_index("part")["survival"]
    assert share["硬盘"] == share.min()  # disks fail most
