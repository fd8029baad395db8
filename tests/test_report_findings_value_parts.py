"""Each branch over equity, its change, what would move it, and who brings the profit."""

import pytest
from worth import CHANGE, METRICS, said, table

from crmlab.report.findings import value_changes, value_groups, value_parts, value_what_if
from crmlab.report.language import Language

EQUITY = table(
    "equity",
    {"part": "ticket_cost", "expected": -300_00, "customers": 3},
    {"part": "renewals", "expected": 700_00, "customers": 2},
    {"part": "current", "expected": 200_00, "customers": 2},
    {"part": "purchases", "expected": 0, "customers": 0},
    {"part": "to_come", "expected": 600_00, "low": 400_00, "high": 900_00, "customers": 3},
)


def test_parts_stand_in_order_and_without_those_that_are_nothing():
    rows = value_parts.parts(EQUITY)
    assert list(rows["part"]) == ["current", "renewals", "ticket_cost"]
    assert rows["expected"].sum() == 600_00
    assert said(list(value_parts.with_total(EQUITY)["name"]))[-1] == "Value to come"


@pytest.mark.parametrize(
    ("cost", "words"),
    [
        (-300_00, "Most will come from contracts not yet signed: CN¥700 of CN¥900; serving will cost 33% of that"),
        (-950_00, "Most will come from contracts not yet signed: CN¥700 of CN¥900; serving will cost more than all of it, CN¥950"),
        (0, "Most will come from contracts not yet signed: CN¥700 of CN¥900; what serving will cost is not known"),
    ],
)  # fmt: skip
def test_the_picture_says_what_brings_most_and_what_serving_costs(cost, words):
    equity = EQUITY.assign(expected=EQUITY["expected"].mask(EQUITY["part"] == "ticket_cost", cost))
    assert said(value_parts.title(equity)) == words


def test_without_income_or_limits_the_picture_says_less():
    assert said(value_parts.title(table("equity"))) == "No margin is expected to come"
    assert "with 90 % limits CN¥400 to CN¥900" in said(value_parts.note(METRICS, EQUITY))
    assert said(value_parts.note(METRICS, table("equity"))).endswith("then what is left.")


CHANGES = table(
    "changes",
    *(
        {"step": i, "what": what, "amount": CHANGE[what], "customers": i}
        for i, what in enumerate(
            ("then", "new", "lost", "price", "chances", "purchases", "replacements", "cost", "now")
        )
    ),
)


def test_the_steps_of_the_change_add_up_to_it():
    rows = value_changes.steps(CHANGES)
    assert said(list(rows["name"])) == [
        "new customers",
        "lost customers",
        "renewals, and a month gone by",
        "purchases expected",
        "tickets and paid repairs",
    ]
    assert rows["amount"].sum() == CHANGE["now"] - CHANGE["then"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (CHANGE, "The value to come fell from CN¥10M (30 September 2026) to CN¥9M, most of it by worse renewals, and a month gone by (CN¥700K)"),
        (CHANGE | {"now": 12_000_000_00}, "The value to come rose from CN¥10M (30 September 2026) to CN¥12M, most of it by new customers (CN¥100K)"),
        (CHANGE | {"now": 10_000_000_00}, "The value to come has held: CN¥10M against CN¥10M (30 September 2026)"),
        (CHANGE | {"since": None, "now": 10_000_000_00}, "The value to come has held: CN¥10M against CN¥10M (a month ago)"),
        ({"then": 10_00, "now": 20_00}, "The value to come has held: CN¥20 against CN¥10 (a month ago)"),
        (None, "How the value to come has changed cannot be told: too little was known a month ago"),
    ],
)  # fmt: skip
def test_the_change_is_told_with_its_driver(change, words):
    assert said(value_changes.change_title({"change": change}, table("equity"))) == words


@pytest.mark.parametrize(
    ("what", "part"),
    [
        ("price", "current"),
        ("chances", "renewals"),
        ("purchases", "purchases"),
        ("replacements", "replacements"),
        ("cost", "ticket_cost"),
        ("cost", "paid_repairs"),
    ],
)
def test_a_value_has_held_where_its_driver_is_no_surer_than_its_part(what, part):
    only = dict.fromkeys(value_changes.STEPS, 0) | {"then": 100_00, "now": 50_00, what: -50_00}
    equity = table("equity", {"part": part, "expected": -1000_00, "common": 0.05})
    assert value_changes.changed({"change": only}, equity) is None
    assert said(value_changes.change_title({"change": only}, equity)).startswith("The value to come has held")
    surer = equity.assign(common=0.04)
    assert "has fallen" in said(value_changes.changed({"change": only}, surer))


def test_customers_that_came_or_went_are_counted_not_estimated():
    only = dict.fromkeys(value_changes.STEPS, 0) | {"then": 100_00, "now": 50_00, "lost": -50_00}
    equity = table(
        "equity", *({"part": p, "expected": 9000_00, "common": 0.5} for p in ("current", "renewals"))
    )
    assert "by lost customers" in said(value_changes.changed({"change": only}, equity))


