"""How fast rows are cleaned, and in how much memory, as they grow: `crmlab.clean` beside the same work in plain pandas and a bare scan.

    python benchmarks/clean.py [--sizes ROWS …] [--json FILE]

The exports are copies of the simulated company under other numbers, dirt included: ROWS tickets and ROWS sales lines as CSV. Each peer runs
in its own process, so that its peak memory is its own, and is timed after its imports. *pandas* does what a careful analyst would
write: vectorised, the common form of a date or an amount first and the rare ones only where that fails. Both must end with the same
rows, the same sum of amounts and as many people taken out of free text, or the comparison stops. From three million rows on, each peer runs once instead of three times, and a peer that
dies for want of memory is reported as such.

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

SIZES = (10_000, 100_000, 1_000_000)
MANY = 3_000_000
TARGETS = {
    1_000_000: {"ratio_pandas": "at least 3.5", "ratio_scan": "at most 15"},
    10_000_000: {"ratio_pandas": "at least 5", "ratio_scan": "at most 15", "memory_mb": "at most 2,048"},
}
MARKS = "sum(len(regexp_extract_all(symptom, '\\[(email|name|id|phone)\\]')))::bigint"
"""How many people were taken out of free text."""
NUMBERS = {"tickets": ("派单号", "序列号", "客户编号"), "sales": ("订单号", "客户编号")}


def write_exports(folder: Path, rows: int) -> None:
    """`rows` tickets and sales lines, copies of the simulated company with distinct numbers."""
    import duckdb

    from crmlab import sample

    exported = sample.tables()
    for name, numbers in NUMBERS.items():
        demo = exported[name]  # noqa: F841 (DuckDB finds it by its name)
        cells = ", ".join(
            f'"{c}" || \'-\' || copy.n as "{c}"' if c in numbers else f'"{c}"' for c in exported[name].columns
        )
        copies = rows // len(exported[name]) + 1
        many = duckdb.sql(f"select {cells} from range({copies}) copy(n), demo limit {rows}")
        many.write_csv(str(folder / f"{name}.csv"))
    (folder / "mapping.yaml").write_text("company: copies of the simulated company\nsimulated: true\n")


def crmlab(folder: Path) -> dict:
    """The stage as the pipeline runs it."""
    import duckdb
    import pandera.pandas  # noqa: F401
    import pyarrow.parquet
    import rich.progress  # noqa: F401

    from crmlab import clean

    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        clean.run(folder, Path(out), max_bad_share=0.05, key_file=Path(out) / "salt")
        seconds = time.perf_counter() - began
        amount = duckdb.sql(f"select sum(amount)::bigint from '{out}/sales.parquet'").fetchall()[0][0]
        marks = duckdb.sql(f"select {MARKS} from '{out}/tickets.parquet'").fetchall()[0][0]
        rows = {name: pyarrow.parquet.read_metadata(f"{out}/{name}.parquet").num_rows for name in NUMBERS}
    return {"seconds": seconds, "rows": rows, "amount": amount, "people": marks}


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
    """The same work in pandas: read text, fold, parse, take people out, judge, set duplicates aside, split causes, write, count."""
    import duckdb
    from peers.pandas_clean import clean_tables

    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        tables = clean_tables(folder, Path(out))
        seconds = time.perf_counter() - began
        marks = duckdb.sql(f"select {MARKS} from '{out}/tickets.parquet'").fetchall()[0][0]
    return {
        "seconds": seconds,
        "people": marks,
        "rows": {name: len(tables[name]) for name in NUMBERS},
        "amount": int(tables["sales"]["amount"].sum()),
    }


PEERS = {"crmlab": crmlab, "pandas": pandas, "scan": scan}


def measured(peer: str, folder: Path, repeats: int) -> dict | None:
    """The fastest of some runs of one peer, each in its own process, with its peak memory in MB; None where memory ran out."""
    runs = []
    for _ in range(repeats):
        said = subprocess.run(
            [sys.executable, __file__, "--peer", peer, "--folder", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if said.returncode == -9 or "MemoryError" in said.stderr:
            return None
        if said.returncode:
            raise SystemExit(f"{peer} failed:\n{said.stderr}")
        runs.append(json.loads(said.stdout.splitlines()[-1]))
    return min(runs, key=lambda run: run["seconds"])


def compared(size: int) -> dict:
    """Every peer on `size` tickets and as many sales lines."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        # in its own process, for a child's peak memory counts from that of its parent
        subprocess.run([sys.executable, __file__, "--write", str(size), "--folder", folder], check=True)
        megabytes = sum(p.stat().st_size for p in Path(folder).glob("*.csv")) / 1e6
        found = {peer: measured(peer, Path(folder), 1 if size >= MANY else 3) for peer in PEERS}
    ours, theirs, scanned = found["crmlab"], found["pandas"], found["scan"]
    if theirs and any(ours[same] != theirs[same] for same in ("rows", "amount", "people")):
        raise SystemExit(f"not the same work: crmlab {ours}, pandas {theirs}")
    return {
        "rows": 2 * size,
        "csv_mb": round(megabytes),
        "ratio_pandas": round(theirs["seconds"] / ours["seconds"], 2)
        if theirs
        else "pandas ran out of memory",
        "ratio_memory": round(theirs["memory_mb"] / ours["memory_mb"], 2) if theirs else None,
        "ratio_scan": round(ours["seconds"] / scanned["seconds"], 2),
        "microseconds_per_row": round(ours["seconds"] / size / 2 * 1e6, 2),
        "targets": TARGETS.get(size, {}),
        "seconds": {peer: round(run["seconds"], 2) for peer, run in found.items() if run},
        "memory_mb": {peer: round(run["memory_mb"]) for peer, run in found.items() if run},
        "load": round(load, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="tickets, and as many sales lines"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--write", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write:
        write_exports(args.folder, args.write)
        return
    if args.peer:
        room = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 0.8)
        resource.setrlimit(
            resource.RLIMIT_AS, (room, room)
        )  # so that only this process ends when memory does
        result = PEERS[args.peer](args.folder)
        result["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(machine)
    sizes = {}
    for size in args.sizes:
        found = sizes[f"{size:,} tickets + {size:,} sales lines"] = compared(size)
        print(f"{size:,} tickets + {size:,} sales lines, {found['csv_mb']:,} MB of CSV, load {found['load']}")
        for peer, seconds in found["seconds"].items():
            print(f"  {peer:8}{seconds:>10.2f} s{found['memory_mb'][peer]:>10,.0f} MB")
        for name in ("ratio_pandas", "ratio_memory", "ratio_scan", "microseconds_per_row"):
            target = found["targets"].get(name)
            print(f"  {name} {found[name]}{f' (target {target})' if target else ''}")
    if args.json:
        earlier = json.loads(args.json.read_text())["sizes"] if args.json.is_file() else {}
        versions = {name: version(name) for name in ("crmlab", "duckdb", "pandas", "pyarrow")}
        result = {"sizes": earlier | sizes, "machine": machine, "versions": versions}
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
