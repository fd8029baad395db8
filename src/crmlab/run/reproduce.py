"""`dvc repro` as a child, with what became of each stage and how long it took.

DVC has no events; its log on standard output names each stage as it begins or is skipped, which is read here. A stage's time runs from
that line to the next, so it holds its start-up and DVC's hashing of its outputs as well.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from crmlab.run.lock import Busy

_BEGINS = re.compile(r"Running stage '(\w+)':")
_SKIPPED = re.compile(r"Stage '(\w+)' (?:didn't change, skipping|is cached - skipping run)")
_OF_DVC = re.compile(
    r"$|> python |(Generating|Updating) lock file|WARNING: '.*' is empty\.|To track the changes|\s+git add"
    r"|To enable auto staging|\s+dvc config core\.autostage|Use `dvc push`|Data and pipelines are up to date"
)
"""Lines that say nothing to an operator."""
_ERROR = re.compile(r"ERROR: (?:failed to reproduce '\w+': )?(.*)")


@dataclass(frozen=True)
class StageRun:
    """What became of a stage: "ran", "unchanged" or "failed", and its wall and CPU seconds; the latter None where the system does not tell."""

    name: str
    state: str
    seconds: float
    cpu_seconds: float | None


def reproduce(root: Path, lock: int, stage: Callable[[StageRun], None], show: Callable[[str], None]) -> str:
    """Run `dvc repro` in `root`; why it failed, in one line, and nothing where all went well.

    Parameters
    ----------
    lock : file descriptor that the child keeps open, so that the lock outlives a killed parent while DVC still writes.
    stage : is told of each stage when it is over.
    show : is told each line that stages print.

    Raises
    ------
    Busy : DVC found another DVC at work.

    A signal that ends this process ends DVC and its stages first.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    child = subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro"],
        cwd=root,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        pass_fds=(lock,),
        start_new_session=True,  # a group of its own, so that a stage can be ended with DVC
    )
    said: list[str] = []  # by the stage that runs
    error, running, began = "", "", _Clock(child.pid)
    try:
        for line in _lines(child):
            begins, skipped = _BEGINS.match(line), _SKIPPED.match(line)
            if begins or skipped:
                if running:
                    stage(began.over(running, "ran"))
                running, said, began = begins[1] if begins else "", [], _Clock(child.pid)
                if skipped:
                    stage(StageRun(skipped[1], "unchanged", 0.0, 0.0))
            elif of_dvc := _ERROR.match(line):
                error = error or of_dvc[1]
                show(line)
            elif not _OF_DVC.match(line):
                said.append(line)
                show(line)
    except BaseException:
        _end(child)
        if running:
            stage(began.over(running, "failed"))
        raise
    last = began.over(running, "ran")  # before the child is waited for: then nobody knows its CPU time
    code = child.wait()
    if running:
        stage(replace(last, state="failed") if code else last)
    if "Unable to acquire lock" in error or "is busy, it is being blocked" in error:
        raise Busy("dvc is running by itself")
    return _why(running or "dvc repro", said, error, code) if code else ""


def _why(stage: str, said: list[str], error: str, code: int) -> str:
    """That the stage, or DVC, was killed; else what the stage said, itself or by its traceback; else what DVC says of it.

    What the stage said is why only where DVC says that it failed: it may have ended well, and DVC not kept what it made.
    """
    exited = re.search(r"exited with (-?\d+)", error)
    if killed := _signal(int(exited[1]) if exited else code):
        return f"{stage}: killed by {killed}, by hand or for want of memory"
    if said and error.startswith("failed to run"):
        own = [line for line in said if line.startswith(f"{stage}: ")]
        return own[0] if own else f"{stage}: {said[-1]}"
    return f"{stage}: {error or 'ended without a word'}"


def _signal(code: int) -> str | None:
    """The signal that an exit code tells of: −9 from the process itself, 137 from the shell that DVC runs a stage in, if it is dash."""
    number = -code if code < 0 else code - 128
    return signal.Signals(number).name if number in set(signal.Signals) else None


def _lines(child: subprocess.Popen[str]) -> Iterator[str]:
    for line in child.stdout or ():
        yield line.rstrip("\n")


def _end(child: subprocess.Popen[str]) -> None:
    """End DVC and the stage that it runs, kindly first."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, how)
            child.wait(timeout=5)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


class _Clock:
    """Wall time, and the CPU time of a process and of its children that are over, as Linux counts it."""

    def __init__(self, pid: int):
        self.pid, self.began, self.cpu = pid, time.monotonic(), _cpu_seconds(pid)

    def over(self, name: str, state: str) -> StageRun:
        cpu = _cpu_seconds(self.pid)
        spent = None if cpu is None or self.cpu is None else round(cpu - self.cpu, 2)
        return StageRun(name, state, round(time.monotonic() - self.began, 2), spent)


def _cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
