"""Simulated companies, whose profit to come is known: how near the stated value comes to it, and how often its limits hold."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from churn_parts.companies import AS_OF, PARAMS, occasions_of, simulated
from peers import first_light_value
from value_parts.figures import LINES, PARTS, TRUE, Company, judged, say

from crmlab import sample
from crmlab.churn.earlier import earlier_days
from crmlab.churn.forecast import forecast as renewals
from crmlab.churn.landmarks.occasions import Occasions
from crmlab.churn.spells.frames import held
from crmlab.engine import Engine
from crmlab.purchases.settings import Settings as PurchaseSettings
from crmlab.sample import export, future
from crmlab.sample.products import catalogue
from crmlab.value.books.books import READS, Books
from crmlab.value.judged.backtest import HORIZONS
from crmlab.value.judged.came import last_year, mean_retained
from crmlab.value.settings import Settings
from crmlab.value.stated import state

SETTINGS = Settings.read(PARAMS["value"], PARAMS["purchases"], PARAMS["churn"])
BUYING = PurchaseSettings.read(PARAMS["purchases"])
MONTHS = SETTINGS.horizon_months
MACHINE = "服务器"
PART_DRAWS = 10
TARGETS = {"spearman_share": 0.95, "bias": 0.05, "coverage90": [0.87, 0.93], "coverage90_total": [0.87, 0.93]}


def measured(companies: int, customers: int, first: int, draws: int, at_once: int) -> dict[str, Any]:
    """Figures over `companies` companies of `customers` customers."""
    found = list(many(range(first, first + companies), customers, draws, at_once))
    figures = judged(found) | {
        "customers": customers,
        "first": first,
        "draws": draws,
        "months": MONTHS,
        "targets": TARGETS,
    }
    say(figures)
    return figures


def many(seeds: range, customers: int, draws: int, at_once: int) -> Iterator[Company]:
    """One process per company, in the order of their seeds."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(at_once, mp_context=spawn, max_tasks_per_child=1) as pool:
        told = [pool.submit(company, seed, customers, draws) for seed in seeds]
        for done, _ in enumerate(as_completed(told), start=1):
            print(f"\rcompany {done} of {len(told)}", end="", flush=True)
        print()
        yield from (one.result() for one in told)


def company(seed: int, size: int, draws: int) -> Company:
    """What every line says on the last day of one company, beside the truth of the 36 months after."""
    tables, served = simulated(size, seed)
    occasions = occasions_of(tables, served)
    chances = chances_on(occasions, AS_OF)
    before = earlier_days(AS_OF)[: len(HORIZONS)]
    earlier = pd.concat(
        [chances_on(occasions, day).assign(landmark=day) for day in before], ignore_index=True
    )
    engine = Engine(threads=1)
    books = Books(engine, {name: held(engine, table) for name, table in at_no_cost(tables).items()}, SETTINGS)
    said = state(books, chances, earlier, replace(SETTINGS, annual_discount=0.0), BUYING, AS_OF)
    plain, later = said.ahead.valued(0.0), said.ahead.valued(future.DISCOUNT)
    stated = said.told.customers.rename(columns={"to_come": "value"})
    stated = stated.assign(plain_low=plain.customers.low, plain_high=plain.customers.high)
    others = {
        "first_light": first_light_value.values(tables, chances, AS_OF, MONTHS, PARAMS["value"]),
        "last_year": last_year(books, AS_OF, MONTHS // 12),
        "mean_retained": mean_retained(books, AS_OF, plain.first_seen, MONTHS // 12),
    }
    true = sample.truth(seed, size, draws=draws)["customers"].set_index("customer_id")
    rows = stated.join(pd.DataFrame(others), how="outer").reindex(true.index)
    flags = rows[["held", "left", "is_new"]].eq(True)
    kinds = [rows.value.isna(), flags.held, flags.left, flags.is_new]
    standing = np.select(kinds, ["nothing", "contract", "left", "new"], "none")
    rows = rows.select_dtypes("number").fillna(0.0).join(true[TRUE]).join(true_parts(seed, size))
    rows = rows.assign(
        contracts=rows.current + rows.renewals,
        own=rows.purchases + rows.paid_repairs,
        tickets=-rows.ticket_cost,
    )
    kept = [
        *LINES,
        *PARTS,
        *(f"true_{part}" for part in PARTS),
        "low",
        "high",
        "plain_low",
        "plain_high",
        *TRUE,
    ]
    wider = said.wider
    total = {
        "company": seed,
        "stretch_below": wider.below,
        "stretch_above": wider.above,
        "missed": said.missed,
    }
    for name, sums in {"": said.total, "plain_": plain.total()}.items():
        total |= {f"{name}low": sums.low / 100, f"{name}high": sums.high / 100}
    total["discounted"] = float(later.customers.to_come.sum() / true.discounted.sum() - 1)
    return Company((rows[kept].astype(float) / 100).assign(standing=standing, company=seed), total)


def chances_on(occasions: Occasions, day: pd.Timestamp) -> pd.DataFrame:
    """contract_id, p_renew: what the stage churn says on the day."""
    then = renewals(occasions, day, PARAMS["churn"]["min_contracts"])
    return then.seen.features[["contract_id"]].assign(p_renew=then.chances.p_renew.to_numpy())


def at_no_cost(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the books, contacts and compensation at no cost: the truth knows neither."""
    free = {
        "interactions": tables["interactions"].assign(
            cost=pd.array([0] * len(tables["interactions"]), "Int64")
        ),
        "complaints": tables["complaints"].assign(
            compensation=pd.array([pd.NA] * len(tables["complaints"]), "Int64")
        ),
    }
    return {name: free.get(name, tables[name]) for name in READS}


def true_parts(seed: int, size: int) -> pd.DataFrame:
    """Expected profit by part, in minor units, over `PART_DRAWS` futures."""
    kinds = catalogue()["category"].to_numpy()
    found = []
    for chunk in export.chunks(seed, size):
        n = len(chunk.people)
        sums = dict.fromkeys(PARTS, 0.0)
        for draw in range(1, PART_DRAWS + 1):
            way = future.play(chunk, draw)
            who, margin = way.sales["who"].to_numpy(), (way.sales["amount"] - way.sales["cost"]).to_numpy()
            booked = (way.sales["line_kind"] != "contract").to_numpy()
            machine = booked & (kinds[way.sales["product"]] == MACHINE)
            of = {
                "replacements": np.bincount(who[machine], margin[machine], n),
                "own": np.bincount(who[booked & ~machine], margin[booked & ~machine], n),
            }
            all_but = future.profit(replace(way, terms=way.terms[:0]), n)
            of["contracts"] = future.profit(way, n) - all_but
            of["tickets"] = all_but - of["replacements"] - of["own"]
            sums = {part: sums[part] + of[part] / PART_DRAWS for part in PARTS}
        mine = (chunk.people["customer"] < size).to_numpy()
        parts = pd.DataFrame(sums, index=chunk.people["customer_id"]).add_prefix("true_")
        found.append(parts[mine])
    return pd.concat(found)
