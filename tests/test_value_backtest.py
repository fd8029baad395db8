"""Value stated a year ago against what came."""

import pandas as pd
import pandas.testing as pdt
import pytest

from crmlab import tables
from crmlab.churn.outputs import OUTPUTS
from crmlab.value.backtest import backtest, deciles, scores

AS_OF = pd.Timestamp("2026-10-31")
CUTOFF = pd.Timestamp("2025-10-31")
NO_CONTRACTS = tables.empty(tables.CONTRACTS)
NONE_OPEN = tables.empty(OUTPUTS["backtest"])


def steady(margins, first="2023-01-15", last="2026-10-15"):
    """Customers that buy every month at one margin."""
    days = pd.date_range(first, last, freq="MS") + pd.Timedelta(days=14)
    rows = [(who, day, "sales", 2 * m, m, False) for who, m in margins.items() for day in days]
    return pd.DataFrame(rows, columns=["customer_id", "at", "kind", "revenue", "margin", "estimated"])


LINES = steady({"A": 1000, "B": 5000, "C": 200})


def test_steady_customers_are_foreseen():
    metrics, compared = backtest(LINES, NO_CONTRACTS, NONE_OPEN, AS_OF)
    assert list(compared.actual) == [12_000, 60_000, 2_400]
    assert list(compared.last_year) == list(compared.actual)
    assert compared.mean_rate.to_numpy() == pytest.approx(compared.actual.to_numpy(), rel=0.03)
    assert metrics["spearman"] == 1
    assert metrics["mae_naive"] == 0


def test_nothing_after_the_stated_day_is_used():
    _, compared = backtest(LINES, NO_CONTRACTS, NONE_OPEN, AS_OF)
    late = LINES["at"] > CUTOFF + pd.Timedelta(days=1)
    doubled = LINES.assign(margin=LINES.margin.where(~late, 2 * LINES.margin))
    newcomer = LINES[late].assign(customer_id="new")
    _, again = backtest(pd.concat([doubled, newcomer]), NO_CONTRACTS, NONE_OPEN, AS_OF)
    told = ["stated", "last_year", "mean_rate"]
    pdt.assert_frame_equal(compared[told], again[told])
    assert list(again.actual) == [24_000, 120_000, 4_800]


def test_contracts_are_judged_by_what_was_earned_in_the_year():
    """A yearly contract that is renewed, and one of three years booked long before: both bring 500 a month."""
    rows = [
        ("a1", "A", "2024-11-01", "2025-10-31", 12_000, 0.5),
        ("a2", "A", "2025-11-01", "2026-10-31", 12_000, None),
        ("b1", "B", "2024-05-01", "2027-04-30", 36_000, 0.5),
    ]
    terms = pd.DataFrame(
        rows, columns=["contract_id", "customer_id", "start_at", "end_at", "amount", "p_renew"]
    )
    terms = terms.assign(start_at=pd.to_datetime(terms.start_at), end_at=pd.to_datetime(terms.end_at))
    booked = terms.assign(
        at=terms.start_at, kind="contract", revenue=terms.amount, margin=terms.amount // 2, estimated=False
    )
    lines = pd.concat([LINES, booked[LINES.columns]])
    _, compared = backtest(
        lines, terms, terms[terms.contract_id.isin(["a1", "b1"])].assign(landmark=CUTOFF), AS_OF
    )
    sales = 12 * pd.Series({"A": 1000, "B": 5000, "C": 200})
    assert (compared.actual - sales).to_dict() == pytest.approx({"A": 6000, "B": 6000, "C": 0}, abs=10)
    assert (compared.last_year - sales).to_dict() == pytest.approx({"A": 6000, "B": 6000, "C": 0}, abs=10)
    # A's term ends on the stated day, and once more before the last month is out; B's after the year
    survives = {"A": (11 * 0.5 + 0.25) / 12, "B": 1.0}
    for who, share in survives.items():
        assert compared.stated[who] == pytest.approx(share * (sales[who] + 6000), rel=0.03)


def test_the_chances_of_then_are_those_given():
    told = pd.DataFrame({"customer_id": ["A"], "start_at": [pd.Timestamp("2025-01-01")], "p_renew": [0.9]})
    told = told.assign(end_at=pd.Timestamp("2025-12-31"), amount=12_000, landmark=CUTOFF)
    surely, hardly = (
        backtest(LINES, told, told.assign(p_renew=p), AS_OF)[1].stated["A"] for p in (1.0, 0.25)
    )
    assert hardly == pytest.approx(surely * (2 + 10 * 0.25) / 12, rel=0.01)
    earlier = told.assign(landmark=CUTOFF - pd.Timedelta(days=90), p_renew=0.25)
    both = pd.concat([earlier, told.assign(p_renew=1.0)])
    assert (
        backtest(LINES, told, both, AS_OF)[1].stated["A"] == surely
    )  # what was said on another day does not count


@pytest.mark.parametrize("lines", [LINES[LINES["at"] > "2025-02-01"], LINES.head(0)])
def test_less_than_two_years_cannot_tell(lines):
    metrics, compared = backtest(lines, NO_CONTRACTS, NONE_OPEN, AS_OF)
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
