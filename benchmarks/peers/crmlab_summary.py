"""Frequency, recency and T of every customer by rfm.sql: ours in `benchmarks/purchases.py`, in a process of its own.

    python benchmarks/peers/crmlab_summary.py --sales FILE.parquet --unit day --as-of 2024-12-31 --out FILE.parquet

From the file to a DataFrame, amounts added up and returns netted too. One JSON object is printed.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import duckdb  # noqa: F401 (imported before anything is timed)
import pandas as pd
import pyarrow.parquet  # noqa: F401
import yaml
from measured import measured

from crmlab.engine import Engine
from crmlab.purchases.buyers.ledger import Ledger
from crmlab.purchases.settings import Settings

PARAMS = Path(__file__).parents[2] / "params.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sales", type=Path, required=True)
    parser.add_argument("--unit", choices=("day", "week"), required=True)
    parser.add_argument("--as-of", type=pd.Timestamp, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    section = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))["purchases"]
    settings = Settings.read(section | {"unit": args.unit})

    ledger = Ledger(Engine(threads=1), args.sales, settings)

    def summary() -> pd.DataFrame:
        return ledger.histories(args.as_of)

    found, cost = measured(summary)
    found[["customer_id", "frequency", "recency", "T"]].to_parquet(args.out)
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
