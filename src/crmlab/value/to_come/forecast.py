"""Value to come of every customer as of a day, from what was known by then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from crmlab.churn.spells.known import known_spells
from crmlab.purchases.models.named import model_named
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.value.books.books import Books
from crmlab.value.moments import limits
from crmlab.value.to_come.contracts import Contracts, Habits, contracts, habits
from crmlab.value.to_come.flows import Part, Present, present
from crmlab.value.to_come.purchases import purchases
from crmlab.value.to_come.replacements import YEAR, Rates, ages, exposures, followed, replaced, replacement_rates
from crmlab.value.to_come.tickets import expected_by, shape_of, ticket_rates

_HERE = Path(__file__).parent
WINDOW = 3 * 365
"""Days back from which rates are learnt."""


@dataclass(frozen=True)
class Known:
    """Everything that the forecast of a day is made from, by name."""

    day: pd.Timestamp
    terms: pd.DataFrame
    machines: pd.DataFrame
    calls: pd.DataFrame
    call_costs: pd.DataFrame
    contact: pd.DataFrame
    machine_lines: pd.Series
    margin_share: float
    repairs: float
    contract_share: float
    created: pd.Series
    span: int
    prices: pd.DataFrame
    calls_lately: float
    cover: pd.DataFrame


def known(books: Books, day: pd.Timestamp) -> Known:
    since = day - pd.Timedelta(days=WINDOW)
    t, args = books.tables, {"as_of": day.date(), "since": since.date()}
    machines = books.ask(_HERE / "machines.sql", {n: t[n] for n in ("machines", "customers", "products")}, args)
    for name in ("installed", "since", "retired", "warranty_end", "support_end"):
        machines[name] = pd.to_datetime(machines[name])
    costs = {"tickets": t["tickets"], "costs": books.costs(day)}
    lines = books.lines(day)
    shares = books.engine.rows(
        """select
          coalesce(sum(margin) filter (where model in ('purchases', 'other')), 0)::double as m,
          coalesce(sum(revenue) filter (where model = 'purchases'), 0)::double as r,
          coalesce(sum(margin) filter (where model = 'repairs' and day > ($since)::date), 0)::double as rm, coalesce(sum(margin) filter (where model = 'contracts'), 0)::double as cm,
          coalesce(sum(revenue) filter (where model = 'contracts'), 0)::double as cr from lines""",
        {"lines": lines}, args
    )[0]
    contact = books.ask(_HERE / "contact_days.sql", {n: t[n] for n in ("tickets", "sales")}, args)
    contact["last_day"] = pd.to_datetime(contact.last_day)
    created = books.ask("select customer_id, min(created_at) as c from customers group by customer_id", {"customers": t["customers"]})
    created = pd.to_datetime(created.set_index("customer_id").c)
    first = day - pd.to_timedelta(contact.set_index("customer_id")["T"], unit="D")
    created = created.fillna(first.reindex(created.index))
    return Known(
        day,
        known_spells(books.engine, t["contracts"], day, books.settings.grace_days),
        machines,
        books.ask(_HERE / "calls.sql", {n: t[n] for n in ("tickets", "machines")}, args),
        books.ask(_HERE / "call_costs.sql", costs, args),
        contact.set_index("customer_id"),
        books.ask(_HERE / "machine_lines.sql", {"lines": lines, "products": t["products"]}, args).iloc[0],
        shares[0] / shares[1] if shares[1] else 0.0,
        shares[2], shares[3] / shares[4] if shares[4] else books.settings.margin.get("contract", 0.0),
        created,
        int(contact["T"].max()) if len(contact) else 0,
        books.ask(_HERE / "prices.sql", {"lines": lines, "products": t["products"]}),
        float(books.ask(_HERE / "calls.sql", {n: t[n] for n in ("tickets", "machines")}, {"as_of": day.date(), "since": (day - pd.Timedelta(days=365)).date()}).n.sum()),
        books.ask(_HERE / "cover.sql", {n: t[n] for n in ("tickets", "machines", "contracts")}, args),
    )


def price_index(prices: pd.DataFrame, everyone: pd.Index) -> tuple[np.ndarray, float]:
    n, s1, s2 = (prices[c].to_numpy(float) for c in ("n", "paid", "paid_squared"))
    if n.sum() < 2:
        return np.zeros(len(everyone)), 0.0
    own = s1 / n
    within = max((s2 - n * own**2).sum() / max((n - 1).sum(), 1), 1e-9)
    mean = s1.sum() / n.sum()
    between = max(((n * (own - mean) ** 2).sum() - (len(n) - 1) * within) / max(n.sum() - (n**2).sum() / n.sum(), 1e-9), 1e-9)
    prior = within / between
    shrunk = pd.Series((s1 + prior * mean) / (n + prior), prices.customer_id).reindex(everyone).fillna(mean)
    return shrunk.to_numpy(), float(mean)


def forecast(
    books: Books,
    chances: pd.DataFrame,
    buying: PurchaseSettings,
    day: pd.Timestamp,
    months: int,
    annual_discount: float,
) -> tuple[pd.DataFrame, Present, dict]:
    k = known(books, day)
    years = -(-months // 12)
    told = habits(k.terms, day)
    held = contracts(k.terms, chances, told, k.contract_share, day, months)
    everyone = k.contact.index.union(held.customers).union(pd.Index(k.machines.customer_id.dropna().unique()))
    n = len(everyone)

    # Who has left: the last contract is over without a renewal, and nothing was heard since.
    ended = k.terms.groupby("customer_id").end_at.max()
    over = ended.reindex(everyone)
    has = everyone.isin(held.customers)
    heard = k.contact.last_day.reindex(everyone)
    former = over.notna().to_numpy() & ~has & (over < day).to_numpy()
    silent = former & ~(heard > over + pd.Timedelta(days=books.settings.grace_days)).to_numpy()
    gone_on = pd.Series(np.where(silent, over, np.datetime64("NaT")), everyone)
    # Of those whose contract ended a year or more ago: how many were heard of again.
    settled = former & (over < day - pd.Timedelta(days=365)).to_numpy()
    back = float((settled & ~silent).sum() / settled.sum()) if settled.sum() >= 20 else 0.25

    waiting = (day - k.created.reindex(everyone)).dt.days.clip(lower=0, upper=k.span)[~silent].dropna()
    bought = purchases(books, buying, day, years, {"contract": everyone[has], "none": everyone[~has & ~silent]}, waiting)

    # Presence of those without a contract.
    m = np.arange(1, months + 1)[None, :] - 0.5
    in_force = np.ones((n, months))
    place = everyone.get_indexer(held.customers)
    in_force[place] = held.in_force
    free = ~has & ~former
    c = k.contact.reindex(everyone)
    there = np.zeros(n)
    never = k.contact[~k.contact.index.isin(ended.index) & (k.contact["T"] > 0)]
    stay = np.full(n, told.moved)
    presence_params = None
    if (never.frequency > 0).sum() >= 100:
        model = model_named("ParetoNBD").fit(never.frequency, never.recency, never["T"])
        presence_params = model.params_
        h = [c[name].fillna(0).to_numpy(float) for name in ("frequency", "recency", "T")]
        alive = model.probability_alive(*h)
        s, beta = model.params_["s"], model.params_["beta"]
        ahead = ((beta + h[2][:, None]) / (beta + h[2][:, None] + m * 30.4375)) ** s
        there = alive
        in_force[free] = (alive[:, None] * ahead)[free]
        in_force[former & ~silent] = (alive[:, None] * ahead)[former & ~silent]
    else:
        alive = np.ones(n)
        in_force[free] = np.exp(-told.moved * m / 12)
        in_force[former & ~silent] = in_force[free][0] if free.any() else 1.0
    in_force[silent] = back * np.exp(-told.moved * m / 12)
    after = np.where(has, back, 0.0)

    # Machines
    p = k.machines
    p = p[p.customer_id.isin(everyone)].reset_index(drop=True)
    who = everyone.get_indexer(p.customer_id)
    until = gone_on.reindex(p.customer_id).reset_index(drop=True)
    since = day - pd.Timedelta(days=WINDOW)
    cells = exposures(p, since, day, until)
    cells["who"] = who[cells.row.to_numpy()]
    left_by = until.fillna(day + pd.Timedelta(days=1))
    retired = p[(p.retired > since) & (p.retired <= day) & (p.retired < left_by)]
    rates = replacement_rates(p, cells, retired)
    ticket = ticket_rates(p, cells, k.calls)
    family = p.family.to_numpy()[cells.row.to_numpy()]
    base = expected_by(ticket, pd.Series(family), cells.age.to_numpy()) * cells.years.to_numpy()
    expected = np.bincount(cells.who, weights=base, minlength=n)
    calls = k.calls.groupby("customer_id").n.sum().reindex(everyone).fillna(0).to_numpy(float)
    on_machine = k.calls[k.calls.age.notna()]
    own_calls = on_machine.groupby("serial_no").n.sum().reindex(p.serial_no).fillna(0).to_numpy(float)
    own_expected = np.bincount(cells.row, weights=base, minlength=len(p)) * on_machine.n.sum() / max(k.calls.n.sum(), 1)
    seen = own_expected > 0.05
    shape = shape_of(own_calls[seen], own_expected[seen])
    machine_factor = (shape + own_calls) / (shape + own_expected)
    place_now = p.retired.isna().to_numpy()
    now, whom = p[place_now].reset_index(drop=True), who[place_now]
    age = ages(now, day)
    to_support = ((now.support_end - day).dt.days / YEAR).to_numpy(float)
    chance = replaced(rates, age, to_support, years)
    list_price = now.list_price.astype(float)
    L = k.machine_lines
    lists = retired.list_price.astype(float)
    known_price = lists.notna().all() and len(lists) > 0
    sold = L.list_value / lists.mean() if known_price and L.list_value else L.qty
    base_value = sold * (lists.mean() if known_price else 1.0)
    # margin of a sold piece, per unit of the list price of the piece it replaces
    per = float(L.margin) / base_value if base_value > 0 else 0.0
    if known_price and L.qty:
        per *= L.list_value / L.qty / lists.mean()
    again = followed(retired, p)
    per *= again
    value = (list_price.fillna(list_price.mean()) if known_price else pd.Series(1.0, now.index)).to_numpy() * per
    mean_ratio = L.ratios / L.n if L.n else 0.0
    cv2 = max(0.0, L.squares / L.n / mean_ratio**2 - 1) if L.n > 1 and mean_ratio else 0.25
    index, mean_price = price_index(k.prices, everyone)
    value = value * np.maximum(0.0, 1 + (index[whom] - mean_price) / max(mean_ratio, 1e-9)) if mean_price else value
    def per_customer(v):
        return np.column_stack([np.bincount(whom, weights=v[:, y], minlength=n) for y in range(v.shape[1])])
    rep_mean = per_customer(chance * value[:, None])
    q = chance.sum(1)
    rep_var = np.bincount(whom, weights=q * value**2 * (1 + cv2) - (chance**2).sum(1) * value**2, minlength=n)
    rep_third = np.bincount(whom, weights=q * value**3 * (1 + cv2) ** 3, minlength=n)
    # Tickets
    young = expected_by(ticket, pd.Series([""]), np.array([0]))[0] * 0.5 + expected_by(ticket, pd.Series([""]), np.array([1]))[0] * 0.5
    gone = np.cumsum(chance, axis=1) - chance / 2
    fam = pd.Series(now.family)
    tick = np.column_stack([
        (1 - gone[:, y]) * expected_by(ticket, fam, age + y + 0.5) + gone[:, y] * young for y in range(years)
    ])
    survives = 1 - gone
    mine = machine_factor[place_now][:, None]
    tick = np.column_stack([
        survives[:, y] * expected_by(ticket, fam, age + y + 0.5) * mine[:, 0] + gone[:, y] * young for y in range(years)
    ])
    # Rates of three years may hold a burst that is over: the last year's count says by how much.
    cells_l = exposures(p, day - pd.Timedelta(days=365), day, until)
    hind = (expected_by(ticket, pd.Series(p.family.to_numpy()[cells_l.row.to_numpy()]), cells_l.age.to_numpy()) * cells_l.years.to_numpy() * machine_factor[cells_l.row.to_numpy()]).sum()
    level = (k.calls_lately + 100) / (hind + 100)
    tick = tick * level
    tickets = per_customer(tick)
    post_var = np.bincount(whom, weights=tick.sum(1) ** 2 / (shape + own_calls[place_now]), minlength=n)
    K = k.call_costs.set_index("customer_id").reindex(everyone).fillna(0)
    tot = K.sum()
    trip = tot.trips / max(tot.n, 1)
    covered_parts = tot.parts_covered / max(tot.n_covered, 1)
    other_parts = tot.parts_other / max(tot.n - tot.n_covered, 1)
    PRIOR = 8.0
    trips = (K.trips + PRIOR * trip) / (K.n + PRIOR)
    prior_parts = np.empty(n)
    for those in (has, silent, ~has & ~silent):
        sums = K[those].sum()
        prior_parts[those] = sums.parts_covered / sums.n_covered if sums.n_covered > 30 else covered_parts
    parts_c = (K.parts_covered + 3 * PRIOR * prior_parts) / (K.n_covered + 3 * PRIOR)
    C = k.cover.set_index(["in_contract", "in_warranty"])
    def paid(contract, warranty):
        if (contract, warranty) not in C.index: return 0.0
        row = C.loc[(contract, warranty)]; return row.paid / row.n
    left = ((now.warranty_end - day).dt.days.fillna(0) / YEAR).clip(lower=0).to_numpy()
    horizon_w = np.column_stack([np.clip(left - y, 0, 1) for y in range(years)])
    in_w = (1 - gone) * horizon_w + gone
    paid_free = per_customer(tick * (in_w * paid(0, True) + (1 - in_w) * paid(0, False))) 
    paid_held = per_customer(tick * (in_w * paid(1, True) + (1 - in_w) * paid(1, False)))
    all_ticks = np.maximum(per_customer(tick).sum(1), 1e-12)
    cover = 1 - np.where(has, paid_held.sum(1), paid_free.sum(1)) / all_ticks
    common = C
    cost = (trips + cover * parts_c + (1 - cover) * other_parts).to_numpy()
    bill = k.repairs / max(tot.n - tot.n_covered, 1)
    mean_cost = (tot.trips + tot.parts_covered + tot.parts_other) / max(tot.n, 1)
    ccv2 = max(0.0, tot.cost_squared / max(tot.n, 1) / max(mean_cost, 1) ** 2 - 1)
    M = tickets.sum(1)
    post = M**2 / np.maximum(post_var, 1e-12)
    second = cost**2 * (1 + ccv2)
    t_var = M * second + post_var * cost**2
    t_third = -(M * cost**3 * (1 + ccv2) ** 3 + 3 * M**2 / post * second * cost + 2 * M**3 / post**2 * cost**3)
    # purchases
    share = k.margin_share
    if mean_price:
        share = 1 - (1 - k.margin_share) * mean_price / np.maximum(index, 0.2 * mean_price)
    share_all = np.broadcast_to(share, (n,))
    where = everyone.get_indexer(bought.customers)
    u = np.zeros((n, years)); sp = np.zeros(n); shp = np.full(n, 1.0); al = np.ones(n)
    u[where] = bought.counts; sp[where] = bought.spend * share_all[where]; shp[where] = bought.shape; al[where] = bought.alive
    u[silent] *= 1.0
    N = u.sum(1)
    al = np.clip(al, 1e-6, 1)
    x2 = sp**2 * (1 + bought.spread)
    given = N / al
    varN = al * (given + given**2 / shp + given**2) - N**2
    p_var = N * (x2 - sp**2) + varN * sp**2
    p_third = N * sp**3 * (1 + bought.spread) ** 3 + 3 * N**2 / shp * x2 * sp
    bought_part = Part(u * sp[:, None], p_var, p_third)
    # those without contract: the purchase model knows of their leaving by itself
    alone = ~has & ~silent
    parts = {"purchases": bought_part, "replacements": Part(rep_mean, rep_var, rep_third), "repairs": Part(tickets * ((1 - cover) * bill)[:, None], M * ((1 - cover) * bill) ** 2 * 3, np.zeros(n)), "tickets": Part(-tickets * cost[:, None], t_var, t_third)}
    monthly = {"current": np.zeros((n, months)), "renewals": np.zeros((n, months))}
    monthly["renewals"][place] = held.renewed
    sure = np.zeros((n, months)); sure[place] = held.sure
    v = present(in_force, {"renewals": monthly["renewals"]}, parts, after, annual_discount)
    # purchases of customers alone: not through presence
    disc = (1 + annual_discount) ** (-(np.arange(1, months + 1) - 0.5) / 12)
    cur = sure @ disc
    flow = (np.repeat(u / 12, 12, axis=1)[:, :months] * disc).sum(1) * sp
    out = pd.DataFrame({"current": cur, **v.parts}, index=everyone)
    fix = alone & (v.parts["purchases"] != 0)
    gain = np.where(alone, flow - out.purchases, 0)
    out["purchases"] += gain
    out["to_come"] = out[["current", "renewals", "purchases", "replacements", "repairs", "tickets"]].sum(axis=1)
    lo, hi = limits(out.to_come.to_numpy(), v.variance, v.third)
    out["low"], out["high"], out["sd"] = lo, hi, np.sqrt(v.variance)
    out["has"], out["silent"], out["former"] = has, silent, former
    out["there"] = in_force[:, min(11, months - 1)]
    return out, v, {"habits": told, "back": back, "shape": shape, "ccv2": ccv2, "per": per, "cv2": cv2, "presence": presence_params, "line": bought.lines, "margin": k.margin_share, "cshare": k.contract_share, "events": rates.events, "again": again, "common": common, "tlevel": level, "bill": bill, "spread": bought.spread, "trip": trip, "cp": covered_parts, "op": other_parts, "M": tickets, "chance": chance.sum(0).tolist(), "N": (u.sum(0)).tolist()}
