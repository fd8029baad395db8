"""How fast rows are cleaned, and in how much memory: `crmlab.clean` beside the same work in plain pandas and a bare scan.

    python benchmarks/clean.py [--size ROWS] [--json FILE]

The exports are copies of the demo under other numbers, dirt included: ROWS tickets and ROWS sales lines as CSV. Each peer runs
in its own process, so that its peak memory is its own, and is timed after its imports. *pandas* does what a careful analyst would
write: vectorised, the common form of a date or an amount first and the rare ones only where that fails. Both must end with the same
rows and the same sum of amounts, or the comparison stops.

ratio_pandas = time of pandas / ours, ratio_memory = peak memory of pandas / ours, ratio_scan = our time / one scan of both files.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

DEMO = Path(__file__).parents[1] / "data" / "raw" / "demo"
REPEATS = 3
NUMBERS = {"tickets": ("派单号", "序列号", "客户编号"), "sales": ("订单号", "客户编号")}


def write_exports(folder: Path, rows: int) -> None:
    """`rows` tickets and sales lines: copies of the demo, their numbers made distinct."""
    import duckdb

    for name, numbers in NUMBERS.items():
        source = DEMO / name / "*.csv.gz" if (DEMO / name).is_dir() else DEMO / f"{name}.csv.gz"
        demo = duckdb.sql(
            "from read_csv($files, all_varchar = true, header = true)", params={"files": str(source)}
        )
        cells = ", ".join(
            f'"{c}" || \'-\' || copy.n as "{c}"' if c in numbers else f'"{c}"' for c in demo.columns
        )
        copies = rows // demo.count("*").fetchall()[0][0] + 1
        many = duckdb.sql(f"select {cells} from range({copies}) copy(n), demo limit {rows}")
        many.write_csv(str(folder / f"{name}.csv"))
    (folder / "mapping.yaml").write_text("company: copies of the demo\nsimulated: true\n")


def crmlab(folder: Path) -> dict:
    """The stage as the pipeline runs it."""
    import duckdb
    import pyarrow.parquet
    import rich.progress  # noqa: F401

    from crmlab import clean

    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        clean.run(folder, Path(out), max_bad_share=0.05, key_file=Path(out) / "salt")
        seconds = time.perf_counter() - began
        amount = duckdb.sql(f"select sum(amount)::bigint from '{out}/sales.parquet'").fetchall()[0][0]
        rows = {name: pyarrow.parquet.read_metadata(f"{out}/{name}.parquet").num_rows for name in NUMBERS}
    return {"seconds": seconds, "rows": rows, "amount": amount}


def scan(folder: Path) -> dict:
    """One pass over both files by DuckDB, counting rows."""
    import duckdb

    began = time.perf_counter()
    for name in NUMBERS:
        duckdb.sql(
            f"select count(*) from read_csv('{folder}/{name}.csv', all_varchar = true, header = true)"
        ).fetchall()
    return {"seconds": time.perf_counter() - began}


def pandas(folder: Path) -> dict:
    """The same work in pandas: read text, fold, parse, judge, set duplicates aside, split causes, write, count."""
    from peers.pandas_clean import clean_tables

    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        tables = clean_tables(folder, Path(out))
        seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "rows": {name: len(tables[name]) for name in NUMBERS},
        "amount": int(tables["sales"]["amount"].sum()),
    }


PEERS = {"crmlab": crmlab, "pandas": pandas, "scan": scan}


def measured(peer: str, folder: Path) -> dict:
    """The fastest of some runs of one peer, each in its own process, with its peak memory in MB."""
    runs = []
    for _ in range(REPEATS):
        said = subprocess.run(
            [sys.executable, __file__, "--peer", peer, "--folder", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if said.returncode:
            raise SystemExit(f"{peer} failed:\n{said.stderr}")
        runs.append(json.loads(said.stdout.splitlines()[-1]))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1_000_000, help="tickets, and as many sales lines")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.peer:
        result = PEERS[args.peer](args.folder)
        result["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        write_exports(Path(folder), args.size)
        megabytes = sum(p.stat().st_size for p in Path(folder).glob("*.csv")) / 1e6
        found = {peer: measured(peer, Path(folder)) for peer in PEERS}
    ours, theirs = found["crmlab"], found["pandas"]
    if (ours["rows"], ours["amount"]) != (theirs["rows"], theirs["amount"]):
        raise SystemExit(f"not the same work: crmlab {ours}, pandas {theirs}")
    result = {
        "ratio_pandas": round(theirs["seconds"] / ours["seconds"], 2),
        "ratio_memory": round(theirs["memory_mb"] / ours["memory_mb"], 2),
        "ratio_scan": round(ours["seconds"] / found["scan"]["seconds"], 2),
        "targets": {"ratio_pandas": "at least 3.5", "ratio_scan": "at most 15"},
        "rows": {"tickets": args.size, "sales": args.size},
        "csv_mb": round(megabytes),
        "seconds": {peer: round(run["seconds"], 2) for peer, run in found.items()},
        "memory_mb": {peer: round(run["memory_mb"]) for peer, run in found.items()},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "load": round(load, 2),
        "versions": {name: version(name) for name in ("crmlab", "duckdb", "pandas", "pyarrow")},
    }
    print(
        f"{args.size:,} tickets and {args.size:,} sales lines, {megabytes:,.0f} MB of CSV; {result['machine']}, load {load:.1f}"
    )
    print(f"{'':10}{'seconds':>10}{'MB':>10}")
    for peer, run in found.items():
        print(f"{peer:10}{run['seconds']:>10.2f}{run['memory_mb']:>10,.0f}")
    print(
        f"pandas / crmlab: {result['ratio_pandas']} in time (target {result['targets']['ratio_pandas']}), {result['ratio_memory']} in memory"
    )
    print(f"crmlab / scan: {result['ratio_scan']} (target {result['targets']['ratio_scan']})")
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
