"""Frequency, recency and T of every customer by lifetimes: a peer of `benchmarks/purchases.py`, in a process of its own.

    python benchmarks/peers/lifetimes_summary.py --folder FOLDER --sales FILE.parquet --unit day --as-of 2024-12-31 --out FILE.parquet [--amounts]

From the file to a DataFrame; FOLDER is where lifetimes, autograd and dill were installed. Without --amounts nothing is added up, which is
less work than ours. One JSON object is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path

import pandas as pd
import pyarrow.parquet  # noqa: F401 (imported before anything is timed)
from measured import measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--sales", type=Path, required=True)
    parser.add_argument("--unit", choices=("day", "week"), required=True)
    parser.add_argument("--as-of", type=pd.Timestamp, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--amounts", action="store_true")
    args = parser.parse_args()
    sys.path.append(args.folder)
    from lifetimes.utils import summary_data_from_transaction_data

    warnings.filterwarnings("ignore")
    amount = ["amount"] if args.amounts else []

    def summary() -> pd.DataFrame:
        sales = pd.read_parquet(args.sales, columns=["customer_id", "sold_at", *amount])
        freq = {"day": "D", "week": "W"}[args.unit]
        return summary_data_from_transaction_data(
            sales, "customer_id", "sold_at", *amount, observation_period_end=args.as_of, freq=freq
        )

    found, cost = measured(summary)
    found = found.sort_index().reset_index()
    found[["customer_id", "frequency", "recency", "T"]].to_parquet(args.out)
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
