"""Sales: what customers buy by themselves, the machines that replace others, contract terms and paid repairs.

Buyers are a mixture: at random, regularly (Erlang-3 gaps), in the budget season, and for a while only. BG/NBD and its kin
assume one kind with gamma rates and a coin at each purchase, so none of them is exactly right. Spend per line is a
product of pieces, list price and discount, not gamma.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import nine_types
from .machines import models
from .products import LINES, VISIT, catalogue, contract_product, on_sale
from .world import BRANCHES, DAY, LEVELS, YEAR

BUY_RATE = 0.85
"""Orders a year of an average customer of one machine."""
RETURNS = 0.05
POOL_SHARE = 0.06
"""Share of a contract's price that the pool of spare parts costs; visits are counted apart."""
CHANNELS = np.array(["直销", "代理", "电话", "网上"], dtype=object)
PROMOTIONS = np.array(["", "年中促销", "双11", "年终促销"], dtype=object)
COLUMNS = [
    "who",
    "order",
    "sold",
    "product",
    "qty",
    "amount",
    "cost",
    "list_price",
    "rate",
    "promo",
    "line_kind",
    "is_return",
]
_TOP = np.array([1.7, 3.0, 9.0, 1.7])
"""Points drawn per order kept, by kind of buyer: enough for the season and the trend; every third for regular ones."""


def orders(people: pd.DataFrame, begin: int, end: int, rng: np.random.Generator) -> pd.DataFrame:
    """Orders that customers place by themselves in [begin, end): `who`, `sold` (minute)."""
    kind = people["buyer"].to_numpy()
    first = np.maximum(people["created"].to_numpy(), begin)
    years = np.clip(end - first, 0, None) / YEAR
    rate = BUY_RATE * people["buy_rate"].to_numpy()
    points = rng.poisson(rate * years * _TOP[kind])
    who = np.repeat(np.arange(len(people)), points)
    days = first[who] + rng.random(len(who)) * (years * YEAR)[who]
    order = np.lexsort((days, who))
    who, days = who[order], days[order]
    nth = (
        np.arange(len(who))
        - np.concatenate([[0], np.cumsum(points)])[who]
        + rng.integers(0, 3, len(people))[who]
    )
    month = _month(days)
    season = np.where(month == 12, 6.0, 0.5) / (11.5 / 12)
    trend = np.exp(nine_types.effect("trend", people, who, days) * (days / YEAR - 2.5))
    wanted = np.where(kind[who] == 2, season, 1.0) * trend
    keep = np.where(kind[who] == 1, nth % 3 == 0, rng.random(len(who)) * _TOP[kind[who]] < wanted)
    keep &= days < people["dies"].to_numpy()[who]
    minute = rng.integers(9 * 60, 18 * 60, len(who))
    return pd.DataFrame({"who": who[keep], "sold": (days[keep].astype(np.int64) * DAY + minute[keep])})


def _month(days: np.ndarray) -> np.ndarray:
    return ((np.asarray(days) + 304) % YEAR // (YEAR / 12)).astype(
        int
    ) + 1  # START is the 305th day of its year


