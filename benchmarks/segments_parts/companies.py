"""Whole simulated companies through the SQL, whose ledgers and desks correlate for many reasons beside the types."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from segments_parts.judged import compared, judge, say
from segments_parts.lines import answers

from crmlab import sample, tables
from crmlab.engine import Engine
from crmlab.segments.behaviour.history import read_history
from crmlab.segments.settings import Settings

LAST = pd.Timestamp("2026-10-31")


def measured(companies: int, customers: int, first: int) -> dict[str, Any]:
    """All lines in each company without dirt, and what its mixture thought of its own evidence."""
    rows, belief = [], []
    for seed in range(first, first + companies):
        table, truth = company(seed, customers)
        found, mixture = answers(table, truth)
        rows += [{"line": line, "world": seed} | judge(said, truth) for line, said in found.items()]
        belief.append({"belief": mixture.belief_, "temper": mixture.temper_, "customers": len(table)})
        print(f"\rcompany {seed}", end="", flush=True)
    lines = compared(pd.DataFrame(rows))
    say(f"{companies} companies", lines)
    means = pd.DataFrame(belief).mean().to_dict()
    return {"lines": lines, "companies": companies, "first": first, "size": customers} | means


def company(seed: int, customers: int) -> tuple[pd.DataFrame, pd.Series]:
    """Features of a company as of the last day of its last month, and the true type of each customer in that month."""
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for name, frame in sample.tables(customers, seed=seed, dirt=False).items():
            if name in tables.CLEAN:
                paths[name] = Path(folder) / f"{name}.parquet"
                tables.conform(frame, tables.CLEAN[name]).to_parquet(paths[name])
        table = read_history(Engine(), paths, LAST, Settings()).at(LAST).set_index("customer_id")
    types = sample.truth(seed, customers, draws=2)["types"]
    last = types[types["month"] == types["month"].max()].set_index("customer_id")["type"]
    return table, last.reindex(table.index).astype(object)
