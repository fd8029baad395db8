"""A pipeline of two tiny stages under the real DVC, and ways to run it as an operator does."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

from crmlab.run.params import DEFAULTS

STAGE = """
import json, os, sys, time
from pathlib import Path
name, spec = sys.argv[1], json.loads(Path(f"{sys.argv[1]}.in").read_text())
time.sleep(spec.get("sleep", 0))
if spec.get("crash"):
    raise KeyError("amount")
if spec.get("fault"):
    print(f"{name}: {spec['fault']}", file=sys.stderr)
    raise SystemExit(1)
if not spec.get("no_output"):
    Path(f"{name}.out").write_text("done")
print(f"{name}: done (0.1 s)", flush=True)
if spec.get("killed"):
    os.kill(os.getpid(), 9)
"""
TICKETS = "报修时间,故障现象\n2026-10-01,无法开机\n2026-10-31,有异响\n"


def write(folder: Path) -> None:
    """Two stages, `clean` and `report`, that do what `<stage>.in` says, beside what a run of the real `clean` leaves."""
    from exports import run
    from exports import write as exported

    made = run(
        exported(folder / "data/raw/demo", {"tickets.csv": TICKETS}, "simulated: true\n"),
        folder / "data/processed/clean",
        key_file=folder / "salt",
    )
    (folder / "reports/metrics").mkdir(parents=True)
    (folder / "reports/metrics/clean.json").write_text(json.dumps(made.result.metrics, default=str))
    (folder / "params.yaml").write_bytes(DEFAULTS.read_bytes())
    (folder / "stage.py").write_text(STAGE)
    stages = {
        name: {"cmd": f"python stage.py {name}", "deps": deps, "outs": [f"{name}.out"]}
        for name, deps in (("clean", ["clean.in"]), ("report", ["report.in", "clean.out"]))
    }
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    for name in stages:
        set_stage(folder, name)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=folder, check=True)


def crmlab_run(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(), cwd=project, env=os.environ | environment, capture_output=True, text=True, timeout=120
    )


def command() -> list[str]:
    return [sys.executable, "-c", "from crmlab.cli import main; main()", "run"]


def log(project: Path) -> list[dict]:
    """The lines of the newest log."""
    newest = max((project / "logs").glob("*.jsonl"))
    return [json.loads(line) for line in newest.read_text().splitlines()]


def set_stage(project: Path, name: str, **spec) -> None:
    (project / f"{name}.in").write_text(json.dumps(spec))


def stages_of(project: Path) -> list[int]:
    """The processes that run a stage of this project."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if b"stage.py" in (path / "cmdline").read_bytes().split(b"\0") and (path / "cwd").samefile(
                project
            ):
                found.append(int(path.name))
        except OSError:
            continue
    return [pid for pid in found if Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"]


def wait_for(happened, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)
