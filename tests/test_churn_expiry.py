"""What open contracts are worth by the month in which they end."""

import pandas as pd
import pytest

from crmlab import tables
from crmlab.churn.expiry import expiry
from crmlab.churn.outputs import CONTRACTS, EXPIRY

AS_OF = pd.Timestamp("2026-11-15")


def opened(*rows):
    """Open contracts from (last day, price, P(renewed))."""
    frame = pd.DataFrame(rows, columns=["end_at", "amount", "p_renew"])
    frame["contract_id"] = [f"K{k}" for k in range(len(frame))]
    frame["end_at"] = pd.to_datetime(frame.end_at)
    return tables.conform(frame.reindex(columns=tables.empty(CONTRACTS).columns), CONTRACTS)


def by_month(*rows, as_of=AS_OF):
    return expiry(opened(*rows), as_of, 0.7).set_index("month")


def test_a_month_adds_up_its_contracts():
    row = by_month(("2027-02-01", 1_000, 0.9), ("2027-02-28", 2_000, 0.5), ("2027-03-01", 4_000, 0.1)).loc[
        "2027-02"
    ]
    assert row.to_dict() == {
        "contracts": 2, "amount": 3_000, "expected_loss": 1_100, "expected_renewed": 1_900, "at_risk": 1, "amount_at_risk": 2_000,
    }  # fmt: skip


def test_every_month_from_this_one_to_the_twelfth_after_is_there():
    told = by_month(("2027-02-01", 1_000, 0.9))
    assert list(told.index) == [f"2026-{m}" for m in (11, 12)] + [f"2027-{m:02d}" for m in range(1, 12)]
    assert (told.drop(index="2027-02") == 0).all(axis=None)


def test_contracts_in_grace_count_in_the_month_in_which_they_ended():
    told = by_month(("2026-10-20", 1_000, 0.9), ("2026-11-10", 1_000, 0.9))
    assert list(told.index[:2]) == ["2026-10", "2026-11"]
    assert list(told.contracts[:2]) == [1, 1]
    assert list(by_month(("2026-09-30", 1_000, 0.9)).contracts[:3]) == [1, 0, 0]  # with long grace days


def test_sums_are_those_of_the_contracts_that_end_within_the_span():
    rows = [(f"2027-{m:02d}-{d}", 1_000 + 37 * m + int(d), 0.83) for m in range(1, 13) for d in ("01", "15")]
    frame = opened(*rows)
    told = expiry(frame, AS_OF, 0.7)
    within = frame[frame.end_at < AS_OF + pd.Timedelta(days=365)]
    assert told.contracts.sum() == len(within) == 21
    assert told.amount.sum() == within.amount.sum()
    assert (told.expected_loss + told.expected_renewed == told.amount).all()
    assert told.expected_loss.sum() == pytest.approx((within.amount * 0.17).sum(), abs=len(within))


def test_a_chance_of_exactly_the_limit_is_not_at_risk():
    told = by_month(("2027-02-01", 1_000, 0.7), ("2027-03-01", 1_000, 0.699))
    assert (told.at_risk["2027-02"], told.at_risk["2027-03"]) == (0, 1)


def test_a_month_with_a_contract_without_a_chance_says_nothing_of_chances():
    told = by_month(("2027-02-01", 1_000, None), ("2027-02-03", 1_000, 0.5), ("2027-03-01", 1_000, 0.5))
    said = ["expected_loss", "expected_renewed", "at_risk", "amount_at_risk"]
    assert told.loc["2027-02", said].isna().all()
    assert tuple(told.loc["2027-02", ["contracts", "amount"]]) == (2, 2_000)
    assert told.drop(index="2027-02").notna().all(axis=None)


def test_without_any_chance_months_without_contracts_are_still_zero():
    told = by_month(("2027-02-01", 1_000, None))
    assert told.expected_loss.isna().sum() == 1
    assert told.expected_loss.sum() == 0


def test_without_an_open_contract_there_is_no_month():
    told = expiry(tables.empty(CONTRACTS), AS_OF, 0.7)
    assert told.empty
    assert list(told.columns) == list(tables.empty(EXPIRY).columns)
