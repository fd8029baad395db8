"""A customer-base model fitted by lifetimes: a peer of `benchmarks/purchases.py`, in a process of its own.

    python benchmarks/peers/lifetimes_fits.py --folder FOLDER --model BGNBD --customers FILE.parquet [--parameters JSON --values FILE.parquet]

FOLDER is where lifetimes, autograd and dill were installed. One JSON object is printed; `log_likelihood` is in the unit of the data and the
sum over customers, as lifetimes itself computes it. With --values the purchases of 36 months at their present value are timed,
at the parameters given.
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

MODELS = {
    "BGNBD": "BetaGeoFitter",
    "MBGNBD": "ModifiedBetaGeoFitter",
    "ParetoNBD": "ParetoNBDFitter",
    "GammaGamma": "GammaGammaFitter",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--customers", required=True)
    parser.add_argument("--parameters", type=json.loads)
    parser.add_argument("--values")
    args = parser.parse_args()
    sys.path.append(args.folder)
    import lifetimes

    warnings.filterwarnings("ignore")
    threadpool_limits(1)
    table = pd.read_parquet(args.customers)
    history = [column.to_numpy() for _, column in table.items()]
    if args.values:
        print(json.dumps(value(args, lifetimes, table)))
        return
    make = getattr(lifetimes, MODELS[args.model])
    peer, cost = measured(lambda: make().fit(*history))
    likelihood = -peer._negative_log_likelihood_
    if args.model != "ParetoNBD":
        likelihood *= len(table)  # theirs is the mean then
    if args.model != "GammaGamma":
        likelihood += history[0].sum() * np.log(peer._scale)  # of rescaled time
    at = {"gamma" if name == "v" else name: float(found) for name, found in peer.params_.items()}
    found = cost | {
        "parameters": at,
        "log_likelihood": float(likelihood),
        "version": f"lifetimes {version('lifetimes')}",
    }
    print(json.dumps(found))


def value(args: argparse.Namespace, lifetimes, table: pd.DataFrame) -> dict[str, float]:
    from lifetimes.utils import _customer_lifetime_value

    peer = getattr(lifetimes, MODELS[args.model])()
    peer.params_ = pd.Series(args.parameters)
    peer.predict = peer.conditional_expected_number_of_purchases_up_to_time
    history = [column for _, column in table.items()]
    ones = pd.Series(np.ones(len(table)))

    def discounted():
        return _customer_lifetime_value(peer, *history, ones, time=36, discount_rate=0.01, freq="W")

    found, cost = measured(discounted)
    pd.DataFrame({"value": np.asarray(found)}).to_parquet(args.values)
    return cost


if __name__ == "__main__":
    main()
