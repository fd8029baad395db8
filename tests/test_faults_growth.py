"""A cause that grew is found, one that only fluctuates or only has its season is not."""

import numpy as np
import pandas as pd
import pytest

from crmlab.faults.failures.growth import grown, growth


def desk(*months: tuple[str, dict[str, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tickets and their causes: per month, how many of each cause."""
    rows = [(month, cause) for month, causes in months for cause, n in causes.items() for _ in range(n)]
    ids = [f"P{n}" for n in range(len(rows))]
    days = pd.to_datetime([f"{month}-15" for month, _ in rows])
    return (
        pd.DataFrame({"ticket_id": ids, "reported_at": days}),
        pd.DataFrame({"ticket_id": ids, "cause": [cause for _, cause in rows]}),
    )


def test_a_cause_that_doubled_is_named_with_both_shares():
    found = growth(
        *desk(("2025-09", {"disk": 150, "fan": 50}), ("2026-09", {"disk": 100, "fan": 100})), "2026-10"
    )
    most = grown(found)
    assert (most["cause"], most["share_before"], most["share_now"]) == ("fan", 0.25, 0.5)
    assert list(found["n_now"]) == [100, 100]


def test_a_summer_as_hot_as_the_last_is_no_growth():
    months = [
        (f"{year}-{month}", {"power": n, "disk": 100})
        for year in (2025, 2026)
        for month, n in (("04", 20), ("08", 80))
    ]
    assert grown(growth(*desk(*months), "2026-08")) is None


def test_chance_is_rarely_taken_for_growth():
    draw = np.random.default_rng(7)
    alarms = 0
    for _ in range(50):
        before, now = (
            dict(zip("abcdefgh", draw.multinomial(700, [1 / 8] * 8), strict=True)) for _ in range(2)
        )
        alarms += grown(growth(*desk(("2025-10", before), ("2026-10", now)), "2026-10")) is not None
    assert alarms <= 4


@pytest.mark.parametrize("months", [[], [("2026-10", {"fan": 5})], [("2025-10", {"fan": 5})]])
def test_without_both_years_there_is_nothing_to_compare(months):
    found = growth(*desk(*months), "2026-10")
    assert found.empty
    assert grown(found) is None


def test_a_new_cause_and_one_that_is_gone_both_stand_there():
    found = growth(*desk(("2025-10", {"old": 40}), ("2026-10", {"new": 40})), "2026-10").set_index("cause")
    assert list(found.loc["new", ["n_before", "share_now"]]) == [0, 1.0]
    assert found.loc["old", "z"] < 0


def test_a_ticket_with_two_causes_counts_for_both_but_once_as_a_ticket():
    tickets, causes = desk(("2025-10", {"fan": 1}), ("2026-10", {"fan": 1}))
    second = causes.tail(1).assign(cause="disk")
    found = growth(tickets, pd.concat([causes, second]), "2026-10").set_index("cause")
    assert list(found["share_now"]) == [1.0, 1.0]
