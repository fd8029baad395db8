"""What was sold in the last twelve months, to whom and how, and what the change from the twelve before is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmlab.purchases.sales.change import change
from crmlab.purchases.sales.concentration import OF, pareto, share_of_largest
from crmlab.purchases.sales.groups import groups, ratio
from crmlab.purchases.sales.months import label, months, number
from crmlab.purchases.sales.outputs import DIMENSIONS

if TYPE_CHECKING:
    from crmlab.engine import DuckDB, Relation, Spark
    from crmlab.purchases.settings import Settings

_HERE = Path(__file__).parent
_EVERY = 1 << 40
"""Beyond every discount, in ten-thousandths."""


def sold(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    settings: Settings,
    *,
    until: str,
    as_of: pd.Timestamp,
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The statistics of sales: the tables of outputs.py by name, and the figures for the metrics of the stage.

    All kinds of lines count. A line with `is_return` or a negative amount is a return. The discount of a line is its
    `rate`; where it has none, 1 − amount / (list price × pieces), with the list price of the line, else of the product.

    Parameters
    ----------
    engine : runs the .sql files beside this module.
    clean : Parquet files of the clean tables "sales", "products" and "customers", any of them without rows.
    settings : of which `rate_bands` and `unit_days` are read.
    until : the last complete month, "2026-10"; "the last twelve months" end with it.
    as_of : the last day of which anything is known.

    Returns
    -------
    tables : "sales", "months", "pareto" and "change".
    metrics : totals of the last twelve months (money in the smallest unit) and shares. `months_before` says how many of the
        twelve months before the ledger reaches back to: with fewer than twelve, a change says little. `margin_known` and
        `listed` are the shares of what was sold that have a booked margin, or a list price; `top20` the share that the
        largest fifth of customers (products) brought; `unknown` the share whose lines do not say, by dimension. Missing
        where it cannot be told.
    """
    last = number(until)
    bands = _bands(engine, settings.rate_bands)
    lines = engine.run(
        _HERE / "lines.sql",
        {name: clean[name] for name in ("sales", "products", "customers")} | {"band": bands},
        {"until": last, "as_of": str(as_of.date())},
    )
    dimensions = engine.make({"dimension": [*DIMENSIONS, "all"]})

    def read(name: str) -> pd.DataFrame:
        return _read(engine, _HERE / f"{name}.sql", lines, dimensions, settings.unit_days)

    by_group, by_month = read("groups"), read("months")
    tables = {"sales": groups(by_group), "months": months(by_month, until)}
    tables["pareto"] = pareto(tables["sales"])
    first = int(by_month["month_number"].min()) if len(by_month) else last + 1
    tables["change"] = change(read("customers"), read("products"), compared=first <= last - 12)
    engine.drop(lines, dimensions, bands)
    return tables, _metrics(by_group, tables, until, first)


def _bands(engine: DuckDB | Spark, ends: Any) -> Relation:
    """Bands of the discount in whole ten-thousandths: named by their lower end, and "below" for all beneath the first."""
    least = sorted({round(10_000 * end) for end in ends})
    return engine.make(
        {
            "band": ["below", *(f"{end / 10_000:g}" for end in least)],
            "least": [-_EVERY, *least],
            "above": [*least, _EVERY],
        },
        {"least": "bigint", "above": "bigint"},
    )


def _read(engine, sql: Path, lines: Relation, dimensions: Relation, unit_days: int) -> pd.DataFrame:
    import pyarrow as pa

    inputs = {"lines": lines} | ({"dimension": dimensions} if sql.stem == "groups" else {})
    found = engine.stream(sql, inputs, {"unit": unit_days}).read_all()
    kept = {pa.int64(): pd.Int64Dtype(), pa.string(): pd.StringDtype(), pa.bool_(): pd.BooleanDtype()}
    return found.to_pandas(types_mapper=kept.get)


def _metrics(
    by_group: pd.DataFrame, tables: Mapping[str, pd.DataFrame], until: str, first: int
) -> dict[str, Any]:
    sales, last = tables["sales"], number(until)
    known = {
        "until": until,
        "first_month": label(first) if first <= last else None,
        "months_before": int(np.clip(last - 11 - first, 0, 12)),
        "top20": {of: share_of_largest(tables["pareto"], of) for of in OF},
    }
    everything = by_group[by_group["dimension"] == "all"]
    if everything.empty:
        return known | {"lines": 0}
    total = sales[sales["of"] == "all"].iloc[0]
    counted = ("lines", "orders", "customers", "amount", "returned", "before", "change")
    told = ("margin", "margin_share", "discount")
    sold_in_all = everything["amount"] + everything["returned"]
    shares = {
        "change_share": ratio(everything["amount"] - everything["before"], everything["before"]),
        "returned_share": ratio(everything["returned"], sold_in_all),
        "margin_known": ratio(everything["sold_with_margin"], sold_in_all),
        "listed": ratio(everything["sold_listed"], sold_in_all),
    }
    unknown = sales[(sales["group"] == "unknown") & (sales["of"] != "all")].set_index("of")["share"]
    return (
        known
        | {name: int(total[name]) for name in counted}
        | {name: _plain(total[name]) for name in told}
        | {name: _plain(share.iloc[0]) for name, share in shares.items()}
        | {"unknown": {of: _plain(unknown.get(of, 0.0)) for of in DIMENSIONS}}
    )


def _plain(value: Any) -> float | int | None:
    return None if pd.isna(value) else value.item() if hasattr(value, "item") else value
