"""What was sold: rise and fall in words, groups that lines do not say, splits of the change, and how few bring how much."""

import pandas as pd
import pytest

from crmlab.purchases.sales.outputs import CHANGE, MONTHS, PARETO, SALES
from crmlab.report.findings import gaps, sales, sales_change, sales_groups
from crmlab.report.language import Language, catalogue
from crmlab.tables import conform, empty

EN, ZH = Language("en"), Language("zh")
YEAR = {"sales": {"amount": 90_000_00, "before": 100_000_00, "months_before": 12}}
BANDS = [0, 0.05, 0.1]


def en(message):
    return message.in_language(EN) if hasattr(message, "in_language") else message


def groups(of, *rows):
    """Rows of (group, amount, before, margin share)."""
    frame = pd.DataFrame(rows, columns=["group", "amount", "before", "margin_share"])
    total = frame["amount"].sum()
    frame = frame.assign(of=of, share=frame["amount"] / total, change=frame["amount"] - frame["before"])
    return conform(frame.reindex(columns=[column.name for column in SALES.columns]), SALES)


CHANNELS = groups(
    "channel", ("直销", 60_00, 50_00, 0.2), ("代理", 30_00, 50_00, 0.3), ("unknown", 10_00, 0, None)
)


def test_groups_are_named_the_largest_first_and_what_no_line_says_last():
    rows = sales_groups.by(CHANNELS.iloc[::-1], "channel")
    assert [en(label) for label in rows["label"]] == ["direct", "agents", "not recorded"]
    assert [en(said) for said in rows["change_said"]] == [
        "20.0% more",
        "40.0% less",
        "nothing the year before",
    ]
    assert rows["label"].iloc[0].in_language(ZH) == "直销"
    assert len(sales_groups.every(CHANNELS, BANDS)) == 3


@pytest.mark.parametrize(
    ("of", "group", "name", "said"),
    [
        ("line_kind", "part", None, "spare parts"),
        ("rate", "below", None, "below 0%"),
        ("rate", "0.05", None, "5% to 10%"),
        ("rate", "0.1", None, "10% and more"),
        ("rate", "unknown", None, "not recorded"),
        ("product", "MEM-3", "内存", "MEM-3 (memory)"),
        ("product", "MEM-3", None, "MEM-3"),
        ("customer", "C1", "North Bank", "North Bank"),
        ("customer", "C1", None, "C1"),
        ("region", "杭州", None, "杭州"),
    ],
)
def test_a_group_is_called_what_people_call_it(of, group, name, said):
    assert en(sales_groups.label(of, group, name, BANDS)) == said


def test_bands_of_discounts_keep_their_order():
    rows = groups("rate", ("unknown", 9, 9, None), ("0.1", 5, 5, 0.1), ("below", 1, 1, 0.9), ("0", 2, 2, 0.4))
    assert sales_groups.by(rows, "rate", BANDS)["group"].tolist() == ["below", "0", "0.1", "unknown"]


def test_the_finding_over_groups_names_the_largest_and_what_changed_most():
    rows = sales_groups.by(CHANNELS, "channel")
    assert en(sales_groups.title(rows, "channel", {})) == (
        "By channel: most sales in direct (60%); largest change: agents, CN¥20 less than the year before"
    )
    assert en(sales_groups.moved_most(rows)) == "agents"
    more = sales_groups.by(groups("region", ("A", 60_00, 10_00, None), ("B", 9_00, 9_00, None)), "region")
    assert en(sales_groups.title(more, "region", {})).endswith(
        "largest change: A, CN¥50 more than the year before"
    )
    alone = sales_groups.by(groups("region", ("A", 60_00, 10_00, None)), "region")
    assert en(sales_groups.title(alone, "region", {})) == "By region: most sales in A (100%)"


def test_groups_that_no_line_says_are_not_shown():
    untold = sales_groups.by(groups("channel", ("unknown", 60_00, 50_00, None)), "channel")
    assert sales_groups.shown(untold).empty
    assert len(sales_groups.shown(sales_groups.by(CHANNELS, "channel"))) == 3
    assert sales_groups.moved_most(untold) is None
    assert en(sales_groups.title(untold, "channel", {})) == (
        "By channel: cannot tell, no line of the last twelve months says"
    )
    lacks = {"missing": [{"what": "sales.channel", "adds": gaps.CHANNELS}]}
    assert en(sales_groups.title(untold, "channel", lacks)) == (
        "Not shown: sales by channel. Missing: sales.channel"
    )


