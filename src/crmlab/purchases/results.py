"""The stage's whole answer: who still buys and what to expect, and what was sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from crmlab.engine import DuckDB, Spark
from crmlab.purchases.buyers.bought import bought
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.lacks import lacks
from crmlab.purchases.sales.sold import sold
from crmlab.purchases.settings import Settings

READS = ("sales", "products", "customers")
"""The clean tables that the stage reads; any may be empty."""


@dataclass(frozen=True)
class Results:
    """`tables` of outputs.py by name, the figures of purchases.json, fitted models, and pairs of what is missing and what it would add."""

    tables: dict[str, pd.DataFrame]
    metrics: dict[str, Any]
    models: dict[str, Any]
    lacks: list[tuple[str, str]]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to answer from."""
        return self.tables["sales"].empty

    @property
    def summary(self) -> str:
        """The one line that ends the run."""
        m = self.metrics
        if not m["n_customers"]:
            return "no purchases"
        said = [f"{m['n_customers']:,} customers"]
        if m["line"]:
            said.append(f"{m['expected']:,.0f} purchases expected in {m['horizon_days']} days ({m['line']})")
        else:
            said.append(f"no forecast: {m['why']}")
        if m.get("verdict"):
            said.append(
                f"{m['verdict']} than {m['naive']}" if m["verdict"] != "no clear difference" else m["verdict"]
            )
        return ", ".join(said)


def results(
    engine: DuckDB | Spark,
    clean: Mapping[str, Path],
    customers: pd.DataFrame,
    settings: Settings,
    *,
    until: str,
    as_of: pd.Timestamp,
) -> Results:
    """Answer the stage's questions.

    Parameters
    ----------
    clean : the Parquet files of `READS` by name.
    customers : the clean table of that name.
    until : the reporting month, "2026-10"; "the last twelve months" end with it.
    as_of : the last day of which anything is known.
    """
    buyers, figures, models = bought(Ledger(engine, clean["sales"], settings), customers, as_of)
    sales, sold_figures = sold(engine, clean, settings, until=until, as_of=as_of)
    figures = figures | {"sales": sold_figures}
    tables = {name: clean[name] for name in ("sales", "products")}
    filled = engine.stream(Path(__file__).parent / "filled.sql", tables).read_all().to_pylist()[0]
    return Results(buyers | sales, figures, models, list(lacks(filled, figures)))
