"""What the section value may say, and what its errors teach."""

from pathlib import Path

import pytest
import yaml

from crmlab.files import CrmlabError
from crmlab.value.settings import Settings

PARAMS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text(encoding="utf-8"))


def read(**changed):
    return Settings.read({**PARAMS["value"], **changed}, PARAMS["purchases"], PARAMS["churn"])


def test_the_section_and_what_it_shares_with_purchases_and_churn():
    found = read(horizon_months=24, annual_discount=0.08)
    assert (found.horizon_months, found.annual_discount) == (24, 0.08)
    assert found.counts == ("product", "service", "part")
    assert found.grace_days == PARAMS["churn"]["grace_days"]


@pytest.mark.parametrize("months", [0, -12, 121, 36.0, 12.5, "36", None, True])
def test_a_horizon_out_of_range(months):
    with pytest.raises(
        CrmlabError,
        match=rf"^params.yaml, value.horizon_months: {months} found, a whole number from 1 to 120",
    ):
        read(horizon_months=months)


@pytest.mark.parametrize("months", [1, 120])
def test_the_shortest_and_the_longest_horizon(months):
    assert read(horizon_months=months).horizon_months == months


@pytest.mark.parametrize("rate", [0, -0.1, 1, 10, float("nan"), float("inf"), "0.1", None, True])
def test_a_discount_that_is_no_share_of_a_year(rate):
    with pytest.raises(
        CrmlabError,
        match=rf"value.annual_discount: {rate} found, .* 0.1 for ten percent a year; money to come",
    ):
        read(annual_discount=rate)


@pytest.mark.parametrize("name", ["visit_cost", "hour_cost", "km_cost", "contact_cost"])
@pytest.mark.parametrize("cost", [-1, float("nan"), float("inf"), "5", None])
def test_a_rate_of_service_that_is_no_amount(name, cost):
    with pytest.raises(CrmlabError, match=rf"value.{name}: {cost} found, an amount from 0 on"):
        read(**{name: cost})
    assert getattr(read(**{name: 0}), name) == 0


@pytest.mark.parametrize("share", [1.01, -2, 30, float("nan"), "0.3", None])
def test_a_margin_that_is_no_share(share):
    with pytest.raises(
        CrmlabError, match=rf"value.margin.part: {share} found, a share of the amount is expected, 0.3"
    ):
        read(margin={**PARAMS["value"]["margin"], "part": share})


@pytest.mark.parametrize(
    ("margin", "wrong"),
    [
        ({"product": 0.2, "service": 0.4, "part": 0.3, "contract": 0.5}, "other"),
        ({**PARAMS["value"]["margin"], "parts": 0.3}, "parts"),
        ({}, "contract, other, part, product, service"),
        (None, "None"),
        (0.3, "0.3"),
    ],
)
def test_a_margin_that_leaves_a_kind_of_line_out_or_names_another(margin, wrong):
    with pytest.raises(
        CrmlabError,
        match=rf"^params.yaml, value.margin: {wrong} missing or unknown; expected are contract, other",
    ):
        read(margin=margin)


def test_a_key_that_is_missing_or_unknown():
    short = {k: v for k, v in PARAMS["value"].items() if k != "km_cost"}
    with pytest.raises(
        CrmlabError,
        match=r"^params.yaml, value: discount, km_cost missing or unknown; expected are annual_discount",
    ):
        Settings.read({**short, "discount": 0.1}, PARAMS["purchases"], PARAMS["churn"])