def play(
    people: pd.DataFrame,
    machines: pd.DataFrame,
    terms: pd.DataFrame,
    calls: pd.DataFrame,
    parts: pd.DataFrame,
    begin: int,
    end: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """All lines sold in [begin, end): columns of COLUMNS; `product` is a catalogue row, money in fen, `sold` a minute.

    Contract lines come from `terms`, machine lines from installations, service and part lines from paid repairs.
    """
    own = _own(people, orders(people, begin, end, rng), rng)
    new = _machines(people, machines, begin, end, rng)
    goods = pd.concat([own, new], ignore_index=True)
    goods = pd.concat([goods, _returned(goods, rng)], ignore_index=True)
    lines = pd.concat(
        [goods, _terms(terms, begin, end, rng), _repairs(people, calls, parts, rng)], ignore_index=True
    )
    inside = (lines["sold"] >= begin * DAY) & (lines["sold"] < end * DAY)
    return lines[inside].sort_values(["who", "sold", "order"], kind="stable", ignore_index=True)


def _own(people, bought, rng) -> pd.DataFrame:
    """Lines of free orders: which line of goods, which generation, how many, at what discount."""
    count = 1 + rng.poisson(0.75, len(bought))
    order = np.repeat(np.arange(len(bought)), count)
    who, sold = bought["who"].to_numpy()[order], bought["sold"].to_numpy()[order]
    n, days = len(order), sold // DAY
    weight = np.array([line.weight for line in LINES])
    option = np.array([line.option for line in LINES])
    pull = weight * np.exp(np.outer(nine_types.effect("options", people, who, days), option))
    habit = people["customer"].to_numpy()[who] % len(LINES)
    repeats = rng.random(n) < 1 / (1 + np.exp(1.0 - nine_types.effect("repeat_sku", people, who, days)))
    chosen = (rng.random(n)[:, None] * pull.sum(1, keepdims=True) > np.cumsum(pull, 1)).sum(1)
    chosen = np.where(repeats, habit, chosen)
    launches, first = on_sale()
    newest = (launches[chosen] + 30 <= days[:, None]).sum(1) - 1
    lag = rng.poisson(0.4 * np.exp(nine_types.effect("generation_lag", people, who, days)))
    product = first[chosen] + np.clip(newest - np.minimum(lag, 2), 0, None)
    qty = 1 + rng.poisson(0.5 * people["machines"].to_numpy()[who] ** 0.4)
    margin = np.array([line.margin for line in LINES])[chosen]
    kind = np.array([line.kind for line in LINES], dtype=object)[chosen]
    return _priced(people, who, order, sold, product, qty, margin, kind, rng)


def _machines(people, machines, begin, end, rng) -> pd.DataFrame:
    """Machines installed in the window and bought here: one line per customer, day and model."""
    bought = machines[
        machines["installed"].between(begin, end - 1) & (machines["since"] == machines["installed"])
    ]
    bought = bought.assign(model=models(bought)).groupby(["who", "installed", "model"], as_index=False).size()
    goods = catalogue()
    product = pd.Index(goods["product_id"]).get_indexer(bought["model"])
    sold = bought["installed"].to_numpy() * DAY + rng.integers(9 * 60, 18 * 60, len(bought)) - 7 * DAY
    order = 10**6 + np.arange(len(bought))
    n = len(bought)
    known = people["created"].to_numpy()[bought["who"]]
    sold = np.maximum(sold, np.maximum(known, begin) * DAY + 10 * 60)
    return _priced(
        people,
        bought["who"].to_numpy(),
        order,
        sold,
        product,
        bought["size"].to_numpy(),
        np.full(n, 0.13),
        np.full(n, "product", dtype=object),
        rng,
    )


def _priced(people, who, order, sold, product, qty, margin, kind, rng) -> pd.DataFrame:
    """Lines with promotion, discount, amount and cost."""
    n, days = len(who), sold // DAY
    month = _month(days)
    season = np.select([month == 6, month == 11, month == 12], [1, 2, 3], 0)
    likes = 1 / (1 + np.exp(0.9 - nine_types.effect("promotion", people, who, days)))
    promo = np.where(rng.random(n) < likes, season, 0)
    logit = (
        -2.5
        + nine_types.effect("discount", people, who, days)
        + 0.18 * np.log(people["machines"].to_numpy()[who])
    )
    logit = logit + 0.8 * (promo > 0) + rng.normal(0, 0.5, n)
    rate = np.round(1 / (1 + np.exp(-logit)), 2)
    price = catalogue()["list_price"].to_numpy()[product]
    amount = np.round(qty * price * (1 - rate) / 100).astype(np.int64) * 100
    cost = np.round(qty * price * (1 - margin) * 0.88 / 1000).astype(np.int64) * 1000
    return _lines(who, order, sold, product, qty, amount, cost, price, rate, PROMOTIONS[promo], kind)


def _lines(who, order, sold, product, qty, amount, cost, price, rate, promo, kind) -> pd.DataFrame:
    values = (who, order, sold, product, qty, amount, cost, price, rate, promo, kind)
    return pd.DataFrame(dict(zip(COLUMNS[:-1], values, strict=True))).assign(is_return=False)


def _returned(goods: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Lines that come back within a month, under their own order, negative."""
    back = goods[(goods["line_kind"] == "product") & (rng.random(len(goods)) < RETURNS * 1.75)]
    back = back.assign(is_return=True, order=2 * 10**6 + np.arange(len(back)))
    for column in ("qty", "amount", "cost"):
        back[column] = -back[column]
    back["sold"] += rng.integers(3, 31, len(back)) * DAY
    return back


def _terms(terms, begin, end, rng) -> pd.DataFrame:
    """One line per term, invoiced when it is signed or starts, whichever is later."""
    billed = np.maximum(terms["signed"], terms["start"]).to_numpy()
    sold = terms[(billed >= begin) & (billed < end)]
    billed, n = billed[(billed >= begin) & (billed < end)], len(sold)
    ids = [contract_product(level) for level in LEVELS]
    product = pd.Index(catalogue()["product_id"]).get_indexer(ids)[sold["level"].to_numpy()]
    amount, price = sold["amount"].to_numpy(), catalogue()["list_price"].to_numpy()[product]
    qty = np.maximum(
        np.round(amount / price / sold["price"] / np.where(sold["years"] > 1, 0.94, 1)), 1
    ).astype(int)
    rate = np.clip(np.round(1 - amount / (qty * price), 2), 0, None)
    cost = np.round(amount * POOL_SHARE / 1000).astype(np.int64) * 1000
    minute = billed * DAY + rng.integers(9 * 60, 18 * 60, n)
    order = 3 * 10**6 + np.arange(n)
    kind, promo = np.full(n, "contract", dtype=object), np.full(n, "", dtype=object)
    return _lines(sold["who"].to_numpy(), order, minute, product, qty, amount, cost, price, rate, promo, kind)


def _repairs(people, calls, parts, rng) -> pd.DataFrame:
    """Paid repairs: the visit, and the parts built in."""
    goods = pd.Index(catalogue()["product_id"])
    price = catalogue()["list_price"].to_numpy()
    paid = np.flatnonzero((calls["billing"] == "paid") & (calls["cause"] >= 0))
    used = parts[np.isin(parts["call"], paid) & (parts["qty_used"] > 0)]
    call = np.concatenate([paid, used["call"].to_numpy()])
    visit = np.arange(len(call)) < len(paid)
    first_part = goods.get_loc("PT-HDD")
    product = np.where(
        visit, goods.get_loc(VISIT), first_part + np.concatenate([np.zeros(len(paid), int), used["part"]])
    )
    listed = price[product]
    qty = np.where(visit, calls["visits"].to_numpy()[call], 1)
    amount = qty * listed
    cost = np.round(amount * np.where(visit, 0.55, 1 / 1.6) / 1000).astype(np.int64) * 1000
    kind = np.where(visit, "service", "part").astype(object)
    return _lines(
        calls["who"].to_numpy()[call],
        4 * 10**6 + call,
        calls["entered"].to_numpy()[call] // DAY * DAY
        + 17 * 60,  # invoiced once the service sheet is typed in
        product,
        qty,
        amount,
        cost,
        listed,
        np.zeros(len(call)),
        np.full(len(call), "", dtype=object),
        kind,
    )


def describe(people: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What an invoice says beside the facts: number, line, channel, representative."""
    n, who = len(lines), lines["who"].to_numpy()
    turn = (lines["who"] != lines["who"].shift()) | (lines["order"] != lines["order"].shift())
    nth = turn.cumsum().to_numpy()
    start = pd.Series(nth).groupby(lines["who"].to_numpy()).transform("min").to_numpy()
    number = nth - start + 1
    line_no = lines.groupby(nth).cumcount().to_numpy() + 1
    customer = people["customer"].to_numpy()[who]
    order_id = [f"S{c:06d}-{k:03d}" for c, k in zip(customer.tolist(), number.tolist(), strict=True)]
    favourite = people["customer"].to_numpy()[who] % 4
    channel = np.where(rng.random(n) < 0.7, favourite, rng.integers(0, 4, n))
    rep = np.array([f"R{b}{k}" for b in range(len(BRANCHES)) for k in range(6)], dtype=object)
    return lines.assign(
        order_id=np.array(order_id, dtype=object),
        order_line=line_no,
        channel=CHANNELS[channel],
        sales_rep_id=rep[people["branch"].to_numpy()[who] * 6 + customer % 6],
    )
