"""A customer-base model of crmlab, fitted with its standard errors: ours in `benchmarks/purchases.py`, in a process of its own.

    python benchmarks/peers/crmlab_fits.py --model BGNBD --customers FILE.parquet [--parameters JSON --values FILE.parquet]

One JSON object is printed. With --values the purchases of 36 months at their present value are timed, at the parameters given.
"""

from __future__ import annotations

import argparse
import json
import warnings

import pandas as pd
from measured import measured
from threadpoolctl import threadpool_limits

from crmlab import purchases

MONTH = 4.345


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", required=True)
    parser.add_argument("--customers", required=True)
    parser.add_argument("--parameters", type=json.loads)
    parser.add_argument("--values")
    args = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    threadpool_limits(1)
    history = [column.to_numpy() for _, column in pd.read_parquet(args.customers).items()]
    if args.values:
        print(json.dumps(value(args, history)))
        return
    make = getattr(purchases, args.model)
    model, cost = measured(lambda: make().fit(*history))
    found = cost | {
        "evaluations": model.n_evaluations_,
        "converged": model.converged_,
        "parameters": model.params_,
        "log_likelihood": model.log_likelihood_,
    }
    print(json.dumps(found))


def value(args: argparse.Namespace, history: list) -> dict[str, float]:
    model = getattr(purchases, args.model)()
    model.params_ = args.parameters

    def discounted():
        return model.expected_discounted_purchases(36 * MONTH, *history, rate=0.01, period=MONTH)

    found, cost = measured(discounted)
    pd.DataFrame({"value": found}).to_parquet(args.values)
    return cost


if __name__ == "__main__":
    main()
