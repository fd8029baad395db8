"""CPU seconds and peak memory of one piece of work, in the process of whichever peer does it. Standard library only."""

from __future__ import annotations

import gc
import math
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATUS, MARK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def cpu_seconds() -> float:
    """Of this process, all its threads, and the processes it started (a compiler) that have ended."""
    own, started = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + started.ru_utime + started.ru_stime


def timed(what: Callable[[], Any], shortest: float = 0.2, enough: float = 2.0) -> tuple[Any, float]:
    """The result, and CPU seconds of one run in the fastest of several rounds; no further round once `enough` are spent.

    What is over in an instant runs many times in a round, `shortest` seconds or more together: the clock that counts a
    process's seconds moves in steps of 4 ms on some machines. What takes `shortest` seconds or more is a round by itself.
    """
    start = time.process_time()
    result = what()
    spent = time.process_time() - start
    best = spent if spent >= shortest else math.inf
    times = 1
    while spent < enough:
        start = time.process_time()
        for _ in range(times):
            result = what()
        once = time.process_time() - start
        spent += max(once, 1e-3)
        if once < shortest / 2:
            times *= 2
        else:
            best = min(best, once / times)
    return result, best


def with_memory(what: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and by how many MB the process grew at most beyond what it held before."""
    gc.collect()
    before = _mark()
    result = what()
    return result, (_peak() - before) / 1024


def measured(what: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The result of `what`, CPU seconds of its fastest run and the peak memory of its first."""
    memory: list[float] = []

    def first_with_memory() -> Any:
        if memory:
            return what()
        result, grown = with_memory(what)
        memory.append(grown)
        return result

    result, seconds = timed(first_with_memory)
    return result, {"cpu_seconds": seconds, "memory_mb": memory[0]}


def _mark() -> int:
    """Memory held now, in KB; from here on the peak counts anew where the system can do that (Linux)."""
    try:
        MARK.write_text("5")
    except OSError:
        return _peak()
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status(name: str) -> int:
    if not STATUS.is_file():
        return 0
    return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(name))
