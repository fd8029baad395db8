"""How near the value to come is to the truth of simulated companies, beside first light and simple lines; on real sales; and what it costs.

    python benchmarks/value.py [--parts companies real scale] [--size CUSTOMERS] [--companies N] [--first SEED] [--peers FOLDER] [--json FILE]

`companies`: the value of the 36 months after the last day of each simulated company, not discounted, contacts and compensation at no
cost, because the truth knows neither. `spearman`: rank correlation of what was stated with what came, mean over companies; `spearman_truth`:
of the truth's own expectation, which knows of every customer whether it has gone; `spearman_share`: the one over the other. `bias`: stated
over expected − 1. `coverage90`: share of the customers not surely gone whose profit lies within their 90 % limits; `coverage90_total`: share
of companies whose sum lies within the limits of the sum. `bias_by_part` is told as a share of all profit. Lines beside the value:
`first_light` (peers/first_light_value.py); `last_year`, its profit once more for each year; `mean_retained`, mean profit a month × months ×
retention. `gain` is how much smaller the value's mean absolute error is, its error over companies, paired.

`real`: Online Retail and CDNOW, the margin a configured share of the sales, so that all of it rests on revenue: six and nine months
after a day in the middle of the record.

`scale`: `flows`, from flows by month to present values and limits; `valued`, the same as the stage does it, with the potential and the costs
apart; `purchases`, 36 months of discounted purchases × spend, beside lifetimes' customer_lifetime_value at the same parameters on
the same histories; `companies`, the whole forecast of simulated companies, renewal chances given. lifetimes is no dependency: see
benchmarks/purchases.py; name its folder with --peers.

About a minute of one core a company of 1,200, --at-once of them side by side. A part in the JSON file is replaced only by a run of that part,
and `scale` only by one with the same sizes and peers.
"""

from __future__ import annotations

import argparse
import os
import platform
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy
import pandas
from value_parts import companies, real, scale

from crmlab import files


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--size", type=int, default=1200, help="customers per company")
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--first", type=int, default=3001, help="seed of the first company")
    parser.add_argument("--draws", type=int, default=40, help="futures over which the truth is a mean")
    parser.add_argument("--at-once", type=int, default=2, help="companies at the same time")
    parser.add_argument(
        "--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes of `scale`"
    )
    parser.add_argument(
        "--forecast", type=int, nargs="+", default=[1_200, 12_000, 48_000], help="customers of its companies"
    )
    parser.add_argument("--peers", type=Path, help="the folder of lifetimes, autograd and dill")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    for part in args.parts:
        print(f"\n{part}", flush=True)
        load = round(os.getloadavg()[0], 2)
        figures = PARTS[part](args)
        if args.json and figures:
            keep(args.json, part, figures, load)


def simulated(args: argparse.Namespace) -> dict[str, Any]:
    return companies.measured(args.companies, args.size, args.first, args.draws, args.at_once)


def real_sales(args: argparse.Namespace) -> dict[str, Any]:
    return real.measured(args.data)


def by_size(args: argparse.Namespace) -> dict[str, Any]:
    return scale.measured(args.customers, args.forecast, args.peers)


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "companies": simulated,
    "real": real_sales,
    "scale": by_size,
}


def keep(path: Path, part: str, figures: dict[str, Any], load: float) -> None:
    """Put a part into the file, the figures of the companies at its top, where the issue names them."""
    found = files.read_json(path) if path.exists() else {}
    before = found.get(part, {})
    lost = [
        name
        for of in ("sizes", "companies", "peers")
        if part == "scale"
        for name in before.get(of, ())
        if name not in figures[of]
    ]
    if lost:
        print(f"{path} keeps the earlier result of {part}, which has {', '.join(lost)}")
        return
    found |= figures if part == "companies" else {part: figures}
    machines = found.get("machine", {})
    found["machine"] = machines | {part: machine(load)}
    files.write_json(path, found)


def machine(load: float) -> dict[str, Any]:
    """Where it ran, and how busy that was when the part began."""
    return {
        "cpu": platform.machine(),
        "cores": os.cpu_count(),
        "load": load,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "pandas": pandas.__version__,
    }


if __name__ == "__main__":
    main()
