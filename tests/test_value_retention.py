"""How long customers stay: by their contracts, and by the gaps between purchases."""

import numpy as np
import pandas as pd
import pytest

from crmlab.value.retention import GapSurvival, contract_survival, purchase_gaps, purchase_survival

AS_OF = pd.Timestamp("2026-10-31")


def living(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "start_at", "end_at", "amount", "p_renew"])
    return frame.assign(start_at=pd.to_datetime(frame.start_at), end_at=pd.to_datetime(frame.end_at))


def test_each_end_is_passed_with_the_chance_to_renew():
    stays = contract_survival(living(("A", "2026-05-01", "2027-04-30", 100, 0.8)), AS_OF, 36).loc["A"]
    assert stays[5] == 1
    assert stays[6] == pytest.approx(0.8)
    assert stays[17] == pytest.approx(0.8)
    assert stays[18] == pytest.approx(0.64)
    assert stays[36] == pytest.approx(0.8**3)


def test_a_term_in_its_grace_days_has_its_end_still_before_it():
    stays = contract_survival(living(("A", "2025-10-16", "2026-10-15", 100, 0.7)), AS_OF, 12).loc["A"]
    assert stays[1] == pytest.approx(0.7)


def test_several_contracts_count_by_their_price_a_month():
    two = living(("A", "2026-01-01", "2026-12-31", 300, 0.5), ("A", "2026-01-01", "2029-12-31", 400, 0.5))
    assert contract_survival(two, AS_OF, 12).loc["A", 6] == pytest.approx((300 * 0.5 + 100) / 400)


def test_a_contract_without_a_known_chance_says_nothing():
    two = living(("A", "2026-01-01", "2026-12-31", 300, None), ("B", "2026-01-01", "2026-12-31", 100, 0.5))
    assert list(contract_survival(two, AS_OF, 12).index) == ["B"]


def test_nobody_has_a_contract():
    assert contract_survival(living(), AS_OF, 12).shape == (0, 12)


def bought(*rows):
    lines = pd.DataFrame(rows, columns=["customer_id", "at", "revenue"])
    return lines.assign(at=pd.to_datetime(lines["at"], format="ISO8601"), kind="sales")


def test_gaps_leave_out_returns_and_join_a_days_lines():
    lines = bought(
        ("A", "2026-10-01 09:00", 5),
        ("A", "2026-10-01 10:00", 5),
        ("A", "2026-10-11", 5),
        ("A", "2026-10-12", -5),
    )
    gaps = purchase_gaps(lines, AS_OF)
    assert list(zip(gaps.gap, gaps.closed, strict=True)) == [(10, True), (20, False)]


def test_chance_to_return_is_given_the_silence_so_far():
    gaps = pd.DataFrame(
        {
            "customer_id": list("ABCDE"),
            "gap": [100, 200, 400, 700, 900],
            "closed": [True, True, True, False, False],
        }
    )
    curve = GapSurvival().fit(gaps)
    # S: .8 from 100, .6 from 200, .4 from 400 days on
    assert curve.chance(np.array([0, 150, 300, 500])) == pytest.approx([0.4, 1 - 0.4 / 0.8, 1 - 0.4 / 0.6, 0])


def test_a_frequent_buyer_counts_once():
    often = pd.DataFrame({"customer_id": "A", "gap": [1] * 99 + [2], "closed": [True] * 99 + [False]})
    never = pd.DataFrame({"customer_id": ["B"], "gap": [500], "closed": [False]})
    curve = GapSurvival().fit(pd.concat([often, never]))
    assert curve.chance(np.array([0])) == pytest.approx([0.99 / 2])


def test_the_longer_silent_the_less_likely_there():
    lines = bought(
        *(("A", day, 5) for day in pd.date_range("2024-01-01", "2026-10-15", freq="60D")),
        *(("B", day, 5) for day in pd.date_range("2022-01-01", "2024-10-15", freq="90D")),
        ("C", "2026-10-20", 5),
    )  # fmt: skip
    stays = purchase_survival(lines, AS_OF, 24)
    assert stays.loc["A", 1] > stays.loc["B", 1]
    assert (stays.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


def test_no_purchases_at_all():
    assert purchase_survival(bought(("A", "2026-01-01", -5)), AS_OF, 12).empty
