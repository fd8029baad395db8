"""Value by industry, region, tier, service level and standing."""

import pandas as pd
import pytest

from crmlab.tables import conform
from crmlab.value.groups import MIN_CUSTOMERS, groups
from crmlab.value.outputs import CUSTOMERS, GROUPS


def customers(*rows):
    """Customers of (industry, to_come), all else missing or 0."""
    frame = pd.DataFrame({"industry": [i for i, _ in rows], "to_come": [v for _, v in rows]})
    for column in CUSTOMERS.columns:
        if column.name not in frame:
            frame[column.name] = 0 if column.kind == "money" else None
    return conform(frame.assign(historical=10, standing="none"), CUSTOMERS)


def of_industry(*rows):
    found = groups(customers(*rows))
    conform(found, GROUPS)
    return found[found.of == "industry"].set_index("group")


def test_a_group_is_its_customers_together_and_their_mean_with_limits():
    found = of_industry(*[("bank", v) for v in (0, 100, 200, 300, 400)]).loc["bank"]
    assert found[["customers", "historical", "to_come", "per_customer", "negative"]].tolist() == [
        5,
        50,
        1000,
        200,
        0,
    ]
    # Standard deviation 158, standard error 71.
    assert found[["low", "high"]].tolist() == pytest.approx([200 - 139, 200 + 139], abs=1)


def test_the_most_valuable_group_comes_first_and_losses_are_counted():
    found = of_industry(*[("mill", -5)] * 6, *[("bank", 5)] * 6)
    assert found.index.tolist() == ["bank", "mill"]
    assert found.negative.tolist() == [0, 6]


def test_a_few_customers_are_no_group_and_customers_without_one_are_in_none():
    found = groups(
        customers(*[("few", 1)] * (MIN_CUSTOMERS - 1), *[("enough", 1)] * MIN_CUSTOMERS, *[(None, 1)] * 9)
    )
    assert found[["of", "group", "customers"]].values.tolist() == [
        ["industry", "enough", MIN_CUSTOMERS],
        ["standing", "none", 2 * MIN_CUSTOMERS + 8],
    ]


def test_customers_all_alike_have_limits_without_width():
    found = of_industry(*[("bank", 7)] * 5).loc["bank"]
    assert found[["low", "per_customer", "high"]].tolist() == [7, 7, 7]


def test_no_customers_no_groups():
    assert groups(customers()).empty