@pytest.mark.parametrize("what", value_changes.STEPS)
def test_each_driver_says_which_way_and_what_to_do(what):
    """A fall names what to do; a rise asks that it last; the words of the two differ, and none is left unfilled."""
    only = dict.fromkeys(value_changes.STEPS, 0)
    fell = said(
        value_changes.changed(
            {"change": only | {"then": 100_00, "now": 50_00, what: -50_00}}, table("equity")
        )
    )
    rose = said(
        value_changes.changed(
            {"change": only | {"then": 100_00, "now": 150_00, what: 50_00}}, table("equity")
        )
    )
    assert "has fallen by CN¥50 to CN¥50" in fell
    assert "see that it lasts" not in fell
    assert rose.endswith("see that it lasts.")
    assert fell.split(" by ")[2].split(" (")[0] != rose.split(" by ")[2].split(" (")[0]


SENSITIVITIES = table(
    "sensitivities",
    {"what": "renewal_plus_1", "to_come": 610_00, "change": 10_00},
    {"what": "cost_minus_10", "to_come": 660_00, "change": 60_00},
    {"what": "discount_plus_1", "to_come": 570_00, "change": -30_00},
)


def test_the_largest_lever_comes_first():
    rows = value_what_if.what_if(SENSITIVITIES)
    assert list(rows["what"]) == ["cost_minus_10", "discount_plus_1", "renewal_plus_1"]
    assert list(rows["percent"].round(3)) == [0.1, -0.05, 0.017]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (3, "One point more contracts renewed is worth CN¥10, a tenth less cost to serve CN¥60"),
        (1, "One point more contracts renewed is worth CN¥10"),
        (0, "What would move the value to come cannot be told"),
    ],
)
def test_what_if_says_what_it_knows(rows, words):
    assert said(value_what_if.what_if_title(SENSITIVITIES.head(rows))) == words
    assert said(value_what_if.what_if_title(SENSITIVITIES.iloc[1:2])) == (
        "A tenth less cost to serve is worth CN¥60"
    )


@pytest.mark.parametrize(
    ("fifth", "needed", "words"),
    [
        (None, None, "There is no profit to share out"),
        (0.6, None, "The most profitable fifth of the customers brought 60% of the profit"),
        (0.81, 0.19, "It is 80/20 here: 19% of the customers brought 80 % of the profit"),
        (0.95, 0.1, "More uneven than 80/20: 10% of the customers brought 80 % of the profit"),
        (0.5, 0.5, "More even than 80/20: it took 50% of the customers to bring 80 % of the profit"),
        (1.2, 0.08, "More uneven than 80/20: the best fifth brought 120% of the profit, as others lost money; 8% brought 80 %"),
    ],
)  # fmt: skip
def test_is_it_80_20_here(fifth, needed, words):
    assert said(value_groups.pareto_title({"top_fifth_profit": fifth, "share_for_80": needed})) == words
    assert (value_groups.attention({"top_fifth_profit": fifth}) is None) == (fifth is None)


def test_the_table_of_the_curve_has_a_row_a_tenth():
    pareto = table(
        "pareto", *({"share_customers": i / 100, "share_profit": (i / 100) ** 0.5} for i in range(101))
    )
    rows = value_groups.tenths_of(pareto)
    assert list(rows["share_customers"].round(2)) == [round(i / 10, 2) for i in range(11)]


GROUPS = table(
    "groups",
    {
        "of": "industry",
        "group": "银行",
        "customers": 90,
        "per_customer": 900_00,
        "low": 800_00,
        "high": 1000_00,
    },
    {"of": "industry", "group": "酒店", "customers": 80, "per_customer": -100_00, "low": -200_00, "high": 0},
    {
        "of": "tier",
        "group": "vip",
        "customers": 5,
        "per_customer": 2000_00,
        "low": -9000_00,
        "high": 13000_00,
    },
    {"of": "tier", "group": None, "customers": 7, "per_customer": 100_00, "low": 90_00, "high": 110_00},
    {"of": "standing", "group": "left", "customers": 7, "per_customer": 0, "low": 0, "high": 0},
)


def test_groups_beyond_chance_are_named_and_unknown_ones_are_not_drawn():
    assert said(value_groups.title(GROUPS)) == "Industry: bank is worth CN¥900 a customer, hotel -CN¥100"
    assert list(value_groups.drawn(GROUPS)["group"]) == ["银行", "酒店", "vip"]
    rows = value_groups.by_group(GROUPS)
    assert said(list(rows["name"]), Language("zh")) == ["银行", "酒店", "VIP", "不明", "已离开"]


def test_groups_differ_only_where_their_limits_do_not_meet():
    """Beyond the chance of all pairs is not enough: 95 % limits that meet would say otherwise in the picture."""
    two = GROUPS.iloc[:2].assign(per_customer=[20_00, -20_00], low=[1_00, -33_00], high=[39_00, -7_00])
    assert "hotel" in said(value_groups.title(two))
    meeting = two.assign(low=[-8_00, -33_00], high=[48_00, -7_00])
    assert said(value_groups.title(meeting)).endswith("cannot be told apart")


def test_the_curve_says_of_whom_it_is():
    assert said(value_groups.pareto_note(METRICS)).startswith("1,258 customers with any sales, cost or value")


def test_groups_that_chance_may_have_set_apart_are_not():
    near = GROUPS.assign(low=GROUPS["low"] - 2000_00, high=GROUPS["high"] + 2000_00)
    assert said(value_groups.title(near)) == (
        "Value a customer: industries, regions, tiers and service levels cannot be told apart"
    )
    assert said(value_groups.title(GROUPS.iloc[2:3])).endswith("cannot be told apart")
    assert said(value_groups.title(table("groups"))).endswith("too few customers are known to tell")
