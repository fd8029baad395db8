"""Value by industry, region, tier, service level and standing."""

import pandas as pd
import pytest
from small_company import said

from crmlab.intervals import Z95
from crmlab.tables import conform
from crmlab.value.groups import MIN_CUSTOMERS, groups
from crmlab.value.outputs import CUSTOMERS, GROUPS, PARTS


def customers(*rows):
    """Customers of (industry, to_come) or (industry, to_come, standing), all else missing or 0."""
    rows = [(*row, "none")[:3] for row in rows]
    frame = pd.DataFrame(rows, columns=["industry", "to_come", "standing"])
    frame["customer_id"] = [f"C{k}" for k in range(len(rows))]
    for column in CUSTOMERS.columns:
        if column.name not in frame:
            frame[column.name] = 0 if column.kind == "money" else None
    return conform(frame.assign(historical=10), CUSTOMERS)


def found_of(*rows, sd=0.0, common=None):
    """Groups of such customers, whose value is all purchases."""
    table = customers(*rows)
    told = {
        c: {"purchases": v, "sd_to_come": sd} for c, v in zip(table.customer_id, table.to_come, strict=True)
    }
    shared = dict.fromkeys(PARTS, 0.0) | (common or {})
    found = groups(table, said(told or {"A": {}}, common=shared))
    conform(found, GROUPS)
    return found


def of_industry(*rows, **more):
    found = found_of(*rows, **more)
    return found[found.of == "industry"].set_index("group")


BANKS = [("bank", v) for v in (0, 1000, 2000, 3000, 4000)]


def test_a_group_is_its_customers_together_and_their_mean():
    found = of_industry(*BANKS).loc["bank"]
    assert found[["customers", "historical", "to_come", "per_customer", "negative"]].tolist() == [
        5,
        50,
        10_000,
        2000,
        0,
    ]


def test_limits_hold_the_chance_of_each_customer_and_what_all_share():
    alone = of_industry(*BANKS, sd=300).loc["bank"]
    half = Z95 * 300 * 5**0.5 / 5
    assert alone[["low", "high"]].tolist() == pytest.approx([2000 - half, 2000 + half], abs=1)
    shared = of_industry(*BANKS, sd=300, common={"purchases": 0.1}).loc["bank"]
    half = Z95 * (5 * 300**2 + (0.1 * 10_000) ** 2) ** 0.5 / 5
    assert shared[["low", "high"]].tolist() == pytest.approx([2000 - half, 2000 + half], abs=1)


def test_what_all_share_does_not_average_out_in_a_large_group():
    """Customers that differ make no limits, and a hundred times as many leave a tenth of their mean unknown all the same."""
    wide = of_industry(*BANKS * 100, common={"purchases": 0.1}).loc["bank"]
    assert wide[["low", "high"]].tolist() == pytest.approx([2000 - Z95 * 200, 2000 + Z95 * 200], abs=1)
    exact = of_industry(*BANKS).loc["bank"]
    assert exact[["low", "per_customer", "high"]].tolist() == [2000, 2000, 2000]


def test_who_has_left_counts_in_standing_only():
    found = found_of(*[("bank", 100)] * 6, *[("bank", 0, "left")] * 6)
    assert found[["of", "group", "customers", "historical", "per_customer"]].values.tolist() == [
        ["industry", "bank", 6, 60, 100],
        ["standing", "none", 6, 60, 100],
        ["standing", "left", 6, 60, 0],
    ]


def test_the_most_valuable_group_comes_first_and_losses_are_counted():
    found = of_industry(*[("mill", -5)] * 6, *[("bank", 5)] * 6)
    assert found.index.tolist() == ["bank", "mill"]
    assert found.negative.tolist() == [0, 6]


def test_a_few_customers_are_no_group_and_customers_without_one_are_in_none():
    found = found_of(*[("few", 1)] * (MIN_CUSTOMERS - 1), *[("enough", 1)] * MIN_CUSTOMERS, *[(None, 1)] * 9)
    assert found[["of", "group", "customers"]].values.tolist() == [
        ["industry", "enough", MIN_CUSTOMERS],
        ["standing", "none", 2 * MIN_CUSTOMERS + 8],
    ]


def test_a_customer_of_whom_nothing_is_to_come_has_no_chance_of_it():
    """Somebody of whom the books know and the forecast does not."""
    table = customers(*BANKS)
    found = groups(table, said({"C4": {"sd_to_come": 300}}))
    half = Z95 * 300 / 5
    assert found.low.tolist() == pytest.approx([2000 - half] * 2, abs=1)


def test_no_customers_no_groups():
    assert found_of().empty