@pytest.mark.parametrize(
    ("margins", "said"),
    [
        ((0.4, 0.1), "Discounts of 5% to 10% leave a margin of 10.0%, those of 0% to 5% one of 40.0%; they are 25.0% of sales"),
        ((0.1, 0.4), "Margins do not fall with the discount: 10.0% at discounts of 0% to 5%, 40.0% at 5% to 10%"),
        ((0.1, None), "By discount: most sales in 0% to 5% (75%)"),
    ],
)  # fmt: skip
def test_the_finding_over_discounts(margins, said):
    low, high = margins
    rows = sales_groups.by(groups("rate", ("0", 75, 75, low), ("0.05", 25, 25, high)), "rate", BANDS)
    assert en(sales_groups.rate_title(rows, {})) == said


def test_the_largest_customers_and_those_who_bought_less():
    rows = sales_groups.by(
        groups("customer", ("A", 60_00, 80_00, None), ("B", 40_00, 10_00, None)), "customer"
    )
    assert en(sales_groups.customers_title(rows)) == (
        "The 2 largest customers bring 100% of sales; 1 of them bought less than the year before"
    )
    assert sales_groups.fallen(rows)["group"].tolist() == ["A"]
    assert en(sales_groups.fallen_title(rows)) == (
        "1 customers bought for CN¥20 less than the year before, the first 1 of them for CN¥20"
    )
    alone = rows[rows["group"] == "B"]
    assert en(sales_groups.fallen_title(alone)) == "No customer bought less than the year before"
    assert en(sales_groups.customers_title(rows.head(0))).startswith("By customer: cannot tell")
    first_year = rows.assign(change=float("nan"))
    assert en(sales_groups.customers_title(first_year)) == "The 2 largest customers bring 100% of sales"


def test_a_ledger_of_less_than_two_years_is_not_compared():
    young = {"sales": YEAR["sales"] | {"months_before": 5}}
    assert sales.year_before(YEAR) == 100_000_00
    assert sales.year_before(young) is None
    assert sales_groups.comparable(CHANNELS, young)["change"].isna().all()
    assert sales_groups.comparable(CHANNELS, YEAR) is CHANNELS
    assert sales.card(young).beside is None
    assert en(sales.attention(young)).endswith("there is no year before to compare them with.")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (90_000_00, "Sales fell by 10.0% to CN¥90K in the last twelve months."),
        (112_000_00, "Sales rose by 12.0% to CN¥112K in the last twelve months."),
        (100_100_00, "Sales held at CN¥100.1K in the last twelve months."),
    ],
)
def test_attention_says_how_sales_moved(amount, said):
    assert en(sales.attention({"sales": YEAR["sales"] | {"amount": amount}})) == said


def test_without_sales_there_is_no_sentence_and_no_card():
    for metrics in ({}, {"sales": None}, {"sales": {"lines": 0}}):
        assert sales.attention(metrics) is None
        assert sales.card(metrics) is None


def test_the_card_compares_with_the_year_before():
    card = sales.card(YEAR)
    assert (card.value.text(EN), en(card.beside)) == ("CN¥90K", "10.0% less (CN¥100K in the year before)")


def ledger(*amounts):
    """Months up to October 2026, products alone."""
    when = pd.period_range(end="2026-10", periods=len(amounts), freq="M").astype(str)
    frame = pd.DataFrame({"month": when, "amount": amounts})
    frame["trend"] = frame["amount"].rolling(12).mean()
    both = pd.concat([frame.assign(line_kind="all"), frame.assign(line_kind="product", trend=float("nan"))])
    return conform(both.reindex(columns=[column.name for column in MONTHS.columns]).round(), MONTHS)


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        ([100] * 12 + [200] * 12, "Sales rose: CN¥24 in the last twelve months, CN¥12 in the twelve before"),
        ([200] * 12 + [100] * 12, "Sales fell: CN¥12 in the last twelve months, CN¥24 in the twelve before"),
        ([100] * 24, "Sales held: CN¥12 in the last twelve months, CN¥12 in the twelve before"),
        ([100] * 15, "Sales of the last 12 months: CN¥12"),
        ([100] * 3, "Sales of the last 3 months: CN¥3"),
        ([], "There is no complete month of sales yet"),
    ],
)
def test_the_finding_over_the_months(amounts, said):
    assert en(sales.month_title(ledger(*amounts))) == said


def test_months_know_the_year_before_and_only_kinds_that_were_sold_are_drawn():
    rows = sales.totals(ledger(*[100] * 12, 150))
    assert en(rows["change_said"].iloc[-1]) == "50.0% more"
    assert rows["change_said"].iloc[0] is None
    kinds = sales.kinds(ledger(*[100] * 30))
    assert set(kinds["kind"]) == {"products"}
    assert kinds["month"].nunique() == sales.SHOWN
    assert list(sales.card(YEAR, ledger(*[100] * 13)).line) == [100, 100]
    words = catalogue("zh")
    assert all(words.get(kind, "line kind") for kind in sales.KINDS.values())


