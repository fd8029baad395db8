"""How well renewals are foretold in simulated companies, beside Cox, a boosted challenger, simple lines, and the truth's own chance.

    python benchmarks/churn.py [--parts companies large demo scale real] [--size CUSTOMERS] [--companies N] [--large CUSTOMERS] [--json FILE]

On earlier days each line says for every contract that nobody has renewed yet how likely it is to be renewed, from what was
known then; scored are those that were due in the year after. `hazard`: RenewalHazard. `boosted`: BoostedHazard on the same features.
`stage`: whichever of the two the stage chose on that day, counted in `chosen`. `cox`: first light's Cox model with its own features
(peers/first_light_churn.py); `cox_new`: the stage's Cox model, with the features of the hazard on one month end in three. `level`,
`last_year`, `inactive`: renewal rates. `pooled`: the hazard fitted on the records of all companies together, so what more data would
give. `truth`: the chance with which the contract was decided, after all that happened until then; `recorded`: the same without the
customer's frailty and engagement, which nobody records. Neither knows that a late contract has not been signed yet, so that lines which
do may have the smaller Brier score.

Gains are differences of Brier scores and of log losses, with standard errors over customers, and, of Brier scores, over companies.
`ece_by_chance` is the error by tenths that chances without any error would show in so many contracts. The features were
chosen on companies 1 to 10; the default begins after them. `large` is one bigger company, `demo` that of the pipeline's last run.
`scale`: 10,000 to a million contracts beside lifelines, the full person-month logistic regression and, with --sksurv naming the
interpreter of an environment that has it, scikit-survival. `real`: US life policies and IBM Telco, found in the folder --data. About a
minute of one core a company of 1,200. A part in the JSON file is replaced only by a run of that part.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections import Counter
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pandas as pd
from churn_parts import real, scale
from churn_parts.companies import AS_OF, Day, all_said, company, demo, ended
from churn_parts.judged import judged, show
from sklearn import __version__ as sklearn_version

from crmlab import files
from crmlab.churn.backtest import landmark_days
from crmlab.churn.models.hazard import RenewalHazard

LINES = ("hazard", "stage", "boosted", "cox", "cox_new", "level", "last_year", "inactive")
TRUE = ("truth", "recorded")
MANY = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--size", type=int, default=1200, help="customers per company")
    parser.add_argument("--companies", type=int, default=10)
    parser.add_argument("--first", type=int, default=11, help="seed of the first company")
    parser.add_argument("--large", type=int, default=12_000, help="customers of `large`")
    parser.add_argument("--contracts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--sksurv", type=Path, help="an interpreter with scikit-survival")
    parser.add_argument("--processed", type=Path, default=Path(__file__).parents[1] / "data/processed")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    days = landmark_days(AS_OF, n=3, every_months=6)
    found = files.read_json(args.json) if args.json and args.json.exists() else {}
    for part in args.parts:
        print(f"\n{part}", flush=True)
        figures = PARTS[part](args, days)
        found |= figures if part == "companies" else {part: figures}
        found["machine"] = {
            "cpu": platform.machine(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
            "python": platform.python_version(),
            "scikit-learn": sklearn_version,
        }
        if "lines" in figures:
            show(figures)
        if args.json:
            files.write_json(args.json, found)


def many_companies(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    known: list[Day] = []
    for seed in range(args.first, args.first + args.companies):
        known += company(args.size, seed, days)
        print(f"company {seed}", flush=True)
    figures = told_in(known, (*LINES, *TRUE, "pooled"))
    figures |= {"companies": args.companies, "customers": args.size, "scored": scored_many(known)}
    return figures | {"days": [day.date().isoformat() for day in days]}


def one_large(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    known = list(company(args.large, args.first + args.companies, days))
    return told_in(known, (*LINES, *TRUE)) | {"customers": args.large}


def the_demo(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    return told_in(list(demo(args.processed, days)), LINES)


def by_size(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    return scale.scale(*ended(args.size, args.first, days[-1]), args.contracts, args.sksurv)


def real_contracts(args: argparse.Namespace, days: list[pd.Timestamp]) -> dict[str, Any]:
    return real.measured(args.data)


PARTS = {
    "companies": many_companies,
    "large": one_large,
    "demo": the_demo,
    "scale": by_size,
    "real": real_contracts,
}


def told_in(known: list[Day], lines: tuple[str, ...]) -> dict[str, Any]:
    return judged(all_said(known), lines) | {"chosen": dict(Counter(day.chosen for day in known))}


def scored_many(known: list[Day]) -> dict[str, float]:
    """CPU seconds to score a million contracts whose features are there."""
    model = RenewalHazard().fit(known[-1].X, known[-1].y)
    many = known[-1].X.sample(MANY, replace=True, random_state=0).reset_index(drop=True)
    began = time.process_time()
    model.renewal_probability(many)
    return {"contracts": MANY, "cpu_seconds": time.process_time() - began}


if __name__ == "__main__":
    main()
