"""How fast the customer-base models fit and rfm.sql counts, beside lifetimes and pymc-marketing; and how true they are.

    python benchmarks/purchases.py [--parts NAME …] [--peers FOLDER] [--pymc PYTHON] [--json FILE]

`speed`: every model fitted to customers simulated from it, days as the unit of the calendar and weeks as that of time; ours with its
standard errors. The two likelihoods must agree at the peer's estimates, and ours must not end lower than the peer's; only then are
CPU seconds and peak memory compared, each peer in its own process on one thread. Of pymc-marketing (flat priors) `ratio` is the climb
alone and `ratio_whole` the call of fit with building and compiling, which every new process pays; imports count nowhere.
`summary`: sales lines to frequency, recency and T, from the same Parquet file, once all three are the same.
`recovery`: the share of simulated data sets whose truth lies within two standard errors. `companies`: the stage on simulated companies,
whose buyers follow no model exactly. `real`: CDNOW and Online Retail, the end of the record held out.

Neither peer is a dependency. lifetimes is abandoned: `uv pip install --target FOLDER --no-deps lifetimes autograd dill`, and name the
folder with --peers. pymc-marketing compiles and wants an environment of its own: `uv venv ENV && uv pip install --python
ENV/bin/python pymc-marketing pyarrow`, and name its interpreter with --pymc. Without them only our own figures are shown, about five
minutes on one core; with both, every size and 10 M lines (--lines) about forty. A part in the JSON file is replaced only by a run of that
part with at least the same peers.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

from purchases_parts import companies, real, recovery, speed, summary

from crmlab import files

CUSTOMERS = (2_357, 23_570, 100_000, 1_000_000)
LINES = (100_000, 1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--customers", type=int, nargs="+", default=CUSTOMERS, help="sizes of `speed`")
    parser.add_argument("--lines", type=int, nargs="+", default=LINES, help="sizes of `summary`")
    parser.add_argument("--runs", type=int, default=200, help="data sets per model of `recovery`")
    parser.add_argument("--companies", type=int, default=20)
    parser.add_argument("--size", type=int, default=400, help="customers per company")
    parser.add_argument("--peers", type=Path, help="the folder of lifetimes, autograd and dill")
    parser.add_argument("--pymc", type=Path, help="the interpreter of an environment with pymc-marketing")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared/data")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.filterwarnings("ignore", category=FutureWarning)
    for name in args.parts:
        print(f"\n{name}", flush=True)
        load = round(os.getloadavg()[0], 2)
        found = PARTS[name](args)
        if args.json and found:
            keep(args.json, name, found | {"machine": machine(load)})


def _speed(args: argparse.Namespace) -> dict[str, Any]:
    others = speed.peers(args.peers, args.pymc)
    sizes = speed.measured(list(args.customers), others)
    return {"sizes": sizes, "targets": speed.TARGETS, "peers": [peer.name for peer in others]}


def _summary(args: argparse.Namespace) -> dict[str, Any]:
    sizes = summary.measured(list(args.lines), args.peers)
    return {"sizes": sizes, "targets": summary.TARGETS, "peers": ["lifetimes"] if args.peers else []}


def _recovery(args: argparse.Namespace) -> dict[str, Any]:
    return {"models": recovery.measured(args.runs), "target": recovery.TARGET}


def _companies(args: argparse.Namespace) -> dict[str, Any]:
    return companies.measured(args.companies, args.size) | {"targets": companies.TARGETS}


def _real(args: argparse.Namespace) -> dict[str, Any]:
    return real.measured(args.data)


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "speed": _speed,
    "summary": _summary,
    "recovery": _recovery,
    "companies": _companies,
    "real": _real,
}


def machine(load: float) -> dict[str, Any]:
    """Where it ran, and how busy that was when the part began."""
    return {
        "cpu": platform.machine(),
        "cores": os.cpu_count(),
        "load": load,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "pandas", "duckdb")},
    }


def keep(path: Path, name: str, found: dict[str, Any]) -> None:
    """Put a part into the file, unless the one there was run beside a peer, or at a size, that this one lacks."""
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    before = earlier.get(name, {})
    lost = [
        *sorted(set(before.get("peers", ())) - set(found.get("peers", ()))),
        *(size for size in before.get("sizes", ()) if size not in found["sizes"]),
    ]
    if lost:
        print(f"{path} keeps the earlier result of {name}, which has {', '.join(lost)}")
        return
    files.write_json(path, earlier | {name: found})


if __name__ == "__main__":
    main()
