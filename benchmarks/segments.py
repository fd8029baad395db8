"""How well the nine types are told where they are known, beside simple lines; how steadily over the months; and what it costs.

    python benchmarks/segments.py [--parts worlds companies months scale] [--worlds N] [--first SEED] [--json FILE]

`worlds`: simulated worlds (segments_parts/worlds.py) of 400, 2,000 and 20,000 customers. Per line adjusted Rand (`ari`), accuracy, the
calibration error of the best guess (`ece`), how much more it claims than is right (`over`), the share with a type at 0.6, how often
that type is right, and the share given to types nobody has (`invented`). `all_labels` is the limit: a logistic regression on the same
scores that learnt from the labels of other customers; `share_of_limit` is the mean over worlds of the ratio to it. `gain`: by how
much the mixture's adjusted Rand is higher, its error over worlds, paired; a line is `beaten` where that is more than two errors.
`same_label`: customers with a type who keep it when scales and mixture are fitted on a bootstrap sample. Two lines show what belongs to the
mixture: `claimed`, before it is asked how far to believe it; `unshrunk`, the same with scores that few events count in full.
`first_light` is peers/first_light_segments.py.

`companies`: the same lines in whole simulated companies (crmlab.sample) through the SQL.

`months`: types followed month by month (segments_parts/months.py).

`scale`: CPU seconds to score, fit and tell worlds of 10,000, 100,000 and 1,000,000 customers, on one core.

The settings of the mixture were chosen on worlds 101-108 and companies 101-106, which are not among those reported. A part in the JSON file
is replaced only by a run of that part.
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
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy
import pandas
import sklearn
from segments_parts import companies, months, recovery, scale

from crmlab import files

LIFTED = {"months": ("changes_per_year", "changes_truth", "delay_months")}
"""Figures that also stand at the top of the file, where the issue names them."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--first", type=int, default=1, help="seed of the first world")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[400, 2_000, 20_000], help="customers of worlds"
    )
    parser.add_argument("--companies", type=int, default=4)
    parser.add_argument("--first-company", type=int, default=3001, help="seed of the first company")
    parser.add_argument("--size", type=int, default=1_200, help="customers per company")
    parser.add_argument("--followed", type=int, default=2_000, help="customers of the worlds of `months`")
    parser.add_argument(
        "--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="sizes of `scale`"
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    args = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    for part in args.parts:
        print(f"\n{part}", flush=True)
        load = round(os.getloadavg()[0], 2)
        figures = PARTS[part](args)
        if args.json:
            keep(args.json, part, figures, load)


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "worlds": lambda args: recovery.measured(args.sizes, args.worlds, args.first),
    "companies": lambda args: companies.measured(args.companies, args.size, args.first_company),
    "months": lambda args: months.measured(args.worlds, args.followed, args.first),
    "scale": lambda args: scale.measured(args.customers),
}


def keep(path: Path, part: str, figures: dict[str, Any], load: float) -> None:
    """Put a part into the file, the figures of the worlds at its top."""
    found = files.read_json(path) if path.exists() else {}
    found |= figures if part == "worlds" else {part: figures}
    found |= {name: figures[name] for name in LIFTED.get(part, ())}
    found["machine"] = found.get("machine", {}) | {part: machine(load)}
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
        "scikit-learn": sklearn.__version__,
    }


if __name__ == "__main__":
    main()