def change(**parts):
    """One split, `of` first: change(of="customers", won=5)."""
    of = parts.pop("of")
    frame = pd.DataFrame({"of": of, "part": list(parts), "n": None, "amount": list(parts.values())})
    return conform(frame, CHANGE)


def test_a_split_keeps_its_order_and_leaves_out_what_did_not_move():
    rows = sales_change.split(change(of="customers", not_told=-5, lost=-3_00, same=0, won=1_00), "customers")
    assert [en(name) for name in rows["name"]] == [
        "new customers",
        "customers who bought nothing any more",
        "cannot be told",
    ]


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"won": 1_00, "lost": -3_00}, "of CN¥2 less, the largest part: customers who bought nothing any more, CN¥3 less"),
        ({"won": 5_00, "more": 1_00, "lost": -3_00}, "of CN¥3 more, the largest part: new customers, CN¥5 more"),
        ({"not_told": 5_00, "lost": -1_00}, "cannot tell"),
        ({"not_told": 5_00}, "there is no change to split, or no year before"),
        ({"won": 0}, "there is no change to split, or no year before"),
    ],
)  # fmt: skip
def test_the_finding_over_a_split(parts, said):
    title = en(sales_change.title(change(of="customers", **parts), "customers", {}))
    assert title == f"Change by customers: {said}"


def test_a_split_by_price_says_what_it_lacks():
    lacks = {"missing": [{"what": "sales.product_id", "adds": gaps.PRODUCTS}]}
    assert en(sales_change.title(empty(CHANGE), "price", lacks)).endswith("Missing: sales.product_id")
    assert "no change to split" in en(sales_change.title(empty(CHANGE), "rhythm", lacks))
    priced = change(of="price", volume=-3_00, price=1_00)
    assert "largest part: pieces sold" in en(sales_change.title(priced, "price", {}))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"less": -12_000_00, "won": 2_000_00}, "Largest part of the fall: customers who bought less, CN¥12K. Next: ask those who bought less why."),
        ({"lost": -12_000_00, "won": 2_000_00}, "Next: call those who bought nothing any more."),
    ],
)  # fmt: skip
def test_the_cause_of_a_fall_comes_with_an_action(parts, said):
    assert en(sales_change.cause(change(of="customers", **parts), YEAR)).endswith(said)


@pytest.mark.parametrize(
    ("part", "action"),
    [("won", "their second purchase decides"), ("won_back", "won them back"), ("more", "offer it to others")],
)
def test_the_cause_of_a_rise_comes_with_an_action(part, action):
    rose = {"sales": YEAR["sales"] | {"amount": 120_000_00}}
    said = en(sales_change.cause(change(of="customers", **{part: 20_000_00}), rose))
    assert said.startswith("Largest part of the rise:")
    assert said.endswith(f"{action}.")


def test_no_cause_is_told_where_sales_held_or_nothing_tells():
    held = {"sales": YEAR["sales"] | {"amount": 100_000_00}}
    assert sales_change.cause(change(of="customers", won=5), held) is None
    assert sales_change.cause(empty(CHANGE), YEAR) is None
    assert sales_change.cause(change(of="customers", won=5), {}) is None


def pareto(at_a_fifth):
    rows = [("customer", x, y) for x, y in ((0.0, 0.0), (0.2, at_a_fifth), (1.0, 1.0))]
    rows += [("product", 0.0, 0.0), ("product", 1.0, 1.0)]
    return conform(pd.DataFrame(rows, columns=["of", "share_of", "share_amount"]), PARETO)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.5, "more evenly spread than 80/20"), (0.8, "about 80/20"), (0.95, "fewer bring more than by 80/20")],
)
def test_whether_it_is_eighty_twenty(share, said):
    assert en(sales_change.pareto_title(pareto(share))) == (
        f"A fifth of the customers brings {share:.0%} of sales: {said}"
    )


def test_the_curve_of_customers_and_products():
    assert sales_change.top_fifth(pareto(0.5), "product") == pytest.approx(0.2)
    assert sales_change.top_fifth(empty(PARETO), "customer") is None
    assert en(sales_change.pareto_title(empty(PARETO))).startswith("Nothing was sold")
    rows = sales_change.curve(pareto(0.5))
    assert rows["name"].unique().tolist() == ["customers", "products"]
    assert len(sales_change.thinned(rows)) == 5
    assert sales_change.thinned(sales_change.curve(empty(PARETO))).empty
