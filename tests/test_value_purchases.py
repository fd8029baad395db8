"""Purchases to come: how often customers buy, what one purchase brings at their price, and who has not bought yet."""

import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from small_company import AS_OF, books, buying, no_chances, tables

from crmlab.value.to_come.forecast import forecast
from crmlab.value.to_come.purchases import gamma_poisson, group_rates, purchases, spread


def ago(days):
    return AS_OF - pd.Timedelta(days=days)


def bought(customer, days_ago, amount=100_00, kind="product", **cells):
    return {"customer_id": customer, "sold_at": ago(days_ago), "amount": amount, "line_kind": kind, **cells}


def regular(customer, every, since=1095, **cells):
    """A customer that buys every so many days since a day, the last time less than that ago."""
    return [bought(customer, d, **cells) for d in range(since, 0, -every)]


def told(groups, *sales, waiting=None, years=3, clean=None, **settings):
    """Purchases of these customers, by customer."""
    clean = clean or tables(sales=list(sales))
    waits = pd.Series(waiting or {}, dtype=float)
    members = {name: pd.Index(who) for name, who in groups.items()}
    found = purchases(books(clean), buying(**settings), AS_OF, years, members, waits)
    by = pd.DataFrame(found.counts, found.customers)
    by["spend"], by["known"], by["alive"] = found.spend, found.known, found.alive
    return found, by


# How often


def test_a_few_buyers_go_on_as_before():
    found, by = told({"none": ["A", "B"]}, *regular("A", 91), *regular("B", 365))
    # Twelve purchases after the first in three years, and two.
    assert by.loc["A", [0, 1, 2]].tolist() == pytest.approx([4 * found.counts[0, 0] / 4] * 3)
    assert by.loc["A", 0] / by.loc["B", 0] == pytest.approx(6)
    assert by.loc["A", 0] == pytest.approx(4, rel=0.02)
    assert found.lines == {"none": "mean_rate"}
    assert by.spend.tolist() == pytest.approx([100_00, 100_00])


def test_who_is_in_no_group_has_left_and_buys_nothing():
    found, _ = told({"none": ["A"]}, *regular("A", 91), *regular("GONE", 30))
    assert found.customers.tolist() == ["A"]


def test_a_company_that_sells_nothing_and_one_that_nobody_is_left_of():
    for sales in ((), regular("GONE", 30)):
        found, _ = told({"none": []}, *sales, years=2)
        assert found.counts.shape == (0, 2)
        assert (found.common, found.spread, found.lines) == (0.0, 0.0, {})


def test_the_last_year_says_whether_all_buy_less():
    """Two hundred and forty purchases a year, and sixty in the last one."""
    who = [f"C{n:02d}" for n in range(60)]
    busy = [line for c in who for line in regular(c, 91, 1456) if line["sold_at"] <= ago(365)]
    slow = [bought(c, 200) for c in who]
    found, by = told({"contract": who}, *busy, *slow)
    before = 12 / 1456 * 365  # a year by the whole record: twelve after the first
    assert by[0].iloc[0] == pytest.approx(before * (60 + 100) / (60 * before + 100), rel=0.02)
    assert found.common == pytest.approx(np.sqrt(2 / (60 + 100)))


def test_first_purchases_of_a_young_record_are_no_level_for_the_next_year():
    """Sixty customers won nine months ago who buy every month: so they go on."""
    who = [f"C{n:02d}" for n in range(60)]
    lines = [line for c in who for line in regular(c, 30, 270)]
    _, by = told({"contract": who}, *lines)
    assert by[0].iloc[0] == pytest.approx(12, rel=0.15)


def test_prices_of_the_last_year_count_where_enough_was_bought():
    who = [f"C{n:02d}" for n in range(60)]
    lines = [line for c in who for line in regular(c, 91, 1092)]
    dearer = [line | {"amount": 110_00} if line["sold_at"] > ago(365) else line for line in lines]
    _, by = told({"none": who}, *dearer)
    mean = (8 * 100_00 + 4 * 110_00) / 12
    assert by.spend.iloc[0] == pytest.approx(110_00, rel=0.01)
    assert by.spend.iloc[0] > 1.04 * mean


