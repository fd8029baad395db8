"""Value stated a year ago against what came."""

import pandas as pd
import pandas.testing as pdt
import pytest

from crmlab import tables
from crmlab.value.backtest import backtest, deciles, known_survival, scores

AS_OF = pd.Timestamp("2026-10-31")
CUTOFF = pd.Timestamp("2025-10-31")
NO_CONTRACTS = tables.empty(tables.CONTRACTS)


def steady(margins, first="2023-01-15", last="2026-10-15"):
    """Customers that buy every month at one margin."""
    days = pd.date_range(first, last, freq="MS") + pd.Timedelta(days=14)
    rows = [(who, day, "sales", 2 * m, m, False) for who, m in margins.items() for day in days]
    return pd.DataFrame(rows, columns=["customer_id", "at", "kind", "revenue", "margin", "estimated"])


LINES = steady({"A": 1000, "B": 5000, "C": 200})


def test_steady_customers_are_foreseen():
    metrics, compared = backtest(LINES, NO_CONTRACTS, AS_OF, 30)
    assert list(compared.actual) == [12_000, 60_000, 2_400]
    assert list(compared.last_year) == list(compared.actual)
    assert compared.mean_rate.to_numpy() == pytest.approx(compared.actual.to_numpy(), rel=0.03)
    assert metrics["spearman"] == 1
    assert metrics["mae_naive"] == 0


def test_nothing_after_the_stated_day_is_used():
    _, compared = backtest(LINES, NO_CONTRACTS, AS_OF, 30)
    late = LINES["at"] > CUTOFF + pd.Timedelta(days=1)
    doubled = LINES.assign(margin=LINES.margin.where(~late, 2 * LINES.margin))
    newcomer = LINES[late].assign(customer_id="new")
    _, again = backtest(pd.concat([doubled, newcomer]), NO_CONTRACTS, AS_OF, 30)
    told = ["stated", "last_year", "mean_rate"]
    pdt.assert_frame_equal(compared[told], again[told])
    assert list(again.actual) == [24_000, 120_000, 4_800]


def test_survival_known_then_knows_no_later_renewal():
    rows = pd.DataFrame(
        {
            "contract_id": ["a", "b", "c"],
            "customer_id": ["A", "B", "C"],
            "start_at": pd.to_datetime(["2024-01-01", "2024-01-01", "2025-06-01"]),
            "end_at": pd.to_datetime(["2024-12-31", "2024-12-31", "2026-05-31"]),
            "amount": 100,
            "outcome": ["renewed", "lost", "lost"],
        }
    )
    for column in tables.CONTRACTS.kept:
        if column.name not in rows:
            rows[column.name] = None
    by_contract, _ = known_survival(tables.conform(rows, tables.CONTRACTS), LINES, CUTOFF, 12, 30)
    assert by_contract.index.tolist() == ["C"]
    assert by_contract.loc["C", 6] == 1
    assert by_contract.loc["C", 12] == 0.5  # one of two had renewed by then


@pytest.mark.parametrize("lines", [LINES[LINES["at"] > "2025-02-01"], LINES.head(0)])
def test_less_than_two_years_cannot_tell(lines):
    metrics, compared = backtest(lines, NO_CONTRACTS, AS_OF, 30)
    assert metrics == {}
    assert deciles(compared).empty


def test_scores_by_hand():
    compared = pd.DataFrame(
        {
            "stated": [10.0, 20, 30],
            "actual": [12.0, 18, 33],
            "last_year": [33.0, 18, 12],
            "mean_rate": [1.0, 1, 1],
        }
    )
    found = scores(compared)
    assert found["mae"] == pytest.approx(7 / 3)
    assert found["mae_naive"] == pytest.approx(14)
    assert found["spearman"] == pytest.approx(1)
    assert found["spearman_naive"] == pytest.approx(-1)
    assert found["bias"] == pytest.approx(60 / 63 - 1)
    assert found["mae_gain"] == pytest.approx(14 - 7 / 3)


def test_deciles_are_ordered_by_what_was_stated():
    compared = pd.DataFrame({"stated": range(20), "actual": 5.0, "last_year": 1.0})
    table = deciles(compared)
    assert list(table.n) == [2] * 10
    assert list(table.stated.head(2)) == [0, 2]  # means .5 and 2.5, to the even unit
