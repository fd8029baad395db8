"""Small ledgers that a reader sees, and the stage's settings, for the tests of `purchases`."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import yaml

from crmlab import tables
from crmlab.engine import Engine
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.settings import Settings

SETTINGS = yaml.safe_load((Path(__file__).parents[1] / "params.yaml").read_text())["purchases"]


class Sold(NamedTuple):
    """One line of sales; `amount` in minor units, negative where goods came back."""

    day: str
    amount: int
    product: str | None = "A"
    customer: str | None = "C1"
    kind: str | None = "product"
    back: bool | None = False


def sales_table(lines: list[Sold]) -> pd.DataFrame:
    """The clean table `sales` of these lines."""
    table = tables.CLEAN["sales"]
    frame = pd.DataFrame(lines, columns=Sold._fields)
    columns = {
        "sale_id": [f"S{n}" for n in range(len(frame))],
        "order_id": [f"O{n}" for n in range(len(frame))],
        "sold_at": pd.to_datetime(frame.day),
        "amount": frame.amount,
        "product_id": frame["product"],
        "customer_id": frame.customer,
        "line_kind": frame.kind,
        "is_return": frame.back,
    }
    whole = tables.empty(table).reindex(range(len(frame)))
    return tables.conform(whole.assign(**columns), table)


def ledger(lines: list[Sold] | pd.DataFrame, **changed: object) -> Ledger:
    """Lines read as purchases, under the settings of params.yaml but for those changed."""
    sales = lines if isinstance(lines, pd.DataFrame) else sales_table(lines)
    engine = Engine(threads=1)
    engine.connection.register("lines_of_test", pa.Table.from_pandas(sales, preserve_index=False))
    return Ledger(engine, engine.adopt("lines_of_test"), Settings.read({**SETTINGS, **changed}))


def simulated(
    n: int, days: int, regular: int = 1, seed: int = 1, begin: str = "2022-01-01", mean_gap: float = 120.0
) -> pd.DataFrame:
    """A ledger of `n` customers won in the first year, who buy with Erlang-`regular` gaps until they silently leave."""
    random = np.random.default_rng(seed)
    rate = random.gamma(1.5, 1 / 1.5, n)
    leaves = random.beta(0.8, 8.0, n)
    first, day = pd.Timestamp(begin), random.integers(0, 365, n).astype(float)
    who, when = [], []
    here = np.arange(n)
    while len(here):
        who.append(here)
        when.append(day[here].copy())
        here = here[random.random(len(here)) >= leaves[here]]
        day[here] += random.gamma(regular, 1 / regular, len(here)) * mean_gap / rate[here]
        here = here[day[here] < days]
    lines = pd.DataFrame({"who": np.concatenate(who), "day": np.floor(np.concatenate(when))})
    dates = (first + pd.to_timedelta(lines.day, unit="D")).dt.strftime("%Y-%m-%d")
    spent = np.round(random.gamma(4.0, 2_500.0, len(lines))).astype(int) + 1
    return sales_table(
        [
            Sold(d, int(a), customer=f"C{w:05d}")
            for d, a, w in zip(dates, spent, lines.who.to_numpy(), strict=True)
        ]
    )


def yearly(n: int, years: int) -> pd.DataFrame:
    """A ledger in which customer i buys i % 12 + 1 times, every year alike: last year again is never wrong."""
    return sales_table(
        [
            Sold(f"{2022 + year}-{1 + month:02d}-{1 + i % 28:02d}", 1000 + i, customer=f"C{i:05d}")
            for i in range(n)
            for year in range(years)
            for month in range(i % 12 + 1)
        ]
    )
