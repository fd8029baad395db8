"""kill -9 in the middle of each stage: all that the run before made stays, and the next run makes what an undisturbed one makes."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

RUN = [sys.executable, "-c", "from crmlab.cli import main; main()", "run"]
MADE = (
    "data/processed",
    "models",
    "reports/metrics",
    "reports/pages",
    "reports/history",
    "reports/index.html",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory, simulated):
    """A clone of the project with a small company, after one undisturbed run."""
    root = tmp_path_factory.mktemp("clone") / "project"
    ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in ("src", "pipelines", "notebooks"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, root)
    shutil.copytree(simulated, root / "data/raw/demo")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=root, check=True)
    done = subprocess.run(RUN, cwd=root, capture_output=True, text=True)
    assert done.returncode in (0, 6), done.stdout + done.stderr  # a company so small may have a thin month
    return root, hashes(root), seconds(root), done.returncode


def hashes(root: Path) -> dict[str, str]:
    paths = [p for made in MADE for p in [root / made, *(root / made).rglob("*")] if p.is_file()]
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def seconds(root: Path) -> dict[str, float]:
    newest = max((root / "logs").glob("*.jsonl"))
    events = map(json.loads, newest.read_text().splitlines())
    return {e["name"]: e["seconds"] for e in events if e["event"] == "stage"}


def running(root: Path, stage: str) -> int | None:
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (path / "cmdline").read_bytes().split(b"\0")
            if f"pipelines/{stage}.py".encode() in words and (path / "cwd").samefile(root):
                return int(path.name)
    return None


def forget(root: Path, stage: str) -> None:
    """DVC no longer knows that the stage has run."""
    path = root / "dvc.lock"
    lock = yaml.safe_load(path.read_text())
    del lock["stages"][stage]
    path.write_text(yaml.safe_dump(lock, sort_keys=False))
    shutil.rmtree(root / ".dvc/cache/runs", ignore_errors=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    (
        "stage",
        "at",
    ),  # of the time it took; each case takes a minute, so the first stage, one between and the last stand for all
    [("clean", 0.6), ("churn", 0.2), ("report", 0.6)],
)
def test_a_stage_killed_in_the_middle_costs_nothing_but_its_time(company, stage, at):
    root, before, took, code = company
    forget(root, stage)
    run = subprocess.Popen(RUN, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while (pid := running(root, stage)) is None:
        assert run.poll() is None, "it was not run"
        time.sleep(0.05)
    time.sleep(at * took[stage])
    with contextlib.suppress(ProcessLookupError):  # faster than before: then it was over
        os.kill(pid, signal.SIGKILL)
    _, err = run.communicate(timeout=600)
    assert run.returncode == 4, err
    assert f"{stage}: killed by SIGKILL" in err
    assert before.items() <= hashes(root).items(), "tables, metrics and pages are there as they were"
    again = subprocess.run(RUN, cwd=root, capture_output=True, text=True)
    assert again.returncode == code, again.stderr
    assert hashes(root) == before