def test_machines_repairs_and_contracts_are_no_purchases():
    clean = tables(
        sales=[
            *regular("A", 91),
            *regular("A", 50, product_id="M1"),
            *regular("A", 60, kind="contract"),
            *[bought("A", d, kind="service") for d in (95, 195)],
        ],
        machines=[{"serial_no": "N1", "customer_id": "A", "machine_model": "M1", "installed_at": ago(900)}],
        tickets=[
            {"customer_id": "A", "reported_at": ago(d), "closed_at": ago(d), "billing": "paid"}
            for d in (100, 200)
        ],
    )
    _, by = told({"none": ["A"]}, clean=clean)
    assert by.loc["A", 0] == pytest.approx(4, rel=0.02)


def some(n, seed=1, rate=(2.0, 1.0), stop=0.0):
    """n customers who buy at gamma rates a year over four years and may stop after any purchase."""
    rng = np.random.default_rng(seed)
    sales = []
    for k in range(n):
        at, one = rng.uniform(0, 700), rng.gamma(rate[0], 1 / rate[1])
        while at < 1460:
            sales.append(bought(f"C{k:03d}", round(1460 - at)))
            if rng.random() < stop:
                break
            at += 1 + rng.exponential(365 / one)
    return sales


def test_who_has_not_bought_yet_buys_like_those_who_have_and_less_the_longer_it_waits():
    new = {"SOON": 10.0, "LATE": 1000.0}
    sales = some(120)
    who = sorted({line["customer_id"] for line in sales})
    _, by = told({"none": [*who, *new]}, *sales, waiting=new, min_repeat_buyers=50)
    assert by.known.drop(list(new)).all()
    assert not by.known[list(new)].any()
    assert by.loc["SOON", 0] > 3 * by.loc["LATE", 0]
    assert by.loc["SOON", 0] == pytest.approx(2.0, rel=0.35)  # the mean rate of all
    assert by.loc["SOON", "spend"] == pytest.approx(by.spend[who].mean())


def test_customers_with_a_contract_are_fitted_apart():
    """Those with a contract buy four times as often; each group's newcomer buys like its own."""
    often, seldom = some(110, 2, (8.0, 2.0)), some(110, 3, (2.0, 2.0))
    often = [line | {"customer_id": "H" + line["customer_id"]} for line in often]
    groups = {
        name: [*sorted({line["customer_id"] for line in lines}), f"NEW {name}"]
        for name, lines in (("contract", often), ("none", seldom))
    }
    waiting = {"NEW contract": 1.0, "NEW none": 1.0}
    found, by = told(groups, *often, *seldom, waiting=waiting, min_repeat_buyers=50)
    assert set(found.lines) == {"contract", "none"}
    assert by.loc["NEW contract", 0] > 2 * by.loc["NEW none", 0]


def histories(**columns):
    return pd.DataFrame(columns, dtype=float)


def lives(n=400, seed=4, stop=0.0):
    """Histories of n customers over four years who buy at gamma rates and stop with beta chances around `stop` after a purchase."""
    rng = np.random.default_rng(seed)
    found = []
    for rate, p in zip(
        rng.gamma(2, 3 / 2 / 365, n), rng.beta(0.5, 0.5 / stop - 0.5, n) if stop else [0] * n, strict=True
    ):
        at, days = 0.0, [0.0]
        while rng.random() >= p and (at := at + rng.exponential(1 / rate)) < 1460:
            days.append(at)
        found.append((len(days) - 1, days[-1]))
    frequency, recency = np.array(found).T
    return histories(frequency=frequency, recency=np.floor(recency), T=np.full(n, 1460.0))


def test_customers_that_stop_are_told_by_a_model_and_others_by_rates_that_never_end():
    steady = lives()
    said = group_rates(steady, steady, buying(), 3)
    assert said.line == "gamma-Poisson"
    assert (said.alive == 1).all()
    assert said.counts.sum() == pytest.approx(steady.frequency.sum() / 1460 * 365 * 3, rel=0.02)
    dying = lives(stop=0.15)
    said = group_rates(dying, dying, buying(), 3)
    assert said.line == "MBGNBD"
    assert said.counts[:, 2].sum() < said.counts[:, 0].sum()
    assert said.alive[dying.recency < 400].mean() < 0.3 < said.alive[dying.recency > 1300].mean()


