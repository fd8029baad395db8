"""Customer lifetime value by lifetimes: a peer of `benchmarks/value.py`, in a process of its own.

    python benchmarks/peers/lifetimes_values.py --folder FOLDER --work purchases --customers FILE.parquet --parameters JSON --values FILE.parquet

FOLDER is where lifetimes, autograd and dill were installed. One JSON object is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
from measured import measured
from threadpoolctl import threadpool_limits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--work", choices=["purchases"], required=True)
    parser.add_argument("--customers", required=True)
    parser.add_argument("--parameters", type=json.loads, required=True)
    parser.add_argument("--values", required=True)
    args = parser.parse_args()
    sys.path.append(args.folder)
    import lifetimes

    warnings.filterwarnings("ignore")
    threadpool_limits(1)
    history = [column for _, column in pd.read_parquet(args.customers).items()]
    buys, spends = lifetimes.BetaGeoFitter(), lifetimes.GammaGammaFitter()
    at = args.parameters
    buys.params_ = pd.Series(at["BGNBD"])
    buys.predict = buys.conditional_expected_number_of_purchases_up_to_time
    spends.params_ = pd.Series({"v" if name == "gamma" else name: v for name, v in at["GammaGamma"].items()})

    def valued() -> pd.Series:
        return spends.customer_lifetime_value(buys, *history, time=36, discount_rate=0.01, freq="W")

    found, cost = measured(valued)
    pd.DataFrame({"value": np.asarray(found)}).to_parquet(args.values)
    print(json.dumps(cost | {"version": f"lifetimes {version('lifetimes')}"}))


if __name__ == "__main__":
    main()
