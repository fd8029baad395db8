"""Values to come by crmlab: ours in `benchmarks/value.py`, in a process of its own.

    python benchmarks/peers/crmlab_values.py --work {flows, valued, forecast} --customers N
    python benchmarks/peers/crmlab_values.py --work purchases --customers FILE.parquet --parameters JSON --values FILE.parquet

One JSON object is printed. `flows`: random flows of 36 months to present values and limits. `valued`: the same as the stage does it, which
wants the sum, what is potential, and costs, of a simulated company many times over. `forecast`: all of it for a simulated company of
N customers. Tables and chances of renewal are made before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from measured import cpu_seconds, measured, with_memory
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from crmlab.purchases.settings import Settings as PurchaseSettings
    from crmlab.value.books.books import Books

MONTH = 4.345
MONTHS, YEARS = 36, 3
RATE = 0.10
PARTS = ("purchases", "replacements", "paid_repairs", "ticket_cost", "care_cost")
AS_OF = pd.Timestamp("2026-10-31")
SMALL = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", choices=WORK, required=True)
    parser.add_argument("--customers", required=True)
    parser.add_argument("--parameters", type=json.loads)
    parser.add_argument("--values")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    threadpool_limits(1)
    print(json.dumps(WORK[args.work](args)))


def flows(args: argparse.Namespace) -> dict[str, float]:
    """Contracts by month, five parts by year, and how long customers stay: present values and 90 % limits."""
    from crmlab.value.moments import limits
    from crmlab.value.to_come.flows import Part, present

    n = int(args.customers)
    rng = np.random.default_rng(n)
    in_force = np.exp(-rng.random((n, 1)) * np.arange(1, MONTHS + 1) / 12)
    renewed = rng.gamma(0.5, 1e4, (n, MONTHS))
    parts = {}
    for name in PARTS:
        sign = -1 if name.endswith("cost") else 1
        mean = sign * rng.gamma(0.5, 1e5, (n, YEARS))
        parts[name] = Part(mean, mean.sum(1) ** 2, 2 * mean.sum(1) ** 3, rng.random(n))

    def told() -> tuple[np.ndarray, np.ndarray]:
        found = present(in_force, {"renewals": renewed}, parts, RATE)
        return limits(found.mean, found.variance, found.third)

    return measured(told)[1]


def valued(args: argparse.Namespace) -> dict[str, float]:
    """`Prospects.valued` of a simulated company of `SMALL`, so many times side by side that there are N customers."""
    from crmlab.value.to_come.forecast import prospects

    books, chances, buying = company(SMALL)
    one = prospects(books, chances, buying, AS_OF, MONTHS)
    times = max(1, int(args.customers) // len(one.standing.customers))
    machines, first_seen = many(one.known.machines, times), many(one.known.first_seen, times)
    ahead = replace(
        one,
        known=replace(one.known, machines=machines, first_seen=first_seen),
        **{
            name: many(getattr(one, name), times)
            for name in ("contracts", "first", "standing", "parts", "facts")
        },
    )
    return measured(lambda: ahead.valued(RATE))[1] | {"customers": len(ahead.standing.customers)}


def many(value: Any, times: int) -> Any:
    """Rows of arrays and tables `times` over, in all that holds any; each copy's customers under names of their own."""
    if isinstance(value, np.ndarray):
        return np.concatenate([value] * times)
    if isinstance(value, pd.RangeIndex):
        return pd.RangeIndex(len(value) * times)
    if isinstance(value, pd.Index):
        names = [f"{copy:06d}/" + value.astype(str) for copy in range(times)]  # in order, as ids are
        return pd.Index(np.concatenate(names), name=value.name)
    if isinstance(value, pd.Series):
        return pd.Series(
            np.concatenate([value.to_numpy()] * times), many(value.index, times), name=value.name
        )
    if isinstance(value, pd.DataFrame):
        rows = pd.concat([value] * times).set_axis(many(value.index, times))
        if "customer_id" in rows:
            rows["customer_id"] = many(pd.Index(value.customer_id), times)
        return rows
    if isinstance(value, dict):
        return {name: many(held, times) for name, held in value.items()}
    if is_dataclass(value):
        return replace(value, **{f.name: many(getattr(value, f.name), times) for f in fields(value)})
    return type(value)(*(many(held, times) for held in value)) if isinstance(value, tuple) else value


def purchases(args: argparse.Namespace) -> dict[str, float]:
    """36 months of discounted purchases × the spend expected of each."""
    from crmlab.purchases import BGNBD, GammaGamma

    table = pd.read_parquet(args.customers)
    *history, spent = (column.to_numpy() for _, column in table.items())
    buys, spends = BGNBD(), GammaGamma()
    buys.params_, spends.params_ = args.parameters["BGNBD"], args.parameters["GammaGamma"]

    def valued() -> np.ndarray:
        bought = buys.expected_discounted_purchases(MONTHS * MONTH, *history, rate=0.01, period=MONTH)
        return bought * spends.expected_value(history[0], spent)

    found, cost = measured(valued)
    pd.DataFrame({"value": found}).to_parquet(args.values)
    return cost


def forecast(args: argparse.Namespace) -> dict[str, Any]:
    """The books of a company and the whole forecast, each once."""
    from crmlab.value.books.books import Books
    from crmlab.value.to_come import forecast as stage

    books, chances, buying = company(int(args.customers))
    engine, tables, settings = books.engine, books.tables, books.settings
    found: dict[str, Any] = {
        name: int(engine.count(tables[name])) for name in ("sales", "tickets", "contracts")
    }

    def cost(name: str, what: Callable[[], Any]) -> None:
        start, wall = cpu_seconds(), time.perf_counter()
        _, memory = with_memory(what)
        seconds = {"cpu_seconds": cpu_seconds() - start, "seconds": time.perf_counter() - wall}
        found[name] = seconds | {"memory_mb": memory}

    def new() -> Books:
        return Books(engine, tables, settings)  # which keeps nothing of what was asked before

    cost("to_date", lambda: new().to_date(AS_OF))
    cost("forecast", lambda: stage.forecast(new(), chances, buying, AS_OF, MONTHS, RATE))
    return found


def company(customers: int) -> tuple[Books, pd.DataFrame, PurchaseSettings]:
    """The books of a simulated company, one chance of renewal for all of its open contracts, and the section purchases."""
    import yaml

    from crmlab import sample
    from crmlab.churn.spells.frames import held
    from crmlab.churn.spells.known import known_spells
    from crmlab.engine import Engine
    from crmlab.purchases.settings import Settings as PurchaseSettings
    from crmlab.value.books.books import READS, Books
    from crmlab.value.settings import Settings

    params = yaml.safe_load((Path(__file__).parents[2] / "params.yaml").read_text(encoding="utf-8"))
    settings = Settings.read(params["value"], params["purchases"], params["churn"])
    made = sample.tables(customers, seed=1, dirt=False)
    engine = Engine(threads=1)
    books = Books(engine, {name: held(engine, made.pop(name)) for name in READS}, settings)
    terms = known_spells(engine, books.tables["contracts"], AS_OF, settings.grace_days)
    chances = terms.loc[terms.fate == "open", ["contract_id"]].assign(p_renew=0.85)
    return books, chances, PurchaseSettings.read(params["purchases"])


WORK = {"flows": flows, "valued": valued, "purchases": purchases, "forecast": forecast}


if __name__ == "__main__":
    main()