def test_a_buyer_of_a_week_is_not_taken_for_a_daily_one():
    first_week = histories(frequency=[3], recency=[6], T=[7])
    assert group_rates(first_week, first_week, buying(), 1).counts.tolist() == [[3.0]]


def test_the_rates_of_customers_are_recovered():
    rng, n = np.random.default_rng(1), 4000
    years = rng.uniform(0.5, 4, n)
    r, alpha = gamma_poisson(rng.poisson(rng.gamma(2, 1 / 3, n) * years), years, np.ones(n))
    assert (r, alpha) == (pytest.approx(2, rel=0.1), pytest.approx(3, rel=0.1))


def test_a_row_may_stand_for_many_customers():
    n, years = np.array([0.0, 1.0, 4.0]), np.array([1.0, 2.0, 2.0])
    each = np.repeat([0, 1, 2], [5, 3, 2])
    many = gamma_poisson(n, years, [5, 3, 2])
    assert many == pytest.approx(gamma_poisson(n[each], years[each], np.ones(10)), rel=1e-3)


@pytest.mark.parametrize("n", [[3.0] * 50, [0.0] * 50, [3.0], [0.0], [1e5] * 50])
def test_customers_all_alike_have_their_mean_rate(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        r, alpha = gamma_poisson(np.array(n), np.full(len(n), 2.0), np.ones(len(n)))
    assert r / alpha == pytest.approx(n[0] / 2, rel=1e-3, abs=1e-6)


# What one brings


def test_purchases_all_alike_do_not_vary_and_others_do():
    def of(*amounts):
        bought = [{"customer_id": "A", "day": ago(n), "amount": a} for n, a in enumerate(amounts)]
        clean = tables(
            sales=[
                {"customer_id": b["customer_id"], "sold_at": b["day"], "amount": b["amount"]} for b in bought
            ]
        )
        n = len(amounts)
        frame = histories(frequency=[n - 1], amount=[sum(amounts)])
        made = books(clean)
        return spread(
            SimpleNamespace(engine=made.engine, sales=made.tables["sales"], settings=buying()), frame, AS_OF
        )

    assert of(100, 100, 100, 100) == 0
    # 200 ± 100, of which four purchases tell three quarters: their mean is their own.
    assert of(100, 300, 100, 300) == pytest.approx(0.25 / 0.75)


def brings(*sales, **rows):
    """Margin to come of purchases in a year, by customer, and the forecast."""
    found = forecast(books(tables(sales=list(sales), **rows)), no_chances(), buying(), AS_OF, 12, 0.0)
    return found.customers.purchases, found


def test_a_purchase_brings_its_margin_and_limits_are_wider_for_who_buys_seldom():
    purchased, found = brings(*regular("OFTEN", 91, cost=70_00), *regular("SELDOM", 365, cost=70_00))
    assert purchased["OFTEN"] / 30_00 == pytest.approx(4, rel=0.02)
    assert found.total("purchases").expected == pytest.approx(purchased.sum())
    wide = (found.customers.high - found.customers.low) / found.customers.to_come
    assert wide["SELDOM"] > 1.5 * wide["OFTEN"]


def test_discounts_come_off_the_margin_because_goods_cost_the_same():
    """The same goods cost 70 of a list price of 100; A pays 100, B 90: thirty come to A's margin, twenty to B's."""
    goods = {"products": [{"product_id": "P", "list_price": 100_00}]}
    lines = [{"product_id": "P", "qty": 1.0, "cost": 70_00}]
    a, b = (regular(who, 30, amount=amount, **lines[0]) for who, amount in (("A", 100_00), ("B", 90_00)))
    purchased, _ = brings(*a, *b, **goods)
    assert purchased["B"] / purchased["A"] == pytest.approx(20 / 30, rel=0.01)


def test_other_sales_come_along_with_purchases():
    """Freight at a tenth of the turnover, all of it margin, beside goods at a margin of three tenths."""
    freight = [bought("A", d, amount=10_00, kind="other", cost=0) for d in range(1095, 0, -91)]
    with_freight, _ = brings(*regular("A", 91, cost=70_00), *freight)
    assert with_freight["A"] / 40_00 == pytest.approx(4, rel=0.02)


def test_goods_sold_below_cost_bring_a_loss():
    purchased, found = brings(*regular("A", 91, cost=130_00))
    assert purchased["A"] < 0
    assert found.customers.to_come["A"] < 0
